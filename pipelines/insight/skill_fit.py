"""Fitting the model of skill: how it is solved. What it says stands in skill_model.py.

    logit P(success) = level + cell + skill of the agent in that month + its own category + context

All terms but `level` are drawn towards zero, by spreads that the data themselves choose (empirical Bayes, by EM; Laird
and Ware 1982, Gelman et al. 2013 ch. 15). Skill walks at random from month to month (Glickman 1999), so that what lies
far back counts less and an agent that paused is less sure. The mode is found by Newton steps, block after block: each
block is solved whole. An agent's block is a matrix of months with its categories hanging on it; eliminating the
categories, which know nothing of each other, leaves months x months, solved for all agents at once. The inverse of that
is also its posterior covariance (Laplace's approximation).
"""

from dataclasses import dataclass, replace
from math import isqrt
from typing import Self

import numpy as np

from pipelines.insight.trials import N_LEVELS, Codes, Counts, Numbers, Trials

MAX_MONTHS = 12  # older ones count as one
MAX_CELLS = 4_000_000  # of the matrices of all agents' categories; with more the months become fewer
MAX_SWEEPS = 60
TOLERANCE = 0.01  # of spreads and terms, in logits
MAX_STEP = 2.0  # logits at once: Newton overshoots where hardly anything is known
LEVEL_SPREAD = 1.5  # of levels of difficulty about the common mean: weak, and never learned from four of them


@dataclass(frozen=True)
class Spreads:
    """Standard deviations in logits: of agents, of what a category adds to one, of a month's step, of contexts, of
    cells (category x level) about their level, and of pairs (agent x context), which the fit leaves out.
    """

    agent: float = 1.0
    category: float = 0.8
    step: float = 0.25
    context: float = 0.6
    cell: float = 0.5
    pair: float = 0.0


CAPS = Spreads(agent=1.5, category=1.0, step=0.3, context=1.0, cell=0.7)  # scales of their half-normal priors


@dataclass(frozen=True)
class Shape:
    """How many of what, and which term each row of counts has. Links: (agent, category) that have trials."""

    n_agents: int
    n_contexts: int
    n_months: int
    link_agent: Codes
    link_category: Codes
    cell_level: Codes
    cell_category: Codes
    agent: Codes
    month: Codes
    link: Codes
    cell: Codes
    context: Codes

    @classmethod
    def of(cls, trials: Trials, counts: Counts) -> Self:
        """The shape of a kind's trials."""
        n_categories = trials.n_categories
        links, link = np.unique(counts.agent * n_categories + counts.category, return_inverse=True)
        cells, cell = np.unique(counts.category * N_LEVELS + counts.level, return_inverse=True)
        most = min(MAX_MONTHS, max(1, isqrt(MAX_CELLS // max(links.size, 1))))
        n_months = min(most, int(counts.age.max()) + 1) if counts.age.size else 1
        return cls(
            n_agents=trials.agents.len(),
            n_contexts=trials.contexts.len(),
            n_months=n_months,
            link_agent=links // n_categories,
            link_category=links % n_categories,
            cell_level=cells % N_LEVELS,
            cell_category=cells // N_LEVELS,
            agent=counts.agent,
            month=np.minimum(counts.age, n_months - 1),
            link=link,
            cell=cell,
            context=counts.context,
        )


@dataclass(frozen=True)
class Terms:
    """The terms of the model: skill (agent x month, the first is now), own (per link), context, level, cell."""

    skill: Numbers
    own: Numbers
    context: Numbers
    level: Numbers
    cell: Numbers

    def logits(self, shape: Shape) -> Numbers:
        """The logit of success of every row of counts."""
        base = (self.level[shape.cell_level] + self.cell)[shape.cell]
        skill = self.skill.ravel()[shape.agent * shape.n_months + shape.month]
        return base + skill + self.own[shape.link] + self.context[shape.context]


@dataclass(frozen=True)
class Certainty:
    """What is known of an agent's terms: `weight` (link x month) and `own` (per link) are precisions, `covariance`
    (agent x month x month) is that of its months; of contexts and cells (level included) the variances.
    """

    weight: Numbers
    own: Numbers
    covariance: Numbers
    context: Numbers
    cell: Numbers


@dataclass(frozen=True)
class Fit:
    """What the fit found: terms, how certain they are, the spreads, and how many sweeps it took."""

    shape: Shape
    terms: Terms
    certainty: Certainty
    spreads: Spreads
    n_sweeps: int


@dataclass
class _Pull:
    """What the rows still ask for: curvature and residual of each at the present terms."""

    weight: Numbers
    residual: Numbers

    def sums(self, place: Codes, n: int) -> tuple[Numbers, Numbers]:
        return np.bincount(place, self.weight, n), np.bincount(place, self.residual, n)

    def moved(self, step: Numbers) -> None:
        """The terms of every row moved by `step`."""
        self.residual -= self.weight * step


def fit(trials: Trials, start: Spreads | None = None) -> Fit:
    """Fit the model to at least one trial. `start`: spreads to begin with (those of an earlier fit save sweeps)."""
    counts = trials.counts
    shape = Shape.of(trials, counts)
    n, successes = counts.n.astype(np.float64), counts.successes.astype(np.float64)
    mean = np.log((successes.sum() + 1) / (n.sum() - successes.sum() + 1))
    terms = Terms(
        np.zeros((shape.n_agents, shape.n_months)),
        np.zeros(shape.link_agent.size),
        np.zeros(shape.n_contexts),
        np.full(N_LEVELS, mean),
        np.zeros(shape.cell_level.size),
    )
    spreads = start or Spreads()
    for n_sweeps in range(1, MAX_SWEEPS + 1):  # noqa: B007 - told afterwards
        before, spreads_before = terms, spreads
        p = 1 / (1 + np.exp(-terms.logits(shape)))
        pull = _Pull(n * p * (1 - p), successes - n * p)
        terms, cell_certainty = _base_step(pull, shape, terms, spreads, mean)
        terms, context_certainty = _context_step(pull, shape, terms, spreads)
        terms, certainty = _agent_step(pull, shape, terms, spreads)
        certainty = replace(certainty, context=context_certainty, cell=cell_certainty)
        spreads = _spreads(shape, terms, certainty)
        if max(_moved(before, terms), _changed(spreads_before, spreads)) < TOLERANCE:
            break
    return Fit(shape, terms, certainty, spreads, n_sweeps)


def _base_step(
    pull: _Pull, shape: Shape, terms: Terms, spreads: Spreads, mean: float
) -> tuple[Terms, Numbers]:
    """Levels and their cells together: an arrowhead of the level with its cells. Gives the cells' variances too."""
    weight, residual = pull.sums(shape.cell, shape.cell_level.size)
    prior, level = spreads.cell**-2, shape.cell_level
    precision = weight + prior
    gradient = residual - prior * terms.cell
    inner = np.bincount(level, weight * prior / precision, N_LEVELS) + LEVEL_SPREAD**-2
    outer = np.bincount(level, residual - weight * gradient / precision, N_LEVELS)
    level_step = _held((outer - LEVEL_SPREAD**-2 * (terms.level - mean)) / inner)
    cell_step = _held((gradient - weight * level_step[level]) / precision)
    pull.moved((level_step[level] + cell_step)[shape.cell])
    variance = 1 / precision + (1 - weight / precision) ** 2 / inner[level]
    return replace(terms, level=terms.level + level_step, cell=terms.cell + cell_step), variance


def _context_step(pull: _Pull, shape: Shape, terms: Terms, spreads: Spreads) -> tuple[Terms, Numbers]:
    """Contexts, each by itself."""
    weight, residual = pull.sums(shape.context, shape.n_contexts)
    precision = weight + spreads.context**-2
    step = _held((residual - spreads.context**-2 * terms.context) / precision)
    pull.moved(step[shape.context])
    return replace(terms, context=terms.context + step), 1 / precision


def _agent_step(pull: _Pull, shape: Shape, terms: Terms, spreads: Spreads) -> tuple[Terms, Certainty]:
    """Each agent's months and categories together (the module's docstring says how)."""
    n_links, months, prior = shape.link_agent.size, shape.n_months, spreads.category**-2
    place = shape.link * months + shape.month
    weight, residual = (part.reshape(n_links, months) for part in pull.sums(place, n_links * months))
    precision = weight.sum(axis=1) + prior
    gradient = residual.sum(axis=1) - prior * terms.own
    walk = _walk(months, spreads)
    eliminated = weight[:, :, None] * (weight / precision[:, None])[:, None, :]
    diagonal = _by_agent(weight, shape)
    inner = np.broadcast_to(walk, (shape.n_agents, months, months)) - _by_agent(eliminated, shape)
    inner[:, np.arange(months), np.arange(months)] += diagonal
    outer = _by_agent(residual - weight * (gradient / precision)[:, None], shape) - terms.skill @ walk
    covariance = np.linalg.inv(inner)
    skill_step = _held(np.einsum("ast,at->as", covariance, outer))
    own_step = _held((gradient - (weight * skill_step[shape.link_agent]).sum(axis=1)) / precision)
    pull.moved(skill_step.ravel()[shape.agent * months + shape.month] + own_step[shape.link])
    moved = replace(terms, skill=terms.skill + skill_step, own=terms.own + own_step)
    nothing = np.empty(0)
    return moved, Certainty(weight, precision, covariance, nothing, nothing)


def _walk(months: int, spreads: Spreads) -> Numbers:
    """The prior precision of an agent's months: the one of now about zero, each older one about the next."""
    steps = np.diff(np.eye(months), axis=0)
    walk = steps.T @ steps / spreads.step**2
    walk[0, 0] += spreads.agent**-2
    return np.asarray(walk, np.float64)


def _by_agent(of_links: Numbers, shape: Shape) -> Numbers:
    """Sums over each agent's links, which follow one another; agents without any have 0."""
    sums = np.zeros((shape.n_agents, *of_links.shape[1:]))
    first = np.flatnonzero(np.diff(shape.link_agent, prepend=-1))
    sums[shape.link_agent[first]] = np.add.reduceat(of_links, first, axis=0)
    return sums


def _spreads(shape: Shape, terms: Terms, certainty: Certainty) -> Spreads:
    """The spreads that fit the terms best, as uncertain as these are: the M step of EM, under half-normal priors."""
    covariance = certainty.covariance
    now = terms.skill[:, 0] ** 2 + covariance[:, 0, 0]
    held = (certainty.weight * covariance_of_links(shape, certainty)).sum(axis=1) / certainty.own**2
    own = terms.own**2 + 1 / certainty.own + held
    return Spreads(
        agent=_spread(now, CAPS.agent),
        category=_spread(own, CAPS.category),
        step=_spread(_steps(shape, terms, certainty), CAPS.step),
        context=_spread(terms.context**2 + certainty.context, CAPS.context),
        cell=_spread(terms.cell**2 + certainty.cell, CAPS.cell),
    )


def covariance_of_links(shape: Shape, certainty: Certainty) -> Numbers:
    """Of each link, its weights times the covariance of its agent's months: link x month."""
    return np.einsum("lt,lts->ls", certainty.weight, certainty.covariance[shape.link_agent])


def _steps(shape: Shape, terms: Terms, certainty: Certainty) -> Numbers:
    """Expected squares of the steps from month to month, between an agent's first and last month with trials."""
    worked = _by_agent(certainty.weight, shape) > 0
    since = np.logical_or.accumulate(worked, axis=1) & np.logical_or.accumulate(worked[:, ::-1], axis=1)[:, ::-1]
    variance = np.diagonal(certainty.covariance, axis1=1, axis2=2)
    joint = np.diagonal(certainty.covariance, offset=1, axis1=1, axis2=2)
    squares = np.diff(terms.skill, axis=1) ** 2 + variance[:, 1:] + variance[:, :-1] - 2 * joint
    return squares[since[:, 1:] & since[:, :-1]]


def _spread(squares: Numbers, cap: float) -> float:
    """The mode of a standard deviation given expected squares and a half-normal prior of scale `cap`."""
    n, total = squares.size, float(squares.sum())
    if not n:
        return cap / 2  # nothing is known: less than the cap, which is a bound more than a guess
    return float(np.sqrt(cap**2 * (np.sqrt(n**2 + 4 * total / cap**2) - n) / 2))


def _held(step: Numbers) -> Numbers:
    return np.clip(step, -MAX_STEP, MAX_STEP)


def _moved(before: Terms, after: Terms) -> float:
    return max(
        float(np.abs(getattr(after, name) - getattr(before, name)).max(initial=0))
        for name in ("skill", "own", "context", "level", "cell")
    )


def _changed(before: Spreads, after: Spreads) -> float:
    return max(
        abs(getattr(after, name) - getattr(before, name)) for name in ("agent", "category", "step", "context", "cell")
    )
