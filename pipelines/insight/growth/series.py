"""The measures of growth, each as a line through an agent's days or weeks and as its two halves.

Here: which sums, periods and units a measure has. Not here: the line itself (slopes.py), what is made of it
(trends.py).
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.insight.growth.daily_work import LOG_UNIT, MICRO, N_LEVELS
from pipelines.insight.growth.slopes import Numbers, Places, Series, Slopes, slopes, summed

MEASURES = ("success", "mix_adjusted_success", "complexity", "duration", "volume")
WEEKS = 26  # back from today: what an agent did before says little of where it is going
DAYS = 7 * WEEKS
BY_WEEK = 12  # weeks with a trial, from which on weeks are the periods of a line: days of one week are alike, too
PER = 30  # days of a slope
_TWICE = np.log(2) ** 2


@dataclass(frozen=True)
class Recent:
    """The days of the last weeks, those of one agent and kind (a series) together, the oldest first.

    Of each day: `of`, the number of its series; `ages`, how many days before today; `sums`, columns of `daily_work`.
    Of each series: `is_by_week`, whether weeks are its periods; `n_past`, so many days back from today it was there.
    """

    of: Places
    ages: Places
    sums: pl.DataFrame
    is_by_week: NDArray[np.bool_]
    n_past: Places

    @classmethod
    def of_days(cls, rows: pl.DataFrame, today: dt.date) -> "Recent":
        """From rows of `daily_work` with `of` and `born`, the first day ever of the series."""
        of, ages = rows["of"].to_numpy(), _ages(rows["day"], today)
        begins = np.diff(of, prepend=-1) != 0
        n_weeks = np.bincount(of, weights=begins | (np.diff(ages // 7, prepend=-1) != 0))
        past = np.minimum(_ages(rows["born"], today), DAYS)[begins]
        return cls(of, ages, rows, n_weeks >= BY_WEEK, past)

    @property
    def n_series(self) -> int:
        """How many series there are."""
        return len(self.is_by_week)

    def column(self, name: str) -> Numbers:
        """A column of sums as numbers."""
        return self.sums[name].cast(pl.Float64).to_numpy()


@dataclass(frozen=True)
class Growth:
    """One measure of all series: days and trials that tell it, its two halves, and its change in 30 days."""

    n_days: Places
    n: Places
    n_before: Places
    before: Numbers
    n_after: Places
    after: Numbers
    line: Slopes


def measured(recent: Recent, measure: str) -> Growth:
    """A measure of all series. Shares and levels as they are; durations in seconds, their slope in logarithms."""
    if measure == "volume":
        return _volume(recent)
    n, total, squares = _sums(recent, measure)
    weights = summed(recent.of, n, recent.n_series)
    line = slopes(_periods(recent, n, total, squares), recent.n_series, _least(recent, measure, weights))
    oldest, newest = _ends(recent)
    halves = 2 * recent.of + (2 * (oldest[recent.of] - recent.ages) > (oldest - newest)[recent.of])
    counts, values = (summed(halves, column, 2 * recent.n_series).reshape(-1, 2) for column in (n, total))
    with np.errstate(divide="ignore", invalid="ignore"):
        means = values / counts
    n_days = np.bincount(recent.of, weights=n > 0, minlength=recent.n_series)
    return _growth(n_days, counts, np.exp(means) if measure == "duration" else means, line)


def _volume(recent: Recent) -> Growth:
    """Trials in 7 days, from the day after the first one ever (which has a trial by definition) up to yesterday.

    Days without a trial count. Today is left out, for it may not be over.
    """
    n_whole = np.maximum(recent.n_past - 1, 0)
    known = (recent.ages > 0) & (recent.ages < recent.n_past[recent.of])
    of, back, n = recent.of[known], recent.ages[known] - 1, recent.column("attempts")[known]
    length = np.where(recent.is_by_week, 7, 1)
    n_periods = n_whole // length
    starts = np.cumsum(n_periods) - n_periods
    inside = back // length[of] < n_periods[of]
    place = (starts[of] + n_periods[of] - 1 - back // length[of])[inside]
    counts = summed(place, n[inside], int(n_periods.sum()))
    whose = np.repeat(np.arange(recent.n_series), n_periods)
    at = (np.arange(len(whose)) - starts[whose]) * length[whose] * 1.0
    series = Series(whose, at, np.ones(len(whose)), counts, counts**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = series.summed(counts, recent.n_series) / n_periods  # by Poisson's law also the variance
        line = slopes(series, recent.n_series, mean).times(PER * 7 / length)
        halves = 2 * of + (2 * back < n_whole[of])
        halved = summed(halves, n, 2 * recent.n_series).reshape(-1, 2)
        means = halved * 7 / (n_whole[:, None] / 2)
    return _growth(np.bincount(of, minlength=recent.n_series), halved, means, line)


def _sums(recent: Recent, measure: str) -> tuple[Numbers, Numbers, Numbers]:
    """Of each day: trials that tell the measure, the sums of their values and of the squares."""
    if measure == "complexity":
        levels = [recent.column(f"n_level_{level}") for level in range(N_LEVELS)]
        by_power = [np.sum([level**power * n for level, n in enumerate(levels)], axis=0) for power in (0, 1, 2)]
        return by_power[0], by_power[1], by_power[2]
    if measure == "duration":
        return recent.column("n_logs"), recent.column("logs") / LOG_UNIT, recent.column("squared_logs") / LOG_UNIT**2
    attempts, successes = recent.column("attempts"), recent.column("successes")
    if measure == "success":
        return attempts, successes, successes
    return attempts, successes - recent.column("expected") / MICRO, recent.column("misses") / MICRO


def _least(recent: Recent, measure: str, n: Numbers) -> Numbers:
    """The variance of single trials below which no series is believed: as if two more trials had differed.

    Of success one right and one wrong; of difficulty one a step off; of durations one twice as long.
    """
    if measure in ("complexity", "duration"):
        return (1.0 if measure == "complexity" else _TWICE) / (n + 2)
    share = (summed(recent.of, recent.column("successes"), recent.n_series) + 1) / (n + 2)
    return np.asarray(share * (1 - share))


def _periods(recent: Recent, n: Numbers, total: Numbers, squares: Numbers) -> Series:
    """The days, or weeks back from today, in which something tells the measure; time in units of 30 days."""
    at = -np.where(recent.is_by_week[recent.of], recent.ages // 7 * 7, recent.ages)
    begins = np.flatnonzero((np.diff(recent.of, prepend=-1) != 0) | (np.diff(at, prepend=1) != 0))
    held = [np.add.reduceat(column, begins) for column in (n, total, squares)]
    told = held[0] > 0
    return Series(recent.of[begins][told], at[begins][told] / PER, *(column[told] for column in held))


def _ends(recent: Recent) -> tuple[Places, Places]:
    """The ages of the first and the last day of each series."""
    begins = np.flatnonzero(np.diff(recent.of, prepend=-1) != 0)
    ends = np.append(begins[1:], len(recent.of)) - 1
    return recent.ages[begins], recent.ages[ends]


def _growth(n_days: Places, counts: Numbers, means: Numbers, line: Slopes) -> Growth:
    whole = counts.astype(np.int64)
    (n_first, n_second), (first, second) = whole.T, means.T
    return Growth(n_days.astype(np.int64), whole.sum(axis=1), n_first, first, n_second, second, line)


def _ages(days: pl.Series, today: dt.date) -> Places:
    return (today.toordinal() - (days.cast(pl.Int32).cast(pl.Int64) + dt.date(1970, 1, 1).toordinal())).to_numpy()
