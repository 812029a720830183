"""Figures of the next level, drawn of a season by name."""

import pytest

from pipelines.analysis.season_figures import SeasonFigures
from pipelines.reports.choices import Misuse
from pipelines.reports.reading import Reading, Unreadable
from pipelines.settings import settings
from tests.reports.shown_season import called, publish

CALLS = [
    called("c1", "ann", "helper", "2026-03-02T09:00:00Z"),
    called("c2", "ann", "other", "2026-03-04T09:00:00Z"),
    called("c3", "bob", "helper", "2026-03-07T09:00:00Z"),
]


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    home = tmp_path_factory.mktemp("home")
    publish(home, CALLS, has_insight=True)
    return Reading.open(settings(home))


def test_everybody_has_a_row_also_without_a_forecast(reading: Reading) -> None:
    figure = SeasonFigures(reading).next_levels()
    assert list(figure.layout.yaxis.ticktext) == ["ann (2)", "bob (2)"]
    assert list(figure.data[0].text) == ["no forecast: too short a past", "no forecast: 1 active day in 28"]


def test_a_user_has_a_row_for_each_of_its_agents(reading: Reading) -> None:
    assert list(SeasonFigures(reading).next_levels("ann").layout.yaxis.ticktext) == ["helper (2)", "other (2)"]


def test_one_is_drawn_with_its_levels_and_the_sentence(reading: Reading) -> None:
    told = SeasonFigures(reading).next_level("ann", "helper").layout.meta["summary"]
    assert told.endswith("No forecast: 1 active day in 28.")
    with pytest.raises(Misuse, match="ann"):
        SeasonFigures(reading).next_level("anne")


@pytest.mark.parametrize(
    "draw",
    [
        lambda figures: figures.next_levels(),
        lambda figures: figures.next_level("ann"),
        lambda figures: figures.skill_map(),
        lambda figures: figures.success_by_week("helper"),
    ],
)
def test_of_a_season_without_the_table_is_said_what_to_do(tmp_path, draw) -> None:
    publish(tmp_path, CALLS)
    with pytest.raises(Unreadable, match="`podium recompute` publishes it anew"):
        draw(SeasonFigures(Reading.open(settings(tmp_path))))
