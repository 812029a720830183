"""Every notebook runs on the sample season, says what it found, and shows figures that say what they are."""

import fcntl
import os
import re

import pytest

from tests.notebooks import played


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory):
    """All of them with their outputs: played once, whichever worker comes first."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "notebooks"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return played.play(folder)


def outputs(notebook):
    return [output for cell in notebook["cells"] for output in cell.get("outputs", [])]


def figures(notebook):
    bundles = [output.get("data", {}) for output in outputs(notebook)]
    return [
        bundle["application/vnd.plotly.v1+json"] for bundle in bundles if "application/vnd.plotly.v1+json" in bundle
    ]


@pytest.mark.parametrize("name", played.PLAYED)
def test_a_notebook_runs_without_error_or_warning_and_in_less_than_a_minute(notebooks, name):
    notebook = notebooks[name]
    assert [output["evalue"] for output in outputs(notebook) if output["output_type"] == "error"] == []
    assert [output["text"] for output in outputs(notebook) if output.get("name") == "stderr"] == []
    assert all(cell["execution_count"] for cell in notebook["cells"] if cell["cell_type"] == "code")
    assert notebook["seconds"] < 60


@pytest.mark.parametrize("name", played.PLAYED)
def test_its_figures_have_titles_axes_and_a_summary_and_need_no_network(notebooks, name):
    shown = figures(notebooks[name])
    assert shown
    for figure in shown:
        layout = figure["layout"]
        assert layout["title"]["text"]
        assert layout["xaxis"]["title"]["text"]
        assert layout["yaxis"]["title"]["text"]
        assert layout["meta"]["summary"]
        assert figure["config"]["plotlyServerURL"] == ""
    assert not [text for text in _markup(notebooks[name]) if re.search(r"https?://|<script", text)]


@pytest.mark.parametrize("name", played.NAMES)
def test_it_begins_with_a_question_and_ends_with_what_one_may_not_conclude(notebooks, name):
    first, *_, last = notebooks[name]["cells"]
    assert re.match(r"# [^\n]*\?\n", first["source"])
    assert last["source"].startswith("## What one may not conclude")


def test_an_agents_points_are_the_same_five_ways(notebooks):
    said = "".join(output["text"] for output in outputs(notebooks[played.NAMES[0]]) if output.get("name") == "stdout")
    totals = re.findall(r"^ *([\d,]+)  (?:sum|board|boards|profile|days)\b", said, re.MULTILINE)
    assert len(totals) == 5
    assert len(set(totals)) == 1
    assert "All five agree." in said
    assert re.search(r"It stands in \S*submissions-\S+, line [\d,]+\.", said)


@pytest.mark.parametrize("name", played.OF_HOSTILE)
def test_hostile_names_are_words_in_what_a_notebook_shows(notebooks, name):
    markup = _markup(notebooks[f"hostile {name}"])
    assert any("&lt;script&gt;alert(1)&lt;/script&gt;" in text for text in markup)
    assert not [text for text in markup if played.HOSTILE in text or "<img" in text]
    for figure in figures(notebooks[f"hostile {name}"]):
        assert not [text for text in _strings(figure["data"]) if "<script" in text or "<img" in text]


def _markup(notebook):
    bundles = [output.get("data", {}) for output in outputs(notebook)]
    return [bundle["text/html"] for bundle in bundles if "text/html" in bundle]


def _strings(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for held in value for text in _strings(held)]
    return [value] if isinstance(value, str) else []
