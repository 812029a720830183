"""Bounds on tails are never below the tails, and the share of false flags is Benjamini and Hochberg's."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.insight.false_finds import q_values
from pipelines.insight.review.chance import (
    LEAST_SPREAD,
    MIN_EXCESS,
    binomial_bound,
    excess,
    negative_binomial_bound,
    spread_of_others,
)


def one(value):
    return np.array([float(value)])


@given(st.integers(1, 60), st.data(), st.floats(0.01, 0.99))
def test_the_binomial_bound_is_never_below_the_exact_tail(n, data, share):
    hits = data.draw(st.integers(0, n))
    tail = sum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(hits, n + 1))
    assert binomial_bound(one(hits), one(n), one(share))[0] >= tail - 1e-12


@given(st.integers(0, 60), st.floats(0.05, 10), st.floats(0.05, 3))
def test_the_negative_binomial_bound_is_never_below_the_exact_tail(count, mean, spread):
    size = 1 / spread

    def chance(k):
        whole = math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1)
        return math.exp(whole - size * math.log1p(spread * mean) + k * math.log(spread * mean / (1 + spread * mean)))

    tail = 1 - sum(chance(k) for k in range(count))
    assert negative_binomial_bound(one(count), one(mean), one(spread))[0] >= tail - 1e-9


def test_bounds_are_tight_enough_to_find_what_is_plain():
    assert binomial_bound(one(20), one(20), one(0.5))[0] == pytest.approx(0.5**20)
    assert negative_binomial_bound(one(60), one(2), one(0.5))[0] < 1e-8


def test_nothing_more_than_expected_is_no_surprise():
    assert binomial_bound(one(5), one(10), one(0.5))[0] == 1
    assert negative_binomial_bound(one(3), one(3), one(0.5))[0] == 1
    n, expected = np.full(9, 20.0), np.full(9, 10.0)
    assert excess(np.full(9, 10 + MIN_EXCESS - 1.0), n, expected).tolist() == [1.0] * 9


def test_a_spread_is_that_of_the_others_and_not_of_whom_it_judges():
    hits, n, share = np.array([40.0, *[10.0] * 30]), np.full(31, 100.0), np.full(31, 0.1)
    spread = spread_of_others(hits, n, share)
    assert spread[0] == pytest.approx(LEAST_SPREAD * (1 + 2 * math.sqrt(2 / 30)))
    assert spread[1] > 5 * spread[0]


def test_where_habits_lie_far_apart_a_far_one_is_less_surprising():
    n, expected = np.full(31, 100.0), np.full(31, 20.0)
    alike = excess(np.array([45.0, *[19.0] * 30]), n, expected)[0]
    unlike = excess(np.array([45.0, *[5.0, 33.0] * 15]), n, expected)[0]
    assert alike < 1e-3
    assert unlike > 100 * alike


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(0, 20))
def test_q_is_the_least_rate_at_which_the_procedure_of_benjamini_and_hochberg_rejects(p, others):
    n_tests = len(p) + others
    slow = [min(1.0, *(v * n_tests / sum(w <= v for w in p) for v in p if v >= mine), 1.0) for mine in p]
    assert q_values(np.array(p), n_tests).tolist() == pytest.approx(slow)
