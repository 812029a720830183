"""How sure shares and differences of shares are, as columns or arrays: Wilson's and Newcombe's intervals.

Not here: shares of one number at a time, as pages tell them (reports/intervals.py).
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.game.leaderboards import Z_95

DIGITS = 6  # to which published shares are rounded


def wilson(right: pl.Expr, n: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Low and high end of the 95 % interval of right / n (Wilson, JASA 22, 1927); null where `n` is 0 or null."""
    n = pl.when(n > 0).then(n.cast(pl.Float64))
    share, z2 = right / n, Z_95 * Z_95
    middle, spread = share + z2 / (2 * n), Z_95 * (share * (1 - share) / n + z2 / (4 * n * n)).sqrt()
    return ((middle - spread) / (1 + z2 / n)).clip(0.0, 1.0), ((middle + spread) / (1 + z2 / n)).clip(0.0, 1.0)


def wilson_ends(right: NDArray[np.float64], n: NDArray[np.float64], z: float) -> tuple[NDArray[np.float64], ...]:
    """Low and high end of Wilson's interval of right / n, as arrays; `z`: how many standard deviations. `n` > 0."""
    share, z2 = right / n, z * z
    middle, spread = share + z2 / (2 * n), z * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low, high = ((middle + side) / (1 + z2 / n) for side in (-spread, spread))
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def told(name: str, right: pl.Expr, n: pl.Expr) -> list[pl.Expr]:
    """Columns `{name}_share`, `{name}_lo95`, `{name}_hi95` of right / n; null where `n` is 0 or null."""
    low, high = wilson(right, n)
    ends = {f"{name}_share": right / pl.when(n > 0).then(n), f"{name}_lo95": low, f"{name}_hi95": high}
    return [value.alias(column) for column, value in ends.items()]


def difference(before: str, after: str) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Share after less share before, with its 95 % interval. `before`, `after`: names whose columns `told` has made.

    Newcombe's hybrid of two Wilson intervals (Statistics in Medicine 17, 1998, 873-890, method 10): it holds for few
    and for shares at 0 or 1, where the normal one has no width.
    """
    (share_1, low_1, high_1), (share_2, low_2, high_2) = (
        [pl.col(f"{name}_{end}") for end in ("share", "lo95", "hi95")] for name in (before, after)
    )
    change = share_2 - share_1
    low = change - ((share_2 - low_2) ** 2 + (high_1 - share_1) ** 2).sqrt()
    high = change + ((high_2 - share_2) ** 2 + (share_1 - low_1) ** 2).sqrt()
    return change, low, high
