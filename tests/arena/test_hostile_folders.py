"""Folders of anything at all: verified or refused, and merged past, never with any other exception."""

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.arena.arena_tables import ARENA_TABLES
from pipelines.arena.manifest import claimed
from pipelines.arena.merge import merge
from pipelines.arena.verify import BundleRefused, verify
from tests.arena.bundles import said, sign

NAMES = [
    *["manifest.json"] * 4, "manifest.sig", "datapackage.json", "schemas/usage.json", "schemas", "usage.jsonl",
    "profiles.jsonl", "leaderboard_entries.jsonl", "conversations", f"conversations/{'0' * 64}", "more",
    "\udcff\x1b[2J",
]  # fmt: skip
NUMBERS = st.one_of(
    st.integers(), st.floats(), st.sampled_from([2**53, 2**63, -(2**63) - 1, 10**400, 10**12, 0, -0.0, 1e308, True])
)
TEXTS = st.one_of(
    st.text(st.characters(), max_size=5),  # halves of surrogate pairs too
    st.sampled_from(
        ["podium-arena/1", "a" * 32, "f" * 64, "2026-W45", "9999-W53", "0000-W00", "2026-10", "../x", "all"]
    ),
)
JSON = st.recursive(
    st.none() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
BYTES = st.one_of(
    st.binary(max_size=40),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries({}, optional={"format": TEXTS, "publisher": TEXTS, "sequence": NUMBERS, "files": JSON}).map(
        lambda claim: json.dumps(claim).encode()
    ),
    st.sampled_from([b"", b"[" * 100_000, b'{"a":' * 100_000, b"1" * 5000, b"\xff", b"{}\n", b"\n", b'"\\ud800"']),
)


def changed(data: st.DataObject, content: bytes) -> bytes:
    """A JSON object, or the first row of a table, with another value of one of its keys."""
    try:
        whole = held = json.loads(content.partition(b"\n{")[0])
        key = data.draw(st.sampled_from([*sorted(held), "more"]))
        while isinstance(held.get(key), dict) and data.draw(st.booleans()):
            held = held[key]
            key = data.draw(st.sampled_from([*sorted(held), "more"]))
        held[key] = data.draw(st.one_of(NUMBERS, TEXTS, JSON))
    except (ValueError, TypeError, RecursionError):
        return data.draw(BYTES)
    return json.dumps(whole).encode() + data.draw(st.sampled_from([b"\n", b""]))


def disturb(data: st.DataObject, bundle: Path, name: str) -> None:
    """Put anything in the place of a file or folder of a bundle."""
    path = bundle / name
    before = path.read_bytes() if path.is_file() else b""
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    match data.draw(st.sampled_from(["changed", "changed", "bytes", "bytes", "nothing", "folder", "link", "pipe"])):
        case "changed":
            path.write_bytes(changed(data, before))
        case "bytes":
            path.write_bytes(data.draw(BYTES))
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(data.draw(st.sampled_from(["/etc/passwd", ".", "nowhere", name.rpartition("/")[2]])))
        case "pipe":
            os.mkfifo(path)


def described(bundle: Path) -> bytes:
    """The manifest with the true size and checksum of every file, so that what is wrong is met further on."""
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    for name in manifest["files"]:
        if (bundle / name).is_file():
            manifest["files"][name] = said((bundle / name).read_bytes())
    return json.dumps(manifest).encode()


@given(data=st.data())
def test_no_folder_whatsoever_makes_verify_or_merge_raise_anything_but_a_refusal(origin, tmp_path_factory, data):
    place = tmp_path_factory.mktemp("hostile")
    bundle = place / "1"
    shutil.copytree(origin[0], bundle)
    shutil.copytree(origin[0], place / "2")
    for name in sorted(data.draw(st.sets(st.sampled_from(NAMES), min_size=1, max_size=3)), reverse=True):
        disturb(data, bundle, name)  # what lies in a folder before the folder
    if (bundle / "manifest.json").is_file() and not (bundle / "manifest.sig").is_dir():
        if data.draw(st.booleans()):
            with suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
                (bundle / "manifest.json").write_bytes(described(bundle))
        if data.draw(st.booleans()):
            (bundle / "manifest.sig").unlink(missing_ok=True)
            sign(bundle, (bundle / "manifest.json").read_bytes(), origin[1])
    with suppress(BundleRefused):
        verify(bundle)
    merged = merge([place])
    assert merged.fingerprint
    assert all(contract.is_kept_by(merged.tables[table]) for table, contract in ARENA_TABLES.items())


@given(BYTES)
@example(json.dumps({"publisher": "f" * 32, "sequence": 2**63}).encode())
def test_what_anybody_calls_a_bundle_is_a_publisher_and_a_number_or_nothing(content):
    publisher, sequence = claimed(content)
    assert (publisher is None) == (sequence is None)
    assert publisher is None or (len(publisher) == 32 and 1 <= sequence <= 10**12)
