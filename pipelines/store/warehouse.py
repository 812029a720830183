"""The warehouse: one DuckDB file of facts, opened by one batch at a time and by nobody else.

Here: opening, settings, and the sentences for what can go wrong with the file. Not here: its tables (schema.py), what
comes in (landing.py) and out (buckets.py).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines.game.faults import PodiumError
from pipelines.game.records import RECORDS
from pipelines.store import schema
from pipelines.store.durable import disk_faults

FILE = "warehouse.duckdb"
SCRATCH = "scratch"
MEMORY_LIMIT = "2GB"  # for DuckDB; what does not fit goes to the scratch folder

# what DuckDB says where the bytes of its file are not what it wrote
_DAMAGE = (duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)


class WarehouseBusy(PodiumError):
    """Another process has the warehouse open."""


class WarehouseDamaged(PodiumError):
    """The warehouse's file cannot be used."""


@dataclass(frozen=True)
class Warehouse:
    """An open warehouse. Use `with Warehouse.open(home) as warehouse`."""

    home: Path
    con: duckdb.DuckDBPyConnection

    @classmethod
    @contextmanager
    def open(cls, home: Path) -> Iterator["Warehouse"]:
        """The warehouse of a home, made if there is none; closed (and so checkpointed) at the end of the block.

        Raises:
            WarehouseBusy: another process has it open.
            WarehouseDamaged: DuckDB cannot read it.
            DiskFault: the home cannot be written, or the disk is full.
        """
        home = home.absolute()
        with disk_faults("Opening the warehouse", home):
            (home / SCRATCH).mkdir(parents=True, exist_ok=True)
        con = _connect(home)
        try:
            _configure(con, home)
            yield cls(home, con)
        except _DAMAGE as fault:
            raise _damaged(home, fault) from fault
        finally:
            con.close()

    def accounts(self) -> dict[str, pl.DataFrame]:
        """The published tables `quarantine` and `ingested_files`, instants naive UTC."""
        return {
            "quarantine": self.con.sql("SELECT * FROM quarantine ORDER BY path, line, ingested_at, file").pl(),
            "ingested_files": self.con.sql("SELECT * FROM ingested_files ORDER BY ingested_at, path, file").pl(),
        }

    def n_records(self) -> dict[str, int]:
        """How many records of each type are stored."""
        counted = {}
        for kind in RECORDS:
            query = f"SELECT count(*) FROM {schema.record_table(kind)}"  # noqa: S608 - our own name
            counted[kind] = int(self.con.execute(query).fetchall()[0][0])
        return counted


def _connect(home: Path) -> duckdb.DuckDBPyConnection:
    path = home / FILE
    try:
        return duckdb.connect(str(path))
    except duckdb.Error as fault:
        text = str(fault)
        if "lock on file" in text:
            raise WarehouseBusy(
                f"The warehouse {path} is open in another process. Wait until that run has ended, then run again; "
                "readers should open the published generation instead."
            ) from fault
        if isinstance(fault, duckdb.IOException) and not os.access(home, os.W_OK):
            raise WarehouseDamaged(f"The warehouse {path} cannot be written: you have no right to.") from fault
        raise _damaged(home, fault) from fault


def _damaged(home: Path, fault: duckdb.Error) -> WarehouseDamaged:
    first = str(fault).splitlines()[0]
    return WarehouseDamaged(
        f"The warehouse {home / FILE} cannot be read ({first}). Move it and its .wal aside together, never delete a "
        ".wal alone, and ingest the logs again. What is published stays whole."
    )


def _configure(con: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Fixed behaviour on every machine, and no way out of the home for any SQL."""
    con.execute("SET TimeZone = 'UTC'")
    con.execute(f"SET threads = {max(os.cpu_count() or 1, 2)}")
    con.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    con.execute("SET preserve_insertion_order = false")
    con.execute("SET enable_progress_bar = false")
    con.execute("SET temp_directory = '" + str(home / SCRATCH).replace("'", "''") + "'")
    if not con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'event_keys'").fetchall()[0][0]:
        con.begin()
        for statement in schema.statements():
            con.execute(statement)
        con.commit()
    con.execute("SET python_enable_replacements = false")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
