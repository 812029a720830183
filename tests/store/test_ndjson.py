"""The fast reader is sound: what it accepts, the exact reader accepts with the same values."""

import datetime as dt
import json
import random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.game.events import DAY_US, Record, check_line
from pipelines.game.records import RECORDS, Field, Kind
from pipelines.store.ndjson import plain_records
from pipelines.store.staging import EPOCH

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


def accepted(lines):
    """Line number -> (type, values) of what the fast reader takes."""
    texts = [line if isinstance(line, bytes) else line.encode() + b"\n" for line in lines]
    bounds = np.cumsum([0, *map(len, texts)])
    found, rest = plain_records(b"".join(texts), bounds[:-1], bounds[1:], NOW_US + DAY_US)
    taken = {}
    for kind, records in found:
        for row in records.to_pylist():
            values = dict.fromkeys(field.name for field in RECORDS[kind]) | row
            line = values.pop("n")
            for field in RECORDS[kind]:
                if field.kind is Kind.INSTANT and values[field.name] is not None:
                    values[field.name] = (values[field.name] - EPOCH) // dt.timedelta(microseconds=1)
            assert line not in taken
            taken[line] = (kind, values)
    assert sorted([*taken, *rest.tolist()]) == list(range(len(lines)))
    return taken


def check_sound(lines):
    for n, (kind, values) in accepted(lines).items():
        exact = check_line(lines[n], NOW_US)
        assert isinstance(exact, Record), (lines[n], exact)
        assert (exact.type, exact.extra, exact.values) == (kind, None, values), lines[n]


def test_plain_records_of_every_type_are_taken_in_bulk():
    lines = [json.dumps(record) for record in PLAIN.values()]
    assert sorted(accepted(lines)) == [0, 1, 2, 3]
    check_sound(lines)


def test_full_records_with_nulls_offsets_and_fractions_are_taken_in_bulk():
    full = PLAIN["submission"] | {
        "at": "2026-01-02T02:00:00.123456+01:00",
        "judged_at": "2026-01-02T00:30:00.5Z",
        "claimed_at": None,
        "found": True,
        "awarded_points": None,
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
    assert sorted(accepted(lines)) == [0, 1]
    check_sound(lines)


ODD_TOKENS = ("null", "NaN", "1e3", "10.0", "01", "-0", "+1", ".5", "true", "True", "[]", "[1,]", "{}", '""', '"x', "")
WOUNDS = (",", "}", '"', "0", "\\", " ", "\x01", "\x1f", "\x7f", "\r", "\t", "é", "}{", ",}", "\udcff")
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


def test_a_text_without_an_end_does_not_reach_into_the_next_line():
    task = json.dumps(PLAIN["task"] | {"title": "x", "points": 5})
    first, second = task[: task.index('"x"') + 1], task[task.index('"x"') + 1 :]
    over = second.replace('"points": 5', '"points": 6')  # with it the line before would be whole
    lines = [task, first, over, task, first, second]
    assert sorted(accepted(lines)) == [0, 3]
    check_sound(lines)


@pytest.mark.parametrize("wound", WOUNDS)
@pytest.mark.parametrize("kind", PLAIN)
def test_a_wound_anywhere_in_a_line_is_seen(kind, wound):
    more = {"model": "opal 3", "policy_version": "", "title": "t", "points": 7, "found": True, "duration_s": 1.5}
    known = {field.name for field in RECORDS[kind]}
    whole = json.dumps(PLAIN[kind] | {key: value for key, value in more.items() if key in known})
    lines = [whole[:at] + wound + whole[at:] for at in range(len(whole) + 1)]
    check_sound([line.encode("utf-8", "surrogateescape") + b"\n" for line in lines])


def test_no_trap_is_taken_that_the_exact_reader_refuses():
    check_sound(TRAPS)


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
def test_whatever_is_taken_in_bulk_the_exact_reader_takes_with_the_same_values(lines):
    check_sound(lines)


@st.composite
def near_one_shape(draw):
    """Lines as one program writes them, a few of them with one thing changed."""
    comma, colon = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    kind = draw(st.sampled_from(list(RECORDS)))
    optional = draw(st.lists(st.sampled_from(RECORDS[kind]), max_size=6, unique=True))
    order = draw(st.permutations(list(dict.fromkeys([*PLAIN[kind], *(field.name for field in optional)]))))
    lines = []
    for _ in range(draw(st.integers(1, 8))):
        record = PLAIN[kind] | {field.name: draw(values_of(field)) for field in optional if draw(st.booleans())}
        pairs = [(key, json.dumps(record[key], ensure_ascii=False)) for key in order if key in record]
        place = draw(st.integers(0, len(pairs) - 1))
        match draw(st.sampled_from(("", "", "", "gone", "twice", "swapped", "unknown", "token", "space", "wound"))):
            case "gone":
                del pairs[place]
            case "twice":
                pairs.insert(draw(st.integers(0, len(pairs))), pairs[place])
            case "swapped":
                pairs.append(pairs.pop(place))
            case "unknown":
                pairs.insert(place, ("more", draw(st.sampled_from(("1", '"x"', "[{}]")))))
            case "token":
                pairs[place] = pairs[place][0], draw(st.sampled_from(ODD_TOKENS))
            case "space":
                pairs[place] = pairs[place][0] + draw(st.sampled_from(("", " "))), " " + pairs[place][1]
        line = "{" + comma.join(f'"{key}"{colon}{value}' for key, value in pairs) + "}"
        at, wound = draw(st.integers(0, len(line))), draw(st.sampled_from((*[""] * 9, *WOUNDS)))
        lines.append(
            (line[:at] + wound + line[at:]).encode("utf-8", "surrogateescape")
            + draw(st.sampled_from((b"\n", b"\n", b"\r\n")))
        )
    lines[-1] = lines[-1].removesuffix(draw(st.sampled_from((b"", b"\n"))))
    return lines


@given(near_one_shape())
@settings(max_examples=150)
def test_lines_near_one_shape_are_taken_only_as_the_exact_reader_takes_them(lines):
    check_sound(lines)


@given(st.integers(0, 2**40), st.lists(st.sampled_from(list(PLAIN)), min_size=1, max_size=30))
def test_plain_lines_of_several_types_and_orders_are_all_taken(seed, kinds):
    dice = random.Random(seed)
    orders = {kind: dice.sample(list(PLAIN[kind]), len(PLAIN[kind])) for kind in PLAIN}
    lines = [json.dumps({key: PLAIN[kind][key] for key in orders[kind]}) for kind in kinds]
    assert len(accepted(lines)) == len(lines)


INSTANTS = st.from_regex(
    r"[0-9]{4}-(0[0-9]|1[0-3])-[0-3][0-9][T t]([01][0-9]|2[0-4]):[0-6][0-9]:[0-6][0-9](\.[0-9]{0,9})?"
    r"(Z|z|[+-]([01][0-9]|2[0-4]):?[0-6][0-9]|\+01)?",
    fullmatch=True,
)


@given(st.lists(st.one_of(INSTANTS, st.text("0123456789-T:.Z+ ", min_size=18, max_size=34)), min_size=1, max_size=9))
@settings(max_examples=150)
def test_instants_are_taken_only_with_the_value_that_the_exact_reader_gives_them(spellings):
    check_sound([json.dumps(PLAIN["submission"] | {"claimed_at": at, "submitted_at": at}) for at in spellings])


@given(
    st.lists(st.from_regex(r"-?[0-9]{1,10}(\.[0-9]{1,18})?(e-?[0-9]{1,2})?", fullmatch=True), min_size=1, max_size=9)
)
@settings(max_examples=150)
def test_numbers_are_taken_only_with_the_value_that_the_exact_reader_gives_them(tokens):
    call = json.dumps(PLAIN["agent_call"])[:-1]
    names = ("duration_s", "input_tokens", "response_quality")
    check_sound([f'{call}, "{names[n % 3]}": {token}, "multipliers": [1, {token}]}}' for n, token in enumerate(tokens)])
