"""How far off forecasts of waiting times were, as distributions: split conformal, of answers of which some are open.

A score is log(actual / predicted days). Scores are counted on a grid, so they are whole numbers that add up to the
same in any order. Not here: what is predicted (past.py), what is said of it (levels.py).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Wholes = NDArray[np.int64]

STEP = 0.01  # of the grid of scores: one per cent of a waiting time, finer than days can tell
_LONGEST = 60.0  # days; nothing beyond is predicted or waited for
_EDGE = int(np.ceil(np.log(_LONGEST) / STEP))
BINS = 2 * _EDGE + 1
LOW, HIGH = 0.1, 0.9
_NEARBY = 0.1  # a score this little above all that were observed is still taken as observed
_ROUNDING = 1e-9


def place_of(score: Floats) -> Wholes:
    """The place of scores on the grid."""
    places: Wholes = np.clip(np.rint(score / STEP), -_EDGE, _EDGE).astype(np.int64) + _EDGE
    return places


@dataclass(frozen=True)
class Scores:
    """Counts of scores by group and place: those whose answer came (`met`), those that still waited then (`open`)."""

    met: Wholes
    open: Wholes

    @classmethod
    def counted(cls, group: Wholes, score: Floats, is_met: NDArray[np.bool_], n_groups: int) -> "Scores":
        """Count scores; one that is not met is known to be larger than it says."""
        cell = group * BINS + place_of(score)
        size = n_groups * BINS
        met = np.bincount(cell[is_met], minlength=size).astype(np.int64)
        still = np.bincount(cell[~is_met], minlength=size).astype(np.int64)
        return cls(met.reshape(n_groups, BINS), still.reshape(n_groups, BINS))

    def pooled(self, members: NDArray[np.bool_]) -> "Scores":
        """The same by pools of groups; `members`: pool by group."""
        pools = members.astype(np.int64)
        return Scores(pools @ self.met, pools @ self.open)

    @property
    def n(self) -> Wholes:
        """How many scores each group has."""
        total: Wholes = (self.met + self.open).sum(axis=1)
        return total


@dataclass(frozen=True)
class Curves:
    """The distribution of scores by group: `share` at or below each place, `n`, and the last place that is observed."""

    share: Floats
    n: Wholes
    reach: Wholes

    @classmethod
    def of(cls, scores: Scores) -> "Curves":
        """Kaplan and Meier's estimate ("Nonparametric estimation from incomplete observations", JASA 1958).

        One more that waits for ever stands for the forecast at hand. Where every answer came, this is the share
        k / (n + 1) of split conformal prediction (Vovk, Gammerman and Shafer 2005; Lei and others, JASA 2018).
        """
        both = scores.met + scores.open
        gone = np.cumsum(both, axis=1) - both
        at_risk = scores.n[:, None] - gone
        share = 1.0 - np.cumprod(1.0 - scores.met / (at_risk + 1), axis=1)
        last = BINS - 1 - np.argmax(both[:, ::-1] > 0, axis=1)
        is_closed = np.take_along_axis(scores.open, last[:, None], axis=1)[:, 0] == 0
        reach = np.where(scores.n == 0, -1, np.where(is_closed, BINS, last + int(_NEARBY / STEP)))
        return cls(share, scores.n, reach.astype(np.int64))

    def below(self, group: Wholes, score: Floats) -> Floats:
        """The share of scores at or below `score`, of each group named; NaN where the past does not reach so far."""
        place = place_of(score)
        share = self.share[group, place]
        is_known = (place <= self.reach[group]) | (self.share[group, -1] >= HIGH)
        return np.where(is_known, share, np.nan)

    def ends(self) -> tuple[Floats, Floats, Floats]:
        """By group the scores of an interval of 80 % and of its middle; infinite where no score is that low or high.

        With the finite sample correction: of n scores in order the floor(.1 (n + 1))-th and the ceil(.9 (n + 1))-th.
        """
        low = np.floor(LOW * (self.n + 1) + _ROUNDING) / (self.n + 1)
        at_low = np.where(low > 0, self._first(low), -np.inf)
        return at_low, self._first(np.full(len(self.n), 0.5)), self._first(np.full(len(self.n), HIGH))

    def _first(self, share: Floats) -> Floats:
        """The first score of each group at which its share is reached."""
        is_there = self.share >= share[:, None] - _ROUNDING
        place = np.argmax(is_there, axis=1)
        return np.where(is_there.any(axis=1), (place - _EDGE) * STEP, np.inf)
