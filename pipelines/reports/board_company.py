"""What stands beside the entries of a board: provisional points, streaks, badges, achievements, levels.

Not here: the entries (board_page.py), how they look (board_view.py).
"""

import datetime as dt
from dataclasses import dataclass

import polars as pl

from pipelines.game.board_rules import BoardRule, WindowRule
from pipelines.game.rule_shapes import Filters
from pipelines.game.windows import bounds, local_date
from pipelines.reports.reading import Reading
from pipelines.reports.trophies_part import badges_by

_IN_LEDGER = ("problem", "task", "team")  # filters on columns of the ledger; the others on columns of the tasks


@dataclass(frozen=True)
class Asked:
    """Which entries of a board: its name and rule, the window with its dates, and the scope."""

    board: str
    rule: BoardRule | None
    window: str
    scope_id: str | None

    @property
    def subject(self) -> str:
        """Who has entries: agent, user, user_agent or team."""
        return self.rule.subject if self.rule else "agent"


def with_company(entries: pl.DataFrame, asked: Asked, reading: Reading) -> pl.DataFrame:
    """The entries with what stands beside them.

    Of boards of submissions n_provisional_points, and of agents daily_current; of boards of calls level, title and
    stars of users and pairs, as of `as_of`. `badges` of agents and achievements of users, as slugs, the rarest first.
    """
    if asked.rule is not None and asked.rule.is_of_calls:
        entries = _with_levels(entries, asked, reading)
    else:
        entries = _beside(entries, _provisional(entries, asked, reading), n_provisional_points=0)
        if asked.subject == "agent":
            entries = _with_streaks(entries, reading)
    if asked.subject in ("agent", "user"):
        badges = badges_by(reading, asked.subject, entries["subject_id"])
        return _beside(entries, badges).with_columns(pl.col("badges").fill_null([]))
    return entries


def _beside(entries: pl.DataFrame, more: pl.DataFrame, **otherwise: int) -> pl.DataFrame:
    joined = entries.join(more, on="subject_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col(name).fill_null(value) for name, value in otherwise.items())


def _with_streaks(entries: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    streaks = reading.table("streaks").filter(pl.col("agent_id").is_in(entries["subject_id"].implode()))
    streak = reading.collect(streaks.select(pl.col("agent_id").alias("subject_id"), "daily_current"))
    return _beside(entries, streak, daily_current=0)


def _with_levels(entries: pl.DataFrame, asked: Asked, reading: Reading) -> pl.DataFrame:
    if asked.subject not in ("user", "user_agent"):
        return entries
    on = ["user_id", "agent_id"] if asked.subject == "user_agent" else ["user_id"]
    levels = reading.table("levels").filter(pl.col("scope") == asked.subject)
    of_entries = levels.join(entries.lazy().select(on), on=on, how="semi").select(*on, "level", "title", "stars")
    return entries.join(reading.collect(of_entries), on=on, how="left", maintain_order="left")


def _provisional(entries: pl.DataFrame, asked: Asked, reading: Reading) -> pl.DataFrame:
    """Points of the window that a pending verdict can still take away: columns subject_id, n_provisional_points."""
    rows = awards_behind(entries, asked, reading).filter("is_provisional")
    return reading.collect(rows.group_by("subject_id").agg(n_provisional_points=pl.col("points").sum()))


def awards_behind(entries: pl.DataFrame, asked: Asked, reading: Reading) -> pl.LazyFrame:
    """The awards of points that the entries of a board in a window are sums of: `points_ledger` with subject_id."""
    subject = "team_id" if asked.subject == "team" else "agent_id"
    rows = reading.table("points_ledger").with_columns(subject_id=pl.col(subject))
    rows = rows.filter(pl.col("subject_id").is_in(entries["subject_id"].implode()))
    days = entries.select("window_start_on", "window_end_on").row(0) if entries.height else (None, None)
    return rows_behind(rows, "earned_at", asked, days, reading)


def rows_behind(
    rows: pl.LazyFrame, at: str, asked: Asked, days: tuple[dt.date | None, dt.date | None], reading: Reading
) -> pl.LazyFrame:
    """The rows that a board in a window looks at: of a ledger or of `submissions`, with their instant in `at`.

    `days`: first and last date of the window, null for all time.
    """
    rule = asked.rule
    window = next((window for window in reading.rules.window if window.slug == asked.window), None)
    instant = pl.col(at).dt.replace_time_zone(None)
    if window is not None:
        first_at, last_at = bounds(window, reading.rules.timezone)
        rows = rows.filter(instant.is_between(pl.lit(first_at), pl.lit(last_at)))
    elif days[0] is not None:
        day = local_date(instant, reading.rules.timezone)
        rows = rows.filter(day.is_between(pl.lit(days[0]), pl.lit(days[1])))
    if rule is not None and rule.each:
        rows = rows.filter(pl.col("problem") == asked.board.partition(":")[2])
    if asked.scope_id is not None:
        rows = rows.filter(pl.col(f"{rule.scope if rule else 'team'}_id") == asked.scope_id)
    return _let_through(_let_through(rows, rule, reading), window, reading)


def _let_through(rows: pl.LazyFrame, rule: BoardRule | WindowRule | None, reading: Reading) -> pl.LazyFrame:
    asked = [] if rule is None else [name for name in Filters.model_fields if getattr(rule, name)]
    if not asked:
        return rows
    if asked != ["team"] and "task_id" not in rows.collect_schema():  # XP belongs to no task
        return rows.filter(pl.lit(value=False))
    for name in _IN_LEDGER:
        column = name if name == "problem" else f"{name}_id"
        if wanted := getattr(rule, name):
            rows = rows.filter(pl.col(column).is_in(wanted))
    tasks = reading.table("tasks")
    for name in ("task_type", "difficulty"):
        if wanted := getattr(rule, name):
            chosen = tasks.filter(pl.col(name).is_in(wanted)).select("task_id")
            rows = rows.join(chosen, on="task_id", how="semi")
    return rows
