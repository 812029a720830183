"""The stage: records of one file, checked but not yet facts, in temporary tables with their ids as text.

Here: the tables, and records that were checked one by one on their way into them. Not here: which of them are new
(duplicates.py), and the way into the facts (settling.py).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from pipelines.game.events import Record
from pipelines.game.records import RECORDS, Kind
from pipelines.store.schema import sql_type

_ARROW_TYPES = {
    Kind.INSTANT: pa.timestamp("us"),
    Kind.WHOLE: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.NUMBERS: pa.list_(pa.float64()),
    Kind.FLAG: pa.bool_(),
}
_PLACE = pa.schema({"extra": pa.string(), "line": pa.int64()})
REFUSED = pa.schema(
    {
        "line": pa.int64(),
        "byte_offset": pa.int64(),
        "raw": pa.string(),
        "reason": pa.string(),
        "sentence": pa.string(),
        "record": pa.string(),
    }
)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC, as the facts are
_ROWS_PER_BATCH = 8192

Place = tuple[int, int | None]  # line number, byte offset


def create_stage(con: duckdb.DuckDBPyConnection) -> None:
    """Make the stage, empty."""
    for kind, fields in RECORDS.items():
        columns = ", ".join(f'"{field.name}" {sql_type(field)}' for field in fields)
        con.execute(f"CREATE OR REPLACE TEMP TABLE staged_{kind} ({columns}, extra VARCHAR, line BIGINT)")


def drop_stage(con: duckdb.DuckDBPyConnection) -> None:
    """Give the stage's memory back."""
    for kind in RECORDS:
        con.execute(f"DROP TABLE IF EXISTS staged_{kind}")


def stage_plain(con: duckdb.DuckDBPyConnection, plain: Iterable[tuple[str, pa.Table]]) -> None:
    """Put typed records on the stage: tables with a type, and with `line`; columns that are not there are null."""
    by_kind: dict[str, list[pa.Table]] = {}
    for kind, records in plain:
        by_kind.setdefault(kind, []).append(records)
    for kind, parts in by_kind.items():
        rows = pa.concat_tables(parts, promote_options="default")
        insert_arrow(con, f"INSERT INTO staged_{kind} BY NAME SELECT * FROM staged_rows", rows)  # noqa: S608


def stage_records(con: duckdb.DuckDBPyConnection, records: Iterable[tuple[Record, Place]]) -> None:
    """Put checked records on the stage, each with its line number in the file."""
    by_kind: dict[str, list[dict[str, object]]] = {}
    for record, (line, _) in records:
        row = {**record.values, "extra": record.extra, "line": line}
        by_kind.setdefault(record.type, []).append(row)
    for kind, rows in by_kind.items():
        insert_arrow(con, f"INSERT INTO staged_{kind} BY NAME SELECT * FROM staged_rows", _table(kind, rows))  # noqa: S608


def insert_arrow(
    con: duckdb.DuckDBPyConnection, query: str, rows: pa.Table, values: dict[str, object] | None = None
) -> None:
    """Run a query that reads the Arrow table as `staged_rows`."""
    with lent(con, "staged_rows", rows):
        con.execute(query, values or {})


@contextmanager
def lent(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> Iterator[None]:
    """Let queries read an Arrow table under a name, for the length of the block.

    Until its transaction ends a connection keeps whatever was registered, unregistered or not: all blocks of a file
    would stay in memory. So what is registered is a loan, which keeps nothing once it is given back.
    """
    loan = _Loan(rows)
    con.register(name, loan)
    try:
        yield
    finally:
        loan.give_back()
        con.unregister(name)


class _Loan:
    """An Arrow table to be read until it is given back, in batches, so that every thread has some to read."""

    def __init__(self, rows: pa.Table) -> None:
        self._rows = pa.Table.from_batches(rows.to_batches(max_chunksize=_ROWS_PER_BATCH), rows.schema)

    def __arrow_c_schema__(self) -> object:
        return self._rows.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)

    def give_back(self) -> None:
        self._rows = self._rows.schema.empty_table()


def _table(kind: str, rows: list[dict[str, object]]) -> pa.Table:
    instants = [field.name for field in RECORDS[kind] if field.kind is Kind.INSTANT]
    for row in rows:
        for name in instants:
            if isinstance(micros := row[name], int):
                row[name] = EPOCH + timedelta(microseconds=micros)
    fields = [(field.name, _ARROW_TYPES.get(field.kind, pa.string())) for field in RECORDS[kind]]
    return pa.Table.from_pylist(rows, schema=pa.schema([*fields, *_PLACE]))
