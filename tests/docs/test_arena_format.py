"""docs/arena-format.md says what a bundle is, and the reader on it reads one with nothing of ours."""

import ast
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from pipelines.arena.bundle import write_bundle
from pipelines.arena.manifest import (
    MANIFEST,
    MAX_BYTES,
    MAX_PACKAGE_BYTES,
    MAX_SCHEMA_BYTES,
    MAX_TABLE_BYTES,
    MAX_TABLES_BYTES,
)
from pipelines.arena.pooled import MUCH_NOISE
from pipelines.arena.rows import MAX_FIGURE, MAX_ROW_BYTES, MAX_TEXT
from pipelines.arena.tables import BUNDLE_TABLES, FORMAT, PATTERNS, PRODUCTS, REASONS
from pipelines.game.contract import NUMBER, TEXT, WHOLE, Column
from tests.arena.bundles import ADA, BOB, keyring, small_contents, without
from tests.docs.pages import ROOT, examples, page, section, table_rows

PAGE = "docs/arena-format.md"
TYPES = {TEXT: "text", WHOLE: "whole", NUMBER: "number"}
ALONE = """
import importlib.util, runpy, sys
sys.path = [path for path in sys.path if path != {root!r}]
assert importlib.util.find_spec("pipelines") is None
sys.argv = ["reader.py", *{bundles!r}]
runpy.run_path({reader!r}, run_name="__main__")
"""


def told(column: Column) -> list[str]:
    """What the page says of a column: type, whether it may be null, meaning, words and bounds."""
    holds = ", ".join(f"`{word}`" for word in column.words)
    if column.low is not None:
        holds = f"at least {column.low:g}" if column.high is None else f"{column.low:g} to {column.high:g}"
    about = column.about.replace("<", "\\<")  # else Markdown takes it for a tag
    return [TYPES[column.dtype], "yes" if column.nullable else "", about, holds]


@pytest.mark.parametrize("table", [*BUNDLE_TABLES.values(), MANIFEST], ids=lambda table: table.name)
def test_the_page_says_of_every_column_what_its_contract_says(table):
    heading = "## The manifest" if table is MANIFEST else f"### {table.name}"
    text = section(page(PAGE), heading)
    rows = table_rows(text)
    for column in table.columns:
        assert rows.pop(column.name, None) == told(column), f"| `{column.name}` | {' | '.join(told(column))} |"
    assert set(rows) <= ({"files", "tables"} if table is MANIFEST else set())
    if table is not MANIFEST:
        assert table.grain + "." in text
        assert f"In the order of {', '.join(f'`{name}`' for name in table.sort_by)}." in text


def test_the_page_says_what_each_text_must_look_like():
    rows = table_rows(section(page(PAGE), "## Texts"))
    plain = {name: pattern for name, pattern in PATTERNS.items() if pattern.isascii()}
    assert {name: cells[0].strip("`").replace("\\|", "|") for name, cells in rows.items() if name != "board"} == plain


def test_the_page_says_the_version_the_products_the_reasons_and_the_limits():
    text = page(PAGE)
    assert f"`{FORMAT}`" in text
    for product, tables in PRODUCTS.items():
        assert f"| {product} | {', '.join(f'`{table}`' for table in tables)} |" in text
    assert list(table_rows(section(text, "## What is withheld"))) == list(REASONS)
    limits = section(text, "## Limits")
    most = [MAX_BYTES, MAX_PACKAGE_BYTES, MAX_SCHEMA_BYTES, MAX_TABLE_BYTES, MAX_TABLES_BYTES]
    said = [f"{size // 2**20} MiB" for size in most] + [f"{MAX_ROW_BYTES // 2**10} KiB", f"{MAX_TEXT} characters"]
    assert [limit for limit in [*said, f"{MAX_FIGURE:,}"] if limit not in limits] == []
    assert f"more than {MUCH_NOISE:g} times" in section(text, "## Comparing publishers")


def reader() -> str:
    return next(example.text for example in examples(ROOT / PAGE) if example.info == "python reader")


def run_alone(tmp_path: Path, *bundles: Path) -> subprocess.CompletedProcess[str]:
    """Run the page's reader in an interpreter that cannot import Podium."""
    (tmp_path / "reader.py").write_text(reader())
    alone = ALONE.format(root=str(ROOT), bundles=list(map(str, bundles)), reader=str(tmp_path / "reader.py"))
    return subprocess.run([sys.executable, "-I", "-c", alone], cwd=tmp_path, capture_output=True, text=True)


def test_the_reader_on_the_page_is_short_and_uses_nothing_of_ours():
    assert len(reader().splitlines()) < 50
    imports = [node for node in ast.walk(ast.parse(reader())) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imports}
    assert {name.partition(".")[0] for name in names} <= {*sys.stdlib_module_names, "cryptography"}


def test_the_reader_on_the_page_reads_a_bundle_and_refuses_a_changed_one(tmp_path):
    contents, keys = small_contents(tmp_path), keyring(tmp_path)
    write_bundle(tmp_path / "bundles", contents, keys)
    bundle = write_bundle(tmp_path / "bundles", without(contents, BOB), keys).path
    done = run_alone(tmp_path, bundle)
    assert done.stderr == ""
    assert done.stdout == next(example.text for example in examples(ROOT / PAGE) if example.info == "read").replace(
        "PUBLISHER", keys.publisher
    )

    rows = (bundle / "profiles.jsonl").read_bytes()
    (bundle / "profiles.jsonl").write_bytes(rows.replace(b'"level":5', b'"level":6'))
    changed = run_alone(tmp_path, bundle)
    assert (changed.returncode, changed.stdout) == (1, "")
    assert changed.stderr == "profiles.jsonl is not as it was signed\n"

    (bundle / "manifest.json").write_bytes((bundle / "manifest.json").read_bytes().replace(b'"k": 10', b'"k": 99'))
    forged = run_alone(tmp_path, bundle)
    assert (forged.returncode, forged.stdout) == (1, "")
    assert forged.stderr.endswith("cryptography.exceptions.InvalidSignature\n")


def test_the_rows_on_the_page_are_those_of_a_bundle(tmp_path):
    """The example of a row is one that the reader's bundle holds."""
    bundle = write_bundle(tmp_path / "bundles", small_contents(tmp_path), keyring(tmp_path)).path
    shown = [example.text for example in examples(ROOT / PAGE) if example.info == "json agent_statistics"]
    assert shown == [(bundle / "agent_statistics.jsonl").read_text().splitlines(keepends=True)[1]]
    assert json.loads(shown[0])["pseudonym"] == ADA


def test_the_key_becomes_a_file_for_other_tools_as_the_page_says(tmp_path):
    key = keyring(tmp_path).public_key
    prefix = "302a300506032b6570032100"
    assert f"`{prefix}`" in page(PAGE)
    loaded = load_der_public_key(bytes.fromhex(prefix) + key)
    assert isinstance(loaded, Ed25519PublicKey)
    assert hashlib.sha256(loaded.public_bytes_raw()).hexdigest()[:32] == keyring(tmp_path).publisher
