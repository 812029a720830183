"""SPEC section 6: streaks."""

import datetime as dt

import pytest

from tests.game.calls import unranked
from tests.game.league import instant, pick, rules, task, tried

DAILY = ("daily_current", "daily_best")


def solved_on(*days, agent="ann", hour="12:00Z"):
    """One task completed on each of the days of March 2026."""
    return [
        record
        for day in days
        for record in (task(f"t{day}"), tried(f"s{day:02}", agent, f"t{day}", f"2026-03-{day:02}T{hour}"))
    ]


def daily(days, today, **streaks):
    book = rules(streaks=streaks) if streaks else None
    return pick(unranked(solved_on(*days), book, instant(f"2026-03-{today:02}T18:00Z"))["streaks"], *DAILY)[0]


@pytest.mark.parametrize(
    ("days", "today", "expected"),
    [
        ((1, 2, 3), 3, (3, 3)),
        ((1, 2, 3), 4, (3, 3)),
        ((1, 2, 3), 5, (0, 3)),
        ((1, 2, 3, 5, 6), 6, (2, 3)),
        ((1, 3, 5), 5, (1, 1)),
    ],
)
def test_the_current_run_ends_today_or_yesterday_and_the_best_is_the_longest_ever(days, today, expected):
    assert daily(days, today) == expected


def test_several_tasks_a_day_never_lengthen_the_run():
    records = [*solved_on(1, 2), task("more"), tried("more", "ann", "more", "2026-03-02T13:00Z")]
    assert pick(unranked(records, as_of=instant("2026-03-02T18:00Z"))["streaks"], *DAILY) == [(2, 2)]


@pytest.mark.parametrize(
    ("grace", "days", "today", "expected"),
    [
        (1, (1, 3, 5), 5, (3, 3)),
        (1, (1, 4), 4, (1, 1)),
        (1, (1, 2), 4, (2, 2)),
        (1, (1, 2), 5, (0, 2)),
        (2, (1, 4), 7, (2, 2)),
        (2, (1, 4), 8, (0, 2)),
    ],
)
def test_grace_forgives_missed_days_without_counting_them(grace, days, today, expected):
    assert daily(days, today, grace_days=grace) == expected


@pytest.mark.parametrize(
    ("excused", "days", "today", "expected"),
    [
        ((2,), (1, 3), 3, (2, 2)),
        ((2, 3), (1, 4), 4, (2, 2)),
        ((2,), (1, 2, 3), 3, (3, 3)),
        ((2,), (1, 4), 4, (1, 1)),
        ((2, 3), (1,), 4, (1, 1)),
        ((2, 3), (1,), 5, (0, 1)),
    ],
)
def test_an_excused_day_without_activity_neither_breaks_nor_lengthens_and_with_activity_counts(
    excused, days, today, expected
):
    assert daily(days, today, excused_days=[dt.date(2026, 3, day) for day in excused]) == expected


def test_a_date_that_the_zone_skipped_breaks_no_run():
    noon = ("2011-12-29T22:00Z", "2011-12-30T22:00Z")  # 29 and 31 December in Apia: it had no 30th
    records = [task("a", at="2011-01-01T00:00Z"), task("b", at="2011-01-01T00:00Z")]
    records += [tried("sa", "ann", "a", noon[0]), tried("sb", "ann", "b", noon[1])]
    assert pick(unranked(records, rules(timezone="Pacific/Apia"))["streaks"], *DAILY) == [(2, 2)]


def test_days_are_those_of_the_rulebooks_zone():
    records = [task("a"), task("b")]
    records += [tried("sa", "ann", "a", "2026-03-01T23:30Z"), tried("sb", "ann", "b", "2026-03-02T00:30Z")]
    assert pick(unranked(records)["streaks"], *DAILY) == [(2, 2)]
    assert pick(unranked(records, rules(timezone="Europe/Berlin"))["streaks"], *DAILY) == [(1, 1)]


def test_a_rejection_sets_the_accuracy_streak_to_zero():
    verdicts = ["verified", "verified", "rejected", "verified", "verified", "verified", "rejected", "verified"]
    records = [task(f"t{n}") for n in range(8)]
    records += [tried(f"s{n}", "ann", f"t{n}", f"2026-03-02T1{n}:00Z", verdict) for n, verdict in enumerate(verdicts)]
    assert pick(unranked(records)["streaks"], "accuracy_current", "accuracy_best") == [(1, 3)]


def test_the_problem_streak_ignores_rejections_and_of_equals_keeps_the_one_reached_first():
    made = [("a", "verified"), ("a", "verified"), ("b", "verified"), ("b", "rejected"), ("b", "verified")]
    records = [task(f"t{n}", problem=problem) for n, (problem, _) in enumerate(made)]
    records += [tried(f"s{n}", "ann", f"t{n}", f"2026-03-02T1{n}:00Z", v) for n, (_, v) in enumerate(made)]
    columns = ("problem_current", "problem_current_length", "problem_best", "problem_best_length")
    assert pick(unranked(records)["streaks"], *columns) == [("b", 2, "a", 2)]


def test_every_agent_with_a_visible_submission_that_is_not_void_has_a_row():
    table = unranked([
        task("t"),
        tried("s1", "ann", "t", "2026-03-02T10:00Z", "pending"),
        tried("s2", "bob", "unknown", "2026-03-02T10:00Z"),
        tried("s3", "cat", "t", "2026-03-02T10:00Z", "void"),
    ])  # fmt: skip
    assert pick(table["streaks"], "agent_id", "daily_best", "problem_best") == [("ann", 0, None), ("bob", 0, None)]
