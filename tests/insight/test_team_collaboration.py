"""How teams share their agents: literal calls in, literal rows out, and the laws that hold for any calls."""

import math
import random
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.insight.teams.collaboration import TEAM_COLLABORATION, bus_factors, team_collaboration
from pipelines.insight.teams.evenness import evenness
from pipelines.insight.teams.use import TeamUse
from pipelines.reports.intervals import wilson
from tests.insight.team_calls import Row, call, evidence

POINTS_AT_ONE = ("bus_factor", "bus_factor_lo95", "bus_factor_hi95", "spread_share", "spread_lo95", "spread_hi95")
TEAM = [
    call("red", "ann", "scout", 0),
    call("red", "bob", "scout", 1),
    call("red", "bob", "scout", 2),
    call("red", "cyd", "scout", 3),
    call("red", "ann", "smith", 0),
    call("red", "ann", "smith", 1),
    call("red", "bob", "guide", 5),
    call("blue", "dan", "guide", 4),
    call(None, "eve", "smith", -9),
]
names = st.sampled_from("abcd")
calls = st.lists(st.builds(call, st.sampled_from(("red", "blue")), names, names, st.integers(0, 9)), max_size=30)


def rows(calls: list[Row], small_group: int = 3) -> dict[str, Row]:
    frame = team_collaboration(TeamUse.of(evidence(calls, small_group=small_group)))
    assert TEAM_COLLABORATION.is_kept_by(frame)
    assert not any(value != value for row in frame.rows() for value in row)
    assert frame["team_id"].to_list() == sorted(set(frame["team_id"]))
    return {row["team_id"]: row for row in frame.to_dicts()}


def test_a_team_tells_its_users_calls_and_agents_and_which_are_shared_or_came_from_elsewhere() -> None:
    red = rows(TEAM)["red"]
    assert {name: red[name] for name in red if isinstance(red[name], int)} == {
        "n_users": 3,
        "calls": 7,
        "n_agents": 3,
        "is_small": False,
        "n_shared_agents": 1,
        "n_single_user_agents": 2,
        "n_reused_agents": 1,  # guide, of the blue ones; smith's call for no team makes it nobody's before
        "bus_factor": 2,  # ann and bob made three calls each
        "bus_factor_lo95": 1,
        "bus_factor_hi95": 3,
    }
    assert red["spread_share"] == pytest.approx(3 / 7, abs=1e-6)  # bob's two and cyd's one of scout
    for name, right, n in (("shared", 1, 3), ("reused", 1, 3), ("spread", 3, 7)):
        assert (red[f"{name}_lo95"], red[f"{name}_hi95"]) == pytest.approx(wilson(right, n), abs=1e-6)
    assert red["sentence"] == (
        "3 users called 3 agents (n = 7 calls), 1 of them by two or more. Of how evenly the agents are used so few "
        "calls tell little. 2 users made more than half of the calls (95 %: 1 to 3). Others than an agent's first user "
        "here made 43 % of the calls (95 %: 16 to 75 %)."
    )


def test_a_small_team_keeps_its_counts_and_what_would_point_at_one_user_is_null() -> None:
    whole, small = rows(TEAM, 3)["red"], rows(TEAM, 4)["red"]
    differ = {name for name in whole if whole[name] != small[name]}
    assert differ == {"is_small", "sentence", *POINTS_AT_ONE}
    assert {small[name] for name in POINTS_AT_ONE} == {None}
    assert "In a team of fewer than 4 users nothing is told that would point at one of them" in small["sentence"]


def test_of_one_user_not_even_the_evenness_is_told() -> None:
    alone = rows([call("red", "ann", agent, day) for agent in "ab" for day in range(200)])["red"]
    assert (alone["calls"], alone["usage_entropy_bits"], alone["effective_hi95"]) == (400, None, None)
    assert alone["sentence"] == "One user called 2 agents (n = 400 calls): there is nobody to share with yet."


def test_no_calls_for_a_team_are_no_rows() -> None:
    assert rows([]) == rows([call(None, "ann", "scout", 0)]) == {}


def test_four_agents_used_alike_are_four_effective_ones_and_one_alone_is_one() -> None:
    even, n_agents, n = rows([call("red", u, a, 0) for u in "abc" for a in "wxyz" for _ in range(50)])["red"], 4, 600
    bits = 2 + (n_agents - 1) / (2 * n) / math.log(2)  # Miller and Madow's correction of log2(4)
    reach = 1.959963984540054 * math.sqrt((n_agents - 1) / (2 * n * n)) / math.log(2)
    ends = (even["usage_entropy_lo95"], even["usage_entropy_bits"], even["usage_entropy_hi95"])
    assert ends == pytest.approx((bits - reach, bits, bits + reach), abs=1e-6)
    assert even["effective_agents"] == pytest.approx(2**bits, abs=1e-5)
    one = rows([call("red", u, "w", 0) for u in "abc" for _ in range(50)])["red"]
    assert (one["effective_lo95"], one["effective_agents"]) == (1, 1)
    assert 1 < one["effective_hi95"] < 1.3


def test_evenness_is_told_from_a_hundred_calls_on_and_four_an_agent() -> None:
    def is_told(*calls: int) -> bool:
        return not np.isnan(evenness(np.array([0]), np.array(calls))[0][0])

    assert [is_told(50, 49), is_told(50, 50), is_told(*[3] * 40), is_told(*[4] * 40)] == [False, True, False, True]


def test_the_interval_of_the_evenness_holds_the_truth_as_often_as_it_says() -> None:
    draw = np.random.default_rng(7)
    for share in (np.ones(12) / 12, 1 / np.arange(1, 13) / (1 / np.arange(1, 13)).sum()):
        truth = -(share * np.log2(share)).sum()
        drawn = draw.multinomial(200, share, size=300)
        ends = [evenness(np.array([0]), n[n > 0]) for n in drawn]
        held = np.mean([low[0] <= truth <= high[0] for _, low, high in ends])
        assert held >= 0.9


@given(st.lists(st.integers(1, 40), min_size=1, max_size=7))
def test_the_bus_factor_is_the_smallest_set_of_users_with_more_than_half(calls: list[int]) -> None:
    factor, low, high = (ends[0] for ends in bus_factors(np.array([0]), np.array(sorted(calls, reverse=True))))
    sets = (
        size for size in range(1, len(calls) + 1) if any(2 * sum(s) > sum(calls) for s in combinations(calls, size))
    )
    assert factor == next(sets)
    assert 1 <= low <= factor <= high <= len(calls)


@given(calls, st.randoms())
def test_neither_the_order_of_calls_nor_the_names_of_users_matter(calls: list[Row], chance: random.Random) -> None:
    at = {(c["team_id"], c["agent_id"], c["at"]): c for c in calls}  # the first of two at once is told by their ids
    calls = list(at.values())
    mixed = [{**c, "user_id": {"a": "z", "b": "y"}.get(c["user_id"], c["user_id"])} for c in calls]
    chance.shuffle(mixed)
    assert rows(mixed) == rows(calls)


@given(calls)
def test_counts_are_those_of_a_slow_count(calls: list[Row]) -> None:
    for team, row in rows(calls, small_group=2).items():
        mine = sorted((c for c in calls if c["team_id"] == team), key=lambda c: (c["at"], c["user_id"]))
        users = {agent: {c["user_id"] for c in mine if c["agent_id"] == agent} for agent in "abcd"}
        first = {agent: next((c for c in mine if c["agent_id"] == agent), None) for agent in "abcd"}
        seen = {agent: min((c["at"] for c in calls if c["agent_id"] == agent), default=None) for agent in "abcd"}
        assert (row["n_users"], row["calls"]) == (len({c["user_id"] for c in mine}), len(mine))
        assert row["n_agents"] == sum(map(bool, users.values()))
        assert row["n_shared_agents"] == sum(len(held) > 1 for held in users.values())
        assert row["n_reused_agents"] == sum(seen[a] < c["at"] for a, c in first.items() if c)
        if row["n_users"] > 1:
            by_user = Counter(c["user_id"] for c in mine).most_common()
            assert sum(n for _, n in by_user[: row["bus_factor"]]) * 2 > len(mine)
            others = sum(c["user_id"] != first[c["agent_id"]]["user_id"] for c in mine)
            assert row["spread_share"] == pytest.approx(others / len(mine), abs=1e-6)
