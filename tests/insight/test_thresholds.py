"""How likely a threshold is reached by chance: beside the binomial distribution, and beside all sequences."""

from itertools import product
from math import comb

import pytest

from pipelines.insight.doubts.thresholds import at_least, ever


def test_an_85_percent_agent_shows_95_percent_in_20_attempts_with_a_chance_of_18_percent() -> None:
    assert at_least(0.95, 20, 0.85) == pytest.approx(20 * 0.85**19 * 0.15 + 0.85**20)
    assert round(at_least(0.95, 20, 0.85), 2) == 0.18


@pytest.mark.parametrize(("share", "n", "p"), [(0.5, 7, 0.3), (0.9, 10, 0.9), (1.0, 4, 0.5), (0.0, 3, 0.1)])
def test_one_look_is_a_tail_of_the_binomial_distribution(share: float, n: int, p: float) -> None:
    tail = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1) if k / n >= share - 1e-9)
    assert at_least(share, n, p) == pytest.approx(tail)


@pytest.mark.parametrize(("share", "first"), [(0.75, 4), (0.6, 1), (1.0, 3)])
def test_many_looks_are_counted_over_all_sequences(share: float, first: int) -> None:
    last, p = 9, 0.6
    reached = 0.0
    for marks in product((0, 1), repeat=last):
        if any(sum(marks[:n]) >= share * n - 1e-9 for n in range(first, last + 1)):
            reached += p ** sum(marks) * (1 - p) ** (last - sum(marks))
    assert ever(share, first, last, p) == pytest.approx(reached)
    assert ever(share, first, last, p) > at_least(share, last, p)
