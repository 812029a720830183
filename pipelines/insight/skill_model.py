"""The model of skill, and what it says: additive, hierarchical, logistic (Rasch 1960; IRT-1PL with random effects).

    logit P(success) = ease of the kind of work (category x level) + skill of the agent now + what the category adds to
                       it + its context (the user who calls, the task that is tried) + the pair of agent and context

Here: means and variances of what people ask for. Not here: how the terms are found (skill_fit.py), the tables.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pipelines.insight.skill_fit import CAPS, Fit, Spreads, fit
from pipelines.insight.trials import N_LEVELS, Codes, Numbers, Trials

NOBODY = -1  # a context of which nothing is known


@dataclass(frozen=True)
class Estimate:
    """Means and standard deviations in logits."""

    mean: Numbers
    sd: Numbers

    def p(self) -> Numbers:
        """The expected probability of success, the uncertainty of the logit averaged out (MacKay 1992)."""
        return sigmoid(self.mean / np.sqrt(1 + np.pi / 8 * self.sd**2))

    def quantile(self, z: float) -> Numbers:
        """The probability of success `z` standard deviations off."""
        return sigmoid(self.mean + z * self.sd)


def sigmoid(logit: Numbers) -> Numbers:
    """1 / (1 + exp(-logit))."""
    return np.asarray(1 / (1 + np.exp(-logit)), np.float64)


@dataclass(frozen=True)
class Pairs:
    """What pairs of agent and context add, where there are trials of them: `key` = agent x n_contexts + context."""

    key: Codes
    n: Codes
    mean: Numbers
    variance: Numbers


@dataclass(frozen=True)
class SkillModel:
    """A model fitted to the trials of one kind."""

    trials: Trials
    fit: Fit
    pairs: Pairs
    spreads: Spreads

    @classmethod
    def of(cls, trials: Trials, start: Spreads | None = None) -> "SkillModel":
        """Fit the model. Needs at least one trial."""
        found = fit(trials, start)
        pairs, spread = _pairs(trials, found)
        return cls(trials, found, pairs, replace(found.spreads, pair=spread))

    @cached_property
    def mix(self) -> Numbers:
        """The share of each category among all trials: the standard mix in which overall skill is told."""
        shape, n_categories = self.fit.shape, self.trials.n_categories
        n = np.bincount(shape.link_category[shape.link], self.trials.counts.n, n_categories)
        return np.asarray(n / n.sum(), np.float64)

    def overall(self) -> Estimate:
        """The skill of each agent now, over the standard mix of categories; 0 is the average agent."""
        shape, terms, certainty = self.fit.shape, self.fit.terms, self.fit.certainty
        share = self.mix[shape.link_category]
        lean = np.zeros((shape.n_agents, shape.n_months))
        lean[:, 0] = 1
        np.subtract.at(lean, shape.link_agent, (share / certainty.own)[:, None] * certainty.weight)
        own = np.bincount(shape.link_agent, share**2 / certainty.own, shape.n_agents)
        known = np.bincount(shape.link_agent, share**2, shape.n_agents)
        unknown = (np.square(self.mix).sum() - known) * self.spreads.category**2
        variance = np.einsum("as,ast,at->a", lean, certainty.covariance, lean) + own + np.maximum(unknown, 0)
        added = np.bincount(shape.link_agent, share * terms.own, shape.n_agents)
        return Estimate(terms.skill[:, 0] + added, np.sqrt(variance))

    def in_category(self, agent: Codes, category: Codes) -> Estimate:
        """The skill now of agents in categories, row by row; where one has no trials there, borrowed from its others."""
        terms, certainty = self.fit.terms, self.fit.certainty
        link = self._link(agent, category)
        is_known = link >= 0
        weight = np.where(is_known[:, None], certainty.weight[link], 0)
        precision = np.where(is_known, certainty.own[link], self.spreads.category**-2)
        lean = -weight / precision[:, None]
        lean[:, 0] += 1
        variance = np.einsum("as,ast,at->a", lean, certainty.covariance[agent], lean) + 1 / precision
        mean = terms.skill[agent, 0] + np.where(is_known, terms.own[link], 0)
        return Estimate(mean, np.sqrt(variance))

    def own(self, agent: Codes, category: Codes) -> Estimate:
        """What the category adds to the agent."""
        shape, certainty = self.fit.shape, self.fit.certainty
        link = self._link(agent, category)
        is_known = link >= 0
        lean = certainty.weight[link] / certainty.own[link][:, None]
        variance = np.einsum("as,ast,at->a", lean, certainty.covariance[shape.link_agent[link]], lean)
        variance = np.where(is_known, variance + 1 / certainty.own[link], self.spreads.category**2)
        return Estimate(np.where(is_known, self.fit.terms.own[link], 0), np.sqrt(variance))

    def ease(self, category: Codes, level: Codes) -> Estimate:
        """The logit of success of the average agent at a kind of work."""
        shape, terms = self.fit.shape, self.fit.terms
        cell = _place(shape.cell_category * N_LEVELS + shape.cell_level, category * N_LEVELS + level)
        is_known = cell >= 0
        mean = terms.level[level] + np.where(is_known, terms.cell[cell], 0)
        return Estimate(mean, np.sqrt(np.where(is_known, self.fit.certainty.cell[cell], 2 * self.spreads.cell**2)))

    def context(self, context: Codes) -> Estimate:
        """What contexts add; NOBODY is one of which nothing is known."""
        is_known = context != NOBODY
        mean = np.where(is_known, self.fit.terms.context[context], 0)
        return Estimate(mean, np.sqrt(np.where(is_known, self.fit.certainty.context[context], self.spreads.context**2)))

    def pair(self, agent: Codes, context: Codes) -> Estimate:
        """What the pair of agent and context adds."""
        key = np.where(context == NOBODY, -1, agent * self.fit.shape.n_contexts + context)
        place = _place(self.pairs.key, key)
        is_known = place >= 0
        if not self.pairs.key.size:
            return Estimate(np.zeros(key.size), np.full(key.size, self.spreads.pair))
        variance = np.where(is_known, self.pairs.variance[place], self.spreads.pair**2)
        return Estimate(np.where(is_known, self.pairs.mean[place], 0), np.sqrt(variance))

    def success(self, agent: Codes, context: Codes, category: Codes, level: Codes) -> Estimate:
        """The logit of success now: row by row. All arrays are equally long."""
        parts = (
            self.in_category(agent, category),
            self.ease(category, level),
            self.context(context),
            self.pair(agent, context),
        )
        mean = np.asarray(sum(part.mean for part in parts), np.float64)
        return Estimate(mean, np.sqrt(sum(part.sd**2 for part in parts)))

    def _link(self, agent: Codes, category: Codes) -> Codes:
        shape, n = self.fit.shape, self.trials.n_categories
        return _place(shape.link_agent * n + shape.link_category, agent * n + category)


def _place(held: Codes, asked: Codes) -> Codes:
    """Where each asked key stands in the sorted `held`; -1 where it does not."""
    if not held.size:
        return np.full(asked.size, -1)
    place = np.minimum(np.searchsorted(held, asked), held.size - 1)
    return np.where(held[place] == asked, place, -1)


def _pairs(trials: Trials, found: Fit) -> tuple[Pairs, float]:
    """What pairs of agent and context add to what the fit explains, and the spread of it.

    The spread by moments: the residuals of two trials of one pair go together by w x w x variance on average. EM
    diverges here, for most pairs have hardly any trials.
    """
    counts, shape = trials.counts, found.shape
    p = sigmoid(found.terms.logits(shape))
    key, place = np.unique(counts.agent * shape.n_contexts + counts.context, return_inverse=True)
    n, successes = counts.n.astype(np.float64), counts.successes.astype(np.float64)
    residual = np.bincount(place, successes - n * p)
    alone = np.bincount(place, successes * (1 - p) ** 2 + (n - successes) * p**2)  # each trial with itself
    weight = np.bincount(place, n * p * (1 - p))
    weight_alone = np.bincount(place, n * (p * (1 - p)) ** 2)
    together = float((weight**2 - weight_alone).sum())
    variance = max(float((residual**2 - alone).sum()) / together, 0.0) if together > 1e-9 else 0.0
    spread = min(np.sqrt(variance), CAPS.context)
    precision = weight + (1 / variance if variance else np.inf)
    mean = residual / precision
    return Pairs(key, np.bincount(place, n).astype(np.int64), mean, 1 / precision), float(spread)
