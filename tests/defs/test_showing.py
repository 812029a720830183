"""What people look at, made after publication: report and exports, as assets, a job of their own and a sensor."""

import json
from collections.abc import Callable

import dagster as dg

from pipelines.defs.location import definitions
from pipelines.defs.resources import Podium
from pipelines.defs.sensors import new_generation
from pipelines.engines.recompute import recompute
from pipelines.game.rulebook import load_rulebook
from pipelines.reports.site.folder import generation_of
from pipelines.settings import Settings
from pipelines.store.generation import Generation
from pipelines.store.runlock import run_lock

Play = Callable[..., dg.ExecuteInProcessResult]


def told(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, object]:
    (event,) = [e for e in result.get_asset_materialization_events() if e.asset_key == dg.AssetKey(asset)]
    return {name: value.value for name, value in event.materialization.metadata.items()}


def show(home: Settings) -> dg.ExecuteInProcessResult:
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    job = definitions(home).resolve_job_def("show")
    return job.execute_in_process(
        {**quiet, "resources": {"podium": {"config": {"home": str(home.home)}}}}, raise_on_error=False
    )


def test_the_whole_job_ends_with_the_report_and_the_exports_of_what_it_published(home: Settings, play: Play) -> None:
    result = play(only=["*"])
    assert result.success
    assert generation_of(home.report) == Generation.open(home.home).id
    page = (home.report / "index.html").read_text("utf-8")
    assert "&lt;b&gt;bo|b&lt;/b&gt;" in page
    assert "<b>bo" not in page
    index = json.loads((home.exports / "index.json").read_text("utf-8"))
    assert index["generation"] == Generation.open(home.home).id
    report = told(result, "report_site")
    assert report["n_pages"] == len([*home.report.rglob("*.html")])
    assert report["open"] == (home.report / "index.html").absolute().as_uri()
    assert told(result, "exports")["n_files"] == len(index["exports"])


def test_a_report_that_cannot_be_written_leaves_the_publication_as_it_is(home: Settings, play: Play) -> None:
    home.report.mkdir()
    (home.report / "mine.txt").write_text("mine")
    result = play(only=["*"])
    (event,) = result.get_step_failure_events()
    assert "holds something else than a report" in event.step_failure_data.user_failure_data.description
    assert Generation.open(home.home)
    assert (home.report / "mine.txt").read_text() == "mine"
    assert (home.exports / "index.json").is_file()


def test_an_export_that_cannot_be_made_is_a_warning(home: Settings, play: Play) -> None:
    play()
    (home.home / "exports.toml").write_text(
        '[[export]]\nboard = "nobody"\nformat = "csv"\n[[export]]\nboard = "points"\nformat = "csv"\n'
    )
    result = show(home)
    (verdict,) = [v for v in result.get_asset_check_evaluations() if v.check_name == "written"]
    assert result.success
    assert not verdict.passed
    assert "nobody" in str(verdict.metadata["faults"].value)
    assert told(result, "exports")["n_files"] == 1


def test_a_generation_that_the_report_does_not_show_is_shown_once(home: Settings, play: Play) -> None:
    podium = Podium.at(home)
    assert "Nothing is published" in new_generation(podium=podium).skip_message
    play()
    assert "no report yet" in new_generation(podium=podium).skip_message  # nobody has asked for one
    show(home)
    assert "shows the current" in new_generation(podium=podium).skip_message
    shown = Generation.open(home.home).id
    recompute(home.home, load_rulebook(), anew=True)
    assert new_generation(podium=podium).run_key == Generation.open(home.home).id != shown
    with run_lock(home.home):
        assert new_generation(podium=podium).skip_message == "A run is at work."
