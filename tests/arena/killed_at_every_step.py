"""The same work over and over, each time in a process of its own that is killed before another step on the disk.

    python -m tests.arena.killed_at_every_step MODULE ROOT

`work(home)` of the module is done in a folder of ROOT for each step, named by its number; in the last one it comes to
its end. A step is a change of a file or folder, or the opening of a file to write; what was written and not flushed is
lost. No rights are taken away by the umask, so that modes are those that were asked for.
"""

import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

CHANGES = {"os.mkdir", "os.rename", "os.link", "os.remove", "os.chmod", "os.truncate"}
MOST_STEPS = 200
ROOT = Path(__file__).parents[2]


def homes_of(module: str, root: Path) -> list[Path]:
    """Homes as killed processes left them, in the order of the steps; the last one was not killed."""
    command = [sys.executable, "-m", __name__, module, str(root)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    return sorted(root.iterdir())


def killed_at(step: int, work: Callable[[Path], object], home: Path) -> None:
    """Do the work, and die before a step of it."""
    n_steps = 0

    def watch(event: str, args: tuple) -> None:
        nonlocal n_steps
        is_change = event in CHANGES or (event == "open" and (isinstance(args[0], int) or args[2] & os.O_ACCMODE > 0))
        n_steps += is_change
        if is_change and n_steps == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    work(home)
    os._exit(0)


def main(work: Callable[[Path], object], root: Path) -> None:
    """Die at every step."""
    os.umask(0)
    for step in range(1, MOST_STEPS):
        home = root / f"{step:03}"
        home.mkdir()
        child = os.fork()
        if child == 0:
            killed_at(step, work, home)
        ended = os.waitpid(child, 0)[1]
        if ended == 0:
            return
        if os.WTERMSIG(ended) != signal.SIGKILL:
            sys.exit(f"step {step} ended with {ended}")
    sys.exit(f"it has more than {MOST_STEPS} steps")


if __name__ == "__main__":
    main(importlib.import_module(sys.argv[1]).work, Path(sys.argv[2]))
