"""Fitting the model of skill: how it is solved. What it says stands in model.py.

    logit P(success) = level + cell + skill of the agent in that month + tilt of the agent x hardness of the level
                       + its own category + context

All terms but `level` are drawn towards zero, by spreads that the data themselves choose (empirical Bayes, by EM; Laird
and Ware 1982, Gelman et al. 2013 ch. 15). Skill walks at random from month to month (Glickman 1999), so that what lies
far back counts less and an agent that paused is less sure. The mode is found by Newton steps, block after block: each
block is solved whole. An agent's block is its trunk (months and tilt) with its categories hanging on it; eliminating
the categories, which know nothing of each other, leaves a small matrix of the trunk, solved for all agents at once. The
inverse of that is also its posterior covariance (Laplace's approximation).
"""

from dataclasses import dataclass, replace

import numpy as np

from pipelines.insight.skill.spreads import spreads_of
from pipelines.insight.skill.terms import FITTED, Certainty, Fit, Shape, Spreads, Terms, by_agent, summed
from pipelines.insight.skill.trials import N_LEVELS, Codes, Numbers, Trials

MAX_SWEEPS = 60
TOLERANCE = 0.01  # of spreads and terms, in logits
MAX_STEP = 2.0  # logits at once: Newton overshoots where hardly anything is known
LEVEL_SPREAD = 1.5  # of levels of difficulty about the common mean: weak, and never learned from four of them


@dataclass
class _Pull:
    """What the rows still ask for: curvature and residual of each at the present terms."""

    weight: Numbers
    residual: Numbers

    def sums(self, place: Codes, n: int) -> tuple[Numbers, Numbers]:
        return summed(place, self.weight, n), summed(place, self.residual, n)

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
        np.zeros(shape.n_agents),
        np.zeros(shape.link_agent.size),
        np.zeros(shape.n_contexts),
        np.full(N_LEVELS, mean),
        np.zeros(shape.cell_level.size),
    )
    next_spreads = start or Spreads()
    for n_sweeps in range(1, MAX_SWEEPS + 1):  # noqa: B007 - told afterwards
        before, spreads = terms, next_spreads
        p = 1 / (1 + np.exp(-terms.logits(shape)))
        pull = _Pull(n * p * (1 - p), successes - n * p)
        terms, of_base = _base_step(pull, shape, terms, spreads, mean)
        terms, of_contexts = _context_step(pull, shape, terms, spreads)
        terms, of_agents = _agent_step(pull, shape, terms, spreads)
        certainty = Certainty(context=of_contexts, **of_base, **of_agents)
        next_spreads = spreads_of(shape, terms, certainty)
        if max(_moved(before, terms), _changed(spreads, next_spreads)) < TOLERANCE:
            break
    return Fit(shape, terms, certainty, spreads, n_sweeps)  # the spreads under which the rest was found


def _base_step(
    pull: _Pull, shape: Shape, terms: Terms, spreads: Spreads, mean: float
) -> tuple[Terms, dict[str, Numbers]]:
    """Levels and their cells together: an arrowhead of the level with its cells. Gives their variances too."""
    weight, residual = pull.sums(shape.cell, shape.cell_level.size)
    prior, level = spreads.cell**-2, shape.cell_level
    precision = weight + prior
    gradient = residual - prior * terms.cell
    inner = np.bincount(level, weight * prior / precision, N_LEVELS) + LEVEL_SPREAD**-2
    outer = np.bincount(level, residual - weight * gradient / precision, N_LEVELS)
    level_step = _held((outer - LEVEL_SPREAD**-2 * (terms.level - mean)) / inner)
    cell_step = _held((gradient - weight * level_step[level]) / precision)
    pull.moved((level_step[level] + cell_step)[shape.cell])
    held, one = weight / precision, 1 / inner[level]
    both, alone = 1 / precision + (1 - held) ** 2 * one, 1 / precision + held**2 * one
    moved = replace(terms, level=terms.level + level_step, cell=terms.cell + cell_step)
    return moved, {"level": 1 / inner, "cell": both, "cell_alone": alone}


def _context_step(pull: _Pull, shape: Shape, terms: Terms, spreads: Spreads) -> tuple[Terms, Numbers]:
    """Contexts, each by itself."""
    weight, residual = pull.sums(shape.context, shape.n_contexts)
    precision = weight + spreads.context**-2
    step = _held((residual - spreads.context**-2 * terms.context) / precision)
    pull.moved(step[shape.context])
    return replace(terms, context=terms.context + step), 1 / precision


def _agent_step(pull: _Pull, shape: Shape, terms: Terms, spreads: Spreads) -> tuple[Terms, dict[str, Numbers]]:
    """Each agent's trunk and categories together (the module's docstring says how), and their certainties."""
    months, prior = shape.n_months, spreads.category**-2
    weight, tilted, residual = _of_links(pull, shape)
    precision = weight[:, :months].sum(axis=1) + prior
    gradient = residual[:, :months].sum(axis=1) - prior * terms.own
    trunk = _trunk(months, spreads)
    squares = summed(shape.link, pull.weight * shape.hardness**2, precision.size)
    inner = trunk + by_agent(_left(weight, tilted, squares, precision), shape)
    outer = by_agent(residual - weight * (gradient / precision)[:, None], shape)
    outer -= np.column_stack([terms.skill, terms.tilt]) @ trunk
    covariance = np.asarray(np.linalg.inv(inner), np.float64)
    step = _held(np.einsum("ast,at->as", covariance, outer))
    own_step = _held((gradient - (weight * step[shape.link_agent]).sum(axis=1)) / precision)
    skill_step, tilt_step = step[:, :months], step[:, months]
    of_rows = skill_step.ravel()[shape.agent * months + shape.month] + tilt_step[shape.agent] * shape.hardness
    pull.moved(of_rows + own_step[shape.link])
    moved = replace(terms, skill=terms.skill + skill_step, tilt=terms.tilt + tilt_step, own=terms.own + own_step)
    return moved, {"weight": weight, "own": precision, "covariance": covariance}


def _of_links(pull: _Pull, shape: Shape) -> tuple[Numbers, Numbers, Numbers]:
    """Of each link: the weights of its trunk, those of its months times hardness, and the residuals of its trunk."""
    n_links, months = shape.link_agent.size, shape.n_months
    place, hardness = shape.link * months + shape.month, shape.hardness

    def by_month(values: Numbers) -> Numbers:
        return summed(place, values, n_links * months).reshape(n_links, months)

    weight, tilted = by_month(pull.weight), by_month(pull.weight * hardness)
    residual, asked = by_month(pull.residual), summed(shape.link, pull.residual * hardness, n_links)
    return np.column_stack([weight, tilted.sum(axis=1)]), tilted, np.column_stack([residual, asked])


def _left(weight: Numbers, tilted: Numbers, squares: Numbers, precision: Numbers) -> Numbers:
    """Of each link the curvature of the trunk, less what its category takes of it: link x trunk x trunk.

    Made in place: it is the largest array of the fit.
    """
    left = weight[:, :, None] * (-weight / precision[:, None])[:, None, :]
    months = tilted.shape[1]
    diagonal = np.arange(months)
    left[:, diagonal, diagonal] += weight[:, :months]
    left[:, months, :months] += tilted
    left[:, :months, months] += tilted
    left[:, months, months] += squares
    return left


def _trunk(months: int, spreads: Spreads) -> Numbers:
    """The prior precision of a trunk: the month of now about zero, each older one about the next; the tilt alone."""
    steps = np.diff(np.eye(months), axis=0)
    trunk = np.zeros((months + 1, months + 1))
    trunk[:months, :months] = steps.T @ steps / spreads.step**2
    trunk[0, 0] += spreads.agent**-2
    trunk[months, months] = spreads.tilt**-2
    return trunk


def _held(step: Numbers) -> Numbers:
    return np.asarray(np.clip(step, -MAX_STEP, MAX_STEP), np.float64)


def _moved(before: Terms, after: Terms) -> float:
    return max(
        float(np.abs(getattr(after, name) - getattr(before, name)).max(initial=0))
        for name in ("skill", "tilt", "own", "context", "level", "cell")
    )


def _changed(before: Spreads, after: Spreads) -> float:
    return max(abs(float(getattr(after, name) - getattr(before, name))) for name in FITTED)
