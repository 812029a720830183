"""The budget of privacy: a ledger in which each release stands with its price and the figures that were drawn.

Here: the file, one line a release, only ever appended to, and what the spent budget means as an epsilon. Not here: what
is drawn (releases.py), and how wide the noise must be for a price (noise.py).

A release is drawn once. Its price and its figures are one line, written with one write and synced before anybody reads
them; ever after the figures are read from there. A second draw of the same records would let a reader take the mean of
both, so a ledger that is not whole is refused, and nothing more is drawn until it is mended. Each line holds the
SHA-256 of the line before it, newline included: `tail -n 1 budget.jsonl | sha256sum` is the head.
"""

import errno
import fcntl
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import log, log1p, sqrt
from pathlib import Path
from typing import Any

from pipelines.arena.policy import MICRO
from pipelines.arena.secret_files import parsed, to_json
from pipelines.game.faults import PodiumError
from pipelines.store.durable import disk_faults, sync

FILE = "budget.jsonl"
NO_LINE = "0" * 64  # what stands for the line before the first
_KEYS = {"n", "name", "micro_rho", "spent_micro_rho", "drawn", "previous"}
_BISECTIONS = 200


class LedgerDamaged(PodiumError):
    """A ledger with a line that is not whole or does not follow from the one before."""


class LedgerBusy(PodiumError):
    """Another process has written to the ledger since it was read."""


class BudgetExceeded(PodiumError):
    """A release that costs more than what is left of the budget."""


@dataclass(frozen=True, slots=True)
class Release:
    """One line of the ledger. `spent_micro_rho`: of all releases up to it; `sha256`: of the line."""

    name: str
    micro_rho: int
    spent_micro_rho: int
    drawn: Mapping[str, Any]
    sha256: str


class Ledger:
    """All releases ever made. Reading it changes nothing; only `release` writes, under the lock of the home."""

    def __init__(self, path: Path, data: bytes) -> None:
        *lines, torn = data.split(b"\n")
        self._path = path
        self._releases = {release.name: release for release in _checked(lines, path)}
        self._n_seen = len(data)
        self._n_whole = len(data) - len(torn)  # a line without its end was cut off while it was written: never told

    @classmethod
    def open(cls, path: Path) -> "Ledger":
        """The ledger in a file, empty if there is none. Raises LedgerDamaged, or DiskFault if it cannot be read.

        A killed process may have written a line and not synced it: it is synced here, before it is believed.
        """
        with disk_faults("Reading the budget", path.parent):
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                return cls(path, b"")
            sync(path)
            sync(path.parent)
        return cls(path, data)

    @property
    def releases(self) -> tuple[Release, ...]:
        """All of them, in the order in which they were made."""
        return tuple(self._releases.values())

    @property
    def spent_micro_rho(self) -> int:
        """What all releases cost together: prices in zCDP add up (Bun and Steinke 2016, lemma 2.3)."""
        return self.releases[-1].spent_micro_rho if self._releases else 0

    @property
    def head(self) -> str:
        """The SHA-256 of the last line."""
        return self.releases[-1].sha256 if self._releases else NO_LINE

    def holds(self, head: str) -> bool:
        """Whether the ledger once had this head. If not, lines that were told of in a bundle have been lost."""
        return head == NO_LINE or any(release.sha256 == head for release in self.releases)

    def find(self, name: str) -> Release | None:
        """The release of that name, if it was made."""
        return self._releases.get(name)

    def release(self, name: str, micro_rho: int, cap: int, draw: Callable[[], Mapping[str, Any]]) -> Release:
        """The release of that name: as it was made, whatever the arguments are now, or else drawn, charged and kept.

        `draw` gives what JSON can hold. It is called only if `micro_rho` fits under `cap`, and what it gave is on the
        disk when this returns. The caller holds the lock of the home.

        Raises:
            BudgetExceeded: it would cost more than is left; nothing was drawn.
            LedgerBusy: another process wrote to the file since it was read.
            DiskFault: the line could not be written; nothing was charged.
        """
        if (made := self.find(name)) is not None:
            return made
        if micro_rho < 1:
            raise ValueError("a release costs at least a millionth of rho")
        spent = self.spent_micro_rho + micro_rho
        if spent > cap:
            raise BudgetExceeded(_exceeded(name, micro_rho, cap, cap - self.spent_micro_rho))
        told = {"n": len(self._releases) + 1, "name": name, "micro_rho": micro_rho, "spent_micro_rho": spent}
        line = to_json({**told, "drawn": draw(), "previous": self.head})
        self._append(line + b"\n")
        self._releases[name] = made = _release(json.loads(line), line)  # as every later reading will find it
        return made

    def _append(self, line: bytes) -> None:
        folder = self._path.parent
        with disk_faults("Writing the budget", folder):
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                if os.fstat(handle).st_size != self._n_seen:
                    raise LedgerBusy(
                        f"Another process has written to {self._path} since it was read. Run again: what was "
                        "released by then stands, and costs nothing more."
                    )
                self._write(handle, line)
            finally:
                os.close(handle)
            for place in (folder, folder.parent) if self._n_whole == len(line) else ():
                sync(place)

    def _write(self, handle: int, line: bytes) -> None:
        os.ftruncate(handle, self._n_whole)
        try:
            _put(handle, line)
        except OSError:
            os.ftruncate(handle, self._n_whole)
            self._n_seen = self._n_whole
            raise
        self._n_seen = self._n_whole = self._n_whole + len(line)


def epsilon_of(micro_rho: int, delta: float) -> float:
    """The epsilon at which a spent budget keeps (epsilon, `delta`)-differential privacy.

    Canonne, Kamath, Steinke (2020), proposition 12: for every a > 1 that is
    rho a + ln(1 - 1/a) - ln(a delta) / (a - 1); it is least where rho (a - 1)^2 = -ln(a delta). Never more than
    rho + 2 sqrt(rho ln(1/delta)) of Bun and Steinke (2016), proposition 1.3.
    """
    rho = micro_rho / MICRO
    if not rho:
        return 0.0
    low, high = 0.0, sqrt(-log(delta) / rho)  # of a - 1: the left side rises in it, the right side falls
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if rho * middle**2 > -log((1 + middle) * delta) else (middle, high)
    return max(0.0, rho * (1 + high) - log1p(1 / high) - log((1 + high) * delta) / high)


def rho_text(micro_rho: int) -> str:
    """Millionths of rho as a number for people: 0.05."""
    whole, rest = divmod(micro_rho, MICRO)
    return f"{whole}.{rest:06}".rstrip("0").rstrip(".")


def _put(handle: int, line: bytes) -> None:
    if os.write(handle, line) < len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(handle)


def _exceeded(name: str, micro_rho: int, cap: int, left: int) -> str:
    kind, _, month = name.partition("/")
    return (
        f"The {kind} of {month} are not released: they would cost {rho_text(micro_rho)} rho, and of the budget of "
        f"{rho_text(cap)} {f'only {rho_text(left)} is left' if left > 0 else 'nothing is left'}. What was released "
        "before stays as it is. A greater budget (`budget_micro_rho` in arena.toml) lets more be learned of those who "
        "allow aggregates: it is for them to decide."
    )


def _checked(lines: list[bytes], path: Path) -> list[Release]:
    """The releases in whole lines. Raises LedgerDamaged at the first that does not follow from those before."""
    releases: list[Release] = []
    names: set[str] = set()
    for n, line in enumerate(lines, start=1):
        told = parsed(line)
        if not _is_release(told):
            raise LedgerDamaged(_damaged(path, n, "is not a release"))
        spent, previous = (releases[-1].spent_micro_rho, releases[-1].sha256) if releases else (0, NO_LINE)
        if told["previous"] != previous or told["n"] != n:
            raise LedgerDamaged(_damaged(path, n, "does not follow from the line before"))
        if told["spent_micro_rho"] != spent + told["micro_rho"] or told["name"] in names:
            raise LedgerDamaged(_damaged(path, n, "charges wrongly"))
        names.add(told["name"])
        releases.append(_release(told, line))
    return releases


def _is_release(told: Any) -> bool:
    return (
        isinstance(told, dict)
        and set(told) == _KEYS
        and all(type(told[key]) is int for key in ("n", "micro_rho", "spent_micro_rho"))
        and told["micro_rho"] > 0
        and isinstance(told["name"], str)
        and isinstance(told["drawn"], dict)
    )


def _release(told: Mapping[str, Any], line: bytes) -> Release:
    digest = sha256(line + b"\n").hexdigest()
    return Release(told["name"], told["micro_rho"], told["spent_micro_rho"], told["drawn"], digest)


def _damaged(path: Path, n: int, what: str) -> str:
    return (
        f"{path}, line {n}: it {what}. Nothing is released until the file is whole again: to draw anew what may have "
        "been told would undo the noise. Put it back from a backup that reaches up to the last bundle."
    )
