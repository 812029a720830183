"""Whether trials that belong together hang together: how much variance is left out by taking them for independent.

Not here: intervals of shares (proportions.py), which take them so.
"""

import numpy as np
import polars as pl

from pipelines.insight.clusters import Estimate
from pipelines.insight.normal import Z_90


def design_effect(trials: pl.DataFrame) -> Estimate | None:
    """The variance of sums over groups of trials beside that of as many independent ones; 1 is independence.

    `trials`: agent_id, context (a group is an agent with one of these), success. Each agent's own share is taken off
    first, which n_c of its n trials in a group can do no more than n_c (1 - n_c / n) about. With a 90 % interval by the
    variance of a ratio of sums over groups; None if no agent has both two groups and two outcomes. The effect is Kish's
    ("Survey Sampling", 1965): by its root an interval of a share should be wider.
    """
    of_agent = {"size": pl.len().over("agent_id"), "share": pl.col("success").mean().over("agent_id")}
    groups = (
        trials.select("agent_id", "context", "success", **of_agent)
        .group_by("agent_id", "context")
        .agg(pl.len(), pl.col("success").sum(), pl.col("size", "share").first())
        .filter((pl.col("size") > pl.col("len")) & pl.col("share").is_between(0, 1, closed="none"))
        .sort("agent_id", "context")
    )
    n, right, size, share = (groups[name].to_numpy().astype(np.float64) for name in ("len", "success", "size", "share"))
    if not n.size:
        return None
    together = (right - n * share) ** 2
    alone = share * (1 - share) * size / (size - 1) * n * (1 - n / size)
    effect = float(together.sum() / alone.sum())
    error = Z_90 * float(((together - effect * alone) ** 2).sum()) ** 0.5 / float(alone.sum())
    return Estimate(effect, max(effect - error, 0.0), effect + error, int(n.sum()), n.size)
