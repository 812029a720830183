"""What a user's page says of the next level."""

import datetime as dt
from pathlib import Path

import pytest

from pipelines.reports.reading import Reading
from pipelines.reports.site import user_pages
from pipelines.reports.site.held import Held
from pipelines.reports.site.links import path_of
from pipelines.reports.site.subjects import Subjects
from pipelines.reports.user_page import user_page
from pipelines.settings import settings
from tests.reports.shown_season import called, publish
from tests.reports.site.profile_season import Read, renderer, written

FIRST = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
CALLS = [
    called(f"c{user}-{day}", f"u{user}", "helper", f"{FIRST + dt.timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}")
    for user in range(8)
    for day in range(0, 35, 1 + user % 2)
]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    home: Path = tmp_path_factory.mktemp("ahead")
    publish(home, [*CALLS, called("x1", "ann", "helper", "2026-03-30T09:00:00Z")], has_insight=True)
    return Held.of(Reading.open(settings(home)))


def page_of(held: Held, name: str) -> str:
    return written(renderer(held, user=[name]), user_pages.pages)[path_of("user", name)]


def test_beneath_the_level_stands_the_sentence_of_the_table_and_how_such_forecasts_held(held: Held) -> None:
    row = held.frame("level_forecasts").filter(scope="user", user_id="u0").row(0, named=True)
    assert row["status"] == "forecast"
    html = page_of(held, "u0")
    said = Read(html).said("Level")
    assert row["sentence"] in said
    assert "How often such ranges hold is not known yet." in said
    assert "XP gathered, and when the next level comes" in html


def test_who_was_hardly_active_sees_why_and_the_xp_alone(held: Held) -> None:
    html = page_of(held, "ann")
    assert "No forecast: 1 active day in 28." in Read(html).said("Level")
    assert "when the next level comes" not in html


def test_one_users_rows_tell_what_the_whole_season_tells(held: Held) -> None:
    of_one = Subjects("user", ["u0", "ann"], held)
    for name in of_one.names:
        assert user_page(of_one.reading(name), name).forecast == user_page(held, name).forecast
