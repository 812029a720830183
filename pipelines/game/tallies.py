"""Tallies: what each entry of a board has in each window, bucket by bucket.

Here: filters, windows, scopes and measures over the activity of one bucket. Key of the stage: agent; the tallies
of teams are added up over buckets by `merge`. Not here: order and ranks (leaderboards.py).
"""

import datetime as dt

import polars as pl

from pipelines.game import runs
from pipelines.game.board_rules import CALENDAR_WINDOWS, BoardRule, WindowRule
from pipelines.game.facts import Facts
from pipelines.game.filters import let_through
from pipelines.game.rule_shapes import Filters
from pipelines.game.rules import Rulebook
from pipelines.game.windows import bounds, end_of, window_start

BEFORE = ""  # no slug: the all-time window as it stood a week before as_of: only ever a previous rank
WEEK = dt.timedelta(days=7)


def windows_of(board: BoardRule, rules: Rulebook) -> list[str]:
    """The windows of a board: calendar ones, the named ones it asks for, and BEFORE where there is `all`."""
    asked = set(board.windows)
    named = [w.slug for w in rules.window if w.slug in asked or "named" in asked]
    calendar = [name for name in CALENDAR_WINDOWS if name in asked]
    return [*calendar, *([BEFORE] if "all" in asked else []), *named]


def keys_of(board: BoardRule) -> list[str]:
    """The columns that name an entry of a board beside its window: problem, scope, subject."""
    each = ["problem"] if board.each else []
    scope = [] if board.scope == "all" else [f"scope_{board.scope}"]
    return [*each, *scope, *subject_of(board)]


def subject_of(board: BoardRule) -> list[str]:
    """The columns that name the subject of an entry: of a pair two."""
    return ["user", "agent"] if board.subject == "user_agent" else [board.subject]


def what_counts(board: BoardRule) -> tuple[object, ...]:
    """All of a board that its tallies depend on: boards equal in it have the same ones."""
    filters = tuple(getattr(board, name) for name in Filters.model_fields)
    penalty = board.penalty_minutes if board.needs_start else None
    return *filters, board.is_of_calls, board.subject, board.each, board.scope, penalty


def tally(
    board: BoardRule, window: str, rows: pl.DataFrame, as_of: dt.datetime, rules: Rulebook, facts: Facts
) -> pl.DataFrame:
    """One row per window start and entry of `board`, with every measure an order may name.

    `rows`: a bucket's activity, of submissions (activity.py) or of calls (users_side.py), as the board wants. Columns:
    window_start (date, null outside day, week, month), the keys, n_members, and of submissions points, tasks_completed,
    attempts, points_at, completed_at, attempted_at, penalty_minutes, last_solve_minute; of calls xp, calls, successes,
    xp_at, called_at, succeeded_at.
    """
    rows = _in_window(window, let_through(board, rows, facts), as_of, rules, facts)
    for key in keys_of(board):
        if key.startswith("scope_"):
            rows = rows.with_columns(pl.col(board.scope).alias(key))
        rows = rows.filter(pl.col(key).is_not_null())
    keys = ["window_start", *keys_of(board)]
    if keys == ["window_start", "agent"] and not board.is_of_calls and _is_in_order(rows):
        tallies = _agents_by_runs(rows)
    else:
        measures = _of_calls() if board.is_of_calls else _of_submissions()
        tallies = rows.group_by(keys).agg(**measures, n_members=_n_members(board))
    if board.needs_start:
        penalties = _penalties(rows, keys, window, board.penalty_minutes, rules)
        return tallies.join(penalties, on=keys, how="left", nulls_equal=True)
    return tallies


def _is_in_order(rows: pl.DataFrame) -> bool:
    """Whether each agent's windows follow one another; they may not where a zone's clocks went back over midnight."""
    return not rows.select(runs.goes_back("agent", "window_start").any()).item()


def _agents_by_runs(rows: pl.DataFrame) -> pl.DataFrame:
    """What grouping by window_start and agent would give: `rows` of submissions are in the order (agent, at)."""
    moves = {"points_at": "points", "completed_at": "completed", "attempted_at": "attempts"}
    last = {at: runs.value_at_start(pl.col("at"), pl.col(measure) > 0) for at, measure in moves.items()}
    names = ("points", "completed", "attempts", "is_award")
    sums = runs.run_sums(rows, ("agent", "window_start"), {name: pl.col(name) for name in names}, last)
    moved = {at: pl.when(pl.col(measure) > 0).then(at) for at, measure in moves.items()}
    tallies = sums.with_columns(**moved, tasks_completed="completed", n_members=(pl.col("is_award") > 0).cast(pl.Int64))
    return tallies.select("window_start", "agent", *_of_submissions(), "n_members")


def _of_submissions() -> dict[str, pl.Expr]:
    return {
        "points": pl.col("points").sum(),
        "tasks_completed": pl.col("completed").sum(),
        "attempts": pl.col("attempts").sum(),
        "points_at": pl.when(pl.col("points") > 0).then("at").max(),
        "completed_at": pl.when(pl.col("completed") > 0).then("at").max(),
        "attempted_at": pl.when(pl.col("attempts") > 0).then("at").max(),
    }


def _of_calls() -> dict[str, pl.Expr]:
    return {
        "xp": pl.col("xp").sum(),
        "calls": pl.col("calls").sum(),
        "successes": pl.col("successes").sum(),
        "xp_at": pl.when(pl.col("xp") > 0).then("at").max(),
        "called_at": pl.when(pl.col("calls") > 0).then("at").max(),
        "succeeded_at": pl.when(pl.col("successes") > 0).then("at").max(),
    }


def _n_members(board: BoardRule) -> pl.Expr:
    """Who has an award: of a team to be counted, while anybody else is one by itself (and counting is slow)."""
    if board.subject != "team":
        return pl.col("is_award").any().cast(pl.Int64)
    member = "user" if board.is_of_calls else "agent"
    return pl.col(member).filter("is_award").n_unique().cast(pl.Int64)


def merge(board: BoardRule, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Tallies of all buckets as one. Whoever buckets are cut by is in one of them; anybody else may be in many."""
    # Columns are taken out and put together again: of parts with one row each Polars keeps a column of equal values as
    # one value, and divides by that through its reciprocal, which is off in the last bit.
    together = pl.DataFrame(pl.concat(parts).get_columns())
    cut_by = "user" if board.is_of_calls else "agent"
    if cut_by in subject_of(board):
        return together
    keys = ["window_start", *keys_of(board)]
    instants = [name for name in together.columns if name.endswith("_at")]
    return together.group_by(keys).agg(pl.exclude(*keys, *instants).sum(), pl.col(instants).max())


def _in_window(window: str, rows: pl.DataFrame, as_of: dt.datetime, rules: Rulebook, facts: Facts) -> pl.DataFrame:
    """The rows of a window, with `window_start`: the first date of their calendar window, else null."""
    nowhere = pl.lit(None, dtype=pl.Date).alias("window_start")
    if window == "all":
        return rows.with_columns(nowhere)
    if window == BEFORE:
        return rows.filter(pl.col("at") <= as_of - WEEK).with_columns(nowhere)
    if window in CALENDAR_WINDOWS:
        return rows.with_columns(window_start=window_start(pl.col("day"), window))
    rule = named(window, rules)
    first, last = bounds(rule, rules.timezone)
    return let_through(rule, rows.filter(pl.col("at").is_between(first, last)), facts).with_columns(nowhere)


def named(slug: str, rules: Rulebook) -> WindowRule:
    """The named window of that slug."""
    return next(window for window in rules.window if window.slug == slug)


def _penalties(rows: pl.DataFrame, keys: list[str], window: str, per_try: int, rules: Rulebook) -> pl.DataFrame:
    """Penalty as ICPC counts it: the sum over solved tasks, and the minute of the last solve."""
    solved = task_penalties(rows, keys, window, per_try, rules)
    return solved.group_by(keys).agg(pl.col("penalty_minutes").sum(), last_solve_minute=pl.col("minute").max())


def task_penalties(rows: pl.DataFrame, keys: list[str], window: str, per_try: int, rules: Rulebook) -> pl.DataFrame:
    """Penalty of each solved task: whole minutes to the solve, and `per_try` for each rejection before it.

    `rows`: window_start, agent, task, at, completed, attempts and the keys, as numbers or as names. Columns: the keys,
    agent, task, minute, rejected, penalty_minutes.
    """
    minute = ((pl.col("at") - _begin(rows, window, rules)).dt.total_seconds() // 60).alias("minute")
    tasks = rows.filter(pl.col("task").is_not_null()).with_columns(minute)
    solved = tasks.group_by([*dict.fromkeys([*keys, "agent", "task"])]).agg(
        minute=pl.col("minute").filter(pl.col("completed") > 0).max(),
        rejected=(pl.col("attempts") - pl.col("completed")).sum(),
    )
    solved = solved.filter(pl.col("minute").is_not_null())
    return solved.with_columns(penalty_minutes=pl.col("minute") + per_try * pl.col("rejected"))


def _begin(rows: pl.DataFrame, window: str, rules: Rulebook) -> pl.Expr:
    """The instant at which a row's window begins."""
    zone = rules.timezone
    if window not in CALENDAR_WINDOWS:
        return pl.lit(bounds(named(window, rules), zone)[0])
    days = rows["window_start"].unique()
    begins = [end_of(day - dt.timedelta(days=1), zone) + dt.timedelta(microseconds=1) for day in days]
    return pl.col("window_start").replace_strict(days, begins, return_dtype=pl.Datetime("us"))
