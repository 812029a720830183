"""What a policy would have been worth on calls of which another policy chose the agents: doubly robust values.

    value = mean of q(x, chosen) + [chosen = called] x (success - q(x, called)) / e(called | x)

Right if either the outcome model q or the chance e of the call is (Robins, Rotnitzky and Zhao, JASA 89, 1994; Dudik,
Langford and Li, ICML 2011). 1 / e is clipped. e is estimated from what was known before; q from the tested calls of
other users (cross-fitting; Chernozhukov et al., Econometrics Journal 21, 2018), for an agent that was lucky in the past
is chosen by raw rates, and a judge who learned from the same past would believe in its luck. Here: the contribution of
every call. Not here: policies (policies.py), how sure the mean is (resampling.py), the table (recommender.py).
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from pipelines.insight.backtests.logged_policy import LoggedPolicy
from pipelines.insight.backtests.plain_outcomes import PlainOutcomes
from pipelines.insight.backtests.policies import LOGGED, POLICIES, Choice, Work, chosen
from pipelines.insight.backtests.resampling import N_FOLDS, Groups
from pipelines.insight.backtests.rolling import Rolling
from pipelines.insight.skill.trials import Codes, Numbers, Trials

MOST_WEIGHT = 20.0  # of one call (ANALYTICS): rarer choices would decide alone
JUDGED = (*POLICIES, LOGGED)


@dataclass(frozen=True)
class Judged:
    """The tested calls, rows of all origins, and for each of JUDGED (a column each, in that order) what the row adds to
    its value, the weight it had where the policy chose the agent called, and what it claimed (NaN: of the log itself).
    """

    groups: Groups
    worth: Numbers
    weight: Numbers
    claimed: Numbers

    @classmethod
    def of(cls, rolling: Rolling) -> "Judged":
        """The tested calls of all origins, of which there must be one."""
        origins = rolling.origins
        tested = pl.concat([origin.tested for origin in origins])
        rows = {name: np.asarray(tested[name].to_physical().to_numpy(), np.int64) for name in tested.columns}
        groups = Groups.of(rows["context"], rows["day"])
        chances, choices = [], []
        for origin in origins:
            agent, *work = (origin.column(name) for name in ("agent", "context", "category", "level"))
            policy = LoggedPolicy.of(origin.known.recent, origin.candidates.size)
            chances.append(policy.chance(work[0], work[1], agent))
            choices.append(chosen(origin.model, Work(*work), origin.candidates))
        weight = np.minimum(1 / np.concatenate(chances), MOST_WEIGHT)
        made = [_together([choice[name] for choice in choices]) for name in POLICIES]
        expected = outcomes(origins[0].known, tested, groups, [choice.agent for choice in made] + [rows["agent"]])
        taken = np.column_stack([weight * (choice.agent == rows["agent"]) for choice in made])
        surplus = rows["success"] - expected[:, -1]
        return cls(
            groups,
            np.column_stack([expected[:, :-1] + taken * surplus[:, None], rows["success"]]),
            np.column_stack([taken, np.ones(tested.height)]),
            np.column_stack([*(choice.claimed for choice in made), np.full(tested.height, np.nan)]),
        )

    def n_effective(self) -> Numbers:
        """As how many evenly weighted calls the chosen ones count, by policy (Kish 1965)."""
        total, squares = self.weight.sum(axis=0), (self.weight**2).sum(axis=0)
        return np.asarray(np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0), np.float64)


def outcomes(trials: Trials, tested: pl.DataFrame, groups: Groups, agents: list[Codes]) -> Numbers:
    """What is to be expected of agents (arrays as long as `tested`, a column each) by the calls of other groups.

    `trials`: what was known before; by these where there is but one group.
    """
    rows = {name: np.asarray(tested[name].to_physical().to_numpy(), np.int64) for name in tested.columns}
    day, success, level = rows["day"] - rows["day"].min(), rows["success"], rows["level"]
    fold = groups.folds(np.column_stack([success, day, level, day**2, day * success, day * level]))
    expected = np.zeros((tested.height, len(agents)))
    for place in range(N_FOLDS):
        held, others = np.flatnonzero(fold == place), tested.filter(pl.Series(fold != place))
        judge = PlainOutcomes.of(trials if others.is_empty() else replace(trials, events=others))
        work = [rows[name][held] for name in ("context", "category", "level")]
        expected[held] = np.column_stack([judge.success(agent[held], *work) for agent in agents])
    return expected


def _together(parts: list[Choice]) -> Choice:
    return Choice(np.concatenate([part.agent for part in parts]), np.concatenate([part.claimed for part in parts]))
