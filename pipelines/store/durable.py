"""Bytes that stay: fsync, rename into place, checksums, and a sentence where the disk says no.

Not here: what is written (published.py, database.py), and the warehouse, whose durability is DuckDB's own.
"""

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from pipelines.game.faults import PodiumError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


class DiskFault(PodiumError):
    """The disk would not do what was asked: full, not ours to write, or broken."""


@contextmanager
def disk_faults(doing: str, place: Path) -> Iterator[None]:
    """Turn what the system, Polars or DuckDB say about the disk into one sentence; other faults pass as they are.

    `doing` begins the sentence: "Writing streaks".
    """
    try:
        yield
    except (OSError, pl.exceptions.PolarsError, duckdb.Error) as fault:
        number = _errno(fault)
        if number is None and not isinstance(fault, duckdb.IOException):
            raise
        raise DiskFault(_sentence(number, doing, place, fault)) from fault


def _errno(fault: Exception) -> int | None:
    """The system's error number: Polars and DuckDB only have it, or its words, in their text."""
    if isinstance(fault, OSError):
        return fault.errno
    text = str(fault)
    if named := re.search(r"\(os error (\d+)\)", text):
        return int(named[1])
    return next((number for number in sorted(_FULL | _FORBIDDEN) if os.strerror(number) in text), None)


def _sentence(number: int | None, doing: str, place: Path, fault: Exception) -> str:
    if number in _FULL:
        cause, remedy = "the disk is full, or a file may not grow further", "Free some space and run again."
    elif number in _FORBIDDEN:
        cause, remedy = "it may not be written to", "Give yourself the right to write there, or choose another place."
    else:
        first_line = str(fault).partition("\n")[0]
        cause, remedy = os.strerror(number) if number else first_line, "Mend that and run again."
    return f"{doing} under {place} failed: {cause}. {remedy} What is published stays whole."


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a directory's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def half_made(path: Path) -> Path:
    """The name under which a file or folder is made before it takes its own: what a killed process may leave."""
    return path.with_name(f".{path.name}.half")


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; when the block ends well, its bytes are synced and it takes the name.

    The directory is synced by whoever needs the name to last. A block that fails leaves the half-made file.
    """
    half = half_made(path)
    yield half
    sync(half)
    half.replace(path)


def sha256(path: Path) -> str:
    """The checksum of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
