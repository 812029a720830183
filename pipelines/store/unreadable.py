"""Files that could not be read when last tried: named until they are read. Not here: reading them (landing.py)."""

import datetime as dt
from pathlib import Path
from typing import Final

import duckdb

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS unreadable_files (path VARCHAR, source VARCHAR, sentence VARCHAR, seen_at TIMESTAMP)
"""


class UnreadableFiles:
    """The account of files of which nothing could be taken: path, source, sentence, and when that was seen."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        create_unreadable_table(con)
        self._con = con
        self._paths = {path for (path,) in con.execute("SELECT path FROM unreadable_files").fetchall()}

    def note(self, path: Path, source: str, sentence: str, seen_at: dt.datetime) -> None:
        """Keep the sentence about a file, in place of an earlier one."""
        shown = _text(path)
        self._con.execute("DELETE FROM unreadable_files WHERE path = ?", [shown])
        self._con.execute("INSERT INTO unreadable_files VALUES (?, ?, ?, ?)", [shown, source, sentence, seen_at])
        self._paths.add(shown)

    def forget(self, path: Path) -> None:
        """The file was read after all."""
        shown = _text(path)
        if shown in self._paths:
            self._con.execute("DELETE FROM unreadable_files WHERE path = ?", [shown])
            self._paths.discard(shown)


def create_unreadable_table(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table where it is missing."""
    con.execute(_TABLE)


def _text(path: Path) -> str:
    """The path, even if its name is no text."""
    return str(path.absolute()).encode("utf-8", "backslashreplace").decode()
