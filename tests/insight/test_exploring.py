"""The draw of one agent that is worth a try: its chances are those of the draws that they stand for."""

import numpy as np
import pytest

from pipelines.insight.advice.exploring import BOLDNESS, chances, drawn, uniforms
from pipelines.insight.keys import NOT_THERE

MEAN = np.array([1.2, 1.0, 0.6, 0.5, -0.4])
SD = np.array([0.2, 0.9, 0.3, 1.2, 1.5])
NOBODY = [NOT_THERE] * 3


@pytest.mark.parametrize("passed_over", [NOBODY, [0, 1, NOT_THERE], [0, 2, 4]])
def test_chances_are_the_shares_of_many_draws(passed_over: list[int]) -> None:
    found = chances(MEAN, SD, np.array([passed_over]))[0]
    draws = MEAN + BOLDNESS * SD * np.random.default_rng(1).standard_normal((100_000, 5))
    left = [agent for agent in range(5) if agent not in passed_over]
    shares = np.bincount(np.array(left)[draws[:, left].argmax(axis=1)], minlength=5) / 100_000
    assert found == pytest.approx(shares, abs=0.006)  # four standard errors
    assert found.sum() == pytest.approx(1)


def test_who_is_passed_over_has_no_chance_and_one_who_is_left_alone_is_sure() -> None:
    found = chances(MEAN[:4], SD[:4], np.array([[0, 1, 2], [1, 2, 3]]))
    assert found.tolist() == [[0, 0, 0, 1], [1, 0, 0, 0]]


def test_equals_have_equal_chances_and_the_more_uncertain_of_two_the_larger() -> None:
    assert chances(np.zeros(4), np.ones(4), np.array([NOBODY]))[0] == pytest.approx([0.25] * 4)
    assert chances(np.zeros(8), np.full(8, 1e-9), np.array([NOBODY]))[0] == pytest.approx([0.125] * 8)
    sure, unsure = chances(np.array([0.0, 0.0, 0.3]), np.array([0.1, 1.0, 0.1]), np.array([NOBODY]))[0][:2]
    assert unsure > 2 * sure


def test_an_agent_is_drawn_as_often_as_its_chance_says() -> None:
    chance = np.tile([0.5, 0.0, 0.3, 0.2], (1000, 1))
    found = drawn(chance, (np.arange(1000) + 0.5) / 1000)
    assert np.bincount(found, minlength=4).tolist() == [500, 0, 300, 200]


def test_numbers_for_draws_follow_from_the_facts_of_a_row_and_the_seed_alone() -> None:
    at, n = np.arange(4000, dtype=np.int64) * 1_000_000, np.arange(4000, dtype=np.int64) % 7
    found = uniforms(7, at, n)
    assert (uniforms(7, at[::-1], n[::-1])[::-1] == found).all()
    assert (uniforms(8, at, n) != found).any()
    assert np.bincount((found * 10).astype(int), minlength=10) == pytest.approx([400] * 10, abs=90)
    assert abs(np.corrcoef(found[1:], found[:-1])[0, 1]) < 0.07  # neighbours in time are drawn apart
