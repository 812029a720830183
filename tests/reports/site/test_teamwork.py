"""How a team works together, on its page: what the tables say, and of a small team no word about single users."""

from pathlib import Path

import pytest

from pipelines.reports.reading import Reading
from pipelines.reports.site import team_pages
from pipelines.reports.site.held import Held
from pipelines.reports.site.links import Links, path_of
from pipelines.reports.site.rendering import Renderer
from pipelines.settings import settings
from tests.reports.shown_season import called, publish
from tests.reports.site.profile_season import MARKUP, Read

TEAMS = ("large", "small", "single")
PART, SPREAD = "How the team works together", "How agents spread here"
PEOPLE = ("ann", "bob", "cyd", "dan", "eve")


def day(n: int) -> str:
    return f"2026-03-{n:02}T10:00:00Z"


RECORDS = [
    *(called(f"f{n}", "ann", MARKUP, day(n), success=n > 2, team_id="large") for n in range(1, 7)),
    *(called(f"l{n}", PEOPLE[n % 5], MARKUP, day(10 + n), team_id="large") for n in range(1, 15)),
    called("x1", "eve", "scout", day(25), team_id="large"),
    *(called(f"s{n}", PEOPLE[n % 2], "scout", day(2 + n), success=n % 2 == 0, team_id="small") for n in range(20)),
    called("o1", "bob", "scout", day(1), team_id="single"),
    called("n1", "bob", "scout", day(1)),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home: Path = tmp_path_factory.mktemp("teamwork")
    publish(home, RECORDS, has_insight=True)
    held = Held.of(Reading.open(settings(home)))
    made = Renderer(held, Links.to(agent=[], user=[], team=TEAMS, board=held.boards()), lambda *_: None)
    found = {page.path: page.text for page in team_pages.pages(made)}
    return {team: found[path_of("team", team)] for team in TEAMS}


def test_a_team_tells_what_it_shares_on_whom_it_rests_and_how_sure_that_is(pages: dict[str, str]) -> None:
    large = Read(pages["large"])
    assert large.said(PART).startswith("5 users called 2 agents (n = 21 calls), 1 of them by two or more.")
    number, note = large.figures["Agents with two users or more"]
    assert (number, note) == ("1 of 2", "50.0 %; 95 % interval 9.5 % to 90.5 %, 2 agents")
    assert large.figures["Bus factor"][0] == "2"  # ann 6 and 2 more, bob 3
    assert "95 % interval" in large.figures["By others than the first"][1]


def test_success_before_and_after_stands_with_n_and_interval_and_with_what_it_is_not(pages: dict[str, str]) -> None:
    said = Read(pages["large"]).said(SPREAD)
    assert "66.7 % 30.0 % to 90.3 % n = 6" in said  # of ann's six calls the first two failed
    assert "100.0 % 78.5 % to 100.0 % n = 14" in said
    assert "It is an association" in said
    assert "because" not in said
    assert not [name for name in PEOPLE if name in said]


def test_of_a_small_team_nothing_is_told_that_points_at_one_user(pages: dict[str, str]) -> None:
    small = Read(pages["small"])
    assert "nothing is told that would point at one of them" in small.said(PART)
    assert small.said(SPREAD).endswith("it is not told when others followed and how success went.")
    assert not {"Bus factor", "By others than the first"} & set(small.figures)
    assert "Before 2nd" not in pages["small"]
    assert 'data-chart="teamwork' not in pages["small"]
    assert pages["large"].count('data-chart="teamwork') == 2


def test_one_user_shares_with_nobody_and_has_no_key_figures_of_sharing(pages: dict[str, str]) -> None:
    single = Read(pages["single"])
    assert single.said(PART).startswith("One user called 1 agent (n = 1 call): there is nobody to share with yet.")
    assert "Agents with two users or more" not in single.figures


def test_names_are_words(pages: dict[str, str]) -> None:
    assert MARKUP in Read(pages["large"]).said(SPREAD)
    assert "<img" not in pages["large"]
