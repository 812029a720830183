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
PART_BYTES = 32 << 20  # of quarantine, whose lines may have a MiB each
MEMORY_LIMIT = "2GB"  # for DuckDB; what does not fit goes to the scratch folder

# what DuckDB says where the bytes of its file are not what it wrote
_DAMAGE = (duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)


class WarehouseBusy(PodiumError):
    """Another process has the warehouse open."""


class NotEnoughMemory(PodiumError):
    """Neither memory nor scratch space suffices."""


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
        if "?" in str(home):
            raise WarehouseDamaged(f"The home {home} has a `?` in its path, which DuckDB mistakes: choose another.")
        with disk_faults("Opening the warehouse", home):
            (home / SCRATCH).mkdir(parents=True, exist_ok=True)
        con = _connect(home)
        try:
            _configure(con, home)
            yield cls(home, con)
        except _DAMAGE as fault:
            raise _damaged(home, fault) from fault
        except duckdb.OutOfMemoryException as fault:
            raise NotEnoughMemory(
                f"The warehouse needs more than {MEMORY_LIMIT} of memory and the room there is in {home / SCRATCH}: "
                "make room and run again. Nothing was taken, and what is published stays whole."
            ) from fault
        finally:
            con.close()

    def ingested_files(self) -> pl.DataFrame:
        """The readings of files, in the order of the published table; instants naive UTC."""
        frame: pl.DataFrame = self.con.sql("SELECT * FROM ingested_files ORDER BY ingested_at, path, file").pl()
        return frame

    def quarantine(self) -> Iterator[pl.DataFrame]:
        """The refused lines, in the order of the published table, in parts of bounded size; instants naive UTC."""
        order = "path, line, ingested_at, file"
        size = f"sum(strlen(raw) + 200) OVER (ORDER BY {order} ROWS UNBOUNDED PRECEDING)"
        self.con.execute(f"""
            CREATE OR REPLACE TEMP TABLE quarantine_parts AS
            SELECT rowid AS row, ({size} // {PART_BYTES})::INTEGER AS part FROM quarantine""")  # noqa: S608 - our own
        parts = self.con.execute("SELECT DISTINCT part FROM quarantine_parts ORDER BY part").fetchall()
        for (part,) in parts:
            yield self.con.sql(
                f"""SELECT q.* FROM quarantine q SEMI JOIN (FROM quarantine_parts WHERE part = $part) p
                ON q.rowid = p.row ORDER BY {order}""",  # noqa: S608 - our own
                params={"part": part},
            ).pl()

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
    con.execute("SET arrow_output_version = '1.4'")  # texts as views, which Polars takes as they are
    con.execute("SET temp_directory = '" + str(home / SCRATCH).replace("'", "''") + "'")
    if not con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'ingested_files'").fetchall()[0][0]:
        con.begin()
        for statement in schema.statements():
            con.execute(statement)
        con.commit()
    con.execute("SET python_enable_replacements = false")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
