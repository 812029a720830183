"""Killed at any moment, readers see one whole generation, and the next run succeeds."""

import os
import threading
from pathlib import Path

import pytest

from pipelines.store.published import Candidate, Generation
from tests.crashing import Crash, crash_before
from tests.store.publishing import TABLES, names, publish, published, scores


def test_half_made_candidates_are_swept_when_the_next_one_begins(tmp_path: Path) -> None:
    publish(tmp_path, scores(("a", 1)))
    abandoned = Candidate(tmp_path, TABLES)
    abandoned.write("scores", scores(("a", 2)))
    never_current = Candidate(tmp_path, TABLES)
    never_current.write("scores", scores(("a", 3)))
    never_current.seal({})
    assert not abandoned.path.exists()
    assert published(tmp_path) == [("a", 1)]
    publish(tmp_path, scores(("a", 4)))
    assert never_current.id not in names(tmp_path)
    assert len(names(tmp_path)) == 2
    assert published(tmp_path) == [("a", 4)]


def test_a_candidate_given_up_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Candidate(tmp_path, TABLES):  # as by Ctrl-C
        raise KeyboardInterrupt
    assert names(tmp_path) == set()


DURABLE_STEPS = ("fsync", "rename", "replace", "symlink", "unlink", "mkdir", "rmdir")


def crash_at(step: int, home: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Publish, but crash before the step-th change of the directory or sync; whether it got that far."""
    try:
        with crash_before(step, DURABLE_STEPS, monkeypatch):
            candidate = Candidate(home, TABLES, max_copied_rows=1)  # not in a `with`: a crash tidies nothing
            candidate.write("scores", scores(("new", 1)))
            candidate.write("scores", scores(("new", 2)))
            candidate.seal({})
            candidate.publish()
    except Crash:
        return True
    return False


def damaged(home: Path) -> list[str]:
    """Faults of all generations, also older ones, that stand under a final name."""
    return [
        fault
        for path in (home / "published" / "generations").iterdir()
        if not path.is_symlink() and not path.name.endswith(".partial")
        for fault in Generation.open_path(path).damages()
    ]


def test_a_crash_at_any_step_leaves_a_whole_generation_and_the_next_run_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    for step in range(1, 200):
        home = tmp_path / str(step)
        for n in range(3):
            publish(home, scores(("old", n)))
        crashed = crash_at(step, home, monkeypatch)
        seen.append(published(home))
        assert damaged(home) == []
        publish(home, scores(("next", 1)))
        assert published(home) == [("next", 1)]
        assert len(names(home)) == 3
        if not crashed:
            break
    old, new = [("old", 2)], [("new", 1), ("new", 2)]
    switch = seen.index(new)
    assert seen == [old] * switch + [new] * (len(seen) - switch)
    assert switch > 15
    assert len(seen) < 199


def test_a_reader_never_finds_the_pointer_missing_or_half_switched(tmp_path: Path) -> None:
    publish(tmp_path, scores(("a", 0)))
    seen: list[int] = []
    faults: list[BaseException] = []
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            try:
                with Generation.open(tmp_path) as generation:
                    seen.append(generation.table("scores").collect()["points"][0])
            except BaseException as fault:  # noqa: BLE001 - whatever a reader meets fails the test
                faults.append(fault)

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(1, 30):
        publish(tmp_path, scores(("a", n)))
    is_over.set()
    reader.join()
    assert faults == []
    assert seen == sorted(seen)
    assert len(set(seen)) > 1


def test_every_file_and_folder_is_on_the_disk_before_the_pointer_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[tuple[int, int]] = set()
    real = os.fsync

    def noted(handle: int) -> None:
        real(handle)
        synced.add((os.fstat(handle).st_dev, os.fstat(handle).st_ino))

    monkeypatch.setattr(os, "fsync", noted)
    candidate = Candidate(tmp_path, TABLES)
    for part in (scores(("a", 1)), scores(("b", 2))):
        candidate.write("scores", part)
    candidate.seal({})
    whole = [candidate.path.parent, candidate.path, *candidate.path.rglob("*")]
    assert len(whole) == 7 + 1
    assert [path for path in whole if (path.stat().st_dev, path.stat().st_ino) not in synced] == []
    synced.clear()
    candidate.publish()
    assert (tmp_path.stat().st_dev, (tmp_path / "published").stat().st_ino) in synced
