"""Straight lines through many short series at once, with intervals that allow for days that differ from one another.

Each series is a set of periods (days or weeks) with a mean and the number of trials behind it. The line is weighted
least squares over the periods, which is ordinary least squares over the trials. Its variance is the sandwich over
periods, each residual freed of its own pull on the line (CR2: Bell and McCaffrey, Survey Methodology 28, 2002), since
trials of one day are alike: one user, one project. The degrees of freedom are Satterthwaite's for independent trials.
No interval is narrower than that of independent trials, so that twenty successes of twenty are not taken for certainty.
Everything is a sum per series: no loop over them. What is not allowed for: periods that depend on one another.
Not here: which series there are and what is said of them (trends.py).
"""

from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from pipelines.game.leaderboards import Z_95
from pipelines.insight.false_finds import q_values

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
LEAST_FREEDOM = 3.0  # degrees of freedom: with fewer one or two periods carry the line, and no interval is worth much
_CDF = np.vectorize(NormalDist().cdf, otypes=[float])  # of a number per series, not per trial


@dataclass(frozen=True)
class Series:
    """Periods of many series, sorted by `of` and then time; all arrays are equally long.

    `of`: which series, from 0. `at`: when, in any unit. `n`: trials in the period, above 0. `total`: the sum of their
    values. `squares`: the sum of their squared values.
    """

    of: Places
    at: Numbers
    n: Numbers
    total: Numbers
    squares: Numbers

    def summed(self, values: Numbers, n_series: int) -> Numbers:
        """Sums per series, in the order of the rows."""
        return summed(self.of, values, n_series)


@dataclass(frozen=True)
class Slopes:
    """Slopes per unit of time with their 95 % intervals, one per series; NaN where none can be told.

    `p_value`: of the slope being 0, two-sided. `freedom`: degrees of freedom.
    """

    slope: Numbers
    low: Numbers
    high: Numbers
    p_value: Numbers
    freedom: Numbers

    def times(self, factor: Numbers) -> "Slopes":
        """The same in another unit."""
        return replace(self, slope=self.slope * factor, low=self.low * factor, high=self.high * factor)


def summed(of: Places, values: Numbers, n_series: int) -> Numbers:
    """Sums of `values` by `of`, from 0 to `n_series`, in the order of the rows."""
    return np.bincount(of, weights=values, minlength=n_series).astype(np.float64)


def slopes(series: Series, n_series: int, least_variance: Numbers) -> Slopes:
    """The slope of each series. `least_variance`: of single trials, one a series: no line is surer than it allows.

    A series without LEAST_FREEDOM, or in which one period alone holds the slope, has NaN.
    """
    of, n = series.of, series.n
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = series.summed(n, n_series)
        middle = series.summed(n * series.at, n_series) / weight
        level = series.summed(series.total, n_series) / weight
        away = series.at - middle[of]
        lever = n * away * away
        spread = series.summed(lever, n_series)
        slope = series.summed(away * series.total, n_series) / spread
        rest = series.total / n - level[of] - slope[of] * away
        pull = 1 - n / weight[of] - lever / spread[of]
        freed = rest / np.sqrt(np.where(pull > 1e-9, pull, np.nan))
        between = np.sqrt(series.summed((n * away * freed) ** 2, n_series)) / spread
        around = series.summed(series.squares, n_series) - weight * level**2 - slope**2 * spread
        single = np.maximum(np.maximum(around, 0) / (weight - 2), least_variance)
        within = np.sqrt(single / spread)
        freedom = spread**2 / series.summed(lever * lever, n_series) - 1
        known = np.isfinite(between) & (within > 0) & (freedom >= LEAST_FREEDOM)
        slope, between, within, freedom = (np.where(known, x, np.nan) for x in (slope, between, within, freedom))
        reach = np.maximum(_student(freedom) * between, Z_95 * within)
        far = np.minimum(_normal(np.abs(slope) / between, freedom), np.abs(slope) / within)
        p_value = 2 * (1 - _CDF(far))
    return Slopes(slope, slope - reach, slope + reach, p_value, freedom)


def flagged(p_values: Numbers, families: Places, false_flags: float) -> NDArray[np.bool_]:
    """Which slopes are told of: Benjamini and Hochberg's step-up (JRSS B 57, 1995) within each family; NaN never.

    Of those that are flagged in a family the share `false_flags` is expected to mean nothing.
    """
    flags = np.zeros(len(p_values), dtype=bool)
    for family in np.unique(families):
        asked = np.flatnonzero((families == family) & np.isfinite(p_values))
        flags[asked] = q_values(p_values[asked], len(asked)) <= false_flags
    return flags


def _student(freedom: Numbers) -> Numbers:
    """Student's 97.5 % quantile for broken degrees of freedom from 3 on, within 1.2 %.

    By Wallace's approximation (Annals of Mathematical Statistics 30, 1959) turned round.
    """
    normal = Z_95 * (8 * freedom + 3) / (8 * freedom + 1)
    return np.sqrt(freedom * np.expm1(normal * normal / freedom))


def _normal(t: Numbers, freedom: Numbers) -> Numbers:
    """The standard normal number as unlikely as Student's `t` >= 0, by Wallace's approximation."""
    return (8 * freedom + 1) / (8 * freedom + 3) * np.sqrt(freedom * np.log1p(t * t / freedom))
