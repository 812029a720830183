"""Points that changed hands: which awards are others than before.

An award that stood before and is gone, or worth something else, is told by itself; so is one that takes its place.
Awards of submissions that were pending or unknown before are progress, however early they were made: a verdict that
comes in takes nothing back. Not here: why (reasons.py), sums (awards.py).
"""

import polars as pl

from pipelines.game.changes.awards import PROGRESS, both, n_awards, one_by_one, sentences, sums
from pipelines.game.changes.causes import AS_OF, Causes
from pipelines.game.changes.reasons import IS_FIRST, reasons
from pipelines.game.changes.table import Side, apart, rows_of

KEY = ["entry_id", "agent_id"]
COLUMNS = (*KEY, "event_id", "task_id", "submission_id", "rule", "points", "earned_at")


def point_changes(before: Side, after: Side, causes: Causes) -> pl.DataFrame:
    """All changes of points: rows of TOLD. They add up to the difference of every agent's points."""
    ledgers = before.tables["points_ledger"], after.tables["points_ledger"]
    lost, gained = apart(*ledgers, (*KEY, "points"), COLUMNS)
    rows = both(lost, gained, KEY, "points").with_columns(subject_type=pl.lit("agent"), subject_id="agent_id")
    day = pl.col("entry_id").str.tail(len("2026-03-01")).str.to_date(strict=False)
    rows = rows.with_columns(day=pl.when(pl.col("rule") == "perfect_day").then(day))
    why = reasons(rows, causes, after.as_of)
    rows = rows.with_columns(part=_part(rows, why["is_known"], before, after, causes))
    single = rows.with_columns(why).filter(pl.col("part").is_null())
    stats = before.tables["agent_stats"]
    totals = rows_of(stats.select(subject_type=pl.lit("agent"), subject_id="agent_id", total="points"))
    told_together = sums(rows, totals, "points", sentences(causes, _progress(before)))
    return pl.concat([one_by_one(single, "points"), told_together])


def _part(rows: pl.DataFrame, is_known: pl.Series, before: Side, after: Side, causes: Causes) -> pl.Expr:
    """To which sum an award belongs; null: it is told by itself."""
    is_earlier = pl.col("earned_at") <= before.as_of
    fresh = ~pl.col("was_there")
    return (
        pl.when(~pl.col("is_there") & (pl.col("earned_at") > after.as_of))
        .then(pl.lit(AS_OF))
        .when(fresh & (~is_earlier | ~_takes_back(rows.filter(fresh & is_earlier), rows, before, causes)))
        .then(pl.lit(PROGRESS))
        .when(~pl.lit(is_known))
        .then(pl.lit(causes.part, dtype=pl.String))
    )


def _takes_back(early: pl.DataFrame, rows: pl.DataFrame, before: Side, causes: Causes) -> pl.Expr:
    """Whether a new award of earlier work stands where the season before said something else.

    It does if its submission had a verdict and a task already, if somebody else loses the bonus of the first solver,
    or, of a perfect day, if a submission of that day was corrected.
    """
    ids = early["submission_id"].drop_nulls().unique()
    held = before.tables["submissions"].filter(pl.col("submission_id").is_in(ids.implode()))
    is_settled = (pl.col("verdict") != "pending") & ~pl.col("is_unresolved")
    settled = rows_of(held.filter(is_settled).select("submission_id"))["submission_id"] if len(ids) else ids
    lost_firsts = rows.filter(IS_FIRST & ~pl.col("is_there"))["task_id"]
    days = causes.days.select(pl.struct("agent_id", "day")).to_series()
    return (
        pl.when(pl.col("rule") == "perfect_day")
        .then(pl.struct("agent_id", "day").is_in(days.implode()))
        .otherwise(
            pl.col("submission_id").is_in(settled.implode())
            | (IS_FIRST & pl.col("task_id").is_in(lost_firsts.implode()))
        )
        .fill_null(value=False)
    )


def _progress(before: Side) -> pl.Expr:
    """`12 awards (3 for earlier work, learned or judged since), the last: first_solver for submission s-7.`"""
    rule, last = pl.col("rule").last(), pl.coalesce("submission_id", "entry_id").last()
    n_early = (pl.col("earned_at") <= before.as_of).sum()
    of_earlier = (
        pl.when(n_early > 0)
        .then(pl.format(" ({} for earlier work, learned or judged since)", n_early))
        .otherwise(pl.lit(""))
    )
    begins = pl.when(pl.len() == 1).then(pl.lit("it is")).otherwise(pl.lit("the last"))
    return pl.format("{}{}, {}: {} for {}.", n_awards(), of_earlier, begins, rule, last)
