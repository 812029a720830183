"""What an agent did each day, in numbers that go back to single calls and submissions."""

import datetime as dt
import random

import pytest

from pipelines.insight.growth.daily_work import daily_work
from pipelines.insight.growth.performance import AGENT_PERFORMANCE_DAILY, performance
from tests.insight.worked import AS_OF, call, evidence

TODAY = AS_OF.date()
CALLS = [
    call("a", 0, complexity="simple", category="web", duration_s=10.0, response_quality=0.9, code_quality=0.6),
    call("a", 0.1, user="bob", complexity="expert", category="web", duration_s=30.0, response_quality=0.5),
    call("a", 0.2, success=False, complexity="simple", category="data"),
    call("b", 0.1, success=False, complexity="simple", category="web"),
    call("b", 3, category=None, duration_s=0.0),
]


def _days(*held, **more):
    season = evidence(*held, **more)
    frame = performance(season, daily_work(season))
    assert AGENT_PERFORMANCE_DAILY.is_kept_by(frame)
    return {(row["agent_id"], row["kind"], row["day"]): row for row in frame.to_dicts()}


def test_a_day_of_calls_is_told_in_full():
    row = _days(CALLS, earned=[{"agent_id": "a", "day": TODAY, "xp": 41, "points": 0}])["a", "call", TODAY]
    assert row == {
        "agent_id": "a", "kind": "call", "day": TODAY, "attempts": 3, "successes": 2, "success_share": 0.666667,
        "success_lo95": pytest.approx(0.2077, abs=1e-4), "success_hi95": pytest.approx(0.9385, abs=1e-4),
        "expected_successes": 1.5, "n_durations": 2, "p50_duration_s": 20.0, "p90_duration_s": 28.0,
        "n_quality": 2, "mean_quality": 0.625, "xp": 41, "points": None, "n_users": 2, "n_categories": 2,
        "n_easy": 2, "n_medium": 0, "n_hard": 0, "n_hardest": 1, "n_difficulties": 3, "mean_difficulty": 1.0,
        "easy_share": 0.666667,
    }  # fmt: skip


def test_what_no_call_tells_is_null_beside_a_count_of_0():
    row = _days(CALLS)["b", "call", TODAY - dt.timedelta(days=3)]
    assert (row["n_quality"], row["mean_quality"], row["n_difficulties"], row["mean_difficulty"]) == (0, None, 0, None)
    assert (row["n_durations"], row["p50_duration_s"], row["easy_share"]) == (1, 0.0, None)


def test_submissions_stand_apart_from_calls_by_the_rulebooks_clock_and_zone():
    late = dt.datetime(2026, 5, 30, 22, 30, tzinfo=dt.UTC)  # half past midnight in Berlin
    tried = {"agent_id": "a", "task_id": "t", "problem": "collatz", "verdict": "verified", "is_counted": True}
    told = {**tried, "counted_at": late, "submitted_at": late, "claimed_at": late - dt.timedelta(minutes=2)}
    repeat = {**told, "is_counted": False}
    earned = [{"agent_id": "a", "day": TODAY, "xp": 0, "points": 25}]
    row = _days([CALLS[0]], [told, repeat], {"t": "hard"}, earned, zone="Europe/Berlin")["a", "submission", TODAY]
    assert (row["attempts"], row["successes"], row["p50_duration_s"], row["points"]) == (1, 1, 120.0, 25)
    assert (row["xp"], row["n_hard"], row["mean_difficulty"], row["n_users"]) == (None, 1, 2.0, 0)


def test_as_many_successes_are_expected_as_there_are():
    rows = _days(CALLS).values()
    assert sum(row["expected_successes"] for row in rows) == pytest.approx(sum(row["successes"] for row in rows))


def test_the_order_of_the_log_moves_no_digit():
    turned = CALLS[:]
    random.Random(1).shuffle(turned)
    assert _days(turned) == _days(CALLS)


def test_of_nothing_there_are_no_days():
    assert _days([]) == {}
