"""Whether an agent changes is said with how sure that is; what is too little is called so."""

import random

import pytest

from pipelines.insight.growth.daily_work import daily_work
from pipelines.insight.growth.trends import AGENT_TRENDS, trends
from tests.insight.worked import call, evidence, trended


def _runs(agent, shares, per_day=4, days=40, seed=1, **more):
    """So many calls a day, up to yesterday; the share that succeeds goes evenly from the first to the second."""
    first, last = shares
    chance = random.Random(seed)
    return [
        call(agent, day, chance.random() < last + (first - last) * day / days, **more)
        for day in range(1, days + 1)
        for _ in range(per_day)
    ]


def test_few_calls_show_no_trend_and_the_sentence_says_how_few():
    rows = trended([call("a", day, category="web") for day in (1, 1, 3, 5, 9, 9, 9, 9, 12, 12, 12, 20, 20, 20)])
    row = rows["a", "success"]
    assert row["sentence"] == (
        "Success: too little data for a trend, 14 calls on 6 days; wanted are 20 on 8 days, the last at least 14 days "
        "after the first."
    )
    assert (row["direction"], row["slope"], row["p_value"]) == ("too little data", None, None)


def test_growth_is_told_with_both_halves_the_interval_and_the_counts():
    row = trended(_runs("a", (0.3, 0.95)))["a", "success"]
    assert row["sentence"] == (
        "Success is rising: 51.2 % in the first half (80 calls), 80.0 % in the second (80 calls); +39.9 percentage "
        "points (95 % interval +20.7 to +59.0) in 30 days; 160 calls on 40 days."
    )
    assert row["slope_lo95"] < 30 * 0.65 / 40 < row["slope_hi95"]


def test_easier_work_is_not_growth():
    calls = []
    for agent, seed in (("a", 1), ("b", 2), ("c", 3)):  # the first is given hard work and then simple work
        for level, share, days in (("expert", 0.4, range(21, 41)), ("simple", 0.9, range(1, 21))):
            own = days if agent == "a" else range(1, 41)
            chance = random.Random(f"{seed}{level}")
            calls += [call(agent, day, chance.random() < share, complexity=level) for day in own for _ in range(4)]
    rows = trended(calls)
    assert rows["a", "success"]["direction"] == "rising"
    assert rows["a", "complexity"]["direction"] == "falling"
    assert rows["a", "mix_adjusted_success"]["direction"] == "no trend shown"
    assert abs(rows["a", "mix_adjusted_success"]["slope"]) < 0.25 * rows["a", "success"]["slope"]


def test_a_word_that_stands_alone_falls_among_many_that_show_nothing():
    one = _runs("a", (0.65, 0.95), seed=1)
    many = [row for n in range(30) for row in _runs(f"b{n:02}", (0.8, 0.8), seed=100 + n, per_day=2)]
    assert trended(one)["a", "success"]["direction"] == "rising"
    row = trended([*one, *many])["a", "success"]
    assert row["direction"] == "no trend shown"
    assert "with 31 agents looked at, an interval that leaves 0 out is no rarity" in row["sentence"]


def test_volume_counts_the_days_without_calls_but_not_today():
    steady = [call("a", day) for day in range(0, 60, 2)]
    stopped = [call("b", day) for day in range(40, 80)]
    rows = trended([*steady, *stopped, *(call("a", 0) for _ in range(50))])
    assert rows["a", "volume"]["direction"] == "no trend shown"
    assert rows["b", "volume"]["direction"] == "falling"
    assert (rows["b", "volume"]["n_before"], rows["b", "volume"]["n_after"]) == (39, 0)
    assert rows["b", "volume"]["after"] == 0


def test_a_duration_is_told_in_percent_and_its_halves_in_time():
    calls = [call("a", day, duration_s=60.0 * 2 ** (day / 30)) for day in range(1, 41)]
    row = trended(calls)["a", "duration"]
    assert row["slope"] == pytest.approx(-0.693, abs=0.001)
    assert "Duration is falling: 2.0 min in the first half (20 calls), 76.5 s in the second" in row["sentence"]
    assert "-50 % (95 % interval" in row["sentence"]


def test_who_works_for_months_is_judged_by_weeks():
    by_day = trended(_runs("a", (0.3, 0.98), per_day=1, days=70))["a", "success"]
    by_week = trended(_runs("a", (0.3, 0.98), per_day=1, days=98))["a", "success"]
    assert (by_day["n_days"], by_week["n_days"]) == (70, 98)
    assert by_week["direction"] == by_day["direction"] == "rising"


def test_what_lies_more_than_26_weeks_back_makes_no_trend():
    assert trended([call("a", day) for day in range(182, 300)]) == {}
    assert trended([call("a", day) for day in range(181, 300)])["a", "success"]["n"] == 1


def test_neither_the_order_of_the_log_nor_the_spelling_of_ids_moves_a_digit():
    calls = [*_runs("a", (0.5, 0.9), complexity="medium"), *_runs("b", (0.8, 0.8), seed=9)]
    turned = [{**row, "agent_id": {"a": "zoë", "b": "<b>"}[row["agent_id"]]} for row in calls]
    random.Random(2).shuffle(turned)
    first, second = trended(calls), trended(turned)
    names = {"a": "zoë", "b": "<b>"}
    assert {(names[a], m): {**row, "agent_id": names[a]} for (a, m), row in first.items()} == second


def test_the_table_keeps_its_contract_with_all_that_can_be_null():
    held = evidence([*_runs("a", (0.5, 0.9)), call("b", 3, duration_s=5.0), call("c", 0)])
    assert AGENT_TRENDS.is_kept_by(trends(held, daily_work(held)))
    assert trends(evidence([]), daily_work(evidence([]))).is_empty()
