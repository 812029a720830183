"""Usage of agents over all publishers: noisy sums, and what they say of popularity and success in spite of the noise.

Here: pure functions of what was published; nothing is drawn, so nothing is spent. An interval speaks of the figures as
publishers cap them: what an owner does beyond the cap is in none of them. Not here: single releases (releases.py).
"""

import polars as pl

from pipelines.arena.arena_tables import AGENT_USAGE, LOST_IN_NOISE
from pipelines.arena.tables import ALL_TIME
from pipelines.insight.normal import Z_90
from pipelines.insight.proportions import DIGITS

MUCH_NOISE = 5.0  # times what is usual among publishers
CLEAR = 2.0  # a sum that is divided by must be so many standard deviations of its noise above 0

_MOST = 2**53 - 1  # whole numbers that every JSON reader holds exactly (RFC 8259, section 6)
_RELEASE = ["publisher", "kind", "month"]

_Interval = tuple[pl.Expr, pl.Expr, pl.Expr]


def whole_sum(*columns: str) -> pl.Expr:
    """Sums of whole numbers that cannot wrap, however many publishers tell whatever; beyond 2^53 - 1 told as that."""
    return pl.col(columns).cast(pl.Int128).sum().clip(-_MOST, _MOST).cast(pl.Int64)


def too_noisy(usage: pl.DataFrame) -> pl.DataFrame:
    """The releases whose noise would drown what others tell: publisher, kind, month.

    `usage`: rows of USAGE with their `publisher`. The noise of one figure of a release, and that of all its figures
    added, may each be at most MUCH_NOISE times what is usual for that kind: the median over publishers of each one's
    median release, so that nobody's many months count more than once. (Noise of up to 1 is none, in
    whole numbers.) No figure is looked at, only what is said of its noise, so that the choice makes no sum higher or
    lower. It holds while those who tell too much or too little are fewer than half; of two, neither is left out.
    """
    sigma, parts = pl.col("sigma").max(), ("of_one", "of_all")
    typical = pl.col(parts).median()
    noise = usage.group_by(_RELEASE).agg(of_one=sigma, of_all=sigma * (2 * pl.len()).sqrt())
    usual = noise.group_by("kind", "publisher").agg(typical).group_by("kind").agg(typical.clip(1))
    is_much = [pl.col(n) > MUCH_NOISE * pl.col(f"{n}_usual") for n in parts]
    held = noise.join(usual, on="kind", suffix="_usual")
    return held.filter(pl.any_horizontal(is_much)).select(_RELEASE).sort(_RELEASE)


def agent_usage(usage: pl.DataFrame) -> pl.DataFrame:
    """AGENT_USAGE of rows of USAGE with their `publisher`: by month, and over all months.

    A share is told only where what it is taken of is clear of noise; the choice looks at noisy figures alone. Taken
    together with what is not told, at most one interval in ten misses.
    """
    in_order = usage.sort("publisher", "kind", "month", "agent", "category", nulls_last=True)
    both = [in_order.with_columns(period=period) for period in (pl.col("month"), pl.lit(ALL_TIME))]
    key = ["kind", "period", "category", "agent"]
    sums = (
        pl.concat(both)
        .group_by(key, maintain_order=True)
        .agg(
            pl.col("publisher").n_unique().cast(pl.Int64).alias("n_publishers"),
            whole_sum("successes", "failures"),
            noise=(pl.col("sigma") ** 2).sum(),  # variance of each of the two sums
        )
    )
    attempts = (pl.col("successes") + pl.col("failures")).clip(-_MOST, _MOST)
    spread = Z_90 * (2 * pl.col("noise")).sqrt()
    pooled = sums.sort(key, nulls_last=True).with_columns(
        attempts=attempts,
        attempts_lo90=(attempts - spread).clip(0),
        attempts_hi90=(attempts + spread).clip(0),
        sigma=pl.col("noise").sqrt(),
    )
    every = ["kind", "period", "category"]
    total, noise_of_total = (
        pl.col("attempts").cast(pl.Float64).sum().over(every),
        (2 * pl.col("noise")).sum().over(every),
    )
    popular = _told(
        "attempts_share",
        _is_clear(total, noise_of_total),
        part_of(attempts, 2 * pl.col("noise"), total, noise_of_total),
    )
    success = _told(
        "success_share", _is_clear(attempts, 2 * pl.col("noise")), success_of("successes", "failures", "noise")
    )
    why = {"attempts_share": "why_no_share", "success_share": "why_no_success"}
    shown = pooled.with_columns(*popular, *success).with_columns(
        pl.when(pl.col(share).is_null()).then(pl.lit(LOST_IN_NOISE)).alias(reason) for share, reason in why.items()
    )
    ordered = shown.sort(AGENT_USAGE.sort_by, nulls_last=False, maintain_order=True)
    return AGENT_USAGE.shape(ordered.with_columns(pl.selectors.float().round(DIGITS)))


def part_of(part: pl.Expr, noise: pl.Expr, total: pl.Expr, noise_of_total: pl.Expr) -> _Interval:
    """A part's share of a total that holds it, with the ends of its 90 % interval; `noise`: variances.

    Fieller's interval of a ratio of two normal figures (Journal of the Royal Statistical Society B 16, 1954), whose
    covariance is the part's own noise. It is an interval wherever the total is clear of noise.
    """
    z2, part, total = Z_90**2, part.cast(pl.Float64), total.cast(pl.Float64)
    a, half_b, c = total**2 - z2 * noise_of_total, part * total - z2 * noise, part**2 - z2 * noise
    return (part / total).clip(0, 1), *_roots(a, half_b, c)


def success_of(successes: str, failures: str, noise: str) -> _Interval:
    """The share of successes, with the ends of its 90 % interval, of columns: two sums and their noise's variance.

    All shares p that are not rejected at that level by S - p (S + F), whose variance is that of its noise,
    v ((1 - p)^2 + p^2), and that of chance, (S + F) p (1 - p). Without noise it is Wilson's interval (JASA 22, 1927);
    without chance Fieller's. Sums below 0, which only noise makes, are taken as 0.
    """
    z2, noise_of_one = Z_90**2, pl.col(noise)
    right, wrong = (pl.col(sum_).clip(0).cast(pl.Float64) for sum_ in (successes, failures))
    n = right + wrong
    a = n**2 + z2 * (n - 2 * noise_of_one)
    half_b = right * n + z2 * (n / 2 - noise_of_one)
    c = right**2 - z2 * noise_of_one
    return right / n, *_roots(a, half_b, c)


def _roots(a: pl.Expr, half_b: pl.Expr, c: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Where a p^2 - 2 half_b p + c is 0, within 0 and 1."""
    spread = (half_b**2 - a * c).clip(0).sqrt()
    return ((half_b - spread) / a).clip(0, 1), ((half_b + spread) / a).clip(0, 1)


def _is_clear(figure: pl.Expr, noise: pl.Expr) -> pl.Expr:
    return (figure > 0) & (figure >= CLEAR * noise.sqrt())


def _told(name: str, is_told: pl.Expr, interval: _Interval) -> list[pl.Expr]:
    names = (name, f"{name}_lo90", f"{name}_hi90")
    return [pl.when(is_told).then(value).alias(column) for column, value in zip(names, interval, strict=True)]
