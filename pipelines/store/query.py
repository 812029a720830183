"""Questions in SQL to a published generation: read only, one statement, and nothing outside its files.

Not here: how an answer is shown (reports/).
"""

import re
import tempfile
from typing import Any

import duckdb

from pipelines.game.faults import PodiumError
from pipelines.store.generation import Generation
from pipelines.store.shelf import DATABASE

_EXPLAIN = re.compile(r"\s*explain\s+(?:analyze\s+)?", re.IGNORECASE)
_PIVOT = re.compile(r"\bpivot\b", re.IGNORECASE)  # the one question that DuckDB takes in several steps


class QueryRefused(PodiumError):
    """A question that is no reading of the published tables, or that DuckDB cannot answer."""


def query(generation: Generation, text: str, limit: int | None = None) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Answer one SELECT-like statement (also WITH, FROM, DESCRIBE, SUMMARIZE, SHOW, PIVOT, EXPLAIN).

    Returns the column names and at most `limit` rows. Instants come back in UTC. What may be read is the generation's
    own `podium.duckdb` and, where large tables are views, its Parquet files; nothing may be written.

    Raises:
        QueryRefused: with DuckDB's words for what is wrong.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="podium-sql-") as scratch, _connect(generation, scratch) as con:
            answer = con.execute(_only_statement(con, text))
            columns = [described[0] for described in answer.description or ()]
            return columns, answer.fetchall() if limit is None else answer.fetchmany(limit)
    except duckdb.Error as fault:
        raise QueryRefused(_sentence(fault)) from fault


def _connect(generation: Generation, scratch: str) -> duckdb.DuckDBPyConnection:
    """Settings that shut the doors come last, and shut the door on settings too."""
    con = duckdb.connect(str(generation.path / DATABASE), read_only=True, config={"temp_directory": scratch})
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET python_enable_replacements = false")
    con.execute("SET allowed_directories = $1", [[f"{generation.path}/"]])
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def _only_statement(con: duckdb.DuckDBPyConnection, text: str) -> duckdb.Statement:
    """The one statement of `text`, if it only reads: even so COPY could write into the folder that views read."""
    statement = _one(con, text)
    kind = statement.type
    if kind == duckdb.StatementType.EXPLAIN and (found := _EXPLAIN.match(text)):
        kind = _one(con, text[found.end() :]).type
    is_pivot = kind == duckdb.StatementType.MULTI and _PIVOT.search(text)
    if kind != duckdb.StatementType.SELECT and not is_pivot:
        raise QueryRefused(
            f"Only questions are answered (SELECT, WITH, FROM, DESCRIBE, SUMMARIZE, EXPLAIN), not {kind.name}: "
            "what is published is never changed."
        )
    return statement


def _one(con: duckdb.DuckDBPyConnection, text: str) -> duckdb.Statement:
    statements = con.extract_statements(text)
    if len(statements) != 1:
        raise QueryRefused(f"One statement at a time is answered, and this is {len(statements) or 'none'}.")
    return statements[0]


def _sentence(fault: duckdb.Error) -> str:
    """DuckDB's message without its drawing of the place and its hints for programmers, as one sentence."""
    words = [line.strip() for line in str(fault).splitlines()]
    kept = []
    for line in words:
        if line.startswith(("LINE ", "Stack Trace")):
            break
        if line:
            kept.append(line)
    return f"The question cannot be answered: {' '.join(kept).rstrip('.')}."
