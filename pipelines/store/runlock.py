"""One run at a time: the lock of a home, so that two runs never interleave.

Not here: DuckDB's own lock on the warehouse, and the holds of readers on a generation (shelf.py): no run waits for
those.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pipelines.game.faults import PodiumError
from pipelines.store.durable import disk_faults


class RunBusy(PodiumError):
    """Another run is at work in this home."""


@contextmanager
def run_lock(home: Path) -> Iterator[None]:
    """Hold `<home>/.lock` for the length of a run; made if absent, never removed.

    The system lets go of it when the process ends, however it ends: a lock is never left behind by a kill.
    Removing the file would let a third run lock a new one while a second still waits on the old.

    Raises:
        RunBusy: another run holds it.
        DiskFault: the home cannot be made or written to.
    """
    path = home.absolute() / ".lock"
    with disk_faults("Locking the home", path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _take(handle, path)
        yield
    finally:
        os.close(handle)


def _take(handle: int, path: Path) -> None:
    try:
        with disk_faults("Locking the home", path.parent):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC".encode(), 0)
    except PodiumError as fault:
        if not isinstance(fault.__cause__, BlockingIOError):
            raise
        holder = os.pread(handle, 200, 0).decode(errors="replace") or "unknown process"
        raise RunBusy(
            f"Another run is at work in {path.parent} ({holder}). Wait until it has ended, then run again."
        ) from fault
