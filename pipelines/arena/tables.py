"""The standard metrics format: the tables of a bundle, version 1, each with its contract.

This is the allow-list: what no column here names cannot leave. No column holds free text, a path or an instant: people
are pseudonyms, time is weeks and months, words are those of the policy. Not here: who fills the tables (profiles.py,
aggregates.py, conversations.py), how they are written (bundle.py) and described for others (json_schemas.py).
"""

from pipelines.arena.policy import KINDS
from pipelines.game.contract import NUMBER, TEXT, WHOLE, Column, Table

FORMAT = "podium-arena/1"
SUBJECTS = ("owner", "agent")
ACHIEVED = ("badge", "achievement", "level")
REASONS = ("few_people", "few_others", "budget", "narrow_bounds", "ledger", "no_words", "damaged")
ALL_TIME = "all"

# What a text may look like, by column: regular expressions in the syntax that JSON Schema, Python and Rust share.
_MONTH, _WEEK = r"[0-9]{4}-(0[1-9]|1[0-2])", r"[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])"
_PLAIN = "[^\\x00-\\x1f\\x7f-\\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]+"
PSEUDONYM, WEEK, MONTH = r"^[0-9a-f]{32}$", f"^{_WEEK}$", f"^{_MONTH}$"
ANY_TEXT = f"^{_PLAIN}$"  # of a column without one of its own: no control, zero-width or bidirectional characters
PATTERNS = {
    "pseudonym": PSEUDONYM,
    "owner_pseudonym": PSEUDONYM,
    "week": WEEK,
    "last_active_week": WEEK,
    "month": MONTH,
    "period": f"^(all|{_MONTH}|{_WEEK})$",
    "board": f"^(points|accuracy|xp-user|problem:{_PLAIN})$",
    "sha256": r"^[0-9a-f]{64}$",
    "file": r"^conversations/[0-9a-f]{64}$",
    # of the manifest
    "publisher": r"^[0-9a-f]{32}$",
    "public_key": r"^[0-9a-f]{64}$",
    "previous": r"^[0-9a-f]{64}$",
    "rulebook": r"^[0-9a-f]{16}$",
    "policy": r"^[0-9a-f]{16}$",
    "ledger_head": r"^[0-9a-f]{64}$",
}

_WHO = Column("pseudonym", TEXT, "the owner, under the pseudonym of the scope `metrics`")

PROFILES = Table(
    name="profiles",
    grain="One row per owner who shares metrics",
    columns=(
        _WHO,
        Column("level", WHOLE, "level of the owner, from 1", low=1),
        Column("xp", WHOLE, "XP of agent calls and achievements, to the nearest whole score grain", low=0),
        Column("calls", WHOLE, "agent calls, to the nearest whole count grain", low=0),
        Column("successes", WHOLE, "of these successful, to the nearest whole count grain", low=0),
        Column(
            "success_share",
            NUMBER,
            "successes / calls as told here, two decimals; null for few calls",
            nullable=True,
            low=0,
            high=1,
        ),
        Column("points", WHOLE, "points of the owner's submissions, to the nearest whole score grain", low=0),
        Column("tasks_completed", WHOLE, "tasks completed, to the nearest whole count grain", low=0),
        Column("attempts", WHOLE, "counted submissions, to the nearest whole count grain", low=0),
        Column(
            "accuracy",
            NUMBER,
            "tasks_completed / attempts as told here, two decimals; null for few",
            nullable=True,
            low=0,
            high=1,
        ),
        Column("daily_best", WHOLE, "longest run of days with a successful call", low=0),
        Column("last_active_week", TEXT, "ISO week of the last call or submission", nullable=True),
    ),
    sort_by=("pseudonym",),
)

AGENT_STATISTICS = Table(
    name="agent_statistics",
    grain="One row per owner who shares metrics and sub-agent that the owner called; unlisted ones together `other`",
    columns=(
        _WHO,
        Column("agent", TEXT, "the sub-agent, a public word, or `other`"),
        Column("calls", WHOLE, "the owner's calls of it, to the nearest whole count grain", low=1),
        Column("successes", WHOLE, "of these successful, to the nearest whole count grain", low=0),
        Column(
            "success_share",
            NUMBER,
            "successes / calls as told here, two decimals; null for few calls",
            nullable=True,
            low=0,
            high=1,
        ),
        Column("xp", WHOLE, "XP of the owner with it, to the nearest whole score grain", low=0),
        Column("level", WHOLE, "level of the owner with it; null for `other`", nullable=True, low=1),
    ),
    sort_by=("pseudonym", "agent"),
)

LEADERBOARD_ENTRIES = Table(
    name="leaderboard_entries",
    grain="One row per entry of a board in a closed week or month, or of all time, among those who share metrics",
    columns=(
        Column("board", TEXT, "points, accuracy, xp-user, or problem:<problem>"),
        Column("period", TEXT, "`all`, an ISO week such as 2026-W45, or a month such as 2026-10"),
        Column("rank", WHOLE, "place among the entries here; equal scores share it and the next is skipped", low=1),
        Column("subject_type", TEXT, "whether an owner or one of an owner's solving agents", words=SUBJECTS),
        Column("pseudonym", TEXT, "the owner, or the agent under a pseudonym of its own"),
        Column("owner_pseudonym", TEXT, "the owner, as in `profiles`"),
        Column(
            "score",
            NUMBER,
            "points or XP to the nearest score grain, tasks to the nearest count grain, or accuracy",
            low=0,
        ),
    ),
    sort_by=("board", "period", "rank", "pseudonym"),
)

ACHIEVEMENTS = Table(
    name="achievements",
    grain="One row per badge, achievement or level of an owner who shares achievements; a badge of several agents once",
    columns=(
        Column("pseudonym", TEXT, "the owner, under the pseudonym of the scope `achievements`"),
        Column("kind", TEXT, "a badge of the owner's agents, the owner's achievement, or level", words=ACHIEVED),
        Column("slug", TEXT, "which, a public word; of a level `level`"),
        Column("tier", TEXT, "its tier, where it has tiers", nullable=True),
        Column("level", WHOLE, "the level reached; null for badges and achievements", nullable=True, low=2),
        Column("week", TEXT, "ISO week in which it was earned"),
    ),
    sort_by=("pseudonym", "kind", "slug", "tier", "level"),
)

USAGE = Table(
    name="usage",
    grain="One row per kind of work, closed month, agent and category, and per kind, month and agent over all "
    "categories; sums over everyone who allows aggregates, under noise",
    columns=(
        Column("kind", TEXT, "calls of sub-agents, or counted submissions", words=KINDS),
        Column("month", TEXT, "the month, such as 2026-10"),
        Column("agent", TEXT, "a public word, or `other`"),
        Column("category", TEXT, "of calls the category, of submissions the problem; null: over all", nullable=True),
        Column("successes", WHOLE, "successful ones, with noise: may be negative"),
        Column("failures", WHOLE, "the others, with noise of its own: may be negative"),
        Column("sigma", NUMBER, "standard deviation of the noise of each of the two figures", low=0, high=1e10),
    ),
    sort_by=("kind", "month", "agent", "category"),
)

CONVERSATIONS = Table(
    name="conversations",
    grain="One row per conversation that its owner shares, byte for byte",
    columns=(
        Column("pseudonym", TEXT, "the owner, under the pseudonym of the scope `conversations`"),
        Column("sha256", TEXT, "SHA-256 of its bytes"),
        Column("file", TEXT, "where the bytes lie in the bundle"),
        Column("n_bytes", WHOLE, "how many bytes", low=0),
        Column("week", TEXT, "ISO week in which it was shared"),
    ),
    sort_by=("pseudonym", "sha256"),
)

WITHHELD = Table(
    name="withheld",
    grain="One row per thing that would stand in the bundle and does not",
    columns=(
        Column("table", TEXT, "the table in which it would stand"),
        Column("kind", TEXT, "of `usage`: of calls or submissions", nullable=True, words=KINDS),
        Column("period", TEXT, "the month, week or `all`", nullable=True),
        Column("reason", TEXT, "why, as a word", words=REASONS),
        Column("sentence", TEXT, "why, for a person; one of a fixed set of sentences"),
    ),
    sort_by=("table", "kind", "period", "reason"),
)

TOMBSTONES = Table(
    name="tombstones",
    grain="One row per pseudonym that an earlier bundle of this publisher named and that is withdrawn",
    columns=(
        Column("pseudonym", TEXT, "what must be deleted wherever it was copied"),
        Column("week", TEXT, "ISO week of the first bundle that says so"),
    ),
    sort_by=("pseudonym",),
)

BUNDLE_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        PROFILES,
        AGENT_STATISTICS,
        LEADERBOARD_ENTRIES,
        ACHIEVEMENTS,
        USAGE,
        CONVERSATIONS,
        WITHHELD,
        TOMBSTONES,
    )
}
PRODUCTS = {  # never mixed: a bundle tells each table's product, and no row of one names a pseudonym of another's
    "profiles by choice": ("profiles", "agent_statistics", "leaderboard_entries", "achievements"),
    "aggregates": ("usage",),
    "conversations": ("conversations",),
    "about the bundle": ("withheld", "tombstones"),
}
