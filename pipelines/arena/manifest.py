"""The manifest of a bundle: what it says, its signature, and which paths it may name.

Here: its contract, and reading one with everything that can be checked without the other files. Not here: those
(verify.py), and what a new manifest says (bundle.py).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from pipelines.arena.documents import NotStrict, read_document
from pipelines.arena.keys import publisher_of
from pipelines.arena.rows import MAX_FIGURE, MOST_FAULTS, faults_of
from pipelines.arena.tables import BUNDLE_TABLES, FORMAT, PATTERNS
from pipelines.game.contract import NUMBER, TEXT, WHOLE, Column, Table
from pipelines.game.faults import PodiumError
from pipelines.game.refusals import shown

FILE, SIGNATURE, PACKAGE = "manifest.json", "manifest.sig", "datapackage.json"
_TABLES = "|".join(BUNDLE_TABLES)
PATHS = rf"^(datapackage\.json|({_TABLES})\.jsonl|schemas/({_TABLES}|manifest)\.json|conversations/[0-9a-f]{{64}})$"
_MIB = 1024**2
MAX_BYTES = 4 * _MIB  # of the manifest: parsed JSON takes up to thirty times its bytes
MAX_PACKAGE_BYTES, MAX_SCHEMA_BYTES = 8 * _MIB, _MIB
MAX_TABLE_BYTES, MAX_TABLES_BYTES = 64 * _MIB, 256 * _MIB  # of one, of all of a bundle
SIGNATURE_BYTES = 129  # 64 bytes in hexadecimal, and a line end

MANIFEST = Table(
    name="manifest",
    grain="One object per bundle; its exact bytes are what the publisher signs",
    columns=(
        Column("format", TEXT, "the format and its version"),
        Column(
            "publisher", TEXT, "the publisher: the first 32 hexadecimal digits of the SHA-256 of public_key's bytes"
        ),
        Column("public_key", TEXT, "the publisher's Ed25519 key, 32 bytes in hexadecimal"),
        Column("sequence", WHOLE, "number of the bundle among all of this publisher, from 1, without gaps", low=1),
        Column("previous", TEXT, "SHA-256 of the manifest.json before; null in the first bundle", nullable=True),
        Column(
            "epoch", WHOLE, "how many keys of pseudonyms there have been; with a new one all pseudonyms change", low=1
        ),
        Column("week", TEXT, "cursor: the ISO week up to whose end the profiles speak"),
        Column("rulebook", TEXT, "fingerprint of the rules of the game; scores compare only where it is equal"),
        Column("policy", TEXT, "fingerprint of the limits under which things may leave"),
        Column("k", WHOLE, "no sum is told over fewer people", low=2),
        Column("count_grain", WHOLE, "counts are told to the nearest multiple of it", low=1),
        Column("score_grain", WHOLE, "points and XP are told to the nearest multiple of it", low=1),
        Column("micro_rho_spent", WHOLE, "privacy spent on `usage` in all bundles so far, in millionths of rho", low=0),
        Column("micro_rho_budget", WHOLE, "how much may ever be spent", low=1),
        Column("delta", NUMBER, "the delta for which epsilon is told", low=0, high=1),
        Column("epsilon", NUMBER, "epsilon of micro_rho_spent at delta, rounded up to three decimals", low=0),
        Column("ledger_head", TEXT, "SHA-256 of the last line of the publisher's ledger of privacy"),
    ),
    sort_by=(),
)


class BundleRefused(PodiumError):
    """A bundle that must not be taken in; the message says what is wrong with it."""


def refused(path: Path, sentences: Iterable[str]) -> BundleRefused:
    """The refusal of a bundle, with its first faults."""
    text = str(path)
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
    return BundleRefused(f"The bundle `{text}` is refused. {' '.join(islice(sentences, MOST_FAULTS))}")


def manifest_faults(data: bytes, signature: bytes) -> tuple[Mapping[str, Any], list[str]]:
    """What a manifest says, and the first faults of it and its signature as sentences; with any, it says nothing."""
    try:
        content = read_document(data)
    except NotStrict as fault:
        return {}, [f"`{FILE}` {fault}."]
    if not isinstance(content, dict):
        return {}, [f"`{FILE}` holds no object."]
    if sentence := _of_format(content.get("format")):
        return {}, [sentence]
    faults = list(islice(_shape_faults(content), MOST_FAULTS)) or list(_signature_faults(content, data, signature))
    return ({}, faults) if faults else (content, [])


def claimed(data: bytes) -> tuple[str | None, int | None]:
    """What a manifest that may be anybody's calls itself: publisher and sequence, if both keep their contract."""
    try:
        content = read_document(data)
    except NotStrict:
        return None, None
    columns = [column for column in MANIFEST.columns if column.name in ("publisher", "sequence")]
    said = {column.name: content.get(column.name) if isinstance(content, dict) else None for column in columns}
    return (None, None) if any(faults_of(columns, said)) else (said["publisher"], said["sequence"])


def size_faults(files: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What of a bundle's files is larger than is read. `files`: as in the manifest."""
    of_tables = 0
    for path, said in files.items():
        most = _most_bytes(path)
        if most is not None and said["bytes"] > most:
            yield f"`{path}` has {said['bytes']} bytes, and at most {most} are read."
        of_tables += said["bytes"] if path.endswith(".jsonl") else 0
    if of_tables > MAX_TABLES_BYTES:
        yield f"The tables have {of_tables} bytes together, and at most {MAX_TABLES_BYTES} are read."


def path_fault(path: str) -> str | None:
    """Why a path must not be in a bundle, to go on after it; null if it may."""
    if re.match(r"[/\\]|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://", path):
        return "is unsafe: it does not begin in the bundle"
    if "\\" in path or any(step in ("", ".", "..") for step in path.split("/")):
        return "is unsafe: only `/` may part its steps, and none may be empty, `.` or `..`"
    return None if re.fullmatch(PATHS, path) else "is none of the format"


def _most_bytes(path: str) -> int | None:
    if path == PACKAGE:
        return MAX_PACKAGE_BYTES
    if path.startswith("schemas/"):
        return MAX_SCHEMA_BYTES
    return MAX_TABLE_BYTES if path.endswith(".jsonl") else None


def _of_format(named: object) -> str | None:
    if named == FORMAT:
        return None
    if isinstance(named, str) and re.fullmatch(r"podium-arena/[0-9.]{1,20}", named):
        return f"It is of the format {shown(named)}, and this Podium reads `{FORMAT}`: another version may read it."
    return f"Its format is {shown(named)}, and not `{FORMAT}`."


def _shape_faults(content: Mapping[str, Any]) -> Iterator[str]:
    scalars = {key: held for key, held in content.items() if key not in ("files", "tables")}
    yield from (f"`{FILE}`: {fault}" for fault in faults_of(MANIFEST.columns, scalars))
    files, tables = content.get("files"), content.get("tables")
    if not isinstance(files, dict) or not isinstance(tables, dict):
        yield f"`{FILE}`: `files` and `tables` must both be objects."
        return
    if set(tables) != set(BUNDLE_TABLES) or not all(_is_count(n_rows) for n_rows in tables.values()):
        yield f"`{FILE}`: `tables` must say of every table of the format, and of no other, how many rows it has."
    yield from _file_faults(files)


def _file_faults(files: Mapping[str, Any]) -> Iterator[str]:
    spellings: set[str] = set()
    for path, said in files.items():
        if fault := path_fault(path):
            yield f"The path {shown(path)} {fault}."
        if path.casefold() in spellings:
            yield f"The path {shown(path)} differs from another in case alone."
        spellings.add(path.casefold())
        is_whole = isinstance(said, dict) and set(said) == {"bytes", "sha256"}
        if not is_whole or not _is_count(said["bytes"]) or not _is_sha256(said["sha256"]):
            yield f"`{FILE}` does not say size and checksum of {shown(path)} as the format does."


def _signature_faults(content: Mapping[str, Any], data: bytes, signature: bytes) -> Iterator[str]:
    key = bytes.fromhex(content["public_key"])
    if content["publisher"] != publisher_of(key):
        yield f"The publisher {content['publisher']} is not the one of its key, {publisher_of(key)}."
    if (content["sequence"] == 1) != (content["previous"] is None):
        yield "The first bundle of a publisher, and no other, has none before it: `sequence` and `previous` disagree."
    if not re.fullmatch(rb"[0-9a-f]{128}\n", signature):
        yield f"`{SIGNATURE}` is no signature: 128 hexadecimal digits and a line end."
    elif not _is_signed(key, bytes.fromhex(signature.decode().strip()), data):
        yield f"The signature is not one of the publisher's key over these bytes of `{FILE}`."


def _is_signed(key: bytes, signature: bytes, data: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_FIGURE


def _is_sha256(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(PATTERNS["sha256"], value))
