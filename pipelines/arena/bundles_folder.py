"""The folder of a publisher's own bundles: `000001`, `000002`, ..., the last of them whole, the older ones stripped.

Not here: writing a bundle (bundle.py) and checking one (verify.py).
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from pipelines.arena.manifest import FILE, PACKAGE, SIGNATURE
from pipelines.arena.verify import Bundle, BundleRefused, Signed, read_signed, verify
from pipelines.game.faults import PodiumError
from pipelines.store.durable import disk_faults, sync

FOLDER = "bundles"  # in the arena's folder of a home
_KEPT = (FILE, SIGNATURE)  # of an older bundle
_NAME, _HALF = re.compile(r"[0-9]{6,}"), re.compile(r"\.[0-9]{6,}\.half")


class ChainBroken(PodiumError):
    """The last bundle is not one that another may follow."""


def whole_of(bundles: Path, sequence: int) -> Path:
    """Where the bundle of that number stands."""
    return bundles / f"{sequence:06}"


def half_of(bundles: Path, sequence: int) -> Path:
    """Where it stands while it is made."""
    return bundles / f".{sequence:06}.half"


def sweep(bundles: Path) -> None:
    """Remove what a killed process left half made."""
    for place in bundles.iterdir():
        if _HALF.fullmatch(place.name):
            shutil.rmtree(place)


def last_bundle(bundles: Path, publisher: str) -> Bundle | None:
    """The last bundle, checked as a reader would; null if there is none yet.

    Raises ChainBroken: it is damaged, stripped, another publisher's or not of its folder's number. A bundle that
    followed it all the same would be refused by every reader.
    """
    standing = _standing(bundles)
    if not standing:
        return None
    path = standing[-1]
    remedy = "Nothing was written: put the folder back from a copy; whoever took the bundle in has one."
    try:
        last = verify(path)
    except BundleRefused as fault:
        raise ChainBroken(f"The last bundle cannot be followed by another. {fault} {remedy}") from None
    if last.is_stripped:
        raise ChainBroken(f"The last bundle, {path}, cannot be followed by another. {last.note} {remedy}")
    if last.manifest["publisher"] != publisher:
        raise ChainBroken(
            f"The last bundle, {path}, is signed by the publisher {last.manifest['publisher']}, and the keys are those "
            f"of {publisher}. Nothing was written: put the keys back from a copy, or move the folder {bundles} away to "
            "begin as another publisher."
        )
    if whole_of(bundles, last.manifest["sequence"]) != path:
        raise ChainBroken(f"The folder {path} holds the bundle number {last.manifest['sequence']}. {remedy}")
    return last


def newest_signed(bundles: Path) -> Signed | None:
    """What the last bundle's manifest says, if its signature holds; null without one. Its rows are not read."""
    standing = _standing(bundles)
    try:
        return read_signed(standing[-1]) if standing else None
    except BundleRefused:
        return None


def strip_older(bundles: Path) -> int:
    """Remove from every bundle but the last all but manifest and signature; how many bundles had more than that.

    What was withdrawn must not live on in older bundles, and the chain can be checked without their rows. Nothing
    happens unless the last one is whole. `datapackage.json` goes first: from then on a bundle counts as stripped, so a
    killed process leaves none that is neither whole nor stripped.

    Raises DiskFault.
    """
    standing = _standing(bundles)
    if not standing or not (standing[-1] / PACKAGE).exists():
        return 0
    n_stripped = 0
    with disk_faults("Removing the rows of older bundles", bundles):
        for bundle in standing[:-1]:
            surplus = list(_surplus(bundle))
            for place in surplus:
                shutil.rmtree(place) if place.is_dir() and not place.is_symlink() else place.unlink()
                if place.name == PACKAGE:
                    sync(bundle)
            sync(bundle)
            n_stripped += bool(surplus)
    return n_stripped


def _standing(bundles: Path) -> list[Path]:
    """The bundles by their number, whatever state they are in."""
    if not bundles.is_dir():
        return []
    named = (place for place in bundles.iterdir() if _NAME.fullmatch(place.name) and place.is_dir())
    return sorted(named, key=lambda place: int(place.name))


def _surplus(bundle: Path) -> Iterator[Path]:
    """What is removed, the descriptor first."""
    yield from sorted(
        (place for place in bundle.iterdir() if place.name not in _KEPT),
        key=lambda place: (place.name != PACKAGE, place),
    )
