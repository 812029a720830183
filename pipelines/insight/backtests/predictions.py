"""What was predicted on days past, and what came: our model's chances, and those of two rates that need no model.

Here: predictions for the trials that really came, by what was known before them. Not here: how good they are
(scores.py, calibration.py), what other agents would have done (doubly_robust.py).
"""

from dataclasses import dataclass

import numpy as np

from pipelines.insight.backtests.later_shares import LaterShares
from pipelines.insight.backtests.resampling import Groups
from pipelines.insight.backtests.rolling import Origin, Rolling
from pipelines.insight.evidence import CALL
from pipelines.insight.skill.trials import Codes, Numbers

OURS, RAW_RATE, BASE_RATE = "ours", "raw_rate", "base_rate"
MODELS = (OURS, RAW_RATE, BASE_RATE)


@dataclass(frozen=True)
class Predictions:
    """Tested trials of a kind, rows of all origins: `p` has a column for each of MODELS. `groups`: whose they are,
    users of calls and agents of submissions. `shares`: later shares of success of agents beside their intervals.
    """

    rolling: Rolling
    success: Numbers
    p: Numbers
    groups: Groups
    shares: LaterShares

    @classmethod
    def of(cls, rolling: Rolling) -> "Predictions":
        """Predictions of all origins, of which there must be one."""
        origins = rolling.origins
        whose = "context" if rolling.kind == CALL else "agent"
        group = np.concatenate([origin.column(whose) for origin in origins])
        days = np.concatenate([origin.tested["day"].to_physical().to_numpy() for origin in origins]).astype(np.int64)
        return cls(
            rolling,
            np.concatenate([origin.column("success") for origin in origins]).astype(np.float64),
            np.vstack([_predicted(origin) for origin in origins]),
            Groups.of(group, days),
            LaterShares.of(rolling),
        )


def _predicted(origin: Origin) -> Numbers:
    agent: Codes = origin.column("agent")
    n_agents = origin.known.agents.len()
    known, success = origin.column("agent", origin.known.events), origin.column("success", origin.known.events)
    n, successes = np.bincount(known, minlength=n_agents), np.bincount(known, success, n_agents)
    base = successes.sum() / n.sum()
    raw = np.where(n > 0, successes / np.maximum(n, 1), base)
    ours = origin.model.success(agent, *(origin.column(name) for name in ("context", "category", "level"))).p()
    return np.column_stack([ours, raw[agent], np.full(agent.size, base)])
