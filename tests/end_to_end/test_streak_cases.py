"""Daily streaks against the cases of another project's tests, where its rules are ours."""

import datetime as dt
import json

import pytest

from tests.game.league import instant, pick, play, rules, task, tried

NOON = "12:00:00Z"


@pytest.fixture(scope="module")
def cases(real_logs):
    return json.loads((real_logs / "streak-cases" / "streaks.json").read_text())


def streak(counts):
    records = []
    for day, n in counts.items():
        for i in range(n):
            records += [
                task(f"{day}-{i}", at="2000-01-01T00:00Z"),
                tried(f"{day}-{i}", "ann", f"{day}-{i}", f"{day}T{NOON}"),
            ]
    *_, today = counts
    return pick(play(records, as_of=instant(f"{today}T23:00Z"))["streaks"], "daily_current", "daily_best")[0]


@pytest.mark.parametrize("name", ["contributedToday", "missingToday", "missingTwoDays", "multipleYearStreak"])
def test_daily_streaks_are_those_that_others_expect(cases, name):
    (case,) = [case for case in cases["daily"] if case["name"] == name]
    counts = case.get("counts")
    if counts is None:
        first = dt.date(2020, 1, 1)
        days = case["generate"]["days"]
        counts = {str(first + dt.timedelta(days=n)): case["generate"]["count"] for n in range(days)}
    assert streak(counts) == (case["current"]["length"], case["longest"]["length"])


def test_today_is_the_date_of_the_rulebooks_zone(cases):
    (case,) = cases["timezone"]
    records = [task("t", at="2025-01-01T00:00Z"), tried("s", "ann", "t", "2025-12-30T12:00:00Z")]
    table = play(records, rules(timezone=case["tz"]), instant(case["now"]))["streaks"]
    assert case["today"] == "2025-12-31"
    assert pick(table, "daily_current") == [1]  # yesterday there; in UTC it would be two days ago, and 0
    assert pick(play(records, None, instant(case["now"]))["streaks"], "daily_current") == [0]
