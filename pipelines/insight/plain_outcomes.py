"""What success is to be expected of an agent at a kind of work, by drawn-in means: the outcome model of backtests.

It is not our model of skill, on purpose: a judge that shares a party's beliefs favours that party. It allows for the
mix of work (raw rates do not), and takes the mean of a few trials for less than it seems. Not here: what it judges
(doubly_robust.py).
"""

from dataclasses import dataclass

import numpy as np

from pipelines.insight.trials import N_LEVELS, Codes, Numbers, Trials

PRIOR = 10.0  # trials: so much the wider group weighs beside a group's own
PASSES = 3  # over all groups: agents and kinds of work explain each other, and later passes move little
BOUNDS = (0.0, 1.0)


@dataclass(frozen=True)
class PlainOutcomes:
    """The common rate and, on top, what levels, kinds of work, agents, agents in categories, agents at kinds of work
    and contexts add to it: mean residuals of each group in turn, drawn to 0 (backfitting; Buja, Hastie and Tibshirani,
    Annals of Statistics 17, 1989).
    """

    sizes: tuple[int, int, int]
    common: float
    added: tuple[Numbers, ...]

    @classmethod
    def of(cls, trials: Trials) -> "PlainOutcomes":
        """By known trials, at least one."""
        c, sizes = trials.counts, (trials.agents.len(), trials.n_categories, trials.contexts.len())
        n = c.n.astype(np.float64)
        groups = _groups(sizes, c.agent, c.context, c.category, c.level)
        added = [np.zeros(size) for _, size in groups]
        common = float(c.successes.sum() / n.sum())
        left = c.successes - n * common
        for _ in range(PASSES):
            for (place, size), term in zip(groups, added, strict=True):
                left = left + n * term[place]
                term[:] = np.bincount(place, left, size) / (np.bincount(place, n, size) + PRIOR)
                left = left - n * term[place]
        return cls(sizes, common, tuple(added))

    def success(self, agent: Codes, context: Codes, category: Codes, level: Codes) -> Numbers:
        """The share of successes to be expected, row by row."""
        groups = _groups(self.sizes, agent, context, category, level)
        told = sum((term[place] for (place, _), term in zip(groups, self.added, strict=True)), np.zeros(agent.size))
        return np.asarray(np.clip(self.common + told, *BOUNDS), np.float64)


def _groups(
    sizes: tuple[int, int, int], agent: Codes, context: Codes, category: Codes, level: Codes
) -> tuple[tuple[Codes, int], ...]:
    """The place of each row in each kind of group, and how many groups of that kind there are."""
    n_agents, n_categories, n_contexts = sizes
    link = agent * n_categories + category
    return (
        (level, N_LEVELS),
        (category * N_LEVELS + level, n_categories * N_LEVELS),
        (agent, n_agents),
        (link, n_agents * n_categories),
        (link * N_LEVELS + level, n_agents * n_categories * N_LEVELS),
        (context, n_contexts),
    )
