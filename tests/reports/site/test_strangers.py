"""Names that mean harm, on every page of the site: they are shown as they are, and do nothing.

Of agents, users, teams, problems, tasks, projects, files and refused lines; what they are is in strangers.py.
"""

import json
import re

import pytest

from pipelines.reports.figures.style import cut
from pipelines.reports.site.links import path_of
from pipelines.reports.site.publishing import publish_site
from tests.reports.site import strangers
from tests.reports.site.conftest import PROFILES

POINTS = path_of("board", "points")
ISOLATES = dict.fromkeys((0x2068, 0x2069))  # marks around what is written from right to left, in charts


@pytest.fixture(scope="module")
def found(site):
    """What the field for names finds: kind and name to page."""
    text = (site / "assets" / "names.js").read_text("utf-8")
    entries = json.loads(text.removeprefix('podium.take("names",').removesuffix(");\n"))
    return {(entry["kind"], entry["name"]): entry["page"] for entry in entries}


def test_the_board_of_a_strangers_problem_says_which(tab, site, found):
    tab.open("boards.html")
    listed = " ".join(tab.texts("#boards bdi"))
    for problem in strangers.PROBLEMS:
        assert (site / found["board", f"problem:{problem}"]).is_file()
        assert problem.replace("-", "").lower() in listed.replace("-", "").replace("–", "").lower()


def test_the_field_finds_strangers_and_leads_to_them(tab, found):
    page = tab.open("boards.html")
    field = page.get_by_role("combobox", name="Find")
    for name in PROFILES.agents:
        field.fill(name)
        assert tab.comes_true("!document.getElementById('found').hidden"), name
        assert name in tab.texts("#found bdi")
    field.fill("__proto__")
    assert tab.comes_true("document.querySelector('#found bdi')?.textContent === '__proto__'")
    with page.expect_navigation():
        field.press("Enter")
    assert page.url.endswith(found["agent", "__proto__"])


@pytest.mark.parametrize("path", [POINTS, "agents.html"])
def test_a_table_and_its_search_show_strangers_as_they_are(tab, path):
    page = tab.open(path)
    assert tab.comes_true("!!document.querySelector('.pages')")
    assert set(strangers.NAMES) <= set(tab.texts("tbody td.k-who bdi"))
    for name in strangers.NAMES[::5]:
        page.get_by_placeholder("part of a name").fill(name)
        assert name in tab.texts("tbody td.k-who bdi"), name


def test_refused_lines_and_the_file_they_stood_in_are_shown_as_they_are(tab):
    page = tab.open("quality.html")
    shown = page.locator("main").text_content()
    assert "<img src=x onerror=window.pwned=1>.jsonl" in shown
    assert [name for name in strangers.NAMES if f"no JSON: {name[:150]}" not in shown] == []  # a long line is cut


def test_under_the_pointer_a_chart_names_strangers_as_they_are(tab):
    page = tab.open("index.html", charts=True)
    page.locator(".plot").first.scroll_into_view_if_needed()
    unseen = {cut(name) for name in strangers.BEST[:5]}
    for point in page.locator(".plot .scatterlayer .point").all():
        box = point.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        for label in tab.texts(".hoverlayer text"):
            unseen -= {name for name in unseen if label.translate(ISOLATES).startswith(name)}
        if not unseen:
            break
    assert unseen == set()
    assert page.locator(".plot svg :is(a, script, img, foreignObject)").count() == 0


def test_no_file_of_the_site_is_called_as_a_stranger_wishes_or_lies_elsewhere(site):
    files = [path.relative_to(site).as_posix() for path in site.rglob("*")]
    assert [name for name in files if not re.fullmatch(r"[a-z0-9./-]+", name) or ".." in name] == []
    assert {path.name for path in site.parent.iterdir()} <= {"site", ".site.lock", "home", "logs", "rules.toml"}
    assert max(len(path.name) for path in site.rglob("*")) < 64


def test_the_same_season_gives_the_same_bytes(season, site, tmp_path):
    again = publish_site(season, tmp_path / "again", PROFILES).out
    one, other = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (site, again)
    )
    assert one.keys() == other.keys()
    assert [str(path) for path in one if one[path] != other[path]] == []
