"""Whether intervals hold: the successes of each agent in the time after an origin, beside what was foretold of them.

How many of its trials an agent would succeed in is uncertain for two reasons: the terms of the model are, and chance
is. Terms that trials share (the agent's skill, its categories, the kinds of work, the contexts) err together. Here:
both, and whether the interval of 80 % held. Not here: single predictions (predictions.py).
"""

from dataclasses import dataclass

import numpy as np

from pipelines.insight.backtests.rolling import Origin, Rolling
from pipelines.insight.keys import place_of
from pipelines.insight.normal import normal_share
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.terms import HARDNESS, summed
from pipelines.insight.skill.trials import N_LEVELS, Codes, Numbers

NOMINAL = 0.8
LEAST_TRIALS = 5  # of an agent after an origin: of fewer a share is mostly chance, and holds whatever was foretold


@dataclass(frozen=True)
class LaterShares:
    """One element per origin and agent with LEAST_TRIALS later ones: the agent, its trials, and `held`, how much of
    its probability mass lay within the interval: 1, 0, or between where a single success more would leave it.
    """

    agent: Codes
    n: Codes
    held: Numbers

    @classmethod
    def of(cls, rolling: Rolling) -> "LaterShares":
        """Those of all origins."""
        parts = [_later(origin) for origin in rolling.origins]
        agent, n, held = (np.concatenate(column) for column in zip(*parts, strict=True))
        return cls(agent, n, held)


def _later(origin: Origin) -> tuple[Codes, Codes, Numbers]:
    model = origin.model
    agent, success = origin.column("agent"), origin.column("success")
    context, category, level = (origin.column(name) for name in ("context", "category", "level"))
    estimate = model.success(agent, context, category, level)
    p = estimate.p()
    slope = p * (1 - p)  # of the probability against the logit
    n_agents = origin.known.agents.len()
    chance = np.bincount(agent, np.maximum(slope - (slope * estimate.sd) ** 2, 0), n_agents)
    sd = np.sqrt(chance + _of_terms(model, slope, agent, context, category, level))
    n, x, mean = (summed(agent, values, n_agents) for values in (np.ones(agent.size), success.astype(np.float64), p))
    of = np.flatnonzero(n >= LEAST_TRIALS)
    return of, n[of].astype(np.int64), _held(x[of], n[of], mean[of], sd[of])


def _held(x: Numbers, n: Numbers, mean: Numbers, sd: Numbers) -> Numbers:
    """How much of what was counted lies within the middle NOMINAL of a normal distribution cut off at 0 and n.

    Counts are lumps: a count covers a stretch of the distribution, and what counts is the part of it inside (the
    non-randomised probability integral transform; Czado, Gneiting and Held, Biometrics 65, 2009).
    """
    low = np.where(x <= 0, 0, normal_share((x - 0.5 - mean) / sd))
    high = np.where(x >= n, 1, normal_share((x + 0.5 - mean) / sd))
    inside = np.minimum(high, 0.5 + NOMINAL / 2) - np.maximum(low, 0.5 - NOMINAL / 2)
    width = high - low
    is_wide = width > 1e-9
    return np.asarray(np.where(is_wide, np.clip(inside / np.where(is_wide, width, 1), 0, 1), inside > 0), np.float64)


def _of_terms(
    model: SkillModel, slope: Numbers, agent: Codes, context: Codes, category: Codes, level: Codes
) -> Numbers:
    """The variance of each agent's sum of probabilities that comes from the terms of the model (delta method)."""
    shape, certainty, spreads = model.fit.shape, model.fit.certainty, model.spreads
    n_agents, n_categories, n_trunk = shape.n_agents, model.trials.n_categories, shape.n_months + 1
    links = shape.link_agent * n_categories + shape.link_category
    asked = agent * n_categories + category
    link = place_of(links, asked)
    is_known = link >= 0
    own = np.where(is_known, 1 / certainty.own[link], spreads.category**2)
    lean = np.where(is_known[:, None], -certainty.weight[link] * own[:, None], 0)
    lean[:, 0] += 1
    lean[:, -1] += HARDNESS[level]
    together = np.column_stack([np.bincount(agent, slope * lean[:, t], n_agents) for t in range(n_trunk)])
    variance = np.einsum("as,ast,at->a", together, certainty.covariance, together)
    kind = category * N_LEVELS + level
    of_kind = model.spot(agent, category, level).sd ** 2 + model.ease(category, level).sd ** 2
    of_context = model.context(context).sd ** 2 + model.pair(agent, context).sd ** 2
    for place, shared in ((category, own), (kind, of_kind), (context, of_context)):
        keys, first, group = np.unique(
            agent * (int(place.max(initial=0)) + 1) + place, return_index=True, return_inverse=True
        )
        total = np.bincount(group, slope, keys.size) ** 2 * shared[first]
        variance = variance + np.bincount(agent[first], total, n_agents)
    return np.asarray(variance, np.float64)
