"""Write bundles and strip older ones over and over, killed with SIGKILL at another step each time: for test_bundle.py.

Steps are Python's audit events, which come just before what is asked of the file system is done. After each kill the
folder must hold whole bundles in unbroken sequence, the last one not stripped. Each run is a fork of a process that
has imported Polars and not yet used it, so that none of its threads are missed. Prints how each run ended.
"""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipelines.arena.bundle import strip_older, write_bundle
from pipelines.arena.manifest import FILE, PACKAGE, SIGNATURE
from pipelines.arena.verify import read_signed, verify
from tests.arena.bundles import keyring, small_contents

MOMENTS = (  # before the n-th event of its kind below the folder of bundles
    ("os.mkdir", 1),
    ("os.mkdir", 3),
    ("open", 30),
    ("open", 60),
    ("os.rename", 1),
    ("os.remove", 1),
    ("os.remove", 2),
    ("os.rmdir", 1),
)


def run(home: Path, n: int, moment: tuple[str, int] | None) -> None:
    """Look over what is there, write the n-th state of the contents, and die at a moment."""
    check(home / "bundles")
    contents, keys = small_contents(home), keyring(home)
    fatal, left = moment or ("", 0)
    ours = str(home / "bundles")

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event == fatal and str(arguments[0]).startswith(ours):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    write_bundle(home / "bundles", replace(contents, spent_micro_rho=100_000 + n), keys)
    strip_older(home / "bundles")


def check(bundles: Path, *, is_done: bool = False) -> None:
    """Every bundle follows the one before, and the last is whole. `is_done`: so that all others are stripped."""
    standing = sorted(bundles.glob("0*"))
    assert [path.name for path in standing] == [f"{n:06}" for n in range(1, len(standing) + 1)], standing
    previous = None
    for n, path in enumerate(standing, 1):
        signed = read_signed(path)
        assert (signed.manifest["sequence"], signed.manifest["previous"]) == (n, previous), path
        is_whole = (path / PACKAGE).exists()
        assert is_whole or path != standing[-1], path
        assert not is_whole or not verify(path).is_stripped, path
        assert not is_done or path == standing[-1] or len(list(path.iterdir())) == len((FILE, SIGNATURE)), path
        previous = signed.sha256
    assert len(list(bundles.glob(".*"))) <= 1


def forked(work: Callable[[], None]) -> int:
    """Do the work in a process of its own; the status it ended with."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        work()
    except BaseException:  # noqa: BLE001 - of a fork nothing may go on
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def main(home: Path) -> None:
    """A run that ends by itself, one for each moment, and one more, which meets what the last one left."""
    for n, moment in enumerate((None, *MOMENTS, None)):
        status = forked(lambda n=n, moment=moment: run(home, n, moment))
        print(*(moment or ("never", 0)), "killed" if status == signal.SIGKILL else status, flush=True)
    print("checked", forked(lambda: check(home / "bundles", is_done=True)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
