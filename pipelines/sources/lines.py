"""Lines of a file, plain or compressed, in blocks of bounded size.

Here: decompression by content, never by name, and whole-line blocks with numbers and byte offsets. Memory is bounded
by the block, whatever the file is: a line over the limit is skipped and reported with its beginning, a compressed
bomb comes out block by block, be it one endless line or nothing but line ends. Not here: what a line says.
"""

import gzip
import hashlib
import io
import sys
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

from pipelines.game.faults import PodiumError
from pipelines.game.records import MAX_LINE_BYTES

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BLOCK_BYTES: Final = 4 << 20  # a block is gone through many times: it should fit the processor's cache
BLOCK_LINES: Final = 1 << 16
HEAD_BYTES: Final = 4096  # of an oversized line this much is kept
_BOM: Final = b"\xef\xbb\xbf"
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_SKIPPABLE: Final = b"\x2a\x4d\x18"  # a zstd file may begin with a frame of something else: 5? 2A 4D 18
_FOREIGN: Final = {b"PK\x03\x04": "zip", b"\xfd7zX": "xz", b"BZh9": "bzip2", b"7z\xbc\xaf": "7z"}


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

    def lines(self) -> Iterator[tuple[int, int, bytes]]:
        """Each line: its number, its byte offset in the decompressed file, and its bytes with the newline."""
        starts = self.starts.tolist()
        for i, (start, end) in enumerate(zip(starts, [*starts[1:], len(self.text)], strict=False)):
            yield self.first_line + i, self.offset + start, self.text[start:end]


class Digest:
    """SHA-256 and number of the bytes of a file as they lie on the disk, taken while the file is read."""

    def __init__(self) -> None:
        self.n_bytes = 0
        self._sha256 = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Of all bytes so far, in hexadecimal digits."""
        return self._sha256.hexdigest()

    def of(self, file: IO[bytes]) -> IO[bytes]:
        """The same file, whose bytes are taken as they are read."""
        return io.BufferedReader(_Taken(file, self))

    def take(self, some: memoryview) -> None:
        """The next bytes."""
        self._sha256.update(some)
        self.n_bytes += len(some)


class _Taken(io.RawIOBase):
    def __init__(self, file: IO[bytes], digest: Digest) -> None:
        self._file, self._digest = file, digest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        n_read: int = self._file.readinto(buffer)  # type: ignore[attr-defined]  # files opened in binary have it
        self._digest.take(memoryview(buffer)[:n_read])
        return n_read


def _decompressed(path: Path, file: Any) -> Any:
    """A file's stream: gzip and zstd are known by their first bytes, and by nothing else. Raises SourceUnreadable."""
    magic = bytes(file.peek(4)[:4])
    if magic in _FOREIGN:
        raise SourceUnreadable(f"{path} is a {_FOREIGN[magic]} archive: unpack it, or compress with gzip or zstd.")
    if magic.startswith(_GZIP):
        return gzip.open(file, "rb")
    if magic == _ZSTD or (magic[1:] == _SKIPPABLE and 0x50 <= magic[0] <= 0x5F):
        return zstd.open(file, "rb")
    return file


@contextmanager
def reading(path: Path, digest: Digest | None = None) -> Iterator[IO[bytes]]:
    """The decompressed bytes of a file; what goes wrong while they are read becomes SourceUnreadable.

    `digest` takes the bytes as they lie on the disk, all of them once the block has ended well.
    """
    if path.is_dir():
        raise SourceUnreadable(f"{path} is a folder: name the files in it, such as {path}/*.jsonl.")
    if path.exists() and not path.is_file():  # opening a pipe would wait for ever
        raise SourceUnreadable(f"{path} is not a regular file, and a file is read twice: store it in one first.")
    try:
        with path.open("rb", buffering=-1 if digest is None else 0) as opened:
            file = opened if digest is None else digest.of(opened)
            with _decompressed(path, file) as stream:
                yield stream
                while digest is not None and file.read(BLOCK_BYTES):
                    pass
    except (EOFError, zlib.error, zstd.ZstdError, gzip.BadGzipFile) as fault:
        if "too much memory" in str(fault):
            what, remedy = "its zstd window is over 128 MiB", "Compress it again without --long or --ultra."
        else:
            what, remedy = f"its compression is truncated or corrupt ({fault})", "Fetch or make the file again."
        raise SourceUnreadable(f"{path} cannot be read to its end: {what}. Nothing of it was taken. {remedy}") from None
    except OSError as fault:
        raise SourceUnreadable(f"{path} cannot be read: {fault.strerror or fault}. Nothing of it was taken.") from None


def read_blocks(path: Path, block_bytes: int = BLOCK_BYTES, digest: Digest | None = None) -> Iterator[LineBlock]:
    """The lines of a file, in blocks of about `block_bytes`. Raises SourceUnreadable, perhaps after some blocks.

    Lines end at \\n and nowhere else; a byte order mark at the very start is dropped, its three bytes are counted.
    """
    with reading(path, digest) as stream:
        yield from _blocks(stream, block_bytes)


def _blocks(stream: IO[bytes], block_bytes: int) -> Iterator[LineBlock]:
    number, offset = 1, 0
    rest = stream.read(len(_BOM))
    if rest == _BOM:
        rest, offset = b"", len(_BOM)
    while chunk := stream.read(block_bytes):
        text = rest + chunk if rest else chunk
        end = text.rfind(b"\n") + 1
        number = yield from _cut(text[:end], number, offset)
        offset, rest = offset + end, text[end:]
        if len(rest) > MAX_LINE_BYTES:
            head, length = rest[:HEAD_BYTES], len(rest)
            del text, chunk  # or a bomb's beginning would stay while the rest of it is skipped
            length, n_newlines, rest = _skip_line(stream, length)
            yield _oversized(number, offset, length, head)
            number, offset = number + 1, offset + length + n_newlines
    yield from _cut(rest, number, offset)


def _skip_line(stream: IO[bytes], length: int) -> tuple[int, int, bytes]:
    """Read past the end of a line of which `length` bytes are read.

    Gives back its whole length, the number of newlines at its end (0 at the end of the file), and what follows it.
    """
    while chunk := stream.read(MAX_LINE_BYTES):
        end = chunk.find(b"\n")
        if end >= 0:
            return length + end, 1, chunk[end + 1 :]
        length += len(chunk)
    return length, 0, b""


def _oversized(number: int, offset: int, length: int, head: bytes) -> LineBlock:
    return LineBlock(number, b"", np.empty(0, np.int64), offset, [(number, offset, length, head)])


def _cut(text: bytes, number: int, offset: int) -> Generator[LineBlock, None, int]:
    """Blocks of `text`, which holds whole lines; gives back the number of the line after them.

    No block has more than BLOCK_LINES lines, and a line over the limit stands in none, but between two.
    """
    octets = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(octets == 0x0A).astype(np.int64, copy=False) + 1
    if text and not text.endswith(b"\n"):
        ends = np.append(ends, len(text))
    starts = np.concatenate((np.zeros(1, np.int64), ends))
    is_over = np.diff(starts) > MAX_LINE_BYTES + (octets[ends - 1] == 0x0A)
    over = set(np.flatnonzero(is_over).tolist())
    bounds = {*range(0, len(ends), BLOCK_LINES), *over, *(line + 1 for line in over), len(ends)}
    for first, last in pairwise(sorted(bounds)):
        begin, end = int(starts[first]), int(ends[last - 1])
        if first in over:
            length = end - begin - (octets[end - 1] == 0x0A)
            yield _oversized(number + first, offset + begin, int(length), text[begin : begin + HEAD_BYTES])
        else:
            yield LineBlock(number + first, text[begin:end], starts[first:last] - begin, offset + begin)
    return number + len(ends)
