"""The standard metrics format is what others' tools read: Frictionless' and JSON Schema's, from the bundle alone."""

import json
from pathlib import Path

import frictionless
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pipelines.arena.bundle import write_bundle
from pipelines.arena.documents import NotStrict, as_document, meaning, read_document
from pipelines.arena.json_schemas import json_schemas, row_schema
from pipelines.arena.rows import MAX_FIGURE, faults_of, key_of, read_lines
from pipelines.arena.tables import BUNDLE_TABLES, TOMBSTONES
from tests.arena.bundles import ADA, BOB, ROWS, keyring, small_contents, without


def frictions(bundle: Path) -> list[str]:
    """What Frictionless finds wrong in a bundle."""
    return [str(note) for (note,) in frictionless.validate(str(bundle / "datapackage.json")).flatten(["note"])]


def test_frictionless_finds_a_bundle_valid_and_reads_every_row(origin):
    assert frictions(origin[0]) == []
    package = frictionless.Package(str(origin[0] / "datapackage.json"))
    read = {name: package.get_resource(name).read_rows() for name in ROWS}
    assert {name: len(rows) for name, rows in read.items()} == {name: len(rows) for name, rows in ROWS.items()}
    assert float(read["profiles"][0]["success_share"]) == 0.79


def test_frictionless_finds_bundles_without_rows_and_with_tombstones_valid(tmp_path):
    full, keys = small_contents(tmp_path), keyring(tmp_path)
    empty = small_contents(tmp_path, dict.fromkeys(ROWS, ()), talk=None)
    assert frictions(write_bundle(tmp_path / "empty", empty, keys).path) == []
    write_bundle(tmp_path / "bundles", full, keys)
    assert frictions(write_bundle(tmp_path / "bundles", without(full, BOB), keys).path) == []


def test_frictionless_catches_a_flipped_byte(bundle):
    content = (bundle / "profiles.jsonl").read_bytes()
    (bundle / "profiles.jsonl").write_bytes(content.replace(b"1010", b"1020"))
    assert any("expected is" in note and "actual is" in note for note in frictions(bundle))


def test_frictionless_catches_a_flipped_byte_of_a_conversation(bundle):
    talk = next((bundle / "conversations").iterdir())
    talk.write_bytes(talk.read_bytes().swapcase())
    assert any("expected is" in note for note in frictions(bundle))


def test_frictionless_catches_an_unsafe_path(bundle):
    package = json.loads((bundle / "datapackage.json").read_bytes())
    package["resources"][0]["path"] = "../profiles.jsonl"
    (bundle / "datapackage.json").write_text(json.dumps(package))
    assert frictions(bundle) == ['path "../profiles.jsonl" is not safe']


def test_frictionless_catches_a_pseudonym_without_a_profile(bundle):
    rows = (bundle / "agent_statistics.jsonl").read_text().replace(ADA, "f" * 32)
    (bundle / "agent_statistics.jsonl").write_text(rows)
    assert any('"pseudonym": values' in note and "not found" in note for note in frictions(bundle))


def schema_in(bundle: Path, name: str) -> Draft202012Validator:
    schema = json.loads((bundle / f"schemas/{name}.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_schemas_in_a_bundle_take_its_manifest_and_every_row(origin):
    bundle = origin[0]
    schema_in(bundle, "manifest").validate(json.loads((bundle / "manifest.json").read_bytes()))
    for name in BUNDLE_TABLES:
        schema = schema_in(bundle, name)
        for line in (bundle / f"{name}.jsonl").read_bytes().splitlines():
            schema.validate(json.loads(line))


def test_the_schema_of_the_manifest_refuses_what_it_does_not_know(origin):
    manifest = json.loads((origin[0] / "manifest.json").read_bytes())
    schema = schema_in(origin[0], "manifest")
    assert not schema.is_valid({**manifest, "comment": "hello"})
    assert not schema.is_valid({**manifest, "format": "podium-arena/2"})
    assert not schema.is_valid({**manifest, "files": {"../x": manifest["files"]["usage.jsonl"]}})
    assert not schema.is_valid({key: held for key, held in manifest.items() if key != "previous"})


def test_every_column_is_required_described_and_no_other_is_allowed():
    for name, table in BUNDLE_TABLES.items():
        schema = json_schemas()[f"schemas/{name}.json"]
        assert schema["required"] == sorted(column.name for column in table.columns)
        assert schema["additionalProperties"] is False
        assert {name: held["description"] for name, held in schema["properties"].items()} == {
            column.name: column.about for column in table.columns
        }


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([-1, 0, 1, 2, MAX_FIGURE, MAX_FIGURE + 1, -MAX_FIGURE, -MAX_FIGURE - 1, 0.5, -0.5, 1.5, 1e300]),
    st.sampled_from(["", "calls", "agent", "level", "all", "2026-10", "2026-13", "2026-W53", "2026-W54", "points"]),
    st.sampled_from(
        [ADA, ADA.upper(), ADA[1:], "problem:collatz", "problem:", "a\u202eb", "a\x00", "x" * 500, "x" * 501]
    ),
    st.lists(st.integers(), max_size=1),
)


@given(st.data())
def test_contract_and_schema_take_the_same_values(data):
    """But for two that JSON Schema cannot tell: 5.0 of 5, and, where Python reads it, a last line end of none."""
    for table in BUNDLE_TABLES.values():
        schema = Draft202012Validator(row_schema(table))
        row = dict(zip(table.schema, (ROWS.get(table.name) or [(ADA, "2026-W45")])[0], strict=True))
        assert schema.is_valid(row)
        assert list(faults_of(table.columns, row)) == []
        name = data.draw(st.sampled_from(list(row)))
        row[name] = data.draw(VALUES)
        assert schema.is_valid(row) == (not list(faults_of(table.columns, row))), (table.name, name, row[name])


def test_a_key_is_the_order_without_the_rank():
    keys = {name: key_of(table) for name, table in BUNDLE_TABLES.items()}
    assert keys["leaderboard_entries"] == ("board", "period", "pseudonym")
    assert keys["profiles"] == ("pseudonym",)


def test_what_is_beyond_a_line_is_told_with_its_line():
    lines = [f'{{"pseudonym":"{ADA}","week":"2026-W45"}}', f'{{"pseudonym":"{BOB}","week":"2026-W45"}}']
    data = "\n".join([*lines, ""]).encode()
    assert read_lines(TOMBSTONES, data)[0].rows() == [(ADA, "2026-W45"), (BOB, "2026-W45")]
    backwards = "\n".join([*lines[::-1], ""]).encode()
    assert [str(fault) for fault in read_lines(TOMBSTONES, backwards)[1]] == [
        "line 1: it does not stand in the order of pseudonym."
    ]
    assert [fault.where for fault in read_lines(TOMBSTONES, b"\n" * 9)[1]] == [f"line {n}" for n in range(1, 6)]


def test_a_table_of_more_rows_than_are_read_at_once_is_one_table():
    lines = [b'{"pseudonym":"%032x","week":"2026-W45"}\n' % n for n in range(10_001)]
    rows, faults = read_lines(TOMBSTONES, b"".join(lines))
    assert (rows.height, rows["pseudonym"][-1], faults) == (10_001, f"{10_000:032x}", [])
    for end, where in ((lines[-1], "line 10001"), (b"7\n", "line 10002"), (lines[-1][:-1], "the last line")):
        assert read_lines(TOMBSTONES, b"".join(lines) + end)[1][0].where == where


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{"a": 1, "a": 1}', "holds a key twice in one object"),
        (b"[Infinity]", "holds Infinity, which is no number in JSON"),
        (b"1" * 5000, "holds a number that is too long"),
        (b"\xef\xbb\xbf{}", "is not JSON at line 1, column 1"),
        (b"{}\n{}", "is not JSON at line 2, column 1"),
        (b"", "is not JSON at line 1, column 1"),
    ],
)
def test_a_document_that_is_not_strict_json_is_refused(data, why):
    with pytest.raises(NotStrict, match=why):
        read_document(data)


def test_a_document_means_what_it_binds_whatever_its_words():
    assert meaning({"title": "a", "k": [{"description": "b", "n": 1}]}) == meaning({"k": [{"n": 1}]})
    assert meaning({"n": 1}) != meaning({"n": True})
    assert meaning({"properties": {"title": {"type": "string"}}}) != meaning({"properties": {}})
    assert as_document({"b": "\u202e", "a": None}) == b'{\n "a": null,\n "b": "\\u202e"\n}\n'
