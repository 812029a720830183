"""What a policy would have been worth on calls of which another policy chose the agents: doubly robust values.

    value = mean of q(x, chosen) + [chosen = called] x (success - q(x, called)) / e(called | x)

Right if either the outcome model q or the chance e of the call is (Robins, Rotnitzky and Zhao, JASA 89, 1994; Dudik,
Langford and Li, ICML 2011). 1 / e is clipped. Here: the contribution of every call. Not here: policies (policies.py),
how sure the mean is (resampling.py), the table (backtest.py).
"""

from dataclasses import dataclass

import numpy as np

from pipelines.insight.logged_policy import LoggedPolicy
from pipelines.insight.plain_outcomes import PlainOutcomes
from pipelines.insight.policies import LOGGED, POLICIES, Work, chosen
from pipelines.insight.rolling import Origin, Rolling
from pipelines.insight.trials import Codes, Numbers

MOST_WEIGHT = 20.0  # of one call (ANALYTICS): rarer choices would decide alone
JUDGED = (*POLICIES, LOGGED)


@dataclass(frozen=True)
class Judged:
    """The tested calls, rows of all origins: who and when, and for each of JUDGED (a column each, in that order) what
    the row adds to its value, the weight it had where the policy chose the agent called, and what it claimed (NaN: of
    the log itself).
    """

    user: Codes
    day: Codes
    worth: Numbers
    weight: Numbers
    claimed: Numbers

    @classmethod
    def of(cls, rolling: Rolling) -> "Judged":
        """The tested calls of all origins, of which there must be one."""
        parts = [_judged(origin) for origin in rolling.origins]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__))

    def n_effective(self) -> Numbers:
        """As how many evenly weighted calls the chosen ones count, by policy (Kish 1965)."""
        total, squares = self.weight.sum(axis=0), (self.weight**2).sum(axis=0)
        return np.asarray(np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0), np.float64)


def _judged(origin: Origin) -> Judged:
    agent, user, category, level = (origin.column(name) for name in ("agent", "context", "category", "level"))
    success = origin.column("success").astype(np.float64)
    outcomes = PlainOutcomes.of(origin.known)
    choices = chosen(origin.model, Work(user, category, level), origin.candidates)
    chance = LoggedPolicy.of(origin.lately, origin.candidates.size).chance(user, category, agent)
    weight = np.minimum(1 / chance, MOST_WEIGHT)
    surplus = success - outcomes.success(agent, user, category, level)
    worth, weights, claimed = [], [], []
    for name in POLICIES:
        choice = choices[name]
        taken = weight * (choice.agent == agent)
        worth.append(outcomes.success(choice.agent, user, category, level) + taken * surplus)
        weights.append(taken)
        claimed.append(choice.claimed)
    days = np.asarray(origin.tested["day"].to_physical().to_numpy(), np.int64)
    return Judged(
        user,
        days,
        np.column_stack([*worth, success]),
        np.column_stack([*weights, np.ones(agent.size)]),
        np.column_stack([*claimed, np.full(agent.size, np.nan)]),
    )
