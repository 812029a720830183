"""The race: the steps that the script draws, and the pages with the same as tables."""

import datetime as dt
import json
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from pipelines.game.windows import window_end
from pipelines.reports.site import race_pages
from pipelines.reports.site.race_steps import MAX_STEPS, gathered, race
from tests.game.calls import NO_BOARDS
from tests.game.league import rules, task, tried
from tests.reports.shown_season import called, publish
from tests.reports.site.rendered import held_of, pages_of, words

MONDAY = dt.date(2026, 3, 2)
HOSTILE = '</script><img src=x onerror="alert(1)">'
SEASON = [
    *(task(name) for name in "abc"),
    tried("s1", "ahead", "a", "2026-03-02T10:00:00Z"),
    tried("s2", HOSTILE, "b", "2026-03-04T10:00:00Z"),
    tried("s3", HOSTILE, "a", "2026-03-10T10:00:00Z"),
    tried("s4", "ahead", "b", "2026-03-11T10:00:00Z", "rejected"),
]  # 5 a task, and 5 more for the first solver


def days_of(*rows: tuple[str, int, int]) -> pl.DataFrame:
    """Daily sums: who, how many days after a Monday, how much."""
    told = [(who, MONDAY + dt.timedelta(days=n), points) for who, n, points in rows]
    return pl.DataFrame(told, schema={"agent_id": pl.String, "day": pl.Date, "points": pl.Int64}, orient="row")


def test_a_step_a_day_holds_who_is_first_by_all_that_was_gathered_until_then() -> None:
    steps = race(
        days_of(("x", 0, 5), ("y", 2, 7), ("x", 3, 4)), "agent_id", "points", MONDAY + dt.timedelta(days=3), 10
    )
    assert steps is not None
    assert (steps.each, steps.names) == ("day", ["x", "y"])
    assert steps.labels == ["2 Mar 2026", "3 Mar 2026", "4 Mar 2026", "5 Mar 2026"]
    assert steps.first == [[(0, 5)], [(0, 5)], [(1, 7), (0, 5)], [(0, 9), (1, 7)]]
    assert steps.spoken == "4 days"


def test_who_never_was_among_the_first_is_not_in_the_race() -> None:
    steps = race(days_of(("x", 0, 5), ("y", 0, 4), ("z", 1, 6)), "agent_id", "points", MONDAY + dt.timedelta(days=1), 1)
    assert steps is not None
    assert (steps.names, steps.first) == (["z", "x"], [[(1, 5)], [(0, 6)]])


def test_what_is_gained_after_the_last_day_does_not_count_and_of_nothing_there_is_no_race() -> None:
    assert race(days_of(("x", 1, 5), ("y", 0, 0)), "agent_id", "points", MONDAY, 10) is None
    assert gathered(days_of(), "agent_id", "points", "week").is_empty()


@pytest.mark.parametrize(("n_days", "each"), [(120, "day"), (121, "week"), (840, "week"), (841, "month")])
def test_a_long_season_is_told_in_longer_steps(n_days: int, each: str) -> None:
    last = n_days - 1
    steps = race(days_of(("x", 0, 1), ("x", last, 1)), "agent_id", "points", MONDAY + dt.timedelta(days=last), 10)
    assert steps is not None
    assert steps.each == each
    assert len(steps.labels) == len(steps.first) <= MAX_STEPS
    assert steps.labels[-1] == f"{MONDAY + dt.timedelta(days=last):%-d %b %Y}"


ROWS = st.lists(
    st.tuples(st.sampled_from("xyz"), st.integers(0, 70), st.integers(0, 3)), max_size=12, unique_by=lambda r: r[:2]
)


@given(ROWS, st.sampled_from(["day", "week", "month"]))
@budget(max_examples=30, deadline=None)
def test_scores_are_sums_of_the_days_until_then_and_ranks_count_who_has_more(
    rows: list[tuple[str, int, int]], each: str
) -> None:
    days = days_of(*rows)
    for start, group in gathered(days, "agent_id", "points", each).group_by("start"):
        end = pl.select(window_end(pl.lit(start[0]), each)).item()
        sums = {
            who: sum(points for name, n, points in rows if name == who and MONDAY + dt.timedelta(days=n) <= end)
            for who in "xyz"
        }
        slow = {
            (who, score, 1 + sum(other > score for other in sums.values())) for who, score in sums.items() if score > 0
        }
        assert set(group.select("subject", "score", "rank").iter_rows()) == slow


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    book = rules(board=[board for board in NO_BOARDS if board["slug"] != "points"])
    season = publish(tmp_path_factory.mktemp("race"), SEASON, rules=book)
    once, twice = (
        pages_of(race_pages.pages, held_of(season, book), agent=["ahead"], board=["points"]) for _ in range(2)
    )
    assert once == twice
    return once


def test_the_page_tells_the_race_as_a_table_week_by_week(pages: dict[str, str]) -> None:
    assert list(pages) == ["race.html"]  # nobody called an agent
    told = words(pages["race.html"])
    assert f"Agent 8 Mar 2026 11 Mar 2026 {HOSTILE} 10 #1 15 #1 ahead 10 #1 10 #2" in told  # gathered
    assert f"Agent 8 Mar 2026 11 Mar 2026 {HOSTILE} 10 #2 5 #1 ahead 10 #1 –" in told  # each week alone
    assert "any of the 9 days" in told


def test_a_name_that_means_harm_is_text_and_data(pages: dict[str, str]) -> None:
    page = pages["race.html"]
    assert "<img" not in page
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', page)
    assert json.loads(data)["names"] == [HOSTILE, "ahead"]


def test_calls_alone_are_a_race_too_and_each_course_leads_to_the_others(tmp_path: Path) -> None:
    calls = [called("c1", "ann", "pro", "2026-03-02T10:00:00Z"), called("c2", "bob", "pro", "2026-03-03T10:00:00Z")]
    book = rules(board=NO_BOARDS)
    made = pages_of(race_pages.pages, held_of(publish(tmp_path, calls, rules=book), book))
    assert list(made) == ["race.html", "race-xp-user.html"]
    first, second = (words(page) for page in made.values())
    assert "XP of agents XP of users XP of agents, every 15 minutes" in first
    assert "3 Mar 2026, 08:00 3 Mar 2026, 12:00 ann 60 #1 60 #1" in second  # 10, and 50 for the first call
    assert 'href="race-xp-user.html"' in made["race.html"]


def test_a_season_of_nothing_says_so(tmp_path: Path) -> None:
    book = rules(board=NO_BOARDS)
    made = pages_of(race_pages.pages, held_of(publish(tmp_path, [task("a")], rules=book), book))
    assert words(made["race.html"]).endswith("Nobody has earned points or XP yet: there is nothing to race for.")
    assert "plotly" not in made["race.html"]
