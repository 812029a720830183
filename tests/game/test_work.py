"""Sums over agent calls: by agent, user, both, team, day, hour of the week and complexity."""

import datetime as dt

import pytest

from tests.game.calls import called, only, unranked
from tests.game.league import instant, pick, task, tried

NINE, TEN = "2026-03-02T09:00Z", "2026-03-02T10:00Z"
WORK = ("calls", "successes", "success_share")


def test_an_agent_may_solve_and_be_called_and_has_both_currencies_side_by_side():
    records = [task("t"), tried("s", "eve", "t", NINE), called("c", "ann", "eve", TEN), called("d", "ann", "py", NINE)]
    table = unranked(records, only())["agent_stats"]
    columns = ("agent_id", "points", "xp", "attempts", *WORK, "last_active_at")
    assert pick(table, *columns) == [
        ("eve", 10, 10, 1, 1, 1, 1.0, instant(TEN)), ("py", 0, 10, 0, 1, 1, 1.0, instant(NINE)),
    ]  # fmt: skip


def test_an_agent_that_was_never_called_has_no_share_and_no_means():
    row = unranked([task("t"), tried("s", "eve", "t", NINE)])["agent_stats"][0]
    nothing = ("success_share", "median_duration_s", "p95_duration_s", "mean_code_quality", "cost_usd")
    assert {name: row[name] for name in nothing} == dict.fromkeys(nothing)
    assert [row[name] for name in ("xp", "calls", "successes", "input_tokens", "calls_with_tokens")] == [0] * 5


def test_durations_are_summed_up_by_their_median_and_95th_percentile_between_two_calls_linear():
    durations = (None, 10.0, 20.0, 40.0, 0.0)
    records = [called(f"c{n}", "ann", "py", NINE, duration_s=seconds) for n, seconds in enumerate(durations)]
    assert pick(unranked(records)["user_agents"], "median_duration_s", "p95_duration_s") == [
        (15.0, pytest.approx(37.0))
    ]


def test_means_tokens_and_cost_are_those_of_the_calls_that_tell_them():
    records = [
        called("a", "ann", "py", NINE, code_quality=0.5, input_tokens=10, output_tokens=1, cost_usd=0.25),
        called("b", "ann", "py", NINE, False, code_quality=1.0, cache_read_tokens=100, cache_creation_tokens=1000),
        called("c", "ann", "py", NINE, response_quality=0.0, cost_usd=0.5),
    ]
    row = unranked(records)["user_stats"][0]
    assert (row["mean_code_quality"], row["mean_response_quality"], row["mean_user_satisfaction"]) == (0.75, 0.0, None)
    assert (row["input_tokens"], row["output_tokens"]) == (10, 1)
    assert (row["cache_read_tokens"], row["cache_creation_tokens"]) == (100, 1000)
    assert (row["calls_with_tokens"], row["tokens_per_success"], row["cost_usd"]) == (2, 1111.0, 0.75)


def test_tokens_per_success_is_null_where_no_call_that_tells_them_succeeded():
    records = [called("a", "ann", "py", NINE, False, input_tokens=10), called("b", "ann", "py", NINE)]
    assert pick(unranked(records)["user_agents"], "calls_with_tokens", "tokens_per_success") == [(1, None)]


def test_the_greatest_numbers_of_tokens_are_added_exactly():
    records = [called(f"c{n}", "ann", "py", NINE, input_tokens=10**12) for n in range(3)]
    assert pick(unranked(records)["agent_stats"], "input_tokens") == [3 * 10**12]


# --- users and pairs -----------------------------------------------------------------------------------------------
def test_a_user_has_its_calls_its_days_and_the_points_of_its_agents():
    records = [
        task("t"), tried("s", "eve", "t", "2026-03-05T08:00Z", user_id="ann"),
        called("a", "ann", "py", "2026-03-02T09:00Z"), called("b", "ann", "js", "2026-03-03T09:00Z"),
        called("c", "ann", "js", "2026-03-04T09:00Z", False), called("d", "ann", "sql", "2026-03-04T10:00Z", False),
    ]  # fmt: skip
    columns = ("xp", "level", "title", "stars", "achievements", "n_agents_called", "n_agents_succeeded", *WORK)
    table = unranked(records, as_of=instant("2026-03-05T08:00Z"))["user_stats"]
    assert pick(table, *columns) == [(76, 1, "Recruit", 0, 1, 3, 2, 4, 2, 0.5)]
    days = ("active_days", "daily_current", "daily_best")
    assert pick(table, *days) == [(2, 0, 2)]
    assert pick(unranked(records, as_of=instant("2026-03-04T23:59Z"))["user_stats"], *days) == [(2, 2, 2)]
    owned = ("n_agents_owned", "points", "tasks_completed", "attempts", "accuracy", "last_active_at")
    assert pick(table, *owned) == [(1, 10, 1, 1, 1.0, instant("2026-03-05T08:00Z"))]


def test_a_user_of_an_agent_that_has_done_nothing_that_counts_has_a_row_without_activity():
    table = unranked([task("t"), tried("s", "eve", "t", NINE, "pending", user_id="ann")])["user_stats"]
    assert pick(table, "user_id", "level", "n_agents_owned", "accuracy", "last_active_at") == [
        ("ann", 1, 1, None, None)
    ]


def test_a_pair_has_its_xp_level_and_first_and_last_call():
    records = [called("a", "ann", "py", NINE, bonus_points=90), called("b", "ann", "py", TEN),
               called("c", "ann", "js", TEN), called("d", "bob", "py", TEN)]  # fmt: skip
    columns = ("user_id", "agent_id", "xp", "level", "calls", "first_called_at", "last_called_at")
    nine, ten = instant(NINE), instant(TEN)
    assert pick(unranked(records)["user_agents"], *columns) == [
        ("ann", "js", 10, 1, 1, ten, ten), ("ann", "py", 110, 2, 2, nine, ten), ("bob", "py", 10, 1, 1, ten, ten),
    ]  # fmt: skip


# --- teams, days, hours, complexities ------------------------------------------------------------------------------
def test_a_team_has_xp_of_its_ledger_rows_those_of_achievements_too():
    records = [task("t"), tried("s", "eve", "t", NINE, team_id="red"),
               called("a", "ann", "py", TEN, team_id="red"), called("b", "bob", "py", TEN, team_id="blue"),
               called("c", "bob", "py", TEN, team_id="red"), called("d", "cat", "py", TEN)]  # fmt: skip
    columns = ("team_id", "n_members", "n_users", "points", "xp", "calls", "last_active_at")
    assert pick(unranked(records)["team_stats"], *columns) == [
        ("blue", 0, 1, 0, 60, 1, instant(TEN)), ("red", 1, 2, 10, 70, 2, instant(TEN)),
    ]  # fmt: skip


def test_a_day_of_an_agent_has_its_calls_in_the_rulebooks_zone():
    records = [called("a", "ann", "py", "2026-03-02T22:59Z"), called("b", "ann", "py", "2026-03-02T23:00Z", False)]
    table = unranked(records, only(timezone="Europe/Berlin"))["agent_days"]
    assert pick(table, "day", "xp", "calls", "points", "tasks_completed", "rejected") == [
        (dt.date(2026, 3, 2), 10, 1, 0, 0, 0), (dt.date(2026, 3, 3), 3, 1, 0, 0, 0),
    ]  # fmt: skip


def test_hours_are_those_of_the_clock_in_the_rulebooks_zone_by_weekday():
    """25 October 2026 is a Sunday of 25 hours in Berlin: two o'clock comes twice."""
    whens = ("2026-10-25T00:30Z", "2026-10-25T01:30Z", "2026-10-25T22:59Z", "2026-10-25T23:00Z")
    records = [called(f"c{n}", "ann", "py", when, n != 1) for n, when in enumerate(whens)]
    table = unranked(records, only(timezone="Europe/Berlin"))["usage_hours"]
    assert pick(table, "weekday", "hour", *WORK, "xp") == [
        (1, 0, 1, 1, 1.0, 10), (7, 2, 2, 1, 0.5, 13), (7, 23, 1, 1, 1.0, 10),
    ]  # fmt: skip


def test_the_mix_of_an_agent_is_by_complexity_and_names_the_unknown():
    records = [called(f"c{n}", "ann", "py", NINE, complexity=c) for n, c in enumerate((None, "expert", "expert"))]
    table = unranked([*records, called("x", "bob", "py", NINE, False)], only())["usage_mix"]
    assert pick(table, "agent_id", "complexity", *WORK, "calls_share", "xp") == [
        ("py", "expert", 2, 2, 1.0, 0.5, 60), ("py", "unknown", 2, 1, 0.5, 0.5, 13),
    ]  # fmt: skip


def test_the_cost_of_a_call_is_kept_to_the_last_digit():
    records = [called(f"c{n}", "ann", "py", NINE, cost_usd=0.04523175) for n in range(4)]
    assert pick(unranked(records)["agent_stats"], "cost_usd") == [pytest.approx(0.180927, rel=1e-9)]
