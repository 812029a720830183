"""`podium notebook`: copies that are renewed only while they are nobody's, and sentences where Jupyter is missing."""

import importlib.util
import json
import tomllib
from pathlib import Path

import nbformat
import pytest

from pipelines.analysis import notebooks
from pipelines.game.faults import PodiumError
from pipelines.reports.choices import Misuse
from tests.end_to_end.test_cli import podium
from tests.reports.call_season import publish_calls

ROOT = Path(__file__).parents[2]
SCRIPT = "# %% [markdown]\n# # Why?\n\n# %%\nprint(1)\n"


@pytest.fixture
def one_script(tmp_path, monkeypatch):
    """A folder with one notebook in place of ours."""
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "01_why.py").write_text(SCRIPT)
    monkeypatch.setattr(notebooks, "_PLACES", (tmp_path / "absent", folder))
    return folder / "01_why.py"


def copied(home):
    (copy,) = notebooks.copies(home)
    return copy.state


def test_a_copy_follows_its_script_until_somebody_changes_it(one_script, tmp_path):
    path = tmp_path / "notebooks" / "01_why.ipynb"
    assert copied(tmp_path) == "new"
    first = path.read_bytes()
    assert (copied(tmp_path), path.read_bytes()) == ("same", first)
    one_script.write_text(SCRIPT + "print(2)\n")
    assert copied(tmp_path) == "renewed"
    mine = nbformat.read(path, as_version=4)
    mine.cells[1]["source"] = "print('mine')"
    nbformat.write(mine, path)
    one_script.write_text(SCRIPT + "print(3)\n")
    assert copied(tmp_path) == "kept"
    assert "mine" in path.read_text()


def test_outputs_alone_make_a_copy_nobodys_and_they_stay_while_the_script_does(one_script, tmp_path):
    path = tmp_path / "notebooks" / "01_why.ipynb"
    notebooks.copies(tmp_path)
    ran = nbformat.read(path, as_version=4)
    ran.cells[1]["outputs"] = [nbformat.v4.new_output("stream", text="1\n")]
    nbformat.write(ran, path)
    assert copied(tmp_path) == "same"
    assert nbformat.read(path, as_version=4).cells[1]["outputs"]


@pytest.mark.parametrize("held", ["", "{", "{}", '{"cells": []}', "\0"])
def test_a_file_that_is_no_copy_is_left_alone(one_script, tmp_path, held):
    path = tmp_path / "notebooks" / "01_why.ipynb"
    path.parent.mkdir()
    path.write_text(held)
    assert (copied(tmp_path), path.read_text()) == ("kept", held)


def test_a_notebook_is_found_by_name_or_number_and_says_its_question(one_script):
    assert notebooks.script("01") == notebooks.script("01_why") == notebooks.script("01_why.py")
    assert notebooks.script("1") == notebooks.script("01")
    assert notebooks.script("01").question == "Why?"
    with pytest.raises(Misuse, match="Did you mean `01_why`"):
        notebooks.script("01_whi")


def test_a_wheel_carries_the_notebooks_to_where_they_are_looked_for():
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    inside = Path(notebooks.__file__).parents[2] / wheel["sources"]["notebooks"]
    assert inside in notebooks._PLACES
    assert ROOT / "notebooks" in notebooks._PLACES


def test_without_jupyter_a_sentence_names_the_extra(tmp_path, monkeypatch):
    publish_calls(tmp_path)
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "jupyterlab" else real(name))
    result = podium("notebook", "--home", tmp_path, cwd=tmp_path)
    assert result.returncode == 1
    assert "`uv run --extra notebooks podium notebook`" in result.stderr


def test_the_lab_is_opened_on_the_copies_with_the_home_told(one_script, tmp_path, monkeypatch):
    publish_calls(tmp_path / "home")
    opened = []
    monkeypatch.setattr(notebooks, "_needed", lambda name, real=notebooks._needed: name == "jupyterlab" or real(name))
    monkeypatch.setattr(
        notebooks.subprocess,
        "run",
        lambda words, env, check: opened.append((words, env)) or type("", (), {"returncode": 0}),
    )
    result = podium("notebook", "--home", "home", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert "01_why.ipynb is new." in result.stdout
    ((words, env),) = opened
    assert words[1:4] == ["-m", "jupyterlab", str(tmp_path / "home" / "notebooks")]
    assert env["PODIUM_HOME"] == str(tmp_path / "home")


def test_one_is_run_without_opening_it(one_script, tmp_path):
    publish_calls(tmp_path)
    result = podium("notebook", "--home", ".", "--run", "01", "--out", "out/why.ipynb", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "Written: out/why.ipynb\n"), result.stderr
    assert json.loads((tmp_path / "out" / "why.ipynb").read_text())["cells"][1]["outputs"][0]["text"] == ["1\n"]


def test_one_that_fails_says_with_which_fault(one_script, tmp_path):
    one_script.write_text(SCRIPT + "1 / 0\n")
    publish_calls(tmp_path)
    with pytest.raises(PodiumError, match="01_why failed: ZeroDivisionError: division by zero"):
        notebooks.executed(notebooks.script("01"), tmp_path)


def test_the_list_says_what_each_asks_also_for_machines(tmp_path):
    listed = json.loads(podium("notebook", "--list", "--json", cwd=tmp_path).stdout)
    assert [found["name"][:3] for found in listed] == [f"{number:02}_" for number in range(1, 12)]
    assert all(found["question"].endswith("?") for found in listed)
    assert listed[0]["question"] in podium("notebook", "--list", cwd=tmp_path).stdout


@pytest.mark.parametrize("words", [["--json"], ["--out", "x.ipynb"], ["--run", "99"]])
def test_what_does_not_go_together_is_misuse(tmp_path, words):
    assert podium("notebook", *words, cwd=tmp_path).returncode == 2
