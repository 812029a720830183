"""Lines of a file, plain or compressed, in blocks of bounded size.

Here: decompression by content, never by name, and whole-line blocks with numbers and byte offsets. Memory is bounded
by the block, whatever the file is: a line over the limit is skipped and reported with its beginning, a compressed
bomb comes out block by block. Not here: what a line says.
"""

import gzip
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

import numpy as np
import numpy.typing as npt

from pipelines.game.faults import PodiumError
from pipelines.game.records import MAX_LINE_BYTES

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BLOCK_BYTES = 32 << 20
HEAD_BYTES = 4096  # of an oversized line this much is kept
_GZIP, _ZSTD, _BOM = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xef\xbb\xbf"


class SourceUnreadable(PodiumError):
    """A file that cannot be read to its end: nothing of it is taken."""


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Consecutive whole lines.

    first_line: number of the first, from 1; text: their bytes, newlines included (the file's last may lack its own);
    starts: offset in `text` of each line; offset: byte offset of `text` in the decompressed file;
    oversized: (line number, byte offset, length, beginning) of lines over the limit, which are not in `text`.
    """

    first_line: int
    text: bytes
    starts: npt.NDArray[np.int64]
    offset: int
    oversized: list[tuple[int, int, int, bytes]] = field(default_factory=list)


def open_bytes(path: Path) -> IO[bytes]:
    """The decompressed bytes of a file: gzip and zstd are known by their first bytes."""
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(_GZIP):
        return cast(IO[bytes], gzip.open(path, "rb"))
    if magic == _ZSTD:
        return cast(IO[bytes], zstd.open(path, "rb"))
    return path.open("rb")


def read_blocks(path: Path, block_bytes: int = BLOCK_BYTES) -> Iterator[LineBlock]:
    """The lines of a file, in blocks of about `block_bytes`. Raises SourceUnreadable, perhaps after some blocks."""
    try:
        with open_bytes(path) as stream:
            yield from _blocks(stream, block_bytes)
    except (EOFError, zlib.error, zstd.ZstdError, gzip.BadGzipFile) as fault:
        raise SourceUnreadable(
            f"{path} cannot be read to its end: its compression is truncated or corrupt ({fault}). "
            "Nothing of it was taken; fetch the file again."
        ) from None
    except OSError as fault:
        raise SourceUnreadable(f"{path} cannot be read: {fault.strerror or fault}. Nothing of it was taken.") from None


def _blocks(stream: IO[bytes], block_bytes: int) -> Iterator[LineBlock]:
    number, offset = 1, 0
    rest = stream.read(3)
    if rest == _BOM:
        rest, offset = b"", 3
    while chunk := stream.read(block_bytes):
        text = rest + chunk if rest else chunk
        end = text.rfind(b"\n") + 1
        if end == 0 and len(text) > MAX_LINE_BYTES:
            length, ended = _skip_line(stream, len(text))
            yield LineBlock(number, b"", np.empty(0, np.int64), offset, [(number, offset, length, text[:HEAD_BYTES])])
            number, offset, rest = number + 1, offset + length + ended.newline, ended.rest
            continue
        yield from _cut(text[:end], number, offset)
        number, offset, rest = number + text.count(b"\n"), offset + end, text[end:]
        if len(rest) > MAX_LINE_BYTES:
            length, ended = _skip_line(stream, len(rest))
            yield LineBlock(number, b"", np.empty(0, np.int64), offset, [(number, offset, length, rest[:HEAD_BYTES])])
            number, offset, rest = number + 1, offset + length + ended.newline, ended.rest
    if rest:
        yield from _cut(rest, number, offset)


@dataclass(frozen=True, slots=True)
class _Ended:
    newline: int  # 1 if the skipped line ended with one, 0 at the end of the file
    rest: bytes


def _skip_line(stream: IO[bytes], length: int) -> tuple[int, _Ended]:
    """Read past the end of a line of which `length` bytes are read: its whole length, and what follows it."""
    while chunk := stream.read(MAX_LINE_BYTES):
        end = chunk.find(b"\n")
        if end >= 0:
            return length + end, _Ended(1, chunk[end + 1 :])
        length += len(chunk)
    return length, _Ended(0, b"")


def _cut(text: bytes, number: int, offset: int) -> Iterator[LineBlock]:
    """Blocks of `text`, which holds whole lines; a line over the limit stands in no block, between two."""
    if not text:
        return
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == 0x0A).astype(np.int64) + 1
    if not len(ends) or ends[-1] != len(text):
        ends = np.append(ends, np.int64(len(text)))
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
    lengths = ends - starts - (np.frombuffer(text, np.uint8)[ends - 1] == 0x0A)
    first = 0
    for over in [*np.flatnonzero(lengths > MAX_LINE_BYTES).tolist(), len(starts)]:
        if over > first:
            begin, end = int(starts[first]), int(ends[over - 1])
            yield LineBlock(number + first, text[begin:end], starts[first:over] - begin, offset + begin)
        if over < len(starts):
            begin = int(starts[over])
            at = (number + over, offset + begin, int(lengths[over]), text[begin : begin + HEAD_BYTES])
            yield LineBlock(number + over, b"", np.empty(0, np.int64), offset + begin, [at])
        first = over + 1
