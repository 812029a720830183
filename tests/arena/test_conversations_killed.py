"""Killed before any step on the disk, a conversation is shared whole or not at all, and the next act tidies up."""

from pathlib import Path

import pytest

from pipelines.arena.conversations import ACTS, forget, share, shared, unshare
from pipelines.store.durable import sha256
from tests.arena.killed_at_every_step import homes_of


def work(home: Path) -> None:
    """What is killed."""
    talk = home / "talk"
    talk.write_bytes(b"hello")
    digest = share(home / "shared", talk, "ann", "2026-W47").sha256
    (home / "said").write_text("shared")
    unshare(home / "shared", "ann", digest)
    (home / "said").write_text("taken back")
    share(home / "shared", talk, "ann", "2026-W48")
    (home / "said").write_text("shared")
    forget(home / "shared", "ann")
    (home / "said").write_text("forgotten")


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return homes_of(__name__, tmp_path_factory.mktemp("killed"))


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
