"""The model of skill, and what it says: additive, hierarchical, logistic (Rasch 1960; IRT-1PL with random effects).

    logit P(success) = ease of the kind of work (category x level) + skill of the agent now + its tilt x hardness
                       + what the category adds to it + its context (the user who calls, the task that is tried)
                       + what is left of agent x kind of work, and of agent x context

Here: means and variances of what people ask for. Not here: how the terms are found (fit.py, leftovers.py), the tables.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pipelines.insight.keys import place_of
from pipelines.insight.skill.estimates import Estimate
from pipelines.insight.skill.fit import fit
from pipelines.insight.skill.leftovers import Leftover, leftovers
from pipelines.insight.skill.terms import HARDNESS, Fit, Spreads
from pipelines.insight.skill.trials import N_LEVELS, Codes, Numbers, Trials

NOBODY = -1  # a context of which nothing is known


@dataclass(frozen=True)
class SkillModel:
    """A model fitted to the trials of one kind."""

    trials: Trials
    fit: Fit
    spots: Leftover
    pairs: Leftover
    spreads: Spreads

    @classmethod
    def of(cls, trials: Trials, start: Spreads | None = None) -> "SkillModel":
        """Fit the model. Needs at least one trial."""
        found = fit(trials, start)
        spots, pairs = leftovers(trials, found)
        return cls(trials, found, spots, pairs, replace(found.spreads, spot=spots.spread, pair=pairs.spread))

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
        lean = np.zeros((shape.n_agents, shape.n_months + 1))
        lean[:, 0] = 1
        np.subtract.at(lean, shape.link_agent, (share / certainty.own)[:, None] * certainty.weight)
        own = np.bincount(shape.link_agent, share**2 / certainty.own, shape.n_agents)
        known = np.bincount(shape.link_agent, share**2, shape.n_agents)
        unknown = (np.square(self.mix).sum() - known) * self.spreads.category**2
        variance = np.einsum("as,ast,at->a", lean, certainty.covariance, lean) + own + np.maximum(unknown, 0)
        added = np.bincount(shape.link_agent, share * terms.own, shape.n_agents)
        before = self.spreads.agent**2 + np.square(self.mix).sum() * self.spreads.category**2
        return Estimate(terms.skill[:, 0] + added, np.sqrt(variance + self._taken(variance, before) * self._of_groups))

    def in_category(self, agent: Codes, category: Codes, hardness: Numbers | float = 0.0) -> Estimate:
        """The skill now of agents in categories, row by row; where one has no trials there, borrowed from its others.

        `hardness`: of the work (terms.HARDNESS); 0 is that of the middle.
        """
        terms, certainty = self.fit.terms, self.fit.certainty
        link = self._link(agent, category)
        is_known = link >= 0
        weight = np.where(is_known[:, None], certainty.weight[link], 0)
        precision = np.where(is_known, certainty.own[link], self.spreads.category**-2)
        lean = -weight / precision[:, None]
        lean[:, 0] += 1
        lean[:, -1] += hardness
        variance = np.einsum("as,ast,at->a", lean, certainty.covariance[agent], lean) + 1 / precision
        before = self.spreads.agent**2 + self.spreads.category**2 + (np.asarray(hardness) * self.spreads.tilt) ** 2
        variance = variance + self._taken(variance, before) * self._of_groups[agent]
        mean = terms.skill[agent, 0] + terms.tilt[agent] * hardness + np.where(is_known, terms.own[link], 0)
        return Estimate(mean, np.sqrt(variance))

    @cached_property
    def _of_groups(self) -> Numbers:
        """How far what the fit leaves out may move an agent's mean: its pairs and spots vary, and are few.

        The variance of a mean of groups whose shares are s: spread^2 x sum of s^2 (the design effect; Kish 1965).
        """
        found = np.zeros(self.fit.shape.n_agents)
        of_agent = ((self.pairs, self.fit.shape.n_contexts), (self.spots, self.trials.n_categories * N_LEVELS))
        for left, n_keys in of_agent:
            agent, weight = left.key // n_keys, 1 / left.variance - left.spread**-2
            total, squares = (np.bincount(agent, held, found.size) for held in (weight, weight**2))
            found += left.spread**2 * np.divide(squares, total**2, out=np.zeros_like(total), where=total > 0)
        return found

    @staticmethod
    def _taken(variance: Numbers, before: Numbers | float) -> Numbers:
        """How far an estimate follows the data rather than the prior, squared."""
        return np.square(np.clip(1 - variance / before, 0, 1))

    def tilt(self) -> Estimate:
        """How much better than expected each agent fares for every level that work is harder."""
        return Estimate(self.fit.terms.tilt, np.sqrt(self.fit.certainty.covariance[:, -1, -1]))

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
        """The logit of success, at a kind of work, of an agent of which nothing is known."""
        shape, terms = self.fit.shape, self.fit.terms
        cell = place_of(shape.cell_category * N_LEVELS + shape.cell_level, category * N_LEVELS + level)
        is_known, certainty = cell >= 0, self.fit.certainty
        mean = terms.level[level] + np.where(is_known, terms.cell[cell], 0)
        variance = np.where(is_known, certainty.cell[cell], certainty.level[level] + self.spreads.cell**2)
        return Estimate(mean, np.sqrt(variance))

    def average(self, category: Codes, level: Codes) -> Estimate:
        """The logit of success of the average agent with the average context: the mean over those that there are.

        `ease` is that of an agent of which nothing is known. The two differ by what these agents are better than that.
        """
        shape, terms, certainty = self.fit.shape, self.fit.terms, self.fit.certainty
        n_agents, hardness = shape.n_agents, HARDNESS[level]
        own = np.bincount(shape.link_category, terms.own, self.trials.n_categories + 1)
        spot = np.bincount(self.spots.key % (self.trials.n_categories * N_LEVELS), self.spots.mean)
        kind = category * N_LEVELS + level
        added = own[category] + np.where(kind < spot.size, spot[np.minimum(kind, spot.size - 1)], 0)
        ease = self.ease(category, level)
        mean = ease.mean + terms.skill[:, 0].mean() + hardness * terms.tilt.mean() + added / n_agents
        of_agents = certainty.covariance[:, 0, 0].mean() + hardness**2 * certainty.covariance[:, -1, -1].mean()
        of_agents = of_agents + self.spreads.category**2 + self.spreads.spot**2
        variance = ease.sd**2 + of_agents / n_agents + certainty.context.mean() / shape.n_contexts
        return Estimate(mean + terms.context.mean(), np.sqrt(variance))

    def context(self, context: Codes) -> Estimate:
        """What contexts add; NOBODY is one of which nothing is known."""
        is_known = context != NOBODY
        mean = np.where(is_known, self.fit.terms.context[context], 0)
        return Estimate(mean, np.sqrt(np.where(is_known, self.fit.certainty.context[context], self.spreads.context**2)))

    def pair(self, agent: Codes, context: Codes) -> Estimate:
        """What the pair of agent and context adds."""
        key = np.where(context == NOBODY, -1, agent * self.fit.shape.n_contexts + context)
        return self.pairs.estimate(key)

    def spot(self, agent: Codes, category: Codes, level: Codes) -> Estimate:
        """What an agent's work of a kind adds beyond its tilt and its category."""
        key = (agent * self.trials.n_categories + category) * N_LEVELS + level
        return self.spots.estimate(np.where(category < self.trials.n_categories, key, -1))

    def success(self, agent: Codes, context: Codes, category: Codes, level: Codes) -> Estimate:
        """The logit of success now: row by row. All arrays are equally long."""
        parts = (
            self.in_category(agent, category, HARDNESS[level]),
            self.spot(agent, category, level),
            self.ease(category, level),
            self.context(context),
            self.pair(agent, context),
        )
        mean = np.asarray(sum(part.mean for part in parts), np.float64)
        return Estimate(mean, np.sqrt(sum(part.sd**2 for part in parts)))

    def _link(self, agent: Codes, category: Codes) -> Codes:
        """The place of each agent's link with a category; -1 where there is none, or no such category."""
        shape, n = self.fit.shape, self.trials.n_categories
        key = np.where(category < n, agent * n + category, -1)  # beyond the last would be the next agent's first
        return place_of(shape.link_agent * n + shape.link_category, key)
