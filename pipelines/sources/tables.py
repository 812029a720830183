"""Tables (CSV, Parquet) as lines: each row becomes the JSON text of a record, to be checked like any other line.

Here: rows of CSV in a streaming way, the renaming of columns, and how a cell is spelled in JSON. Cells of numbers and
flags are written as they stand, so that the checks are as strict for tables as for NDJSON. Not here: the checks
(game/events.py), Parquet (`parquet_rows.py`).
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipelines.game.records import MAX_LINE_BYTES, RECORDS, Kind, Reason
from pipelines.game.refusals import too_long
from pipelines.sources.lines import SourceUnreadable, read_blocks

_DELIMITERS: Final = (",", ";", "\t")
_KINDS: Final = {field.name: field.kind for fields in RECORDS.values() for field in fields}
_NUMBER: Final = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_BARE: Final = {  # cells that are JSON as they stand; nothing else may be, or a cell could smuggle in fields
    Kind.WHOLE: re.compile(_NUMBER),
    Kind.NUMBER: re.compile(_NUMBER),
    Kind.NUMBERS: re.compile(rf"\[ *(?:{_NUMBER}(?: *, *{_NUMBER})*)? *\]"),
    Kind.FLAG: re.compile("true|false", re.IGNORECASE),  # CSV has no flags of its own: True and TRUE are usual
}
json_text: Final = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row and the record that it spells.

    line: of CSV the number of the row's first line in the file (the header stands on 1), of Parquet that of the row;
    offset: byte offset in the decompressed file, None in Parquet; raw: the row's text; json_text: the record, `""` for
    a blank row, None if there is none: then `fault` is a sentence that says why, and `reason` its reason.
    """

    line: int
    offset: int | None
    raw: str
    json_text: str | None
    fault: str | None = None
    reason: Reason = Reason.NOT_AN_OBJECT


def table_rows(path: Path, kind: str, rename: Mapping[str, str]) -> Iterator[TableRow]:
    """The rows of a CSV or Parquet file. `rename`: their names of columns to ours. Raises SourceUnreadable."""
    if kind == "parquet":
        from pipelines.sources.parquet_rows import parquet_lines  # pyarrow takes long to load

        return parquet_lines(path, rename)
    return csv_lines(path, rename)


def column_names(path: Path, theirs: Sequence[str], rename: Mapping[str, str]) -> list[str]:
    """Our names of a table's columns. Raises SourceUnreadable if two columns have the same."""
    ours = [rename.get(name, name) for name in theirs]
    twice = [name for name, n in Counter(ours).items() if n > 1]
    if twice:
        raise SourceUnreadable(
            f"{path} has more than one column named '{twice[0]}', after renaming: name each once. "
            "Nothing of it was taken."
        )
    return ours


def csv_lines(path: Path, rename: Mapping[str, str]) -> Iterator[TableRow]:
    """The rows of a CSV file (RFC 4180, plain or compressed; comma, semicolon or tab), in bounded memory.

    An empty cell is an absent field. A row that cannot be read costs its first line: reading goes on with the next.
    Raises SourceUnreadable.
    """
    csv.field_size_limit(2 * MAX_LINE_BYTES)  # what is too long is told by `_Tape`, with its line
    tape = _Tape(path)
    header, delimiter = _header(path, tape)
    names = column_names(path, header, rename)
    keys = [(f"{json_text(name)}:", _BARE.get(_KINDS.get(name, Kind.TEXT))) for name in names]
    reader = csv.reader(tape, strict=True, delimiter=delimiter)
    while True:
        tape.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLong) as fault:
            yield _unreadable_row(tape.keep_first(), fault)
            reader = csv.reader(tape, strict=True, delimiter=delimiter)
            continue
        yield _row(tape.row(), keys, cells)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    offset: int
    content: bytes
    size: int  # of an oversized line greater than its content, which is but the beginning


class _TooLong(Exception):
    """The row is over the limit: a line is, or a quote is never closed."""


class _Tape:
    """Lines of text for the CSV reader, which remembers those of the row at hand and can be wound back."""

    def __init__(self, path: Path) -> None:
        self._lines = self._read(path)
        self._again: list[_Line] = []  # wound back: the next one last
        self._held: list[_Line] = []
        self._size = 0

    @staticmethod
    def _read(path: Path) -> Iterator[_Line]:
        for block in read_blocks(path):
            for number, offset, content in block.lines():
                yield _Line(number, offset, content, len(content))
            for number, offset, size, head in block.oversized:
                yield _Line(number, offset, head, size)

    def __iter__(self) -> "_Tape":
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._lines)
        self._held.append(line)
        self._size += line.size
        if self._size > MAX_LINE_BYTES + 1:  # the newline is not counted
            raise _TooLong
        return line.content.decode("utf-8", "surrogateescape")

    def begin(self) -> None:
        """A new row begins."""
        self._held, self._size = [], 0

    def row(self) -> list[_Line]:
        """The lines of the row."""
        return self._held

    def keep_first(self) -> _Line:
        """The first line of the row; the others are wound back, to be read again as rows of their own."""
        self._again += reversed(self._held[1:])
        return self._held[0]


def _header(path: Path, tape: _Tape) -> tuple[list[str], str]:
    """The names of the columns, and the delimiter: the one that makes the most of the first line."""
    what = "its first line holds none"
    try:
        first = next((text for text in tape if text.strip()), "")
        first.encode()
        delimiter = max(_DELIMITERS, key=first.count)
        names = [name.strip() for name in next(csv.reader([first], strict=True, delimiter=delimiter), [])]
        if any(names):
            return names, delimiter
    except _TooLong:
        what = f"its first line has more than {MAX_LINE_BYTES} bytes"
    except UnicodeEncodeError:
        what = "its first line is not UTF-8"
    except csv.Error as fault:
        what = str(fault)
    raise SourceUnreadable(f"{path} has no CSV header with the names of columns: {what}. Nothing of it was taken.")


def _unreadable_row(line: _Line, fault: Exception) -> TableRow:
    raw = line.content.decode("utf-8", "backslashreplace").rstrip("\r\n")
    if line.size > MAX_LINE_BYTES + 1:
        return TableRow(line.number, line.offset, raw, None, too_long("row", line.size), Reason.OVERSIZED)
    what = "a quote is opened and not closed" if isinstance(fault, _TooLong) else fault
    return TableRow(line.number, line.offset, raw, None, f"The row is not CSV: {what}.")


def _row(lines: list[_Line], keys: list[tuple[str, re.Pattern[str] | None]], cells: list[str]) -> TableRow:
    number, offset = lines[0].number, lines[0].offset
    content = lines[0].content if len(lines) == 1 else b"".join(line.content for line in lines)
    try:
        raw = content.decode().rstrip("\r\n")
    except UnicodeDecodeError as fault:
        raw = content.decode("utf-8", "backslashreplace").rstrip("\r\n")
        sentence = f"The row is not UTF-8: byte {fault.start + 1} (0x{content[fault.start]:02x}) is no character."
        return TableRow(number, offset, raw, None, sentence, Reason.NOT_JSON)
    if not any(cells) and not raw.strip():
        return TableRow(number, offset, raw, "")
    if len(cells) != len(keys):
        sentence = f"The row has {len(cells)} cells, the header has {len(keys)}."
        return TableRow(number, offset, raw, None, sentence)
    pairs = [
        key + (cell.lower() if bare is not None and bare.fullmatch(cell) else json_text(cell))
        for (key, bare), cell in zip(keys, cells, strict=True)
        if cell
    ]
    return TableRow(number, offset, raw, "{" + ",".join(pairs) + "}")
