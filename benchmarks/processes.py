"""Scripts of this folder run as fresh processes, and measured: seconds by the clock and on all cores, peak memory.

Here: what the system says of a process, and the JSON it printed last. Not here: which scripts, and what is made of
the figures. Imports nothing large, for a child's peak begins at its parent's.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Measured:
    """A process: its seconds, by the clock and on all cores, its peak memory, and the JSON it printed last.

    `wall` is what the script itself took by its own clock, if it says so as `seconds`; the CPU seconds are those of
    the whole process, imports too.
    """

    wall: float
    cpu: float
    peak_gib: float
    result: dict[str, Any]


def run(script: str, *words: str) -> Measured:
    """Run one of the scripts of this folder to its end. Ends this process if it fails."""
    paths = os.pathsep.join([str(HERE.parent), str(HERE)])
    with tempfile.TemporaryFile("w+") as out:
        begin = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, str(HERE / script), *words], stdout=out, env={**os.environ, "PYTHONPATH": paths}
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - begin
        out.seek(0)
        printed = out.read()
    if child.returncode:
        print(printed, file=sys.stderr)
        raise SystemExit(f"{script} {words[0]} ended with {child.returncode}: nothing was measured.")
    last = printed.splitlines()[-1]
    result = json.loads(last) if last.startswith("{") else {}
    peak = used.ru_maxrss / (1 << 30 if sys.platform == "darwin" else 1 << 20)
    return Measured(result.get("seconds", wall), used.ru_utime + used.ru_stime, peak, result)


def say(doing: str) -> None:
    """Tell the one who waits what is being done."""
    print(f"... {doing}", file=sys.stderr, flush=True)
