"""Numbers in sentences of tables, as columns: whole ones, counts with their noun, percent. Not here: the sentences."""

import polars as pl


def whole(n: pl.Expr) -> pl.Expr:
    """A whole number with its thousands set off: `2,400`."""
    text = n.cast(pl.String)
    for groups in (r"\d{3}", r"\d{3},\d{3}", r"\d{3},\d{3},\d{3}"):
        text = text.str.replace(rf"(\d)({groups})$", "$1,$2")
    return text


def counted(n: pl.Expr, one: str) -> pl.Expr:
    """A number of things: `1 call`, `2,400 calls`."""
    return pl.format("{} {}", whole(n), pl.when(n == 1).then(pl.lit(one)).otherwise(pl.lit(f"{one}s")))


def percent(share: str) -> pl.Expr:
    """A share from 0 to 1, of the column of that name, as whole percent without their sign."""
    return (pl.col(share) * 100).round(0).cast(pl.Int64)


def percentage_points(change: str) -> pl.Expr:
    """A difference of shares, of the column of that name, as whole percentage points with plus or minus."""
    value = percent(change)
    sign = pl.when(value > 0).then(pl.lit("+")).when(value < 0).then(pl.lit("−")).otherwise(pl.lit(""))
    return pl.format("{}{}", sign, value.abs())
