"""What an arena remembers from merge to merge: of each publisher the key, the chain, what it withdrew and released.

A JSON file that is replaced whole. It holds nobody's rows: these come from the newest bundles, given again each time.
Not here: what is accepted (chain.py) and learnt (merge.py).
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.game.faults import PodiumError
from pipelines.store.durable import disk_faults, replaced, sync

FORMAT = "podium-arena-known/1"


class KnownDamaged(PodiumError):
    """A memory that cannot be read: without it replays and forks would pass."""


class KnownBusy(PodiumError):
    """Another merge is at work with the same memory."""


@dataclass(frozen=True)
class Remembered:
    """What is known of one publisher.

    `manifests`: SHA-256 of each accepted manifest, of sequence 1 first. `tombstones`: every pseudonym that it ever
    withdrew. `releases`: `kind month` of each release, and the SHA-256 of its figures.
    """

    public_key: str
    manifests: tuple[str, ...]
    tombstones: frozenset[str] = frozenset()
    releases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What is known of each publisher."""

    publishers: Mapping[str, Remembered] = field(default_factory=dict)


def read_known(path: Path) -> Known:
    """What the file remembers; nothing if there is none. Raises KnownDamaged."""
    try:
        held = _File.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Known()
    except OSError as fault:
        raise KnownDamaged(f"{path} cannot be read: {fault.strerror}.") from None
    except ValidationError:
        raise KnownDamaged(
            f"{path} is not what an arena remembers: restore it from a copy. Without it withdrawn rows may come back."
        ) from None
    return Known(
        {
            publisher: Remembered(one.public_key, one.manifests, frozenset(one.tombstones), one.releases)
            for publisher, one in held.publishers.items()
        }
    )


def write_known(path: Path, known: Known) -> None:
    """Put what is known in the place of what the file held, whole or not at all. Raises DiskFault."""
    with disk_faults("Writing what the arena remembers", path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as half:
            half.write_text(_text(known), "utf-8")
        sync(path.parent)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the memory from reading it to writing it: of two merges at once one would forget what the other has learnt.

    The lock lies beside the file and is never removed; the system lets go of it when the process ends, however it ends.

    Raises KnownBusy and DiskFault.
    """
    path = path.resolve()
    with disk_faults("Writing what the arena remembers", path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        with disk_faults("Writing what the arena remembers", path.parent):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise KnownBusy(f"Another merge is at work with {path}: wait until it has ended, then merge.") from None
        yield
    finally:
        os.close(handle)


def _text(known: Known) -> str:
    publishers: dict[str, Any] = {
        publisher: {
            "public_key": one.public_key,
            "manifests": one.manifests,
            "tombstones": sorted(one.tombstones),
            "releases": dict(one.releases),
        }
        for publisher, one in known.publishers.items()
    }
    return json.dumps({"format": FORMAT, "publishers": publishers}, sort_keys=True, indent=1) + "\n"


_Key = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_Pseudonym = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Publisher(_Strict):
    public_key: _Key
    manifests: Annotated[tuple[_Key, ...], Field(min_length=1)]
    tombstones: tuple[_Pseudonym, ...]
    releases: dict[str, _Key]


class _File(_Strict):
    format: Annotated[str, Field(pattern=f"^{FORMAT}$")]
    publishers: dict[_Pseudonym, _Publisher]
