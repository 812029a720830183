"""A contest of two hours: the race in steps of minutes, growth by the instant, and no ranks of the only week."""

import datetime as dt
import json
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from pipelines.reports.site import race_pages
from pipelines.reports.site.gains import gains_of
from pipelines.reports.site.held import Held
from pipelines.reports.site.home_page import chart
from pipelines.reports.site.race_steps import MAX_STEPS, gathered, race
from tests.game.league import rules, task, tried
from tests.reports.shown_season import publish
from tests.reports.site.rendered import held_of, pages_of, words

CONTEST = [
    *(task(name) for name in "abc"),
    tried("s1", "x", "a", "2026-03-01T23:02:00Z"),
    tried("s2", "y", "a", "2026-03-01T23:05:00Z"),
    tried("s3", "y", "b", "2026-03-01T23:17:30Z"),
    tried("s4", "x", "b", "2026-03-02T00:40:00Z", "rejected"),
    tried("s5", "x", "c", "2026-03-02T00:41:00Z"),
]  # 5 a task, and 5 more for the first solver
BEGIN = dt.datetime.fromisoformat("2026-03-01T22:50")  # UTC


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    book = rules(timezone="Europe/Berlin")
    return held_of(publish(tmp_path_factory.mktemp("contest"), CONTEST, rules=book), book)


def test_a_contest_is_a_race_in_minutes(held: Held) -> None:
    steps = race(gains_of(held, "agent_id", "points"), "agent_id", "points", held.until("points"), 10, "Europe/Berlin")
    assert steps is not None
    assert (steps.each, steps.names, len(steps.first)) == ("5 minutes", ["x", "y"], 21)
    assert steps.labels[:4] == ["2 Mar 2026, 00:05", "2 Mar 2026, 00:10", "2 Mar 2026, 00:15", "2 Mar 2026, 00:20"]
    assert steps.labels[-1] == "2 Mar 2026, 01:45"
    assert steps.first[:4] == [[(0, 10), (1, 5)], [(0, 10), (1, 5)], [(0, 10), (1, 5)], [(1, 15), (0, 10)]]


def test_the_last_step_is_what_the_season_says_of_everybody(held: Held) -> None:
    steps = race(gains_of(held, "agent_id", "points"), "agent_id", "points", held.until("points"), 10, "Europe/Berlin")
    assert steps is not None
    last = {steps.names[n]: score for n, score in steps.first[-1]}
    assert last == dict(held.frame("agent_stats").select("agent_id", "points").rows()) == {"x": 20, "y": 15}


def test_pages_of_a_contest_say_steps_and_leave_the_only_week_out(held: Held) -> None:
    (page,) = pages_of(race_pages.pages, held).values()
    told = words(page)
    assert "Points of agents, every 5 minutes" in told
    assert "by the end of that step; the longest one fills the width" in told
    assert "any of the 21 steps, one every 5 minutes:" in told
    assert "The same as a table, every 10 minutes" in told
    assert "2 Mar 2026, 01:50 x 10 #1 10 #2" in told
    assert "week" not in told
    drawn = [json.loads(data) for data in re.findall(r'data-chart="\w+">(.*?)</script>', page)]
    assert [chart["layout"]["xaxis"]["title"]["text"] for chart in drawn] == ["Time (Europe/Berlin)"] * 2


def test_the_first_page_draws_growth_by_the_instant(held: Held) -> None:
    shown = chart(held)
    assert shown is not None
    assert shown.summary == "Points of 2 lines at 2026-03-02 01:41: x 20, y 15."


def test_a_season_of_a_few_days_in_one_week_is_told_by_the_day(tmp_path: Path) -> None:
    days = [tried(f"s{n}", "x", name, f"2026-03-{n + 2:02}T10:00:00Z") for n, name in enumerate("abcd")]
    book = rules()
    season = publish(tmp_path, [*(task(name) for name in "abcd"), *days], rules=book)
    (page,) = pages_of(race_pages.pages, held_of(season, book)).values()
    told = words(page)
    assert "The same as a table, day by day" in told
    assert "2 Mar 2026 3 Mar 2026 4 Mar 2026 5 Mar 2026 x 10 #1 20 #1 30 #1 40 #1" in told
    assert "week" not in told


ROWS = st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 3 * 24 * 3600), st.integers(1, 2**53)), min_size=1)


@given(ROWS, st.sampled_from(["UTC", "Asia/Kathmandu", "America/St_Johns"]))
@budget(max_examples=30, deadline=None)
def test_whatever_was_gained_and_when_the_last_step_is_the_exact_sum(
    rows: list[tuple[str, int, int]], zone: str
) -> None:
    told = [(who, BEGIN + dt.timedelta(seconds=s), points) for who, s, points in rows]
    schema = {"agent_id": pl.String, "at": pl.Datetime("us"), "points": pl.Int64}
    gains = pl.DataFrame(told, schema=schema, orient="row")
    until = max(when for _, when, _ in told)
    steps = race(gains, "agent_id", "points", until, 10, zone)
    assert steps is not None
    assert len(steps.labels) == len(steps.first) <= MAX_STEPS
    totals = {who: sum(points for name, _, points in rows if name == who) for who, *_ in rows}
    assert {steps.names[n]: score for n, score in steps.first[-1]} == totals
    for end, group in gathered(gains, "agent_id", "points", steps.each, zone).group_by("start"):
        by_then = {who: sum(points for name, when, points in told if name == who and when <= end[0]) for who in totals}
        assert dict(group.select("subject", "score").rows()) == {who: n for who, n in by_then.items() if n}
