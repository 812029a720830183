"""Every accepted record leads to the file and line where it was read first."""

import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.game.event_sources import EVENT_SOURCES
from pipelines.game.identities import IDENTITIES
from pipelines.store.event_sources import event_sources
from pipelines.store.published import Candidate
from pipelines.store.warehouse import Warehouse
from tests.end_to_end.seasons import ingest

AT = "2026-03-01T10:00:00Z"
Row = tuple[str, str, str, int]


def tried(event_id: str, submission_id: str = "s1", **more: Any) -> str:
    made = {"event_id": event_id, "at": AT, "submission_id": submission_id, "agent_id": "ada", "task_id": "t1"}
    return json.dumps({"type": "submission", **made, "submitted_at": AT, "verdict": "verified", **more})


def called(event_id: str) -> str:
    made = {"event_id": event_id, "at": AT, "user_id": "ann", "agent_id": "ada", "action_type": "x", "success": True}
    return json.dumps({"type": "agent_call", **made})


def agreed(event_id: str) -> str:
    made = {"event_id": event_id, "at": AT, "owner_id": "ann", "scope": "metrics", "granted": True}
    return json.dumps({"type": "consent", **made})


def write(path: Path, *lines: str) -> Path:
    text = "".join(f"{line}\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def sources(home: Path, rows: int = 1_000_000) -> list[Row]:
    with Warehouse.open(home) as warehouse:
        found = pl.concat([EVENT_SOURCES.empty(), *event_sources(warehouse, rows)])
    return [(event, kind, Path(path).name, line) for event, kind, _, path, line in found.iter_rows()]


def test_records_of_all_types_stand_with_file_and_line_and_other_lines_do_not(tmp_path: Path) -> None:
    ingest(tmp_path / "home", [write(tmp_path / "b.jsonl", "", tried("e9"), "no JSON", called("e1"))])
    ingest(tmp_path / "home", [write(tmp_path / "a.jsonl.gz", agreed("e5"))])
    assert sources(tmp_path / "home") == [
        ("e5", "consent", "a.jsonl.gz", 1),
        ("e9", "submission", "b.jsonl", 2),
        ("e1", "agent_call", "b.jsonl", 4),
    ]


def test_a_record_read_again_stands_where_it_was_read_first(tmp_path: Path) -> None:
    first = write(tmp_path / "z.jsonl", tried("e1"), tried("e1"))
    ingest(tmp_path / "home", [first])
    ingest(tmp_path / "home", [first, write(tmp_path / "a.jsonl", tried("e1"), tried("e2", "s2"))])
    assert sources(tmp_path / "home") == [("e2", "submission", "a.jsonl", 2), ("e1", "submission", "z.jsonl", 1)]


def test_a_corrected_record_and_its_correction_stand_each_with_its_own_line(tmp_path: Path) -> None:
    corrected = write(tmp_path / "a.jsonl", tried("e1"), tried("e2", verdict="rejected"))
    ingest(tmp_path / "home", [corrected])
    assert sources(tmp_path / "home") == [("e1", "submission", "a.jsonl", 1), ("e2", "submission", "a.jsonl", 2)]


def test_a_record_with_the_name_of_another_stands_nowhere(tmp_path: Path) -> None:
    ingest(tmp_path / "home", [write(tmp_path / "a.jsonl", tried("e1"), tried("e1", "other"))])
    assert sources(tmp_path / "home") == [("e1", "submission", "a.jsonl", 1)]


def test_a_file_that_grew_is_one_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", tried("e1"))
    ingest(tmp_path / "home", [path])
    ingest(tmp_path / "home", [write(path, tried("e1"), called("e2"), tried("e3", "s3"))])
    assert sources(tmp_path / "home") == [
        ("e1", "submission", "a.jsonl", 1),
        ("e2", "agent_call", "a.jsonl", 2),
        ("e3", "submission", "a.jsonl", 3),
    ]


def test_parts_of_any_size_are_one_table_in_order(tmp_path: Path) -> None:
    sizes = {"a": 3, "b": 1, "c": 0, "d": 7, "e": 2}
    lines = {name: [tried(f"{name}{line}", f"{name}{line}") for line in range(n)] for name, n in sizes.items()}
    paths = [write(tmp_path / f"{name}.jsonl", *held, "no JSON") for name, held in lines.items()]
    ingest(tmp_path / "home", paths)
    expected = [(f"{a}{n}", "submission", f"{a}.jsonl", n + 1) for a, size in sizes.items() for n in range(size)]
    for rows in (1, 3, 8):
        assert sources(tmp_path / "home", rows) == expected
        made = Candidate(tmp_path, {"event_sources": EVENT_SOURCES})
        with Warehouse.open(tmp_path / "home") as warehouse, made:
            for part in event_sources(warehouse, rows):
                assert part.height <= 2 * rows
                made.write("event_sources", part)
            made.seal({})


def test_an_empty_warehouse_has_no_sources(tmp_path: Path) -> None:
    assert sources(tmp_path) == []


def test_an_award_without_a_source_breaks_an_identity() -> None:
    identity = next(one for one in IDENTITIES if one.name == "awards_have_sources")
    award = pl.LazyFrame({"entry_id": ["task:s1", "task:s2"], "event_id": ["e1", "e2"]})
    of_xp = pl.LazyFrame({"entry_id": ["agent_call:c1"], "event_id": ["c1"]})
    tables = {"points_ledger": award, "xp_ledger": of_xp}
    known = pl.LazyFrame({"event_id": ["c1", "e1"]})
    broken = identity.violations({**tables, "event_sources": known}).collect()
    assert broken.rows() == [("task:s2", "e2")]
