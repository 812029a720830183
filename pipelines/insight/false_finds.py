"""False finds held down where many questions are asked at once. Not here: the questions."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def q_values(p: Numbers, n_tests: int) -> Numbers:
    """The share of false finds among all at or below each p, at most (Benjamini and Hochberg, JRSS B 57, 1995).

    `n_tests`: how many were made; those that are not in `p` have a p of 1.
    """
    order = np.argsort(p, kind="stable")
    ranked = p[order] * n_tests / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return q
