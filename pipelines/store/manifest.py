"""The manifest: one row per reading of a file, with the hash of its bytes and the account of its lines.

Not here: reading files (landing.py), and the rows of transcripts, which are written many at once (transcripts.py).
"""

import datetime as dt
import hashlib
from dataclasses import astuple, dataclass
from pathlib import Path

import duckdb

from pipelines.sources.lines import SourceUnreadable
from pipelines.store.reading import Counts


@dataclass(frozen=True)
class Content:
    """A file's bytes as they lie on the disk."""

    sha256: str
    n_bytes: int

    @classmethod
    def of(cls, path: Path) -> "Content":
        """Read a file through. Raises SourceUnreadable."""
        try:
            with path.open("rb") as file:
                return cls(hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)
        except OSError as fault:
            raise SourceUnreadable(f"{path} cannot be read: {fault.strerror}. Nothing of it was taken.") from None


def may_be_known(con: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Whether a file of this very size was read before."""
    query = "SELECT count(*) FROM ingested_files WHERE n_bytes = ?"
    return path.exists() and bool(con.execute(query, [path.stat().st_size]).fetchall()[0][0])


def lines_if_known(con: duckdb.DuckDBPyConnection, content: Content) -> tuple[int, int] | None:
    """Lines and blank lines of a file whose very bytes were read before."""
    rows = con.execute(
        "SELECT n_lines, n_blank FROM ingested_files WHERE content_sha256 = ? LIMIT 1", [content.sha256]
    ).fetchall()
    return (rows[0][0], rows[0][1]) if rows else None


def account(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    kind: str,
    file: int,
    content: Content,
    counts: Counts,
    ingested_at: dt.datetime,
) -> None:
    """Write the row of a reading. Raises AssertionError if its lines are not all accounted for."""
    counts.check(path)
    row = [file, str(path), kind, content.sha256, content.n_bytes, *astuple(counts), ingested_at]
    con.execute(f"INSERT INTO ingested_files VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - question marks


def next_file(con: duckdb.DuckDBPyConnection) -> int:
    """The number of the next reading."""
    return int(con.execute("SELECT coalesce(max(file), -1) + 1 FROM ingested_files").fetchall()[0][0])
