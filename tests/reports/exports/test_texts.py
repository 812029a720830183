"""JSON, Markdown, SVG and the print page: the same entries, and names that do nothing."""

import html
import json
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from pipelines.reports.exports.formats import text_of
from pipelines.reports.exports.picture import environment
from pipelines.reports.exports.print_file import print_html
from pipelines.reports.exports.widths import cut, pixels
from pipelines.reports.machine import to_json
from pipelines.reports.markdown import cell
from pipelines.reports.reading import Reading
from tests.reports.exports.boards import HOSTILE, HOSTILE_PROBLEM, page

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "title", "defs", "linearGradient", "stop", "clipPath", "rect", "style", "text", "tspan", "g", "line",
         "circle", "path"}  # fmt: skip


def picture(reading: Reading, board: str = "points", window: str | None = None) -> ET.Element:
    return ET.fromstring(text_of(page(reading, board, window, "svg"), "svg"))


def texts(picture: ET.Element) -> list[str]:
    return ["".join(text.itertext()) for text in picture.iter(f"{SVG}text")]


def test_json_is_what_the_board_says_to_machines(small: Reading) -> None:
    shown = page(small, "points", "week")
    assert text_of(shown, "json") == to_json(shown.for_machines()) + "\n"
    assert [entry["subject_id"] for entry in json.loads(text_of(shown, "json"))["entries"]] == ["bob", "eve"]


def test_a_board_as_markdown(small: Reading) -> None:
    assert text_of(page(small, "points", form="md"), "md").splitlines() == [
        "## Points",
        "",
        "All time · as of 9 March 2026, 12:00 UTC",
        "",
        "| # | moved | agent | points | tasks | accuracy (n) | streak | badges |",
        "| --: | :-- | :-- | --: | --: | --: | --: | :-- |",
        "| 1 | ▲ 1 | `bob` | 35 | 2 | 100.0 % (2) | 1 d | Scholar, Champion, First Blood |",
        "| 2 | ▼ 1 | `ada` | 10 | 1 | 100.0 % (1) | 0 d | Champion, First Blood |",
        "| 3 | new | `eve` | 10\\* | 1 | 50.0 % (2) | 1 d | First Blood |",
        "",
        "\\* 5 points in it are provisional: a pending verdict can still take them away.  ",
        f"Rulebook `{small.fingerprint}`.",
    ]


def test_hostile_names_are_code_in_markdown(hostile: Reading) -> None:
    lines = text_of(page(hostile), "md").splitlines()
    for name in HOSTILE:
        assert any(f"| {cell(name)} |" in line for line in lines), name
    assert len([line for line in lines if line.startswith("|")]) == len(HOSTILE) + 2
    problem = text_of(page(hostile, f"problem:{HOSTILE_PROBLEM}"), "md")
    assert problem.startswith("## `Problem ../../x<b>`")


def test_a_board_as_a_picture(small: Reading) -> None:
    drawn = picture(small, "points", "week")
    assert drawn.attrib["width"] == "1000"
    assert texts(drawn) == [
        "Points", "Week 9 to 15 March 2026 · as of 9 March 2026, 12:00 UTC",
        "RANK", "MOVE", "AGENT", "POINTS", "TASKS", "ACCURACY (N)", "STREAK", "BADGES",
        "1", "1", "bob", "30", "1", "100.0 % (1)", "1 d", "Scholar, Champion, First Blood",
        "2", "new", "eve", "10", "*", "1", "50.0 % (2)", "1 d", "First Blood",
        "* 5 points in it are provisional: a pending verdict can still take them away.",
        f"Rulebook {small.fingerprint}, generation {small.generation.id}",
    ]  # fmt: skip


def test_a_picture_holds_no_script_no_link_and_nothing_to_load(hostile: Reading) -> None:
    drawn = picture(hostile)
    assert {element.tag.removeprefix(SVG) for element in drawn.iter()} <= DRAWN
    names = {name.partition("}")[2] or name for element in drawn.iter() for name in element.attrib}
    assert not [name for name in names if name.startswith("on") or name in ("href", "src")]
    assert not re.search(r"url\((?!#)|@import", text_of(page(hostile), "svg"))


def test_hostile_names_are_drawn_as_they_are_or_cut(hostile: Reading) -> None:
    drawn = texts(picture(hostile))
    for name in HOSTILE:
        shown = name.replace("\uffff", "\ufffd")
        begins = [text for text in drawn if text.endswith("…") and shown.startswith(text[:-1])]
        assert shown in drawn or begins, name
    assert "{{7*7}}" in drawn
    assert "<script>alert(1)</script>" in drawn


@pytest.mark.parametrize("board", ["points", f"problem:{HOSTILE_PROBLEM}", "team-points"])
def test_no_text_of_a_row_runs_into_the_next(hostile: Reading, board: str) -> None:
    for row in picture(hostile, board).findall(f"{SVG}g")[1:]:
        spans = []
        for text in row.iter(f"{SVG}text"):
            x, wide = float(text.attrib["x"]), pixels("".join(text.itertext()), 15, bold="font-weight" in text.attrib)
            if text.attrib.get("text-anchor") == "end":
                spans.append((x - wide, x))
            elif text.attrib.get("text-anchor") == "middle":
                spans.append((x - 12, x + 12))
            else:
                spans.append((x, x + wide))
        spans.sort()
        assert all(end <= start for (_, end), (start, _) in pairwise(spans)), spans
        assert spans[-1][1] <= 945


def test_a_picture_of_an_empty_board_says_so(small: Reading) -> None:
    assert "Nobody has an entry here yet." in texts(picture(small, "accuracy"))
    assert "Nobody has an entry here yet." in print_html(page(small, "accuracy"))
    assert "Nobody has an entry here yet." in text_of(page(small, "accuracy"), "md")


@pytest.mark.parametrize("name", ["ada", "W" * 200, "漢字" * 60, "i" * 200, "e\u0301" * 100, "😀" * 50])
def test_a_name_is_cut_to_the_room_there_is(name: str) -> None:
    shown = cut(name, 200, 15)
    assert pixels(shown, 15) <= 200
    assert shown == name or (shown.endswith("…") and name.startswith(shown[:-1]) and pixels(shown, 15) > 170)


def test_the_print_page_holds_the_whole_board_and_its_names_as_text(hostile: Reading) -> None:
    made = print_html(page(hostile, form="pdf"))
    names = re.findall(r'<td class="name"><bdi>(.*?)</bdi></td>', made)
    assert [html.unescape(name) for name in names] == list(HOSTILE)
    assert not re.search(r"<script|<img|<a |\son\w+=|https?://(?!x|example)", re.sub("<bdi>.*?</bdi>", "", made))
    assert "default-src 'none'" in made
    assert "thead { display: table-header-group; }" in made


def test_templates_escape_whatever_they_are_given() -> None:
    assert environment().from_string("{{ name }}").render(name="<b>&\"'") == "&lt;b&gt;&amp;&#34;&#39;"


@pytest.mark.parametrize("form", ["csv", "json", "md", "svg", "ctftime"])
def test_the_same_page_gives_the_same_text(hostile: Reading, form: str) -> None:
    assert text_of(page(hostile, form=form), form) == text_of(page(hostile, form=form), form)
