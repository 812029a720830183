"""What kind of log a file is, by its content. Not here: reading it."""

import json
from pathlib import Path
from typing import Any, Literal

from pipelines.game.records import RECORDS
from pipelines.sources.lines import SourceUnreadable, open_bytes

Kind = Literal["native", "clics", "csv", "parquet"]

_LOOK_BYTES = 1 << 16
_TABLE_SUFFIXES = (".csv", ".csv.gz", ".csv.zst")


def kind_of(path: Path) -> Kind:
    """Recognise a file by its first 64 KiB. Raises SourceUnreadable if there is nothing to be read."""
    if path.is_dir():
        raise SourceUnreadable(f"{path} is a folder: name the files in it, such as {path}/*.jsonl.")
    try:
        with path.open("rb") as file:
            if file.read(4) == b"PAR1":
                return "parquet"
        with open_bytes(path) as stream:
            head = stream.read(_LOOK_BYTES)
    except OSError as fault:
        raise SourceUnreadable(f"{path} cannot be read: {fault.strerror or fault}. Nothing of it was taken.") from None
    except (EOFError, ValueError) as fault:
        raise SourceUnreadable(f"{path} cannot be read: its compression is corrupt ({fault}).") from None
    lines = head.removeprefix(b"\xef\xbb\xbf").splitlines()
    if any(_is_feed(line) for line in lines[:100]):
        return "clics"
    return "csv" if _is_table(path, lines) else "native"


def _is_feed(line: bytes) -> bool:
    """An event of a contest feed: it has `data`, and a token, an operation or an id beside its type."""
    try:
        fields: Any = json.loads(line)
    except (ValueError, RecursionError):
        return False
    if not isinstance(fields, dict) or "data" not in fields or fields.get("type") in RECORDS:
        return False
    return isinstance(fields.get("type"), str) and any(name in fields for name in ("token", "op", "id"))


def _is_table(path: Path, lines: list[bytes]) -> bool:
    header = lines[0] if lines else b""
    if header.lstrip().startswith((b"{", b"[")):
        return False
    names = {cell.strip().strip(b'"') for cell in header.split(b",")}
    return path.name.lower().endswith(_TABLE_SUFFIXES) or {b"event_id", b"type"} <= names
