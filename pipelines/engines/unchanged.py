"""Nothing to do: when what is published is what a recomputation would publish again.

A generation is a function of the facts, the rules, the instant, the program and the place. Each leaves a mark in the
manifest; if all are as they were, and so are the files, nothing can have changed. Facts are known by their file:
whoever writes to the warehouse changes its size or its time, and a write not yet moved into it stands in a `.wal`
beside it. A mark that differs for no reason costs a recomputation, nothing else.
"""

import datetime as dt
import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipelines.game.rules import Rulebook
from pipelines.store.generation import DamagedGeneration, Generation, NoGeneration
from pipelines.store.warehouse import FILE

PACKAGE = Path(__file__).parents[1]


def made_from(home: Path, rules: Rulebook, asked_as_of: dt.datetime | None) -> dict[str, Any]:
    """The marks of everything that a generation made now would be a function of. `asked_as_of`: None for the latest."""
    return {
        "home": str(home.absolute()),  # large tables are views in podium.duckdb over files there
        "facts": _facts(home),
        "rulebook": rules.fingerprint,
        "asked_as_of": asked_as_of and asked_as_of.isoformat(timespec="microseconds"),
        "program": program(),
        "versions": {name: _version(name) for name in ("podium", "polars", "duckdb", "pyarrow", "tzdata")},
        "python": platform.python_version(),
    }


def still_current(home: Path, rules: Rulebook, asked_as_of: dt.datetime | None) -> Generation | None:
    """The current generation, if a recomputation would publish the same again; else None."""
    marks = made_from(home, rules, asked_as_of)
    if marks["facts"] is None:
        return None
    try:
        generation = Generation.open(home)
    except (NoGeneration, DamagedGeneration):
        return None
    if generation.manifest.get("made_from") == marks and not generation.is_missing_bytes():
        return generation
    generation.close()
    return None


def _version(package: str) -> str | None:
    """The version of a package; None where it is not installed, as tzdata where the system has zones."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _facts(home: Path) -> list[int] | None:
    """Size and time of the warehouse; None if it is not all in its one file, or not there."""
    try:
        if (home / f"{FILE}.wal").exists():
            return None
        held = (home / FILE).stat()
    except OSError:
        return None
    return [held.st_size, held.st_mtime_ns]


def program() -> str:
    """A hash of the program's own files, so that another program is never taken for the one that published."""
    return _PROGRAM


def _hash_of_package() -> str:
    digest = hashlib.sha256()
    for file in sorted(path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".toml")):
        digest.update(f"{file.relative_to(PACKAGE)}\n{file.stat().st_size}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


_PROGRAM = _hash_of_package()  # when it is loaded: the files may be replaced while it runs
