"""The noise is as wide as its price says, drawn anew each time, and cannot overflow."""

from fractions import Fraction
from math import sqrt
from statistics import fmean

import pytest

from pipelines.arena.noise import BOUND, noisy, rho_of, sigma_for


@pytest.mark.parametrize(
    ("max_norm", "micro_rho", "n_vectors"), [(30, 50_000, 2), (1, 500_000, 1), (7, 3, 2), (1, 10**9, 1), (10**6, 1, 2)]
)
def test_sigma_is_the_least_in_thousandths_that_the_price_pays_for(max_norm: int, micro_rho: int, n_vectors: int):
    sigma, price = sigma_for(max_norm, micro_rho, n_vectors), Fraction(micro_rho, 10**6)
    assert n_vectors * rho_of(max_norm, sigma) <= price
    assert n_vectors * rho_of(max_norm, sigma - 0.001) > price
    assert sigma == pytest.approx(max_norm * sqrt(n_vectors / (2 * price)), abs=0.00101)


def test_the_price_is_never_less_than_the_theorem_says():
    for sigma in (0.7, 3.0, 134.165, 2999.999):
        assert rho_of(30, sigma) >= Fraction(30) ** 2 / (2 * Fraction(sigma) ** 2)


@pytest.mark.parametrize(("max_norm", "micro_rho", "n_vectors"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_nothing_is_drawn_for_nothing(max_norm: int, micro_rho: int, n_vectors: int):
    with pytest.raises(ValueError, match="at least 1"):
        sigma_for(max_norm, micro_rho, n_vectors)


def test_the_noise_has_the_standard_deviation_that_is_told_and_no_bias():
    n, sigma = 4000, 20.0
    noise = [value - 1000 for value in noisy([1000] * n, sigma)]
    assert abs(fmean(noise)) < 6 * sigma / sqrt(n)
    assert fmean(value**2 for value in noise) == pytest.approx(sigma**2, rel=6 * sqrt(2 / n))


def test_each_value_and_each_draw_has_noise_of_its_own():
    first, second = (noisy([0] * 200, 134.165) for _ in range(2))
    assert first != second
    assert len(set(first)) > 100


def test_figures_that_no_one_could_store_do_not_overflow():
    for value, kept in ((10**30, BOUND), (-(10**30), -BOUND), (2**31, 2**31)):
        assert abs(noisy([value], 10.0)[0] - kept) < 200
