"""Two columns as one integer: a group and an instant, so that sorting and searching look at one number.

Here: packing, and the order of rows by it. Not here: what is sorted (submissions.py, calls.py).
"""

import polars as pl

_BITS = 62  # of 63, so that nothing done to a packed number runs over


def packed(group: pl.Series, at: pl.Series, margin: int = 0) -> pl.Series:
    """`group` x span of `at` + `at`, both less their least value: Int64, or Int128 where that does not fit.

    It sorts as (group, at) does, and two groups lie more than `margin` apart. Both are Int64 without nulls.
    """
    if len(group) == 0:
        return group
    low_group, low_at = _integer(group.min()), _integer(at.min())
    span = _integer(at.max()) - low_at + 1 + margin
    fits = (_integer(group.max()) - low_group + 1) * span < 1 << _BITS
    whole = pl.Int64() if fits else pl.Int128()
    group_of, at_of = (pl.lit(column).cast(whole) for column in (group, at))
    low_group_of, low_at_of, span_of = (pl.lit(number, dtype=whole) for number in (low_group, low_at, span))
    return pl.select((group_of - low_group_of) * span_of + (at_of - low_at_of)).to_series()


def sorted_rows(group: pl.Series, at: pl.Series, tie_breaker: pl.Series) -> pl.Series:
    """Row numbers in the order (group, at, tie_breaker); texts are compared only where group and instant tie."""
    if len(group) == 0:
        return pl.Series("row", [], dtype=pl.UInt32)
    key = packed(group, at)
    rows = key.arg_sort()
    in_order = key.gather(rows)
    is_tie = (in_order == in_order.shift(1)).fill_null(value=False)
    return _break_ties(rows, is_tie, tie_breaker) if is_tie.any() else rows


def _break_ties(rows: pl.Series, is_tie: pl.Series, tie_breaker: pl.Series) -> pl.Series:
    """`rows` with each run of ties re-ordered by text; `is_tie[i]`: row i ties with the row before it."""
    run = (~is_tie).cum_sum()
    in_run = is_tie | is_tie.shift(-1).fill_null(value=False)
    places = in_run.arg_true()
    tied = pl.DataFrame({"run": run.gather(places), "row": rows.gather(places)})
    tied = tied.with_columns(text=tie_breaker.gather(tied["row"])).sort("run", "text")
    return rows.scatter(places, tied["row"])


def _integer(value: object) -> int:
    assert isinstance(value, int)  # noqa: S101 - min and max of a column of integers that is not empty
    return value
