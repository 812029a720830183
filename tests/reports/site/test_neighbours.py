"""What separates an agent from its neighbour on the board of points, as its profile says it."""

from pathlib import Path

import pytest

from pipelines.reports.site import agent_pages
from pipelines.reports.site.held import Held
from pipelines.reports.site.links import path_of
from pipelines.reports.site.neighbours import Neighbours
from pipelines.reports.site.subjects import Subjects
from pipelines.reports.versus_page import versus_page
from pipelines.reports.versus_words import sentences
from tests.reports.site.profile_season import AGENTS, MARKUP, OPTION, play, renderer, written


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return play(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def neighbours(held: Held) -> Neighbours:
    return Neighbours(Subjects("agent", AGENTS, held))


def test_an_agent_is_compared_with_the_one_above_it_and_the_first_with_the_second(neighbours: Neighbours) -> None:
    others = {name: apart and apart.other for name in AGENTS if (apart := neighbours.of(name)) or True}
    assert others == {
        "solver": "owned", "owned": "solver", "both": "owned", MARKUP: "both",
        "python-pro": None, "voided": None, OPTION: None,
    }  # fmt: skip
    assert neighbours.of("owned").sentences[0] == "solver is 1st with 45 points, 28 above owned (2nd)."


def test_what_a_profile_says_is_what_the_whole_season_says(held: Held, neighbours: Neighbours) -> None:
    for name in ("solver", "both", MARKUP):
        apart = neighbours.of(name)
        whole = versus_page(held, name, apart.other, "points", "all")
        assert apart.sentences == sentences(whole)
        assert apart.by_rule is None or apart.by_rule in whole.groups


def test_the_differences_by_rule_add_up_to_the_difference(neighbours: Neighbours) -> None:
    rows = neighbours.of("solver").by_rule.rows
    assert sum(row["ahead"] for row in rows) == 45
    assert sum(row["difference"] for row in rows) == 28


def test_an_agent_whose_neighbour_has_no_profile_is_compared_with_nobody(held: Held) -> None:
    assert Neighbours(Subjects("agent", ("both",), held)).of("both") is None


def test_the_page_names_the_command_and_no_name_on_it_comes_alive(held: Held, tmp_path: Path) -> None:
    page = written(renderer(held), agent_pages.pages)[path_of("agent", MARKUP)]
    assert "What separates" in page
    assert "<img" not in page
    assert "podium explain --board points both" in page
