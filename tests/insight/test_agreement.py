"""Kendall's tau of orders."""

import math

import numpy as np

from pipelines.insight.doubts.agreement import kendall


def test_the_same_order_is_1_and_the_reverse_is_minus_1_whatever_the_scale() -> None:
    x = np.array([1.0, 5.0, 2.0, 9.0])
    assert kendall(x, np.exp(x)) == 1
    assert kendall(x, -x) == -1


def test_pairs_are_counted_and_equals_count_for_neither() -> None:
    x, y = np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])
    assert math.isclose(kendall(x, y), (2 - 1) / 3)
    assert math.isclose(kendall(x, np.array([1.0, 1.0, 2.0])), 2 / 3)


def test_of_fewer_than_two_there_is_no_order() -> None:
    assert math.isnan(kendall(np.array([1.0]), np.array([1.0])))
