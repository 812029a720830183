"""The tables of the warehouse, derived from the input contract.

Here: which column each field becomes, the statements that create the tables, and the hashes by which a record is
known again. All instants are TIMESTAMP, naive UTC microseconds. Not here: opening the database (warehouse.py), tables
of contest feeds (feeds.py).
"""

from typing import Final

import duckdb

from pipelines.game.records import RECORDS, Field, Kind

# Ids that are few and come often are kept as integers: the column, and with an s its dictionary table.
CODED: Final = {
    "agent_id": "agent",
    "user_id": "user",
    "team_id": "team",
    "project_id": "project",
    "task_id": "task",
    "problem": "problem",
}
DICTIONARIES: Final = tuple(f"{column}s" for column in CODED.values())
RECORD_TABLES: Final = {kind: f"{kind}_records" for kind in RECORDS}

_TYPES: Final = {
    Kind.ID: "VARCHAR",
    Kind.TEXT: "VARCHAR",
    Kind.INSTANT: "TIMESTAMP",
    Kind.NUMBER: "DOUBLE",
    Kind.NUMBERS: "DOUBLE[]",
    Kind.FLAG: "BOOLEAN",
}
# What the readers use to keep the parts of a text apart: no id, word or number can hold it.
_SEPARATOR: Final = "chr(31)"

_ACCOUNTS: Final = """
CREATE TABLE IF NOT EXISTS event_keys (event_hash UHUGEINT NOT NULL, content_hash UBIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS revised_submissions (submission_id VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS ingested_files (
    file INTEGER NOT NULL, path VARCHAR NOT NULL, source VARCHAR NOT NULL, content_sha256 VARCHAR NOT NULL,
    n_bytes BIGINT NOT NULL, n_lines BIGINT NOT NULL, n_accepted BIGINT NOT NULL, n_duplicates BIGINT NOT NULL,
    n_quarantined BIGINT NOT NULL, n_blank BIGINT NOT NULL, ingested_at TIMESTAMP NOT NULL
);
CREATE TABLE IF NOT EXISTS quarantine (
    file INTEGER NOT NULL, path VARCHAR NOT NULL, line BIGINT NOT NULL, byte_offset BIGINT, raw VARCHAR NOT NULL,
    reason VARCHAR NOT NULL, sentence VARCHAR NOT NULL, ingested_at TIMESTAMP NOT NULL,
    retry_text VARCHAR  -- the record as JSON, where `raw` is none and the record may be offered again
);
"""


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make what is missing. There are no constraints: what they would check is checked when a file lands."""
    for name in DICTIONARIES:
        con.execute(f"CREATE TABLE IF NOT EXISTS {name} (code INTEGER NOT NULL, id VARCHAR NOT NULL)")
    for kind, fields in RECORDS.items():
        columns = ", ".join(f'"{column(f)}" {column_type(f)}{" NOT NULL" if f.required else ""}' for f in fields)
        con.execute(
            f"CREATE TABLE IF NOT EXISTS {RECORD_TABLES[kind]} "
            f"({columns}, extra VARCHAR, file INTEGER NOT NULL, line BIGINT NOT NULL)"
        )
    con.execute(_ACCOUNTS)


def column(field: Field) -> str:
    """The column that holds a field."""
    return CODED.get(field.name, field.name)


def column_type(field: Field) -> str:
    """The SQL type of a field's column."""
    if field.name in CODED:
        return "INTEGER"
    if field.kind is Kind.WORD:
        return "ENUM(" + ", ".join(f"'{word}'" for word in field.words) + ")"
    if field.kind is Kind.WHOLE:
        return "INTEGER" if field.high < 2**31 else "BIGINT"
    return _TYPES[field.kind]


def event_hash(event_id: str = "event_id") -> str:
    """SQL of the 128 bits by which an event id is known again, given an SQL expression of the id."""
    return f"md5_number({event_id})"


def content_hash(kind: str) -> str:
    """SQL of the hash of a staged record's content; columns are named as the fields, words are text.

    Of the text that is hashed every part can be read back: texts, which may hold anything, come last, after their
    lengths. So records of other content have other texts.
    """
    texts = [f.name for f in RECORDS[kind] if f.kind is Kind.TEXT] + ["extra"]
    parts = [f"'{kind}'"]
    parts += [_as_text(f) for f in RECORDS[kind] if f.kind is not Kind.TEXT]
    parts += [f"coalesce(strlen({name})::VARCHAR, '')" for name in texts]
    parts += [f"coalesce({name}, '')" for name in texts]
    return f"(md5_number(concat_ws({_SEPARATOR}, {', '.join(parts)})) >> 64)::UBIGINT"


def _as_text(field: Field) -> str:
    """SQL of a spelling of a value that stays the same in all versions of DuckDB; '' if it is absent."""
    name = f'"{field.name}"'
    match field.kind:
        case Kind.INSTANT:
            spelt = f"epoch_us({name})::VARCHAR"
        case Kind.NUMBER:
            spelt = f"format('{{:.17g}}', {name})"
        case Kind.NUMBERS:
            spelt = f"'[' || array_to_string(list_transform({name}, lambda x: format('{{:.17g}}', x)), ' ')"
        case _:
            spelt = f"{name}::VARCHAR"
    return spelt if field.required else f"coalesce({spelt}, '')"
