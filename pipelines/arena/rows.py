"""Rows of a bundle as lines of JSON, and back: one object a line, strictly read and held to the table's contract.

A row is held to more than types and bounds: its texts to their patterns, its place to the table's order, its key to
being the only one. The same reading serves who writes a bundle and who checks one. Not here: what tables of one bundle
owe each other (agreement.py), and JSON's grammar (game/strict_json.py).
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from math import isfinite
from typing import Any

import polars as pl

from pipelines.arena.tables import ANY_TEXT, PATTERNS
from pipelines.game.contract import Column, Table
from pipelines.game.refusals import Refusal, shown
from pipelines.game.strict_json import canonical, parse_json

MAX_ROW_BYTES = 64 * 1024
MAX_TEXT = 500  # characters
MAX_FIGURE = 10**12  # of any number: far beyond what is true, and sums of thousands stay exact in every JSON reader
MOST_FAULTS = 5  # that are told of at once
_AT_ONCE = 10_000  # rows that are held as Python's objects, which take ten times their bytes


@dataclass(frozen=True)
class RowFault:
    """What is wrong with a row: where it stands, which rule it breaks, and what was found, as a text to show."""

    where: str
    rule: str
    found: str = ""

    def __str__(self) -> str:
        found = f" is {self.found};" if self.found else ":"
        return f"{self.where}{found} it {self.rule}."

    @property
    def without_value(self) -> str:
        """The sentence without what was found, which may be what must not leave."""
        return f"{self.where}: it {self.rule}."


def key_of(table: Table) -> tuple[str, ...]:
    """The columns that tell one row from all others; a rank is a place and no part of it."""
    return tuple(name for name in table.sort_by if name != "rank")


def pattern_of(column: Column) -> str:
    """The regular expression that all of a text must match."""
    return PATTERNS.get(column.name, ANY_TEXT)


def as_lines(frame: pl.DataFrame) -> bytes:
    """The rows, each as one line of JSON in UTF-8 with its keys sorted. Raises ValueError for what JSON cannot hold."""
    return b"".join(canonical(row).encode() + b"\n" for row in frame.iter_rows(named=True))


def read_lines(table: Table, data: bytes) -> tuple[pl.DataFrame, list[RowFault]]:
    """The rows of a table's file, and the first faults found in them; with faults the rows are not all."""
    lines = enumerate(io.BytesIO(data), 1)
    frames, faults = [table.empty()], list[RowFault]()
    while not faults and (some := list(islice(lines, _AT_ONCE))):
        columns: dict[str, list[Any]] = {column.name: [] for column in table.columns}
        faults += islice(_read_into(columns, table, some), MOST_FAULTS)
        frames.append(pl.DataFrame(columns, schema=table.schema))
    if faults:
        return table.empty(), faults
    frame = pl.concat(frames)
    return frame, [*_out_of_order(table, frame), *_repeated(table, frame)]


def faults_of(columns: Iterable[Column], row: Mapping[str, object], where: str = "") -> Iterator[RowFault]:
    """What is wrong with one row, column by column; `where` comes before the column's name."""
    contract = {column.name: column for column in columns}
    for name in row:
        if name not in contract:
            yield RowFault(f"{where}the key {shown(name)}", "is not one of the format")
    for name, column in contract.items():
        if name not in row:
            yield RowFault(f"{where}`{name}`", "is missing")
        elif rule := _broken(column, row[name]):
            yield RowFault(f"{where}`{name}`", rule, shown(row[name]))


def _read_into(columns: dict[str, list[Any]], table: Table, lines: Iterable[tuple[int, bytes]]) -> Iterator[RowFault]:
    for n, line in lines:
        if not line.endswith(b"\n"):
            yield RowFault("the last line", "does not end with a line end, so it may be cut off")
            continue
        if len(line) - 1 > MAX_ROW_BYTES:
            yield RowFault(f"line {n}", f"has {len(line) - 1} bytes, and at most {MAX_ROW_BYTES} are read")
            continue
        row = parse_json(line[:-1])
        if isinstance(row, Refusal):
            yield RowFault(f"line {n}", f"is no row ({row.sentence.rstrip('.')})")
            continue
        faults = list(faults_of(table.columns, row, f"line {n}, "))
        yield from faults
        if not faults:
            for name, values in columns.items():
                values.append(row[name])


def _broken(column: Column, value: object) -> str | None:
    """The rule that a value breaks, to go on after "it"; null if none."""
    if value is None:
        return None if column.nullable else "must not be null"
    kind = type(column.dtype)  # to compare types of Polars is slow, and this is asked of every cell
    if kind is pl.String:
        return _broken_by_text(column, value)
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or (isinstance(value, float) and not isfinite(value))
    ):
        return "must be a number" if kind is pl.Float64 else "must be a whole number"
    if kind is not pl.Float64 and not isinstance(value, int):
        return "must be a whole number, without fraction and exponent"
    if abs(value) > MAX_FIGURE:
        return f"must lie within -{MAX_FIGURE} and {MAX_FIGURE}"
    if column.low is not None and value < column.low:
        return f"must be at least {column.low:g}"
    if column.high is not None and value > column.high:
        return f"must be at most {column.high:g}"
    return None


def _broken_by_text(column: Column, value: object) -> str | None:
    if not isinstance(value, str):
        return "must be a text"
    if column.words and value not in column.words:
        return f"must be one of {', '.join(column.words)}"
    if len(value) > MAX_TEXT:
        return f"must have at most {MAX_TEXT} characters"
    if not _compiled(pattern_of(column)).fullmatch(value):
        return "must look as the format says of this column"
    return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _out_of_order(table: Table, frame: pl.DataFrame) -> Iterator[RowFault]:
    keys = frame.select(table.sort_by)
    in_order = keys.sort(table.sort_by, maintain_order=True)
    differs = frame.select(
        pl.any_horizontal(keys[name].eq_missing(in_order[name]).not_().alias(name) for name in table.sort_by)
    ).to_series()
    if differs.any():
        order = ", ".join(table.sort_by)
        yield RowFault(f"line {differs.arg_true()[0] + 1}", f"does not stand in the order of {order}")


def _repeated(table: Table, frame: pl.DataFrame) -> Iterator[RowFault]:
    is_repeated = frame.select(key_of(table)).is_duplicated()
    if is_repeated.any():
        key = ", ".join(key_of(table))
        yield RowFault(f"line {is_repeated.arg_true()[0] + 1}", f"is not the only row with its {key}")
