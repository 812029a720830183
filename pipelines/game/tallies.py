"""Tallies: what each entry of a board has in each window, bucket by bucket.

Here: filters, windows, scopes and measures over the activity of one bucket. Key of the stage: agent; the tallies
of teams are added up over buckets by `merge`. Not here: order and ranks (leaderboards.py).
"""

import datetime as dt

import polars as pl

from pipelines.game.board_rules import CALENDAR_WINDOWS, BoardRule, WindowRule
from pipelines.game.facts import Ids
from pipelines.game.filters import let_through
from pipelines.game.rule_shapes import Filters
from pipelines.game.rules import Rulebook
from pipelines.game.windows import bounds, end_of, window_start

BEFORE = "before"  # the all-time window as it stood a week before as_of: only ever a previous rank
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
    scope = ["scope_team"] if board.scope == "team" else []
    return [*each, *scope, board.subject]


def what_counts(board: BoardRule) -> tuple[object, ...]:
    """All of a board that its tallies depend on: boards equal in it have the same ones."""
    filters = tuple(getattr(board, name) for name in Filters.model_fields)
    return *filters, board.subject, board.each, board.scope, board.penalty_minutes if board.needs_start else None


def tally(
    board: BoardRule, window: str, rows: pl.DataFrame, as_of: dt.datetime, rules: Rulebook, ids: Ids
) -> pl.DataFrame:
    """One row per window start and entry of `board`, with every measure an order may name.

    `rows`: a bucket's activity. Columns: window_start (date, null outside day, week, month), the keys, points,
    tasks_completed, attempts, points_at, completed_at, attempted_at, n_members, penalty_minutes, last_solve_minute.
    """
    rows = _in_window(window, let_through(board, rows, ids), as_of, rules, ids)
    for key in keys_of(board):
        if key == "scope_team":
            rows = rows.with_columns(scope_team="team")
        rows = rows.filter(pl.col(key).is_not_null())
    keys = ["window_start", *keys_of(board)]
    tallies = rows.group_by(keys).agg(
        pl.col("points").sum(),
        tasks_completed=pl.col("completed").sum(),
        attempts=pl.col("attempts").sum(),
        points_at=pl.when(pl.col("points") > 0).then("at").max(),
        completed_at=pl.when(pl.col("completed") > 0).then("at").max(),
        attempted_at=pl.when(pl.col("attempts") > 0).then("at").max(),
        n_members=_n_members(board),
    )
    if board.needs_start:
        penalties = _penalties(rows, keys, window, board.penalty_minutes, rules)
        return tallies.join(penalties, on=keys, how="left", nulls_equal=True)
    return tallies


def _n_members(board: BoardRule) -> pl.Expr:
    """Agents with an award: of a team to be counted, while an agent is one by itself (and counting is slow)."""
    if board.subject == "agent":
        return pl.col("is_award").any().cast(pl.Int64)
    return pl.col("agent").filter("is_award").n_unique().cast(pl.Int64)


def merge(board: BoardRule, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Tallies of all buckets as one. An agent is in one bucket; a team's members may be in many."""
    together = pl.concat(parts)
    if board.subject == "agent":
        return together
    return together.group_by("window_start", *keys_of(board)).agg(
        pl.col("points", "tasks_completed", "attempts", "n_members").sum(),
        pl.col("points_at", "completed_at", "attempted_at").max(),
    )


def _in_window(window: str, rows: pl.DataFrame, as_of: dt.datetime, rules: Rulebook, ids: Ids) -> pl.DataFrame:
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
    return let_through(rule, rows.filter(pl.col("at").is_between(first, last)), ids).with_columns(nowhere)


def named(slug: str, rules: Rulebook) -> WindowRule:
    """The named window of that slug."""
    return next(window for window in rules.window if window.slug == slug)


def _penalties(rows: pl.DataFrame, keys: list[str], window: str, per_try: int, rules: Rulebook) -> pl.DataFrame:
    """Penalty as ICPC counts it: whole minutes to each solve, and `per_try` for each rejection before it."""
    minute = ((pl.col("at") - _begin(rows, window, rules)).dt.total_seconds() // 60).alias("minute")
    tasks = rows.filter(pl.col("task").is_not_null()).with_columns(minute)
    solved = tasks.group_by([*dict.fromkeys([*keys, "agent", "task"])]).agg(
        minute=pl.col("minute").filter(pl.col("completed") > 0).max(),
        rejected=(pl.col("attempts") - pl.col("completed")).sum(),
    )
    solved = solved.filter(pl.col("minute").is_not_null())
    return solved.group_by(keys).agg(
        penalty_minutes=(pl.col("minute") + per_try * pl.col("rejected")).sum(),
        last_solve_minute=pl.col("minute").max(),
    )


def _begin(rows: pl.DataFrame, window: str, rules: Rulebook) -> pl.Expr:
    """The instant at which a row's window begins."""
    zone = rules.timezone
    if window not in CALENDAR_WINDOWS:
        return pl.lit(bounds(named(window, rules), zone)[0])
    days = rows["window_start"].unique()
    begins = [end_of(day - dt.timedelta(days=1), zone) + dt.timedelta(microseconds=1) for day in days]
    return pl.col("window_start").replace_strict(days, begins, return_dtype=pl.Datetime("us"))
