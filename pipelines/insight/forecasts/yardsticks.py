"""How forecasts of levels are measured by those of the past: of whom, how far ahead, as it was known on a day.

Not here: the past itself (past.py), the distribution of scores (conformal.py), tables (levels.py,
backtest.py).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.game.levels import SCOPES
from pipelines.insight.forecasts.conformal import Curves, Floats, Scores, Wholes
from pipelines.insight.forecasts.past import HORIZON_DAYS, WEEK, YARDSTICK_WEEKS, Origins, Past

LEAST_YARDSTICK = 30  # forecasts: with fewer the ends of 80 % would rest on fewer than three of them
HORIZONS = ("under 7 days", "7 to 21 days", "over 21 days", "over 60 days")  # predicted; above 60 all count as 60
OWN_GROUPS = tuple(f"{scope}, {horizon}" for scope in SCOPES for horizon in HORIZONS)
GROUPS = (*OWN_GROUPS, *(f"both, {horizon}" for horizon in HORIZONS), "all")
_N = len(HORIZONS)
_MEMBERS = np.vstack([np.eye(2 * _N, dtype=bool), np.hstack([np.eye(_N, dtype=bool)] * 2), np.ones((1, 2 * _N), bool)])


@dataclass(frozen=True)
class Predicted:
    """What a pace predicts: `days` to the next level, from 1 to 60, and the `group` of that kind (of OWN_GROUPS)."""

    days: Floats
    group: Wholes

    @classmethod
    def of(cls, origins: Origins, pace: Floats, is_user: NDArray[np.bool_]) -> "Predicted":
        """`is_user`: by subject, whether it is of the scope user."""
        days = days_at(origins.to_next, pace)
        horizon = (days >= 7).astype(np.int64) + (days > 21) + (days > HORIZON_DAYS)
        scope = np.where(is_user[origins.subject], 0, 1)
        return cls(np.clip(days, 1.0, HORIZON_DAYS), scope * _N + horizon)


def days_at(to_next: Wholes, pace: Floats) -> Floats:
    """Days until so much XP is gathered at that pace; infinite without any."""
    days: Floats = np.divide(to_next, pace, out=np.full(len(pace), np.inf), where=pace > 0)
    return days


@dataclass(frozen=True)
class Yardstick:
    """What was known of forecasts up to a day: a distribution for each of GROUPS."""

    curves: Curves

    @classmethod
    def known(cls, past: Past, predicted: Predicted, weeks_ago: int = 0) -> "Yardstick":
        """Of the forecasts of the half year before that day, how long each had waited by then."""
        age = past.origins.weeks_ago - weeks_ago
        is_older = (age > 0) & (age <= YARDSTICK_WEEKS)
        seen = np.minimum(age[is_older] * WEEK, HORIZON_DAYS)
        waited = past.origins.waited[is_older]
        score = np.log(np.minimum(waited, seen) / predicted.days[is_older])
        own = Scores.counted(predicted.group[is_older], score, waited <= seen, len(OWN_GROUPS))
        return cls(Curves.of(own.pooled(_MEMBERS)))

    def group(self, own: Wholes) -> Wholes:
        """The group that measures forecasts of each kind: its own, else both scopes together, else all; -1: none."""
        pooled = np.stack([own, 2 * _N + own % _N, np.full_like(own, len(GROUPS) - 1)])
        is_enough = self.curves.n[pooled] >= LEAST_YARDSTICK
        chosen = pooled[np.argmax(is_enough, axis=0), np.arange(len(own))]
        return np.where(is_enough.any(axis=0), chosen, -1)

    def within(self, group: Wholes, days: Floats, horizon: int) -> Floats:
        """The chance that it takes at most `horizon` days; NaN where the past does not tell."""
        return self.curves.below(group, np.log(horizon / days))


@dataclass(frozen=True)
class Forecasts:
    """What was said on some days: percentiles in days, infinite beyond the horizon or beyond what the past tells.

    `group`: which of GROUPS measured it, -1 where none is large enough. `is_told`: whether there is anything to say;
    `is_beyond`: that it takes more than 60 days as likely as not.
    """

    group: Wholes
    low: Floats
    middle: Floats
    high: Floats
    is_told: NDArray[np.bool_]
    is_beyond: NDArray[np.bool_]

    @classmethod
    def of(cls, predicted: Predicted, yardstick: Yardstick) -> "Forecasts":
        """The days that were predicted, times how far off such predictions were; a day at least."""
        group, days = yardstick.group(predicted.group), predicted.days
        low, middle, high = (_in_sight(days * np.exp(score[group])) for score in yardstick.curves.ends())
        is_measured = group >= 0
        is_open = np.isinf(middle)
        is_beyond = is_measured & is_open & ~np.isnan(yardstick.within(group, days, HORIZON_DAYS))
        return cls(group, low, middle, high, is_measured & (~is_open | is_beyond), is_beyond)


def _in_sight(days: Floats) -> Floats:
    return np.where(days > HORIZON_DAYS, np.inf, np.maximum(days, 1.0))
