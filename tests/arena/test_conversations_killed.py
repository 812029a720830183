"""Killed before any step on the disk, a conversation is shared whole or not at all, and the next act tidies up."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.arena.conversations import ACTS, share, shared, unshare
from pipelines.store.durable import sha256

# A process of its own for every step: killed before the step-th change of a file or folder. Even what is written is
# lost then, if it was not flushed.
KILLED_AT_EVERY_STEP = """
import os, signal, sys
from pathlib import Path
from pipelines.arena.conversations import forget, share, unshare

root = Path(sys.argv[1])
CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.truncate"}

def work(home):
    talk = home / "talk"
    digest = share(home / "shared", talk, "ann", "2026-W47").sha256
    (home / "said").write_text("shared")
    unshare(home / "shared", "ann", digest)
    (home / "said").write_text("taken back")
    share(home / "shared", talk, "ann", "2026-W48")
    (home / "said").write_text("shared")
    forget(home / "shared", "ann")
    (home / "said").write_text("forgotten")

def killed_at(step, home):
    n_steps = 0
    def watch(event, args):
        nonlocal n_steps
        is_change = event in CHANGES or event == "open" and (isinstance(args[0], int) or args[2] & os.O_ACCMODE > 0)
        n_steps += is_change
        if is_change and n_steps == step:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(watch)
    work(home)
    os._exit(0)

for step in range(1, 200):
    home = root / f"{step:03}"
    home.mkdir()
    (home / "talk").write_bytes(b"hello")
    child = os.fork()
    if child == 0:
        killed_at(step, home)
    ended = os.waitpid(child, 0)[1]
    if ended == 0:
        break
    assert os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGKILL, (step, ended)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Homes as killed processes left them, in the order of the steps; the last one was not killed."""
    root = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-c", KILLED_AT_EVERY_STEP, str(root)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2])
    assert ended.returncode == 0, ended.stderr
    return sorted(root.iterdir())


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_is_shared_is_whole_and_what_was_said_to_be_done_is_done(killed: list[Path]) -> None:
    seen = []
    for home in killed:
        folder, said = home / "shared", home / "said"
        standing = shared(folder)
        assert all(sha256(folder / digest) == digest for digest in standing["sha256"])
        is_shared, was_told = standing.height == 1, said.read_text() if said.exists() else ""
        seen.append((was_told, is_shared))
    assert ("", False) in seen
    assert ("forgotten", True) not in seen
    assert seen[-1] == ("forgotten", False)
    assert {is_shared for was_told, is_shared in seen if was_told == "shared"} == {True, False}
    first = seen.index(("shared", True))
    assert all(is_shared for was_told, is_shared in seen[first : first + 2])


def test_the_next_act_leaves_nothing_that_is_not_shared(killed: list[Path]) -> None:
    assert len(killed) > 15
    n_left_over = 0
    for home in killed:
        folder = home / "shared"
        held = set(shared(folder)["sha256"]) | {ACTS}
        n_left_over += folder.exists() and not names(folder) <= held
        (home / "other").write_bytes(b"of bob")
        share(folder, home / "other", "bob", "2026-W49")
        assert names(folder) == set(shared(folder)["sha256"]) | {ACTS}
        if shared(folder).height == 2:
            unshare(folder, "ann", sha256(home / "talk"))
        assert shared(folder)["owner_id"].to_list() == ["bob"]
    assert n_left_over > 2
