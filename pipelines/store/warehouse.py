"""The warehouse: the DuckDB file that keeps the facts, and how it is opened.

Only the batch opens it; everybody else reads a published generation. Here: opening, locking down, transactions, and
what is asked of it as a whole. Not here: its tables (schema.py), how facts come in (landing.py) and out (buckets.py).
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from pipelines.game.faults import PodiumError
from pipelines.store.durable import disk_faults
from pipelines.store.feeds import create_feed_tables
from pipelines.store.schema import RECORD_TABLES, create_tables

FILE_NAME: Final = "warehouse.duckdb"
MEMORY_BYTES: Final = 2 << 30  # beyond this DuckDB writes to <home>/scratch
_ACCOUNTS: Final = {
    "quarantine": """
        SELECT path, line, byte_offset, reason, sentence, raw, ingested_at FROM quarantine
        ORDER BY path, line, ingested_at, file""",
    "ingested_files": "SELECT * EXCLUDE (file) FROM ingested_files ORDER BY ingested_at, path, file",
}


class WarehouseBusy(PodiumError):
    """Another process has the warehouse open."""


class WarehouseDamaged(PodiumError):
    """The warehouse file cannot be read."""


class NoWarehouse(PodiumError):
    """There is nothing to read yet."""


@dataclass(frozen=True)
class Warehouse:
    """An open warehouse. `con` is its connection; `home` the directory it lies in."""

    home: Path
    con: duckdb.DuckDBPyConnection

    @classmethod
    @contextmanager
    def open(cls, home: Path, read_only: bool = False, memory_bytes: int = MEMORY_BYTES) -> "Iterator[Warehouse]":
        """Open `<home>/warehouse.duckdb`, made if it is missing; written out and closed when the block ends.

        Raises:
            WarehouseBusy: another process holds it.
            WarehouseDamaged: it is no database, or its bytes are spoilt.
            NoWarehouse: `read_only`, and there is none.
            DiskFault: the disk is full, or the home not ours to write.
        """
        path = home / FILE_NAME
        if read_only and not path.exists():
            raise NoWarehouse(f"There is no log in {home} yet: ingest a file first (`podium ingest FILE`).")
        with disk_faults("Opening the warehouse", home):
            home.mkdir(parents=True, exist_ok=True)
            con = _connect(path, read_only)
        with disk_faults("Writing the warehouse", home):
            try:
                _lock_down(con, home, memory_bytes)
                if not read_only:
                    create_tables(con)
                    create_feed_tables(con)
                yield cls(home, con)
                if not read_only:
                    con.execute("CHECKPOINT")
            finally:
                con.close()

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """All that happens in the block, or nothing of it."""
        self.con.begin()
        try:
            yield self.con
        except BaseException:
            # After a full disk the connection is lost, and the transaction with it: the first fault is what matters.
            with _nothing_more_to_lose():
                self.con.rollback()
            raise
        self.con.commit()

    def accounts(self) -> dict[str, pl.DataFrame]:
        """The tables `quarantine` and `ingested_files` as they are published; instants naive UTC."""
        return {name: self.con.sql(query).pl() for name, query in _ACCOUNTS.items()}

    def n_records(self) -> dict[str, int]:
        """How many records of each type are stored."""
        counts = {}
        for kind, table in RECORD_TABLES.items():
            counts[kind] = int(self.con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])  # noqa: S608 - our own name
        return counts


def _connect(path: Path, read_only: bool) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), read_only=read_only)
    except duckdb.Error as fault:
        said = str(fault).partition("\n")[0]
        if "lock on file" in said:
            raise WarehouseBusy(
                f"Another process has the warehouse {path} open ({_holder(said)}). Wait until it has ended, then run "
                "again; to look at results meanwhile, read the published tables."
            ) from fault
        if path.is_file() and os.access(path, os.R_OK | (0 if read_only else os.W_OK)):
            raise WarehouseDamaged(
                f"The warehouse {path} cannot be read: {said} Put it and its .wal aside together, and ingest the raw "
                "files again into a new one; what is published stays readable."
            ) from fault
        raise


def _holder(said: str) -> str:
    """Who DuckDB says holds the lock."""
    _, found, who = said.partition("Conflicting lock is held in ")
    return who.partition(". ")[0] if found else "its name is not known"


def _lock_down(con: duckdb.DuckDBPyConnection, home: Path, memory_bytes: int) -> None:
    """Fix what must not follow the machine, and shut what nobody needs: files, downloads, frames in scope."""
    scratch = str((home / "scratch").absolute())
    available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if sys.platform != "win32" else memory_bytes
    settings: dict[str, object] = {
        "TimeZone": "UTC",
        "memory_limit": f"{min(memory_bytes, available // 2)}B",
        "temp_directory": scratch,
        "preserve_insertion_order": False,  # no order is kept in storage: all that is published is sorted
        "allowed_directories": [str(home.absolute())],
        "enable_external_access": False,
        "python_enable_replacements": False,
        "lock_configuration": True,
    }
    for name, value in settings.items():
        con.execute(f"SET GLOBAL {name} = $value", {"value": value})


@contextmanager
def _nothing_more_to_lose() -> Iterator[None]:
    try:
        yield
    except duckdb.Error:
        return
