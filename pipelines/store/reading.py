"""Reading a file: blocks of lines in, accepted records and refused lines out.

Here: the split of a block into what is accepted in bulk (ndjson.py), checked line by line (game/events.py), blank, or
refused, and the way of both onto the stage and into quarantine. Not here: how bytes become lines (sources/), what is a
duplicate (duplicates.py).
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from itertools import islice
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.game.events import DAY_US, Record, Refusal, check_line
from pipelines.game.records import Reason
from pipelines.game.refusals import too_long
from pipelines.sources.lines import Digest, LineBlock, read_blocks
from pipelines.sources.tables import table_rows
from pipelines.store.ndjson import Plain, plain_records
from pipelines.store.staging import REFUSED, Place, insert_arrow, stage_plain, stage_records

ROWS_PER_BLOCK = 10_000  # of tables, whose rows are made into lines one by one
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
    """Lines to be read as records: JSON texts, with their numbers and places, and what the file wrote for them.

    text: the lines, each with its newline, save perhaps the last; starts: where in it each begins.
    """

    numbers: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64] | None
    text: bytes
    starts: npt.NDArray[np.int64]
    raws: list[str] | None = None  # None: the lines are what the file wrote
    refused: list[Refused] = field(default_factory=list)

    @property
    def ends(self) -> npt.NDArray[np.int64]:
        """Where in the text each line ends, behind its newline."""
        return np.append(self.starts[1:], np.int64(len(self.text)))[: len(self.starts)]

    def place(self, at: int) -> Place:
        """Line number and byte offset of a line of the block."""
        return int(self.numbers[at]), None if self.offsets is None else int(self.offsets[at])

    def line(self, at: int) -> bytes:
        """A line with its newline."""
        end = self.starts[at + 1] if at + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[at] : end]

    def raw(self, at: int) -> str:
        """What stands in the file there; bytes that are no UTF-8 are escaped."""
        return self.raws[at] if self.raws is not None else _text(self.line(at))

    def record(self, at: int) -> str | None:
        """The JSON that was read, where that is not what stands in the file."""
        return None if self.raws is None else _text(self.line(at))


@dataclass
class Checked:
    """What a block holds: records by type from its plain lines, single records from others, and refused lines."""

    n_lines: int
    n_blank: int = 0
    plain: list[Plain] = field(default_factory=list)
    records: list[tuple[Record, Place]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def blocks_of(path: Path, kind: str, rename: Mapping[str, str], digest: Digest | None = None) -> Iterator[Block]:
    """A file's lines, or the rows of a table as lines. Raises SourceUnreadable. `digest`: of lines alone."""
    if kind == "native":
        return (_of_lines(block) for block in read_blocks(path, digest=digest))
    return _of_rows(path, kind, rename)


def check(block: Block, ingested_at: int) -> Checked:
    """Read every line of a block. `ingested_at` in UTC microseconds."""
    checked = Checked(len(block.numbers) + len(block.refused), refused=list(block.refused))
    plain, rest = plain_records(block.text, block.starts, block.ends, ingested_at + DAY_US)
    checked.plain = [(kind, _placed(block, records)) for kind, records in plain]
    for at in rest.tolist():
        line = block.line(at)
        if not line.strip(_BLANK):
            checked.n_blank += 1
            continue
        read = check_line(line, ingested_at)
        if isinstance(read, Refusal):
            refused = (*block.place(at), block.raw(at), read.reason, read.sentence, block.record(at))
            checked.refused.append(refused)
        else:
            checked.records.append((read, block.place(at)))
    return checked


def keep(con: duckdb.DuckDBPyConnection, some: Sequence[Checked], counts: Counts) -> None:
    """Put what blocks hold on the stage, and count their lines. Several at once are cheaper than one by one."""
    stage_plain(con, [plain for checked in some for plain in checked.plain])
    stage_records(con, [placed for checked in some for placed in checked.records])
    for checked in some:
        counts.n_lines += checked.n_lines
        counts.n_accepted += sum(len(records) for _, records in checked.plain) + len(checked.records)
        counts.n_quarantined += len(checked.refused)
        counts.n_blank += checked.n_blank


def _placed(block: Block, records: pa.Table) -> pa.Table:
    """The records with the number of their lines."""
    at = records["n"].to_numpy()
    return records.drop_columns("n").append_column("line", pa.array(block.numbers[at]))


def _of_lines(block: LineBlock) -> Block:
    numbers = np.arange(block.first_line, block.first_line + len(block.starts), dtype=np.int64)
    refused: list[Refused] = [
        (n, at, _text(head), Reason.OVERSIZED, too_long("line", size), None) for n, at, size, head in block.oversized
    ]
    return Block(numbers, block.starts + block.offset, block.text, block.starts, None, refused)


def _of_rows(path: Path, kind: str, rename: Mapping[str, str]) -> Iterator[Block]:
    rows = table_rows(path, kind, rename)
    while batch := list(islice(rows, ROWS_PER_BLOCK)):
        good = [row for row in batch if row.json_text is not None]
        has_offsets = bool(good) and good[0].offset is not None
        lines = [f"{row.json_text}\n".encode() for row in good]
        yield Block(
            np.array([row.line for row in good], np.int64),
            np.array([row.offset for row in good], np.int64) if has_offsets else None,
            b"".join(lines),
            np.cumsum([0, *map(len, lines)])[:-1],
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
