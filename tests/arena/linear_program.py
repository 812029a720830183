"""The slow and obvious way to joint bounds: the linear program itself, solved by HiGHS. Not here: the bounds told."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from pipelines.arena.joint_bounds import Z

Row = NDArray[np.float64]


def by_linear_program(
    figures: list[tuple[int, int]], n_others: int, at_most: int, cap: int, sigma: float
) -> list[tuple[float, float]]:
    """Least and most attempts of one owner in each cell and in all, the margin last.

    `figures`: noisy successes and failures of each cell, then of the margin. Three unknowns a cell: attempts of the
    owner, of the other unknown ones, of the profiled ones. Where nothing fits all figures, each is solved alone.
    """
    n = len(figures) - 1
    ends = [interval(s + f, sigma * sqrt(2), n_others * cap + at_most) for s, f in figures]
    one, rest, profiled = (np.kron(np.eye(3)[i], np.ones(n)) for i in range(3))
    caps = [(one, float(cap)), (rest, float((n_others - 1) * cap)), (profiled, float(at_most))]
    cells = [(np.tile(np.eye(n)[c], 3), ends[c]) for c in range(n)]
    margin = (np.ones(3 * n), ends[n])
    asked = [*(np.kron(np.eye(3)[0], np.eye(n)[c]) for c in range(n)), one]
    together = [solved(goal, caps, [*cells, margin]) for goal in asked]
    if None not in together:
        return [found for found in together if found is not None]
    alone = [solved(asked[c], caps, [cells[c]]) for c in range(n)] + [solved(one, caps, [margin])]
    return [found for found in alone if found is not None]


def solved(
    goal: Row, caps: list[tuple[Row, float]], boxes: list[tuple[Row, tuple[float, float]]]
) -> tuple[float, float] | None:
    """The least and the greatest value of `goal`; none where nothing fits."""
    matrix = [row for row, _ in caps] + [side * row for row, _ in boxes for side in (1, -1)]
    most = [cap for _, cap in caps] + [side for _, (low, high) in boxes for side in (high, -low)]
    ways = [linprog(sign * goal, A_ub=matrix, b_ub=most, method="highs") for sign in (1, -1)]
    if any(way.status for way in ways):
        return None
    return float(ways[0].fun), float(-ways[1].fun)


def interval(told: float, sigma: float, top: float) -> tuple[float, float]:
    """All values from 0 to `top` whose log-likelihood is at most Z^2 / 2 below that of the likeliest one."""
    best = min(max(told, 0), top)
    reach = sqrt((told - best) ** 2 + (Z * sigma) ** 2)
    return min(max(told - reach, 0), top), min(max(told + reach, 0), top)
