"""Tables (CSV, Parquet) as lines: each row becomes the JSON text of a record, checked like any other line.

Here: rows in a streaming way, the renaming of columns, and how a cell is spelled in JSON. Cells of numbers and flags
are written as they stand, so that the reader's strictness holds for tables too. Not here: the checks (game/events.py).
"""

import csv
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.game.records import RECORDS, Kind
from pipelines.sources.lines import SourceUnreadable, open_bytes

_BARE = (Kind.WHOLE, Kind.NUMBER, Kind.NUMBERS, Kind.FLAG)
_BARE_COLUMNS = frozenset(field.name for fields in RECORDS.values() for field in fields if field.kind in _BARE)
_ROWS = 10_000
_FIELD_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: its number (from 1, the header not counted) and place, its text, and the record or why there is none."""

    line: int
    offset: int | None
    raw: str
    json_text: str | None
    fault: str | None = None


def table_rows(path: Path, kind: str, rename: Mapping[str, str]) -> Iterator[TableRow]:
    """The rows of a CSV or Parquet file; `rename`: their column to ours. Raises SourceUnreadable."""
    return _parquet_rows(path, rename) if kind == "parquet" else _csv_rows(path, rename)


def _csv_rows(path: Path, rename: Mapping[str, str]) -> Iterator[TableRow]:
    csv.field_size_limit(_FIELD_LIMIT)
    try:
        with open_bytes(path) as stream:
            tape = _Tape(stream)
            reader = csv.reader(tape, strict=True)
            header = [rename.get(name.strip(), name.strip()) for name in next(reader, [])]
            if len(set(header)) != len(header):
                raise SourceUnreadable(f"{path}: two columns have the same name. Nothing of it was taken.")
            for number in count(1):
                offset = tape.take()[0]
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                raw = tape.take()[1].rstrip("\r\n")
                yield _csv_row(number, offset, raw, header, cells)
    except csv.Error as fault:
        raise SourceUnreadable(f"{path} is not a readable CSV file: {fault}. Nothing of it was taken.") from None
    except (OSError, EOFError, ValueError) as fault:
        raise SourceUnreadable(f"{path} cannot be read to its end ({fault}). Nothing of it was taken.") from None


class _Tape:
    """Lines of text for the CSV reader, which remembers what was read since it was last asked."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._offset = self._begin = 0
        self._held: list[str] = []

    def __iter__(self) -> "_Tape":
        return self

    def __next__(self) -> str:
        line = self._stream.readline()
        if not line:
            raise StopIteration
        text = line.decode("utf-8-sig" if self._offset == 0 else "utf-8")
        self._offset += len(line)
        self._held.append(text)
        return text

    def take(self) -> tuple[int, str]:
        """Where what was read since the last time began, and its text."""
        begin, text = self._begin, "".join(self._held)
        self._begin, self._held = self._offset, []
        return begin, text


def _csv_row(number: int, offset: int, raw: str, header: list[str], cells: list[str]) -> TableRow:
    if not cells:
        return TableRow(number, offset, raw, "")
    if len(cells) != len(header):
        fault = f"The row has {len(cells)} cells, the header {len(header)}."
        return TableRow(number, offset, raw, None, fault)
    pairs = (
        f"{json.dumps(name)}:{cell.strip() if name in _BARE_COLUMNS else json.dumps(cell)}"
        for name, cell in zip(header, cells, strict=True)
        if cell != ""
    )
    return TableRow(number, offset, raw, "{" + ",".join(pairs) + "}")


def _parquet_rows(path: Path, rename: Mapping[str, str]) -> Iterator[TableRow]:
    try:
        numbers = count(1)
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_ROWS):
                for fields in batch.to_pylist():
                    text = _json({rename.get(name, name): v for name, v in fields.items() if v is not None})
                    yield TableRow(next(numbers), None, text, text)
    except (pa.ArrowException, OSError) as fault:
        first = str(fault).splitlines()[0]
        raise SourceUnreadable(f"{path} is not a readable Parquet file: {first}. Nothing of it was taken.") from None


def _json(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, default=_spelled, separators=(",", ":"))


def _spelled(value: object) -> object:
    """Parquet's own types as JSON: instants as RFC 3339 (without an offset where they have none), others as text."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.isoformat()
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        if not value.is_finite():
            return math.nan
        return int(value) if value.as_tuple().exponent == 0 else float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value.isoformat() if isinstance(value, date) else str(value)
