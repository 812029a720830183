"""Checking a bundle, offline: that it is whole, signed by its publisher, of this format, and in agreement with itself.

Nothing in a bundle is believed before it is checked, and what is told of it is safe to show. Not here: how bundles of
one publisher follow each other (merge.py), single rows (rows.py), what tables owe each other (agreement.py).
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.arena.agreement import disagreements
from pipelines.arena.bundle_files import checksum, found_in, read_file
from pipelines.arena.datapackage import datapackage, table_path
from pipelines.arena.documents import NotStrict, meaning, read_document
from pipelines.arena.json_schemas import json_schemas
from pipelines.arena.manifest import (
    FILE,
    MAX_BYTES,
    PACKAGE,
    SIGNATURE,
    SIGNATURE_BYTES,
    BundleRefused,
    manifest_faults,
    path_fault,
    refused,
    size_faults,
)
from pipelines.arena.rows import MOST_FAULTS, read_lines
from pipelines.arena.tables import BUNDLE_TABLES
from pipelines.game.refusals import shown

__all__ = ["Bundle", "BundleRefused", "Signed", "read_signed", "verify"]

STRIPPED = (
    f"It is stripped: without `{PACKAGE}` a bundle is an older one, of which only manifest and signature are kept for "
    "the chain. What its publisher says is in the newest one."
)


@dataclass(frozen=True)
class Signed:
    """The manifest of a bundle, whose signature holds. `sha256`: of its bytes, the next bundle's `previous`."""

    path: Path
    manifest: Mapping[str, Any]
    sha256: str


@dataclass(frozen=True)
class Bundle:
    """A bundle in which nothing is wrong, with its tables as they were when they were checked.

    Of a stripped one only the manifest counts: it has no tables, and `note` says so.
    """

    path: Path
    manifest: Mapping[str, Any]
    manifest_sha256: str
    tables: Mapping[str, pl.DataFrame] = field(repr=False)

    @property
    def is_stripped(self) -> bool:
        """Whether it is an older one, of which only manifest and signature are kept."""
        return not self.tables

    @property
    def note(self) -> str:
        """What a reader should know beside that nothing is wrong; empty if nothing."""
        return STRIPPED if self.is_stripped else ""

    def table(self, name: str) -> pl.DataFrame:
        """The rows of a table of the format, in its order. Raises BundleRefused if it is stripped."""
        if self.is_stripped:
            raise refused(self.path, [STRIPPED])
        return self.tables[name]


def verify(path: Path) -> Bundle:
    """The bundle in a folder, after everything about it was checked that can be checked offline.

    Raises BundleRefused: the message has the first faults, each as a sentence.
    """
    signed = read_signed(path)
    try:
        sizes, faults = found_in(path)
        if PACKAGE not in sizes:
            _refuse(path, iter([*faults, *_surplus(sizes)]))
            return Bundle(path, signed.manifest, signed.sha256, {})
        _refuse(path, iter([*faults, *_folder_faults(sizes, signed.manifest), *size_faults(signed.manifest["files"])]))
        tables, of_files, of_rows = _read_all(path, signed.manifest)
    except OSError as fault:
        raise _unreadable(path, fault) from None
    _refuse(path, iter(of_files or of_rows))
    _refuse(path, disagreements(tables, signed.manifest))
    return Bundle(path, signed.manifest, signed.sha256, tables)


def read_signed(path: Path) -> Signed:
    """The manifest of a bundle, whole or stripped, if it is of this format and signed by its publisher.

    Raises BundleRefused. Nothing is known then of the other files.
    """
    try:
        if not path.is_dir():
            raise refused(path, ["A bundle is a folder, and there is none."])
        if not (path / FILE).exists() and any(path.glob(f"*/{FILE}")):
            raise refused(path, ["It is a folder of bundles: name one of them."])
        data, signature = _read(path / FILE, MAX_BYTES), _read(path / SIGNATURE, SIGNATURE_BYTES)
    except OSError as fault:
        raise _unreadable(path, fault) from None
    manifest, faults = manifest_faults(data, signature)
    _refuse(path, iter(faults))
    return Signed(path, manifest, hashlib.sha256(data).hexdigest())


def _refuse(path: Path, faults: Iterator[str]) -> None:
    if sentences := list(islice(faults, MOST_FAULTS)):
        raise refused(path, sentences)


def _read(path: Path, most: int) -> bytes:
    data = read_file(path, most)
    if data is None:
        raise refused(path.parent, [f"`{path.name}` has more than {most} bytes, which no bundle's has."])
    return data


def _unreadable(path: Path, fault: OSError) -> BundleRefused:
    named = Path(str(fault.filename)).name if fault.filename else "It"
    return refused(path, [f"{shown(named)} cannot be read: {fault.strerror}."])


def _surplus(sizes: Mapping[str, int]) -> Iterator[str]:
    """What lies beside manifest and signature where the descriptor is gone: nobody could say whether it was signed."""
    if names := sorted(sizes.keys() - {FILE, SIGNATURE}):
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield (
            f"It has no `{PACKAGE}`, so it is a stripped one or broken: a stripped one holds `{FILE}` and "
            f"`{SIGNATURE}` alone, and in this one lies {shown(names[0])}{more} as well."
        )


def _folder_faults(sizes: Mapping[str, int], manifest: Mapping[str, Any]) -> Iterator[str]:
    """What is there and should not be, the other way round, and what has another size."""
    listed = manifest["files"]
    for name in sorted(sizes.keys() - listed.keys() - {FILE, SIGNATURE}):
        yield f"{shown(name)} is in the folder, and the manifest does not list it."
    for name in sorted(_EVERY_BUNDLE - listed.keys()):
        yield f"The manifest does not list `{name}`, which every bundle has."
    for name, said in listed.items():
        if name not in sizes:
            yield f"{shown(name)} is missing."
        elif sizes[name] != said["bytes"]:
            yield f"{shown(name)} has {sizes[name]} bytes, and the manifest says {said['bytes']}."


_SCHEMAS = json_schemas()
_TABLES = {table_path(name): table for name, table in BUNDLE_TABLES.items()}
_EVERY_BUNDLE = {PACKAGE, *_SCHEMAS, *_TABLES}


def _read_all(path: Path, manifest: Mapping[str, Any]) -> tuple[dict[str, pl.DataFrame], list[str], list[str]]:
    """The tables; what is not as it was signed; and what is and should not be.

    Every file is read once, so that what is checked is what is used, and let go before the next one.
    """
    tables: dict[str, pl.DataFrame] = {}
    of_files, of_rows = list[str](), list[str]()
    for name, said in manifest["files"].items():
        data = (read_file(path / name, said["bytes"]) or b"") if name in _EVERY_BUNDLE else None
        found = checksum(path / name) if data is None else hashlib.sha256(data).hexdigest()
        if found != said["sha256"]:
            of_files.append(f"{shown(name)} is not as it was signed: its bytes have another checksum.")
        elif data is not None and name in _TABLES:
            tables[_TABLES[name].name], faults = _table_of(name, data, manifest)
            of_rows += faults
        elif data is not None:
            of_rows += _document_faults(name, data, manifest)
    return tables, of_files, of_rows


def _table_of(name: str, data: bytes, manifest: Mapping[str, Any]) -> tuple[pl.DataFrame, list[str]]:
    table = _TABLES[name]
    rows, of_rows = read_lines(table, data)
    faults = [f"`{name}`: {fault}" for fault in of_rows]
    n_rows = manifest["tables"][table.name]
    if not of_rows and rows.height != n_rows:
        faults.append(f"`{name}` has {rows.height} rows, and the manifest says {n_rows}.")
    return rows, faults


def _document_faults(name: str, data: bytes, manifest: Mapping[str, Any]) -> Iterator[str]:
    try:
        if name == PACKAGE:
            yield from _package_faults(read_document(data), manifest)
        elif meaning(read_document(data)) != meaning(_SCHEMAS[name]):
            yield f"`{name}` is not the schema of this format."
    except NotStrict as fault:
        yield f"`{name}` {fault}."


def _package_faults(found: Any, manifest: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the descriptor. Raises NotStrict."""
    for path in _paths_of(found):
        if not isinstance(path, str) or path_fault(path):
            why = path_fault(path) if isinstance(path, str) else "is no text"
            yield f"`{PACKAGE}` names the path {shown(path)}, which {why}."
    files = {path: said for path, said in manifest["files"].items() if path != PACKAGE}
    if meaning(found) != meaning(datapackage(manifest["publisher"], files)):
        yield f"`{PACKAGE}` does not describe the files that the manifest lists, as the format does."


def _paths_of(package: Any) -> Iterator[Any]:
    """Every path that a descriptor names, whatever its shape."""
    resources = package.get("resources") if isinstance(package, dict) else None
    for resource in resources if isinstance(resources, list) else ():
        named = resource.get("path") if isinstance(resource, dict) else None
        yield from named if isinstance(named, list) else [named] if named is not None else []
