"""How far off forecasts were, as a distribution of scores, some of which are open."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.insight.forecasts.conformal import STEP, Curves, Scores, place_of

_SCORES = st.lists(st.tuples(st.integers(-200, 200), st.booleans()), min_size=1, max_size=60)


def curves(*scores: float, is_open: tuple[int, ...] = ()) -> Curves:
    met = np.array([place not in is_open for place in range(len(scores))])
    return Curves.of(Scores.counted(np.zeros(len(scores), np.int64), np.array(scores), met, 1))


def slow_share(scores: list[tuple[int, bool]], at: int) -> float:
    """Kaplan and Meier's estimate step by step, with one more at risk that never comes."""
    survives = 1.0
    for value in sorted({value for value, is_met in scores if is_met and value <= at}):
        at_risk = sum(other >= value for other, _ in scores) + 1
        survives *= 1 - sum(other == value and is_met for other, is_met in scores) / at_risk
    return 1 - survives


@given(_SCORES, st.integers(-200, 200))
def test_shares_are_those_of_the_step_by_step_estimate(scores: list[tuple[int, bool]], at: int) -> None:
    values = [value * STEP for value, _ in scores]
    held = curves(*values, is_open=tuple(place for place, (_, is_met) in enumerate(scores) if not is_met))
    assert held.share[0, place_of(np.array([at * STEP]))[0]] == pytest.approx(slow_share(scores, at))


def test_the_ends_are_the_order_statistics_of_split_conformal() -> None:
    """Of 39 scores in order the 4th and the 36th: floor and ceil of .1 and .9 times 40; the middle one is the 20th."""
    low, middle, high = curves(*(n * STEP for n in range(1, 40))).ends()
    assert (low[0], middle[0], high[0]) == pytest.approx((4 * STEP, 20 * STEP, 36 * STEP))


def test_too_few_scores_have_no_ends() -> None:
    low, middle, high = curves(0.1, 0.2, 0.3).ends()
    assert low[0] == -np.inf
    assert middle[0] == pytest.approx(0.2)
    assert high[0] == np.inf


def test_who_still_waits_is_not_counted_as_having_come() -> None:
    assert curves(0.1, 0.2, 0.3).share[0, -1] == pytest.approx(0.75)
    assert curves(0.1, 0.2, 0.3, is_open=(2,)).share[0, -1] == pytest.approx(0.5)


def test_beyond_what_was_waited_for_nothing_is_known() -> None:
    held = curves(0.1, 0.2, 0.5, is_open=(2,))
    group = np.zeros(2, dtype=np.int64)
    known, unknown = held.below(group, np.array([0.5, 2.0]))
    assert known == pytest.approx(0.5)
    assert np.isnan(unknown)


def test_pools_hold_the_scores_of_their_groups() -> None:
    own = Scores.counted(np.array([0, 1, 1]), np.array([0.1, 0.2, 0.3]), np.array([True, True, False]), 2)
    assert own.pooled(np.array([[True, False], [True, True]])).n.tolist() == [1, 3]
