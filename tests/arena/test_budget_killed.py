"""Killed at any moment, the ledger is whole: as many charges as releases, and each told the same by every reader."""

import subprocess
import sys
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import pytest

from pipelines.arena.budget import Ledger
from tests.crashing import Crash, crash_before

N_KILLS = 10
PRICE = 7

# Each child is a process of its own that reads the ledger, tells what is in it, and goes on releasing until killed.
DRIVER = f"""
import os, random, signal, sys, time
from pathlib import Path
from pipelines.arena import budget

folder, is_slow = Path(sys.argv[1]), sys.argv[2] == "slow"
path = folder / "arena" / "budget.jsonl"

def told(release):
    handle = os.open(folder / f"told-{{os.getpid()}}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, f"{{release.name}} {{release.drawn['successes']}}\\n".encode())
    os.close(handle)

def draw():
    return {{"successes": [int.from_bytes(os.urandom(4), "big") for _ in range(600)]}}

def in_two_parts(handle, line):
    for part in (line[:1000], line[1000:]):
        os.write(handle, part)
        os.fsync(handle)

def work():
    if is_slow:
        budget._put = in_two_parts
    ledger = budget.Ledger.open(path)
    for release in ledger.releases[-5:]:
        told(release)
    for n in range(10**6):
        told(ledger.release(f"calls/{{n}}", {PRICE}, 10**9, draw))

n_kills = 0
while n_kills < {N_KILLS} or len(budget.Ledger.open(path).releases) <= {N_KILLS}:
    n_kills += 1
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    time.sleep(random.uniform(0, 0.05))
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), "a child ended by itself"
"""


@pytest.mark.parametrize("writing", ["at once", "slow"])  # slow: kills find half a line on the disk
def test_after_any_kill_charges_are_releases_and_no_release_was_drawn_twice(tmp_path: Path, writing: str):
    command = [sys.executable, "-c", DRIVER, str(tmp_path), writing]
    driven = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert driven.returncode == 0, driven.stderr
    ledger = Ledger.open(tmp_path / "arena" / "budget.jsonl")
    names = [release.name for release in ledger.releases]
    assert names == [f"calls/{n}" for n in range(len(names))]
    assert ledger.spent_micro_rho == PRICE * len(names)

    readings = defaultdict(set)
    for told in tmp_path.glob("told-*"):
        *lines, _ = told.read_text().split("\n")  # a kill may cut off the last line here too
        for line in lines:
            name, _, figures = line.partition(" ")
            readings[name].add(figures)
    assert {name for name, seen in readings.items() if len(seen) > 1} == set()
    in_ledger = {release.name: str(release.drawn["successes"]) for release in ledger.releases}
    assert {name: seen for name, (seen,) in readings.items()}.items() <= in_ledger.items()
    assert len(readings) >= N_KILLS


STEPS = ("open", "ftruncate", "write", "fsync", "close")


def crash_at(step: int, path: Path, figure: int, monkeypatch: pytest.MonkeyPatch) -> int | None:
    """Release, but crash before the step-th call of the system; the figure that was told, if it got that far."""
    with suppress(Crash), crash_before(step, STEPS, monkeypatch):
        return Ledger.open(path).release("calls/new", PRICE, 10**6, lambda: {"figure": figure}).drawn["figure"]
    return None


def test_a_crash_at_any_step_leaves_one_charge_and_one_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    n_kept, step, first = 0, 0, None
    while first is None:
        step += 1
        path = tmp_path / str(step) / "budget.jsonl"
        path.parent.mkdir()
        Ledger.open(path).release("calls/old", PRICE, 10**6, lambda: {"figure": 0})
        path.write_bytes(path.read_bytes() + b'{"drawn":')  # what another kill has left
        first = crash_at(step, path, 1, monkeypatch)
        is_kept = len(Ledger.open(path).releases) == 2
        n_kept += is_kept
        again = Ledger.open(path).release("calls/new", PRICE, 10**6, lambda: {"figure": 2})
        assert again.drawn == {"figure": 1 if is_kept else 2}
        assert Ledger.open(path).spent_micro_rho == 2 * PRICE
        assert Ledger.open(path).head == again.sha256
    assert is_kept
    assert 2 <= n_kept < step - 5
