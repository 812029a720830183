"""Writing a bundle: a snapshot of what leaves, described, signed, and made visible whole by one rename.

Killed at any moment, the folder of bundles holds whole ones only, in unbroken sequence. Not here: what leaves
(leaving.py), what a bundle must keep (rows.py, agreement.py), and checking a stranger's (verify.py).
"""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.arena.agreement import disagreements, last_month, named_in
from pipelines.arena.budget import epsilon_of
from pipelines.arena.bundles_folder import ChainBroken, half_of, last_bundle, strip_older, sweep, whole_of
from pipelines.arena.datapackage import datapackage, table_path
from pipelines.arena.documents import as_document
from pipelines.arena.json_schemas import json_schemas
from pipelines.arena.keys import Keyring
from pipelines.arena.manifest import FILE, MAX_BYTES, PACKAGE, SIGNATURE, manifest_faults, size_faults
from pipelines.arena.policy import Policy
from pipelines.arena.rows import as_lines, read_lines
from pipelines.arena.tables import BUNDLE_TABLES, FORMAT, TOMBSTONES, USAGE
from pipelines.arena.verify import Bundle
from pipelines.game.contract import ContractBroken
from pipelines.game.faults import PodiumError
from pipelines.store.durable import disk_faults, sync

__all__ = ["BundleFault", "ChainBroken", "Contents", "Written", "strip_older", "write_bundle"]

_CHUNK = 1024**2
_OTHER_BYTES = (
    "The conversation {} no longer has the bytes that its owner shared. Nothing was written: share it again, or "
    "withdraw it."
)
_TOO_LARGE = "The bundle would be larger than readers take in, so nothing was written. {}"
_POSITION = ("sequence", "previous")  # what differs between two bundles that say the same


class BundleFault(PodiumError):
    """A bundle that cannot be written as things are; nothing was."""


@dataclass(frozen=True)
class Contents:
    """What a bundle is to say: all tables of the format but `tombstones`, and where they come from.

    `conversations`: SHA-256 of the bytes -> file that holds them. `week`: ISO week up to which it speaks. `rulebook`:
    fingerprint. `spent_micro_rho`, `ledger_head`: of the ledger after all that is in `usage`.
    """

    tables: Mapping[str, pl.DataFrame]
    conversations: Mapping[str, Path]
    week: str
    rulebook: str
    policy: Policy
    spent_micro_rho: int
    ledger_head: str


@dataclass(frozen=True)
class Written:
    """The newest bundle, and whether it is new: if nothing had changed, the last one stands."""

    path: Path
    manifest: Mapping[str, Any]
    is_new: bool


def write_bundle(bundles: Path, contents: Contents, keyring: Keyring, last: Bundle | None = None) -> Written:
    """Write the next bundle into the folder `bundles`, or leave the last if only its number would differ.

    `last`: what `last_bundle` gave under the same lock; without it the folder is read, and each row of it checked.

    Pseudonyms that the last bundle named or withdrew, and this one does not name, become its tombstones. Releases of
    months after `week`, where a season is played up to an earlier one, are left to a later bundle. The caller holds the
    run lock of the home.

    Raises:
        ChainBroken: the last bundle is damaged, or another publisher's.
        BundleFault: the budget was set back, a conversation is not as it was shared, or it is larger than is read.
        ContractBroken: `contents` do not keep the format; the message holds none of their values.
        DiskFault: the disk is full or not ours to write.
    """
    with disk_faults("Writing a bundle", bundles):
        bundles.mkdir(parents=True, exist_ok=True)
        sweep(bundles)
        last = last or last_bundle(bundles, keyring.publisher)
        _refuse_less_spent(last, contents)
        draft = _Draft.of(contents, last)
        sequence, previous = (last.manifest["sequence"] + 1, last.manifest_sha256) if last else (1, None)
        manifest = draft.manifest(contents, keyring) | {"sequence": sequence, "previous": previous}
        if last is not None and _same(manifest, last.manifest):
            return Written(last.path, last.manifest, is_new=False)
        draft.check(manifest)
        return _write(bundles, draft, manifest, keyring)


@dataclass(frozen=True)
class _Draft:
    """A bundle in memory: tables, the bytes of all small files by path, and the conversations still to copy."""

    tables: Mapping[str, pl.DataFrame]
    held: Mapping[str, bytes]
    conversations: Mapping[str, Path]
    files: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, contents: Contents, last: Bundle | None) -> "_Draft":
        usage = contents.tables[USAGE.name].filter(pl.col("month") <= last_month(contents.week))
        tables = {**contents.tables, USAGE.name: usage, TOMBSTONES.name: _tombstones(last, contents)}
        if misshapen := [name for name, table in BUNDLE_TABLES.items() if tables[name].schema != table.schema]:
            raise ContractBroken(f"{', '.join(misshapen)}: not the columns of the format. Nothing was written.")
        held = {table_path(name): _lines(name, tables[name]) for name in BUNDLE_TABLES}
        held |= {path: as_document(schema) for path, schema in json_schemas().items()}
        copied = {f"conversations/{sha256}": path for sha256, path in contents.conversations.items()}
        files = {path: _said(len(data), hashlib.sha256(data).hexdigest()) for path, data in held.items()}
        for path, source in copied.items():
            if not source.is_file():
                raise BundleFault(_OTHER_BYTES.format(path.removeprefix("conversations/")))
            files[path] = _said(source.stat().st_size, path.removeprefix("conversations/"))
        return cls(tables, held, copied, files)

    def manifest(self, contents: Contents, keyring: Keyring) -> dict[str, Any]:
        """What the manifest says, but for the bundle's number and what was before it."""
        package = self.package(keyring.publisher)
        limits, profiles = contents.policy.aggregates, contents.policy.profiles
        return {
            "format": FORMAT,
            "publisher": keyring.publisher,
            "public_key": keyring.public_key.hex(),
            "epoch": keyring.epoch,
            "week": contents.week,
            "rulebook": contents.rulebook,
            "policy": contents.policy.fingerprint,
            "k": limits.k,
            "count_grain": profiles.count_grain,
            "score_grain": profiles.score_grain,
            "micro_rho_spent": contents.spent_micro_rho,
            "micro_rho_budget": limits.budget_micro_rho,
            "delta": limits.delta,
            "epsilon": ceil(epsilon_of(contents.spent_micro_rho, limits.delta) * 1000) / 1000,
            "ledger_head": contents.ledger_head,
            "files": {**self.files, PACKAGE: _said(len(package), hashlib.sha256(package).hexdigest())},
            "tables": {name: frame.height for name, frame in self.tables.items()},
        }

    def package(self, publisher: str) -> bytes:
        """The bytes of `datapackage.json`."""
        return as_document(datapackage(publisher, self.files))

    def check(self, manifest: Mapping[str, Any]) -> None:
        """Raise ContractBroken for the first thing that does not keep the format, in the words of whoever reads it.

        Raises BundleFault if it is larger than is read.
        """
        for sentence in size_faults(manifest["files"]):
            raise BundleFault(_TOO_LARGE.format(sentence))
        for name, table in BUNDLE_TABLES.items():
            for fault in read_lines(table, self.held[table_path(name)])[1]:
                raise ContractBroken(f"{name} breaks its contract, and nothing was written: {fault.without_value}")
        for sentence in disagreements(self.tables, manifest):
            raise ContractBroken(f"Nothing was written. {sentence}")


def _lines(name: str, frame: pl.DataFrame) -> bytes:
    try:
        return as_lines(frame)
    except ValueError:
        raise ContractBroken(f"{name} holds a number that JSON cannot hold. Nothing was written.") from None


def _tombstones(last: Bundle | None, contents: Contents) -> pl.DataFrame:
    """What the last bundle named or withdrew and this one does not name; a withdrawal keeps the week of its first."""
    if last is None:
        return TOMBSTONES.empty()
    before, now = last.table(TOMBSTONES.name), named_in(contents.tables).implode()
    named = named_in(last.tables).to_frame().with_columns(week=pl.lit(contents.week))
    return pl.concat([before, named]).filter(~pl.col("pseudonym").is_in(now)).sort("pseudonym")


def _refuse_less_spent(last: Bundle | None, contents: Contents) -> None:
    if last is not None and contents.spent_micro_rho < last.manifest["micro_rho_spent"]:
        raise BundleFault(
            f"The ledger of privacy was set back: the last bundle, {last.path.name}, says that "
            f"{last.manifest['micro_rho_spent']} millionths of rho are spent, the ledger {contents.spent_micro_rho}. "
            "What was published cannot be unspent. Nothing was written: put the ledger back from a copy."
        )


def _same(manifest: Mapping[str, Any], last: Mapping[str, Any]) -> bool:
    return all(manifest[key] == last[key] for key in manifest if key not in _POSITION)


def _said(n_bytes: int, sha256: str) -> dict[str, Any]:
    return {"bytes": n_bytes, "sha256": sha256}


def _write(bundles: Path, draft: _Draft, manifest: Mapping[str, Any], keyring: Keyring) -> Written:
    data = as_document(manifest)
    if len(data) > MAX_BYTES:
        raise BundleFault(_TOO_LARGE.format(f"`{FILE}` has {len(data)} bytes, and at most {MAX_BYTES} are read."))
    signature = keyring.sign(data).hex().encode() + b"\n"
    for sentence in manifest_faults(data, signature)[1]:
        raise ContractBroken(f"The manifest does not keep its contract, and nothing was written. {sentence}")
    half, whole = half_of(bundles, manifest["sequence"]), whole_of(bundles, manifest["sequence"])
    try:
        _fill(half, {**draft.held, PACKAGE: draft.package(keyring.publisher), FILE: data, SIGNATURE: signature})
        for path, source in draft.conversations.items():
            _copy(source, half / path)
        for place in (*half.rglob("*"), half):  # after all is written: so the disk has least to do
            sync(place)
        half.rename(whole)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)  # what stays is swept at the next start
        raise
    for folder in (bundles, bundles.parent):
        sync(folder)
    return Written(whole, manifest, is_new=True)


def _fill(folder: Path, held: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for path, data in held.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(data)


def _copy(source: Path, target: Path) -> None:
    """Copy a conversation piece by piece. Raises BundleFault if its bytes are not those it is named by."""
    target.parent.mkdir(exist_ok=True)
    digest = hashlib.sha256()
    with source.open("rb") as read, target.open("xb") as file:
        while chunk := read.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
    if digest.hexdigest() != target.name:
        raise BundleFault(_OTHER_BYTES.format(target.name))
