"""The checkup of a home, and the lines that were refused."""

import io
import os
from pathlib import Path
from typing import Any

import pytest

from pipelines.reports.checkup import checkup
from pipelines.reports.checkup_view import show_checkup
from pipelines.reports.choices import Misuse
from pipelines.reports.quarantine_view import quarantine_page, show_quarantine
from pipelines.reports.terminal import screen
from pipelines.settings import settings
from tests.game.league import task, tried
from tests.reports.shown_season import publish

SEASON = [
    task("t1", points=1000),
    task("t2", difficulty="hard", points=20),
    tried("early", "bob", "t1", "2026-03-01T09:00:00Z", "pending"),
    tried("s1", "ada", "t1", "2026-03-01T10:00:00Z"),
    tried("s2", "ada", "t9", "2026-03-01T11:00:00Z"),
]
REFUSED = {
    "path": "a.jsonl", "line": 3, "byte_offset": 120, "reason": "not_json", "sentence": "This is not JSON.",
    "raw": "{\x1b[31m" + "x" * 200, "ingested_at": 0,
}  # fmt: skip
FILE = {
    "path": "a.jsonl", "source": "native", "content_sha256": "0", "n_bytes": 9, "n_lines": 3, "n_accepted": 1,
    "n_duplicates": 1, "n_quarantined": 1, "n_blank": 0, "ingested_at": 0,
}  # fmt: skip


def marks(home: Path) -> dict[str, str]:
    return {finding.check: finding.mark for finding in checkup(settings(home))}


def sentences(home: Path, check: str) -> list[Any]:
    return [(found.sentence, found.details) for found in checkup(settings(home)) if found.check == check]


def test_a_home_without_anything_is_not_broken(tmp_path: Path) -> None:
    assert marks(tmp_path / "nothing") == {"warehouse": "attention", "leftovers": "ok", "generation": "attention"}
    assert not (tmp_path / "nothing").exists()


def test_tasks_unresolved_submissions_provisional_awards_and_refused_lines_want_attention(tmp_path: Path) -> None:
    publish(tmp_path, SEASON, quarantine=[REFUSED], files=[FILE])
    found = marks(tmp_path)
    assert {check for check, mark in found.items() if mark == "attention"} == {
        "warehouse", "task points", "unresolved", "quarantine", "provisional",
    }  # fmt: skip
    assert sentences(tmp_path, "task points")[0][1] == ("t1: 1000 points, easy",)
    assert sentences(tmp_path, "unresolved")[0][1] == ("t9: 1 submission",)
    assert sentences(tmp_path, "quarantine")[0][1] == ("not_json: 1",)
    assert sentences(tmp_path, "provisional")[0][1] == ("first_solver: 1 award, 5 points",)
    assert sentences(tmp_path, "lines") == [("Lines read: 3, files: 1; each line is accounted for.", ())]


def test_a_pattern_task_earns_what_the_judge_awards_and_is_not_listed(tmp_path: Path) -> None:
    publish(tmp_path, [task("t1", task_type="pattern", points=900), tried("s1", "ada", "t1", "2026-03-01T10:00:00Z")])
    assert marks(tmp_path)["task points"] == "ok"


def test_a_changed_file_is_broken(tmp_path: Path) -> None:
    generation = publish(tmp_path, SEASON)
    with (generation.path / "badges.parquet").open("ab") as file:
        file.write(b"x")
    assert marks(tmp_path)["generation"] == "broken"
    assert sentences(tmp_path, "generation")[0][0] == "Published files that are not as they were sealed: 1."


def test_lines_that_do_not_add_up_are_broken(tmp_path: Path) -> None:
    publish(tmp_path, SEASON, files=[{**FILE, "n_lines": 4}])
    found = marks(tmp_path)
    assert found["lines"] == "broken"
    assert found["identities"] == "broken"


def test_what_a_killed_run_leaves_is_told(tmp_path: Path) -> None:
    publish(tmp_path, SEASON)
    (tmp_path / "published" / "generations" / "x.partial").mkdir()
    assert sentences(tmp_path, "leftovers")[0][1] == ("published/generations/x.partial",)


def test_an_owner_who_is_half_forgotten_is_told_of_without_a_name(tmp_path: Path) -> None:
    publish(tmp_path, SEASON)
    (tmp_path / ".forgetting").write_text('{"owner_id": "jane"}')
    assert sentences(tmp_path, "leftovers")[0] == (
        "An owner was being forgotten when that was killed: `podium forget` with the same id ends it.", (),
    )  # fmt: skip


def test_a_checkup_looks_the_same_to_every_terminal(tmp_path: Path) -> None:
    publish(tmp_path, SEASON)
    output = io.StringIO()
    show_checkup(checkup(settings(tmp_path)), screen(output, 100, fancy=False))
    assert "ok The task of every submission" not in output.getvalue()
    assert " ! Submissions that count nowhere until their task arrives: 1 (unknown tasks: 1)." in output.getvalue()
    assert output.getvalue().isascii()


def test_refused_lines_come_with_their_place_reason_and_beginning(tmp_path: Path) -> None:
    publish(tmp_path, SEASON, quarantine=[REFUSED, {**REFUSED, "line": 4, "reason": "bad_value", "byte_offset": None}])
    output = io.StringIO()
    show_quarantine(quarantine_page(settings(tmp_path), top=1), screen(output, 80, fancy=False))
    text = output.getvalue()
    assert "a.jsonl, line 3, byte 120: not_json\n  This is not JSON.\n" in text
    assert r"  {\x1b[31mxxx" in text
    assert "\x1b" not in text
    assert "The first 1 of 2: --top 2 shows all." in text


def test_refused_lines_can_be_chosen_by_their_reason(tmp_path: Path) -> None:
    publish(tmp_path, SEASON, quarantine=[REFUSED, {**REFUSED, "line": 4, "reason": "bad_value"}])
    page = quarantine_page(settings(tmp_path), "bad_value")
    assert ([row["line"] for row in page.rows], dict(page.counts)) == ([4], {"not_json": 1, "bad_value": 1})
    with pytest.raises(Misuse, match=r"There is no reason `bad_valeu`. Did you mean `bad_value`"):
        quarantine_page(settings(tmp_path), "bad_valeu")


def test_files_read_since_publishing_are_told(tmp_path: Path) -> None:
    generation = publish(tmp_path, SEASON)
    sealed_ns = (generation.path / "manifest.json").stat().st_mtime_ns
    (tmp_path / "warehouse.duckdb").touch()
    os.utime(tmp_path / "warehouse.duckdb", ns=(0, sealed_ns + 1_000_000))
    assert quarantine_page(settings(tmp_path)).is_behind
    os.utime(tmp_path / "warehouse.duckdb", ns=(0, 0))
    assert not quarantine_page(settings(tmp_path)).is_behind
    assert generation.damages() == []
