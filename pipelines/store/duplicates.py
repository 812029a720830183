"""Who was here before: events known already, and events that contradict one known already (SPEC section 2).

Here: the staged lines that must not become facts. Nothing is kept for it: event ids stand in the facts, and so does
their content. Ids are looked for by 64 bits of a hash, which costs little; only where such a hash is met twice are the
ids and the contents themselves looked at. Not here: whole files seen again (landing.py).
"""

import duckdb

from pipelines.game.records import RECORDS, Field, Kind
from pipelines.store import schema


def find_losers(con: duckdb.DuckDBPyConnection) -> None:
    """Make `staged_losers` (line, is_duplicate) from the stage and the facts, before the stage becomes facts.

    Of several lines with one event id the first wins, or the stored one: the others lose, as duplicates if their
    content is that of the winner, else as conflicts.
    """
    staged = " UNION ALL ".join(f"SELECT hash(event_id) AS hash FROM staged_{kind}" for kind in RECORDS)  # noqa: S608
    stored = " UNION ALL ".join(f"SELECT hash(event_id) AS hash FROM {schema.record_table(kind)}" for kind in RECORDS)  # noqa: S608
    con.execute(f"""
CREATE OR REPLACE TEMP TABLE staged_repeats AS
SELECT hash FROM ({staged}) GROUP BY hash HAVING count(*) > 1
UNION SELECT hash FROM ({stored}) SEMI JOIN ({staged}) USING (hash)
""")  # noqa: S608 - our own names
    for name, of in (("staged_twins", _staged), ("stored_twins", _stored)):
        parts = " UNION ALL ".join(
            f"SELECT event_id, {_content(kind)} AS content, line FROM ({of(kind)})"  # noqa: S608 - our own names
            for kind in RECORDS
        )
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {parts}")
    con.execute("""
CREATE OR REPLACE TEMP TABLE staged_losers AS
WITH firsts AS (
    SELECT event_id, min(line) AS line, arg_min(content, line) AS content FROM staged_twins GROUP BY event_id
)
SELECT t.line, t.content = coalesce(s.content, f.content) AS is_duplicate
FROM staged_twins t JOIN firsts f USING (event_id) LEFT JOIN stored_twins s USING (event_id)
WHERE s.event_id IS NOT NULL OR t.line > f.line
""")
    con.execute("DROP TABLE staged_repeats; DROP TABLE staged_twins; DROP TABLE stored_twins")


def forget_losers(con: duckdb.DuckDBPyConnection) -> None:
    """Give the memory back."""
    con.execute("DROP TABLE IF EXISTS staged_losers")


def _staged(kind: str) -> str:
    """The staged records of a type whose event id may be there twice."""
    return f"SELECT * FROM staged_{kind} WHERE hash(event_id) IN (FROM staged_repeats)"  # noqa: S608 - our own names


def _stored(kind: str) -> str:
    """The same of the facts, with their ids as text, as they were on the stage."""
    columns, joins = [], []
    for field in RECORDS[kind]:
        column, _ = schema.column_of(field)
        if field.name in schema.DICTIONARIES:
            columns.append(f'd_{column}.id AS "{field.name}"')
            joins.append(f'LEFT JOIN {schema.DICTIONARIES[field.name][1]} d_{column} ON d_{column}.code = r."{column}"')
        else:
            columns.append(f'r."{column}"::{schema.sql_type(field)} AS "{column}"')
    table = schema.record_table(kind)
    return f"""SELECT {", ".join(columns)}, r.extra, r.line FROM {table} r {" ".join(joins)}
        WHERE hash(r.event_id) IN (FROM staged_repeats)"""  # noqa: S608 - our own names


def _content(kind: str) -> str:
    """64 bits of the normalised content: every field between separators, texts with their lengths, null as nothing."""
    parts = [f"'{kind}'", *(_text(field) for field in RECORDS[kind]), "strlen(extra) || ':' || extra"]
    return (
        "(md5_number(concat_ws(chr(31), " + ", ".join(f"coalesce({part}, '')" for part in parts) + ")) >> 64)::UBIGINT"
    )


def _text(field: Field) -> str:
    name = f'"{field.name}"'
    if field.kind is Kind.INSTANT:
        return f"epoch_us({name})::VARCHAR"
    if field.kind is Kind.TEXT:
        return f"strlen({name}) || ':' || {name}"
    return name if field.kind in (Kind.ID, Kind.WORD) else f"{name}::VARCHAR"
