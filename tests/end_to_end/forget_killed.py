"""Forget an owner in processes that die by SIGKILL, one before and one after the new warehouse takes its name.

    python tests/end_to_end/forget_killed.py HOME OWNER

Prints, after each death, the hash of the warehouse's file. Nothing is imported that starts threads before the fork.
"""

import hashlib
import os
import signal
import sys
from pathlib import Path

from pipelines.engines import forgetting

WAREHOUSE = "warehouse.duckdb"


def die(home: Path, owner: str, *, before: bool) -> None:
    """Forget, until the warehouse is replaced."""
    real = os.replace

    def replace(old: Path, new: Path) -> None:
        if before and Path(new).name == WAREHOUSE:
            os.kill(os.getpid(), signal.SIGKILL)
        real(old, new)
        if Path(new).name == WAREHOUSE:
            os.kill(os.getpid(), signal.SIGKILL)

    os.replace = replace
    forgetting.forget(home, forgetting.look(home, owner), None, lambda: home)


def main() -> None:
    """Die twice."""
    home, owner = Path(sys.argv[1]), sys.argv[2]
    for before in (True, False):
        child = os.fork()
        if child == 0:
            die(home, owner, before=before)
            os._exit(1)
        if not os.WIFSIGNALED(os.waitpid(child, 0)[1]):
            sys.exit("it was not killed")
        print(hashlib.sha256((home / WAREHOUSE).read_bytes()).hexdigest(), flush=True)


if __name__ == "__main__":
    main()
