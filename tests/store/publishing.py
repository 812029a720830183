"""A small registry to publish in tests, and what its readers see. The real tables are tested elsewhere."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from pipelines.game.contract import DAY, FLAG, INSTANT, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.store.published import Candidate, Generation

SCORES = Table(
    name="scores",
    grain="One row per agent",
    columns=(
        Column("agent_id", TEXT, "the agent"),
        Column("points", WHOLE, "its points", low=0),
        Column("reached_at", INSTANT, "when", nullable=True),
    ),
    sort_by=("agent_id",),
)
DAYS = Table(
    name="days",
    grain="One row per day",
    columns=(Column("day", DAY, "the day"), Column("is_open", FLAG, "open"), Column("score", NUMBER, "score")),
    sort_by=("day",),
)
TABLES = {"scores": SCORES, "days": DAYS}


def scores(*rows: tuple[str, int]) -> pl.DataFrame:
    return pl.DataFrame([(*row, None) for row in rows], schema=SCORES.schema, orient="row")


def publish(home: Path, *parts: pl.DataFrame, max_copied_rows: int = 1_000_000) -> Candidate:
    with Candidate(home, TABLES, max_copied_rows=max_copied_rows) as candidate:
        for part in parts:
            candidate.write("scores", part)
        candidate.seal({"as_of": "2026-03-01"})
        candidate.publish()
    return candidate


def published(home: Path) -> list[tuple[str, int]]:
    """The scores a reader sees; everything it could look at must be whole and agree."""
    with Generation.open(home) as generation:
        assert generation.damages() == []
        rows = generation.table("scores").select("agent_id", "points").collect().rows()
        with duckdb.connect(str(generation.path / "podium.duckdb"), read_only=True) as con:
            assert con.sql("SELECT agent_id, points FROM scores").fetchall() == rows
        assert generation.manifest["tables"]["scores"]["n_rows"] == len(rows)
    return rows


def names(home: Path) -> set[str]:
    return {path.name for path in (home / "published" / "generations").iterdir()}


PRELUDE = """
import os, resource, sys
from pathlib import Path
from pipelines.game.faults import PodiumError
from pipelines.store.runlock import run_lock
from tests.store.publishing import *
home = Path(sys.argv[1])
"""


def in_subprocess(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PRELUDE + code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )


@contextmanager
def duckdb_client(database: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program with the database open read-only: it answers each query that it is given on a line."""
    code = (
        "import duckdb, sys\n"
        "con = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True)\n"
        "for line in sys.stdin: print(con.sql(line).fetchall(), flush=True)"
    )
    client = subprocess.Popen(
        [sys.executable, "-c", code, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert client.stdin is not None
    assert client.stdout is not None
    assert client.stdout.readline() == "open\n"
    yield client
    client.stdin.close()
    client.wait(timeout=10)
    client.stdout.close()


def ask(client: subprocess.Popen[str], query: str) -> str:
    assert client.stdin is not None
    assert client.stdout is not None
    print(query, file=client.stdin, flush=True)
    return client.stdout.readline().strip()
