"""Lines of a transcript that may still be growing: from where the last reading ended, up to the last whole line.

Here: the mark that a reading leaves behind, and reading on from it. A line may be long (a pasted image), so the limit
is another one than that of our own records. Memory is bounded by a block and one line. Not here: what a line says, and
where marks are kept (`store/transcripts_files.py`).
"""

import hashlib
from collections.abc import Iterator
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
        self._tail = b""
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
        number, offset = self.mark.n_lines + 1, self.mark.offset
        head = stream.read(len(_BOM))
        passed = _passed_over(head, is_begin=offset == 0, is_open=self.mark.is_open)
        self._keep(passed)
        offset, rest, long = offset + len(passed), b"", b""
        self._hash.update(passed)
        n_long = 0  # bytes of a line over the limit that are behind us, the last of them in `long`
        for piece in ahead(self._chunks(head[len(passed) :], stream)):
            chunk = piece
            if n_long:
                end = chunk.find(b"\n")
                n_long, long = (
                    n_long + (end if end >= 0 else len(chunk)),
                    (long + chunk[: end + 1 or None])[-_TAIL_BYTES:],
                )
                if end < 0:
                    continue
                yield RowBlock(number, offset, oversized=n_long)
                self._keep(long)
                number, offset, n_long, chunk = number + 1, offset + n_long + 1, 0, chunk[end + 1 :]
            text = rest + chunk if rest else chunk
            end = text.rfind(b"\n") + 1
            if end:
                lines = text[: end - 1].split(b"\n")
                yield RowBlock(number, offset, lines)
                self._keep(text[max(0, end - _TAIL_BYTES) : end])
                number, offset = number + len(lines), offset + end
            rest = text[end:]
            if len(rest) > MAX_ROW_BYTES:
                n_long, long, rest = len(rest), rest[-_TAIL_BYTES:], b""
        is_open = offset == self.mark.offset and self.mark.is_open and not passed
        if is_whole(rest):
            yield RowBlock(number, offset, [rest])
            self._keep(rest)
            number, offset, is_open = number + 1, offset + len(rest), True
        self.n_bytes = offset + len(rest) + n_long - self.mark.offset
        self.mark = Mark(offset, number - 1, _digest(self._tail), is_open)

    def _chunks(self, begun: bytes, stream: IO[bytes]) -> Iterator[bytes]:
        chunk = begun + stream.read(_BLOCK_BYTES)
        while chunk:
            self._hash.update(chunk)
            yield chunk
            chunk = stream.read(_BLOCK_BYTES)

    def _keep(self, read: bytes) -> None:
        """Remember the last bytes before where we are."""
        self._tail = (self._tail + read[-_TAIL_BYTES:])[-_TAIL_BYTES:]


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
