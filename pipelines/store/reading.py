"""Reading a file onto the stage: blocks of lines in, accepted records and refused lines out.

Here: the split of a block into what is accepted in bulk, checked line by line, blank, or refused. Not here: how bytes
become lines (sources/), what is a duplicate (duplicates.py).
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field
from itertools import islice
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.game.events import DAY_US, Record, Refusal, check_line
from pipelines.game.records import RECORDS, Reason
from pipelines.game.refusals import too_long
from pipelines.sources.lines import LineBlock, read_blocks
from pipelines.sources.tables import table_rows
from pipelines.store.ndjson import accept_sql
from pipelines.store.staging import REFUSED, Place, insert_arrow, lent, stage_records

ROWS_PER_BLOCK = 50_000  # of tables, whose rows are made into lines one by one
_BLANK = b" \t\r\n"

Refused = tuple[int, int | None, str, str, str, str | None]  # the columns of staging.REFUSED


@dataclass
class Counts:
    """What became of the lines of a file."""

    n_lines: int = 0
    n_accepted: int = 0
    n_duplicates: int = 0
    n_quarantined: int = 0
    n_blank: int = 0

    def check(self, path: Path) -> None:
        """Lines read = accepted + duplicates + quarantined + blank, always."""
        parts = astuple(self)[1:]
        if self.n_lines != sum(parts):
            raise AssertionError(f"{path}: {self.n_lines} lines read, but {parts} accounted for")


@dataclass(frozen=True)
class Block:
    """Lines to be read as records: JSON texts, with their numbers and places, and what the file wrote for them."""

    numbers: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64] | None
    lines: pa.Array
    raws: list[str] | None = None  # None: the lines are what the file wrote
    refused: list[Refused] = field(default_factory=list)
    is_ascii: bool = False  # no byte from 0x7f on

    def place(self, at: int) -> Place:
        """Line number and byte offset of a line of the block."""
        return int(self.numbers[at]), None if self.offsets is None else int(self.offsets[at])

    def raw(self, at: int) -> str:
        """What stands in the file there; bytes that are no UTF-8 are escaped."""
        return self.raws[at] if self.raws is not None else _text(self.lines[at].as_py())

    def record(self, at: int) -> str | None:
        """The JSON that was read, where that is not what stands in the file."""
        return None if self.raws is None else self.lines[at].as_py()


def blocks_of(path: Path, kind: str, rename: Mapping[str, str]) -> Iterator[Block]:
    """A file's lines, or the rows of a table as lines. Raises SourceUnreadable."""
    if kind == "native":
        return (_of_lines(block) for block in read_blocks(path))
    return _of_rows(path, kind, rename)


def stage(con: duckdb.DuckDBPyConnection, block: Block, ingested_at: int, counts: Counts) -> list[Refused]:
    """Put a block's records on the stage; gives back the lines refused. `ingested_at` in UTC microseconds."""
    offsets = block.offsets if block.offsets is not None else pa.nulls(len(block.numbers), pa.int64())
    view = pa.table({"n": block.numbers, "byte_offset": offsets, "line": block.lines})
    n_accepted, rest = _bulk(con, view, ingested_at + DAY_US, block.is_ascii)
    counts.n_lines += len(block.numbers) + len(block.refused)
    records: list[tuple[Record, Place]] = []
    refused = list(block.refused)
    for at in rest:
        line = block.lines[at].as_py()
        if not line.strip(_BLANK if isinstance(line, bytes) else _BLANK.decode()):
            counts.n_blank += 1
            continue
        read = check_line(line, ingested_at)
        if isinstance(read, Refusal):
            refused.append((*block.place(at), block.raw(at), read.reason, read.sentence, block.record(at)))
        else:
            records.append((read, block.place(at)))
    stage_records(con, records)
    counts.n_accepted += n_accepted + len(records)
    counts.n_quarantined += len(refused)
    return refused


def _bulk(con: duckdb.DuckDBPyConnection, view: pa.Table, latest: int, is_ascii: bool) -> tuple[int, list[int]]:
    """Accept what is plainly right; how many those are, and the positions of all other lines.

    `latest`: the last `at` that is not from the future.
    """
    if not len(view) or not pa.types.is_large_string(view.schema.field("line").type):
        return 0, list(range(len(view)))
    with lent(con, "block", view):
        n_accepted = 0
        first = view["line"][0].as_py()
        for kind in sorted(RECORDS, key=lambda kind: f'"{kind}"' not in first):  # in most files all are of one type
            if n_accepted == len(view):
                break
            n_accepted += con.execute(accept_sql(kind, is_ascii), {"latest": latest}).fetchall()[0][0]
        return n_accepted, _left(con, view) if n_accepted < len(view) else []


def _left(con: duckdb.DuckDBPyConnection, view: pa.Table) -> list[int]:
    """The positions of the lines of the view `block` that are not on the stage."""
    first, last = view["n"][0].as_py(), view["n"][-1].as_py()
    staged = " UNION ALL ".join(f"SELECT line FROM staged_{kind} WHERE line BETWEEN $a AND $b" for kind in RECORDS)  # noqa: S608 - our own names
    query = f"SELECT n FROM block ANTI JOIN ({staged}) s ON s.line = n ORDER BY n"  # noqa: S608
    numbers = np.array(con.execute(query, {"a": first, "b": last}).fetchall(), np.int64).reshape(-1)
    places: list[int] = np.searchsorted(view["n"].to_numpy(), numbers).tolist()
    return places


def _of_lines(block: LineBlock) -> Block:
    """The lines as an Arrow array over the block's own bytes; as single bytes where some are no UTF-8."""
    numbers = np.arange(block.first_line, block.first_line + len(block.starts), dtype=np.int64)
    ends = np.append(block.starts[1:], np.int64(len(block.text)))[: len(block.starts)]
    refused: list[Refused] = [
        (n, at, _text(head), Reason.OVERSIZED, too_long("line", size), None) for n, at, size, head in block.oversized
    ]
    buffers = [None, pa.py_buffer(np.append(block.starts, ends[-1:])), pa.py_buffer(block.text)]
    is_ascii = block.text.isascii() and b"\x7f" not in block.text
    try:
        if not is_ascii:
            block.text.decode("utf-8")
        lines = pa.Array.from_buffers(pa.large_string(), len(numbers), buffers)
    except UnicodeDecodeError:
        lines = pa.Array.from_buffers(pa.large_binary(), len(numbers), buffers)
    return Block(numbers, block.starts + block.offset, lines, None, refused, is_ascii)


def _of_rows(path: Path, kind: str, rename: Mapping[str, str]) -> Iterator[Block]:
    rows = table_rows(path, kind, rename)
    while batch := list(islice(rows, ROWS_PER_BLOCK)):
        good = [row for row in batch if row.json_text is not None]
        has_offsets = bool(good) and good[0].offset is not None
        yield Block(
            np.array([row.line for row in good], np.int64),
            np.array([row.offset for row in good], np.int64) if has_offsets else None,
            pa.array([row.json_text for row in good], pa.large_string()),
            [row.raw for row in good],
            [(row.line, row.offset, row.raw, row.reason, row.fault, None) for row in batch if row.fault],
        )


def _text(raw: bytes | str) -> str:
    line = raw.decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else raw
    return line.removesuffix("\n").removesuffix("\r")


def quarantine(con: duckdb.DuckDBPyConnection, file: int, path: Path, at: dt.datetime, refused: list[Refused]) -> None:
    """Keep refused lines, with all that is known of them."""
    if refused:
        columns = [
            pa.array(column, kind.type) for column, kind in zip(zip(*refused, strict=True), REFUSED, strict=True)
        ]
        rows = pa.Table.from_arrays(columns, schema=REFUSED)
        query = """INSERT INTO quarantine BY NAME
            SELECT $file AS file, $path AS path, staged_rows.*, $at::TIMESTAMP AS ingested_at FROM staged_rows"""
        insert_arrow(con, query, rows, {"file": file, "path": str(path), "at": at})
