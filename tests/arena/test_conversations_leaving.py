"""What of the shared conversations leaves: those of owners who allow it now, with the bytes that they shared."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.arena import tables
from pipelines.arena.conversations import rows, share, shared, unshare
from pipelines.arena.pseudonyms import NotShared, Pseudonyms
from tests.arena.talks import DIGEST, TALK, file_of

SALTS = {("ann", "conversations"): b"a" * 32, ("bob", "conversations"): b"b" * 32}
NAMES = Pseudonyms(b"k" * 32, SALTS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "arena" / "conversations"


def test_only_owners_who_allow_it_now_are_told_of(tmp_path: Path, folder: Path) -> None:
    share(folder, file_of(tmp_path), "ann", "2026-W46")
    share(folder, file_of(tmp_path), "bob", "2026-W47")
    share(folder, file_of(tmp_path, b"carl's"), "carl", "2026-W47")
    frame, files, n_damaged = rows(shared(folder), folder, pl.Series(["ann", "bob", "dora"]), NAMES)
    assert n_damaged == 0
    names = NAMES.owners("conversations", pl.Series(["ann", "bob"]))
    expected = [
        (names[0], DIGEST, f"conversations/{DIGEST}", 41, "2026-W46"),
        (names[1], DIGEST, f"conversations/{DIGEST}", 41, "2026-W47"),
    ]
    assert frame.rows() == sorted(expected)
    assert tables.CONVERSATIONS.is_kept_by(frame)
    assert files == {DIGEST: folder / DIGEST}


def test_where_nobody_allows_it_nothing_is_told(tmp_path: Path, folder: Path) -> None:
    share(folder, file_of(tmp_path), "ann", "2026-W46")
    frame, files, n_damaged = rows(shared(folder), folder, pl.Series([], dtype=pl.String), NAMES)
    assert frame.equals(tables.CONVERSATIONS.empty())
    assert (files, n_damaged) == ({}, 0)


def test_an_owner_without_a_pseudonym_is_not_told_of(tmp_path: Path, folder: Path) -> None:
    share(folder, file_of(tmp_path), "carl", "2026-W46")
    with pytest.raises(NotShared):
        rows(shared(folder), folder, pl.Series(["carl"]), NAMES)


@pytest.mark.parametrize("harm", ["missing", "changed", "longer", "a link"])
def test_bytes_that_are_not_those_that_were_shared_stay_here_and_can_be_put_back(
    tmp_path: Path, folder: Path, harm: str
) -> None:
    source = file_of(tmp_path)
    share(folder, source, "ann", "2026-W46")
    place = folder / DIGEST
    place.unlink()
    if harm == "a link":
        place.symlink_to(source)
    elif harm != "missing":
        place.write_bytes(TALK[:-1] if harm == "changed" else TALK + b"!")
    share(folder, file_of(tmp_path, b"another"), "ann", "2026-W46")
    frame, files, n_damaged = rows(shared(folder), folder, pl.Series(["ann"]), NAMES)
    assert (frame.height, n_damaged) == (1, 1)
    assert [path.read_bytes() for path in files.values()] == [b"another"]
    unshare(folder, "ann", next(iter(files)))
    source = file_of(tmp_path)
    assert not share(folder, source, "ann", "2026-W47").is_new
    assert rows(shared(folder), folder, pl.Series(["ann"]), NAMES)[1] == {DIGEST: place}
    assert not place.is_symlink()
