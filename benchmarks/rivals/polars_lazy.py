"""The rival in Polars, as a good analyst would write it: lazy frames, `group_by`, `over` and joins.

Two frames are collected, tries in order and completed tasks; all tables are lazy queries over them. Not here: tricks
that need the layout of the data; the numbers (default_game.py).
"""

import json
from pathlib import Path

import default_game as game
import polars as pl
from polars_streaks import agent_stats, attempts, badges, streaks
from script import play

IN_ORDER = ("agent", "at", "submission")
IS_VERIFIED, IS_REJECTED = pl.col("verdict") == game.VERIFIED, pl.col("verdict") == game.REJECTED
DAY = pl.col("at").dt.date()


def score(facts: Path, out: Path) -> None:
    """All tables, one after the other."""
    about = json.loads((facts / "facts.json").read_text(encoding="utf-8"))
    as_of = pl.lit(about["as_of"]).str.to_datetime(time_unit="us")
    tries = in_order(facts).collect().lazy()
    completed = completed_tasks(tries, known_tasks(facts, tries)).collect().lazy()
    days = agent_days(tries, completed).collect().lazy()
    perfect = perfect_days(tries, completed, days, as_of).collect().lazy()
    days = with_perfect(days, perfect).collect().lazy()
    entries = ledger(completed, perfect).collect().lazy()
    runs = attempts(tries).collect().lazy()
    tables = {
        "points_ledger": entries,
        "agent_days": days,
        "streaks": streaks(tries, runs, completed, days, as_of),
        "agent_stats": agent_stats(days, runs, perfect),
        "badges": badges(runs, completed, entries, about["problems"]),
    }
    for name, table in tables.items():
        table.select(game.TABLES[name]).sink_parquet(out / f"{name}.parquet", compression="zstd", compression_level=1)


def in_order(facts: Path) -> pl.LazyFrame:
    """The tries in force that are not void and not after the agent's solve of the task, in order, with their `row`."""
    records, revised = pl.scan_parquet(facts / "submissions" / "*.parquet"), pl.scan_parquet(facts / "revised.parquet")
    newest = records.join(revised, on="submission", how="semi").sort("at", "event").unique("submission", keep="last")
    in_force = pl.concat([records.join(revised, on="submission", how="anti"), newest])
    tries = in_force.filter(pl.col("verdict") != game.VOID).select(
        "agent", "task", "submission", "verdict", at="submitted_at", found=pl.col("found").fill_null(value=False),
        awarded=pl.col("awarded_points").fill_null(0).clip(game.INSIGHT_LEAST, game.INSIGHT_MOST).cast(pl.Int64),
        is_fast=(pl.col("submitted_at") - pl.col("claimed_at") <= pl.duration(microseconds=game.FAST_US)),
    )  # fmt: skip
    tries = tries.sort(IN_ORDER).with_row_index("row")
    solves = tries.filter(IS_VERIFIED).group_by("agent", "task").agg(solved=pl.col("row").min())
    eligible = tries.join(solves, on=["agent", "task"], how="left", maintain_order="left")
    return eligible.filter(pl.col("solved").is_null() | (pl.col("row") <= pl.col("solved"))).drop("solved")


def earliest(tries: pl.LazyFrame) -> pl.LazyFrame:
    """Of each task the first of the tries, by (at, submission)."""
    ordered = tries.select("task", "at", "submission").sort("at", "submission")
    return ordered.unique("task", keep="first", maintain_order=True)


def known_tasks(facts: Path, tries: pl.LazyFrame) -> pl.LazyFrame:
    """Tasks with what they earn by themselves, their first solver's submission, and whether one before it is pending.

    Before a first solve nobody has solved the task: whatever of it is pending by then could still count.
    """
    solved = earliest(tries.filter(IS_VERIFIED))
    waiting = earliest(tries.filter(pl.col("verdict") == game.PENDING))
    least, most = (
        pl.col("difficulty").replace_strict(range(4), ends, return_dtype=pl.Int64)
        for ends in (game.LEAST_BY_DIFFICULTY, game.MOST_BY_DIFFICULTY)
    )
    tasks = pl.scan_parquet(facts / "tasks.parquet").with_row_index("task")
    both = tasks.join(solved, on="task", how="left").join(waiting, on="task", how="left", suffix="_waiting")
    is_earlier = (pl.col("at_waiting") < pl.col("at")) | (
        (pl.col("at_waiting") == pl.col("at")) & (pl.col("submission_waiting") < pl.col("submission"))
    )
    return both.select(
        "task", "problem", is_pattern=pl.col("task_type") == game.PATTERN,
        task_points=pl.col("points").fill_null(least).clip(least, most),
        counterexample=pl.when(pl.col("task_type") == game.SEARCH).then(
            pl.max_horizontal("counterexample_points", pl.lit(game.COUNTEREXAMPLE_LEAST))
        ),
        first_submission="submission", is_waited_for=is_earlier.fill_null(value=False),
    )  # fmt: skip


def completed_tasks(tries: pl.LazyFrame, tasks: pl.LazyFrame) -> pl.LazyFrame:
    """Completed tasks in order with what each rule gives (null: nothing), and `n`, the agent's count of them."""
    completed = tries.filter(IS_VERIFIED).join(tasks, on="task", how="left", maintain_order="left")
    is_first = pl.col("submission") == pl.col("first_submission")
    return completed.select(
        "row", *IN_ORDER, "task", "problem", "is_fast", "is_pattern", "is_waited_for",
        own=pl.when("is_pattern").then("awarded").otherwise("task_points"),
        counterexample=pl.when("found").then("counterexample"),
        first_solver=pl.when(is_first).then(pl.lit(game.FIRST_SOLVER_POINTS, dtype=pl.Int64)),
        n=pl.int_range(1, pl.len() + 1).over("agent"),
    ).with_columns(points=pl.sum_horizontal("own", "counterexample", "first_solver"))  # fmt: skip


def agent_days(tries: pl.LazyFrame, completed: pl.LazyFrame) -> pl.LazyFrame:
    """Agents by day, without the points of perfect days."""
    counted = tries.filter(IS_VERIFIED | IS_REJECTED).join(
        completed.select("row", "points"), on="row", how="left", maintain_order="left"
    )
    return counted.group_by("agent", day=DAY).agg(
        tasks_completed=IS_VERIFIED.sum(), rejected=IS_REJECTED.sum(), points=pl.col("points").sum()
    )


def perfect_days(tries: pl.LazyFrame, completed: pl.LazyFrame, days: pl.LazyFrame, as_of: pl.Expr) -> pl.LazyFrame:
    """Perfect days, each with its last completed submission."""
    last_us = pl.col("day").cast(pl.Datetime("us")) + pl.duration(days=1) - pl.duration(microseconds=1)
    is_perfect = (pl.col("tasks_completed") >= game.PERFECT_DAY_TASKS) & (pl.col("rejected") == 0)
    perfect = days.filter(is_perfect).select("agent", "day", earned_at=last_us).filter(pl.col("earned_at") <= as_of)
    lasts = completed.with_columns(day=DAY).join(perfect, on=["agent", "day"], how="semi")
    lasts = lasts.group_by("agent", "day").agg(pl.col("submission").sort_by("row").last())
    waited = tries.filter(pl.col("verdict") == game.PENDING).select("agent", day=DAY, is_provisional=True).unique()
    perfect = perfect.join(lasts, on=["agent", "day"]).join(waited, on=["agent", "day"], how="left")
    return perfect.with_columns(
        pl.col("is_provisional").fill_null(value=False), points=pl.lit(game.PERFECT_DAY_POINTS, dtype=pl.Int64)
    )


def with_perfect(days: pl.LazyFrame, perfect: pl.LazyFrame) -> pl.LazyFrame:
    """The table agent_days."""
    more = perfect.select("agent", "day", more="points")
    both = days.join(more, on=["agent", "day"], how="left")
    return both.with_columns(points=pl.col("points") + pl.col("more").fill_null(0))


def ledger(completed: pl.LazyFrame, perfect: pl.LazyFrame) -> pl.LazyFrame:
    """The table points_ledger."""
    own = pl.when("is_pattern").then(pl.lit(game.PATTERN_INSIGHT)).otherwise(pl.lit(game.TASK))
    awards = (("own", own, False), ("counterexample", pl.lit(game.COUNTEREXAMPLE), False),
              ("first_solver", pl.lit(game.FIRST_SOLVER), pl.col("is_waited_for")))  # fmt: skip
    parts = [
        completed.filter(pl.col(points).is_not_null()).select(
            "agent", "task", "submission", rule=rule.cast(pl.UInt8), points=points, earned_at="at", is_provisional=flag
        )
        for points, rule, flag in awards
    ]
    days = perfect.with_columns(task=pl.lit(None, pl.UInt32), rule=pl.lit(game.PERFECT_DAY, pl.UInt8))
    return pl.concat([*parts, days.select(game.TABLES["points_ledger"])])


if __name__ == "__main__":
    play(score)
