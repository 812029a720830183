"""A plain table (CSV, Parquet) is read as the records that its rows spell, as strictly as NDJSON."""

import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.game.events import Record, check_line
from pipelines.sources.lines import SourceUnreadable
from pipelines.sources.tables import TableRow, csv_lines, table_rows
from tests.sources.packing import PACKINGS

NOW = 1_772_409_600_000_000  # 2026-03-02T00:00:00Z
MEBIBYTE = 1 << 20


def csv_rows(path: Path, content: str | bytes, **rename: str) -> list[TableRow]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(csv_lines(path, rename))


def parquet_rows(path: Path, columns: dict[str, object], **rename: str) -> list[TableRow]:
    pq.write_table(pa.table(columns), path)
    return list(table_rows(path, "parquet", rename))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table"


# --- CSV ------------------------------------------------------------------------------------------------------------


def test_a_row_becomes_a_record_with_its_place_in_the_file(path):
    rows = csv_rows(path, 'type,event_id,points,found\ntask,e1,10,\n\nsubmission,"e,2",,true\n')
    assert rows == [
        TableRow(2, 27, "task,e1,10,", '{"type":"task","event_id":"e1","points":10}'),
        TableRow(3, 39, "", ""),
        TableRow(4, 40, 'submission,"e,2",,true', '{"type":"submission","event_id":"e,2","found":true}'),
    ]


def test_a_submission_in_csv_means_what_it_means_in_ndjson(path):
    text = (
        "event_id,type,when,submission_id,agent_id,task_id,submitted_at,verdict,found,awarded_points,room\n"
        "e,submission,2026-03-01T10:00:00Z,s,ada,t,2026-03-01T09:00:00Z,verified,False,30,7\n"
    )
    (row,) = csv_rows(path, text, when="at")
    record = check_line(row.json_text, NOW)
    assert isinstance(record, Record)
    assert (record.values["found"], record.values["awarded_points"], record.extra) == (False, 30, '{"room":"7"}')


@pytest.mark.parametrize("packing", PACKINGS)
def test_csv_is_read_plain_and_compressed(path, packing):
    rows = csv_rows(path, PACKINGS[packing](b"type,event_id\r\ntask,a\r\ntask,b"))
    assert [(row.line, row.offset, row.json_text) for row in rows] == [
        (2, 15, '{"type":"task","event_id":"a"}'),
        (3, 23, '{"type":"task","event_id":"b"}'),
    ]


def test_a_quoted_cell_may_hold_delimiters_quotes_and_line_ends(path):
    rows = csv_rows(path, 'type,title\ntask,"a ""b"", \r\nc"\ntask,d\n')
    assert rows == [
        TableRow(2, 11, 'task,"a ""b"", \r\nc"', '{"type":"task","title":"a \\"b\\", \\r\\nc"}'),
        TableRow(4, 31, "task,d", '{"type":"task","title":"d"}'),
    ]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_separate_too_if_the_header_says_so(path, delimiter):
    rows = csv_rows(path, f"type{delimiter}title\ntask{delimiter}a,b\n")
    assert [row.json_text for row in rows] == ['{"type":"task","title":"a,b"}']


def test_a_byte_order_mark_and_blank_lines_before_the_header_do_not_matter(path):
    rows = csv_rows(path, "\ufeff\n \n type , event_id \ntask,é\n")
    assert [(row.line, row.json_text) for row in rows] == [(4, '{"type":"task","event_id":"é"}')]


@pytest.mark.parametrize(
    ("column", "cell", "token"),
    [
        ("points", "10", "10"),
        ("points", "10.0", "10.0"),
        ("points", "1e1", "1e1"),
        ("points", "-0", "-0"),
        ("points", "010", '"010"'),
        ("points", " 10", '" 10"'),
        ("points", "ten", '"ten"'),
        ("points", "NaN", '"NaN"'),
        ("points", "١", '"١"'),
        ("points", '"1,""verdict"":""verified"""', '"1,\\"verdict\\":\\"verified\\""'),
        ("points", '"1}{"', '"1}{"'),
        ("cost_usd", "0.5", "0.5"),
        ("found", "true", "true"),
        ("found", "TRUE", "true"),
        ("found", "False", "false"),
        ("found", "1", '"1"'),
        ("multipliers", '"[1, 2.5]"', "[1, 2.5]"),
        ("multipliers", "[]", "[]"),
        ("multipliers", '"[1,]"', '"[1,]"'),
        ("event_id", "17", '"17"'),
        ("at", "2026", '"2026"'),
        ("room", "17", '"17"'),
        ("room", '"\\"', '"\\\\"'),
    ],
)
def test_cells_of_numbers_and_flags_are_bare_and_nothing_can_be_smuggled_in(path, column, cell, token):
    (row,) = csv_rows(path, f"type,{column}\nx,{cell}\n")
    assert row.json_text == f'{{"type":"x","{column}":{token}}}'
    assert list(json.loads(row.json_text)) == ["type", column]


def test_a_row_with_other_cells_than_the_header_is_refused(path):
    rows = csv_rows(path, "type,event_id\ntask\ntask,a,b\ntask,c\n")
    assert [(row.line, row.json_text, row.fault, row.reason) for row in rows[:2]] == [
        (2, None, "The row has 1 cells, the header has 2.", "not_an_object"),
        (3, None, "The row has 3 cells, the header has 2.", "not_an_object"),
    ]
    assert rows[2].json_text == '{"type":"task","event_id":"c"}'


def test_a_stray_quote_costs_one_row(path):
    rows = csv_rows(path, 'type,title\ntask,"a"b\ntask,c\ntask,"open\ntask,d\n')
    assert [(row.line, row.json_text, row.reason) for row in rows] == [
        (2, None, "not_an_object"),
        (3, '{"type":"task","title":"c"}', "not_an_object"),
        (4, None, "not_an_object"),
        (5, '{"type":"task","title":"d"}', "not_an_object"),
    ]
    assert rows[2].raw == 'task,"open'
    assert rows[2].offset == 28
    assert rows[2].fault == "The row is not CSV: unexpected end of data."


def test_a_quote_that_is_not_closed_within_a_mebibyte_costs_one_row(path):
    more = "task,d\n" * 160_000
    rows = csv_rows(path, f'type,title\ntask,"open\n{more}')
    assert rows[0].fault == "The row is not CSV: a quote is opened and not closed."
    assert len(rows) == 160_001
    assert rows[-1].line == 160_002
    assert all(row.fault is None for row in rows[1:])


def test_an_oversized_row_is_told_and_reading_goes_on(path):
    rows = csv_rows(path, f"type,title\ntask,{'x' * MEBIBYTE}\ntask,d\n")
    assert (rows[0].line, rows[0].reason, rows[0].json_text) == (2, "oversized", None)
    assert rows[0].fault == f"The row has {MEBIBYTE + 5} bytes; at most {MEBIBYTE} are read."
    assert len(rows[0].raw) == 4096
    assert rows[1] == TableRow(3, 11 + 5 + MEBIBYTE + 1, "task,d", '{"type":"task","title":"d"}')


def test_a_row_that_is_not_utf_8_is_refused_with_its_bytes_escaped(path):
    rows = csv_rows(path, b"type,title\ntask,\xff\ntask,d\n")
    assert (rows[0].reason, rows[0].raw) == ("not_json", "task,\\xff")
    assert rows[0].fault == "The row is not UTF-8: byte 6 (0xff) is no character."
    assert rows[1].json_text == '{"type":"task","title":"d"}'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "its first line holds none"),
        (b"\n \n", "its first line holds none"),
        (b",,\n", "its first line holds none"),
        (b'"type,event_id\n', "unexpected end of data"),
        (b"type,\xff\n", "its first line is not UTF-8"),
        (b"x" * (MEBIBYTE + 10), "its first line has more than 1048576 bytes"),
        (b"a,b,a\n1,2,3\n", "more than one column named 'a'"),
        (b"a,b,c\n1,2,3\n", "more than one column named 'b'"),
        (gzip.compress(b"type,title\ntask,a\n", mtime=0)[:-5], "truncated or corrupt"),
    ],
)
def test_a_table_without_a_header_or_an_end_is_not_taken(path, content, sentence):
    with pytest.raises(SourceUnreadable, match=sentence):
        csv_rows(path, content, c="b")


# --- Parquet --------------------------------------------------------------------------------------------------------


def test_typed_values_are_spelled_as_json(path):
    at = datetime(2026, 3, 1, 9, 0, 0, 123456, tzinfo=UTC)
    rows = parquet_rows(
        path,
        {
            "type": ["task", None],
            "at": pa.array([at, None], pa.timestamp("us", "Europe/Paris")),
            "nanos": pa.array([1_999, -1], pa.timestamp("ns", "UTC")),
            "naive": pa.array([at.replace(tzinfo=None), None], pa.timestamp("ms")),
            "day": [date(2026, 3, 1), None],
            "points": [10, None],
            "awarded": [25.0, None],
            "price": [Decimal("10.50"), Decimal(3)],
            "whole": pa.array([Decimal(7), None], pa.decimal128(10, 0)),
            "found": [True, None],
            "multipliers": [[1.0, 2.5], []],
            "nested": [{"b": "é", "a": None}, None],
            "team": pa.array(["red", "red"]).dictionary_encode(),
            "nothing": pa.nulls(2),
        },
        team="team_id",
    )
    assert rows[0].json_text == (
        '{"type":"task","at":"2026-03-01T09:00:00.123456Z","nanos":"1970-01-01T00:00:00.000001Z",'
        '"naive":"2026-03-01T09:00:00.123000","day":"2026-03-01","points":10,"awarded":25.0,"price":10.5,"whole":7,'
        '"found":true,"multipliers":[1.0, 2.5],"nested":{"b": "é", "a": null},"team_id":"red"}'
    )
    assert rows[1].json_text == ('{"nanos":"1969-12-31T23:59:59.999999Z","price":3.0,"multipliers":[],"team_id":"red"}')
    assert [(row.line, row.offset, row.raw == row.json_text) for row in rows] == [(1, None, True), (2, None, True)]


def test_an_instant_without_a_zone_is_refused_by_the_checks(path):
    columns = {
        "type": ["consent"] * 2,
        "event_id": ["e"] * 2,
        "owner_id": ["u"] * 2,
        "scope": ["metrics"] * 2,
        "granted": [True] * 2,
    }
    for kind, reason in ((pa.timestamp("us"), "bad_timestamp"), (pa.timestamp("us", "UTC"), None)):
        rows = parquet_rows(path, {**columns, "at": pa.array([datetime(2026, 3, 1)] * 2, kind)})  # noqa: DTZ001
        assert getattr(check_line(rows[0].json_text, NOW), "reason", None) == reason


def test_an_instant_outside_the_years_of_the_calendar_is_refused(path):
    rows = parquet_rows(path, {"at": pa.array([2**62, -(2**62)], pa.timestamp("ms", "UTC"))})
    line = '{"type":"consent","event_id":"e","owner_id":"u","scope":"metrics","granted":true,'
    assert [check_line(line + row.json_text[1:], NOW).reason for row in rows] == ["bad_timestamp"] * 2


def test_not_a_number_in_parquet_is_refused_and_ids_are_texts(path):
    columns = {"type": ["agent_call"] * 2, "event_id": ["e", "f"], "at": ["2026-03-01T09:00:00Z"] * 2}
    columns |= {"user_id": ["u"] * 2, "agent_id": ["a"] * 2, "action_type": ["x"] * 2, "success": [True] * 2}
    rows = parquet_rows(path, {**columns, "duration_s": [float("nan"), 1.5], "team_id": [1, 2]})
    assert [check_line(row.json_text, NOW).reason for row in rows] == ["not_json", "bad_value"]


def test_rows_are_numbered_over_all_batches_and_row_groups(path):
    pq.write_table(pa.table({"n": list(range(20_000))}), path, row_group_size=7_000)
    rows = list(table_rows(path, "parquet", {}))
    assert [row.line for row in rows] == list(range(1, 20_001))
    assert [row.json_text for row in rows] == [f'{{"n":{n}}}' for n in range(20_000)]


def test_bytes_that_are_no_utf_8_cost_one_row(path):
    broken = pa.array([b"a\xff", b"ok"]).view(pa.string())
    rows = parquet_rows(path, {"title": broken})
    assert (rows[0].json_text, rows[0].reason, rows[0].raw) == (None, "not_json", '{"title":"a\\xff"}')
    assert rows[1].json_text == '{"title":"ok"}'


def test_a_long_text_that_stands_in_many_rows_is_read_in_bounded_memory(path):
    long = "x" * (MEBIBYTE - 100)
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 3000 + [1]), pa.array([long, "y" * (MEBIBYTE + 1)]))
    pq.write_table(pa.table({"title": texts}), path)  # 3 GB of text, a few KB of file
    n_rows = 0
    for row in table_rows(path, "parquet", {}):
        n_rows += 1
        if n_rows == 3001:
            assert (row.reason, row.json_text, len(row.raw)) == ("oversized", None, 4096)
        else:
            assert row.json_text is not None
            assert len(row.json_text) == len(long) + 12
    assert n_rows == 3001


def test_a_row_group_that_unpacks_to_too_much_is_refused_before_it_is_read(path, monkeypatch):
    monkeypatch.setattr("pipelines.sources.parquet_rows._CHUNK_BYTES", 1000)
    with pytest.raises(SourceUnreadable, match=r"column `n` has \d+ bytes in one row group.*Write smaller row groups"):
        parquet_rows(path, {"n": list(range(1000))})


def test_two_columns_of_one_name_are_refused(path):
    with pytest.raises(SourceUnreadable, match="more than one column named 'b'"):
        parquet_rows(path, {"a": [1], "b": [2]}, a="b")


@pytest.mark.parametrize("kept", [0, 4, 0.5, 0.99])
def test_a_truncated_parquet_file_is_not_taken(path, kept):
    pq.write_table(pa.table({"n": list(range(1000))}), path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept if kept > 1 else kept * len(content))])
    with pytest.raises(SourceUnreadable, match=r"cannot be read as Parquet: .*Nothing of it was taken\."):
        list(table_rows(path, "parquet", {}))


def test_a_damaged_page_is_not_taken(path):
    pq.write_table(pa.table({"n": [f"row {n}" for n in range(1000)]}), path, write_page_checksum=True)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable, match="cannot be read as Parquet"):
        list(table_rows(path, "parquet", {}))
