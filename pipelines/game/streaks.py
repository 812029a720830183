"""Streaks: daily, of accuracy, and of one problem (SPEC section 6).

Here: runs over sorted rows, found by comparing each row with the one before it, and the published table `streaks`.
Key of the stage: agent. Runs of a user's active days (xp.py) are found here too, over a calendar without grace.
"""

import datetime as dt
from dataclasses import dataclass

import polars as pl

from pipelines.game import runs
from pipelines.game.contract import DAY, TEXT, WHOLE, Column, Table
from pipelines.game.facts import Ids
from pipelines.game.rules import StreakRules

STREAKS = Table(
    name="streaks",
    grain="One row per agent with a visible submission that is not void",
    columns=(
        Column("agent_id", TEXT, "the agent"),
        Column("daily_current", WHOLE, "days of the run that is still alive, else 0", low=0),
        Column("daily_best", WHOLE, "days of the longest run ever", low=0),
        Column("daily_last_on", DAY, "the last day with a completed task", nullable=True),
        Column("accuracy_current", WHOLE, "verified submissions since the last rejected one", low=0),
        Column("accuracy_best", WHOLE, "the most verified submissions in a row", low=0),
        Column("problem_current", TEXT, "problem of the last completed task", nullable=True),
        Column("problem_current_length", WHOLE, "completions of it in a row", low=0),
        Column("problem_best", TEXT, "problem of the longest run of one problem", nullable=True),
        Column("problem_best_length", WHOLE, "its completions in a row", low=0),
    ),
    sort_by=("agent_id",),
)


@dataclass(frozen=True)
class Calendar:
    """What the daily streak knows of days: today, how many misses are forgiven, which days are no misses."""

    today: dt.date
    grace_days: int
    neutral_days: pl.Series  # excused, or skipped by the zone; sorted

    def missed_between(self, earlier: pl.Expr, later: pl.Expr) -> pl.Expr:
        """Days strictly between two dates that count as missed."""
        days = (later - earlier).dt.total_days() - 1
        inside = self._neutral_before(later) - self._neutral_before(earlier + pl.duration(days=1))
        return (days - inside).clip(lower_bound=0)

    def _neutral_before(self, day: pl.Expr) -> pl.Expr:
        """How many neutral days lie before a date."""
        neutral = self.neutral_days
        if neutral.is_empty():
            return pl.lit(0)
        return day.map_batches(lambda s: neutral.search_sorted(s, side="left").cast(pl.Int64), return_dtype=pl.Int64)


def calendar(rules: StreakRules, today: dt.date, skipped: pl.Series) -> Calendar:
    """The calendar of a season; `skipped` holds the dates that the zone never had."""
    excused = pl.Series("day", list(rules.excused_days), dtype=pl.Date)
    return Calendar(today, rules.grace_days, pl.concat([excused, skipped]).unique().sort())


def active_days(days: pl.DataFrame, calendar: Calendar, key: str = "agent") -> pl.DataFrame:
    """Days with something completed, with `run` (its number) and `run_length` (days of the run so far).

    `days` is sorted by `key` and day and has both and `completed`. A run breaks at a change of `key` and after more
    missed days than are forgiven.
    """
    active = days.filter(pl.col("completed") > 0)
    missed = calendar.missed_between(pl.col("day").shift(1), pl.col("day"))
    breaks = (pl.col(key) != pl.col(key).shift(1)) | (missed > calendar.grace_days)
    return _number_runs(active, breaks)


def _number_runs(frame: pl.DataFrame, breaks: pl.Expr) -> pl.DataFrame:
    """Add `run` and `run_length`: runs begin at the first row and where `breaks` holds."""
    row = runs.row_number()
    begins = breaks.fill_null(value=True) | (row == 0)
    frame = frame.with_columns(run=begins.cum_sum(), begin=runs.value_at_start(row, begins))
    return frame.with_columns(run_length=row - pl.col("begin") + 1).drop("begin")


def daily(active: pl.DataFrame, calendar: Calendar, key: str = "agent") -> pl.DataFrame:
    """Per `key`: daily_current, daily_best, daily_last_on."""
    last = active.group_by(key).agg(
        pl.col("run_length").last(), pl.col("day").last(), daily_best=pl.col("run_length").max()
    )
    is_alive = calendar.missed_between(pl.col("day"), pl.lit(calendar.today)) <= calendar.grace_days
    return last.select(
        key,
        "daily_best",
        daily_current=pl.when(is_alive).then("run_length").otherwise(0),
        daily_last_on="day",
    )


def accuracy_runs(scored: pl.DataFrame) -> pl.DataFrame:
    """Counted submissions in order, with `accuracy_run`: verified ones in a row up to and including this one.

    A running count of the verified, less its value where the run began (after a rejection, or at another agent).
    """
    rows = scored.filter("is_counted").with_columns(n_verified=pl.col("is_verified").cum_sum().cast(pl.Int64))
    before = pl.col("n_verified") - pl.col("is_verified").cast(pl.Int64)
    floor = runs.value_at_start(before, ~pl.col("is_verified") | runs.is_new("agent"))
    return rows.with_columns(accuracy_run=pl.col("n_verified") - floor).drop("n_verified")


def accuracy(counted: pl.DataFrame) -> pl.DataFrame:
    """Per agent: accuracy_current, accuracy_best. `counted`: accuracy_runs."""
    run = pl.col("accuracy_run")
    return counted.group_by("agent", maintain_order=True).agg(accuracy_current=run.last(), accuracy_best=run.max())


def problems(scored: pl.DataFrame) -> pl.DataFrame:
    """Per agent: the runs of completions of one problem, the current and the best (of equals the first)."""
    solves = scored.filter("is_verified").select("agent", "problem")
    same = runs.run_sums(solves.with_columns(n=1), ("agent", "problem"), {"run_length": pl.col("n")})
    length = pl.col("run_length")
    return same.group_by("agent", maintain_order=True).agg(
        problem_current=pl.col("problem").last(),
        problem_current_length=length.last(),
        problem_best=pl.col("problem").get(length.arg_max()),  # arg_max names the first of equals
        problem_best_length=length.max(),
    )


def visible_agents(counted: pl.DataFrame) -> pl.DataFrame:
    """The agents of a bucket with a submission that is not void, in order: one column `agent`."""
    return counted.filter(pl.col("verdict") != "void").select(
        pl.col("agent").rle().struct.field("value").alias("agent")
    )


def streaks(agents: pl.DataFrame, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The agents of a bucket with the three kinds of runs, ids as numbers; lengths are 0 where there is none."""
    frame = agents
    for part in parts:
        frame = frame.join(part, on="agent", how="left", maintain_order="left")
    return frame.with_columns(pl.col([c.name for c in STREAKS.columns if c.dtype == WHOLE]).fill_null(0))


def publish(frame: pl.DataFrame, ids: Ids) -> pl.DataFrame:
    """A bucket's part of the table `streaks`. `frame`: from `streaks`."""
    return STREAKS.shape(
        frame.with_columns(
            agent_id=ids.agents.gather(frame["agent"]),
            problem_current=ids.problems.gather(frame["problem_current"]),
            problem_best=ids.problems.gather(frame["problem_best"]),
        )
    )
