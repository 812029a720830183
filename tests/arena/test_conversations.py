"""A conversation is shared by its owner's own act, byte for byte, whole or not at all, and can be taken back."""

import hashlib
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.arena.conversations import (
    ACTS,
    MAX_BYTES,
    ConversationRefused,
    ConversationsDamaged,
    bytes_of,
    forget,
    share,
    shared,
    unshare,
)
from pipelines.store.durable import DiskFault
from tests.arena.talks import DIGEST, TALK, file_of


def kept(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def standing(folder: Path) -> list[tuple[str, str, int, str]]:
    return shared(folder).rows()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Not there yet, as in a new home."""
    return tmp_path / "arena" / "conversations"


def test_nothing_is_shared_in_a_new_home(folder: Path) -> None:
    assert standing(folder) == []
    assert forget(folder, "ann") == 0
    assert not folder.exists()


def test_sharing_keeps_the_exact_bytes_under_their_checksum_for_nobody_else_to_read(
    tmp_path: Path, folder: Path
) -> None:
    source = file_of(tmp_path)
    act = share(folder, source, "ann", "2026-W47")
    assert (act.owner_id, act.sha256, act.n_bytes, act.week, act.is_new) == ("ann", DIGEST, 41, "2026-W47", True)
    assert (folder / DIGEST).read_bytes() == source.read_bytes() == TALK
    assert standing(folder) == [("ann", DIGEST, 41, "2026-W47")]
    assert kept(folder) == {DIGEST, ACTS}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / ACTS).read_text() == (
        f'{{"act":"share","n_bytes":41,"owner_id":"ann","sha256":"{DIGEST}","week":"2026-W47"}}\n'
    )


def test_what_becomes_of_the_file_afterwards_does_not_matter(tmp_path: Path, folder: Path) -> None:
    source = file_of(tmp_path)
    share(folder, source, "ann", "2026-W47")
    source.write_bytes(b"something else")
    assert (folder / DIGEST).read_bytes() == TALK


def test_sharing_again_is_no_new_act_and_keeps_the_week_of_the_first(tmp_path: Path, folder: Path) -> None:
    share(folder, file_of(tmp_path), "ann", "2026-W47")
    before = (folder / ACTS).read_bytes()
    again = share(folder, file_of(tmp_path), "ann", "2026-W48")
    assert (again.week, again.is_new) == ("2026-W47", False)
    assert (folder / ACTS).read_bytes() == before


def test_a_file_that_changed_since_its_owner_looked_is_not_shared(tmp_path: Path, folder: Path) -> None:
    source = file_of(tmp_path)
    seen = bytes_of(source)
    with source.open("ab") as file:
        file.write(b"one more line\n")
    with pytest.raises(ConversationRefused, match="changed since you looked at it"):
        share(folder, source, "ann", "2026-W47", looked_at=seen)
    assert not folder.exists()


def refused(source: Path, folder: Path) -> str:
    with pytest.raises(ConversationRefused) as fault:
        share(folder, source, "ann", "2026-W47")
    assert not folder.exists()
    return str(fault.value).replace(str(source), "FILE")


def test_only_a_regular_file_that_can_be_read_is_shared(tmp_path: Path, folder: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for other in (tmp_path / "folder", tmp_path / "pipe", Path("/dev/zero")):
        assert refused(other, folder) == "FILE is no regular file. Name the file of one conversation."
    assert refused(tmp_path / "none", folder) == (
        "FILE cannot be read: No such file or directory. Nothing is shared."
    )  # fmt: skip
    assert refused(file_of(tmp_path, b""), folder) == "FILE is empty: there is nothing to share."


def test_a_conversation_has_16_mib_at_most(tmp_path: Path, folder: Path) -> None:
    source = file_of(tmp_path, b"")
    os.truncate(source, MAX_BYTES + 1)
    assert refused(source, folder).startswith("FILE has more than 16 MiB, the most that a conversation may have.")
    os.truncate(source, MAX_BYTES)
    assert share(folder, source, "ann", "2026-W47").n_bytes == 16 * 1024**2


def test_taking_back_deletes_the_bytes_and_keeps_both_acts(tmp_path: Path, folder: Path) -> None:
    share(folder, file_of(tmp_path), "ann", "2026-W47")
    act = unshare(folder, "ann", DIGEST[:6].upper())
    assert (act.sha256, act.n_bytes, act.week) == (DIGEST, 41, "2026-W47")
    assert standing(folder) == []
    assert kept(folder) == {ACTS}
    assert (folder / ACTS).read_text().count("\n") == 2


def test_what_was_taken_back_can_be_shared_anew_in_another_week(tmp_path: Path, folder: Path) -> None:
    share(folder, file_of(tmp_path), "ann", "2026-W47")
    unshare(folder, "ann", DIGEST)
    assert share(folder, file_of(tmp_path), "ann", "2026-W49").is_new
    assert standing(folder) == [("ann", DIGEST, 41, "2026-W49")]
    assert (folder / DIGEST).read_bytes() == TALK


def test_bytes_that_two_owners_share_stay_until_the_last_takes_them_back(tmp_path: Path, folder: Path) -> None:
    share(folder, file_of(tmp_path), "bob", "2026-W46")
    share(folder, file_of(tmp_path), "ann", "2026-W47")
    assert standing(folder) == [("ann", DIGEST, 41, "2026-W47"), ("bob", DIGEST, 41, "2026-W46")]
    unshare(folder, "ann", DIGEST)
    assert (folder / DIGEST).read_bytes() == TALK
    unshare(folder, "bob", DIGEST)
    assert kept(folder) == {ACTS}


def test_a_conversation_is_named_by_its_owner_and_enough_digits(tmp_path: Path, folder: Path) -> None:
    share(folder, file_of(tmp_path), "ann", "2026-W47")
    for owner, prefix, sentence in (
        ("ann", DIGEST[:5], r"^`\w{5}` names no conversation: give the first 6 or more digits of its SHA-256\.$"),
        ("ann", "../../x", r"^`\.\./\.\./x` names no conversation"),
        ("ann", "000000", r"^No conversation of this owner begins with 000000\. `podium arena preview` shows"),
        ("bob", DIGEST, r"^No conversation of this owner begins with"),
    ):
        with pytest.raises(ConversationRefused, match=sentence):
            unshare(folder, owner, prefix)
    assert standing(folder) == [("ann", DIGEST, 41, "2026-W47")]


def test_digits_that_fit_two_conversations_take_back_neither(tmp_path: Path, folder: Path) -> None:
    lines = [
        f'{{"act":"share","n_bytes":1,"owner_id":"ann","sha256":"{"abcdef" + end * 58}","week":"2026-W47"}}\n'
        for end in "12"
    ]
    folder.mkdir(parents=True)
    (folder / ACTS).write_text("".join(lines))
    with pytest.raises(ConversationRefused, match=r"^2 conversations of this owner begin with abcdef\. Give more"):
        unshare(folder, "ann", "abcdef")
    assert unshare(folder, "ann", "abcdef2").sha256 == "abcdef" + "2" * 58


def test_forgetting_leaves_neither_acts_nor_bytes_of_an_owner(tmp_path: Path, folder: Path) -> None:
    share(folder, file_of(tmp_path), "ann", "2026-W47")
    share(folder, file_of(tmp_path, b"taken back"), "ann", "2026-W47")
    unshare(folder, "ann", hashlib.sha256(b"taken back").hexdigest())
    share(folder, file_of(tmp_path, b"bob's own"), "bob", "2026-W47")
    share(folder, file_of(tmp_path, b"of both"), "ann", "2026-W47")
    share(folder, file_of(tmp_path, b"of both"), "bob", "2026-W48")
    assert forget(folder, "ann") == 3
    assert b"ann" not in (folder / ACTS).read_bytes()
    assert {row[0] for row in standing(folder)} == {"bob"}
    assert {(folder / name).read_bytes() for name in kept(folder) - {ACTS}} == {b"bob's own", b"of both"}
    assert stat.S_IMODE((folder / ACTS).stat().st_mode) == 0o600
    assert forget(folder, "ann") == 0


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        '{"act":"share"}',
        f'{{"act":"share","n_bytes":1,"owner_id":"ann","sha256":"../{DIGEST[3:]}","week":"2026-W47"}}',
        f'{{"act":"lend","n_bytes":1,"owner_id":"ann","sha256":"{DIGEST}","week":"2026-W47"}}',
        f'{{"act":"share","n_bytes":true,"owner_id":"ann","sha256":"{DIGEST}","week":"2026-W47"}}',
        f'{{"act":"share","n_bytes":1,"owner_id":"ann","sha256":"{DIGEST}","week":"2026-11-20"}}',
    ],
)
def test_an_act_that_cannot_be_read_may_be_one_of_taking_back_so_nothing_is_told(
    tmp_path: Path, folder: Path, line: str
) -> None:
    share(folder, file_of(tmp_path), "bob", "2026-W46")
    with (folder / ACTS).open("a") as file:
        file.write(line + "\n")
    for attempt in (
        lambda: shared(folder),
        lambda: share(folder, tmp_path / "talk.jsonl", "ann", "2026-W47"),
        lambda: unshare(folder, "bob", DIGEST),
        lambda: forget(folder, "bob"),
    ):
        with pytest.raises(ConversationsDamaged, match=r"^Line 2 of .*shared\.jsonl is no act of sharing") as fault:
            attempt()
        assert "owner_id" not in str(fault.value)


def test_half_a_line_was_never_an_act_and_the_next_one_takes_its_place(tmp_path: Path, folder: Path) -> None:
    share(folder, file_of(tmp_path), "ann", "2026-W46")
    whole = (folder / ACTS).read_bytes()
    with (folder / ACTS).open("ab") as file:
        file.write(whole.replace(b"ann", b"carl")[:-1])
    assert standing(folder) == [("ann", DIGEST, 41, "2026-W46")]
    share(folder, file_of(tmp_path), "bob", "2026-W47")
    assert (folder / ACTS).read_bytes() == whole + whole.replace(b"ann", b"bob").replace(b"W46", b"W47")


def test_a_fault_of_the_disk_is_told_as_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(DiskFault, match=r"^Sharing a conversation under .*taken failed"):
        share(tmp_path / "taken", file_of(tmp_path), "ann", "2026-W46")


OWNERS, TALKS = st.sampled_from(["ann", "bob"]), st.sampled_from([b"one", b"two"])
ACTIONS = st.lists(st.tuples(st.sampled_from(["share", "unshare", "forget"]), OWNERS, TALKS), max_size=12)


@given(ACTIONS)
def test_after_any_acts_the_folder_holds_what_is_shared_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, str, bytes]]
) -> None:
    tmp_path = tmp_path_factory.mktemp("acts")
    folder = tmp_path / "conversations"
    expected: set[tuple[str, str]] = set()
    for action, owner, talk in actions:
        digest = hashlib.sha256(talk).hexdigest()
        if action == "share":
            assert share(folder, file_of(tmp_path, talk), owner, "2026-W47").is_new == ((owner, digest) not in expected)
            expected.add((owner, digest))
        elif action == "forget":
            forget(folder, owner)
            expected = {one for one in expected if one[0] != owner}
        elif (owner, digest) in expected:
            unshare(folder, owner, digest)
            expected.remove((owner, digest))
        else:
            with pytest.raises(ConversationRefused):
                unshare(folder, owner, digest)
        assert [row[:2] for row in standing(folder)] == sorted(expected)
        if folder.exists():
            assert kept(folder) - {ACTS} == {digest for _, digest in expected}
