"""Publishing: a generation is made beside the others, checked, synced, and made current by one rename.

Killed at any moment, readers see the old generation or the new one, whole. Not here: where generations stand and which
stay (shelf.py), reading (generation.py), the run lock (runlock.py), under which all of this happens.
"""

import json
import secrets
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import polars as pl

from pipelines.game.contract import ContractBroken, Table
from pipelines.store.database import build_database
from pipelines.store.durable import disk_faults, replaced, sha256, sync
from pipelines.store.generation import DamagedGeneration, Generation, NoGeneration, NoSuchTable
from pipelines.store.shelf import DATABASE, MANIFEST, PARTIAL, generations_of, next_id, pointer_of, prune, sweep

__all__ = ["Candidate", "ContractBroken", "DamagedGeneration", "Generation", "NoGeneration", "NoSuchTable"]

MAX_COPIED_ROWS = 100_000  # larger tables are views in podium.duckdb, so that their bytes stand on the disk once


class Candidate:
    """A generation in the making: `write` every part of every table, `seal`, `publish`. Needs the run lock.

    As a context manager it removes itself when the block ends before `seal` has succeeded, so that a full disk has
    its space back; what a killed process leaves is swept when the next candidate begins.
    """

    def __init__(self, home: Path, tables: Mapping[str, Table], *, max_copied_rows: int = MAX_COPIED_ROWS) -> None:
        self._home = home.absolute()
        self._tables = tables
        self._max_copied_rows = max_copied_rows
        self._files: dict[str, dict[str, Any]] = {}
        self._parts: dict[str, list[tuple[Path, int]]] = {name: [] for name in tables}
        self._last_keys: dict[str, pl.DataFrame] = {}
        self._is_sealed = self._is_spoilt = False
        with disk_faults("Beginning a generation", self._home):
            generations_of(self._home).mkdir(parents=True, exist_ok=True)
            sweep(self._home)
            self.created_at = datetime.now(UTC)
            self.id = next_id(self._home, self.created_at, secrets.token_hex(2))
            self.path = generations_of(self._home) / (self.id + PARTIAL)
            self.path.mkdir()

    def write(self, table: str, frame: pl.DataFrame) -> None:
        """Add rows to a table: the whole of it, or one of its parts, given in order. Columns in the contract's order.

        Each part is checked and written on its own, so memory holds one part. An empty frame is checked and adds
        no file.

        Raises:
            ContractBroken: the rows do not keep the table's contract, or begin before the last row of the part before.
            DiskFault: the disk is full or not ours to write.
        """
        self._must(not self._is_sealed, "is sealed")
        try:
            self._write(table, frame)
        except BaseException:
            self._is_spoilt = True  # a candidate without this part must not be sealed, whatever is written after it
            raise

    def _write(self, table: str, frame: pl.DataFrame) -> None:
        if table not in self._tables:
            raise ContractBroken(f"{table} is not one of the published tables: {', '.join(self._tables)}.")
        _check_contract(self._tables[table], frame)
        if not frame.is_empty():
            self._check_border(self._tables[table], frame)
            self._write_part(table, frame)

    def written(self, table: str) -> pl.LazyFrame:
        """The rows of a table so far, read when collected, before the candidate is sealed."""
        self._must(not self._is_sealed, "is sealed")
        files = [file for file, _ in self._parts[table]]
        return pl.scan_parquet(files, glob=False) if files else self._tables[table].empty().lazy()

    def seal(self, manifest: Mapping[str, Any]) -> None:
        """Finish the files, write `podium.duckdb` and the manifest, sync all, and give the generation its name.

        `manifest` says where the numbers come from; `generation`, `created_at`, `tables` and `files` are added here.

        Raises:
            DiskFault: the disk is full or not ours to write.
        """
        self._must(not self._is_sealed, "is sealed")
        self._must(not self._is_spoilt, "lacks a part that could not be written")
        for name, table in self._tables.items():
            if not self._parts[name]:
                self._write_part(name, table.empty())
        with disk_faults("Sealing a generation", self._home):
            self._build_database()
            with replaced(self.path / MANIFEST) as half:
                half.write_text(json.dumps({**manifest, **self._own_manifest()}, indent=1, allow_nan=False) + "\n")
            for folder in {file.parent for parts in self._parts.values() for file, _ in parts} | {self.path}:
                sync(folder)
            self.path = self.path.rename(generations_of(self._home) / self.id)
            sync(self.path.parent)
        self._is_sealed = True

    def publish(self) -> None:
        """Make the sealed generation current, in one rename; then remove those older than the last three.

        Raises:
            DiskFault: the pointer could not be switched, or an old generation not be removed.
        """
        self._must(self._is_sealed, "is not sealed")
        pointer = pointer_of(self._home)
        with disk_faults("Switching to the new generation", self._home):
            new = pointer.with_name(".current.new")
            new.unlink(missing_ok=True)
            new.symlink_to(self.path.relative_to(pointer.parent))
            new.replace(pointer)
            sync(pointer.parent)
        with disk_faults("Removing old generations", self._home):
            prune(self._home)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._is_sealed:
            shutil.rmtree(self.path, ignore_errors=True)  # what stays is swept at the next start

    def _must(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise RuntimeError(f"generation {self.id} {otherwise}")

    def _check_border(self, table: Table, frame: pl.DataFrame) -> None:
        """Parts follow one another in the table's order (their inner order is left to whoever sorted them)."""
        keys = frame.select(table.sort_by)
        if table.name in self._last_keys:
            border = pl.concat([self._last_keys[table.name], keys.head(1)])
            if not border.equals(border.sort(table.sort_by, maintain_order=True)):
                raise ContractBroken(
                    f"{table.name} is not in the order of {', '.join(table.sort_by)}: {border.rows()}."
                )
        self._last_keys[table.name] = keys.tail(1)

    def _write_part(self, table: str, frame: pl.DataFrame) -> None:
        with disk_faults(f"Writing {table}", self._home):
            if len(self._parts[table]) == 1:
                self._begin_folder(table)
            parts = self._parts[table]
            single = self.path / f"{table}.parquet"
            file = self.path / table / f"part-{len(parts):05}.parquet" if parts else single
            with replaced(file) as half:
                frame.write_parquet(half, compression="zstd", compression_level=1, statistics=True)
            parts.append((file, frame.height))
            self._note(file)

    def _begin_folder(self, table: str) -> None:
        """A second part: the first moves into the table's folder."""
        (first, n_rows) = self._parts[table][0]
        folder = self.path / table
        folder.mkdir()
        self._parts[table] = [(first.rename(folder / "part-00000.parquet"), n_rows)]
        self._files[f"{table}/part-00000.parquet"] = self._files.pop(first.name)

    def _build_database(self) -> None:
        """Small tables are held in `podium.duckdb`; large ones are views over the files under their final names.

        DuckDB looks at a view's files when the view is made: for that moment a link stands in for the final name.
        """
        copied = {name: [file for file, _ in parts] for name, parts in self._parts.items() if self._fits(name)}
        final = generations_of(self._home) / self.id
        viewed = {
            name: [final / file.relative_to(self.path) for file, _ in parts]
            for name, parts in self._parts.items()
            if not self._fits(name)
        }
        final.symlink_to(self.path.name)
        try:
            with replaced(self.path / DATABASE) as half:
                build_database(half, copied, viewed)
        finally:
            final.unlink()
        self._note(self.path / DATABASE)

    def _fits(self, table: str) -> bool:
        return sum(n_rows for _, n_rows in self._parts[table]) <= self._max_copied_rows

    def _note(self, file: Path) -> None:
        name = file.relative_to(self.path).as_posix()
        self._files[name] = {"n_bytes": file.stat().st_size, "sha256": sha256(file)}

    def _own_manifest(self) -> dict[str, Any]:
        tables = {
            name: {
                "n_rows": sum(n_rows for _, n_rows in parts),
                "files": [file.relative_to(self.path).as_posix() for file, _ in parts],
            }
            for name, parts in self._parts.items()
        }
        return {
            "generation": self.id,
            "created_at": self.created_at.isoformat(),
            "tables": tables,
            "files": self._files,
        }


def _check_contract(table: Table, frame: pl.DataFrame) -> None:
    """Collected frames only: of a lazy one pandera checks nothing but the types. It is asked for the faults alone."""
    if table.is_kept_by(frame):
        return
    model = table.model
    from pandera.errors import SchemaError, SchemaErrors  # two seconds, and already paid for by the model

    try:
        model.validate(frame, lazy=True)
    except (SchemaError, SchemaErrors) as broken:
        raise ContractBroken(_sentence(table.name, broken.failure_cases)) from broken


def _sentence(table: str, cases: Any) -> str:  # pandera gives a frame, or in some faults of the schema a text
    if not isinstance(cases, pl.DataFrame):
        return f"{table} breaks its contract, and nothing was published: {cases}."
    first = cases.row(0, named=True)
    column = "" if first["column"] in (None, table) else f"column {first['column']}, "
    row = "" if first["index"] is None else f" in row {first['index']} of the part"
    others = f", and {cases.height - 1} more" if cases.height > 1 else ""
    return (
        f"{table} breaks its contract, and nothing was published: {column}"
        f"check {first['check']}, found {first['failure_case']!r}{row}{others}."
    )
