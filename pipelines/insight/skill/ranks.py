"""Who stands where when skill is only known to lie about a mean: shared ranks, intervals of ranks, chances of the top.

Agents are taken as independent of each other, normal about their means. Not here: what the skill is (ratings.py), the
boards (boards.py).
"""

import numpy as np

from pipelines.insight.normal import normal_share
from pipelines.insight.skill.trials import Codes, Numbers

MOST_DRAWS, LEAST_DRAWS = 1000, 100  # of a board; the 5 % point then lies between the 4 and 6 %, or 1 and 9 %, points
DRAWS = 1_000_000  # draws x agents of a board: larger boards get fewer draws
GRID, LEAST_GRID, GRID_CELLS = 512, 128, 700_000  # points at which chances are summed up; agents x points at most
CROWD = 30  # below the mean of so many nobody is one of the first three: they are above it in half of the draws each
FAR = 4.0  # standard deviations off, beyond which a skill is not looked at: 3 in 100,000
_TINY = 1e-8  # below it a chance counts as this: products of three of them are still numbers


def shared_ranks(low: Numbers, high: Numbers) -> Codes:
    """1 + how many rivals' low ends lie above my high end: overlapping intervals share (FastChat's rule)."""
    return np.asarray(1 + low.size - np.searchsorted(np.sort(low), high, side="right"), np.int64)


def rank_intervals(mean: Numbers, sd: Numbers, seed: int) -> tuple[Codes, Codes]:
    """Between which ranks each lies in 90 % of draws of all skills, both ends inclusive.

    Depends on the order of the agents: have them sorted by what they are, not by how they are called.
    """
    n = mean.size
    n_draws = int(np.clip(DRAWS // max(n, 1), LEAST_DRAWS, MOST_DRAWS))
    drawn = np.random.default_rng(seed).standard_normal((n_draws, n), dtype=np.float32)
    order = np.argsort(-(mean.astype(np.float32) + sd.astype(np.float32) * drawn), axis=1)
    rank = np.empty((n_draws, n), np.int32)
    np.put_along_axis(rank, order, np.arange(1, n + 1, dtype=np.int32)[None, :], axis=1)
    off = n_draws // 20
    by_agent = np.partition(np.ascontiguousarray(rank.T), [off, n_draws - 1 - off], axis=1)
    return by_agent[:, off].astype(np.int64), by_agent[:, n_draws - 1 - off].astype(np.int64)


def top_chances(mean: Numbers, sd: Numbers) -> tuple[Numbers, Numbers]:
    """The probability of each to be the best, and to be among the best three: summed over skills, not drawn.

    Best is who has no other above its skill x: the product of the others' P(skill < x), averaged over its own x. Among
    three are those with at most two above: the same with the first two elementary symmetric sums of the odds.
    """
    n = mean.size
    floor = np.sort(mean)[-CROWD] if n >= CROWD else (mean - FAR * sd).min()
    held = np.flatnonzero(mean + FAR * sd >= floor)
    mean, sd = mean[held], sd[held]
    points = int(np.clip(GRID_CELLS // held.size, LEAST_GRID, GRID))
    x = np.linspace(floor, (mean + FAR * sd).max(), points)[:, None]
    below = normal_share((x - mean) / sd)
    safe = np.maximum(below, _TINY)
    odds = (1 - below) / safe
    nobody = np.exp(np.log(safe).sum(axis=1, keepdims=True)) / safe
    one, two = odds.sum(axis=1, keepdims=True) - odds, (odds**2).sum(axis=1, keepdims=True) - odds**2
    up_to_two = nobody * (1 + one + np.maximum(one**2 - two, 0) / 2)
    chances = np.zeros((2, n))
    for row, chance in zip(chances, (nobody, up_to_two), strict=True):
        between = (np.minimum(chance[1:], 1) + np.minimum(chance[:-1], 1)) / 2 * np.diff(below, axis=0)
        row[held] = np.minimum(between.sum(axis=0) + chance[0] * below[0] + (1 - below[-1]), 1)
    return chances[0], chances[1] if n > 3 else np.ones(n)
