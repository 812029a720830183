"""The terms of the model of skill: which there are, which of them a row of counts has, how uncertain they are.

Not here: finding them (fit.py), what is made of them (model.py).
"""

from dataclasses import dataclass
from functools import cached_property
from math import isqrt
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pipelines.insight.skill.trials import N_LEVELS, Codes, Counts, Numbers, Trials

MAX_MONTHS = 12  # older ones count as one
MAX_CELLS = 4_000_000  # of the matrices of all agents' categories; with more the months become fewer


@dataclass(frozen=True)
class Spreads:
    """Standard deviations in logits: of agents, of their tilts, of what a category adds to one, of a month's step, of
    contexts, of cells (category x level) about their level; and of spots (agent x cell) and pairs (agent x context),
    which the fit leaves out.
    """

    agent: float = 1.0
    tilt: float = 0.4
    category: float = 0.8
    step: float = 0.25
    context: float = 0.6
    cell: float = 0.5
    spot: float = 0.0
    pair: float = 0.0


FITTED = ("agent", "tilt", "category", "step", "context", "cell")
# scales of their half-normal priors
CAPS = Spreads(agent=1.5, tilt=0.5, category=1.0, step=0.3, context=1.0, cell=0.7)
# before the data speak; a guess of what is fitted is worth GUESS_TERMS terms
GUESS = Spreads(agent=0.7, tilt=0.3, category=0.5, step=0.15, context=0.4, cell=0.4, spot=0.2, pair=0.25)
GUESS_TERMS = 1
HARDNESS = np.array([-1.5, -0.5, 0.5, 1.5, 0.0])  # of each level; without one, of the middle


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
    hardness: Numbers

    @cached_property
    def first_links(self) -> Codes:
        """The first link of each agent that has any; its others follow."""
        return np.flatnonzero(np.diff(self.link_agent, prepend=-1))

    @cached_property
    def is_between(self) -> NDArray[np.bool_]:
        """Whether a month lies between an agent's first and last one with trials, both included: agent x month."""
        worked = np.zeros((self.n_agents, self.n_months), bool)
        worked[self.agent, self.month] = True
        either = [np.logical_or.accumulate(side, axis=1) for side in (worked, worked[:, ::-1])]
        return np.asarray(either[0] & either[1][:, ::-1], bool)

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
            hardness=HARDNESS[counts.level],
        )


@dataclass(frozen=True)
class Terms:
    """The terms of the model: skill (agent x month, the first is now), tilt (per agent), own (per link), context,
    level, cell.
    """

    skill: Numbers
    tilt: Numbers
    own: Numbers
    context: Numbers
    level: Numbers
    cell: Numbers

    def logits(self, shape: Shape) -> Numbers:
        """The logit of success of every row of counts."""
        base = (self.level[shape.cell_level] + self.cell)[shape.cell]
        skill = self.skill.ravel()[shape.agent * shape.n_months + shape.month]
        tilt = self.tilt[shape.agent] * shape.hardness
        return np.asarray(base + skill + tilt + self.own[shape.link] + self.context[shape.context], np.float64)


@dataclass(frozen=True)
class Certainty:
    """What is known of an agent's terms: `weight` (link x trunk) and `own` (per link) are precisions, `covariance`
    (agent x trunk x trunk) is that of its trunk, which is its months and last its tilt; of contexts, levels and cells
    (level included, and `cell_alone` without) the variances.
    """

    weight: Numbers
    own: Numbers
    covariance: Numbers
    context: Numbers
    level: Numbers
    cell: Numbers
    cell_alone: Numbers


@dataclass(frozen=True)
class Fit:
    """What the fit found: terms, how certain they are, the spreads, and how many sweeps it took."""

    shape: Shape
    terms: Terms
    certainty: Certainty
    spreads: Spreads
    n_sweeps: int


def summed(place: Codes, values: Numbers, n: int) -> Numbers:
    """Sums of `values` by their places, of which there are `n`; always in the order of the rows."""
    return np.asarray(np.bincount(place, values, n), np.float64)


def by_agent(of_links: Numbers, shape: Shape) -> Numbers:
    """Sums over each agent's links, which follow one another; agents without any have 0."""
    sums = np.zeros((shape.n_agents, *of_links.shape[1:]))
    first = shape.first_links
    sums[shape.link_agent[first]] = np.add.reduceat(of_links, first, axis=0)
    return sums
