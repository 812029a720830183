"""`podium arena export` in processes that die by SIGKILL, each at another moment of its run: for test_arena_export.py.

    python tests/end_to_end/export_killed.py HOME KEYS KILLS

Each run has two new releases to draw and a new bundle to write: before it `arena.toml` in the home asks for one month
more. The moments are spread evenly over the time of a run that nobody disturbs, each drawn from its part. After every
kill all bundles of the folder are checked in a process of their own. At last one run gets Ctrl-C instead, and one ends
by itself. What became of each is printed as JSON. Each is a fork of a process that has imported what it needs and used
none of it yet, so that no thread of Polars is missed.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
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
PATIENCE_S = 60
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


def run(home: Path, n: int, disturb: Callable[[int], object]) -> dict[str, Any]:
    """Export with one month more than in the run before; how that ended, and whether all bundles were whole then."""
    limits = f"k = 2\nmonths_back = {SETTLED_MONTHS + n}\nbudget_micro_rho = 100_000_000\n"
    (home / "arena.toml").write_text(f"[aggregates]\n{limits}")
    with tempfile.TemporaryFile() as said:
        began = time.monotonic()
        child = begun(lambda: export(home), said.fileno())
        disturb(child)
        code, seconds = ended(child), time.monotonic() - began
        faults = ended(begun(lambda: check(home), said.fileno()))
        said.seek(0)
        return {"code": code, "seconds": seconds, "faults": faults, "stderr": said.read().decode()}


def interrupt(home: Path, child: int) -> None:
    """Send SIGINT as soon as it is at work."""
    waited_until = time.monotonic() + PATIENCE_S
    while f"process {child} " not in (home / ".lock").read_text() and time.monotonic() < waited_until:
        time.sleep(0.005)
    os.kill(child, signal.SIGINT)


def main(home: Path, keys: str, n_kills: int) -> None:
    """Run, kill, run."""
    os.environ["PODIUM_ARENA_KEYS"] = keys
    random.seed(SEED)
    runs = [run(home, 1, lambda _: None)]
    span = runs[0]["seconds"]
    parts = random.sample(range(n_kills), n_kills)
    for n, part in enumerate(parts, 2):
        moment = span * (part + random.random()) / n_kills

        def kill(child: int, moment: float = moment) -> None:
            time.sleep(moment)
            os.kill(child, signal.SIGKILL)

        runs.append(run(home, n, kill))
    runs += [run(home, n_kills + 2, lambda child: interrupt(home, child)), run(home, n_kills + 3, lambda _: None)]
    print(json.dumps(runs))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
