"""Simpson's paradox: which pairs turn, and how many do by chance."""

import numpy as np
import polars as pl

from pipelines.insight.doubts.reversals import Reversals

LEVELS = ("easy", "hard")


def trials(*counts: tuple[str, str | None, int, int]) -> pl.DataFrame:
    """agent, difficulty, successes, trials."""
    rows = [(agent, level, k < right) for agent, level, right, n in counts for k in range(n)]
    return pl.DataFrame(rows, schema=["agent_id", "difficulty", "success"], orient="row")


STONES = trials(("a", "easy", 81, 87), ("a", "hard", 192, 263), ("b", "easy", 234, 270), ("b", "hard", 55, 80))
"""Kidney stones (Charig et al., BMJ 292, 1986): a better at both sizes of stones, b better over all."""


def pairs(held: Reversals) -> list[tuple[str, str]]:
    return [(held.agents[held.first[pair]], held.agents[held.second[pair]]) for pair in held.found]


def test_the_well_known_example_turns() -> None:
    held = Reversals.of(STONES, LEVELS)
    assert pairs(held) == [("a", "b")]
    assert held.is_compared.tolist() == [True]


def test_a_pair_whose_order_is_the_same_over_all_does_not_turn_nor_one_that_differs_by_level() -> None:
    same = trials(("a", "easy", 9, 10), ("a", "hard", 5, 10), ("b", "easy", 8, 10), ("b", "hard", 4, 10))
    mixed = trials(("a", "easy", 9, 10), ("a", "hard", 4, 30), ("b", "easy", 8, 30), ("b", "hard", 4, 10))
    assert pairs(Reversals.of(same, LEVELS)) == pairs(Reversals.of(mixed, LEVELS)) == []


def test_levels_with_few_trials_of_one_are_not_looked_at_and_one_level_is_no_mix() -> None:
    few = trials(("a", "easy", 4, 4), ("a", "hard", 192, 263), ("b", "easy", 234, 270), ("b", "hard", 55, 80))
    held = Reversals.of(few, LEVELS)
    assert held.is_compared.tolist() == [False]
    assert pairs(held) == []


def test_trials_of_unknown_difficulty_count_for_the_whole_only() -> None:
    turned_back = pl.concat([STONES, trials(("a", None, 100, 100))])
    assert pairs(Reversals.of(turned_back, LEVELS)) == []


def test_of_one_agent_or_none_there_is_no_pair() -> None:
    for few in (STONES.filter(pl.col("agent_id") == "a"), STONES.clear()):
        held = Reversals.of(few, LEVELS)
        assert pairs(held) == []
        assert held.by_chance(3, seed=1).tolist() == [0, 0, 0]


def test_by_chance_is_what_redrawn_seasons_of_like_agents_show() -> None:
    held = Reversals.of(STONES, LEVELS)
    drawn = held.by_chance(400, seed=5)
    rng, again = np.random.default_rng(6), 0
    shares = [(81 + 234) / 357, (192 + 55) / 343]
    for _ in range(100):
        right = rng.binomial([[87, 263], [270, 80]], shares)
        redrawn = trials(*((a, d, int(right[i, j]), n) for i, j, a, d, n in (
            (0, 0, "a", "easy", 87), (0, 1, "a", "hard", 263), (1, 0, "b", "easy", 270), (1, 1, "b", "hard", 80)
        )))  # fmt: skip
        again += len(pairs(Reversals.of(redrawn, LEVELS)))
    assert set(drawn.tolist()) == {0, 1}
    assert abs(drawn.mean() - again / 100) < 0.15
