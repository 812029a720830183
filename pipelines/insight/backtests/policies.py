"""Ways to choose an agent for a piece of work: those that people use without a model, and ours.

Each is a score per agent, and the highest is chosen; of equals the one with more trials. The baselines look at the
category at most, so that their scores are matrices of (categories x agents); ours are the choices that are published
(advice/choosing.py). Not here: what the choices were worth (recommender.py).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.game.leaderboards import Z_95
from pipelines.insight.advice.choosing import Asked
from pipelines.insight.advice.choosing import choices as advised
from pipelines.insight.keys import NOT_THERE
from pipelines.insight.proportions import wilson_ends
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.trials import Codes, Numbers, Trials

OURS, LOGGED = "ours", "logged"
MOST_USED, RAW_RATE, RAW_BY_CATEGORY, WILSON_BY_CATEGORY = (
    "most_used", "raw_rate", "raw_rate_by_category", "wilson_by_category",
)  # fmt: skip
BASELINES = (MOST_USED, RAW_RATE, RAW_BY_CATEGORY, WILSON_BY_CATEGORY)
POLICIES = (OURS, *BASELINES)
NEVER = -1.0  # the score of an agent without trials, where others have some


@dataclass(frozen=True)
class Work:
    """Kinds of work, a row each: codes of who asks, category and level of difficulty."""

    context: Codes
    category: Codes
    level: Codes


@dataclass(frozen=True)
class Choice:
    """What a policy chooses for each row of work, and the success that it claims for it."""

    agent: Codes
    claimed: Numbers


def chosen(model: SkillModel, work: Work, candidates: Codes) -> dict[str, Choice]:
    """What each of POLICIES chooses among the candidates (sorted, at least one)."""
    tallies = _Tallies.of(model.trials)
    by_use = candidates[np.argsort(-tallies.n[candidates].sum(axis=1), kind="stable")]
    choices = {OURS: _ours(model, work, candidates, tallies.n.sum(axis=1))}
    for name, score in baseline_scores(model.trials).items():
        best = by_use[score[:, by_use].argmax(axis=1)]
        agent = best[work.category]
        by_category = name in (RAW_BY_CATEGORY, WILSON_BY_CATEGORY)
        choices[name] = Choice(agent, tallies.rate(by_category=by_category)[work.category, agent])
    return choices


def baseline_scores(trials: Trials) -> dict[str, Numbers]:
    """The scores of each of BASELINES: (categories x agents). Wilson: the lower end of the 95 % interval."""
    tallies = _Tallies.of(trials)
    n, successes = tallies.n.T, tallies.successes.T
    used = np.broadcast_to(n.sum(axis=0), n.shape).astype(np.float64)
    return {
        MOST_USED: used,
        RAW_RATE: np.where(used > 0, tallies.rate(by_category=False), NEVER),
        RAW_BY_CATEGORY: np.where(n > 0, tallies.rate(by_category=True), NEVER),
        WILSON_BY_CATEGORY: wilson_low(successes, n),
    }


def wilson_low(right: Numbers, n: Numbers) -> Numbers:
    """The lower end of the 95 % interval of right / n (Wilson, JASA 22, 1927); 0 where n is 0."""
    low, _ = wilson_ends(right, np.maximum(n, 1), Z_95)
    return np.where(n > 0, low, 0.0)


@dataclass(frozen=True)
class _Tallies:
    """Trials and successes of (agents x categories)."""

    n: Numbers
    successes: Numbers

    @classmethod
    def of(cls, trials: Trials) -> "_Tallies":
        counts, shape = trials.counts, (trials.agents.len(), trials.n_categories)
        place = counts.agent * shape[1] + counts.category

        def tally(weights: NDArray[Any]) -> Numbers:
            return np.asarray(np.bincount(place, weights, shape[0] * shape[1]).reshape(shape), np.float64)

        return cls(tally(counts.n), tally(counts.successes))

    def rate(self, *, by_category: bool) -> Numbers:
        """Raw rates (categories x agents), in the category or overall; the common rate where there are no trials."""
        n, successes = self.n.T, self.successes.T
        if not by_category:
            n, successes = (np.broadcast_to(x.sum(axis=0), x.shape) for x in (n, successes))
        common = self.successes.sum() / max(self.n.sum(), 1)
        return np.asarray(np.where(n > 0, successes / np.maximum(n, 1), common), np.float64)


def _ours(model: SkillModel, work: Work, candidates: Codes, n_trials: Numbers) -> Choice:
    """The first of the agents that are advised."""
    counts, n = model.trials.counts, work.context.size
    keys = np.unique(counts.context * model.trials.agents.len() + counts.agent)
    users, own = np.divmod(keys, model.trials.agents.len())
    asked = Asked(
        context=work.context,
        category=work.category,
        level=work.level,
        subject=work.context,
        current=np.full(n, NOT_THERE),
        uniform=np.zeros(n),
        own_start=np.searchsorted(users, np.arange(model.trials.contexts.len() + 1)),
        own_agent=own,
    )
    agent, claimed = np.zeros(n, np.int64), np.zeros(n)
    for piece in advised(model, asked, candidates, n_trials.astype(np.int64)):
        is_first = piece.slot == 0
        row = piece.row[is_first]
        agent[row], claimed[row] = piece.agent[is_first], piece.success.p()[is_first]
    return Choice(agent, claimed)
