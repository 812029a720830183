"""Who was here before: events known already, and events that contradict one known already (SPEC section 2).

Here: hashes of event ids and of contents, and the staged lines that must not become facts. An event id is known by
128 bits of its MD5, its content by 64: they find repeats, they guard no secret. Not here: whole files seen again
(landing.py).
"""

import duckdb

from pipelines.game.records import RECORDS, Field, Kind


def find_losers(con: duckdb.DuckDBPyConnection) -> None:
    """Make `staged_keys` and `staged_losers` (line, is_duplicate) from the stage and the stored keys.

    Of several lines with one event id the first wins, or the stored one: the others lose, as duplicates if their
    content is that of the winner, else as conflicts.
    """
    parts = " UNION ALL ".join(
        f"SELECT md5_number(event_id) AS event_hash, {_content(kind)} AS content_hash, line FROM staged_{kind}"  # noqa: S608
        for kind in RECORDS
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE staged_keys AS {parts}")
    con.execute("""
CREATE OR REPLACE TEMP TABLE staged_losers AS
WITH stored AS (SELECT event_hash, content_hash FROM event_keys SEMI JOIN staged_keys USING (event_hash)),
firsts AS (
    SELECT event_hash, min(line) AS line, arg_min(content_hash, line) AS content_hash
    FROM staged_keys GROUP BY event_hash HAVING count(*) > 1
)
SELECT k.line, k.content_hash = coalesce(s.content_hash, f.content_hash) AS is_duplicate
FROM staged_keys k LEFT JOIN stored s USING (event_hash) LEFT JOIN firsts f USING (event_hash)
WHERE s.event_hash IS NOT NULL OR k.line > f.line
""")


def keep_keys(con: duckdb.DuckDBPyConnection) -> None:
    """Remember the events of the stage that become facts."""
    con.execute(
        "INSERT INTO event_keys SELECT event_hash, content_hash FROM staged_keys ANTI JOIN staged_losers USING (line)"
    )


def drop_keys(con: duckdb.DuckDBPyConnection) -> None:
    """Give the memory back."""
    con.execute("DROP TABLE IF EXISTS staged_keys")
    con.execute("DROP TABLE IF EXISTS staged_losers")


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
