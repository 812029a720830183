"""JSON Schemas (draft 2020-12) of a bundle: of a row of each table and of the manifest, made from the contracts.

They say what one row may hold; order, keys and what tables owe each other is beyond them (rows.py, agreement.py).
"""

from collections.abc import Iterable
from typing import Any

from pipelines.arena.manifest import MANIFEST, PATHS
from pipelines.arena.rows import MAX_FIGURE, MAX_TEXT, pattern_of
from pipelines.arena.tables import BUNDLE_TABLES, FORMAT, PATTERNS
from pipelines.game.contract import NUMBER, TEXT, Column, Table

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SHA256 = {"type": "string", "pattern": PATTERNS["sha256"]}
_COUNT = {"type": "integer", "minimum": 0, "maximum": MAX_FIGURE}


def json_schemas() -> dict[str, dict[str, Any]]:
    """All schemas by their path in a bundle."""
    schemas = {schema_path(name): row_schema(table) for name, table in BUNDLE_TABLES.items()}
    return {**schemas, schema_path(MANIFEST.name): manifest_schema()}


def schema_path(table: str) -> str:
    """Where the schema of a table lies in a bundle."""
    return f"schemas/{table}.json"


def row_schema(table: Table) -> dict[str, Any]:
    """The schema of one row."""
    return _of_object(table, {column.name: _of_column(column) for column in table.columns})


def manifest_schema() -> dict[str, Any]:
    """The schema of `manifest.json`."""
    named = {column.name: _of_column(column) for column in MANIFEST.columns}
    named["format"] = {"description": named["format"]["description"], "const": FORMAT}
    file = _closed({"bytes": _COUNT, "sha256": _SHA256})
    files = "every other file but manifest.sig, by its path in the bundle: its size and checksum"
    return _of_object(
        MANIFEST,
        {
            **named,
            "files": {
                "description": files,
                "type": "object",
                "propertyNames": {"pattern": PATHS},
                "additionalProperties": file,
            },
            "tables": {"description": "how many rows each table has", **_closed(dict.fromkeys(BUNDLE_TABLES, _COUNT))},
        },
    )


def _of_object(table: Table, properties: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": DRAFT, "title": table.name, "description": table.grain, **_closed(properties)}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    """An object that has these keys, all of them, and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _of_column(column: Column) -> dict[str, Any]:
    if column.dtype == TEXT:
        kind = _of_text(column)
    else:
        low = -MAX_FIGURE if column.low is None else column.low
        high = MAX_FIGURE if column.high is None else column.high
        kind = {"type": "number" if column.dtype == NUMBER else "integer", "minimum": low, "maximum": high}
    if column.nullable:
        kind["type"] = [kind["type"], "null"]
    return {"description": column.about, **kind}


def _of_text(column: Column) -> dict[str, Any]:
    if column.words:
        words: Iterable[str | None] = (*column.words, None) if column.nullable else column.words
        return {"type": "string", "enum": list(words)}
    return {"type": "string", "maxLength": MAX_TEXT, "pattern": pattern_of(column)}
