"""Figures of teamwork: steps at first calls, a map with n, and a sentence in place of a small team's users."""

import datetime as dt

import pytest

from pipelines.reports.figures.adoption import TOP_AGENTS, TOP_STEPS, adoption_steps, sharing_map
from pipelines.reports.figures.canvas import Canvas
from tests.reports.figures import drawn

NAMES = ["a", "b", "c"]
USES = drawn.uses(NAMES)
AS_OF = dt.datetime(2026, 3, 12, 8, tzinfo=dt.UTC)


def steps(small_group: int = 3, until: dt.datetime = AS_OF, top: int = TOP_STEPS) -> Canvas:
    return adoption_steps(USES, until=until, zone="Europe/Berlin", small_group=small_group, top=top)


def test_a_line_climbs_by_one_at_each_users_first_call_on_the_clock_of_the_zone_and_ends_at_as_of() -> None:
    a, b, c = (list(zip(line.x, line.y, strict=True)) for line in steps().data)
    days = [f"2026-03-{day:02}T09:00:00" for day in range(32)]
    assert a == [(days[2], 0), (days[2], 1), (days[4], 2), (days[6], 3), (days[12], 3)]
    assert b == [(days[3], 0), (days[3], 1), (days[5], 2), (days[12], 2)]
    assert c == [(days[4], 0), (days[4], 1), (days[12], 1)]
    summary = "Of 3 users so many had called an agent by 2026-03-12: a 3, b 2, c 1."
    assert steps().layout.meta["summary"] == summary


def test_the_axis_of_users_begins_at_zero_and_counts_in_whole_ones() -> None:
    axis = steps().layout.yaxis
    assert (axis.range[0], axis.dtick) == (0, 1)
    assert axis.range[1] > 3


def test_of_many_agents_those_that_most_users_called_are_drawn_and_it_says_so() -> None:
    figure = steps(top=2)
    assert [line.name for line in figure.data] == ["a", "b"]
    assert figure.layout.title.subtitle.text == "Of 3 agents the 2 that most users called"


def test_a_cell_of_the_map_says_user_agent_and_n_and_who_has_not_called_is_pale() -> None:
    (cells,) = sharing_map(USES, small_group=3).data
    assert list(cells.customdata[0]) == [f"{user} and a<br>n = 40 calls" for user in "cba"]  # the busiest first
    assert cells.customdata[1][2] == "a and b<br>n = 0 calls"
    assert (cells.z[1][2], cells.zmin) == (0, 0)
    assert cells.z[0][0] > cells.z[1][0] > 0


def test_a_map_of_many_draws_the_busiest_and_says_how_many_there_are() -> None:
    figure = sharing_map(drawn.uses([f"n{n:02}" for n in range(20)]), small_group=5)
    assert len(figure.data[0].z) == TOP_AGENTS
    assert "Of 20 agents and 20 users those with the most calls are drawn." in figure.layout.meta["summary"]


@pytest.mark.parametrize("figure", [steps(4), sharing_map(USES, small_group=4)])
def test_of_a_small_team_a_sentence_stands_in_place_of_its_users(figure: Canvas) -> None:
    (note,) = figure.layout.annotations
    assert note.text == "Not drawn of a team of fewer than 4 users"
    assert not figure.data
