"""Conversations that their owners share: one by one, byte for byte, by an act of their own.

`<home>/arena/conversations/` holds the bytes under their SHA-256, and `shared.jsonl`, to which every act of sharing and
taking back is appended. Nothing here reads transcripts, and nothing changes a byte. Whoever changes the folder holds
the run lock of the home. Not here: who allows that conversations leave at all (consents.py), what may be in one that
its owner did not mean (redaction.py), and the way out (bundle.py).
"""

import hashlib
import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.arena import consents, tables
from pipelines.arena.pseudonyms import Pseudonyms
from pipelines.arena.secret_files import create_private, make_folder, parsed, sweep, to_json, write_private
from pipelines.game.faults import PodiumError
from pipelines.store.durable import disk_faults, replaced, sha256, sync

FOLDER = "conversations"  # in the folder of the arena of a home
ACTS = "shared.jsonl"
MAX_BYTES = 16 * 1024**2
MIN_PREFIX = 6  # hexadecimal digits by which a conversation may be named
SHARED: dict[str, pl.DataType] = {  # one row per owner and conversation that is shared now, in that order
    "owner_id": pl.String(),
    "sha256": pl.String(),
    "n_bytes": pl.Int64(),
    "week": pl.String(),
}
_SHARE, _UNSHARE = "share", "unshare"
_KINDS = {"owner_id": str, "sha256": str, "n_bytes": int, "week": str}
_HASH, _PREFIX = re.compile(r"[0-9a-f]{64}"), re.compile(rf"[0-9a-f]{{{MIN_PREFIX},64}}")
_SWEPT = re.compile(r"\.(?:[0-9a-f]{64}|shared\.jsonl)\.half")


class ConversationRefused(PodiumError):
    """A file that cannot be shared, or a conversation that was never shared; nothing was changed."""


class ConversationsDamaged(PodiumError):
    """What is kept of shared conversations is not as their owners left it; the message names no owner."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A conversation that an owner shares, or shared until now. `is_new`: whether the act changed anything."""

    owner_id: str
    sha256: str
    n_bytes: int
    week: str  # ISO week in which it was shared, such as 2026-W47
    is_new: bool = True


def bytes_of(source: Path) -> bytes:
    """The bytes of a file that may be shared, as they are at this moment.

    Raises ConversationRefused: it cannot be read, is no regular file, is empty, or has more than MAX_BYTES.
    """
    try:
        if not stat.S_ISREG(source.stat().st_mode):
            raise ConversationRefused(f"{source} is no regular file. Name the file of one conversation.")
        handle = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # it may have become a pipe
        with os.fdopen(handle, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as fault:
        raise ConversationRefused(f"{source} cannot be read: {fault.strerror}. Nothing is shared.") from None
    if not data:
        raise ConversationRefused(f"{source} is empty: there is nothing to share.")
    if len(data) > MAX_BYTES:
        raise ConversationRefused(
            f"{source} has more than {MAX_BYTES // 1024**2} MiB, the most that a conversation may have. Share a part "
            "of it as a file of its own."
        )
    return data


def share(folder: Path, source: Path, owner_id: str, week: str, looked_at: bytes | None = None) -> Shared:
    """Share the bytes of a file as their owner; from then on the file itself does not matter.

    `week`: the ISO week of the act. `looked_at`: the bytes that the owner saw, when the file must still hold them.
    Sharing again what is shared changes nothing, but puts back bytes that were lost or changed. Killed at any moment,
    the conversation is shared whole or not at all.

    Raises ConversationRefused (`bytes_of`, or the file has changed since), ConversationsDamaged, DiskFault.
    """
    data = bytes_of(source)
    if looked_at is not None and data != looked_at:
        raise ConversationRefused(f"{source} has changed since you looked at it. Nothing is shared: look at it again.")
    digest = hashlib.sha256(data).hexdigest()
    with disk_faults("Sharing a conversation", folder):
        make_folder(folder, 0o700)
        held = _standing(_acts(folder))
        if not _is_whole(folder / digest, digest):
            _write(folder / digest, data)
        known = held.get((owner_id, digest))
        if known is None:
            _append(folder, _SHARE, Shared(owner_id, digest, len(data), week))
        _sweep(folder)
    return replace(known, is_new=False) if known else Shared(owner_id, digest, len(data), week)


def unshare(folder: Path, owner_id: str, prefix: str) -> Shared:
    """Take a shared conversation back; its bytes are deleted here unless another owner shares the same.

    `prefix`: its SHA-256, or the first MIN_PREFIX or more digits of it. Gives back what was shared until now.

    Raises ConversationRefused (this owner shares none, or several, that begin so), ConversationsDamaged, DiskFault.
    """
    begins = prefix.lower()
    if not _PREFIX.fullmatch(begins):
        raise ConversationRefused(
            f"`{prefix[:80]}` names no conversation: give the first {MIN_PREFIX} or more digits of its SHA-256."
        )
    of_owner = [held for (owner, digest), held in _standing(_acts(folder)).items() if owner == owner_id]
    named = [held for held in of_owner if held.sha256.startswith(begins)]
    if len(named) != 1:
        found = f"{len(named)} conversations" if named else "No conversation"
        advice = "Give more digits." if named else "`podium arena preview` shows which are shared."
        raise ConversationRefused(f"{found} of this owner begin{'' if named else 's'} with {begins}. {advice}")
    with disk_faults("Taking a conversation back", folder):
        _append(folder, _UNSHARE, named[0])
        _sweep(folder)
    return named[0]


def shared(folder: Path) -> pl.DataFrame:
    """What is shared now: columns of SHARED, by owner and SHA-256. Raises ConversationsDamaged, DiskFault."""
    held = _standing(_acts(folder)).values()
    rows = [[getattr(one, name) for name in SHARED] for one in held]
    return pl.DataFrame(rows, schema=SHARED, orient="row").sort("owner_id", "sha256")


def forget(folder: Path, owner_id: str) -> int:
    """Remove an owner's acts, and the bytes that nobody else shares; gives back how many conversations those were.

    Raises ConversationsDamaged, DiskFault.
    """
    acts = _acts(folder)
    kept = [act for act in acts if act["owner_id"] != owner_id]
    if folder.is_dir():
        with disk_faults("Forgetting an owner's conversations", folder):
            if len(kept) < len(acts):
                write_private(folder / ACTS, b"".join(to_json(act) + b"\n" for act in kept))
            _sweep(folder)
    return len({act["sha256"] for act in acts if act["owner_id"] == owner_id})


def rows(
    held: pl.DataFrame, folder: Path, owners: pl.Series, pseudonyms: Pseudonyms
) -> tuple[pl.DataFrame, dict[str, Path], int]:
    """What of the shared conversations leaves: rows of tables.CONVERSATIONS, SHA-256 -> the file with the bytes, and
    how many do not leave since their bytes are missing or are not those that were shared.

    `held`: columns of SHARED. `owners`: those who allow now that conversations leave; of others nothing does.
    """
    told = held.filter(pl.col("owner_id").is_in(owners.implode()))
    digests = told["sha256"].unique().sort().to_list()
    with disk_faults("Reading shared conversations", folder):
        whole = {digest: folder / digest for digest in digests if _is_whole(folder / digest, digest)}
    told = told.filter(pl.col("sha256").is_in(list(whole)))
    frame = told.with_columns(
        pseudonym=pseudonyms.owners(consents.CONVERSATIONS, told["owner_id"]),
        file=pl.format("conversations/{}", pl.col("sha256")),
    )
    contract = tables.CONVERSATIONS
    return contract.shape(frame).sort(contract.sort_by), whole, len(digests) - len(whole)


def _acts(folder: Path) -> list[dict[str, Any]]:
    """Every act in its order; a last line without its end was never one. Raises ConversationsDamaged, DiskFault."""
    path = folder / ACTS
    with disk_faults("Reading shared conversations", folder):
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    acts = []
    for number, act in enumerate(map(parsed, lines), 1):
        if not _is_act(act):
            raise ConversationsDamaged(
                f"Line {number} of {path} is no act of sharing, so what is shared is not known and no conversation "
                "leaves. Put the file back from a copy."
            )
        acts.append(act)
    return acts


def _is_act(act: object) -> bool:
    if not isinstance(act, dict) or act.keys() != {"act", *_KINDS} or act["act"] not in (_SHARE, _UNSHARE):
        return False
    is_typed = all(type(act[key]) is kind for key, kind in _KINDS.items())
    return is_typed and bool(_HASH.fullmatch(act["sha256"])) and bool(re.match(tables.WEEK, act["week"]))


def _standing(acts: Sequence[dict[str, Any]]) -> Mapping[tuple[str, str], Shared]:
    held: dict[tuple[str, str], Shared] = {}
    for act in acts:
        one = Shared(**{key: act[key] for key in _KINDS})
        held.pop((one.owner_id, one.sha256), None)
        if act["act"] == _SHARE:
            held[one.owner_id, one.sha256] = one
    return held


def _append(folder: Path, kind: str, shared: Shared) -> None:
    act = {key: value for key, value in asdict(shared).items() if key in _KINDS} | {"act": kind}
    handle = os.open(folder / ACTS, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "r+b") as file:
        file.truncate(file.seek(file.read().rfind(b"\n") + 1))  # what a killed process left of a line
        file.write(to_json(act) + b"\n")
        file.flush()
        os.fsync(handle)
    sync(folder)


def _is_whole(path: Path, digest: str) -> bool:
    return path.is_file() and not path.is_symlink() and sha256(path) == digest


def _write(path: Path, data: bytes) -> None:
    sweep(path)
    with replaced(path) as half:
        create_private(half, data)
    sync(path.parent)


def _sweep(folder: Path) -> None:
    """Delete bytes that nobody shares, and what a killed process left half made."""
    named = {one.sha256 for one in _standing(_acts(folder)).values()}
    for path in list(folder.iterdir()):
        if _SWEPT.fullmatch(path.name) or (_HASH.fullmatch(path.name) and path.name not in named):
            path.unlink()
    sync(folder)
