"""What docs/notebooks.md shows runs as it stands there; its tables name what there is."""

from pathlib import Path

from pipelines.analysis.insight_figures import InsightFigures
from pipelines.analysis.notebooks import scripts
from pipelines.analysis.season import OpenSeason
from pipelines.analysis.season_figures import SeasonFigures
from tests.docs.pages import examples, page, section, table_rows
from tests.reports.call_season import publish_calls

PAGE = Path(__file__).parents[2] / "docs" / "notebooks.md"


def test_every_example_runs(tmp_path, monkeypatch):
    publish_calls(tmp_path / "data" / "demo")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    shown = [example for example in examples(PAGE) if example.info == "python"]
    for example in shown:
        exec(compile(example.text, str(example), "exec"), names)
    assert len(shown) == 4
    assert "Points gathered over time" in (tmp_path / "growth.html").read_text("utf-8")


def test_every_notebook_is_named_with_its_question():
    rows = table_rows(section(page("docs/notebooks.md"), "## The notebooks"))
    assert {name: row[0] for name, row in rows.items()} == {script.name: script.question for script in scripts()}


def test_every_method_is_named():
    text = page("docs/notebooks.md")
    for name in (*_public(OpenSeason), *_public(SeasonFigures), *_public(InsightFigures)):
        assert f"`{name}(" in text or f"`season.{name}" in text, name


def _public(kind: type) -> list[str]:
    return [name for name in vars(kind) if not name.startswith("_") and name != "of_home"]
