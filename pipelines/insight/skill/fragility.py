"""How firm a first place is: the fewest results that would have to be removed for another agent to be first.

A removed trial moves the mode by its residual times the covariance between it and the skill in question (a Newton step;
the influence function of Cook 1977), taken where the skill then stands. All else is held: other agents, the work, the
spreads. Not here: places themselves (ranks.py).
"""

from dataclasses import dataclass

import numpy as np

from pipelines.insight.skill.estimates import sigmoid
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.months import moved_with_mix
from pipelines.insight.skill.trials import Codes, Numbers

_NEVER = 2**62
LEAST_LEFT = 0.1  # of what an agent's trials tell: where fewer are left the step is no longer one
RIVALS = 20  # places after the first that are looked at: from farther down nobody comes with fewer


@dataclass(frozen=True)
class Fragility:
    """So many removed results, and `by`, the place on the board of the agent who then would be first."""

    n_removed: int
    by: int


@dataclass(frozen=True)
class Influence:
    """What can be removed of a model's trials, and what that moves."""

    model: SkillModel
    logit: Numbers
    moved: Numbers

    @classmethod
    def of(cls, model: SkillModel) -> "Influence":
        """Prepared for all boards of a model."""
        return cls(model, model.fit.terms.logits(model.fit.shape), moved_with_mix(model))

    def fragility(self, agent: Codes, skill: Numbers, category: int | None = None) -> Fragility | None:
        """Of the first on a board; None if no removal of one agent's results can do it.

        `agent`, `skill`: of the board's agents, the best first. Either successes of the first are removed or
        failures of one rival; those that move most come first.
        """
        gap = skill[0] - skill
        first = [(self._fewest(int(agent[0]), float(gap[1]), -1, category), 1)] if gap.size > 1 else []
        others = range(1, min(gap.size, RIVALS + 1))
        rivals = [(self._fewest(int(agent[place]), float(gap[place]), 1, category), place) for place in others]
        n_removed, by = min(first + rivals, default=(_NEVER, 0))
        return Fragility(n_removed, by) if n_removed < _NEVER else None

    def _fewest(self, agent: int, gap: float, way: int, category: int | None) -> int:
        """How many results of an agent must go to move its skill by more than `gap`: failures for `way` 1 (up)."""
        counts = self.model.trials.counts
        rows = slice(*np.searchsorted(counts.agent, [agent, agent + 1]))
        p = sigmoid(self.logit[rows] + way * gap)
        n = (counts.n - counts.successes)[rows] if way == 1 else counts.successes[rows]
        covariance, variance = self._covariance(agent, rows, category)
        pull = covariance * (p if way == 1 else 1 - p)
        order = np.argsort(-pull, kind="stable")
        one_by_one = np.repeat(order[pull[order] > 0], n[order][pull[order] > 0])
        told = np.cumsum((p * (1 - p) * covariance**2)[one_by_one]) / variance  # what the removed ones told, of all
        moved = np.cumsum(pull[one_by_one]) / np.maximum(1 - told, LEAST_LEFT)
        place = int(np.searchsorted(moved, gap, side="right"))
        return place + 1 if place < moved.size else _NEVER

    def _covariance(self, agent: int, rows: slice, category: int | None) -> tuple[Numbers, float]:
        """Between a skill of the agent, overall or in a category, and its part of the logit in rows; its variance.

        Of the variance what trials can change: the categories that an agent never had stay aside.
        """
        shape, certainty = self.model.fit.shape, self.model.fit.certainty
        link = shape.link[rows]
        trunk = -certainty.weight[link] / certainty.own[link][:, None]
        trunk[np.arange(link.size), shape.month[rows]] += 1
        trunk[:, -1] += shape.hardness[rows]
        links = np.unique(link)
        if category is None:
            share, lean = self.model.mix[shape.link_category], self.moved[agent].copy()
        else:
            share = (shape.link_category == category).astype(np.float64)
            here = links[share[links] > 0][0]
            lean = -certainty.weight[here] / certainty.own[here]
        lean[0] += 1
        spread = certainty.covariance[agent] @ lean
        own = share / certainty.own
        return np.asarray(trunk @ spread + own[link], np.float64), float(lean @ spread + share[links] @ own[links])
