"""The model of skill, and what it says: additive, hierarchical, logistic (Rasch 1960; IRT-1PL with random effects).

    logit P(success) = ease of the kind of work (category x level) + skill of the agent now + what the category adds to
                       it + its context (the user who calls, the task that is tried) + the pair of agent and context

Here: means and variances of what people ask for. Not here: how the terms are found (fit.py), the tables.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pipelines.insight.skill.fit import fit
from pipelines.insight.skill.terms import GUESS, HARDNESS, Fit, Spreads
from pipelines.insight.skill.trials import N_LEVELS, Codes, Numbers, Trials

NOBODY = -1  # a context of which nothing is known
SMALLEST = 1e-6  # a variance


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

    def ends(self, z: float) -> tuple[Numbers, Numbers]:
        """Both ends, `z` standard deviations off, of the interval of the probability.

        It reaches to `p` at least: averaging draws that towards one half, near 0 and 1 farther than the ends lie.
        """
        p = self.p()
        return np.minimum(self.quantile(-z), p), np.maximum(self.quantile(z), p)


def sigmoid(logit: Numbers) -> Numbers:
    """1 / (1 + exp(-logit))."""
    return np.asarray(1 / (1 + np.exp(-logit)), np.float64)


@dataclass(frozen=True)
class Leftover:
    """What one kind of group adds to what the fit explains: of groups with trials by sorted `key`, and the spread."""

    key: Codes
    mean: Numbers
    variance: Numbers
    spread: float

    def estimate(self, key: Codes) -> Estimate:
        """Of asked groups; of one without trials nothing is known but the spread."""
        place = _place(self.key, key)
        is_known = place >= 0
        variance = np.where(is_known, self.variance[place], self.spread**2)
        return Estimate(np.where(is_known, self.mean[place], 0), np.sqrt(variance))


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
        spots, pairs = _leftovers(trials, found)
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

        `hardness`: of the work (skill_terms.HARDNESS); 0 is that of the middle.
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
        """The logit of success of the average agent at a kind of work."""
        shape, terms = self.fit.shape, self.fit.terms
        cell = _place(shape.cell_category * N_LEVELS + shape.cell_level, category * N_LEVELS + level)
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
        return _place(shape.link_agent * n + shape.link_category, key)


def _place(held: Codes, asked: Codes) -> Codes:
    """Where each asked key stands in the sorted `held`; -1 where it does not."""
    if not held.size:
        return np.full(asked.size, -1)
    place = np.minimum(np.searchsorted(held, asked), held.size - 1)
    return np.where(held[place] == asked, place, -1)


def _leftovers(trials: Trials, found: Fit) -> tuple[Leftover, Leftover]:
    """Spots (agent x cell), and of what these leave pairs (agent x context)."""
    counts, shape, certainty = trials.counts, found.shape, found.certainty
    p = sigmoid(found.terms.logits(shape))
    n, successes = counts.n.astype(np.float64), counts.successes.astype(np.float64)
    rows = _Rows(successes - n * p, n * p * (1 - p), successes * (1 - p) ** 2 + (n - successes) * p**2, p * (1 - p))
    spot = (counts.agent * trials.n_categories + counts.category) * N_LEVELS + counts.level
    spots, added = _leftover(spot, rows, lambda first: _of_links_on_average(found, first), GUESS.spot)
    of_agents = certainty.covariance[:, :-1, :-1].mean(axis=(1, 2))
    rows = replace(rows, residual=rows.residual - rows.weight * added)
    pair = counts.agent * shape.n_contexts + counts.context
    pairs, _ = _leftover(
        pair, rows, lambda first: of_agents[shape.agent[first]] + certainty.context[shape.context[first]], GUESS.pair
    )
    return spots, pairs


@dataclass(frozen=True)
class _Rows:
    """What the fit leaves of each row: its residual and weight, the sum of squares of its trials' own residuals, and
    the weight of one trial.
    """

    residual: Numbers
    weight: Numbers
    squares: Numbers
    one: Numbers


def _of_links_on_average(found: Fit, rows: Codes) -> Numbers:
    """The posterior variance of an agent's skill at the kind of work of some rows, over all months on average."""
    certainty, shape = found.certainty, found.shape
    link = shape.link[rows]
    lean = np.full((rows.size, shape.n_months + 1), 1 / shape.n_months)
    lean[:, -1] = shape.hardness[rows]
    lean -= certainty.weight[link] / certainty.own[link][:, None]
    variance = np.einsum("as,ast,at->a", lean, certainty.covariance[shape.agent[rows]], lean) + 1 / certainty.own[link]
    return np.asarray(variance, np.float64)


def _leftover(key_of: Codes, rows: _Rows, shared: Callable[[Codes], Numbers], guess: float) -> tuple[Leftover, Numbers]:
    """What groups of rows add, and the same row by row.

    The variance by moments: the residuals of two trials of one group go together by w x w x (variance - shared) on
    average, where `shared` is the posterior variance of the terms that they have in common: so much the fit has taken
    for itself. EM diverges here, for most groups have hardly any trials. The moment has a sampling variance of 2 / sum
    of w x w, and is drawn towards the square of `guess`, which is taken to be as uncertain as it is large. `shared` is
    asked for the first row of each group.
    """
    key, first, place = np.unique(key_of, return_index=True, return_inverse=True)
    residual, weight = np.bincount(place, rows.residual), np.bincount(place, rows.weight)
    together = weight**2 - np.bincount(place, rows.weight * rows.one)
    products = residual**2 - np.bincount(place, rows.squares) + shared(first) * together
    doubt = 2 / guess**4
    variance = (float(products.sum()) + doubt * guess**2) / (float(together.sum()) + doubt)
    variance = max(variance, SMALLEST)
    precision = weight + 1 / variance
    found = Leftover(key, residual / precision, 1 / precision, float(np.sqrt(variance)))
    return found, found.mean[place]
