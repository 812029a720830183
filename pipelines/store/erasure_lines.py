"""Files of lines beside the warehouse, written anew without those of an owner who is forgotten.

Here: the feed of changes, the consents that were said here, and which other files of the home name the owner. Each
file is replaced whole, in one rename. Not here: the warehouse (erasure.py).
"""

import json
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from pipelines.store.changes_feed import FILE as FEED
from pipelines.store.consent_log import consent_files
from pipelines.store.durable import disk_faults, replaced, sync
from pipelines.store.erasure_names import Name
from pipelines.store.warehouse import FILE as WAREHOUSE
from pipelines.store.warehouse import SCRATCH

_LOOKED_AT_OTHERWISE = (WAREHOUSE, SCRATCH, "published")
Line = dict[str, Any]


def forget_changes(home: Path, owner_id: str, vanished: Mapping[str, Collection[str]]) -> int:
    """Write the feed of changes anew without the lines that name the owner, or tell of who went along; how many.

    `vanished`: ids by `user`, `agent` and `team`. Other lines stay as they are, in their order.
    """
    name = Name(owner_id)
    along = [Name(found) for ids in vanished.values() for found in ids if found != owner_id]

    def is_dropped(line: Line | None, text: str) -> bool:
        if line is None:
            return name.is_in(text)
        said = [value for value in line.values() if isinstance(value, str)]
        return any(name.is_in(value) for value in said) or any(
            each.owner_id in value and each.is_whole_in(value) for each in along for value in said
        )

    return _without(home / FEED, is_dropped)


def forget_consents(home: Path, owner_id: str) -> int:
    """Write the files of consents anew without the owner's lines; how many these were. Empty files go."""

    def is_dropped(line: Line | None, text: str) -> bool:
        told = None if line is None else line.get("owner_id")
        return _as_id(told) == owner_id if isinstance(told, str) else Name(owner_id).is_in(text)

    n_dropped = 0
    for path in consent_files(home):
        n_dropped += _without(path, is_dropped)
        if path.stat().st_size == 0:
            path.unlink()
    return n_dropped


def files_that_name(home: Path, owner_id: str) -> list[Path]:
    """Files of the home, but for the warehouse and what is published, whose bytes name the owner.

    What is packed hides its text, and ids of one or two characters would be found everywhere: neither is looked for.
    """
    name = Name(owner_id)
    if name.is_short:
        return []
    return sorted(path for path in _others(home) if _names(path, name))


def _others(home: Path) -> Iterator[Path]:
    for path in home.iterdir():
        if path.name in _LOOKED_AT_OTHERWISE or path.is_symlink():
            continue
        if path.is_dir():
            yield from (found for found in path.rglob("*") if found.is_file() and not found.is_symlink())
        elif path.is_file():
            yield path


def _names(path: Path, name: Name) -> bool:
    try:
        if not path.stat().st_size:
            return False
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            return name.is_in_bytes(data)
    except OSError:  # gone since, or not ours to read
        return False


def _without(path: Path, is_dropped: Callable[[Line | None, str], bool]) -> int:
    """Write a file anew without some of its lines; how many. A last line without its end counts as one."""
    if not path.exists():
        return 0
    n_dropped = 0
    with disk_faults(f"Writing {path.name}", path.parent):
        with replaced(path) as half, path.open("rb") as file, half.open("wb") as kept:
            for raw in file:
                text = raw.decode("utf-8", "replace")
                line = _parsed(text)
                if is_dropped(line if isinstance(line, dict) else None, text):
                    n_dropped += 1
                else:
                    kept.write(raw)
            kept.flush()
        sync(path.parent)
    return n_dropped


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _as_id(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip())
