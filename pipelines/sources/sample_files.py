"""The files of a sample season under way, and the account of what is in them.

Here: writing under passing names, counting, packing, giving the files their own names once all are whole. Not here:
which lines there are and where each goes (`sample.py`), their spelling (`sample_lines.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from pipelines.game.records import Reason
from pipelines.sources.sample_lines import BrokenLine, stored_gzip


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One written file: lines of every kind, and its size on disk."""

    name: str
    n_lines: int
    n_bytes: int


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """Where a line stands that must be refused, and why."""

    file: str
    line: int
    reason: Reason


@dataclass(slots=True)
class _Growing:
    file: BinaryIO
    n_lines: int = 0


@dataclass(slots=True)
class SeasonFiles:
    """The files named, all in the folder `out`: a context in which lines are put, and after which they are whole.

    An exception inside leaves nothing behind. Raises OSError.
    """

    out: Path
    names: Sequence[str]
    n_records: int = 0
    n_duplicates: int = 0
    n_blank: int = 0
    last_s: int = 0
    refused: list[RefusedLine] = field(default_factory=list)
    files: list[SampleFile] = field(default_factory=list)
    _growing: dict[str, _Growing] = field(default_factory=dict)

    def __enter__(self) -> "SeasonFiles":
        try:
            for name in self.names:
                self._growing[name] = _Growing(self._passing(name).open("wb"))
        except OSError:
            self._sweep()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for growing in self._growing.values():
                growing.file.close()
            if kind is None:
                self._finish()
        finally:
            self._sweep()

    def good(self, name: str, at_s: int, line: str) -> None:
        """Put a record, known at that second."""
        self._put(name, line)
        self.n_records += 1
        self.last_s = max(self.last_s, at_s)

    def again(self, name: str, line: str) -> None:
        """Put a record that is there already."""
        self._put(name, line)
        self.n_duplicates += 1

    def blank(self, name: str) -> None:
        """Put an empty line."""
        self._put(name, "")
        self.n_blank += 1

    def broken(self, name: str, line: BrokenLine) -> None:
        """Put a line that must be refused."""
        self._put(name, line.text)
        self.refused.append(RefusedLine(name, self._growing[name].n_lines, line.reason))

    def _put(self, name: str, line: str) -> None:
        growing = self._growing[name]
        growing.file.write(line.encode() + b"\n")
        growing.n_lines += 1

    def _finish(self) -> None:
        for name, growing in self._growing.items():
            passing = self._passing(name)
            if name.endswith(".gz"):
                passing.write_bytes(stored_gzip(passing.read_bytes()))
            self.files.append(SampleFile(name, growing.n_lines, passing.stat().st_size))
        for name in self.names:
            self._passing(name).replace(self.out / name)

    def _sweep(self) -> None:
        for name, growing in self._growing.items():
            growing.file.close()
            self._passing(name).unlink(missing_ok=True)

    def _passing(self, name: str) -> Path:
        return self.out / f".{name}.partial"
