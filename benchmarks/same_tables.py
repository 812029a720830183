"""Are two rivals' tables the same? `python benchmarks/same_tables.py FIRST OTHER` prints JSON.

Here: the same columns, the same number of rows, and the same rows whatever their order and their narrow or wide
types: sums of the rows' hashes are compared, which takes no memory; where they differ, rows that only one has are
looked for, on disk if need be. Not here: who is right.
"""

import json
import sys
from pathlib import Path

import duckdb
from rivals.default_game import TABLES

AS_NUMBER = {"TIMESTAMP": "epoch_us({})", "DATE": "{} - DATE '1970-01-01'"}
N_SHOWN = 5


def compare(first: Path, other: Path) -> tuple[dict[str, int], list[str]]:
    """Rows of the first by table, and sentences about differences: how many rows, and some that only one has."""
    n_rows, faults = {}, []
    settings = {"threads": 2, "memory_limit": "8GB", "temp_directory": str(other / "spilled")}
    with duckdb.connect(config=settings) as con:
        for table, columns in TABLES.items():
            mine, theirs = (_as_numbers(con, folder / f"{table}*.parquet", columns) for folder in (first, other))
            n_rows[table], *hashes = _totals(con, mine)
            if [n_rows[table], *hashes] != _totals(con, theirs):
                faults.append(
                    f"{table}: {n_rows[table]:,} rows in {first.name}, {_totals(con, theirs)[0]:,} in {other.name}"
                )
                faults += [f"{table}: only {first.name} has {row}" for row in _only(con, mine, theirs)]
                faults += [f"{table}: only {other.name} has {row}" for row in _only(con, theirs, mine)]
    return n_rows, faults


def _as_numbers(con: duckdb.DuckDBPyConnection, file: Path, columns: tuple[str, ...]) -> duckdb.DuckDBPyRelation:
    """The table with all its columns as whole numbers."""
    table = con.read_parquet(str(file))
    types = dict(zip(table.columns, map(str, table.types), strict=True))
    if set(types) != set(columns):
        raise SystemExit(f"{file} has the columns {sorted(types)}, not {sorted(columns)}.")
    numbers = (f"({AS_NUMBER.get(types[name], '{}').format(name)})::BIGINT AS {name}" for name in columns)
    return table.select(", ".join(numbers))


def _totals(con: duckdb.DuckDBPyConnection, table: duckdb.DuckDBPyRelation) -> list[int]:
    """Number of rows, and the sum of their hashes."""
    hashes = table.select(f"hash({', '.join(table.columns)})::HUGEINT AS hashed")
    return list(hashes.aggregate("count(*), coalesce(sum(hashed), 0)").fetchall()[0])


def _only(con: duckdb.DuckDBPyConnection, mine: duckdb.DuckDBPyRelation, theirs: duckdb.DuckDBPyRelation) -> list[str]:
    rows = con.sql(f"(FROM mine) EXCEPT ALL (FROM theirs) ORDER BY ALL LIMIT {N_SHOWN}").fetchall()
    return [str(dict(zip(mine.columns, row, strict=True))) for row in rows]


if __name__ == "__main__":
    rows, differences = compare(Path(sys.argv[1]), Path(sys.argv[2]))
    print(json.dumps({"rows": rows, "differences": differences}))
