"""Runs: rows that follow one another with equal keys, and what they add up to. No hashing, no sorting.

Rows that are sorted already need no `group_by`: the sum of a run is the running sum at its end less the one at the end
of the run before. Here: where runs end, sums over them, and where the run of each row begins. Not here: runs of days
(streaks.py), which break by a calendar.
"""

from collections.abc import Mapping, Sequence

import polars as pl


def is_new(*keys: str) -> pl.Expr:
    """Whether a row's keys differ from those of the row before it; true of the first row."""
    return pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift(1)) for key in keys) | (row_number() == 0)


def is_last(*keys: str) -> pl.Expr:
    """Whether a row's keys differ from those of the row after it; true of the last row."""
    return pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift(-1)) for key in keys) | (
        row_number() == pl.len() - 1
    )


def goes_back(key: str, date: str) -> pl.Expr:
    """Whether a row of a key has an earlier date than the one before it: where a zone's clocks went back over midnight.

    Then the runs of one key and date are not one run.
    """
    return (pl.col(key) == pl.col(key).shift(1)) & (pl.col(date) < pl.col(date).shift(1))


def row_number() -> pl.Expr:
    """The number of each row, from 0."""
    return pl.int_range(pl.len(), dtype=pl.Int64)


def value_at_start(value: pl.Expr, is_start: pl.Expr) -> pl.Expr:
    """For each row the `value` of the last row at or before it where `is_start` holds."""
    return pl.when(is_start).then(value).forward_fill()


def run_sums(
    rows: pl.DataFrame, keys: Sequence[str], sums: Mapping[str, pl.Expr], at_end: Mapping[str, pl.Expr] | None = None
) -> pl.DataFrame:
    """One row a run of equal `keys`, in order: the keys, each of `sums` added up (Int64), and `at_end` of its last row.

    Equal keys that do not follow one another make several runs.
    """
    running = {name: value.cast(pl.Int64).cum_sum() for name, value in sums.items()}
    ends = (
        rows.select(*keys, is_last(*keys).alias("is_last"), **running, **(at_end or {}))
        .filter("is_last")
        .drop("is_last")
    )
    return ends.with_columns(pl.col(list(sums)) - pl.col(list(sums)).shift(1, fill_value=0))
