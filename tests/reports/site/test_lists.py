"""The lists of agents, users and teams: everybody stands in them, with the numbers of the published tables."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.reports.site import listing_pages
from pipelines.reports.site.held import Held
from tests.reports.site.profile_season import MARKUP, Read, play, renderer, written


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return play(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def pages(held: Held) -> dict[str, str]:
    return written(renderer(held), listing_pages.pages)


def data(pages: dict[str, str], kind: str) -> dict[str, Any]:
    """What the script of a list is given."""
    text = pages[f"assets/{kind}s.js"]
    key, _, value = text.removeprefix("podium.take(").removesuffix(");\n").partition(",")
    assert json.loads(key) == f"{kind}s.html"
    found: dict[str, Any] = json.loads(value)
    return found


@pytest.mark.parametrize("kind", ["agent", "user", "team"])
def test_everybody_stands_in_the_list_and_its_file(held: Held, pages: dict[str, str], kind: str) -> None:
    names = held.frame(f"{kind}_stats")[f"{kind}_id"].to_list()
    given = data(pages, kind)
    assert sorted(given["values"][f"{kind}_id"]) == sorted(names)
    assert given["total"] == len(names)
    said = Read(pages[f"{kind}s.html"]).said(f"All {kind}s")
    assert all(name in said for name in names)


@pytest.mark.parametrize("kind", ["agent", "user", "team"])
def test_a_column_holds_the_values_of_the_published_table(held: Held, pages: dict[str, str], kind: str) -> None:
    values = data(pages, kind)["values"]
    stats = {row[f"{kind}_id"]: row for row in held.frame(f"{kind}_stats").to_dicts()}
    checked = set()
    for column in ("points", "xp", "tasks_completed", "calls", "accuracy", "success_share"):
        for name, value in zip(values[f"{kind}_id"], values.get(column, []), strict=False):
            if value is not None:
                assert value == pytest.approx(stats[name][column], abs=1e-6)
                checked.add(column)
    assert {"points", "xp", "calls"} <= checked


def test_what_does_not_apply_is_not_nought(pages: dict[str, str]) -> None:
    values = data(pages, "agent")["values"]
    by_name = {name: n for n, name in enumerate(values["agent_id"])}
    assert (values["points"][by_name["python-pro"]], values["xp"][by_name["python-pro"]]) == (None, 35)
    assert (values["points"][by_name["solver"]], values["xp"][by_name["solver"]]) == (45, None)


def test_those_who_earned_most_come_first(pages: dict[str, str]) -> None:
    assert data(pages, "agent")["values"]["agent_id"][:3] == ["solver", "owned", "both"]
    assert data(pages, "user")["values"]["user_id"][0] == "ann"


def test_a_list_says_who_has_a_page(held: Held, pages: dict[str, str]) -> None:
    assert "by points, then XP." in pages["agents.html"]
    assert "page of their own" not in pages["agents.html"]
    few = written(renderer(held, agent=["solver"]), listing_pages.pages)
    n = held.frame("agent_stats").height
    assert f"{n} agents, by points, then XP. 1 of them have a page" in few["agents.html"]
    assert "those asked for with <code>podium report --agent ID</code>." in few["agents.html"]
    assert [page for page in data(few, "agent")["values"]["agent_id.page"] if page] == ["agents/solver-b8789db0.html"]


def test_strangers_names_are_text(pages: dict[str, str]) -> None:
    assert MARKUP in data(pages, "user")["values"]["user_id"]
    assert not [text for text in pages.values() if "<img" in text]


def test_there_is_no_list_of_nobody(held: Held, tmp_path: Path) -> None:
    emptied = Held.of(held)
    emptied._frames["team_stats"] = held.frame("team_stats").clear()
    assert "teams.html" not in written(renderer(emptied, team=[]), listing_pages.pages)


def test_the_same_list_twice_has_the_same_bytes(held: Held, pages: dict[str, str]) -> None:
    assert written(renderer(Held.of(held)), listing_pages.pages) == pages
