"""The descriptor of a bundle as a Data Package (version 2, https://datapackage.org/standard/data-package/).

Resources are the tables that have rows, the conversations and the schemas. A table without rows is an empty file, which
readers of the standard cannot read as a table: its schema lies in `schemas/`, and the manifest names it all the same.
"""

from collections.abc import Mapping
from typing import Any

from pipelines.arena.json_schemas import schema_path
from pipelines.arena.manifest import MANIFEST
from pipelines.arena.rows import MAX_TEXT, key_of, pattern_of
from pipelines.arena.tables import BUNDLE_TABLES, FORMAT
from pipelines.game.contract import NUMBER, TEXT, WHOLE, Column, Table

_PROFILES = "https://datapackage.org/profiles/2.0/"
_TYPES = {TEXT: "string", WHOLE: "integer", NUMBER: "number"}
_ROWS = {"format": "jsonl", "mediatype": "application/jsonl", "encoding": "utf-8"}
_DOCUMENT = {"format": "json", "mediatype": "application/schema+json", "encoding": "utf-8"}
_BYTES = {"format": "bin", "mediatype": "application/octet-stream"}
_OWNERS = {"agent_statistics": "pseudonym", "leaderboard_entries": "owner_pseudonym"}  # tables that refer to profiles


def table_path(table: str) -> str:
    """Where the rows of a table lie in a bundle."""
    return f"{table}.jsonl"


def datapackage(publisher: str, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The descriptor. `files`: path -> bytes and sha256, as in the manifest, of every other file of the bundle."""
    tables = [
        {"name": name, "type": "table", **_file(table_path(name), files), **_ROWS, "schema": table_schema(table)}
        for name, table in BUNDLE_TABLES.items()
        if files[table_path(name)]["bytes"]
    ]
    schemas = [
        {"name": f"schema-{name}", **_file(schema_path(name), files), **_DOCUMENT}
        for name in (*BUNDLE_TABLES, MANIFEST.name)
    ]
    conversations = [
        {"name": path.replace("conversations/", "conversation-"), **_file(path, files), **_BYTES}
        for path in sorted(files)
        if path.startswith("conversations/")
    ]
    return {
        "$schema": f"{_PROFILES}datapackage.json",
        "name": f"{FORMAT.replace('/', '-')}-{publisher}",
        "description": f"A bundle in the format {FORMAT}; `manifest.json` says whose, and is signed.",
        "resources": [*tables, *schemas, *conversations],
    }


def table_schema(table: Table) -> dict[str, Any]:
    """A contract as a Table Schema, its fields in the order of a row's keys.

    Columns of a key may be null in some tables: there it is no primary key.
    """
    key = list(key_of(table))
    has_nulls = any(column.nullable for column in table.columns if column.name in key)
    owner = _OWNERS.get(table.name)
    refers = {"fields": [owner], "reference": {"resource": "profiles", "fields": ["pseudonym"]}}
    return {
        "$schema": f"{_PROFILES}tableschema.json",
        "fields": [_field(column) for column in sorted(table.columns, key=lambda column: column.name)],
        "missingValues": [],
        **({"uniqueKeys": [key]} if has_nulls else {"primaryKey": key}),
        **({"foreignKeys": [refers]} if owner else {}),
    }


def _file(path: str, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {"path": path, "bytes": files[path]["bytes"], "hash": f"sha256:{files[path]['sha256']}"}


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {} if column.nullable else {"required": True}
    if column.words:
        constraints["enum"] = list(column.words)
    elif column.dtype == TEXT:
        constraints |= {"pattern": pattern_of(column), "maxLength": MAX_TEXT}
    if column.low is not None:
        constraints["minimum"] = column.low
    if column.high is not None:
        constraints["maximum"] = column.high
    described = {"name": column.name, "type": _TYPES[column.dtype], "description": column.about}
    return {**described, "constraints": constraints} if constraints else described
