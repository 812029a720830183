"""The job in process on a small real log: landed, made, checked, published; and what stops it."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from pipelines.defs.assets import landed_files, published_generation, season
from pipelines.defs.faults import PATIENCE, told_plainly
from pipelines.defs.launch import LANDING_ONLY
from pipelines.defs.pages import GUARDED, SEASON
from pipelines.defs.run import Run
from pipelines.defs.verdicts import contract_verdict
from pipelines.game.faults import PodiumError
from pipelines.game.identities import IDENTITIES
from pipelines.game.points import POINTS_LEDGER
from pipelines.game.rulebook import RulebookError
from pipelines.game.tables import TABLES
from pipelines.insight.tables import INSIGHT_TABLES
from pipelines.settings import Settings
from pipelines.store.published import Generation
from pipelines.store.runlock import RunBusy, run_lock
from pipelines.store.warehouse import WarehouseBusy
from tests.defs.conftest import home_in, player

Play = Callable[..., dg.ExecuteInProcessResult]
Played = tuple[Settings, dg.ExecuteInProcessResult]


def metadata(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, object]]:
    """What each asset told about itself, by asset."""
    return {
        event.asset_key.to_user_string(): {k: v.value for k, v in event.materialization.metadata.items()}
        for event in result.get_asset_materialization_events()
    }


def sentence(result: dg.ExecuteInProcessResult) -> str:
    """The description of the step's failure."""
    (event,) = result.get_step_failure_events()
    return event.step_failure_data.user_failure_data.description


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dg.ExecuteInProcessResult]:
    """A home in which the job has run once, and the run."""
    home = home_in(tmp_path_factory.mktemp("played"))
    return home, player(home)(as_of="2026-03-04T01:00:00+01:00")


def test_the_job_lands_what_waits_plays_the_season_and_publishes_it(played: Played) -> None:
    home, result = played
    told = metadata(result)
    assert result.success
    assert set(told) == {"landed_files", *SEASON, "published_generation"}
    assert [row.data["table"] for row in told["insight"]["tables"].records] == list(INSIGHT_TABLES)
    with Generation.open(home.home) as generation:
        points = generation.table("agent_stats").select("agent_id", "points").collect().rows()
        assert sorted(points) == [("<b>bo|b</b>", 5), ("ada", 10)]
        assert told["published_generation"]["generation"] == generation.id


def test_each_file_is_accounted_for_on_the_page_of_the_landing(played: Played) -> None:
    told = metadata(played[1])["landed_files"]
    assert told["n_files"] == 2
    rows = [record.data for record in told["files"].records]
    counts = [(Path(row["path"]).name, row["lines"], row["accepted"], row["quarantined"]) for row in rows]
    assert counts == [("submissions.jsonl", 4, 3, 1), ("tasks.jsonl", 2, 2, 0)]
    assert "this line is broken" not in str(told)


def test_each_table_says_its_rows_its_instant_its_rulebook_and_its_generation(played: Played) -> None:
    told = metadata(played[1])
    generation = Generation.open(played[0].home)
    for name in (*TABLES, *GUARDED):
        n_rows = generation.table(name).select(pl.len()).collect().item()
        assert told[name]["dagster/row_count"] == n_rows
        assert told[name]["as_of"] == "2026-03-04T00:00:00.000000Z"
        assert told[name]["rulebook"] == generation.manifest["rulebook"]
        assert told[name]["generation"] == generation.id


def test_the_top_of_the_board_is_shown_with_names_as_code(played: Played) -> None:
    board = metadata(played[1])["leaderboards"]["points_board"].splitlines()
    assert board[2:] == ["| 1 | `ada` | 10 | 1 | 50.0% | new |", "| 2 | `<b>bo\\|b</b>` | 5 | 1 | 100.0% | new |"]


def test_what_has_landed_does_not_wait_any_more_unless_it_is_written_again(home: Settings, play: Play) -> None:
    play()
    assert metadata(play(only=[*LANDING_ONLY]))["landed_files"]["n_files"] == 0
    grown = home.landing / "tasks.jsonl"
    grown.write_text(grown.read_text() + "\n")
    assert metadata(play(only=[*LANDING_ONLY]))["landed_files"]["n_files"] == 1


def test_an_unreadable_file_is_a_warning_and_the_others_land(home: Settings, play: Play) -> None:
    (home.landing / "cut.jsonl.gz").write_bytes(b"\x1f\x8b\x08\x00 not gzip at all")
    result = play()
    verdict = next(v for v in result.get_asset_check_evaluations() if v.check_name == "readable")
    assert result.success
    assert not verdict.passed
    assert verdict.severity == dg.AssetCheckSeverity.WARN
    assert "cut.jsonl.gz" in str(verdict.metadata["faults"].value)
    assert metadata(result)["landed_files"]["n_files"] == 3


def test_a_broken_identity_stops_the_publication_and_the_old_generation_stays(
    home: Settings, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    play()
    before = Generation.open(home.home).id
    break_identity(monkeypatch, "unique_entries", pl.LazyFrame({"entry_id": ["task:s1", "task:s2"], "len": [2, 2]}))
    result = play()
    failed = [v for v in result.get_asset_check_evaluations() if not v.passed]
    assert not result.success
    assert [(v.asset_key.to_user_string(), v.check_name, v.blocking) for v in failed] == [
        ("points_ledger", "unique_entries", True)
    ]
    assert failed[0].metadata["n_rows"].value == 2
    assert failed[0].metadata["first_rows"].value[0] == {"entry_id": "task:s1", "len": 2}
    assert "published_generation" not in metadata(result)
    assert Generation.open(home.home).id == before


def test_the_run_after_a_failed_check_publishes_again(
    home: Settings, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        break_identity(patch, "unique_entries", pl.LazyFrame({"entry_id": ["task:s1"], "len": [2]}))
        assert not play().success
    assert play().success
    assert Generation.open(home.home)


def test_nothing_is_published_that_was_not_made_and_checked_in_the_same_run(home: Settings, play: Play) -> None:
    play()
    before = Generation.open(home.home).id
    result = play(only=["published_generation"])
    assert sentence(result).startswith("Nothing was published")
    assert Generation.open(home.home).id == before


def test_the_contract_check_reads_the_files_and_shows_where_they_break_it_but_no_values(
    home: Settings, play: Play
) -> None:
    play()
    generation = Generation.open(home.home)
    ledger = generation.path / "points_ledger.parquet"
    pl.read_parquet(ledger).with_columns(rule=pl.lit("a gift")).write_parquet(ledger)
    verdict = contract_verdict(generation, POINTS_LEDGER)
    assert not verdict.passed
    assert verdict.metadata["n_faults"].value == 3
    first = verdict.metadata["first_faults"].value
    assert [(fault["column"], fault["row"]) for fault in first] == [("rule", 0), ("rule", 1), ("rule", 2)]
    assert "a gift" not in json.dumps(first)


def test_the_contract_check_sees_missing_rows(home: Settings, play: Play) -> None:
    play()
    generation = Generation.open(home.home)
    ledger = generation.path / "points_ledger.parquet"
    pl.read_parquet(ledger).head(1).write_parquet(ledger)
    assert not contract_verdict(generation, POINTS_LEDGER).passed


def test_an_empty_log_is_a_sentence_and_is_not_tried_again(home: Settings, play: Play) -> None:
    for file in home.landing.iterdir():
        file.unlink()
    result = play(is_attended=False)
    assert sentence(result).startswith("There is nothing to score")
    assert result.retry_attempts_for_node("season") == 0


@pytest.mark.parametrize("as_of", ["yesterday", "2026-03-04", "2026-03-04T00:00:00"])
def test_an_as_of_without_an_offset_is_a_sentence(play: Play, as_of: str) -> None:
    assert sentence(play(as_of=as_of)).startswith(f"'{as_of}' is no instant")


def test_a_busy_home_is_a_sentence_at_once_if_somebody_waits(home: Settings, play: Play) -> None:
    with run_lock(home.home):
        busy = play(is_attended=True)
    assert busy.retry_attempts_for_node("landed_files") == 0
    assert sentence(busy).startswith("Another run is at work")
    assert play().success


@pytest.mark.parametrize(
    ("fault", "is_attended", "n_retries"),
    [
        (RunBusy("Another run is at work."), False, 2),
        (WarehouseBusy("The warehouse is open elsewhere."), False, 2),
        (WarehouseBusy("The warehouse is open elsewhere."), True, 0),
        (RulebookError("The rulebook is wrong."), False, 0),
        (ValueError("a line of somebody's log"), False, 0),
    ],
)
def test_only_a_busy_home_is_tried_again(home: Settings, fault: Exception, is_attended: bool, n_retries: int) -> None:
    @dg.op(retry_policy=dg.RetryPolicy(max_retries=2))
    def step() -> None:
        with told_plainly(Run(home, is_attended=is_attended)):
            raise fault

    job = dg.GraphDefinition("one_step", node_defs=[step]).to_job()
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    result = job.execute_in_process(quiet, raise_on_error=False)
    assert result.retry_attempts_for_node("step") == n_retries
    told = str(fault) if isinstance(fault, PodiumError) else "A fault of Podium stopped the run (ValueError)"
    assert sentence(result).startswith(told)
    if not isinstance(fault, PodiumError):
        (failed,) = result.get_step_failure_events()
        assert "somebody" not in str(failed)
        assert "test_job.py" in str(failed.step_failure_data.user_failure_data)


def test_the_steps_that_need_the_home_come_again_after_growing_waits() -> None:
    assert dg.RetryPolicy(max_retries=5, delay=15, backoff=dg.Backoff.EXPONENTIAL) == PATIENCE
    assert landed_files.op.retry_policy == season.op.retry_policy == PATIENCE
    assert published_generation.op.retry_policy is None


def test_a_run_holds_the_home_from_its_first_step_to_its_last(
    home: Settings, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def look(table: object) -> pl.LazyFrame:
        try:
            with run_lock(home.home):
                seen.append("free")
        except Exception as fault:  # noqa: BLE001 - its name is what is looked at
            seen.append(type(fault).__name__)
        return pl.LazyFrame()

    broken = tuple(dataclasses.replace(i, violations=look) for i in IDENTITIES[:1])
    monkeypatch.setattr("pipelines.engines.recompute.IDENTITIES", broken)
    assert play().success
    assert seen == ["RunBusy"]
    with run_lock(home.home):
        pass


def break_identity(monkeypatch: pytest.MonkeyPatch, name: str, rows: pl.LazyFrame) -> None:
    """Let the identity of that name find these rows in any season."""
    broken = tuple(
        dataclasses.replace(identity, violations=lambda _: rows) if identity.name == name else identity
        for identity in IDENTITIES
    )
    monkeypatch.setattr("pipelines.engines.recompute.IDENTITIES", broken)
