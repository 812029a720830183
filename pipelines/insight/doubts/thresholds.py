"""How likely a share of successes reaches a threshold by chance: at one number of attempts, or at some look of many.

Exact, for independent attempts that all succeed with the same probability. Not here: which thresholds the game has.
"""

from math import ceil

import numpy as np

from pipelines.insight.skill.trials import Numbers

_ROUNDING = 1e-9  # 0.95 x 20 is a little more than 19 in floating point; the game counts 19 of 20 as 0.95


def at_least(share: float, n: int, p: float) -> float:
    """P(a share of `share` or more in `n` attempts, each a success with probability `p`): one look at the end."""
    return ever(share, n, n, p)


def ever(share: float, first: int, last: int, p: float) -> float:
    """P(a share of `share` or more at one or more of the looks after attempt `first`, `first` + 1, ..., `last`).

    Whoever stops at the first success of a test that is repeated has more chances than one (Armitage, McPherson and
    Rowe, "Repeated significance tests on accumulating data", JRSS A 132, 1969).
    """
    waiting: Numbers = np.zeros(last + 2)  # by successes so far: the chance of them without having reached it
    waiting[0] = 1
    reached = 0.0
    for n in range(1, last + 1):
        waiting[1:] = p * waiting[:-1] + (1 - p) * waiting[1:]
        waiting[0] *= 1 - p
        if n >= first:
            enough = ceil(share * n - _ROUNDING)
            reached += float(waiting[enough:].sum())
            waiting[enough:] = 0
    return reached
