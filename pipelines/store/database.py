"""`podium.duckdb` of a generation: every published table under its name, for any DuckDB client.

Not here: the warehouse of facts (warehouse.py), which only the batch opens.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

# DuckDB 2 writes a format by default that no older client opens; what the tables need has been there since 1.0.
READABLE_FROM = "v1.0.0"


def build_database(path: Path, copied: Mapping[str, Sequence[Path]], viewed: Mapping[str, Sequence[Path]]) -> None:
    """Write a new database: `copied` tables are held in it, `viewed` ones are views over their Parquet files.

    Closed when done, all of it in the one file: a copy beside a forgotten `.wal` would be silently stale.
    """
    with duckdb.connect(str(path), config={"storage_compatibility_version": READABLE_FROM}) as con:
        for name, files in copied.items():
            con.execute(f"CREATE TABLE {_name(name)} AS SELECT * FROM read_parquet(?)", [_paths(files)])  # noqa: S608 - quoted
        for name, files in viewed.items():
            con.execute(f"CREATE VIEW {_name(name)} AS SELECT * FROM read_parquet({_list(files)})")  # noqa: S608 - quoted
        con.execute("CHECKPOINT")
    if (wal := path.with_name(f"{path.name}.wal")).exists():
        raise RuntimeError(f"{wal} was left beside the database: it is not whole")


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _paths(files: Sequence[Path]) -> list[str]:
    """Paths as DuckDB takes them: its glob signs made literal."""
    return ["".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(file)) for file in files]


def _list(files: Sequence[Path]) -> str:
    """SQL text of a list of paths, for a view takes no parameters."""
    return "[" + ", ".join("'" + path.replace("'", "''") + "'" for path in _paths(files)) + "]"
