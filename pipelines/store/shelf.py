"""Where generations stand, which of them stay, and what is swept: `<home>/published/`.

    published/current -> generations/<id>     the pointer, replaced by one rename
    published/generations/<id>/               sealed and whole, never changed again
    published/generations/<id>.partial/       half made, or half removed: swept at the next start

A generation that somebody holds open is not removed, however old, until a later run finds it free. Holds are a shared
`flock` on its manifest (`Generation`) and DuckDB's own lock on `podium.duckdb` (any client in another process). A hold
only postpones the removal: it delays no run. Readers that take neither, such as another program on the Parquet files,
keep what they have open: on Linux and macOS a removed file lasts until its last reader closes it.
Not here: writing a generation (published.py) and reading one (generation.py).
"""

import fcntl
import shutil
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.store.durable import sync

PARTIAL = ".partial"
MANIFEST = "manifest.json"
DATABASE = "podium.duckdb"
N_KEPT = 3
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_STAMP_LENGTH = len("20260101T000000.000000Z")


def generations_of(home: Path) -> Path:
    """The directory in which the generations stand."""
    return home / "published" / "generations"


def pointer_of(home: Path) -> Path:
    """The symbolic link to the current generation."""
    return home / "published" / "current"


def sealed(home: Path) -> list[Path]:
    """The whole generations, oldest first."""
    return sorted(
        path
        for path in generations_of(home).iterdir()
        if path.is_dir() and not path.is_symlink() and not path.name.endswith(PARTIAL)
    )


def next_id(home: Path, now: datetime, random: str) -> str:
    """An id that sorts after every other, also when the clock was set back."""
    stamp = now.astimezone(UTC).strftime(_STAMP)
    newest = max((path.name for path in sealed(home)), default="")[:_STAMP_LENGTH]
    if stamp <= newest:
        stamp = (datetime.strptime(newest, _STAMP).replace(tzinfo=UTC) + timedelta(microseconds=1)).strftime(_STAMP)
    return f"{stamp}-{random}"


def sweep(home: Path) -> None:
    """Remove what a run that did not end left behind. Only under the run lock: a run at work has a half-made one too.

    A sealed generation newer than the current one never was current: its run was killed before the switch.
    """
    for path in generations_of(home).iterdir():
        if path.is_symlink():
            path.unlink()
        elif path.name.endswith(PARTIAL):
            shutil.rmtree(path)
    pointer = pointer_of(home)
    if pointer.exists():
        current = pointer.resolve().name
        for path in sealed(home):
            if path.name > current:
                _retire(path)


def prune(home: Path, n_kept: int = N_KEPT) -> list[Path]:
    """Keep the last generations, the current one, and those that somebody holds open; gives back what is left.

    `n_kept` of 0 keeps none but the current one; where none is current, none but those held open.
    """
    current = pointer_of(home).resolve().name
    for path in sealed(home)[: -n_kept or None]:
        if path.name != current:
            _retire(path)
    return sealed(home)


def clear(home: Path) -> list[Path]:
    """Remove all generations, the pointer first; gives back those that somebody holds open."""
    if not generations_of(home).exists():
        return []
    pointer_of(home).unlink(missing_ok=True)
    sync(pointer_of(home).parent)
    sweep(home)
    return prune(home, 0)


def _retire(path: Path) -> None:
    """Remove a generation unless it is held. Renamed first, so that a kill leaves no half of one under its name."""
    with ExitStack() as open_files:
        try:
            for name, lock in ((MANIFEST, fcntl.flock), (DATABASE, fcntl.lockf)):
                if (path / name).exists():
                    lock(open_files.enter_context((path / name).open("r+b")), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        leaving = path.rename(path.with_name(path.name + PARTIAL))
    shutil.rmtree(leaving)
