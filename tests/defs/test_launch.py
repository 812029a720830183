"""The job from a terminal: what it gives back, what it says when it fails, and that Dagster's records know of it."""

import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from pipelines.defs.launch import LANDING_ONLY, SEASON_ONLY, UNSHOWN, WHOLE, launch, run_config
from pipelines.defs.records import PROCESS_TAG, bury_dead_runs, process_tags
from pipelines.settings import Settings
from pipelines.store.published import Generation
from pipelines.store.runlock import run_lock

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without a dagster.yaml."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def recorded(elsewhere: Path) -> Path:
    """A working directory with the project's dagster.yaml."""
    shutil.copy(ROOT / "dagster.yaml", elsewhere)
    return elsewhere


def test_a_run_gives_back_its_files_and_its_generation(home: Settings) -> None:
    outcome = launch(home, sorted(home.landing.iterdir()), only=UNSHOWN, as_of="2026-03-04T00:00:00Z")
    assert outcome.failure is None
    assert [(f.path.name, f.n_lines, f.n_accepted, f.n_quarantined) for f in outcome.files] == [
        ("submissions.jsonl", 4, 3, 1),
        ("tasks.jsonl", 2, 2, 0),
    ]
    assert outcome.generation_id == Generation.open(home.home).id


def test_a_folder_is_recorded_as_it_was_named_and_not_file_by_file(home: Settings) -> None:
    named = [home.landing]
    assert run_config(home, named, None, WHOLE)["ops"]["landed_files"]["config"]["paths"] == [str(home.landing)]
    assert len(launch(home, named, only=LANDING_ONLY).files) == 2


def test_without_paths_what_waits_in_the_landing_folder_is_taken_even_if_just_written(home: Settings) -> None:
    assert len(launch(home, only=LANDING_ONLY).files) == 2


def test_landing_and_season_can_be_run_on_their_own(home: Settings) -> None:
    landed = launch(home, only=LANDING_ONLY)
    assert (len(landed.files), landed.generation_id, landed.failure) == (2, None, None)
    played = launch(home, only=SEASON_ONLY)
    assert (played.files, played.failure) == ((), None)
    assert played.generation_id == Generation.open(home.home).id


def test_progress_is_reported_by_stage(home: Settings) -> None:
    seen: list[str] = []
    launch(home, progress=lambda stage, done, total: seen.append(stage))
    stages = list(dict.fromkeys(seen))
    assert stages.index("scoring agents") < stages.index("writing the generation") < stages.index("writing boards")


def test_nothing_of_dagster_s_reaches_the_terminal(home: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    launch(home)
    launch(Settings(home.home.with_name("nothing here")))
    assert capfd.readouterr() == ("", "")


def test_a_busy_home_is_one_sentence(home: Settings) -> None:
    with run_lock(home.home):
        outcome = launch(home)
    assert outcome.failure.startswith("Another run is at work")
    assert "\n" not in outcome.failure
    assert outcome.generation_id is None


def test_an_empty_log_a_wrong_rulebook_and_a_wrong_as_of_are_sentences(home: Settings, elsewhere: Path) -> None:
    assert launch(Settings(elsewhere / "empty")).failure.startswith("There is nothing to score")
    (elsewhere / "rules.toml").write_text("clock = 'noon'\n")
    assert "clock" in launch(Settings(home.home, elsewhere / "rules.toml")).failure
    assert launch(home, as_of="noon").failure.startswith("'noon' is no instant")


def test_a_run_shows_in_the_records_of_the_web_ui(home: Settings, recorded: Path) -> None:
    outcome = launch(home, only=UNSHOWN)
    assert outcome.note is None
    with dg.DagsterInstance.from_config(str(recorded)) as instance:
        (run,) = instance.get_runs()
        record = instance.get_latest_materialization_event(dg.AssetKey("points_ledger"))
        assert (run.run_id, run.status) == (outcome.run_id, dg.DagsterRunStatus.SUCCESS)
        assert run.tags["podium/launched_by"] == "command line"
        assert record.asset_materialization.metadata["generation"].value == outcome.generation_id
    assert (recorded / "data/.dagster").is_dir()


def test_records_that_cannot_be_kept_do_not_stop_the_season(home: Settings, recorded: Path) -> None:
    (recorded / "data").write_text("a file where a folder should be")
    outcome = launch(home, only=UNSHOWN)
    assert outcome.generation_id
    assert outcome.note.startswith("The run will not show in the web UI")


def test_a_run_whose_process_was_killed_is_marked_as_failed_by_the_next(home: Settings) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    mine = process_tags()[PROCESS_TAG]
    with dg.DagsterInstance.ephemeral() as instance:
        started = dg.DagsterRunStatus.STARTED
        tags = {"killed": mine.replace(mine.partition("@")[0], str(dead.pid)), "alive": mine, "not ours": ""}
        runs = {
            name: instance.create_run_for_job(
                dg.JobDefinition(graph_def=empty(), name="j"), status=started, tags=tag(t)
            )
            for name, t in tags.items()
        }
        bury_dead_runs(instance)
        after = {name: instance.get_run_by_id(run.run_id).status for name, run in runs.items()}
    assert after == {"killed": dg.DagsterRunStatus.FAILURE, "alive": started, "not ours": started}


def tag(process: str) -> dict[str, str]:
    return {PROCESS_TAG: process} if process else {}


def empty() -> dg.GraphDefinition:
    return dg.GraphDefinition("empty")
