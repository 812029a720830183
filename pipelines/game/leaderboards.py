"""Leaderboards: who stands where on every board in every window, and how far that is from before (SPEC section 10).

Here: order, shared ranks, the rank in the window before, and the published table `leaderboards`. Key of the stage:
merge. Not here: what an entry has (tallies.py).
"""

import datetime as dt

import polars as pl

from pipelines.game.board_rules import CALENDAR_WINDOWS, BoardRule
from pipelines.game.contract import DAY, INSTANT, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.game.facts import Ids
from pipelines.game.rules import Rulebook
from pipelines.game.shares import part_of
from pipelines.game.tallies import BEFORE, keys_of, named, subject_of
from pipelines.game.windows import last_dates, skipped_dates, window_before, window_end

Z_95 = 1.959963984540054  # the standard normal's 97.5 % point


def _of_submissions(name: str, about: str) -> Column:
    return Column(name, WHOLE, f"{about}; null on boards of calls", nullable=True, low=0)


LEADERBOARDS = Table(
    name="leaderboards",
    grain="One row per entry of a board in a window",
    columns=(
        Column("board", TEXT, "the board; `problem:<problem>` for those of one problem"),
        Column("window", TEXT, "all, day, week, month, or the slug of a named window"),
        Column("window_start_on", DAY, "the window's first local date; null for `all`", nullable=True),
        Column("window_end_on", DAY, "its last local date, inclusive; null for `all`", nullable=True),
        Column("scope", TEXT, "among whom: all, or those of one team or project", words=("all", "team", "project")),
        Column("scope_id", TEXT, "the team or project; null for `all`", nullable=True),
        Column("rank", WHOLE, "place; equals share it and the next is skipped", low=1),
        Column("subject_id", TEXT, 'who: an agent, a user, a team, or of a pair the JSON text ["user","agent"]'),
        Column("user_id", TEXT, "the user, on boards of users and pairs", nullable=True),
        Column("agent_id", TEXT, "the agent, on boards of agents and pairs", nullable=True),
        Column("score", NUMBER, "the board's own first measure"),
        Column("points", WHOLE, "points in that window; null on boards of calls", nullable=True, low=0),
        Column("xp", WHOLE, "XP in that window; null on boards of submissions", nullable=True, low=0),
        _of_submissions("tasks_completed", "verified counted submissions in that window"),
        _of_submissions("attempts", "counted submissions in that window"),
        Column("accuracy", NUMBER, "tasks_completed / attempts", nullable=True, low=0, high=1),
        Column("wilson_low", NUMBER, "Wilson 95 % lower bound of the accuracy", nullable=True, low=0, high=1),
        Column("calls", WHOLE, "agent calls in that window; null on boards of submissions", nullable=True, low=0),
        Column("success_share", NUMBER, "the share of them that succeeded", nullable=True, low=0, high=1),
        Column("penalty_minutes", WHOLE, "ICPC penalty, on boards that count it", nullable=True, low=0),
        Column("n_members", WHOLE, "agents (of XP: users) with an award, on boards of teams", nullable=True, low=0),
        Column("reached_at", INSTANT, "when the score last rose to its value", nullable=True),
        Column("previous_rank", WHOLE, "rank in the window before", nullable=True, low=1),
        Column("rank_change", WHOLE, "previous_rank - rank: positive is climbed", nullable=True),
    ),
    sort_by=("board", "window", "window_start_on", "scope", "scope_id", "rank", "subject_id"),
)

_FROM_START = ("penalty_minutes", "last_solve_minute")  # minutes: fewer are better, and none is a fine score
_REACHED = {
    "points": "points_at",
    "points_per_member": "points_at",
    "attempts": "attempted_at",
    "accuracy": None,
    "xp": "xp_at",
    "xp_per_member": "xp_at",
    "calls": "called_at",
    "successes": "succeeded_at",
    "success_share": None,
}


def with_measures(board: BoardRule, tallies: pl.DataFrame) -> pl.DataFrame:
    """Tallies with shares, means per member, reached_at and score; entries that qualify only."""
    score = board.order[0].measure
    reached = _REACHED.get(score, "completed_at")
    measured = _measured_calls(tallies) if board.is_of_calls else _measured_submissions(tallies)
    frame = measured.with_columns(
        reached_at=pl.col(reached) if reached else pl.lit(None, dtype=pl.Datetime("us")),
        score=pl.col(score).cast(pl.Float64),
    )
    n, least = (pl.col("calls"), board.min_calls) if board.is_of_calls else (pl.col("attempts"), board.min_attempts)
    if score in ("accuracy", "success_share"):  # nobody is shut out who has the tries, not even with none right
        return frame.filter((n >= least) & (n > 0))
    return frame.filter((n >= least) & (pl.col("tasks_completed" if score in _FROM_START else "score") > 0))


def _measured_submissions(tallies: pl.DataFrame) -> pl.DataFrame:
    """Adds accuracy, wilson_low, points_per_member."""
    n, p = pl.col("attempts"), pl.col("accuracy")
    frame = tallies.with_columns(
        accuracy=part_of("tasks_completed", "attempts"), points_per_member=part_of("points", "n_members")
    )
    z2 = Z_95 * Z_95
    spread = Z_95 * (p * (1 - p) / n + z2 / (4 * n * n)).sqrt()
    return frame.with_columns(wilson_low=((p + z2 / (2 * n) - spread) / (1 + z2 / n)).clip(0.0, 1.0))


def _measured_calls(tallies: pl.DataFrame) -> pl.DataFrame:
    """Adds success_share, xp_per_member."""
    return tallies.with_columns(success_share=part_of("successes", "calls"), xp_per_member=part_of("xp", "n_members"))


def ranked(board: BoardRule, entries: pl.DataFrame, ids: Ids) -> pl.DataFrame:
    """Entries in order with `rank`: entries equal in every ordering column share one, and the next is skipped.

    Numbers are in id order; only a pair must be spelled to know its place.
    """
    subjects = subject_of(board)
    group = ["window_start", *keys_of(board)[: -len(subjects)]]
    order = [by.measure for by in board.order]
    if board.subject == "user_agent":
        entries = entries.with_columns(pair=_pairs(entries, ids))
    frame = entries.sort(
        [*group, *order, "pair" if board.subject == "user_agent" else board.subject],
        descending=[False] * len(group) + [by.descending for by in board.order] + [False],
        nulls_last=True,
    )
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    is_new_group = pl.any_horizontal(pl.col(c).ne_missing(pl.col(c).shift(1)) for c in group) | (row == 0)
    differs = is_new_group | pl.any_horizontal(pl.col(c).ne_missing(pl.col(c).shift(1)) for c in order)
    start = pl.when(is_new_group).then(row).forward_fill()
    return frame.with_columns(rank=pl.when(differs).then(row).forward_fill() - start + 1)


def _pairs(entries: pl.DataFrame, ids: Ids) -> pl.Series:
    """The subjects of boards of users with agents."""
    names = pl.DataFrame({"user": ids.users.gather(entries["user"]), "agent": ids.agents.gather(entries["agent"])})
    return names.select(pair_of(pl.col("user"), pl.col("agent"))).to_series()


def pair_of(user: pl.Expr, agent: pl.Expr) -> pl.Expr:
    """User and agent as the JSON text ["user","agent"]; of what JSON escapes, ids may hold only these two signs."""
    escaped = (
        name.str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
        for name in (user, agent)
    )
    return pl.format('["{}","{}"]', *escaped)


def with_previous(
    board: BoardRule, window: str, ranks: pl.DataFrame, before: pl.DataFrame | None, zone: str
) -> pl.DataFrame:
    """Add previous_rank: in the calendar window directly before, or for `all` in the board of a week before."""
    keys = ["window_start", *keys_of(board)]
    if window == "all" and before is not None:
        earlier = before.select(*keys, previous_rank="rank")
        return ranks.join(earlier, on=keys, how="left", nulls_equal=True, maintain_order="left")
    if window not in CALENDAR_WINDOWS:
        return ranks.with_columns(previous_rank=pl.lit(None, dtype=pl.Int64))
    ranks = ranks.with_columns(earlier_start=window_before(pl.col("window_start"), window, _skipped(ranks, zone)))
    earlier = ranks.select(*keys, previous_rank="rank")
    earlier_keys = ["earlier_start", *keys[1:]]
    held = ranks.join(earlier, left_on=earlier_keys, right_on=keys, how="left", maintain_order="left")
    return held.drop("earlier_start")


def _skipped(ranks: pl.DataFrame, zone: str) -> pl.Series:
    """The dates around the windows of `ranks` that the zone never had."""
    first, last = ranks["window_start"].min(), ranks["window_start"].max()
    if not isinstance(first, dt.date) or not isinstance(last, dt.date):
        return pl.Series("day", [], dtype=pl.Date)
    return skipped_dates(first - dt.timedelta(days=1), last, zone)


def leaderboard(board: BoardRule, tallies: dict[str, pl.DataFrame], rules: Rulebook, ids: Ids) -> pl.DataFrame:
    """The part of the table `leaderboards` of one board (of all its problems), from its merged tallies by window.

    Numbers are in id order, so a window's ranks stand in the table's order already: windows only have to follow one
    another by name, and of a board for each problem, the windows of one problem before those of the next.
    """
    if all(tally.is_empty() for tally in tallies.values()):  # without calls most boards are: no work for them
        return LEADERBOARDS.empty()
    ranks = {window: ranked(board, with_measures(board, tallies[window]), ids) for window in sorted(tallies)}
    before = ranks.pop(BEFORE, None)
    placed = [
        _placed(window, with_previous(board, window, held, before, rules.timezone), rules)
        for window, held in ranks.items()
    ]
    entries = pl.concat(placed)
    return _publish(board, entries.sort("problem", maintain_order=True) if board.each else entries, ids)


def _placed(window: str, ranks: pl.DataFrame, rules: Rulebook) -> pl.DataFrame:
    """The ranks of a window with its name and dates."""
    start, end = _window_dates(window, rules)
    return ranks.with_columns(window=pl.lit(window), window_start_on=start, window_end_on=end)


def _publish(board: BoardRule, entries: pl.DataFrame, ids: Ids) -> pl.DataFrame:
    name = pl.lit(board.slug)
    if board.each:
        name = pl.format("{}:{}", name, pl.Series("problem", ids.problems.gather(entries["problem"])))
    names = {"agent": ids.agents, "team": ids.teams, "user": ids.users, "project": ids.projects}
    told = {key: pl.Series(key, names[key].gather(entries[key])) for key in subject_of(board)}
    nothing = pl.lit(None, dtype=pl.String)
    scoped = f"scope_{board.scope}"
    frame = entries.with_columns(
        board=name, scope=pl.lit(board.scope),
        scope_id=nothing if board.scope == "all" else pl.Series(names[board.scope].gather(entries[scoped])),
        subject_id=pl.col("pair") if board.subject == "user_agent" else told[board.subject],
        user_id=told.get("user", nothing), agent_id=told.get("agent", nothing),
        n_members=pl.col("n_members") if board.subject == "team" else pl.lit(None, dtype=pl.Int64),
        rank_change=pl.col("previous_rank") - pl.col("rank"),
    )  # fmt: skip
    unmeasured = [
        pl.lit(None, dtype=c.dtype).alias(c.name) for c in LEADERBOARDS.columns if c.name not in frame.columns
    ]
    return LEADERBOARDS.shape(frame.with_columns(unmeasured))


def _window_dates(window: str, rules: Rulebook) -> tuple[pl.Expr, pl.Expr]:
    if window == "all":
        return pl.lit(None, dtype=pl.Date), pl.lit(None, dtype=pl.Date)
    if window in CALENDAR_WINDOWS:
        return pl.col("window_start"), window_end(pl.col("window_start"), window)
    first, last = last_dates(named(window, rules), rules.timezone)
    return pl.lit(first), pl.lit(last)


def board_order(boards: tuple[BoardRule, ...]) -> list[BoardRule]:
    """The boards in the order in which their names stand in the table."""
    return sorted(boards, key=lambda board: f"{board.slug}:" if board.each else board.slug)
