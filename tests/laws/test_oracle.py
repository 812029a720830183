"""The oracle against examples computed by hand from the specification, so that the judge has been judged, too.

Here: what counts, points, days, streaks, and the laws that need no engine. Badges and boards: test_oracle_trophies.py;
agent calls: test_oracle_calls.py, test_oracle_achievements.py.
"""

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.laws.literal import T0, Row, pick, play, solved, task, tried
from tests.laws.logs import Log, logs
from tests.laws.oracle import season
from tests.laws.oracle_badges import daily_streak
from tests.laws.oracle_rules import (
    DAY,
    HOUR,
    Rules,
    first_instant,
    instant,
    is_skipped,
    last_instant,
    local_date,
    period_before,
    period_end,
    period_start,
)

CASES = Path(__file__).parents[3] / "shared" / "data" / "streak-cases" / "streaks.json"


def test_the_first_solver_is_provisional_while_an_earlier_submission_is_pending() -> None:
    log = [task("t"), tried("s1", "bo", "t", T0, "pending"), tried("s2", "ada", "t", T0 + 1)]
    rows = pick(play(log)["points_ledger"], "agent_id", "rule", "points", "is_provisional")
    assert rows == [("ada", "task", 5, False), ("ada", "first_solver", 5, True)]
    later = [task("t"), tried("s3", "bo", "t", T0 + 2, "pending"), tried("s2", "ada", "t", T0 + 1)]
    assert pick(play(later)["points_ledger"], "is_provisional", rule="first_solver") == [(False,)]
    judged = [*log, tried("s1", "bo", "t", T0, "verified", known_at=T0 + DAY, judged_at=T0 + HOUR)]
    rows = pick(play(judged)["points_ledger"], "agent_id", "rule", "is_provisional", "earned_at")
    assert rows == [("ada", "task", False, T0 + 1), ("bo", "task", False, T0), ("bo", "first_solver", False, T0)]
    by_judge = play(judged, Rules(clock="judged_at"))["points_ledger"]
    assert pick(by_judge, "agent_id", "earned_at", rule="first_solver") == [("ada", T0 + 1)]


def test_submissions_of_one_instant_stand_in_the_order_of_their_ids_by_code_point() -> None:
    log = [task("t"), tried("s9", "ada", "t", T0), tried("s10", "bo", "t", T0)]
    assert pick(play(log)["points_ledger"], "agent_id", rule="first_solver") == [("bo",)]


def test_everything_after_the_first_verified_one_is_a_repeat() -> None:
    verdicts = ("rejected", "verified", "rejected", "verified")
    log = [task("t"), *(tried(f"s{n}", "ada", "t", T0 + n, verdict) for n, verdict in enumerate(verdicts))]
    tables = play(log)
    assert pick(tables["submissions"], "is_counted") == [(True,), (True,), (False,), (False,)]
    assert pick(tables["agent_stats"], "points", "tasks_completed", "attempts", "accuracy") == [(10, 1, 2, 0.5)]
    assert pick(tables["streaks"], "accuracy_current", "problem_current_length") == [(1, 1)]


def test_a_reversed_verdict_takes_the_points_away_and_void_leaves_no_trace() -> None:
    log = [task("t"), tried("s", "ada", "t", T0)]
    reversed_ = [*log, tried("s", "ada", "t", T0, "rejected", known_at=T0 + HOUR)]
    void = [*reversed_, tried("s", "ada", "t", T0, "void", known_at=T0 + DAY)]
    assert sum(r["points"] for r in play(log)["points_ledger"]) == 10
    assert pick(play(reversed_)["agent_stats"], "points", "attempts") == [(0, 1)]
    assert play(void)["streaks"] == play(void)["agent_stats"] == []
    assert pick(play(void)["submissions"], "verdict", "is_counted") == [("void", False)]
    assert play(void, as_of=T0 + HOUR)["points_ledger"] == []
    assert play(void, as_of=T0 + HOUR - 1) == play(log, as_of=T0 + HOUR - 1)


def test_a_submission_first_known_later_is_pending_at_as_of() -> None:
    late = tried("s", "ada", "t", T0, known_at=T0 + DAY, judged_at=T0 + HOUR, found=True, awarded_points=30)
    rows = play([task("t"), late], as_of=T0)["submissions"]
    assert pick(rows, "at", "verdict", "judged_at", "found", "awarded_points") == [(T0, "pending", None, None, None)]
    assert play([task("t"), late], as_of=T0 - 1)["submissions"] == []


def test_an_unresolved_submission_counts_once_its_task_arrives() -> None:
    log = [tried("s", "ada", "t", T0), task("t", at=T0 + DAY)]
    assert pick(play(log, as_of=T0)["submissions"], "is_unresolved", "is_counted", "problem") == [(True, False, None)]
    assert pick(play(log)["points_ledger"], "rule", "earned_at") == [("task", T0), ("first_solver", T0)]


@pytest.mark.parametrize(
    ("fields", "given", "rule", "points"),
    [
        ({"difficulty": "easy", "points": 1000}, {}, "task", 5),
        ({"difficulty": "medium"}, {}, "task", 10),
        ({"difficulty": "medium", "points": 12}, {}, "task", 12),
        ({"difficulty": "hard", "points": 45}, {}, "task", 30),
        ({"difficulty": "extreme", "points": 1}, {}, "task", 40),
        ({"task_type": "pattern", "points": 7}, {}, "pattern_insight", 25),
        ({"task_type": "pattern"}, {"awarded_points": 24}, "pattern_insight", 25),
        ({"task_type": "pattern"}, {"awarded_points": 33}, "pattern_insight", 33),
        ({"task_type": "pattern"}, {"awarded_points": 51}, "pattern_insight", 50),
        ({"task_type": "search"}, {"found": True}, "counterexample", 100),
        ({"task_type": "search", "counterexample_points": 99}, {"found": True}, "counterexample", 100),
        ({"task_type": "search", "counterexample_points": 500}, {"found": True}, "counterexample", 500),
    ],
)
def test_points_lie_within_their_ranges(fields: Row, given: Row, rule: str, points: int) -> None:
    log = [task("t", **fields), tried("s", "ada", "t", T0, **given)]
    assert pick(play(log)["points_ledger"], "points", rule=rule) == [(points,)]


@pytest.mark.parametrize(("task_type", "found"), [("search", None), ("search", False), ("verify", True)])
def test_a_counterexample_needs_a_search_that_found_something(task_type: str, found: bool | None) -> None:
    log = [task("t", task_type=task_type), tried("s", "ada", "t", T0, found=found)]
    assert pick(play(log)["points_ledger"], "rule") == [("task",), ("first_solver",)]


def test_a_perfect_day_is_earned_at_its_last_microsecond_and_provisional_while_something_is_open() -> None:
    log = solved("ada", *(T0 + n * HOUR for n in range(5)))
    end = instant("2025-03-11T00:00Z") - 1
    assert pick(play(log, as_of=end - 1)["points_ledger"], "rule", rule="perfect_day") == []
    columns = ("entry_id", "event_id", "points", "earned_at", "is_provisional", "task_id", "submission_id")
    row = ("perfect_day:ada:2025-03-10", f"e-s-ada-04-{T0 + 4 * HOUR}", 10, end, False, None, None)
    assert pick(play(log, as_of=end)["points_ledger"], *columns, rule="perfect_day") == [row]
    unknown_task = [*log, tried("x", "ada", "nowhere", T0, "pending")]
    repeat = [*log, tried("x", "ada", "t-s-ada-00", T0 + 1, "pending")]
    for records, is_provisional in ((unknown_task, True), (repeat, False)):
        rows = play(records, as_of=end)["points_ledger"]
        assert pick(rows, "is_provisional", rule="perfect_day") == [(is_provisional,)]
    slipped = [*log, task("u"), tried("x", "ada", "u", T0, "rejected")]
    assert pick(play(slipped, as_of=end)["points_ledger"], "rule", rule="perfect_day") == []


def test_a_day_ends_with_the_clock_of_its_zone() -> None:
    assert last_instant(dt.date(2025, 3, 30), "Europe/Berlin") == instant("2025-03-30T22:00Z") - 1
    assert last_instant(dt.date(2025, 10, 26), "Europe/Berlin") == instant("2025-10-26T23:00Z") - 1
    assert first_instant(dt.date(2018, 11, 4), "America/Sao_Paulo") == instant("2018-11-04T03:00Z")  # at 01:00
    assert last_instant(dt.date(2018, 2, 17), "America/Sao_Paulo") == instant("2018-02-18T03:00Z") - 1  # 23:00 twice
    assert last_instant(dt.date(2009, 10, 31), "America/St_Johns") == instant("2009-11-01T03:30Z") - 1
    assert last_instant(dt.date(2011, 12, 29), "Pacific/Apia") == instant("2011-12-30T10:00Z") - 1
    assert is_skipped(dt.date(2011, 12, 30), "Pacific/Apia")
    assert not is_skipped(dt.date(2011, 12, 30), "UTC")
    assert local_date(instant("2024-12-31T18:30Z"), "Asia/Kolkata") == dt.date(2025, 1, 1)


def test_weeks_begin_on_monday_and_months_on_their_first() -> None:
    day = dt.date(2024, 2, 29)
    assert (period_start(day, "week"), period_end(dt.date(2024, 2, 26), "week")) == (
        dt.date(2024, 2, 26),
        dt.date(2024, 3, 3),
    )
    assert (period_start(day, "month"), period_end(dt.date(2024, 2, 1), "month")) == (dt.date(2024, 2, 1), day)
    assert period_before(dt.date(2025, 1, 1), "month", "UTC") == dt.date(2024, 12, 1)
    assert period_before(dt.date(2011, 12, 31), "day", "Pacific/Apia") == dt.date(2011, 12, 29)


def test_a_date_the_zone_skipped_breaks_no_run() -> None:
    log = solved("ada", instant("2011-12-30T09:59Z"), instant("2011-12-30T10:00Z"))
    rows = play(log, Rules(timezone="Pacific/Apia"))["streaks"]
    assert pick(rows, "daily_current", "daily_best", "daily_last_on") == [(2, 2, dt.date(2011, 12, 31))]


@pytest.mark.parametrize(
    ("grace_days", "excused", "active", "today", "current", "best"),
    [
        (0, (), (1, 2, 3), 4, 3, 3),  # yesterday
        (0, (), (1, 2, 3), 5, 0, 3),
        (1, (), (1, 2, 3), 5, 3, 3),
        (1, (), (1, 3, 5), 6, 3, 3),  # forgiven days are not counted, and forgiven again and again
        (1, (), (1, 4), 4, 1, 1),
        (2, (), (1, 4), 7, 2, 2),
        (0, (2,), (1, 3), 3, 2, 2),  # neither broken nor lengthened
        (0, (2,), (1, 2, 3), 3, 3, 3),  # with activity it counts as any day
        (0, (4, 5), (1, 2, 3), 6, 3, 3),
        (0, (4, 5), (1, 2, 3), 7, 0, 3),
        (0, (), (), 7, 0, 0),
    ],
)
def test_grace_and_excused_days(
    grace_days: int, excused: tuple[int, ...], active: tuple[int, ...], today: int, current: int, best: int
) -> None:
    rules = Rules(grace_days=grace_days, excused_days=tuple(dt.date(2025, 3, day) for day in excused))
    row = daily_streak({dt.date(2025, 3, day) for day in active}, dt.date(2025, 3, today), rules)
    assert (row["daily_current"], row["daily_best"]) == (current, best)


def _streak_cases() -> list[Row]:
    return json.loads(CASES.read_text("utf-8"))["daily"] if CASES.exists() else []


@pytest.mark.skipif(not CASES.exists(), reason="the shared streak cases are not on this machine")
@pytest.mark.parametrize("case", _streak_cases(), ids=lambda case: case["name"])
def test_the_daily_streak_cases_of_a_known_widget_agree(case: Row) -> None:
    if "exclude" in case:
        pytest.skip("excluded weekdays count into a run there; our excused days neither break nor lengthen one")
    counts = case.get("counts")
    if counts is None:
        begin = dt.date(2024, 1, 1)
        counts = {str(begin + dt.timedelta(days=n)): 1 for n in range(case["generate"]["days"])}
    days = {dt.date.fromisoformat(day): count for day, count in counts.items()}
    row = daily_streak({day for day, count in days.items() if count}, max(days), Rules())
    assert (row["daily_current"], row["daily_best"]) == (case["current"]["length"], case["longest"]["length"])


def test_a_rejection_sets_accuracy_back_but_not_the_problem_and_of_equals_the_first_is_best() -> None:
    problems = ("collatz", "collatz", "goldbach", "goldbach", "collatz")
    log = [task(f"t{n}", problem=problem) for n, problem in enumerate(problems)]
    log += [tried(f"s{n}", "ada", f"t{n}", T0 + 10 * n) for n in range(5)]
    log += [tried("r", "ada", "t3", T0 + 25, "rejected")]
    row = play(log)["streaks"][0]
    assert (row["accuracy_current"], row["accuracy_best"]) == (2, 3)
    assert (row["problem_current"], row["problem_current_length"]) == ("collatz", 1)
    assert (row["problem_best"], row["problem_best_length"]) == ("collatz", 2)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(logs())
def test_logs_keep_the_input_contract(log: Log) -> None:
    ids = [record["event_id"] for record in log.records]
    assert len(ids) == len(set(ids))
    for s in (record for record in log.records if record["type"] == "submission"):
        assert s["submitted_at"] <= s["at"]
        assert s["judged_at"] is None or s["submitted_at"] <= s["judged_at"] <= s["at"]
        assert s["claimed_at"] is None or s["claimed_at"] <= s["submitted_at"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(logs())
def test_the_oracle_keeps_the_laws_of_order_time_travel_and_conservation(log: Log) -> None:
    tables = season(log.records, log.rules, log.as_of)
    assert season(log.records[::-1], log.rules, log.as_of) == tables
    assert season(_known_at(log.records, log.as_of), log.rules, log.as_of) == tables
    events = {row["event_id"] for row in tables["submissions"]}
    assert {row["event_id"] for row in tables["points_ledger"]} <= events
    assert {row["event_id"] for row in tables["xp_ledger"]} <= events | {r["event_id"] for r in tables["agent_calls"]}
    xp = sum(row["xp"] for row in tables["xp_ledger"])
    assert xp == sum(row["xp"] for row in tables["levels"] if row["scope"] == "user")
    total = sum(row["points"] for row in tables["points_ledger"])
    assert total == sum(row["points"] for row in tables["agent_stats"])
    assert total == sum(row["points"] for row in tables["agent_days"])


def _known_at(records: list[Row], as_of: int) -> list[Row]:
    """The log without what was learned later; a submission made but not known yet stands as its pending record."""
    known = [record for record in records if record["at"] <= as_of]
    seen = {record["submission_id"] for record in known if record["type"] == "submission"}
    later = sorted(
        (r for r in records if r["at"] > as_of and r["type"] == "submission"), key=lambda r: (r["at"], r["event_id"])
    )
    unjudged = {"verdict": "pending", "judged_at": None, "found": None, "awarded_points": None}
    for record in later:
        if record["submission_id"] not in seen and record["submitted_at"] <= as_of:
            known.append({**record, **unjudged, "at": record["submitted_at"]})
        seen.add(record["submission_id"])
    return known
