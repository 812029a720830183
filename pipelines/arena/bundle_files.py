"""The files of a bundle's folder, read as a stranger's: no link is followed, nothing but plain files is opened.

Not here: what must be in them (verify.py).
"""

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.game.refusals import shown

_MAX_DEPTH = 8  # folders in folders that are looked through: the format has one


def found_in(folder: Path) -> tuple[dict[str, int], list[str]]:
    """Sizes in bytes of all plain files below a folder by their path in it, and sentences about all else."""
    sizes: dict[str, int] = {}
    faults: list[str] = []
    waiting = [("", folder, 0)]
    while waiting:
        before, place, depth = waiting.pop()
        with os.scandir(place) as entries:
            held = sorted(entries, key=lambda found: found.name)
            if before and not held:
                faults.append(f"{shown(before)} is an empty folder, and a bundle has none.")
            for entry in held:
                path = f"{before}{entry.name}"
                if entry.is_dir(follow_symlinks=False) and depth < _MAX_DEPTH:
                    waiting.append((f"{path}/", place / entry.name, depth + 1))
                elif entry.is_file(follow_symlinks=False):
                    sizes[path] = entry.stat(follow_symlinks=False).st_size
                else:
                    what = "a symbolic link" if entry.is_symlink() else "no plain file"
                    faults.append(f"{shown(path)} is {what}, and only plain files make a bundle.")
    return sizes, faults


def read_file(path: Path, most: int) -> bytes | None:
    """A file's bytes; null if there are more than `most`. Raises OSError."""
    with _opened(path) as file:
        data = file.read(most + 1)
    return data if len(data) <= most else None


def checksum(path: Path) -> str:
    """The SHA-256 of a file of any size, in hexadecimal. Raises OSError."""
    with _opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[io.BufferedReader]:
    """A plain file, opened without following a link in its last step and without waiting for a pipe's other end."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(0, "it is no plain file", str(path))
    with open(handle, "rb") as file:  # noqa: PTH123 - of a handle, not of a path
        yield file
