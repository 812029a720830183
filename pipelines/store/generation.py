"""Reading a published generation. Not here: writing one (published.py)."""

import fcntl
import json
import os
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import polars as pl

from pipelines.game.faults import PodiumError
from pipelines.store.durable import disk_faults, sha256
from pipelines.store.shelf import MANIFEST, pointer_of

_ALWAYS = {"files", "tables"}  # what every manifest says
_LOOKS = 5  # the current generation can only leave between two looks if three runs ended in between


class NoGeneration(PodiumError):
    """There is no generation to read."""


class DamagedGeneration(PodiumError):
    """A generation whose manifest cannot be read."""


class NoSuchTable(PodiumError):
    """A table that the generation does not have."""


class Generation:
    """One published generation, held open: while this object lives, no run removes its files.

    Attributes: `id`, `path` (its directory, never the pointer) and `manifest`. Keep the object as long as lazy frames
    of it are still to be collected; `close`, the end of a `with` block or of the object lets go.
    """

    def __init__(self, path: Path, manifest: dict[str, Any], hold: int) -> None:
        self.path = path
        self.id = path.name
        self.manifest = manifest
        self._let_go = weakref.finalize(self, os.close, hold)

    @classmethod
    def open(cls, home: Path) -> Self:
        """The current generation of a home.

        Raises:
            NoGeneration: nothing is published yet.
            DamagedGeneration: its manifest cannot be read.
        """
        pointer = pointer_of(home.absolute())
        if not pointer.is_symlink():
            raise NoGeneration(f"Nothing is published in {home} yet: `podium run PATH` reads logs and publishes.")
        for look in range(_LOOKS):
            try:
                return cls.open_path(pointer.resolve())
            except NoGeneration:
                if look == _LOOKS - 1:
                    raise
        raise AssertionError("unreachable")

    @classmethod
    def open_path(cls, path: Path) -> Self:
        """The generation in a directory, whether current or older.

        Raises:
            NoGeneration: there is none.
            DamagedGeneration: its manifest cannot be read.
        """
        path = path.resolve()
        with disk_faults("Reading the manifest", path):
            try:
                hold = os.open(path / MANIFEST, os.O_RDONLY | os.O_CLOEXEC)
            except (FileNotFoundError, NotADirectoryError):
                raise _missing(path) from None
        try:
            with suppress(OSError):  # a file system without locks: then the files last as long as they are open
                fcntl.flock(hold, fcntl.LOCK_SH)
            manifest = _read_held(path, hold)
        except ValueError as fault:
            os.close(hold)
            raise DamagedGeneration(
                f"The manifest of {path} cannot be read ({fault}): `podium recompute` publishes a whole one."
            ) from fault
        except BaseException:
            os.close(hold)
            raise
        return cls(path, manifest, hold)

    def tables(self) -> list[str]:
        """The names of its tables."""
        return list(self.manifest["tables"])

    def table(self, name: str) -> pl.LazyFrame:
        """A table, read when collected, rows in the table's order.

        Raises:
            NoSuchTable: there is none of that name.
        """
        if name not in self.manifest["tables"]:
            raise NoSuchTable(f"There is no table {name!r}: the tables are {', '.join(self.tables())}.")
        return pl.scan_parquet([self.path / file for file in self.manifest["tables"][name]["files"]], glob=False)

    def damages(self) -> list[str]:
        """Sentences about files that are not as they were sealed, by size and checksum; none if all is whole."""
        return [
            f"{self.path / name} {fault}: `podium recompute --anew` publishes a whole generation."
            for name, sealed in self.manifest["files"].items()
            if (fault := _damage(self.path / name, sealed))
        ]

    def is_missing_bytes(self) -> bool:
        """Whether a file is missing or has another size than it was sealed with: a quick look, without checksums."""
        return any(
            not (self.path / name).is_file() or (self.path / name).stat().st_size != sealed["n_bytes"]
            for name, sealed in self.manifest["files"].items()
        )

    def close(self) -> None:
        """Let go of the generation. Doing so twice does no harm."""
        self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _missing(path: Path) -> NoGeneration:
    return NoGeneration(f"There is no generation at {path}: `podium recompute` publishes one again.")


def _read_held(path: Path, hold: int) -> dict[str, Any]:
    """The manifest, of which `hold` is open and locked, unless it was removed between opening and locking it."""
    try:
        now = (path / MANIFEST).stat()
        text = (path / MANIFEST).read_bytes()
    except FileNotFoundError:
        raise _missing(path) from None
    if not os.path.samestat(os.fstat(hold), now):
        raise _missing(path)
    manifest: dict[str, Any] = json.loads(text)
    if not isinstance(manifest, dict) or not manifest.keys() >= _ALWAYS:
        raise ValueError(f"it does not say {', '.join(sorted(_ALWAYS))}")
    return manifest


def _damage(path: Path, sealed: dict[str, Any]) -> str | None:
    if not path.is_file():
        return "is missing"
    if path.stat().st_size != sealed["n_bytes"] or sha256(path) != sealed["sha256"]:
        return "has been changed"
    return None
