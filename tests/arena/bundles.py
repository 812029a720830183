"""Small bundles for tests: literal tables of two owners, their conversation, and a keyring of real keys."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.arena.bundle import Contents
from pipelines.arena.datapackage import datapackage
from pipelines.arena.documents import as_document
from pipelines.arena.keys import Keyring
from pipelines.arena.policy import load_policy
from pipelines.arena.tables import BUNDLE_TABLES
from pipelines.arena.verify import BundleRefused, verify

ADA, BOB, ADAS_AGENT = "a" * 32, "b" * 32, "c" * 32  # pseudonyms under the scope of metrics
ADAS_BADGES, BOBS_TALK = "d" * 32, "e" * 32
TALK = "Wer hat den Fehler gefunden? – Das Modell.\n".encode() + b"\x00\xff"
TALK_SHA256 = hashlib.sha256(TALK).hexdigest()

ROWS: dict[str, Sequence[tuple[Any, ...]]] = {
    "profiles": [
        (ADA, 5, 1010, 120, 95, 0.79, 40, 10, 15, None, 7, "2026-W45"),
        (BOB, 1, 0, 5, 0, None, 0, 0, 0, None, 0, None),
    ],
    "agent_statistics": [
        (ADA, "other", 20, 15, 0.75, 90, None),
        (ADA, "test-writer", 100, 80, 0.8, 920, 4),
    ],
    "leaderboard_entries": [
        ("points", "2026-W45", 1, "agent", ADAS_AGENT, ADA, 40.0),
        ("problem:collatz", "all", 1, "agent", ADAS_AGENT, ADA, 10.0),
        ("xp-user", "all", 1, "owner", ADA, ADA, 1010.0),
        ("xp-user", "all", 1, "owner", BOB, BOB, 1010.0),
    ],
    "achievements": [
        (ADAS_BADGES, "achievement", "centurion", "gold", None, "2026-W44"),
        (ADAS_BADGES, "badge", "first-blood", None, None, "2026-W43"),
        (ADAS_BADGES, "level", "level", None, 2, "2026-W40"),
    ],
    "usage": [
        ("calls", "2026-10", "other", None, -3, 12, 42.5),
        ("calls", "2026-10", "test-writer", None, 812, 96, 42.5),
        ("calls", "2026-10", "test-writer", "testing", 790, 101, 42.5),
    ],
    "conversations": [(BOBS_TALK, TALK_SHA256, f"conversations/{TALK_SHA256}", len(TALK), "2026-W45")],
    "withheld": [("usage", "submissions", "2026-10", "few_people", "Fewer people than k allow it.")],
}


def keyring(tmp_path: Path, name: str = "one") -> Keyring:
    """The keyring of a new home, made on the first call; another name, another publisher."""
    return Keyring.open(tmp_path / "keys", tmp_path / name)


def small_contents(
    tmp_path: Path, rows: Mapping[str, Sequence[tuple[Any, ...]]] | None = None, *, talk: bytes | None = TALK
) -> Contents:
    """Contents of ROWS, with the tables in `rows` instead of theirs; `talk`: the conversation's bytes, if any."""
    told = {**ROWS, **(rows or {})}
    talks = {}
    if talk is None:
        told["conversations"] = []
    else:
        (tmp_path / "talk").write_bytes(talk)
        talks = {TALK_SHA256: tmp_path / "talk"}
    tables = {
        name: pl.DataFrame(told[name], schema=table.schema, orient="row")
        for name, table in BUNDLE_TABLES.items()
        if name != "tombstones"
    }
    return Contents(tables, talks, "2026-W45", "0123456789abcdef", load_policy(), 100_000, "5" * 64)


def without(contents: Contents, *gone: str) -> Contents:
    """The same, but for every row that names one of these pseudonyms."""
    kept = {name: _without(frame, gone) for name, frame in contents.tables.items()}
    left = set(kept["conversations"]["sha256"])
    talks = {sha256: path for sha256, path in contents.conversations.items() if sha256 in left}
    return replace(contents, tables=kept, conversations=talks)


def _without(frame: pl.DataFrame, gone: Sequence[str]) -> pl.DataFrame:
    named = [name for name in ("pseudonym", "owner_pseudonym") if name in frame.columns]
    is_gone = [pl.col(name).is_in(gone) for name in named]
    return frame.filter(~pl.any_horizontal(is_gone)) if is_gone else frame


def bytes_of(bundle: Path) -> dict[str, bytes]:
    """Every file of a folder by its path in it."""
    return {path.relative_to(bundle).as_posix(): path.read_bytes() for path in bundle.rglob("*") if path.is_file()}


def signed_anew(bundle: Path, keys: Keyring, **changes: Any) -> None:
    """Describe and sign a folder as it is now, as a publisher would who wants it so; `changes` go into the manifest."""
    held = {path: data for path, data in bytes_of(bundle).items() if path not in ("manifest.json", "manifest.sig")}
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    if "datapackage.json" in held:
        described = {path: said(data) for path, data in held.items() if path in manifest["files"]}
        held["datapackage.json"] = as_document(datapackage(manifest["publisher"], described))
        (bundle / "datapackage.json").write_bytes(held["datapackage.json"])
    manifest["files"] = {path: said(data) for path, data in held.items()}
    manifest["tables"] = {name: held[f"{name}.jsonl"].count(b"\n") for name in BUNDLE_TABLES}
    sign(bundle, json.dumps(manifest | changes).encode(), keys)


def sign(bundle: Path, manifest: bytes, keys: Keyring) -> None:
    """Give a bundle a manifest of these bytes, and the signature of these keys."""
    (bundle / "manifest.json").write_bytes(manifest)
    (bundle / "manifest.sig").write_text(keys.sign(manifest).hex() + "\n")


def said(data: bytes) -> dict[str, Any]:
    """What a manifest says of a file with these bytes."""
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def refusal_of(bundle: Path) -> str:
    """Why a bundle is refused."""
    with pytest.raises(BundleRefused) as refusal:
        verify(bundle)
    assert str(refusal.value).startswith(f"The bundle `{bundle}` is refused. ")
    return str(refusal.value).partition(" is refused. ")[2]
