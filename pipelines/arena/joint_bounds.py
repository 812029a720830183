"""Joint bounds: what can be deduced of one owner from all sums that were ever published, and public profiles.

Here: noisy figures in, ends of what they leave possible out. Not here: what profiles say (profile_bounds.py), the noise
(noise.py), and what is made of bounds that are too narrow (disclosure.py).
"""

from math import isqrt

import polars as pl

from pipelines.arena.policy import AggregateLimits

Z = 4.0  # standard deviations that noise is taken to keep within: it goes beyond 6 times in 100,000
RELEASE = ["kind", "month"]
GROUP = [*RELEASE, "agent"]  # the cells that a margin is the sum of
CELL = [*GROUP, "category"]

WIDTHS: dict[str, pl.DataType] = {  # one row per published cell and margin
    "kind": pl.String(),
    "month": pl.String(),
    "agent": pl.String(),
    "category": pl.String(),  # null: the margin
    "low": pl.Float64(),  # attempts of one owner without a profile, as far as the cap counts them: at least
    "high": pl.Float64(),  # and at most
    "width": pl.Float64(),
}


def known_widths(usage: pl.DataFrame, known: pl.DataFrame, n_others: int, max_norm: int) -> pl.DataFrame:
    """How wide what can be deduced of one owner's attempts stays, figure by figure: columns of WIDTHS.

    `usage`: every release, as in USAGE. `known`: profile_bounds.KNOWN. `n_others`: how many enrolled owners have no
    profile; without any there is no row. The deduction is the linear program over all figures of an agent in a month:
    attempts x of the owner asked about, r of the other unknown ones and p of the profiled ones, of each category, with

        low <= x + r + p <= high of each cell,  low <= sum of x + r + p <= high of the margin,
        sum of x <= cap,  sum of r <= (n_others - 1) cap,  sum of p <= at_most.

    A box with one sum over it: tightening each side once against the others gives the exact ends. Ends of noisy sums
    are likelihood-ratio intervals of Z standard deviations for a sum that is not negative (Feldman and Cousins, Phys.
    Rev. D 57, 3873, 1998), which stay wide where the noise has made nonsense of the figure. Margins are capped on their
    own, so they may contradict their cells; then they say nothing of them, and each figure stands alone. That nobody
    else was over the cap is assumed against the owner, and makes the bounds narrower than they are.
    """
    if n_others < 1:
        return pl.DataFrame(schema=WIDTHS)
    cap = cap_of(max_norm)
    figures = usage.join(known, on=GROUP, how="left").with_columns(pl.col("at_most").fill_null(0)).sort(CELL)
    figures = figures.with_columns(top=n_others * cap + pl.col("at_most"))
    figures = figures.with_columns(*_ends(pl.col("successes") + pl.col("failures"), pl.col("sigma") * 2**0.5))
    tight = _tightened(figures)
    others_most = (n_others - 1) * cap + pl.col("at_most")
    return (
        tight.with_columns(low=(pl.col("low") - others_most).clip(0), high=pl.col("high").clip(0, cap))
        .with_columns(width=pl.col("high") - pl.col("low"))
        .select(WIDTHS.keys())
    )


def narrow(widths: pl.DataFrame, limits: AggregateLimits) -> list[tuple[str, str]]:
    """Kind and month of the releases that say too much: a width is less than `min_width`, or than a cap below that.

    `widths`: columns of WIDTHS.
    """
    least = min(limits.min_width, cap_of(limits.max_norm))
    return releases_of(widths.filter(pl.col("width") < least))


def releases_of(rows: pl.DataFrame) -> list[tuple[str, str]]:
    """Kind and month of each release that rows are of, once, in order."""
    return [(kind, month) for kind, month in rows.select(RELEASE).unique().sort(RELEASE).iter_rows()]


def cap_of(max_norm: int) -> int:
    """The most attempts that one owner may put into a figure: successes and failures within the norm together."""
    return isqrt(2 * max_norm * max_norm)


def _ends(told: pl.Expr, sigma: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Of a sum between 0 and `top` that was told with noise: all values that are not far less likely than the best."""
    best = told.clip(0, pl.col("top"))
    reach = ((told - best) ** 2 + (Z * sigma) ** 2).sqrt()
    return (told - reach).clip(0, pl.col("top")).alias("low"), (told + reach).clip(0, pl.col("top")).alias("high")


def _tightened(figures: pl.DataFrame) -> pl.DataFrame:
    """The ends of cells and margins after each was held against the others."""
    is_margin, low, high = pl.col("category").is_null(), pl.col("low"), pl.col("high")
    with_sums = figures.with_columns(
        margin_low=low.filter(is_margin).first().over(GROUP),
        margin_high=high.filter(is_margin).first().over(GROUP),
        cells_low=low.filter(~is_margin).sum().over(GROUP),
        cells_high=high.filter(~is_margin).sum().over(GROUP),
    )
    agree = (pl.col("cells_low") <= pl.col("margin_high")) & (pl.col("cells_high") >= pl.col("margin_low"))
    least = pl.when(is_margin).then("cells_low").otherwise(pl.col("margin_low") - (pl.col("cells_high") - high))
    most = pl.when(is_margin).then("cells_high").otherwise(pl.col("margin_high") - (pl.col("cells_low") - low))
    return with_sums.with_columns(
        low=pl.when(agree).then(pl.max_horizontal(low, least)).otherwise(low),
        high=pl.when(agree).then(pl.min_horizontal(high, most)).otherwise(high),
    )
