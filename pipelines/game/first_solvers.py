"""First solvers: who solved each task first, over all agents (SPEC section 5).

Here: the race for each task, which the solves of one bucket after another join. Key of the stage: task. Not here: what
the first solver earns (points.py).
"""

from dataclasses import dataclass

import polars as pl

from pipelines.game import runs
from pipelines.game.packing import sorted_rows

FIRST_SOLVES: dict[str, pl.DataType] = {
    "task": pl.UInt32(),
    "counted_at": pl.Datetime("us"),
    "submission_id": pl.String(),
    "agent": pl.UInt32(),
}
WAITING: dict[str, pl.DataType] = {"task": pl.UInt32(), "counted_at": pl.Datetime("us"), "submission_id": pl.String()}


@dataclass(frozen=True)
class FirstSolves:
    """Per task number: the agent that solved it first (null: nobody), and whether that may still change."""

    agent: pl.Series
    is_provisional: pl.Series


def solves(scored: pl.DataFrame) -> pl.DataFrame:
    """A bucket's counted verified submissions, any of which may be its task's first: columns of FIRST_SOLVES."""
    return scored.lazy().filter("is_verified").select(FIRST_SOLVES.keys()).collect()


def waiting(scored: pl.DataFrame, clock: str) -> pl.DataFrame:
    """A bucket's pending submissions that could still count: columns of WAITING.

    Under the clock judged_at nothing is provisional: what is judged later counts later.
    """
    waits = pl.col("could_count") & ~pl.col("is_unresolved") & (clock == "submitted_at")
    return scored.lazy().filter(waits).select(WAITING.keys()).collect()


@dataclass(frozen=True)
class Race:
    """Per task number the earliest solve (FIRST_SOLVES) and waiting submission (WAITING) so far, else nulls."""

    solves: pl.DataFrame
    waiting: pl.DataFrame

    @classmethod
    def begun(cls, solves: pl.DataFrame, waiting: pl.DataFrame, n_tasks: int) -> "Race":
        """Nobody has come in yet; the columns are those of these candidates."""
        nobody = [
            pl.select(pl.repeat(None, n_tasks, dtype=dtype).alias(name) for name, dtype in candidates.schema.items())
            for candidates in (solves, waiting)
        ]
        return cls(*nobody)

    def joined(self, solves: pl.DataFrame, waiting: pl.DataFrame) -> "Race":
        """The race with the candidates of one more bucket."""
        return Race(earliest(self.solves, solves), earliest(self.waiting, waiting))


def earliest(best: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """Per task number the row least by (counted_at, submission_id) of `best`, which is such a frame, and `candidates`.

    Associative over buckets. Of a bucket only the rows that are not later than the best before it are ordered: after
    the first buckets few.
    """
    best_at = best["counted_at"].gather(candidates["task"])
    hopeful = candidates.filter(best_at.is_null() | (candidates["counted_at"] <= best_at))
    if hopeful.is_empty():
        return best
    order = sorted_rows(hopeful["task"].cast(pl.Int64), hopeful["counted_at"].to_physical(), hopeful["submission_id"])
    firsts = hopeful[order].filter(runs.is_new("task"))
    held = best[firsts["task"]]
    is_tie = firsts["counted_at"].eq(held["counted_at"]).fill_null(value=False)
    is_better = ~is_tie | (firsts["submission_id"] < held["submission_id"]).fill_null(value=False)
    better = firsts.filter(is_better)
    return best.with_columns(best[name].clone().scatter(better["task"], better[name]) for name in best.columns)


def first_solves(race: Race) -> FirstSolves:
    """Who solved each task first, once all buckets have joined the race."""
    both = race.solves.with_columns(race.waiting.select(pl.col("counted_at", "submission_id").name.prefix("waiting_")))
    is_earlier = (pl.col("waiting_counted_at") < pl.col("counted_at")) | (
        (pl.col("waiting_counted_at") == pl.col("counted_at"))
        & (pl.col("waiting_submission_id") < pl.col("submission_id"))
    )
    is_provisional = both.select(is_earlier.fill_null(value=False)).to_series()
    return FirstSolves(race.solves["agent"], is_provisional)
