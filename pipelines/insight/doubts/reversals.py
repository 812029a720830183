"""Pairs of agents whose order turns round when the difficulty of their work is allowed for: Simpson's paradox.

Simpson, "The interpretation of interaction in contingency tables", JRSS B 13, 1951. Not here: a measure that allows for
the mix of work (skill/adjusted.py).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.insight.skill.trials import Codes

FEWEST = 5  # trials of both at a level: of fewer the order there is little more than a coin's
LEAST_LEVELS = 2  # at one level alone there is no mix
MOST_AGENTS = 40  # those of the most trials: 780 pairs, beyond which chance gives more than anybody looks at


@dataclass(frozen=True)
class Reversals:
    """Agents by levels of difficulty: `n` trials and how many of them `right`, (agents, levels + 1).

    The last column is of trials of unknown difficulty, which count for the whole only. `first`, `second`: the two of
    each pair, as places of `agents`; `is_seen` (pairs, levels + 1): levels with enough trials of both.
    """

    agents: list[str]
    right: Codes
    n: Codes
    first: Codes
    second: Codes
    is_seen: NDArray[np.bool_]

    @classmethod
    def of(cls, trials: pl.DataFrame, levels: tuple[str, ...]) -> "Reversals":
        """Of the agents with the most trials. `trials`: agent_id, difficulty (one of `levels`, or null), success."""
        most = trials.group_by("agent_id").len().sort(-pl.col("len").cast(pl.Int64), "agent_id").head(MOST_AGENTS)
        agents = most["agent_id"].to_list()
        columns = pl.Enum(levels)
        held = trials.join(most, on="agent_id", how="semi").select(
            agent=pl.col("agent_id").cast(pl.Enum(agents)).to_physical().cast(pl.Int64),
            level=pl.col("difficulty").cast(columns).to_physical().cast(pl.Int64).fill_null(len(levels)),
            right=pl.col("success").cast(pl.Int64),
        )
        size = (len(agents), len(levels) + 1)
        place = (held["agent"] * size[1] + held["level"]).to_numpy()
        n = np.bincount(place, minlength=size[0] * size[1]).reshape(size)
        right = np.bincount(place[held["right"].to_numpy() == 1], minlength=n.size).reshape(size)
        first, second = np.triu_indices(len(agents), 1)
        is_seen = (n[first] >= FEWEST) & (n[second] >= FEWEST) & (np.arange(size[1]) < len(levels))
        return cls(agents, right.astype(np.int64), n.astype(np.int64), first, second, is_seen)

    @property
    def is_compared(self) -> NDArray[np.bool_]:
        """Of each pair: whether it can be looked at, at two levels or more."""
        return np.asarray(self.is_seen.sum(axis=1) >= LEAST_LEVELS)

    @property
    def found(self) -> Codes:
        """The pairs that turn; those of the most levels, and of them those of the most trials there, first."""
        turned = np.flatnonzero(self._turned(self.right))
        both = np.where(self.is_seen, np.minimum(self.n[self.first], self.n[self.second]), 0).sum(axis=1)
        return turned[np.lexsort((-both[turned], -self.is_seen[turned].sum(axis=1)))]

    def by_chance(self, draws: int, seed: int) -> Codes:
        """How many pairs turn if at each level all agents were alike, in so many draws of their successes."""
        alike = self.right.sum(axis=0) / np.maximum(self.n.sum(axis=0), 1)
        drawn = np.random.default_rng(seed).binomial(self.n, alike, (draws, *self.n.shape))
        return np.asarray(self._turned(drawn).sum(axis=-1), np.int64)

    def _turned(self, right: Codes) -> NDArray[np.bool_]:
        """Of each pair: above over all, yet nowhere above at a level and below at one; or the other way round."""
        share, whole = right / np.maximum(self.n, 1), right.sum(axis=-1) / self.n.sum(axis=-1)
        gap = share[..., self.first, :] - share[..., self.second, :]
        above = whole[..., self.first] - whole[..., self.second]
        lowest = np.where(self.is_seen, gap, np.inf).min(axis=-1)
        highest = np.where(self.is_seen, gap, -np.inf).max(axis=-1)
        down, up = (highest <= 0) & (lowest < 0) & (above > 0), (lowest >= 0) & (highest > 0) & (above < 0)
        return np.asarray((down | up) & self.is_compared)
