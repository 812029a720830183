"""How evenly something is used: entropy with its interval. Not here: of what (collaboration.py)."""

import numpy as np
from numpy.typing import NDArray

from pipelines.game.leaderboards import Z_95

# Of 2,000 simulated teams of 5 to 25 agents the interval held the truth in 0 to 94 % with fewer calls than this, and
# from there on in 88 % (where one agent has nearly all calls) or more.
MIN_CALLS = 100
MIN_CALLS_EACH = 4  # for each agent


def evenness(starts: NDArray[np.int64], calls: NDArray[np.int64]) -> list[NDArray[np.float64]]:
    """Entropy in bits of the calls over the agents of each team, and the ends of its 95 % interval; NaN: too few calls.

    `calls`: of each agent of each team, above 0, team by team; `starts`: where each team begins. The estimate is
    Miller and Madow's (Miller, Note on the bias of information estimates, 1955): the plain one lies too low by about
    (agents - 1) / (2 calls) nats. The variance is that of the delta method with the next term of its series (Basharin,
    Theory of Probability and its Applications 4, 1959; Harris 1975): the first term alone is 0 for agents used alike.
    The estimate may exceed log2 of the agents seen: some may not have been seen. Of one agent alone the high end is the
    entropy with as many calls to others as Wilson's interval of none allows.
    """
    n = np.add.reduceat(calls, starts).astype(np.float64)
    sizes = np.diff(starts, append=calls.size)
    share = calls / np.repeat(n, sizes)
    log = np.log(share)
    plain = -np.add.reduceat(share * log, starts)
    spread = np.add.reduceat(share * log * log, starts) - plain * plain
    variance = np.maximum(spread, 0.0) / n + (sizes - 1) / (2 * n * n)
    entropy = plain + (sizes - 1) / (2 * n)
    reach = Z_95 * np.sqrt(variance)
    unseen = Z_95 * Z_95 / (n + Z_95 * Z_95)
    of_one = -(unseen * np.log(unseen) + (1 - unseen) * np.log1p(-unseen))
    high = np.where(sizes == 1, of_one, entropy + reach)
    is_enough = (n >= MIN_CALLS) & (n >= MIN_CALLS_EACH * sizes)
    return [np.where(is_enough, nats / np.log(2), np.nan) for nats in (entropy, np.maximum(entropy - reach, 0), high)]
