"""The tables of an arena: what the bundles of several publishers say together, each with its contract.

Every text but the words given here was written by another team. Not here: the tables of a bundle (tables.py), and who
fills these (standings.py, pooled.py, merge.py).
"""

from pipelines.arena.chain import REFUSED
from pipelines.arena.policy import KINDS
from pipelines.arena.tables import ACHIEVED, REASONS, SUBJECTS
from pipelines.game.contract import NUMBER, TEXT, WHOLE, Column, Table

LOST_IN_NOISE = "lost_in_noise"

_PUBLISHER = Column("publisher", TEXT, "who published it: first 32 hexadecimal digits of the SHA-256 of its key")
_RULEBOOK = Column("rulebook", TEXT, "fingerprint of the rules by which points and XP were given")
_COUNT_GRAIN = Column("count_grain", WHOLE, "counts are told in whole ones of this, rounded", low=1)
_SCORE_GRAIN = Column("score_grain", WHOLE, "points and XP are told in whole ones of this, rounded", low=1)

PUBLISHERS = Table(
    name="publishers",
    grain="One row per publisher of whom a bundle counts: its newest accepted one",
    columns=(
        _PUBLISHER,
        Column("sequence", WHOLE, "number of the bundle, from 1", low=1),
        Column("week", TEXT, "ISO week up to which it speaks"),
        Column("epoch", WHOLE, "number of the publisher's key of pseudonyms, from 1", low=1),
        _RULEBOOK,
        Column("policy", TEXT, "fingerprint of the limits under which it was published"),
        _COUNT_GRAIN,
        _SCORE_GRAIN,
        Column("k", WHOLE, "fewer people than this are never spoken of together", low=1),
        Column("micro_rho_spent", WHOLE, "privacy spent on aggregates up to now, in millionths of rho (zCDP)", low=0),
        Column("epsilon", NUMBER, "the same as epsilon, at `delta`", low=0),
        Column("delta", NUMBER, "the delta at which `epsilon` holds", low=0, high=1),
        Column("n_profiles", WHOLE, "owners with a profile", low=0),
        Column("n_conversations", WHOLE, "conversations shared", low=0),
        Column("n_tombstones", WHOLE, "pseudonyms withdrawn, ever", low=0),
        Column("n_left_out", WHOLE, "rows of the bundle left out here, for they name a withdrawn pseudonym", low=0),
        Column("n_withheld", WHOLE, "things that it withholds", low=0),
        Column("n_too_noisy", WHOLE, "of its releases those left out of `agent_usage`: too much noise", low=0),
    ),
    sort_by=("publisher",),
)

GLOBAL_LEADERBOARDS = Table(
    name="global_leaderboards",
    grain="One row per entry of a board and period, among all publishers with the same rulebook and the same grains",
    columns=(
        _RULEBOOK,
        _COUNT_GRAIN,
        _SCORE_GRAIN,
        Column("board", TEXT, "points, accuracy, xp-user, or problem:<problem>"),
        Column("period", TEXT, "`all`, an ISO week such as 2026-W45, or a month such as 2026-10"),
        Column("subject_type", TEXT, "whether owners or agents are ranked", words=SUBJECTS),
        Column("rank", WHOLE, "place by score; equal scores share it and the next is skipped", low=1),
        _PUBLISHER,
        Column("pseudonym", TEXT, "who, as in the publisher's bundle"),
        Column("owner_pseudonym", TEXT, "the owner: of an agent, whose it is"),
        Column("score", NUMBER, "as the publisher tells it, rounded to its grain", low=0),
    ),
    sort_by=(
        "rulebook",
        "count_grain",
        "score_grain",
        "board",
        "period",
        "subject_type",
        "rank",
        "publisher",
        "pseudonym",
    ),
)


def _share(name: str, about: str, *, nullable: bool = True) -> Column:
    return Column(name, NUMBER, about, nullable=nullable, low=0, high=1)


AGENT_USAGE = Table(
    name="agent_usage",
    grain="One row per kind of work, period, agent and category, and per kind, period and agent over all categories; "
    "sums over publishers of figures that carry noise, with what it makes unsure",
    columns=(
        Column("kind", TEXT, "calls of sub-agents, or counted submissions", words=KINDS),
        Column("period", TEXT, "a month, or `all`: every month that was released"),
        Column("category", TEXT, "of calls the category, of submissions the problem; null: over all", nullable=True),
        Column("agent", TEXT, "the agent, or `other`: those that a publisher does not list"),
        Column("n_publishers", WHOLE, "publishers whose figures are in it", low=1),
        Column("successes", WHOLE, "sum of successes, with noise: may be negative"),
        Column("failures", WHOLE, "sum of failures, with noise: may be negative"),
        Column("sigma", NUMBER, "standard deviation of the noise of each of the two sums", low=0),
        Column("attempts", WHOLE, "successes + failures"),
        Column("attempts_lo90", NUMBER, "low end of its 90 % interval, of noise alone", low=0),
        Column("attempts_hi90", NUMBER, "high end", low=0),
        _share("attempts_share", "of the attempts of all agents in the row's category"),
        _share("attempts_share_lo90", "low end of its 90 % interval (Fieller)"),
        _share("attempts_share_hi90", "high end"),
        Column("why_no_share", TEXT, "why the share is not told", nullable=True, words=(LOST_IN_NOISE,)),
        _share("success_share", "successes / attempts, each at least 0"),
        _share("success_share_lo90", "low end of its 90 % interval, of noise and chance"),
        _share("success_share_hi90", "high end"),
        Column("why_no_success", TEXT, "why the success is not told", nullable=True, words=(LOST_IN_NOISE,)),
    ),
    sort_by=("kind", "period", "category", "agent"),
)

CHOSEN_STATISTICS = Table(
    name="chosen_statistics",
    grain="One row per agent that owners who share their metrics called; without noise, of these owners alone, never "
    "to be added to `agent_usage`",
    columns=(
        Column("agent", TEXT, "the agent, or `other`: those that a publisher does not list"),
        Column("n_publishers", WHOLE, "publishers of these owners", low=1),
        Column("n_owners", WHOLE, "owners who called it", low=1),
        Column("calls", WHOLE, "their calls, each owner's rounded to whole grains", low=1),
        Column("successes", WHOLE, "of these successful, rounded likewise", low=0),
        _share("success_share", "successes / calls as told here", nullable=False),
    ),
    sort_by=("agent",),
)

ACHIEVEMENT_HOLDERS = Table(
    name="achievement_holders",
    grain="One row per badge, achievement (each tier) or level and publisher, and one over all publishers",
    columns=(
        Column("kind", TEXT, "a badge of agents, an owner's achievement, or level", words=ACHIEVED),
        Column("slug", TEXT, "which; of a level `level`"),
        Column("tier", TEXT, "its tier, where it has tiers", nullable=True),
        Column("level", WHOLE, "the level reached", nullable=True, low=2),
        Column("publisher", TEXT, "whose owners; null: of all publishers", nullable=True),
        Column("n_owners", WHOLE, "owners who hold it and share achievements", low=1),
        Column("first_week", TEXT, "ISO week in which the first of them earned it"),
    ),
    sort_by=("kind", "slug", "tier", "level", "publisher"),
)

NOT_TOLD = Table(
    name="not_told",
    grain="One row per thing that a publisher withholds",
    columns=(
        _PUBLISHER,
        Column("table", TEXT, "the table of the bundle in which it would stand"),
        Column("kind", TEXT, "of `usage`: of calls or submissions", nullable=True, words=KINDS),
        Column("period", TEXT, "the month, week or `all`", nullable=True),
        Column("reason", TEXT, "why, as a word", words=REASONS),
        Column("sentence", TEXT, "why, as the publisher says it"),
    ),
    sort_by=("publisher", "table", "kind", "period", "reason"),
)

REFUSALS = Table(
    name="refusals",
    grain="One row per publisher whose chain ends in a refusal, and per bundle that does not verify",
    columns=(
        Column("publisher", TEXT, "whose; what an unverified bundle calls itself; null if unreadable", nullable=True),
        Column("sequence", WHOLE, "number of the refused bundle", nullable=True),
        Column("reason", TEXT, "why, as a word", words=REFUSED),
        Column("sentence", TEXT, "why, and what to do"),
    ),
    sort_by=("publisher", "sequence", "reason", "sentence"),
)

ARENA_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        PUBLISHERS,
        GLOBAL_LEADERBOARDS,
        AGENT_USAGE,
        CHOSEN_STATISTICS,
        ACHIEVEMENT_HOLDERS,
        NOT_TOLD,
        REFUSALS,
    )
}
