"""Lines of a transcript that may still be growing: from where the last reading ended, up to the last whole line.

Here: the mark that a reading leaves behind, and reading on from it. A line may be long (a pasted image), so the limit
is another one than that of our own records. Memory is bounded by a block and one line. Not here: what a line says, and
where marks are kept (`store/transcripts_files.py`).
"""

import hashlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from pipelines.sources.ahead import ahead
from pipelines.sources.claude_code_rows import Row, read_row
from pipelines.sources.lines import reading

MAX_ROW_BYTES: Final = 64 << 20
_BLOCK_BYTES: Final = 4 << 20
_TAIL_BYTES: Final = 4096  # before the mark, to see whether the file was only added to
_BOM: Final = b"\xef\xbb\xbf"
_PACKED: Final = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a reading ended: after so many bytes and lines, the last bytes before it by their hash.

    `is_open`: the last line was whole, but its newline was not written yet.
    """

    offset: int = 0
    n_lines: int = 0
    digest: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Consecutive whole lines, with number and byte offset of the first. `oversized`: the size of one."""

    first_line: int
    offset: int
    lines: list[bytes] = field(default_factory=list)
    oversized: int | None = None


class TranscriptLines:
    """The lines of a transcript after a mark, read once; then `mark`, `sha256` and `n_bytes` say what was read."""

    def __init__(self, path: Path, after: Mark | None = None) -> None:
        self.path = path
        self.mark = after or Mark()
        self.is_resumed = False
        self.n_bytes = 0
        self._number, self._offset = 1, 0
        self._tail = b""  # the last bytes that are behind us
        self._n_long, self._long = 0, b""  # bytes of a line over the limit that are behind us, and the last of them
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Hash of the bytes that were read."""
        return self._hash.hexdigest()

    def blocks(self) -> Iterator[RowBlock]:
        """The lines. A half-written last one is left for the next reading. Raises SourceUnreadable."""
        with reading(self.path) as stream:
            self.is_resumed = self._resume(stream)
            if not self.is_resumed:
                self.mark = Mark()
            yield from self._cut(stream)

    def _resume(self, stream: IO[bytes]) -> bool:
        """Go to the mark, if what stands before it is what stood there."""
        if not self.mark.offset or is_packed(self.path):
            return False
        length = min(_TAIL_BYTES, self.mark.offset)
        stream.seek(self.mark.offset - length)
        self._tail = stream.read(length)
        if len(self._tail) == length and _digest(self._tail) == self.mark.digest:
            return True
        stream.seek(0)
        self._tail = b""
        return False

    def _cut(self, stream: IO[bytes]) -> Iterator[RowBlock]:
        self._number, self._offset, is_open = self.mark.n_lines + 1, self.mark.offset, self.mark.is_open
        rest, is_first = b"", True
        for piece in self._chunks(stream):
            chunk = piece
            if is_first:
                passed = _passed_over(chunk[: len(_BOM)], is_begin=self._offset == 0, is_open=is_open)
                self._pass(passed)
                is_first, is_open, chunk = False, is_open and not passed, chunk[len(passed) :]
            if self._n_long:
                chunk = yield from self._skip(chunk)
            text = rest + chunk if rest else chunk
            lines = text.split(b"\n")
            rest = lines.pop()
            if lines:
                yield RowBlock(self._number, self._offset, lines)
                end = len(text) - len(rest)
                self._pass(text[max(0, end - _TAIL_BYTES) : end], n_bytes=end, n_lines=len(lines))
            if len(rest) > MAX_ROW_BYTES:
                self._n_long, self._long, rest = len(rest), rest[-_TAIL_BYTES:], b""
        if is_whole(rest):
            yield RowBlock(self._number, self._offset, [rest])
            self._pass(rest, n_lines=1)
            is_open = True
        elif self._offset > self.mark.offset:
            is_open = False
        self.mark = Mark(self._offset, self._number - 1, _digest(self._tail), is_open)

    def _skip(self, chunk: bytes) -> Generator[RowBlock, None, bytes]:
        """Go on over a line beyond the limit; gives back what follows it."""
        end = chunk.find(b"\n")
        if end < 0:
            self._n_long, self._long = self._n_long + len(chunk), (self._long + chunk)[-_TAIL_BYTES:]
            return b""
        n_bytes = self._n_long + end
        yield RowBlock(self._number, self._offset, oversized=n_bytes)
        self._pass(self._long + chunk[: end + 1], n_bytes=n_bytes + 1, n_lines=1)
        self._n_long = 0
        return chunk[end + 1 :]

    def _pass(self, tail: bytes, *, n_bytes: int | None = None, n_lines: int = 0) -> None:
        """Go on: so many bytes and lines are behind us, the last bytes of them `tail`."""
        self._tail = (self._tail + tail[-_TAIL_BYTES:])[-_TAIL_BYTES:]
        self._offset, self._number = self._offset + (len(tail) if n_bytes is None else n_bytes), self._number + n_lines

    def _chunks(self, stream: IO[bytes]) -> Iterator[bytes]:
        """The bytes in chunks; of a file of several chunks the next is read while one is worked on."""
        first = stream.read(_BLOCK_BYTES)
        self._count(first)
        if first:
            yield first
        if len(first) == _BLOCK_BYTES:
            yield from ahead(self._further_chunks(stream))

    def _further_chunks(self, stream: IO[bytes]) -> Iterator[bytes]:
        while chunk := stream.read(_BLOCK_BYTES):
            self._count(chunk)
            yield chunk

    def _count(self, chunk: bytes) -> None:
        self._hash.update(chunk)
        self.n_bytes += len(chunk)


def is_whole(line: bytes) -> bool:
    """Whether a line without its newline is an object already, so that nothing can follow but the newline."""
    return line.strip()[:1] == b"{" and isinstance(read_row(line), Row)


def is_packed(path: Path) -> bool:
    """Whether a file is compressed: then it cannot be read on from a mark."""
    with path.open("rb") as file:
        return file.read(4).startswith(_PACKED)


def _passed_over(head: bytes, *, is_begin: bool, is_open: bool) -> bytes:
    """What is no line at the place where a reading begins: a byte order mark, or the newline that was missing."""
    if is_begin:
        return _BOM if head == _BOM else b""
    if not is_open:
        return b""
    return next((newline for newline in (b"\n", b"\r\n") if head.startswith(newline)), b"")


def _digest(tail: bytes) -> str:
    return hashlib.blake2b(tail, digest_size=16).hexdigest()
