"""How far two orders of the same agents agree. Not here: what orders them."""

import numpy as np

from pipelines.insight.skill.trials import Numbers


def kendall(x: Numbers, y: Numbers) -> float:
    """Kendall's tau-a: the share of pairs that both order alike less the share that they order otherwise.

    From -1 (turned round) over 0 (nothing to do with each other) to 1; a pair that is equal in one of the two counts
    for neither. NaN for fewer than two. Kendall, "A new measure of rank correlation", Biometrika 30, 1938.
    """
    n = x.size
    if n < 2:
        return float("nan")
    agreed = sum(float(np.sign(x[i] - x[i + 1 :]) @ np.sign(y[i] - y[i + 1 :])) for i in range(n - 1))
    return agreed / (n * (n - 1) / 2)
