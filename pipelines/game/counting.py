"""Counting events one after another: how many so far, or within a sliding window. Not here: which events count."""

import polars as pl


def running_count(rows: pl.DataFrame, key: str, within_s: int | None) -> pl.DataFrame:
    """Add `value`: how many rows of its `key` there are up to each row, with `within_s` those not longer ago than that.

    `rows` is sorted by `key` and `at`, and has both.
    """
    number = pl.int_range(pl.len(), dtype=pl.Int64)
    is_first = pl.col(key).ne_missing(pl.col(key).shift(1))
    rows = rows.with_columns(number=number, start=pl.when(is_first).then(number).forward_fill())
    if within_s is not None:
        rows = rows.with_columns(start=_window_start(rows, key, within_s * 1_000_000))
    return rows.with_columns(value=pl.col("number") - pl.col("start") + 1).drop("number", "start")


def _window_start(rows: pl.DataFrame, key: str, within_us: int) -> pl.Series:
    """Per row the number of its key's first row not earlier than `within_us` before it."""
    since = rows.select(key, since=pl.col("at") - pl.duration(microseconds=within_us))
    starts = rows.unique([key, "at"], keep="first", maintain_order=True).select(key, "at", begin="number")
    found = since.join_asof(starts, left_on="since", right_on="at", by=key, strategy="forward", check_sortedness=False)
    return found["begin"]
