"""The file and line that an explanation names hold the very event, whatever kind of log it is."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.reports.choices import logs_in
from pipelines.store.event_sources import event_sources
from pipelines.store.warehouse import Warehouse
from tests.end_to_end.seasons import ingest
from tests.end_to_end.test_cli import failed, podium
from tests.transcript_rows import call, completed, result, write

DAY = "2026-03-04"


def task(task_id: str, **more: Any) -> dict[str, Any]:
    made = {"event_id": f"task-{task_id}", "at": "2026-01-01T00:00:00Z", "task_id": task_id, "problem": "collatz"}
    return {"type": "task", **made, "task_type": "compute", "difficulty": "easy", **more}


def tried(event_id: str, submission_id: str, task_id: str, clock: str, **more: Any) -> dict[str, Any]:
    made = {"event_id": event_id, "at": f"{DAY}T{clock}Z", "submission_id": submission_id, "agent_id": "ada"}
    told = {"task_id": task_id, "submitted_at": f"{DAY}T{clock}Z", "verdict": "verified"}
    return {"type": "submission", **made, **told, **more}


def called(event_id: str, clock: str) -> dict[str, Any]:
    made = {"event_id": event_id, "at": f"{DAY}T{clock}Z", "user_id": "ann", "agent_id": "ada"}
    return {"type": "agent_call", **made, "action_type": "task_completion", "success": True}


def as_lines(records: list[dict[str, Any]]) -> str:
    return "\n".join(["", *map(json.dumps, records), "no JSON", ""])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A season in four logs of three kinds: one record is read twice, one is corrected, lines are blank or broken."""
    place = tmp_path_factory.mktemp("season")
    tries = [tried(f"e{n}", f"s{n}", f"t{n}", f"1{n}:00:00") for n in range(5)]
    (place / "a.jsonl").write_text(as_lines([*(task(f"t{n}") for n in range(7)), *tries[:3]]))
    (place / "b.jsonl.gz").write_bytes(
        gzip.compress(as_lines([tries[0], *tries[3:], called("c1", "09:00:00")]).encode())
    )
    with (place / "c.csv").open("w", newline="") as file:
        rows = [tried("e5", "s5", "t5", "18:00:00"), tried("e6", "s6", "t6", "19:00:00")]
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    corrected = tried("e2-2", "s2", "t2", "12:00:00", at=f"{DAY}T20:00:00Z", judged_at=f"{DAY}T20:00:00Z")
    (place / "d.jsonl").write_text(as_lines([corrected]))
    logs = ("a.jsonl", "b.jsonl.gz", "c.csv", "d.jsonl")
    assert podium("ingest", *logs, "--home", "home", cwd=place).returncode == 0
    assert podium("recompute", "--as-of", "2026-03-05", "--home", "home", cwd=place).returncode == 0
    return place


def line_of(path: Path, line: int) -> str:
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    return text.split("\n")[line - 1]


def test_the_line_of_every_award_is_the_very_event(place: Path) -> None:
    said = json.loads(podium("explain", "ada", "--home", "home", "--json", cwd=place).stdout)
    awards = [*said["points"]["awards"], *said["xp"]["awards"]]
    seen = set()
    for award in awards:
        text = line_of(place / award["path"], award["line"])
        if award["path"].endswith(".csv"):
            header = line_of(place / award["path"], 1)
            text = json.dumps(next(csv.DictReader([header, text])))
        assert json.loads(text)["event_id"] == award["event_id"]
        seen.add((award["event_id"], award["path"]))
    assert seen == {
        ("e0", "a.jsonl"), ("e1", "a.jsonl"), ("e2-2", "d.jsonl"), ("e3", "b.jsonl.gz"), ("e4", "b.jsonl.gz"),
        ("e5", "c.csv"), ("e6", "c.csv"), ("c1", "b.jsonl.gz"),
    }  # fmt: skip
    assert (
        said["points"]["total"]
        == said["points"]["place"]["score"]
        == sum(a["points"] for a in said["points"]["awards"])
    )


def test_a_page_says_the_same_to_people(place: Path) -> None:
    words = ("explain", "ada", "--home", "home", "--top", "1", "--rule", "perfect_day")
    text = podium(*words, cwd=place, COLUMNS="100").stdout
    assert "perfect_day: 7 completed and none rejected on 2026-03-04" in text
    assert "event e6, c.csv:3" in text
    assert "Sum of all 15 awards: 80 = the points on the board points (place 1)." in text


def test_options_of_one_and_of_two_are_not_mixed(place: Path) -> None:
    for words, sentence in (
        (("ada", "bob", "--since", DAY), "--since goes with one name"),
        (("ada", "--board", "points"), "--board goes with two names"),
        (("ada", "--since", "yesterday"), "--since `yesterday` is no instant"),
        (("ada", "eve"), "There is no entry of this board named `eve`"),
    ):
        assert sentence in failed(podium("explain", *words, "--home", "home", cwd=place), 2)


def sources(home: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every record of a warehouse: event id, type, and the line that it is said to come from."""
    with Warehouse.open(home) as warehouse:
        rows = pl.concat(event_sources(warehouse)).rows()
    held = {path: Path(path).read_text().split("\n") for path in {path for *_, path, _ in rows}}
    for event_id, kind, _, path, line in rows:
        yield event_id, kind, json.loads(held[path][line - 1])


def test_a_call_of_a_transcript_leads_to_the_line_that_called_also_in_a_file_that_grew(tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    rows = [call("t1"), result("t1", told=completed())]
    write(path, rows)
    ingest(tmp_path / "home", [path])
    write(path, [*rows, call("t2", "10:00:00"), result("t2", "10:02:00", told=completed("a2"))])
    ingest(tmp_path / "home", [path])
    found = {event_id: row for event_id, _, row in sources(tmp_path / "home")}
    assert list(found) == ["claude-code:t1", "claude-code:t2"]
    assert list(found.values()) == [json.loads(json.dumps(row)) for row in (rows[0], call("t2", "10:00:00"))]


def test_calls_of_real_transcripts_lead_to_lines_that_name_them(real_logs: Path, tmp_path: Path) -> None:
    ingest(tmp_path, logs_in(real_logs / "claude-code-transcripts" / "claude-code-log-1.0-2.1.128"))
    n = 0
    for event_id, kind, row in sources(tmp_path):
        blocks = [block for block in row["message"]["content"] if block["type"] == "tool_use"]
        assert (kind, event_id.removeprefix("claude-code:")) in {("agent_call", block["id"]) for block in blocks}
        n += 1
    assert n > 10


def test_records_of_a_real_contest_lead_to_the_objects_they_were_made_of(real_logs: Path, tmp_path: Path) -> None:
    ingest(tmp_path, [real_logs / "icpc-euc2025" / "event-feed.slim.ndjson"])
    types = {"judgement": "judgements", "submission": "submissions", "problem": "problems"}
    seen = set()
    for event_id, _, row in sources(tmp_path):
        _, _, kind, name = event_id.split(":", 3)
        assert (row["type"], row["data"]["id"]) == (types[kind], name)
        seen.add(kind)
    assert seen == set(types)
