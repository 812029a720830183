"""A folder that is replaced whole: written beside the old one, which readers see until the new one is complete.

Only what carries our mark is ever removed; the mark says of what the folder is, such as a generation. Not here: what
stands in it (publishing.py).
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.game.faults import PodiumError
from pipelines.reports.choices import quoted
from pipelines.store.durable import disk_faults

MARK = "podium-site.txt"
_OF = "generation"


@dataclass(frozen=True)
class Kind:
    """What a folder holds: a word for it, the command that writes it, and who may look into it (as for mkdir).

    `remedy`: what to do where the folder holds something else. `of`: what tells two such folders apart.
    """

    word: str
    command: str
    mode: int = 0o777
    remedy: str = "choose another one with --out"
    of: str = _OF

    @property
    def says(self) -> str:
        """The first line of its mark."""
        return f"This folder is written by `{self.command}`, which replaces all of it: keep nothing of your own here.\n"


REPORT = Kind("report", "podium report")


class NotOurs(PodiumError):
    """A folder to write to that holds something else."""


class Busy(PodiumError):
    """Another process writes the same folder."""


@contextmanager
def replacing(out: Path, name: str, kind: Kind = REPORT) -> Iterator[Path]:
    """Give a new folder beside `out`; when the block ends well it takes the place of `out`, else it is removed.

    `name`: of that which it shows, such as the id of a generation.

    Raises NotOurs if `out` holds anything that was not written so, Busy while another process writes it, DiskFault
    where it cannot be written.
    """
    out = out.absolute()
    _check(out, kind)
    new, old = (out.with_name(f".{out.name}.{state}") for state in ("new", "old"))
    with disk_faults(f"Writing the {kind.word}", out.parent):
        out.parent.mkdir(parents=True, exist_ok=True)
        with _alone(out):
            _clear(new, old)
            try:
                new.mkdir(kind.mode)
                (new / MARK).write_text(f"{kind.says}{kind.of} {name}\n", "utf-8")
                yield new
                if out.exists():
                    out.rename(old)
                new.rename(out)
            finally:
                _clear(new, old)


def generation_of(out: Path) -> str | None:
    """The generation that a folder shows; None for one that is not there or not ours."""
    try:
        last = (out / MARK).read_text("utf-8").splitlines()[-1]
    except (OSError, UnicodeDecodeError, IndexError):
        return None
    of, _, name = last.partition(" ")
    return name if of == _OF else None


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Hold a lock beside the folder; the system lets go of it when the process ends, however it ends."""
    handle = os.open(out.with_name(f".{out.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"Another process is writing {quoted(str(out))}: wait until it has ended.") from None
        yield
    finally:
        os.close(handle)


def _check(out: Path, kind: Kind) -> None:
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise NotOurs(f"{quoted(str(out))} is no folder: {kind.remedy}.")
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        raise NotOurs(
            f"The folder {quoted(str(out))} holds something else than a {kind.word}, which would be lost: "
            f"{kind.remedy}."
        )


def _clear(*folders: Path) -> None:
    """Remove what an earlier run left, or this one no longer needs. The mark goes last."""
    for folder in folders:
        if folder.is_dir() and not folder.is_symlink() and ((folder / MARK).is_file() or not any(folder.iterdir())):
            shutil.rmtree(folder)
