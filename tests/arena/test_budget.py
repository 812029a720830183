"""The ledger: charged once, read for ever, refused when it is not whole."""

import hashlib
import os
import resource
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.arena.budget import BudgetExceeded, Ledger, LedgerBusy, LedgerDamaged, rho_text
from pipelines.store.durable import DiskFault

CAP = 120


def drawing(*figures: int) -> Callable[[], dict]:
    return lambda: {"successes": list(figures)}


def never() -> dict:
    raise AssertionError("this must not be drawn")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "arena" / "budget.jsonl"


@pytest.fixture
def filled(path: Path) -> Path:
    ledger = Ledger.open(path)
    for n, name in enumerate(("calls/2026-08", "calls/2026-09", "calls/2026-10")):
        ledger.release(name, 50, 10**6, drawing(n, -n, 7))
    return path


def test_a_release_is_a_line_that_names_the_one_before(path: Path):
    ledger = Ledger.open(path)
    assert (ledger.releases, ledger.spent_micro_rho, ledger.head) == ((), 0, "0" * 64)
    ledger.release("calls/2026-09", 50, CAP, drawing(3, -1))
    ledger.release("submissions/2026-09", 70, CAP, drawing(5))
    first, second = path.read_bytes().splitlines(keepends=True)
    assert first.decode() == (
        '{"drawn":{"successes":[3,-1]},"micro_rho":50,"n":1,"name":"calls/2026-09",'
        f'"previous":"{"0" * 64}","spent_micro_rho":50}}\n'
    )
    assert second.decode() == (
        '{"drawn":{"successes":[5]},"micro_rho":70,"n":2,"name":"submissions/2026-09",'
        f'"previous":"{hashlib.sha256(first).hexdigest()}","spent_micro_rho":120}}\n'
    )
    assert (ledger.spent_micro_rho, ledger.head) == (120, hashlib.sha256(second).hexdigest())
    assert Ledger.open(path).releases == ledger.releases


def test_what_is_released_already_costs_nothing_and_stays_whatever_is_asked_now(filled: Path):
    before = filled.read_bytes()
    ledger = Ledger.open(filled)
    again = ledger.release("calls/2026-09", 10**9, 1, never)
    assert again.drawn == {"successes": [1, -1, 7]}
    assert again.micro_rho == 50
    assert filled.read_bytes() == before


def test_a_release_past_the_cap_is_refused_with_a_sentence_and_nothing_is_drawn(path: Path):
    ledger = Ledger.open(path)
    ledger.release("calls/2026-09", 50_000, 80_000, drawing(1))
    before = path.read_bytes()
    with pytest.raises(BudgetExceeded) as told:
        ledger.release("calls/2026-10", 30_001, 80_000, never)
    assert str(told.value) == (
        "The calls of 2026-10 are not released: they would cost 0.030001 rho, and of the budget of 0.08 only 0.03 is "
        "left. What was released before stays as it is. A greater budget (`budget_micro_rho` in arena.toml) lets more "
        "be learned of those who allow aggregates: it is for them to decide."
    )
    assert path.read_bytes() == before
    assert ledger.release("calls/2026-10", 30_000, 80_000, drawing(2)).spent_micro_rho == 80_000
    with pytest.raises(BudgetExceeded, match=r"of the budget of 0.05 nothing is left"):
        ledger.release("calls/2026-11", 1, 50_000, never)


def test_a_draw_that_fails_costs_nothing(path: Path):
    ledger = Ledger.open(path)
    with pytest.raises(AssertionError):
        ledger.release("calls/2026-10", 1, CAP, never)
    with pytest.raises(ValueError, match="at least a millionth"):
        ledger.release("calls/2026-10", 0, CAP, never)
    assert not path.exists()
    assert ledger.spent_micro_rho == 0


def test_a_last_line_cut_off_anywhere_was_never_told_and_makes_room_for_the_next(filled: Path):
    whole = filled.read_bytes()
    two = whole[: whole.rindex(b"\n", 0, -1) + 1]
    for end in [*range(len(two), len(whole), 9), len(whole) - 1]:
        filled.write_bytes(whole[:end])
        ledger = Ledger.open(filled)
        assert ledger.spent_micro_rho == 100
        assert filled.read_bytes() == whole[:end]  # reading changes nothing
    assert ledger.release("calls/2026-10", 50, 10**6, drawing(2, -2, 7)).spent_micro_rho == 150
    assert filled.read_bytes() == whole


def test_a_byte_changed_in_any_line_but_the_last_is_found(filled: Path):
    whole = filled.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1
    head = Ledger.open(filled).head
    for at in range(0, len(whole) - 1, 7):
        filled.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        if at < last:
            with pytest.raises(LedgerDamaged, match=r"budget\.jsonl, line \d: it .*Nothing is released"):
                Ledger.open(filled)
        else:  # nothing in the file speaks of the last line's figures, but a bundle names its hash
            assert not _opens_with(filled, head)


def _opens_with(path: Path, head: str) -> bool:
    try:
        return Ledger.open(path).holds(head)
    except LedgerDamaged:
        return False


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((1, 2), "line 1: it does not follow"),
        ((0, 2), "line 2: it does not follow"),
        ((0, 0), "line 2: it does not follow"),
        ((0, 2, 1), "line 2: it does not follow"),
        ((0, None, 1), "line 2: it is not a release"),
    ],
)
def test_lines_that_are_missing_twice_or_out_of_order_are_found(filled: Path, lines: tuple, told: str):
    held = filled.read_bytes().splitlines(keepends=True)
    filled.write_bytes(b"".join(b"\n" if n is None else held[n] for n in lines))
    with pytest.raises(LedgerDamaged, match=told):
        Ledger.open(filled)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b'"spent_micro_rho":150', b'"spent_micro_rho":100', "charges wrongly"),
        (b'"name":"calls/2026-10"', b'"name":"calls/2026-09"', "charges wrongly"),
        (b'"micro_rho":50,', b'"micro_rho":50.0,', "is not a release"),
        (b'"micro_rho":50,', b'"micro_rho":true,', "is not a release"),
    ],
)
def test_a_forged_last_line_that_charges_too_little_is_found(filled: Path, old: bytes, new: bytes, told: str):
    first, second, third = filled.read_bytes().splitlines(keepends=True)
    assert old in third
    filled.write_bytes(first + second + third.replace(old, new))
    with pytest.raises(LedgerDamaged, match=f"line 3: it {told}"):
        Ledger.open(filled)


def test_lines_lost_since_a_bundle_are_noticed_by_its_head(filled: Path):
    ledger = Ledger.open(filled)
    whole = filled.read_bytes()
    heads = [release.sha256 for release in ledger.releases]
    assert all(ledger.holds(head) for head in ["0" * 64, *heads])
    filled.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 1])
    assert [Ledger.open(filled).holds(head) for head in heads] == [True, True, False]


def test_of_two_processes_that_read_the_same_ledger_only_one_writes(filled: Path):
    one, other = Ledger.open(filled), Ledger.open(filled)
    one.release("calls/2026-11", 50, 10**6, drawing(1))
    after = filled.read_bytes()
    with pytest.raises(LedgerBusy, match="Run again"):
        other.release("calls/2026-11", 50, 10**6, drawing(2))
    assert filled.read_bytes() == after
    assert Ledger.open(filled).release("calls/2026-11", 50, 10**6, never).drawn == {"successes": [1]}


def test_a_ledger_deleted_while_it_is_used_is_not_begun_anew(filled: Path):
    ledger = Ledger.open(filled)
    filled.unlink()
    with pytest.raises(LedgerBusy):
        ledger.release("calls/2026-11", 50, 10**6, drawing(1))


def test_a_full_disk_charges_nothing_and_leaves_no_part_of_a_line(filled: Path):
    ledger, before = Ledger.open(filled), filled.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 40, hard))
    try:
        with pytest.raises(DiskFault, match="the disk is full"):
            ledger.release("calls/2026-11", 50, 10**6, drawing(1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert filled.read_bytes() == before
    assert ledger.release("calls/2026-11", 50, 10**6, drawing(2)).spent_micro_rho == 200


def test_the_file_is_for_its_owner_and_on_the_disk_with_its_name_before_anybody_reads(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    synced, real = set(), os.fsync

    def noted(handle: int) -> None:
        real(handle)
        synced.add((os.fstat(handle).st_ino, os.fstat(handle).st_size if stat.S_ISREG(os.fstat(handle).st_mode) else 0))

    monkeypatch.setattr(os, "fsync", noted)
    Ledger.open(path).release("calls/2026-10", 50, CAP, drawing(1))
    file, folders = path.stat(), [path.parent, path.parent.parent]
    assert {(file.st_ino, file.st_size), *((folder.stat().st_ino, 0) for folder in folders)} <= synced
    assert stat.S_IMODE(file.st_mode) == 0o600
    synced.clear()
    Ledger.open(path)  # whoever finds a line cannot know whether its writer lived to sync it
    assert {(file.st_ino, file.st_size), (path.parent.stat().st_ino, 0)} <= synced


def test_rho_is_told_in_few_digits():
    assert [rho_text(micro) for micro in (50_000, 1, 1_200_000, 10**9, 0)] == ["0.05", "0.000001", "1.2", "1000", "0"]
