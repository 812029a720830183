"""One agent that is worth a try: drawn by Thompson sampling, with the chance of every agent to be drawn.

Each agent's skill is drawn from its posterior, and the agent of the highest draw is tried (Thompson, Biometrika 25,
1933); with half of the posterior's standard deviation, for boldness costs the one who is advised. Those advised anyway
are passed over. Not here: who is advised anyway (choosing.py).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.insight.normal import normal_share
from pipelines.insight.skill.trials import Codes, Numbers

BOLDNESS = 0.5  # of the posterior standard deviation
N_POINTS = 256  # of the integral
SURE = 0.02  # logits: nobody is known better than this; keeps the integrand wider than the steps between points
N_SD = 4.0  # standard deviations about each mean that the integral reaches
_LEAST = 1e-300
Words = NDArray[np.uint64]


def chances(mean: Numbers, sd: Numbers, passed_over: Codes) -> Numbers:
    """The chance of each agent to have the highest draw among those who are not passed over.

    `mean`, `sd`: (agents,), logits. `passed_over`: (rows, k), places of agents, NOT_THERE for none. Gives (rows,
    agents), each row with the sum 1, and 0 for those passed over. Needs an agent that is not passed over in every row.

    P(a) = integral of f_a(x) x product over the others of F_b(x), by the trapezoid rule: no noise of draws, so that
    what is published as a propensity is one.
    """
    spread = np.maximum(BOLDNESS * sd, SURE)
    lows = np.sort(mean - N_SD * spread)
    start = lows[max(mean.size - 1 - passed_over.shape[1], 0)]  # the highest draw lies above, whoever is passed over
    x = np.linspace(start, max((mean + N_SD * spread).max(), start + 1e-6), N_POINTS)
    z = (x - mean[:, None]) / spread[:, None]
    below = np.maximum(normal_share(z), _LEAST)
    hazard = np.exp(-0.5 * z**2) / spread[:, None] / below
    log_below = np.vstack([np.log(below), np.zeros(N_POINTS)])  # the last row stands for nobody
    others = log_below.sum(axis=0) - log_below[passed_over].sum(axis=1)
    weight = np.full(N_POINTS, 1.0)
    weight[[0, -1]] = 0.5
    found = (np.exp(others) * weight) @ hazard.T
    padded = np.hstack([found, np.zeros((len(found), 1))])
    np.put_along_axis(padded, passed_over, 0.0, axis=1)
    found = padded[:, :-1]
    return np.asarray(found / found.sum(axis=1, keepdims=True), np.float64)


def drawn(chance: Numbers, uniform: Numbers) -> Codes:
    """One agent of each row of chances, by a uniform number of each row."""
    upto = chance.cumsum(axis=1)
    place = (upto <= (uniform * upto[:, -1])[:, None]).sum(axis=1)
    return np.asarray(place, np.int64)


def uniforms(seed: int, *facts: NDArray[Any]) -> Numbers:
    """A number in [0, 1) for each row, made of whole numbers that are facts of it, such as instants and counts.

    Rows with the same facts have the same number: it depends neither on how ids are spelt nor on the order of rows.
    Multiply-shift hashing (Dietzfelbinger et al., J. Algorithms 25, 1997) with factors drawn from the seed, twice with
    the high half folded into the low one, for facts that differ little shall be drawn apart.
    """
    n = np.random.default_rng(seed)
    factors = n.integers(0, 2**63, len(facts) + 2, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    mixed: Words = np.full(facts[0].size, factors[-1], np.uint64)
    for fact, factor in zip(facts, factors, strict=False):
        mixed = (mixed ^ (mixed >> np.uint64(32))) * factors[-2] + fact.astype(np.int64).view(np.uint64) * factor
    mixed = (mixed ^ (mixed >> np.uint64(32))) * factors[-2]
    mixed ^= mixed >> np.uint64(29)
    return np.asarray((mixed >> np.uint64(11)).astype(np.float64) / 2.0**53, np.float64)
