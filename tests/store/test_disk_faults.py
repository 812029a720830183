"""A disk that says no is a sentence, and what is published stays whole."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from pipelines.game.faults import PodiumError
from pipelines.store.runlock import run_lock
from tests.store.publishing import in_subprocess, names, publish, published, scores

WRITE_TOO_MUCH = """
import random
many = pl.DataFrame({"agent_id": [f"{n:09}{random.random()}" for n in range(100_000)]})
many = many.with_columns(points=pl.int_range(100_000), reached_at=pl.lit(None, INSTANT))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    publish(home, many)
except PodiumError as fault:
    print(fault)
"""


@pytest.mark.parametrize(("limit", "doing"), [(100_000, "Writing scores"), (3_000_000, "Sealing a generation")])
def test_a_full_disk_is_a_sentence_and_the_old_generation_stays(tmp_path: Path, limit: int, doing: str) -> None:
    publish(tmp_path, scores(("a", 1)))
    ended = in_subprocess(WRITE_TOO_MUCH, tmp_path, limit)
    assert ended.stdout == (
        f"{doing} under {tmp_path} failed: the disk is full, or a file may not grow further. "
        "Free some space and run again. What is published stays whole.\n"
    ), ended.stderr
    assert published(tmp_path) == [("a", 1)]
    assert len(names(tmp_path)) == 1, "the space is given back"


def test_a_full_file_system_is_a_sentence_and_the_old_generation_stays(tmp_path: Path) -> None:
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", tmp_path], capture_output=True).returncode:
        pytest.skip("mounting a small file system takes rights that are not given here")
    try:
        publish(tmp_path, scores(("a", 1)))
        with pytest.raises(PodiumError, match="the disk is full"):
            publish(tmp_path, scores(*((f"{n:06}{os.urandom(16).hex()}", n) for n in range(60_000))))
        assert published(tmp_path) == [("a", 1)]
        publish(tmp_path, scores(("a", 2)))
        assert published(tmp_path) == [("a", 2)]
    finally:
        subprocess.run(["umount", tmp_path], check=True)


AS_NOBODY = """
if os.getuid() == 0: os.setuid(65534)
for attempt in (lambda: run_lock(home).__enter__(), lambda: Candidate(home, TABLES)):
    try:
        attempt()
    except PodiumError as fault:
        print(fault)
"""


def test_a_home_without_rights_is_a_sentence() -> None:
    with tempfile.TemporaryDirectory() as directory:  # pytest's own directories are closed to others
        home = Path(directory)
        home.chmod(0o555)
        ended = in_subprocess(AS_NOBODY, home)
        home.chmod(0o755)
    reason = "it may not be written to. Give yourself the right to write there, or choose another place."
    assert ended.stdout.splitlines() == [
        f"{doing} under {home} failed: {reason} What is published stays whole."
        for doing in ("Locking the home", "Beginning a generation")
    ], ended.stderr


def test_a_home_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("")
    with pytest.raises(PodiumError, match=r"Locking the home under .* failed: File exists"), run_lock(home):
        pass
