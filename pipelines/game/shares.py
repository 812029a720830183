"""One number as a part of another: accuracy, shares of successes, means per member. Not here: what is counted."""

import polars as pl


def part_of(part: pl.Expr | str, whole: str) -> pl.Expr:
    """`part` / `whole`, null where there is nothing to divide by.

    Both are columns: Polars divides by a literal through its reciprocal, which is off in the last bit.
    """
    return pl.when(pl.col(whole) > 0).then((pl.col(part) if isinstance(part, str) else part) / pl.col(whole))
