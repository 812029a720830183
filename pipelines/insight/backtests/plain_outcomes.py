"""What success is to be expected of an agent at a kind of work, by drawn-in means: the outcome model of backtests.

It is not our model of skill, on purpose: a judge that shares a party's beliefs favours that party. It allows for the
mix of work (raw rates do not), and takes the mean of a few trials for less than it seems. Not here: what it judges
(doubly_robust.py).
"""

from dataclasses import dataclass

import numpy as np

from pipelines.insight.keys import place_of
from pipelines.insight.skill.trials import N_LEVELS, Codes, Numbers, Trials

PRIOR = 10.0  # trials: so much the wider group weighs beside a group's own
PASSES = 3  # over all groups: agents and kinds of work explain each other, and later passes move little
BOUNDS = (0.0, 1.0)  # narrower ones would give a lead to some way to choose where all calls succeed


@dataclass(frozen=True)
class PlainOutcomes:
    """The common rate and, on top, what levels, kinds of work, agents, agents in categories, agents at kinds of work
    and contexts add to it: mean residuals of each group in turn, drawn to 0 (backfitting; Buja, Hastie and Tibshirani,
    Annals of Statistics 17, 1989).
    """

    n_categories: int
    common: float
    keys: tuple[Codes, ...]
    added: tuple[Numbers, ...]

    @classmethod
    def of(cls, trials: Trials) -> "PlainOutcomes":
        """By known trials, at least one."""
        c, n_categories = trials.counts, trials.n_categories
        n = c.n.astype(np.float64)
        keys_of = _groups(n_categories, c.agent, c.context, c.category, c.level)
        groups = [np.unique(key, return_inverse=True) for key in keys_of]
        added = [np.zeros(keys.size) for keys, _ in groups]
        common = float(c.successes.sum() / n.sum())
        left = c.successes - n * common
        for _ in range(PASSES):
            for (_, place), term in zip(groups, added, strict=True):
                left = left + n * term[place]
                term[:] = np.bincount(place, left) / (np.bincount(place, n) + PRIOR)
                left = left - n * term[place]
        return cls(n_categories, common, tuple(keys for keys, _ in groups), tuple(added))

    def success(self, agent: Codes, context: Codes, category: Codes, level: Codes) -> Numbers:
        """The share of successes to be expected, row by row; a group without trials adds nothing."""
        told = np.full(agent.size, self.common)
        asked = _groups(self.n_categories, agent, context, category, level)
        for keys, term, key in zip(self.keys, self.added, asked, strict=True):
            place = place_of(keys, key)
            told += np.where(place >= 0, term[place], 0)
        return np.asarray(np.clip(told, *BOUNDS), np.float64)


def _groups(n_categories: int, agent: Codes, context: Codes, category: Codes, level: Codes) -> tuple[Codes, ...]:
    """The group of each row, of every kind; only those that there are get a number, for most pairs never met."""
    link = agent * n_categories + category
    return level, category * N_LEVELS + level, agent, link, link * N_LEVELS + level, context
