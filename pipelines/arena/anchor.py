"""The anchor: how far a publisher has come, remembered beside its keys, outside the home.

A home that was put back from a backup, or copied, knows nothing of the bundles that were written since. To go on from
there would fork the chain, draw noise anew beside what is out, and forget whom to withdraw. Not here: what an export
does about it (engines/sharing.py).
"""

import re
from dataclasses import asdict, dataclass
from pathlib import Path

from pipelines.arena.budget import NO_LINE
from pipelines.arena.bundles_folder import ChainBroken
from pipelines.arena.secret_files import KeysFault, parsed, read_private, to_json, write_private
from pipelines.arena.verify import Bundle
from pipelines.store.durable import disk_faults

FILE = "anchor.json"
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Anchor:
    """The newest bundle that was written, its number and the SHA-256 of its manifest (0 and empty: none yet), and the
    head of the ledger of privacy when noise was last drawn."""

    sequence: int = 0
    manifest_sha256: str = ""
    ledger_head: str = NO_LINE


def read_anchor(keyring_folder: Path) -> Anchor | None:
    """What is remembered; null before the first export. Raises KeysFault."""
    path = keyring_folder / FILE
    if not path.exists():
        return None
    told = parsed(read_private(path))
    try:
        anchor = Anchor(**told)
        is_whole = type(anchor.sequence) is int and all(
            text == "" or _SHA256.fullmatch(text) for text in (anchor.manifest_sha256, anchor.ledger_head)
        )
    except TypeError:
        is_whole = False
    if not is_whole:
        raise KeysFault(
            f"{path} is damaged: it says how far this publisher has come. Put it back from a copy; removed, a home put "
            "back from a backup would no longer be noticed."
        )
    return anchor


def write_anchor(keyring_folder: Path, anchor: Anchor) -> None:
    """Remember it, durably. Raises DiskFault."""
    with disk_faults("Remembering how far the publisher has come", keyring_folder):
        write_private(keyring_folder / FILE, to_json(asdict(anchor)))


def refuse_behind(anchor: Anchor | None, last: Bundle | None, bundles: Path) -> None:
    """Raise ChainBroken if the home's last bundle is not the one that was written last, or one that follows it.

    A bundle that is ahead of the anchor was written by an export that was killed before it could remember.
    """
    if anchor is None or anchor.sequence == 0:
        return
    here = last.manifest["sequence"] if last else 0
    if here > anchor.sequence or (last and last.manifest_sha256 == anchor.manifest_sha256):
        return
    raise ChainBroken(
        f"This publisher has written bundle {anchor.sequence}, and {bundles} holds "
        f"{'none' if last is None else f'another or an older one, {here}'}: the home was put back from a backup, or is "
        "a copy. Nothing was written: whoever has the newer bundles would see a fork, and withdrawals would be lost. "
        "Put the folder `arena` of the home back as it was after that bundle; any reader has a copy of the bundles."
    )
