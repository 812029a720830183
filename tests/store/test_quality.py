"""How good the data is: every figure from literal rows, and the same after a second reading."""

import datetime as dt
import json
from pathlib import Path

import pytest

from pipelines.game.quality import DATA_QUALITY, ROW_TYPES
from pipelines.store.quality import data_quality, row_types
from pipelines.store.warehouse import Warehouse
from tests.store.transcript_homes import Home
from tests.transcript_rows import SESSION, agent_rows, call, completed, launched, result, row, said, side, used, write

TASK = {"type": "task", "event_id": "x1", "at": "2026-01-01T00:00:00Z", "task_id": "a", "problem": "collatz",
        "task_type": "compute", "difficulty": "easy"}  # fmt: skip
CALL = {"type": "agent_call", "event_id": "c1", "at": "2026-01-03T00:00:00Z", "user_id": "u", "agent_id": "a",
        "action_type": "milestone", "success": True}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def quality(home: Home) -> dict[str, dict]:
    """The published table by source; it must keep its contract."""
    with Warehouse.open(home.place) as warehouse:
        frame = data_quality(warehouse)
    DATA_QUALITY.model.validate(frame)
    return {source["source"]: source for source in frame.to_dicts()}


def types(home: Home) -> list[tuple]:
    with Warehouse.open(home.place) as warehouse:
        frame = row_types(warehouse)
    ROW_TYPES.model.validate(frame)
    return frame.rows()


def transcripts(folder: Path) -> list[Path]:
    """Three calls, two finished and one with its run; a compaction; a side-chain that is nobody's; bad lines."""
    rows = [call("t1"), result("t1", told=completed()), call("t2"), result("t2", told=launched("a9")), call("t3")]
    rows += [result("t3", told="Error: no", is_error=True), "broken", side(said("n", "10:00:00", []), None, None)]
    rows += [said("m1", "11:00:00", [], usage=used(30, 2, 5, 6), of_message={"stop_reason": "end_turn"})]
    rows += [said("m2", "11:00:01", [], usage=used(3), message="placeholder"), row("a new type!", "x", "12:00:00")]
    rows += [row("hologram", "h", "12:00:01")]
    own = [agent_rows(name) for name in ("a1", "a5", "acompact-7")]
    named = [folder / SESSION / "subagents" / f"agent-{of[0]['agentId']}.jsonl" for of in own]
    return [write(folder / f"{SESSION}.jsonl", rows), *(write(path, of) for path, of in zip(named, own, strict=True))]


def test_the_figures_of_transcripts_count_distinct_things(home, tmp_path):
    home.land(*transcripts(tmp_path))
    # a1 and a5 have two messages each of 47 output tokens in all, a5's are its own; m2 and the second of each are final
    expected = {
        "source": "claude-code", "n_files": 4, "n_unreadable_files": 0, "n_lines": 24, "n_quarantined": 1, "n_calls": 3,
        "n_pending_calls": 1, "n_runs": 3, "attributed_share": 1 / 3, "derived_success_share": 1.0, "n_messages": 8,
        "input_tokens": 27, "output_tokens": 174, "cache_read_tokens": 665, "cache_creation_tokens": 66,
        "low_reliability_token_share": 3 / 174, "first_at": dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC),
        "last_at": dt.datetime(2026, 3, 2, 12, 0, 1, tzinfo=dt.UTC),
    }  # fmt: skip
    assert quality(home)["claude-code"] == expected


def test_types_of_rows_are_counted_and_only_words_are_shown(home, tmp_path):
    home.land(*transcripts(tmp_path))
    assert types(home) == [
        ("claude-code", "(other)", False, 1), ("claude-code", "assistant", True, 15),
        ("claude-code", "hologram", False, 1), ("claude-code", "user", True, 6),
    ]  # fmt: skip


def test_reading_twice_changes_nothing(home, tmp_path):
    files = transcripts(tmp_path / "one")
    home.land(*files)
    before = quality(home), types(home)
    home.land(*files)
    assert (quality(home), types(home)) == before
    home.land(*transcripts(tmp_path / "two"))
    again = quality(home)
    assert again["claude-code"].pop("n_files") == 8
    assert before[0]["claude-code"].pop("n_files") == 4
    assert (again, types(home)) == before


def test_what_only_looks_like_an_instant_is_none(home, tmp_path):
    odd = ["2026-02-30T00:00:00.000Z", "0000-01-01T00:00:00.000Z", "a sentence that ends in Z"[1:]]
    rows = [{**row("user", of, "09:00:00"), "timestamp": of} for of in odd]
    home.land(write(tmp_path / f"{SESSION}.jsonl", [*rows, row("user", "u", "10:00:00"), *rows]))
    found = quality(home)["claude-code"]
    assert found["first_at"] == found["last_at"] == dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)


def test_bad_lines_at_one_place_of_a_file_written_anew_are_two(home, tmp_path):
    home.land(write(tmp_path / f"{SESSION}.jsonl", ["broken", call("t1")]))
    home.land(write(tmp_path / f"{SESSION}.jsonl", ["broken otherwise", call("t1")]))
    found = quality(home)["claude-code"]
    assert (found["n_lines"], found["n_quarantined"]) == (3, 2)


def test_other_sources_have_the_figures_that_mean_something_for_them(home, tmp_path):
    own = write(tmp_path / "own.jsonl", [TASK, CALL, {**CALL, "event_id": "c2", "success_source": "derived"}, "broken"])
    table = tmp_path / "calls.csv"
    table.write_text(",".join(TASK) + "\n" + ",".join({**TASK, "event_id": "x2"}.values()) + "\n")
    home.land(own, table, write(tmp_path / "labels.jsonl", [{"call_id": "t1", "success": True}]))
    home.land(tmp_path / "nothing.parquet")
    found = quality(home)
    told = {name: value for name, value in found["native"].items() if value is not None}
    assert told == {
        "source": "native", "n_files": 1, "n_unreadable_files": 0, "n_lines": 4, "n_quarantined": 1, "n_calls": 2,
        "derived_success_share": 0.5, "first_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        "last_at": dt.datetime(2026, 1, 3, tzinfo=dt.UTC),
    }  # fmt: skip
    assert [(source, of["n_lines"], of["n_unreadable_files"]) for source, of in found.items()] == [
        ("csv", 1, 0), ("labels", 1, 0), ("native", 4, 0), ("parquet", 0, 1),
    ]  # fmt: skip
    assert types(home) == [
        ("csv", "task", True, 1), ("labels", "label", True, 1), ("native", "agent_call", True, 2),
        ("native", "task", True, 1),
    ]  # fmt: skip


def test_an_empty_warehouse_has_no_sources(home):
    home.land()
    assert (quality(home), types(home)) == ({}, [])


def test_nothing_of_a_conversation_is_in_the_figures(home, tmp_path):
    home.land(write(tmp_path / f"{SESSION}.jsonl", [row("the canary sings", "u", "09:00:00"), "canary"]))
    assert "canary" not in json.dumps([quality(home), types(home)], default=str)
