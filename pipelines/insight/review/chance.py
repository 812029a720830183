"""How surprising a count is: bounds on tails, the spread between those compared, false flags held down.

All tails are upper bounds in closed form, never too small: a flag is raised rather too late than too early. Not here:
what is counted (the other `anomaly_*.py`).
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.insight.keys import coded

Floats = NDArray[np.float64]

LEAST_SPREAD = 0.05  # variance of honest habits in logits: two people never work alike, even where few events show it
MIN_OTHERS = 5  # from whom a spread is estimated: fewer are no company to be compared with
MIN_EXCESS = 5  # events more than expected: below that nobody's time is worth asking for


def binomial_bound(hits: Floats, n: Floats, share: Floats) -> Floats:
    """At most how likely `hits` or more of `n` are at a mean `share`: exp(-n KL(hits/n, share)), 1 at or below it.

    Also where each event has a share of its own, and for drawing without replacement (Hoeffding, JASA 58, 1963,
    theorem 1 and section 6). `n` may be fractional: an effective number of events.
    """
    seen = np.divide(hits, n, out=np.zeros_like(n), where=n > 0)
    share = np.clip(share, 1e-12, 1 - 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        more = np.where(seen > 0, seen * np.log(seen / share), 0.0)
        rest = np.where(seen < 1, (1 - seen) * np.log((1 - seen) / (1 - share)), 0.0)
    return np.where(seen > share, np.exp(-n * (more + rest)), 1.0)


def negative_binomial_bound(count: Floats, mean: Floats, spread: Floats) -> Floats:
    """At most how likely `count` or more events are: Chernoff's bound of a negative binomial, 1 at or below `mean`.

    Its variance is mean + spread x mean^2, with `spread` > 0.
    """
    above = np.maximum(count, mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(above * (1 + spread * mean) / (mean * (1 + spread * above)))
        rate = above * ratio - np.log((1 + spread * above) / (1 + spread * mean)) / spread
    return np.where(count > mean, np.exp(-np.maximum(rate, 0.0)), 1.0)


def spread_of_others(hits: Floats, n: Floats, share: Floats) -> Floats:
    """For each unit, how far the others' rates lie apart beyond chance: a variance in logits, at its upper end.

    The moment estimate over all other units, at least LEAST_SPREAD, and wider by two of its standard errors.
    """
    inner = share * (1 - share)
    beyond, scale = (hits - n * share) ** 2 - n * inner, n * (n - 1) * inner**2
    others = np.maximum(scale.sum() - scale, 0.0)
    estimate = np.divide(beyond.sum() - beyond, others, out=np.zeros_like(others), where=others > 0)
    wider = 1 + 2 * float(np.sqrt(2 / max(len(hits) - 1, 1)))
    return np.asarray(np.maximum(estimate, LEAST_SPREAD) * wider, np.float64)


def excess(hits: Floats, n: Floats, expected: Floats) -> Floats:
    """For each unit at most how likely its hits are, if it were one of the others. 1: not worth a look.

    The binomial bound at an effective number of events, n over the design effect of the others' spread (Rao and
    Scott, Biometrics 48, 1992). With less than MIN_EXCESS over expected it is 1.
    """
    share = np.divide(expected, n, out=np.zeros_like(n), where=n > 0)
    return spread_bound(hits, n, expected, spread_of_others(hits, n, share))


def spread_bound(hits: Floats, n: Floats, expected: Floats, spread: Floats | float) -> Floats:
    """The bound of `excess` at a known `spread` of rates, a variance in logits."""
    share = np.divide(expected, n, out=np.zeros_like(n), where=n > 0)
    effect = 1 + (n - 1) * share * (1 - share) * spread
    return np.where(hits - expected >= MIN_EXCESS, binomial_bound(hits / effect, n / effect, share), 1.0)


def beside_others(
    events: pl.LazyFrame, unit: Sequence[str], stratum: Sequence[str], least: int
) -> tuple[pl.DataFrame, int]:
    """Units with their events and hits, beside what all that stands in the same strata makes one expect.

    `events`: columns of `unit` and `stratum`, and the flag `is_hit`. Returns what `summed` does, and how many events
    there are. Within a stratum the hits are taken as dealt out by chance.
    """
    keys = list(dict.fromkeys([*unit, *stratum]))
    counted = events.group_by(keys).agg(n=pl.len().cast(pl.Int64), hits=pl.col("is_hit").sum().cast(pl.Int64))
    cells = counted.collect()
    cells = cells.with_columns(coded(cells[key]) for key in keys).sort(keys)
    whole = pl.col("n").sum().over(stratum), pl.col("hits").sum().over(stratum)
    known = cells.with_columns(whole[0].alias("of"), whole[1].alias("held"))
    share = known["held"].to_numpy() / np.maximum(known["of"].to_numpy(), 1)
    cells_known = known.with_columns(expected=pl.Series(known["n"].to_numpy() * share))
    units = summed(cells_known, unit, least).with_columns(pl.col(unit).cast(pl.String))
    return units, int(known["n"].sum())


def summed(cells: pl.DataFrame, unit: Sequence[str], least: int) -> pl.DataFrame:
    """Cells (n, hits, expected; sorted by `unit` first) added up to units, with how surprising each is.

    Returns the columns of `unit` with n, hits, expected and p_value, of units with at least `least` events (the spread
    is that of all); none if there are too few units to be compared with one another.
    """
    if cells.is_empty():
        return cells.select(*unit, "n", "hits", "expected", p_value=pl.lit(None, pl.Float64))
    starts = first_rows(cells, unit)
    sums = {name: np.add.reduceat(cells[name].to_numpy(), starts) for name in ("n", "hits", "expected")}
    units = cells[starts].select(unit).with_columns(pl.Series(name, values) for name, values in sums.items())
    if units.height <= MIN_OTHERS:
        units = units.clear()
    n, hits, expected = (units[name].cast(pl.Float64).to_numpy() for name in ("n", "hits", "expected"))
    return units.with_columns(p_value=pl.Series(excess(hits, n, expected))).filter(pl.col("n") >= least)


def first_rows(rows: pl.DataFrame, keys: Sequence[str]) -> NDArray[np.int64]:
    """Where in sorted rows each new key begins."""
    is_new = rows.select(pl.struct(keys).rle_id().diff().fill_null(1) != 0).to_series()
    return np.flatnonzero(is_new.to_numpy())
