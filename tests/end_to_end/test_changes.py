"""A verdict reversed in a real home: the next run tells who lost what, who gained it, and why."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT, examples
from tests.end_to_end.test_cli import LOG, failed, podium

REVERSED = (
    '{"type":"submission","event_id":"e99","at":"2026-03-03T10:00:00Z","submission_id":"s1","agent_id":"ada",'
    '"task_id":"t1","submitted_at":"2026-03-01T10:00:00Z","verdict":"rejected"}\n'
)
HOME = ("--home", "home")
SINCE_99 = "The verdict of submission s1 was verified and is rejected since event e99."


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a season was played, and played again after one verdict was reversed; tests only read it."""
    there = tmp_path_factory.mktemp("corrected")
    (there / "log.jsonl").write_text(LOG)
    (there / "fix.jsonl").write_text(REVERSED)
    for words in (("ingest", "log.jsonl"), ("recompute",), ("ingest", "fix.jsonl"), ("recompute",)):
        result = podium(*words, *HOME, cwd=there)
        assert result.returncode == 0, result.stderr
    return there


def told(place: Path, *words: str) -> dict[str, Any]:
    result = podium("changes", *HOME, "--json", *words, cwd=place)
    assert result.returncode == 0, result.stderr
    page: dict[str, Any] = json.loads(result.stdout)
    return page


def lines(place: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (place / "home" / "changes.jsonl").read_text("ascii").splitlines()]


def test_the_page_says_who_lost_what_who_gained_it_and_why(place: Path) -> None:
    result = podium("changes", *HOME, cwd=place, COLUMNS="200")
    assert result.returncode == 0, result.stderr
    shown = [line.strip() for line in result.stdout.splitlines()]
    for line in ("ada lost 5 points: task:s1", "ada lost 5 points: first_solver:s1", "ada lost First Blood"):
        assert line in shown
    won = shown.index("bob gained 5 points: first_solver:s2")
    assert shown[won + 1] == f"{SINCE_99} The first solver of task t1 is now bob."


def test_machines_are_told_the_same_with_ids(place: Path) -> None:
    page = told(place)
    assert page["n_changes"] == len(page["changes"]) == sum(page["counts"].values())
    assert page["counts"]["points_lost"] == 2
    assert {row["change_id"] for row in lines(place)} == {row["change_id"] for row in page["changes"]}
    assert told(place, "--top", "1")["changes"] == page["changes"][:1]


def test_what_is_asked_for_is_cut_by_kind_and_by_subject(place: Path) -> None:
    assert {row["kind"] for row in told(place, "--kind", "badge_lost")["changes"]} == {"badge_lost"}
    assert {row["subject_id"] for row in told(place, "--subject", "bob")["changes"]} == {"bob"}
    assert "no agent, user or team `nobody`" in failed(podium("changes", "--subject", "nobody", *HOME, cwd=place), 2)


def test_since_an_instant_a_date_or_a_generation(place: Path) -> None:
    page = told(place)
    everything = page["n_changes"]
    assert told(place, "--since", "2026-03-03T10:00:00Z")["n_changes"] == everything
    assert told(place, "--since", "2026-03-03")["n_changes"] == everything
    assert told(place, "--since", "2026-03-03T10:00:00.000001Z")["n_changes"] == 0
    assert told(place, "--since", page["previous_generation"])["n_changes"] == everything
    assert told(place, "--since", page["generation"])["n_changes"] == 0


def test_what_the_feed_does_not_have_yet_is_told_from_the_table(place: Path) -> None:
    feed = place / "home" / "changes.jsonl"
    whole = feed.read_bytes()
    feed.write_bytes(whole[: len(whole) // 2])
    try:
        assert told(place, "--since", "2026-03-01")["n_changes"] == told(place)["n_changes"]
    finally:
        feed.write_bytes(whole)


def test_a_run_that_has_nothing_to_publish_gives_the_feed_what_it_lacks(place: Path) -> None:
    feed = place / "home" / "changes.jsonl"
    whole = feed.read_bytes()
    feed.write_bytes(whole[: len(whole) // 2])
    result = podium("recompute", "--json", *HOME, cwd=place)
    assert json.loads(result.stdout)["is_new"] is False
    assert feed.read_bytes() == whole


def test_wrong_use_is_a_sentence(place: Path) -> None:
    for words, sentence in (("--since", "soon"), "`soon` is no instant"), (("--kind", "points_lots"), "`points_lost`"):
        assert sentence in failed(podium("changes", *words, *HOME, cwd=place), 2)


def test_neither_the_first_generation_nor_one_behind_a_damaged_one_is_compared(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(LOG)
    podium("ingest", "log.jsonl", *HOME, cwd=tmp_path)
    podium("recompute", *HOME, cwd=tmp_path)
    assert "no generation before" in podium("changes", *HOME, cwd=tmp_path).stdout
    assert told(tmp_path)["previous_generation"] is None
    assert not (tmp_path / "home" / "changes.jsonl").exists()
    ledger = tmp_path / "home" / "published" / "current" / "points_ledger.parquet"
    content = bytearray(ledger.read_bytes())
    content[8:200] = b"\xff" * 192
    ledger.write_bytes(content)
    result = podium("recompute", "--anew", *HOME, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert told(tmp_path)["previous_generation"] is None


def test_the_example_of_the_feeds_page_is_a_line_of_this_feed(place: Path) -> None:
    (example,) = (e for e in examples(ROOT / "docs" / "changes-feed.md") if e.info == "json change")
    shown = json.loads(example.text)
    (line,) = (row for row in lines(place) if (row["subject_id"], row["about"]) == ("ada", "first_solver:s1"))
    marks = ("generation", "previous_generation", "change_id")
    assert list(shown) == list(line)
    assert {k: v for k, v in shown.items() if k not in marks} == {k: v for k, v in line.items() if k not in marks}
    assert [len(shown[name]) for name in marks] == [len(line[name]) for name in marks]
