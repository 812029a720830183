"""Questions in SQL to a published generation: read only, one statement, and nothing outside its files.

Not here: how an answer is shown (reports/).
"""

import re
import tempfile
from typing import Any

import duckdb
import polars as pl

from pipelines.game.faults import PodiumError
from pipelines.store.generation import Generation
from pipelines.store.shelf import DATABASE

Connection = duckdb.DuckDBPyConnection

_NAME = "podium"

_EXPLAIN = re.compile(r"\s*explain\s+(?:analyze\s+)?", re.IGNORECASE)
# PIVOT is the one question that DuckDB takes in several steps; COPY of one takes several, too, and could write over the
# files that views read. So such a text must begin with the question itself: remarks before it are not looked through.
_PIVOT = re.compile(r"[\s(]*(?:pivot|pivot_wider|with|from|select)\b", re.IGNORECASE)


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


def frame(generation: Generation, text: str) -> pl.DataFrame:
    """The same answer as a Polars frame; whole sums, which DuckDB makes 128 bits wide, as 64-bit integers.

    Raises:
        QueryRefused: with DuckDB's words for what is wrong, or Polars' for an answer that no frame can hold.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="podium-sql-") as scratch, _connect(generation, scratch) as con:
            answer = con.sql(_only_statement(con, text))
            found: pl.DataFrame = pl.DataFrame() if answer is None else answer.pl()
        return found.cast({pl.Decimal(38, 0): pl.Int64})
    except duckdb.Error as fault:
        raise QueryRefused(_sentence(fault)) from fault
    except pl.exceptions.PolarsError as fault:
        words = str(fault).splitlines()[0].rstrip(".")
        raise QueryRefused(f"The answer does not fit into a frame: {words}. Cast it, to VARCHAR say.") from fault


def connection(generation: Generation, scratch: str) -> Connection:
    """DuckDB with every published table under its name: for reading only, in UTC, with nothing else within its reach.

    It holds as long as `generation` is held open and the folder `scratch`, for what does not fit into memory, is there.
    Statements are not looked at: of the files that it must read, those of large tables, COPY could write over one.

    Raises:
        QueryRefused: the published database cannot be opened.
    """
    try:
        return _connect(generation, scratch)
    except duckdb.Error as fault:
        raise QueryRefused(_sentence(fault)) from fault


def _connect(generation: Generation, scratch: str) -> Connection:
    """Settings that shut the doors come last, and shut the door on settings too.

    The published file is attached to a database in memory of its own: two connections that open one file in one
    process would have to agree in every setting. Files within reach are those that views of large tables read.
    """
    con = duckdb.connect(config={"temp_directory": scratch})
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET python_enable_replacements = false")
    con.execute(f"ATTACH {_quoted(str(generation.path / DATABASE))} AS {_NAME} (READ_ONLY)")
    con.execute(f"USE {_NAME}")
    views = con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    tables = generation.manifest["tables"]
    read = [str(generation.path / file) for (name,) in views if name in tables for file in tables[name]["files"]]
    con.execute("SET allowed_paths = $1", [read])
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def _quoted(text: str) -> str:
    """A text of SQL, for ATTACH takes no parameters."""
    return "'" + text.replace("'", "''") + "'"


def _only_statement(con: duckdb.DuckDBPyConnection, text: str) -> duckdb.Statement:
    """The one statement of `text`, if it only reads: even so COPY could write into the folder that views read."""
    statement = _one(con, text)
    kind = statement.type
    if kind == duckdb.StatementType.EXPLAIN and (found := _EXPLAIN.match(text)):
        text = text[found.end() :]
        kind = _one(con, text).type
    is_pivot = kind == duckdb.StatementType.MULTI and _PIVOT.match(text)
    if kind != duckdb.StatementType.SELECT and not is_pivot:
        name = "this" if kind == duckdb.StatementType.MULTI else kind.name
        raise QueryRefused(
            f"Only questions are answered (SELECT, WITH, FROM, PIVOT, DESCRIBE, SUMMARIZE, EXPLAIN), not {name}: "
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
