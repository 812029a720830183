"""The fast reader is sound: what it accepts, the exact reader accepts with the same values."""

import datetime as dt
import json

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.game.events import DAY_US, Record, check_line
from pipelines.game.records import RECORDS, Field, Kind
from pipelines.store.ndjson import accept_sql
from pipelines.store.staging import create_stage

NOW_US = int(dt.datetime(2026, 6, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000
PLAIN = {
    "task": {
        "type": "task",
        "event_id": "t",
        "at": "2026-01-01T00:00:00Z",
        "task_id": "a",
        "problem": "p",
        "task_type": "compute",
        "difficulty": "easy",
    },
    "submission": {
        "type": "submission",
        "event_id": "e",
        "at": "2026-01-02T00:00:00Z",
        "submission_id": "s",
        "agent_id": "ann",
        "task_id": "a",
        "submitted_at": "2026-01-02T00:00:00Z",
        "verdict": "verified",
    },
    "agent_call": {
        "type": "agent_call",
        "event_id": "c",
        "at": "2026-01-02T00:00:00Z",
        "user_id": "u",
        "agent_id": "ann",
        "action_type": "milestone",
        "success": True,
    },
    "consent": {
        "type": "consent",
        "event_id": "k",
        "at": "2026-01-02T00:00:00Z",
        "owner_id": "u",
        "scope": "metrics",
        "granted": False,
    },
}


@pytest.fixture(scope="module")
def con():
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    return con


def accepted(con, lines):
    """Line number -> (type, values) of what the fast reader takes."""
    create_stage(con)
    numbers = list(range(len(lines)))
    con.register("block", pa.table({"n": numbers, "byte_offset": numbers, "line": pa.array(lines, pa.large_string())}))
    found = {}
    for kind, fields in RECORDS.items():
        is_ascii = "".join(lines).isascii() and "\x7f" not in "".join(lines)
        con.execute(accept_sql(kind, is_ascii), {"latest": NOW_US + DAY_US})
        names = ", ".join(
            f'epoch_us("{f.name}") AS "{f.name}"' if f.kind is Kind.INSTANT else f'"{f.name}"' for f in fields
        )
        for line, *values in con.execute(f"SELECT line, {names} FROM staged_{kind}").fetchall():
            found[line] = (kind, dict(zip((f.name for f in fields), values, strict=True)))
    return found


def check_sound(con, lines):
    for n, (kind, values) in accepted(con, lines).items():
        exact = check_line(lines[n], NOW_US)
        assert isinstance(exact, Record), (lines[n], exact)
        assert (exact.type, exact.extra, exact.values) == (kind, None, values), lines[n]


def test_plain_records_of_every_type_are_taken_in_bulk(con):
    lines = [json.dumps(record) for record in PLAIN.values()]
    assert sorted(accepted(con, lines)) == [0, 1, 2, 3]
    check_sound(con, lines)


def test_full_records_with_nulls_offsets_and_fractions_are_taken_in_bulk(con):
    full = PLAIN["submission"] | {
        "at": "2026-01-02T02:00:00.123456+01:00",
        "judged_at": "2026-01-02T00:30:00.5Z",
        "claimed_at": None,
        "found": True,
        "awarded_points": 30,
        "team_id": "the reds",
        "user_id": None,
        "model": "größe 7",
        "source": "",
    }
    call = PLAIN["agent_call"] | {
        "complexity": "expert",
        "duration_s": 12.5,
        "multipliers": [1, 1.5],
        "response_quality": 0.9,
        "input_tokens": 10**12,
    }
    lines = [json.dumps(full, ensure_ascii=False), json.dumps(call)]
    assert sorted(accepted(con, lines)) == [0, 1]
    check_sound(con, lines)


TRAPS = [
    '{"type":"task",}',
    "[1]",
    "null",
    "{",
    "",
    "   ",
    '{"type":"task","type":"task"}',
    '{"type":NaN}',
    *(
        json.dumps(PLAIN["task"])[:-1] + more
        for more in (
            ",}",
            ', "points":10.0}',
            ', "points":"10"}',
            ', "points":1e1}',
            ', "points":NaN}',
            ', "points":010}',
            ', "points":1e999}',
            ', "points":-1}',
            ', "points":-0}',
            ', "points":99999999999999999999}',
            ', "points":1001}',
            ', "task_id":"b"}',
            ', "title":null,"title":"x"}',
            ', "title":"\\ud800"}',
            ', "title":"a\\u0000b"}',
            ', "title":",}"}',
            ', "extra":{"a":1,"a":2}}',
            ', "extra":1}',
            ', "points":[10]}',
            ', "points":{"a":10}}',
            ', "ti\\u0074le":"x"}',
            ', "title":7}',
            ', "title":true}',
            "} {}",
            "}x",
            "} ",
            ', "points":10 , "title" : "x" }',
        )
    ),
    *(
        json.dumps(PLAIN["submission"] | changed, ensure_ascii=False)
        for changed in (
            {"agent_id": " ann"},
            {"agent_id": ""},
            {"agent_id": "a" * 200},
            {"agent_id": "a" * 201},
            {"agent_id": "a\u200bb"},
            {"agent_id": "e\u0301"},
            {"agent_id": "a\\b"},
            {"agent_id": 'a"b'},
            {"agent_id": None},
            {"agent_id": 5},
            {"at": "2026-01-02"},
            {"at": "2026-01-02T00:00:00"},
            {"at": "2026-01-02T24:00:00Z"},
            {"at": "2026-01-02T00:00:60Z"},
            {"at": "2026-02-30T00:00:00Z"},
            {"at": "0000-01-01T00:00:00Z"},
            {"at": "2026-01-02T00:00:00.1234567Z"},
            {"at": "2026-01-02t00:00:00z"},
            {"at": "2026-01-02 00:00:00Z"},
            {"at": "2026-01-02T00:00:00+24:00"},
            {"at": "2026-01-02T00:00:00+01"},
            {"at": "9999-12-31T23:59:59-01:00"},
            {"at": "2026-01-01T23:59:59Z"},
            {"at": "2026-06-02T00:00:00Z"},
            {"at": "2026-06-02T00:00:00.000001Z"},
            {"judged_at": "2026-01-03T00:00:00Z"},
            {"claimed_at": "2026-01-03T00:00:00Z"},
            {"claimed_at": "0001-01-01T00:30:00+01:00"},
            {"claimed_at": "0001-01-01T00:30:00Z"},
            {"verdict": "Verified"},
            {"verdict": 1},
            {"found": "true"},
            {"found": 1},
        )
    ),
    *(
        json.dumps(PLAIN["agent_call"] | changed)
        for changed in (
            {"multipliers": []},
            {"multipliers": [1] * 11},
            {"multipliers": [0.05]},
            {"multipliers": ["1"]},
            {"multipliers": 1},
            {"duration_s": 0.1},
            {"duration_s": 1e9},
            {"duration_s": 1e-7},
            {"duration_s": 123456789.123456789},
            {"response_quality": 1.0000001},
            {"cost_usd": 10**9},
            {"base_points": 10**6 + 1},
            {"input_tokens": 10**12 + 1},
        )
    ),
]


def test_no_trap_is_taken_that_the_exact_reader_refuses(con):
    check_sound(con, TRAPS)


def values_of(field: Field):
    plain = {
        Kind.ID: st.text('ab é\u200b\\"', max_size=5),
        Kind.TEXT: st.text('ab,]}é\\"\n\u2028', max_size=8),
        Kind.WORD: st.sampled_from([*field.words, "other"]),
        Kind.INSTANT: st.sampled_from(
            ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00.000001+00:30", "2026-01-02T00:00:00.1234567Z", "2026-01-02")
        ),
        Kind.WHOLE: st.integers(-2, 1002),
        Kind.NUMBER: st.one_of(st.floats(allow_nan=False), st.integers(0, 3), st.sampled_from((0.1, 1e-9, 1e22))),
        Kind.NUMBERS: st.lists(st.sampled_from((0, 0.1, 1, 10, 10.5)), max_size=11),
        Kind.FLAG: st.booleans(),
    }[field.kind]
    return st.one_of(plain, plain, st.sampled_from((None, 1, 1.0, "1", True, [], {})))


@st.composite
def spelled(draw):
    kind = draw(st.sampled_from(list(RECORDS)))
    record = dict(PLAIN[kind])
    for field in draw(st.lists(st.sampled_from(RECORDS[kind]), max_size=4)):
        record[field.name] = draw(values_of(field))
    text = json.dumps(
        record, ensure_ascii=draw(st.booleans()), separators=draw(st.sampled_from([(",", ":"), (" , ", " : ")]))
    )
    at, wound = draw(st.integers(0, len(text))), draw(st.sampled_from(("", "", "", ",", "}", '"', "0", "\\", " ")))
    return text[:at] + wound + text[at:]


@given(st.lists(spelled(), min_size=1, max_size=20))
@example(TRAPS)
def test_whatever_is_taken_in_bulk_the_exact_reader_takes_with_the_same_values(con, lines):
    check_sound(con, lines)
