"""What a spent budget of privacy means for one person, as odds. Not here: the budget (arena/budget.py)."""

from math import ceil, expm1, sqrt

from pipelines.arena.policy import MICRO


def most_right(micro_rho: int) -> int:
    """In how many of a hundred cases, at the most, whoever sees the releases guesses rightly whether one did the work.

    Of somebody who knows what everybody else did and thinks both equally likely beforehand: 50 is a coin. Releases of
    rho in zCDP have a divergence of Kullback and Leibler of at most rho (Bun and Steinke 2016, definition 1.1, alpha
    to 1), which bounds their total variation by sqrt(rho / 2) (Pinsker) and by sqrt(1 - exp(-rho)) (Bretagnolle and
    Huber); of total variation v, (1 + v) / 2 are right. Rounded up.
    """
    rho = micro_rho / MICRO
    variation = min(sqrt(rho / 2), sqrt(-expm1(-rho)))
    return ceil(100 * (1 + variation) / 2)
