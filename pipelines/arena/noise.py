"""Noise: the discrete Gaussian over whole numbers, drawn and accounted for by OpenDP.

Here: how wide it must be for a price, and the draw. The randomness is OpenDP's own (the system's secure source): there
is no seed, and nothing can be drawn a second time. Not here: what it is added to (aggregates.py), and who pays the
price (budget.py).

Source: Canonne, Kamath, Steinke (2020), The Discrete Gaussian for Differential Privacy. Two vectors of whole numbers
that lie at most d apart in Euclidean norm cost rho = d^2 / (2 sigma^2) in zero-concentrated differential privacy.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING

from pipelines.arena.policy import MICRO

if TYPE_CHECKING:
    from opendp.mod import Measurement

_STEPS = 1000  # sigma is told in thousandths, rounded up
BOUND = 2**53  # within which every reader of JSON keeps whole numbers exact


def sigma_for(max_norm: int, micro_rho: int, n_vectors: int = 1) -> float:
    """The least scale of the noise, in thousandths, at which `n_vectors` vectors together cost at most `micro_rho`.

    `max_norm`: how far one owner may move each of them. OpenDP's own map of the very measurement that is drawn from
    says what one costs; it is compared as an exact fraction. Raises ValueError where there is nothing to spend.
    """
    if micro_rho < 1 or max_norm < 1 or n_vectors < 1:
        raise ValueError("noise needs a price, a norm and a vector of at least 1")
    share = Fraction(micro_rho, MICRO * n_vectors)
    steps = max(1, isqrt(int(Fraction(max_norm**2 * _STEPS**2) / (2 * share))))
    while rho_of(max_norm, steps / _STEPS) > share:
        steps += 1
    return steps / _STEPS


def rho_of(max_norm: int, sigma: float) -> Fraction:
    """What one vector with this noise costs, by OpenDP's map, which rounds up."""
    return Fraction(_gaussian(sigma).map(float(max_norm)))  # type: ignore[no-untyped-call] # OpenDP leaves it untyped


def noisy(values: Sequence[int], sigma: float) -> list[int]:
    """The values, each with noise of its own.

    They are first brought within BOUND, so that nothing can overflow; no sum of capped counts comes near it, and moving
    two values into bounds brings them no further apart.
    """
    return [int(value) for value in _gaussian(sigma)([min(max(value, -BOUND), BOUND) for value in values])]


def _gaussian(sigma: float) -> "Measurement":
    import opendp.prelude as dp  # half a second, which no `--help` should pay

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T=float)
    return dp.m.make_gaussian(*space, scale=sigma)
