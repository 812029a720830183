"""A folder that is replaced whole: written beside the old one, which readers see until the new one is complete.

Only what carries our mark is ever removed. Not here: what stands in it (publishing.py).
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.game.faults import PodiumError
from pipelines.reports.choices import quoted
from pipelines.store.durable import disk_faults

MARK = "podium-site.txt"
_SAYS = "This folder is written by `podium report`, which replaces all of it: keep nothing of your own here.\n"


class NotOurs(PodiumError):
    """A folder to write to that holds something else."""


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Give a new folder beside `out`; when the block ends well it takes the place of `out`, else it is removed.

    Raises NotOurs if `out` holds anything that was not written so, DiskFault where it cannot be written.
    """
    out = out.absolute()
    _check(out)
    new, old = (out.with_name(f".{out.name}.{state}") for state in ("new", "old"))
    with disk_faults("Writing the report", out.parent):
        _clear(new, old)
        try:
            new.mkdir(parents=True)
            (new / MARK).write_text(_SAYS, "utf-8")
            yield new
            if out.exists():
                out.rename(old)
            new.rename(out)
        finally:
            _clear(new, old)


def _check(out: Path) -> None:
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise NotOurs(f"{quoted(str(out))} is no folder: choose another one with --out.")
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        raise NotOurs(
            f"The folder {quoted(str(out))} holds something else than a report, which would be lost: "
            "choose another one with --out."
        )


def _clear(*folders: Path) -> None:
    """Remove what an earlier run left, or this one no longer needs. The mark goes last."""
    for folder in folders:
        if folder.is_dir() and not folder.is_symlink() and ((folder / MARK).is_file() or not any(folder.iterdir())):
            shutil.rmtree(folder)
