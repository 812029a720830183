"""`podium arena export` in processes that die by SIGKILL, each at another moment of its run: for test_arena_export.py.

    python tests/end_to_end/export_killed.py HOME KEYS KILLS

Each run has a new release to draw and a new bundle to write: before it `arena.toml` in the home asks for one month
more. Moments are drawn in turn from three parts of a run: until the release is drawn, from then on until the bundle is
being written, and the rest. After every kill all bundles of the folder are checked in a process of their own. At last
one run gets Ctrl-C instead, and one ends by itself. What became of each is printed as JSON. Each is a fork of a process
that has imported what it needs and used none of it yet, so that no thread of Polars is missed.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import opendp.prelude  # noqa: F401 - else each fork would import it anew

from pipelines import cli
from pipelines.arena.manifest import PACKAGE
from pipelines.arena.verify import read_signed, verify
from pipelines.defs import house  # noqa: F401
from pipelines.engines import sharing  # noqa: F401
from pipelines.reports import arena_view  # noqa: F401

SEED = 7
FEW_WORDS = '[words]\nagents = ["general-purpose", "python-pro"]\ncategories = ["testing"]\n'  # few cells: quick
PATIENCE_S = 60
Marks = tuple[Callable[[], bool], ...]  # whether each next part of a run has begun
SETTLED_MONTHS = 2  # of which the home tells already


def begun(work: Callable[[], object], stderr: int) -> int:
    """Do the work in a process of its own, which says nothing but on `stderr`; its id."""
    child = os.fork()
    if child:
        return child
    os.dup2(stderr, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        work()
    except BaseException:  # noqa: BLE001 - of a fork nothing may go on
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def ended(child: int) -> int:
    """The exit code of a process; of one that a signal ended, the signal below zero."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def export(home: Path) -> None:
    """The command, as a shell would start it."""
    sys.argv = ["podium", "arena", "export", "--home", str(home)]
    try:
        cli.main()
    except SystemExit as left:
        os._exit(left.code if isinstance(left.code, int) else 0)


def check(home: Path) -> None:
    """Every bundle is what was signed, follows the one before, and the last is whole."""
    bundles = home / "arena" / "bundles"
    standing = sorted(bundles.glob("0*"))
    previous = None
    for n, path in enumerate(standing, 1):
        signed = read_signed(path)
        assert (path.name, signed.manifest["sequence"], signed.manifest["previous"]) == (f"{n:06}", n, previous)
        is_whole = (path / PACKAGE).exists()
        assert is_whole or path != standing[-1], path
        assert not is_whole or not verify(path).is_stripped, path
        previous = signed.sha256


def drawn(home: Path) -> Callable[[], bool]:
    """Whether a release has been drawn since this was called."""
    ledger = home / "arena" / "budget.jsonl"
    before = ledger.stat().st_size
    return lambda: ledger.stat().st_size > before


def written(home: Path) -> Callable[[], bool]:
    """Whether another bundle is being written since this was called."""
    bundles = home / "arena" / "bundles"
    before = set(bundles.iterdir())
    return lambda: not before.issuperset(bundles.iterdir())


def waited(until: Callable[[], bool], child: int) -> float:
    """Wait for something that a process does, as long as it lives and at most PATIENCE_S; how many seconds it took."""
    began = time.monotonic()
    while not until() and time.monotonic() < began + PATIENCE_S:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
        time.sleep(0.001)
    return time.monotonic() - began


def run(home: Path, n: int, disturb: Callable[[int, Marks], object]) -> dict[str, Any]:
    """Export with one month more than in the run before; how that ended, and whether all bundles were whole then."""
    limits = f"k = 2\nkinds = ['calls']\nmonths_back = {SETTLED_MONTHS + n}\nbudget_micro_rho = 100_000_000\n"
    (home / "arena.toml").write_text(f"[aggregates]\n{limits}{FEW_WORDS}")
    marks = (drawn(home), written(home))
    with tempfile.TemporaryFile() as said:
        began = time.monotonic()
        child = begun(lambda: export(home), said.fileno())
        disturb(child, marks)
        code, seconds = ended(child), time.monotonic() - began
        faults = ended(begun(lambda: check(home), said.fileno()))
        said.seek(0)
        return {"code": code, "seconds": seconds, "faults": faults, "stderr": said.read().decode()}


def kill(child: int, marks: Marks, part: int, moment: float) -> None:
    """Send SIGKILL so many seconds after a part of the run has begun."""
    for begins in marks[:part]:
        waited(begins, child)
    time.sleep(moment)
    os.kill(child, signal.SIGKILL)


def interrupt(child: int, _marks: Marks, home: Path) -> None:
    """Send SIGINT as soon as it is at work."""
    waited(lambda: f"process {child} " in (home / ".lock").read_text(), child)
    os.kill(child, signal.SIGINT)


def main(home: Path, keys: str, n_kills: int) -> None:
    """Run, kill, run."""
    os.environ["PODIUM_ARENA_KEYS"] = keys
    random.seed(SEED)
    lasts: list[float] = []
    runs = [run(home, 1, lambda child, marks: lasts.extend(waited(begins, child) for begins in marks))]
    lasts.append(runs[0]["seconds"] - sum(lasts))
    while sum(one["code"] == -signal.SIGKILL for one in runs) < n_kills and runs[-1]["code"] <= 0:
        part = len(runs) % len(lasts)
        moment = lasts[part] * random.random() ** (1 + part)  # files are written at the beginning of the last one
        disturb = partial(kill, part=part, moment=moment)
        runs.append(run(home, len(runs) + 1, disturb))
    runs.append(run(home, len(runs) + 1, partial(interrupt, home=home)))
    runs.append(run(home, len(runs) + 1, lambda *_: None))
    print(json.dumps(runs))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
