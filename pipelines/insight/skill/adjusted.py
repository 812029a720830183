"""What success agents would have if all had the same work: raw shares depend on who got the easy part of it.

Not here: raw shares, the boards (boards.py).
"""

from dataclasses import dataclass

import numpy as np

from pipelines.insight.normal import Z_90
from pipelines.insight.skill.estimates import sigmoid
from pipelines.insight.skill.model import NOBODY, SkillModel
from pipelines.insight.skill.terms import HARDNESS
from pipelines.insight.skill.trials import Codes, Numbers

MOST_CELLS = 4_000_000  # agents x kinds of work that are looked at; of more, the most frequent kinds


@dataclass(frozen=True)
class Adjusted:
    """Expected shares of success, and both ends of their 90 % intervals; one of each agent that was asked for."""

    share: Numbers
    low: Numbers
    high: Numbers


def mix_adjusted(model: SkillModel, agent: Codes, sd: Numbers, category: int | None = None) -> Adjusted:
    """Expected success of agents now over the standard mix of work: all trials' categories and difficulties.

    `agent`: codes; `sd`: of their skills, in that order. With `category`: the mix of difficulties in that one.
    Users and tasks are average ones: their spread is averaged out.
    """
    shape, terms, counts = model.fit.shape, model.fit.terms, model.trials.counts
    n = np.bincount(shape.cell, counts.n, shape.cell_level.size)
    asked = np.arange(n.size) if category is None else np.flatnonzero(shape.cell_category == category)
    kept = np.sort(asked[np.argsort(-n[asked], kind="stable")][: max(MOST_CELLS // agent.size, 1)])
    share = n[kept] / n[kept].sum()
    of_cell, level = shape.cell_category[kept], shape.cell_level[kept]
    ease = model.ease(of_cell, level)
    rows, columns = np.repeat(agent, kept.size), np.tile(np.arange(kept.size), agent.size)
    spot = model.spot(rows, of_cell[columns], level[columns])
    logit = ease.mean + _own(model, of_cell)[agent] + spot.mean.reshape(agent.size, kept.size)
    logit += terms.skill[agent, :1] + terms.tilt[agent][:, None] * HARDNESS[level]
    others = float(model.context(np.array([NOBODY])).sd[0] ** 2 + model.spreads.pair**2)
    aside = np.square(ease.sd) + np.square(spot.sd).reshape(agent.size, kept.size) + others
    mean = _flattened(logit, aside + np.square(sd)[:, None]) @ share
    low, high = (_flattened(logit + side * Z_90 * sd[:, None], aside) @ share for side in (-1, 1))
    return Adjusted(mean, np.minimum(low, mean), np.maximum(high, mean))


def _own(model: SkillModel, category: Codes) -> Numbers:
    """What each of some categories adds to each agent, 0 where nothing is known: (agents, categories)."""
    shape = model.fit.shape
    place = np.full(model.trials.n_categories, -1)
    place[np.unique(category)] = np.arange(np.unique(category).size)
    is_asked = place[shape.link_category] >= 0
    own = np.zeros((shape.n_agents, np.unique(category).size))
    own[shape.link_agent[is_asked], place[shape.link_category[is_asked]]] = model.fit.terms.own[is_asked]
    return own[:, place[category]]


def _flattened(logit: Numbers, variance: Numbers) -> Numbers:
    """Expected success where a normal of that variance is added to the logit (MacKay 1992)."""
    return sigmoid(logit / np.sqrt(1 + np.pi / 8 * variance))
