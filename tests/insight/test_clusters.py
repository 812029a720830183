"""Means and medians of numbers in clusters."""

import numpy as np
import pytest

from pipelines.insight.clusters import mean, median


def test_of_clusters_of_one_the_mean_has_students_interval() -> None:
    """1 to 5: mean 3, standard deviation 1.5811, t of 95 % with four degrees 2.1318."""
    found = mean(np.arange(1.0, 6.0), np.arange(5))
    assert (found.value, found.n, found.n_clusters) == (3.0, 5, 5)
    assert found.high == pytest.approx(3 + 2.1318 * 1.5811 / 5**0.5, abs=0.01)


def test_copies_of_a_users_numbers_make_nothing_surer() -> None:
    numbers, users = np.array([0.0, 1.0, 1.0, 0.0, 1.0]), np.arange(5)
    once, often = mean(numbers, users), mean(np.repeat(numbers, 9), np.repeat(users, 9))
    assert (often.low, often.high) == pytest.approx((once.low, once.high))
    assert (often.n, often.n_clusters) == (45, 5)


def test_one_cluster_has_no_interval() -> None:
    assert mean(np.array([1.0, 2.0]), np.array([7, 7])).low is None
    assert median(np.array([1.0, 2.0]), np.array([7, 7])).high is None


def test_intervals_hold_nine_times_in_ten() -> None:
    rng = np.random.default_rng(1)
    users = np.repeat(np.arange(30), 5)
    held = {"mean": 0, "median": 0}
    for _ in range(400):
        numbers = rng.normal(0, 1, 30)[users] + rng.normal(0, 1, len(users))
        for name, estimate in (("mean", mean(numbers, users)), ("median", median(numbers, users))):
            assert estimate.low is not None
            assert estimate.high is not None
            held[name] += estimate.low <= 0 <= estimate.high
    assert 0.86 <= held["mean"] / 400 <= 0.94
    assert 0.85 <= held["median"] / 400 <= 0.96
