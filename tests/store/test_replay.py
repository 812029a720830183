"""A published generation holds all facts it was made from: played again from itself alone, it gives what was published.

And played by other rules it gives what the warehouse would have given by them.
"""

import dataclasses
import datetime as dt
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engines.local import score
from pipelines.engines.recompute import build
from pipelines.game.rule_differences import overlaid
from pipelines.game.rulebook import load_rulebook, parse_rulebook
from pipelines.game.rules import Rulebook
from pipelines.game.season import Season
from pipelines.store.buckets import BucketSource
from pipelines.store.generation import Generation
from pipelines.store.replay import NotReplayable, Replay
from pipelines.store.warehouse import Warehouse
from tests.end_to_end.seasons import ingest
from tests.game.league import EPOCH, play, rows, task, tried
from tests.laws.logs import logs
from tests.laws.oracle_rules import rulebook_content
from tests.reports.shown_season import frame_of, publish

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
JUDGED: dict[str, Any] = {"clock": "judged_at", "timezone": "Asia/Kolkata", "points": {"first_solver": 50}}
OURS = load_rulebook()
THEIRS = overlaid(OURS, JUDGED)
few_logs = settings(max_examples=max(4, settings.default.max_examples // 4))


def replayed(generation: Generation, rules: Rulebook, rows_per_bucket: int = 10**9) -> dict[str, pl.DataFrame]:
    """Every table that the game makes of the facts of a generation."""
    source = Replay.open(generation, rows_per_bucket)
    tables: dict[str, list[pl.DataFrame]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        season = Season(rules, source.as_of, source.facts)
        score(source, season, lambda name, part: tables.setdefault(name, []).append(part), Path(scratch))
    return {name: pl.concat(parts) for name, parts in tables.items()}


class Held(Generation):
    """A generation whose tables are in memory, for laws over many seasons."""

    def __init__(self, tables: dict[str, list[dict[str, Any]]], as_of: int) -> None:
        facts = ("tasks", "submissions", "agent_calls")
        self._tables = {name: frame_of(name, tables[name]) for name in facts}
        at = (EPOCH + dt.timedelta(microseconds=as_of)).isoformat() + "Z"
        self.manifest = {"tables": facts, "as_of": at, "created_at": at}

    def table(self, name: str) -> pl.LazyFrame:
        return self._tables[name].lazy()


def unlike(generation: Generation, tables: dict[str, pl.DataFrame]) -> list[str]:
    """The tables that differ from the published ones; there must be some to look at."""
    assert {"points_ledger", "xp_ledger", "leaderboards", "badges", "submissions", "agent_calls"} <= tables.keys()
    return [name for name, table in tables.items() if not table.equals(generation.table(name).collect())]


@pytest.fixture(scope="module")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not SAMPLE.is_dir():
        pytest.skip("the tracked sample season is not there")
    home = tmp_path_factory.mktemp("sample")
    ingest(home, sorted(SAMPLE.iterdir()))
    return home


@pytest.fixture(scope="module")
def by_ours(sample_home):
    """The sample season by the default rules, whose clock is submitted_at."""
    return Generation.open_path(build(sample_home, OURS, None).path)


@pytest.fixture(scope="module")
def by_theirs(sample_home, by_ours):
    """The same by the other clock, in another zone."""
    return Generation.open_path(build(sample_home, THEIRS, None).path)


def test_the_sample_season_played_from_what_is_published_is_what_was_published(by_ours, by_theirs):
    assert unlike(by_ours, replayed(by_ours, OURS)) == []
    assert unlike(by_theirs, replayed(by_theirs, THEIRS, rows_per_bucket=700)) == []


def test_played_by_other_rules_it_is_what_the_warehouse_gives_by_them(by_ours, by_theirs):
    assert unlike(by_theirs, replayed(by_ours, THEIRS)) == []
    assert "points_ledger" in unlike(by_ours, replayed(by_ours, THEIRS))


def test_buckets_have_the_columns_types_and_rows_of_those_of_the_warehouse(sample_home, by_ours):
    replay = Replay.open(by_ours)
    with Warehouse.open(sample_home) as warehouse:
        source = BucketSource.open(warehouse.con, replay.as_of)
        for ours, theirs, key in (
            (replay.submissions(replay.agent_spans[0]), source.submissions(source.agent_spans[0]), "submission_id"),
            (replay.calls(replay.user_spans[0]), source.calls(source.user_spans[0]), "call_id"),
        ):
            assert dict(ours.schema) == dict(theirs.schema)
            numbers = [name for name in ("agent", "user", "task", "team", "project") if name in ours.columns]
            columns = [name for name in ours.columns if name not in numbers]
            assert ours.select(columns).sort(key).equals(theirs.select(columns).sort(key))
        assert dict(replay.facts.tasks.schema) == dict(source.facts.tasks.schema)


@pytest.mark.parametrize("feed", ["icpc-wf47-feed/event-feed.live.slim.ndjson"])
def test_a_real_contest_with_pending_verdicts_is_what_was_published(real_logs, tmp_path, feed):
    ingest(tmp_path, [real_logs / feed])
    generation = Generation.open_path(build(tmp_path, load_rulebook(), None).path)
    assert unlike(generation, replayed(generation, load_rulebook(), rows_per_bucket=300)) == []


@few_logs
@given(logs(max_submissions=15), st.sampled_from(("submitted_at", "judged_at")), st.sampled_from((1, 3, 10**9)))
def test_any_season_published_by_one_clock_and_played_by_either_is_that_season(log, clock, rows_per_bucket):
    """Void, pending, late, corrected and unresolved records: nothing that another clock wants is lost."""
    rules = parse_rulebook(rulebook_content(log.rules), "the law's rules")
    other = parse_rulebook(rulebook_content(dataclasses.replace(log.rules, clock=clock)), "the law's other rules")
    found = replayed(Held(play(log.records, rules, log.as_of), log.as_of), other, rows_per_bucket)
    assert {name: rows(table) for name, table in found.items()} == play(log.records, other, log.as_of)


FEW = [
    task("t1"),
    tried("s1", "ada", "t1", "2026-01-02T10:00:00Z"),
    tried("s2", "bob", "nowhere", "2026-01-02T10:00:00Z", user_id="uma", team_id="red"),
    tried("s3", "cleo", "t1", "2026-01-02T11:00:00Z", "void"),
]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The generation of those few records."""
    return publish(tmp_path_factory.mktemp("small"), FEW)


def copy_of(generation: Generation, to: Path) -> Generation:
    """The same once more, to be damaged."""
    return Generation.open_path(Path(shutil.copytree(generation.path, to / generation.id)))


def test_a_submission_to_an_unknown_task_and_an_agent_that_is_only_void_are_not_lost(small):
    source = Replay.open(small)
    assert source.facts.ids.agents.to_list() == ["ada", "bob", "cleo"]
    assert source.facts.ids.tasks.to_list() == ["nowhere", "t1"]
    assert source.facts.tasks["problem"].to_list() == [None, 0]
    assert {name: rows(table) for name, table in replayed(small, load_rulebook()).items()} == play(FEW)


def test_a_generation_of_an_older_version_is_refused_with_what_to_do(small, tmp_path):
    generation = copy_of(small, tmp_path)
    file = generation.path / "agent_calls.parquet"
    pl.read_parquet(file).drop("known_at").write_parquet(file)
    with pytest.raises(NotReplayable, match=r"no agent_calls as they are today.*`podium recompute`"):
        Replay.open(generation)
    manifest = json.loads((generation.path / "manifest.json").read_text())
    del manifest["tables"]["agent_calls"]
    (generation.path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(NotReplayable, match="no agent_calls as they are today"):
        Replay.open(Generation.open_path(generation.path))


def test_a_damaged_file_is_a_sentence(small, tmp_path):
    generation = copy_of(small, tmp_path)
    (generation.path / "submissions.parquet").write_bytes(b"no parquet")
    with pytest.raises(NotReplayable, match=r"cannot be read: .*`podium doctor`"):
        Replay.open(generation)
