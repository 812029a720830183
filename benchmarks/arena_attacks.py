"""Attacks on the sums that leave: did this person take part? Told by somebody who knows everybody else's records.

Here: the attackers and how often they are right. Not here: what the tables say of it (arena_utility.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.arena.noise import noisy
from pipelines.arena.policy import Policy
from pipelines.arena.releases import drawn
from pipelines.insight.proportions import wilson_ends

Noise = Callable[[Sequence[int], float], list[int]]


@dataclass(frozen=True)
class Joining:
    """The sums of a release without one person, what that person adds to each, and the scale of the noise."""

    without: NDArray[np.int64]
    added: NDArray[np.int64]
    sigma: float

    @classmethod
    def of(cls, others: pl.DataFrame, person: pl.DataFrame, kind: str, month: str, policy: Policy) -> "Joining":
        """From exact counts, by the very code that draws releases, its noise aside."""
        before, sigma = _sums(others, kind, month, policy)
        after, _ = _sums(pl.concat([others, person]), kind, month, policy)
        return cls(before, after - before, sigma)

    @property
    def bound(self) -> float:
        """How often anybody can be right at best, by whatever means: half of 1 + the total variation of the two noises.

        That of two normal ones of one scale, d apart, is erf(d / (sqrt(8) sigma)); discrete ones are no further apart.
        """
        return (1 + erf(sqrt(float((self.added**2).sum())) / (sqrt(8) * self.sigma))) / 2


@dataclass(frozen=True)
class Guesses:
    """How often an attacker was right about whether the person had joined; half of the times the person had."""

    n_right: int
    n: int

    @property
    def share(self) -> float:
        """0.5: no better than a coin."""
        return self.n_right / self.n

    def interval(self, z: float = 1.96) -> tuple[float, float]:
        """Wilson's interval."""
        low, high = wilson_ends(np.array([float(self.n_right)]), np.array([float(self.n)]), z)
        return float(low[0]), float(high[0])


def by_likelihood(joining: Joining, n: int, seed: int, noise: Noise = noisy) -> Guesses:
    """The best attacker there is: knows the sums without the person and what the person would add, and sees a release.

    Of two likelihoods of normal noise the greater wins, which for one scale is a threshold on the projection; nobody
    does better (Neyman and Pearson 1933). Figures to which the person adds nothing have noise of their own, tell
    nothing, and are not drawn.
    """
    touched = joining.added != 0
    added = joining.added[touched]
    has_joined = np.random.default_rng(seed).random(n) < 0.5
    exact = np.where(has_joined[:, None], added, 0)
    seen = np.array(noise(exact.ravel().tolist(), joining.sigma)).reshape(exact.shape)
    says = seen @ added > float(added @ added) / 2
    return Guesses(int((says == has_joined).sum()), n)


def by_difference(joining: Joining, n: int, seed: int, grain: int) -> Guesses:
    """Somebody who compares two exports without noise, told to the nearest `grain`: a figure moved, so somebody joined.

    Where the sums of the others lie between two whole grains is left to chance.
    """
    dice = np.random.default_rng(seed)
    before = joining.without + dice.integers(0, grain, (n, len(joining.without)))
    has_joined = dice.random(n) < 0.5
    after = before + np.where(has_joined[:, None], joining.added, 0)
    says = ((before + grain // 2) // grain != (after + grain // 2) // grain).any(axis=1)
    return Guesses(int((says == has_joined).sum()), n)


def _sums(counts: pl.DataFrame, kind: str, month: str, policy: Policy) -> tuple[NDArray[np.int64], float]:
    told = drawn(counts, kind, month, policy, lambda values, _: list(values))
    return np.array([*told["successes"], *told["failures"]], np.int64), float(told["sigma"])
