"""How many trials stand behind what is said of an agent. Not here: what is said (because.py)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipelines.insight.keys import place_of
from pipelines.insight.skill.trials import N_LEVELS, NO_LEVEL, Codes, Numbers, Trials


@dataclass(frozen=True)
class Support:
    """Counts of the trials of one kind; agents, categories and levels are codes of `trials`."""

    trials: Trials

    @cached_property
    def of_agent(self) -> Codes:
        """The trials of each agent."""
        return self._summed(self.trials.counts.n)

    @cached_property
    def raw_rate(self) -> Numbers:
        """The share of each agent's trials that succeeded, whatever they were."""
        return np.asarray(self._summed(self.trials.counts.successes) / self.of_agent, np.float64)

    @cached_property
    def simplest_share(self) -> Numbers:
        """The share of the simplest level among each agent's trials whose level is told; NaN where it never is."""
        counts = self.trials.counts
        simplest = self._summed(np.where(counts.level == 0, counts.n, 0))
        told = self._summed(np.where(counts.level != NO_LEVEL, counts.n, 0))
        share: Numbers = np.divide(simplest, told, out=np.full(told.size, np.nan), where=told > 0)
        return share

    @cached_property
    def simplest_share_of_all(self) -> float:
        """The same of all agents together."""
        counts = self.trials.counts
        told = counts.n[counts.level != NO_LEVEL].sum()
        return float(counts.n[counts.level == 0].sum() / told) if told else float("nan")

    @cached_property
    def of_category(self) -> tuple[Codes, Codes]:
        """The trials of each category, and how many succeeded."""
        counts, n = self.trials.counts, self.trials.n_categories
        trials, successes = (np.bincount(counts.category, held, n) for held in (counts.n, counts.successes))
        return trials.astype(np.int64), successes.astype(np.int64)

    def in_category(self, agent: Codes, category: Codes) -> Codes:
        """Trials of agents in categories, row by row."""
        return _held(self._by_category, agent * self.trials.n_categories + category)

    def at_level(self, agent: Codes, level: Codes) -> Codes:
        """Trials of agents at levels of difficulty, row by row."""
        return _held(self._by_level, agent * N_LEVELS + level)

    def at_kind(self, agent: Codes, category: Codes, level: Codes) -> Codes:
        """Trials of agents in categories at levels, row by row."""
        return _held(self._by_kind, (agent * self.trials.n_categories + category) * N_LEVELS + level)

    @cached_property
    def _by_category(self) -> tuple[Codes, Codes]:
        counts = self.trials.counts
        return _sums(counts.agent * self.trials.n_categories + counts.category, counts.n)

    @cached_property
    def _by_level(self) -> tuple[Codes, Codes]:
        counts = self.trials.counts
        return _sums(counts.agent * N_LEVELS + counts.level, counts.n)

    @cached_property
    def _by_kind(self) -> tuple[Codes, Codes]:
        counts = self.trials.counts
        place = counts.agent * self.trials.n_categories + counts.category
        return _sums(place * N_LEVELS + counts.level, counts.n)

    def _summed(self, n: Codes) -> Codes:
        return np.bincount(self.trials.counts.agent, n, self.trials.agents.len()).astype(np.int64)


def _sums(key: Codes, n: Codes) -> tuple[Codes, Codes]:
    keys, place = np.unique(key, return_inverse=True)
    return keys, np.bincount(place, n).astype(np.int64)


def _held(sums: tuple[Codes, Codes], asked: Codes) -> Codes:
    keys, n = sums
    place = place_of(keys, asked)
    return np.where(place >= 0, n[place], 0)
