"""`podium compare` as people use it: nothing in the home changes, nothing is locked, nothing is left behind."""

import hashlib
import json
import os
import tempfile
from pathlib import Path

import pytest

from pipelines.engines import what_if
from pipelines.store.runlock import run_lock
from pipelines.store.warehouse import FILE, Warehouse
from tests.end_to_end.seasons import ingest, publish
from tests.end_to_end.test_cli import CALLS, LOG, failed, podium

NEW_RULES = """
[points]
first_solver = 50

[[badge]]
slug = "first-blood"
enabled = false
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home in it and other rules; tests only read them."""
    place = tmp_path_factory.mktemp("compared")
    (place / "log.jsonl").write_text(LOG)
    (place / "calls.jsonl").write_text(CALLS)
    (place / "new.toml").write_text(NEW_RULES)
    (place / "same.toml").write_text("[points]\nfirst_solver = 5\n")
    ingest(place / "home", [place / "log.jsonl", place / "calls.jsonl"])
    publish(place / "home")
    return place


def contents(folder: Path) -> dict[str, tuple[int, str]]:
    """What lies in a folder and below: of every file its time and the hash of its bytes, of every link its target."""
    held = {}
    for path in sorted(folder.rglob("*")):
        content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        held[str(path)] = (path.lstat().st_mtime_ns, hashlib.sha256(content).hexdigest())
    return held


def test_a_comparison_is_shown_and_nothing_in_the_home_is_touched(place: Path) -> None:
    before = contents(place)
    shown = podium("compare", "--rulebook", "new.toml", "--home", "home", cwd=place)
    assert shown.returncode == 0, shown.stderr
    words = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert words[1] == "What if: new.toml"
    assert words[3:6] == [
        "2 rules differ from those of the published season",
        "points.first_solver 5 -> 50",
        "badge[first-blood] left out",
    ]
    assert "+45 ada 10 -> 55" in words
    assert "First Blood 1: ada" in words
    assert before == contents(place)


def test_machines_get_everything_and_twice_the_same(place: Path) -> None:
    words = ("compare", "--rulebook", "new.toml", "--home", "home", "--board", "points", "--window", "day", "--json")
    one, other = (podium(*words, cwd=place) for _ in range(2))
    assert one.stdout == other.stdout
    told = json.loads(one.stdout)
    assert [(d["key"], d["before"], d["after"]) for d in told["differences"][:1]] == [("points.first_solver", 5, 50)]
    assert [(board["board"], board["window_start_on"]) for board in told["boards"]] == [("points", "2026-03-02")]
    assert [(t["badge"], t["change"]) for t in told["trophies"]] == [("first-blood", "lost")]


def test_it_needs_neither_the_warehouse_nor_the_lock_of_runs(place: Path, tmp_path: Path) -> None:
    words = ("compare", "--rulebook", "new.toml", "--home", "home", "--json")
    with run_lock(place / "home"), Warehouse.open(place / "home"):
        during = podium(*words, cwd=place)
    assert during.returncode == 0, during.stderr
    (place / "home" / FILE).rename(tmp_path / FILE)
    try:
        assert podium(*words, cwd=place).returncode == 0
    finally:
        (tmp_path / FILE).rename(place / "home" / FILE)


def test_facts_that_were_landed_since_are_named(place: Path) -> None:
    warehouse = place / "home" / FILE
    then = warehouse.stat()
    try:
        os.utime(warehouse, ns=(then.st_atime_ns, then.st_mtime_ns + 10**12))
        assert (
            "Logs were read since" in podium("compare", "--rulebook", "same.toml", "--home", "home", cwd=place).stdout
        )
    finally:
        os.utime(warehouse, ns=(then.st_atime_ns, then.st_mtime_ns))


def test_rules_that_cannot_be_used_or_are_not_there_are_a_sentence(place: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[points]\nfirst_solver = 'five'\n")
    bad = podium("compare", "--rulebook", tmp_path / "bad.toml", "--home", "home", cwd=place)
    assert "`points.first_solver`: input should be a valid integer" in failed(bad, 1)
    assert "There is no rulebook `no.toml`" in failed(podium("compare", "--rulebook", "no.toml", cwd=place), 2)
    assert "Missing option '--rulebook'" in failed(podium("compare", cwd=place), 2)
    nothing = podium("compare", "--rulebook", place / "new.toml", "--home", "none", cwd=tmp_path)
    assert "Nothing is published in none yet" in failed(nothing, 1)


def test_ctrl_c_ends_with_a_sentence_and_leaves_no_scratch_behind(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = []

    def stopped(*given: object) -> None:
        scratch = next(word for word in given if isinstance(word, Path))
        (scratch / "half a bucket.arrow").write_bytes(b"...")
        folders.append(scratch)
        raise KeyboardInterrupt

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(what_if, "score", stopped)
    before = contents(place)
    assert "Stopped." in failed(podium("compare", "--rulebook", "new.toml", "--home", "home", cwd=place), 130)
    assert [folder.parent for folder in folders] == [tmp_path]
    assert list(tmp_path.iterdir()) == []
    assert before == contents(place)
