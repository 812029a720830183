"""Whatever may be wrong when something is about to leave: damaged files, a full disk, a row that may not leave.

Each fault plants a canary where it can, and is over at the end of a `with` block. Not here: what is said of them
(test_canaries.py).
"""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.engines import sharing
from pipelines.store.warehouse import FILE as WAREHOUSE
from tests.end_to_end.canaries import CLOCK, DAYS, WORD


def sung(data: bytes) -> bytes:
    """A canary more, in a line of its own."""
    return data + WORD.encode() + b"\n"


def faults(home: Path, keys: Path) -> dict[str, Callable[[], Any]]:
    """What may be wrong with what an export works on, by name: each is so for the length of a `with` block."""
    [keys], arena = keys.iterdir(), home / "arena"
    [generation] = (home / "published" / "generations").iterdir()
    last, policy = arena / "bundles" / "000002", home / "arena.toml"
    wrong: dict[str, tuple[Path, Callable[[bytes], bytes]]] = {
        "a key with a digit too many": (keys / "signing.key", lambda data: data.strip() + b"0"),
        "another's key": (keys / "signing.key", lambda data: data.strip()[::-1]),
        "half a key of the epoch": (keys / "epochs.json", lambda data: data[:-6]),
        "salts without an end": (keys / "salts.json", lambda data: data[:-3]),
        "salts of another shape": (keys / "salts.json", lambda data: data.replace(b'"since"', b'"before"')),
        "keys of nobody": (arena / "publisher.json", sung),
        "an anchor of another shape": (keys / "anchor.json", lambda data: data.replace(b"ledger", WORD.encode())),
        "a last bundle with another row": (last / "profiles.jsonl", sung),
        "a last bundle with other rows, as long": (
            last / "profiles.jsonl",
            lambda data: (sung(b"") * 99)[: len(data)],
        ),
        "a last bundle with another signature": (last / "manifest.sig", sung),
        "a policy with a wrong value": (policy, lambda data: data + f'delta = "{WORD}"\n'.encode()),
        "a policy that is no TOML": (policy, sung),
        "acts of sharing of another shape": (arena / "conversations" / "shared.jsonl", sung),
        "facts that are no Parquet": (generation / "agent_calls.parquet", lambda _: sung(b"")),
        "a generation of nothing": (generation / "manifest.json", sung),
        "a warehouse that is none": (home / WAREHOUSE, lambda _: sung(b"") * 999),
    }
    return {
        **{name: partial(changed, *change) for name, change in wrong.items()},
        "a row that may not leave": partial(planted, "profiles", last_active_week=pl.lit(WORD)),
        "a full disk": full_disk,
    }


@contextmanager
def changed(path: Path, change: Callable[[bytes], bytes]) -> Iterator[None]:
    """A file with other bytes."""
    before = path.read_bytes()
    path.write_bytes(change(before))
    try:
        yield
    finally:
        path.write_bytes(before)


@contextmanager
def planted(table: str, **columns: pl.Expr) -> Iterator[None]:
    """Rows of product a with other values."""
    before = sharing.product_a
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            sharing, "product_a", lambda *args: {**(rows := before(*args)), table: rows[table].with_columns(**columns)}
        )
        yield


@contextmanager
def full_disk() -> Iterator[None]:
    """Something new to write, and no file may grow beyond a few bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with planted("profiles", xp=pl.col("xp") + 10):
        resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


def unforeseen(*_: Any) -> None:
    raise ValueError(f"could not convert {WORD} of {DAYS[0]} {CLOCK}")
