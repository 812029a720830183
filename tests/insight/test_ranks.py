"""Ranks of skills that are only known to lie about a mean: literal cases, and drawn ones as a slow oracle."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.insight.normal import normal_share
from pipelines.insight.skill.ranks import rank_intervals, shared_ranks, top_chances

SEED = 7


def numbers(*values: float) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.array(values, np.float64)


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0, 2)), min_size=1, max_size=12))
def test_a_rank_is_one_more_than_the_rivals_that_lie_wholly_above(ends: list[tuple[float, float]]) -> None:
    low, high = [low for low, _ in ends], [low + width for low, width in ends]
    expected = [1 + sum(other > top for other in low) for top in high]
    assert shared_ranks(np.array(low), np.array(high)).tolist() == expected


def test_ends_that_touch_share_a_rank() -> None:
    assert shared_ranks(numbers(2, 1, 0), numbers(3, 2, 1)).tolist() == [1, 1, 2]


def test_skills_far_apart_have_one_rank_each_and_near_ones_several() -> None:
    low, high = rank_intervals(numbers(9, 1, 0.9, -9), numbers(0.1, 0.5, 0.5, 0.1), SEED)
    assert list(zip(low, high, strict=True)) == [(1, 1), (2, 3), (2, 3), (4, 4)]


def test_one_agent_alone_is_first_for_sure() -> None:
    alone = numbers(0.3), numbers(2)
    assert [end.tolist() for end in rank_intervals(*alone, SEED)] == [[1], [1]]
    assert [chance.item() for chance in top_chances(*alone)] == pytest.approx([1, 1])


@pytest.mark.parametrize("n", [2, 3, 4, 9, 60, 300])
def test_chances_of_the_top_are_those_of_many_draws(n: int) -> None:
    dice = np.random.default_rng(n)
    mean, sd = dice.normal(0, 0.6, n), dice.uniform(0.02, 0.8, n)
    first, among_three = top_chances(mean, sd)
    best = np.argsort(-(mean + sd * dice.standard_normal((8_000, n))), axis=1)[:, :3]
    assert first == pytest.approx(np.bincount(best[:, 0], minlength=n) / 8_000, abs=0.025)
    assert among_three == pytest.approx(np.bincount(best.ravel(), minlength=n) / 8_000, abs=0.025)
    assert (first.sum(), among_three.sum()) == pytest.approx((1, min(n, 3)), abs=2e-3)


def test_a_better_mean_never_lowers_the_chance_to_be_first() -> None:
    dice = np.random.default_rng(2)
    mean, sd = dice.normal(0, 0.5, 10), dice.uniform(0.1, 0.6, 10)
    for agent in range(10):
        raised = mean + 0.1 * (np.arange(10) == agent)
        assert top_chances(raised, sd)[0][agent] > top_chances(mean, sd)[0][agent]


def test_the_normal_distribution_is_that_of_the_standard_library() -> None:
    z = np.linspace(-6, 6, 97)
    assert normal_share(z) == pytest.approx([NormalDist().cdf(x) for x in z.tolist()], abs=1e-7)
