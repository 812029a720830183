"""The landing folder: which files in it are whole, which are new, and which wait to be taken in.

Nothing in it is ever moved or changed: the files stay, as the source from which the warehouse can be rebuilt.
Not here: reading them (store/landing.py).
"""

import datetime as dt
import hashlib
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from pipelines.sources.recognise import without_companions
from pipelines.store.transcripts_files import Look

SETTLING_S = 5.0  # a file touched within these seconds is taken to be still in the writing
_UNFINISHED_SUFFIXES = {".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp", ".half"}


def settled(folder: Path, now: float, settling_s: float = SETTLING_S) -> list[Path]:
    """The logs in a folder and its subfolders that nobody seems to be writing, sorted; none if there is no folder.

    `now` in seconds since 1970. Hidden files, backups and downloads under way have names of their own and wait for
    their final one. A file dated in the future, by another machine's clock, is not kept waiting until then.
    """
    files = (path for path in folder.rglob("*") if path.is_file() and not _is_unfinished(path.relative_to(folder)))
    return sorted(path for path in without_companions(files) if abs(now - path.stat().st_mtime) >= settling_s)


def waiting(files: Iterable[Path], ingested: pl.DataFrame) -> list[Path]:
    """Those of `files` that were not taken in since they, or what tells of whom they are, were last written.

    `ingested`: path, n_bytes, ingested_at, one row per reading of a file.
    """
    known = {
        (Path(path).absolute(), n_bytes): at.replace(tzinfo=dt.UTC)
        for path, n_bytes, at in ingested.sort("ingested_at").select("path", "n_bytes", "ingested_at").iter_rows()
    }
    return [path for path in files if not _is_known(path, known)]


def mark(path: Path) -> str:
    """16 hexadecimal digits that change when a file is written again: of its path, size and time."""
    state = path.stat()
    text = f"{path}\0{state.st_size}\0{state.st_mtime_ns}"
    return hashlib.blake2b(text.encode(errors="surrogateescape"), digest_size=8).hexdigest()


def _is_known(path: Path, known: dict[tuple[Path, int], dt.datetime]) -> bool:
    look = Look.at(path)
    read_at = known.get((path.absolute(), look.size))
    written_s = max(look.mtime_ns, look.meta_ns) / 1e9
    return read_at is not None and dt.datetime.fromtimestamp(written_s, dt.UTC) <= read_at


def _is_unfinished(name: Path) -> bool:
    hidden = any(part.startswith((".", "~")) for part in name.parts)
    return hidden or name.name.endswith("~") or name.suffix.lower() in _UNFINISHED_SUFFIXES
