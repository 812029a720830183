"""What starts the job by itself: the schedule's tick is `as_of`; new files start one run, once, when they are whole."""

import datetime as dt
import os
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from pipelines.defs.folder import settled, waiting
from pipelines.defs.location import definitions
from pipelines.defs.resources import Podium
from pipelines.defs.schedules import daily
from pipelines.defs.sensors import landing_folder
from pipelines.settings import Settings

NOON = 1_772_366_400.0  # 2026-03-01T12:00:00Z


def put(path: Path, text: str = "{}\n", age_s: float = 3600) -> Path:
    """A file that was last written `age_s` seconds ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (path.stat().st_mtime - age_s,) * 2)
    return path


def tick(home: Path, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    context = dg.build_sensor_context(
        instance=dg.DagsterInstance.ephemeral(), cursor=cursor, resources={"podium": Podium(home=str(home))}
    )
    return landing_folder(context)


def test_the_tick_of_the_schedule_is_as_of_however_late_the_run_begins(tmp_path: Path) -> None:
    at_one = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
    request = daily(dg.build_schedule_context(scheduled_execution_time=at_one))
    assert request.run_config == {"ops": {"season": {"config": {"as_of": "2026-03-02T01:00:00+00:00"}}}}
    assert request.run_key == "2026-03-02T01:00:00+00:00"
    assert dg.validate_run_config(definitions(Settings(tmp_path)).resolve_job_def("nightly"), request.run_config)


def test_the_schedule_ticks_daily_at_one_utc_once_somebody_starts_it() -> None:
    assert (daily.cron_schedule, daily.execution_timezone) == ("0 1 * * *", "UTC")
    assert daily.default_status == dg.DefaultScheduleStatus.STOPPED


def test_two_new_files_ask_for_one_run_and_for_none_at_the_next_tick(tmp_path: Path) -> None:
    put(tmp_path / "landing/a.jsonl")
    put(tmp_path / "landing/b.jsonl")
    first = tick(tmp_path)
    assert len(first.run_requests) == 1
    assert first.run_requests[0].tags == {"podium/n_new_files": "2"}
    assert isinstance(tick(tmp_path, first.cursor), dg.SkipReason)


def test_a_third_file_asks_for_a_run_of_another_key(tmp_path: Path) -> None:
    put(tmp_path / "landing/a.jsonl")
    first = tick(tmp_path)
    put(tmp_path / "landing/c.jsonl")
    second = tick(tmp_path, first.cursor)
    assert second.run_requests[0].tags == {"podium/n_new_files": "1"}
    assert second.run_requests[0].run_key != first.run_requests[0].run_key


def test_a_lost_cursor_asks_with_the_same_key_so_that_dagster_runs_it_once(tmp_path: Path) -> None:
    put(tmp_path / "landing/a.jsonl")
    assert tick(tmp_path).run_requests[0].run_key == tick(tmp_path).run_requests[0].run_key


def test_a_file_written_again_is_new(tmp_path: Path) -> None:
    put(tmp_path / "landing/a.jsonl")
    cursor = tick(tmp_path).cursor
    put(tmp_path / "landing/a.jsonl", "{}\n{}\n")
    assert len(tick(tmp_path, cursor).run_requests) == 1


@pytest.mark.parametrize("folder", ["absent", "empty"])
def test_without_files_nothing_is_asked_for(tmp_path: Path, folder: str) -> None:
    if folder == "empty":
        (tmp_path / "landing").mkdir()
    assert isinstance(tick(tmp_path), dg.SkipReason)


@pytest.mark.parametrize(
    "name", [".a.jsonl", "a.jsonl.part", "a.jsonl.TMP", "a.crdownload", "a.jsonl~", "~a.jsonl", ".git/a.jsonl", "a.swp"]
)
def test_a_file_with_a_name_of_the_unfinished_waits(tmp_path: Path, name: str) -> None:
    put(tmp_path / name)
    assert settled(tmp_path, now=NOON) == []


@pytest.mark.parametrize(
    ("written_s_ago", "is_settled"), [(0, False), (4.9, False), (5, True), (3600, True), (-60, True)]
)
def test_a_file_touched_within_five_seconds_waits(tmp_path: Path, written_s_ago: float, is_settled: bool) -> None:
    file = put(tmp_path / "a.jsonl")
    os.utime(file, (NOON - written_s_ago, NOON - written_s_ago))
    assert settled(tmp_path, now=NOON) == ([file] if is_settled else [])


def test_files_in_subfolders_are_seen_in_order_and_folders_are_not_files(tmp_path: Path) -> None:
    files = [put(tmp_path / "2026/b.jsonl"), put(tmp_path / "a.csv")]
    (tmp_path / "c.jsonl").mkdir()
    assert settled(tmp_path, now=NOON) == sorted(files)


def test_of_what_stands_beside_transcripts_only_they_are_logs(tmp_path: Path) -> None:
    logs = [put(tmp_path / "p/agent-a1.jsonl"), put(tmp_path / "p/s/agent-a2.jsonl.gz"), put(tmp_path / "p/x.csv")]
    logs.append(put(tmp_path / "feed.json"))
    for name in ("p/agent-a1.meta.json", "p/sessions-index.json", "p/s/tool-results/long.txt"):
        put(tmp_path / name)
    assert settled(tmp_path, now=NOON) == sorted(logs)


def test_an_agents_file_waits_again_once_it_is_told_of_whom_it_is(tmp_path: Path) -> None:
    file = put(tmp_path / "agent-a1.jsonl", "{}\n", age_s=3600)
    read_at = dt.datetime.fromtimestamp(file.stat().st_mtime + 60, dt.UTC).replace(tzinfo=None)
    ingested = pl.DataFrame({"path": [str(file)], "n_bytes": [3], "ingested_at": [read_at]})
    assert waiting([file], ingested) == []
    put(tmp_path / "agent-a1.meta.json", age_s=0)
    assert waiting([file], ingested) == [file]
