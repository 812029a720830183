"""Counting events one after another: how many so far, or within a sliding window. Not here: which events count."""

import polars as pl

from pipelines.game import runs
from pipelines.game.packing import packed


def running_count(rows: pl.DataFrame, key: str, within_s: int | None) -> pl.DataFrame:
    """Add `value`: how many rows of its `key` there are up to each row, with `within_s` those not longer ago than that.

    `rows` is sorted by `key` (numbers) and `at`, and has both.
    """
    number = runs.row_number()
    rows = rows.with_columns(number=number, start=runs.value_at_start(number, runs.is_new(key)))
    if within_s is not None:
        begin = first_within(rows[key], rows["at"], within_s * 1_000_000)
        rows = rows.with_columns(start=pl.max_horizontal("start", begin))
    return rows.with_columns(value=pl.col("number") - pl.col("start") + 1).drop("number", "start")


def first_within(key: pl.Series, at: pl.Series, within_us: int) -> pl.Series:
    """Per row the number of the first row that lies not longer ago than `within_us`; it may be another key's.

    Both are sorted as one integer, in which a binary search finds that row; a join would have to hash them first.
    """
    both = packed(key.cast(pl.Int64), at.to_physical(), margin=within_us)
    since = pl.select(pl.lit(both) - pl.lit(within_us, dtype=both.dtype)).to_series()
    return both.search_sorted(since, side="left").cast(pl.Int64).alias("begin")
