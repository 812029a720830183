"""Files that only their owner may read: made so from the first moment, replaced whole, and refused when they are open.

Here: where secrets may lie, how they are written and read, and the sentences that a wrong place or mode earns. Not
here: what they hold (keys.py, salts.py). No sentence here tells what stands in a file.
"""

import json
import os
import shutil
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

from pipelines.game.faults import PodiumError
from pipelines.settings import ARENA_KEYS_VARIABLE
from pipelines.store.durable import half_made, replaced, sync

_OTHERS = 0o077  # the rights of everyone but the owner


class KeysFault(PodiumError):
    """The keys of the arena cannot be used as they are; the message names the file and what to do."""


def real(path: Path) -> Path:
    """The place behind all symbolic links, whether it is there or not."""
    return Path(os.path.realpath(path))


def refuse_shared_place(keys: Path, home: Path) -> None:
    """Raise KeysFault if the keys would lie where the season lies, to be copied or committed with it.

    That is the home, and the git work tree that it lies in, if any: the nearest folder above it that has a `.git`, with
    the symbolic links on the way to the home followed or not.
    """
    ways = [(place, *place.parents) for place in (real(home), home.absolute())]
    work_trees = [next((folder for folder in way if (folder / ".git").exists()), None) for way in ways]
    for place, what in ((home, "the home"), *((tree, "the git work tree of the home") for tree in work_trees)):
        if place is not None and real(keys).is_relative_to(real(place)):
            raise KeysFault(
                f"The keys of the arena may not lie in {keys}: that is inside {what}, {place}, and whoever copies or "
                f"shares it would hand on the secrets. Name a folder outside of it with {ARENA_KEYS_VARIABLE}, and "
                "move there what lies in this one."
            )


def make_folder(folder: Path, mode: int) -> None:
    """Make a folder and those above it that are missing, durably; the folder itself with the rights `mode`."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    for place in missing:
        sync(place.parent)


def make_filled_folder(folder: Path, contents: dict[str, bytes]) -> None:
    """Make a folder of private files that is there with all of them or not at all; never over one that is there."""
    half = half_made(folder)
    half.mkdir(mode=0o700)
    for name, data in contents.items():
        create_private(half / name, data)
    sync(half)
    half.rename(folder)  # fails if a folder of that name has files
    sync(folder.parent)


def sweep(path: Path) -> None:
    """Remove what a killed process left of a file or folder half made: it may hold secrets."""
    half = half_made(path)
    if half.is_dir():
        shutil.rmtree(half)
    elif half.exists():
        half.unlink()


def write_private(path: Path, data: bytes) -> None:
    """Make a private file or replace it, durably. Then the old bytes, if any, are overwritten where they lay.

    The last step is the best that can be done, not a promise: a file system that writes elsewhere (copy on write), a
    drive that moves blocks, snapshots and backups keep old bytes.
    """
    with path.open("r+b") if path.exists() else nullcontext() as old:
        sweep(path)
        with replaced(path) as half:
            create_private(half, data)
        sync(path.parent)
        if old is not None:
            old.write(bytes(os.fstat(old.fileno()).st_size))
            old.flush()
            os.fsync(old.fileno())


def create_private(path: Path, data: bytes) -> None:
    """Make a file, durably, that only its owner may read from its first byte on. Raises FileExistsError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(handle)


def read_private(path: Path) -> bytes:
    """The bytes of a file that only its owner may read, none if it is missing.

    Raises KeysFault if it cannot be read, or if others may read it.
    """
    try:
        with path.open("rb") as file:
            mode, data = os.fstat(file.fileno()).st_mode, file.read()
    except FileNotFoundError:
        return b""
    except OSError as fault:
        raise KeysFault(f"{path} cannot be read: {fault.strerror}. Mend that and run again.") from None
    if mode & _OTHERS:
        raise KeysFault(_open_to_others(path, "600"))
    return data


def refuse_open_folder(folder: Path) -> None:
    """Raise KeysFault if anyone but its owner may look into a folder, or write to it."""
    if folder.stat().st_mode & _OTHERS:
        raise KeysFault(_open_to_others(folder, "700"))


def _open_to_others(path: Path, mode: str) -> str:
    return (
        f"{path} is open to other accounts of this machine. Who reads the keys can tell whom pseudonyms stand for, and "
        f"sign in your name. Run `chmod {mode} {path}`."
    )


def parsed(data: bytes) -> Any:
    """The JSON value of some bytes, None if it is none: the parser's own fault would hold the text, so it ends here."""
    with suppress(ValueError, RecursionError):
        return json.loads(data)
    return None


def to_json(value: Any) -> bytes:
    """The bytes of a value: the same value, the same bytes."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")  # as the parser reads them
