"""SPEC section 2: which lines are records, what they mean, and why others are refused."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.game.events import Record, Refusal, check_line, check_record, parse_instant, parse_json
from pipelines.game.records import RECORDS, Kind, Reason

NOW = 1_772_409_600_000_000  # 2026-03-02T00:00:00Z
DAY = 86_400_000_000
FIRST, LAST = -62_104_060_800_000_000, 253_370_764_799_999_999  # of years 2 to 9998: each day has one before and after

TASK = (
    '{"type":"task","event_id":"e1","at":"2026-03-01T09:00:00Z","task_id":"t1","problem":"collatz",'
    '"task_type":"compute","difficulty":"easy"%s}'
)
SUBMISSION = (
    '{"type":"submission","event_id":"e2","at":"2026-03-01T10:00:00Z","submission_id":"s1","agent_id":"ada",'
    '"task_id":"t1","submitted_at":"2026-03-01T09:30:00Z","verdict":"verified"%s}'
)
CALL = (
    '{"type":"agent_call","event_id":"e3","at":"2026-03-01T10:00:00Z","user_id":"u1","agent_id":"ada",'
    '"action_type":"task_completion","success":true%s}'
)
CONSENT = (
    '{"type":"consent","event_id":"e4","at":"2026-03-01T10:00:00Z","owner_id":"u1","scope":"metrics","granted":true%s}'
)


def refused(line: str | bytes) -> tuple[str, str]:
    found = check_line(line, NOW)
    assert isinstance(found, Refusal), found
    return str(found.reason), found.sentence


def accepted(line: str | bytes) -> Record:
    found = check_line(line, NOW)
    assert isinstance(found, Record), found
    return found


def with_field(name: str, token: str) -> str:
    """A record of the type that has the field, which stands there once, with this JSON token."""
    line = next(
        text % ""
        for text, kind in ((TASK, "task"), (SUBMISSION, "submission"), (CALL, "agent_call"), (CONSENT, "consent"))
        if name in {field.name for field in RECORDS[kind]}
    )
    tokens = {key: json.dumps(value) for key, value in json.loads(line).items()} | {name: token}
    return "{" + ",".join(f'"{key}":{value}' for key, value in tokens.items()) + "}"


# --- what is accepted -----------------------------------------------------------------------------------------------


def test_a_submission_is_read_with_every_field_and_absent_ones_are_null():
    line = SUBMISSION % (
        ',"judged_at":"2026-03-01T10:00:00+00:00","claimed_at":null,"found":false,"awarded_points":0,"team_id":"red",'
        '"model":"m-1"'
    )
    assert accepted(line) == Record(
        "submission",
        {
            "event_id": "e2",
            "at": 1_772_359_200_000_000,
            "submission_id": "s1",
            "agent_id": "ada",
            "task_id": "t1",
            "submitted_at": 1_772_357_400_000_000,
            "verdict": "verified",
            "judged_at": 1_772_359_200_000_000,
            "claimed_at": None,
            "found": False,
            "awarded_points": 0,
            "team_id": "red",
            "user_id": None,
            "model": "m-1",
            "source": None,
        },
        None,
    )


def test_a_task_a_call_and_a_consent_are_read():
    assert accepted(TASK % ',"points":7,"title":"Größe"').values["points"] == 7
    call = accepted(CALL % ',"multipliers":[1,1.5],"duration_s":0,"input_tokens":1000000000000,"cost_usd":0.25').values
    assert (call["multipliers"], call["duration_s"], call["input_tokens"], call["cost_usd"]) == (
        [1.0, 1.5],
        0.0,
        10**12,
        0.25,
    )
    assert call["call_id"] is None
    assert accepted(CONSENT % "").values["granted"] is True


def test_values_have_the_types_of_their_kinds():
    call = accepted(CALL % ',"duration_s":3,"multipliers":[2],"base_points":10').values
    assert [type(call[name]) for name in ("duration_s", "base_points", "at", "success")] == [float, int, int, bool]
    assert [type(number) for number in call["multipliers"]] == [float]


def test_bytes_and_text_with_any_line_end_mean_the_same():
    line = TASK % ""
    for other in (line.encode(), line + "\n", line + "\r\n", (line + "\r\n").encode(), "  " + line + "\t"):
        assert accepted(other) == accepted(line)


def test_unknown_fields_are_kept_as_canonical_json():
    line = TASK % ', "zeta" : [1, 2.50, {"b":null,"a":"\\u00e9"}], "alpha":"\\/"'
    assert accepted(line).extra == '{"alpha":"/","zeta":[1,2.5,{"a":"é","b":null}]}'


def test_a_field_of_another_type_of_record_is_an_unknown_one():
    assert accepted(CONSENT % ',"points":"ten"').extra == '{"points":"ten"}'


def test_numbers_that_no_computer_number_holds_are_kept_in_unknown_fields():
    digits = "9" * 1000
    line = TASK % f',"x":[{digits},-{digits},1e999,0.5,{{"y":12345678901234567890}}]'
    assert accepted(line).extra == f'{{"x":[{digits},-{digits},1e999,0.5,{{"y":12345678901234567890}}]}}'


def test_an_explicit_null_is_an_absent_field():
    nulls = "".join(f',"{field.name}":null' for field in RECORDS["agent_call"] if not field.required)
    assert accepted(CALL % nulls) == accepted(CALL % "")


def test_minus_zero_is_zero():
    assert str(accepted(CALL % ',"duration_s":-0.0').values["duration_s"]) == "0.0"
    assert str(accepted(CALL % ',"base_points":-0').values["base_points"]) == "0"


def test_ids_are_trimmed_of_white_space_and_composed():
    line = with_field("agent_id", '"\\u2003\\u00a0 Zoe\\u0308\\u3000\\t\\n"')
    assert accepted(line).values["agent_id"] == "Zoë"


def test_white_space_within_an_id_and_emoji_stay():
    assert accepted(with_field("agent_id", '"big\\u00a0 \U0001f916"')).values["agent_id"] == "big\xa0 \U0001f916"


def test_texts_stay_as_they_are_written():
    assert accepted(TASK % ',"title":" \\u0000 e\\u0301 "').values["title"] == " \0 e\u0301 "


def test_an_id_of_200_characters_is_accepted_counted_after_trimming_and_composing():
    assert accepted(with_field("agent_id", json.dumps("  " + "e\u0301" * 200 + " "))).values["agent_id"] == "é" * 200


# --- each reason, literally -----------------------------------------------------------------------------------------

OVERSIZED = TASK % (',"title":"' + "x" * (1 << 20) + '"')
DEEP = TASK % (',"x":' + "[" * 100_000 + "]" * 100_000)

LITERAL = [
    (OVERSIZED, "oversized", f"The line has {len(OVERSIZED)} bytes; at most 1048576 are read."),
    (b"\x00" * (1 << 21), "oversized", "The line has 2097152 bytes; at most 1048576 are read."),
    ("", "not_json", "The line is not JSON: expecting value, at character 1."),
    ("{", "not_json", None),
    (TASK % "" + "x", "not_json", f"The line is not JSON: extra data, at character {len(TASK % '') + 1}."),
    ("\ufeff" + TASK % "", "not_json", None),
    ('{"a":1,}', "not_json", None),
    ("{'a':1}", "not_json", None),
    ('{"a":01}', "not_json", None),
    ('{"a":+1}', "not_json", None),
    ('{"a":.5}', "not_json", None),
    ('{"a":1.}', "not_json", None),
    ('{"a":"\t"}', "not_json", None),
    ('{"a":"\\x41"}', "not_json", None),
    ('{"a":1} // no', "not_json", None),
    ('{"a":NaN}', "not_json", "The line is not JSON: NaN is no number there; leave it out."),
    ('{"a":Infinity}', "not_json", None),
    ('{"a":[-Infinity]}', "not_json", None),
    (b'{"a":"\xff"}', "not_json", "The line is not UTF-8: byte 7 (0xff) is no character."),
    (b'{"a":"\xed\xa0\x80"}', "not_json", None),
    ('{"a":"\\ud800"}', "not_json", "The line holds half of a surrogate pair, which is no character."),
    ('{"\\udc00":1}', "not_json", None),
    ('{"a":"\ud800"}', "not_json", None),
    (DEEP, "not_json", "The line is nested too deeply; at most 500 levels are read."),
    ("[" * 100_000, "not_json", None),
    ("null", "not_an_object", "The line holds null, not an object."),
    ("true", "not_an_object", "The line holds true, not an object."),
    ("17", "not_an_object", "The line holds a number, not an object."),
    ("1e999", "not_an_object", "The line holds a number, not an object."),
    ('"{}"', "not_an_object", "The line holds a text, not an object."),
    ("[{}]", "not_an_object", "The line holds an array, not an object."),
    (
        '{"type":"task","type":"task"}',
        "duplicate_key",
        'The key "type" stands twice in one object; which counts is unclear.',
    ),
    (TASK % ',"x":[{"a":1,"\\u0061":2}]', "duplicate_key", None),
    ("{}", "unknown_type", "The record has no `type`; known are task, submission, agent_call, consent."),
    ('{"type":null}', "unknown_type", None),
    ('{"type":["task"]}', "unknown_type", None),
    (
        '{"type":"Task"}',
        "unknown_type",
        'The record has the type "Task"; known are task, submission, agent_call, consent.',
    ),
    (
        '{"type":"consent","event_id":"e","scope":null}',
        "missing_field",
        "The consent lacks `at`, `owner_id`, `scope`, `granted`: missing or null, but required.",
    ),
    (
        with_field("at", '"2026-03-01"'),
        "bad_timestamp",
        '`at` is "2026-03-01"; it must be an RFC 3339 instant with an offset, such as 2026-03-01T09:30:00Z.',
    ),
    (with_field("at", "1772359200"), "bad_timestamp", None),
    (with_field("judged_at", '"soon"'), "bad_timestamp", None),
    (
        with_field("verdict", '"solved"'),
        "bad_value",
        '`verdict` is "solved"; it must be one of pending, verified, rejected, void.',
    ),
    (with_field("found", "1"), "bad_value", "`found` is 1; it must be true or false, without quotes."),
    (with_field("found", '"true"'), "bad_value", None),
    (with_field("model", "4"), "bad_value", "`model` is 4; it must be text, in quotes."),
    (with_field("agent_id", "17"), "bad_value", "`agent_id` is 17; it must be text, in quotes."),
    (with_field("agent_id", '""'), "bad_value", '`agent_id` is ""; it must not be empty.'),
    (with_field("agent_id", '" \\u3000\\t"'), "bad_value", None),
    (
        with_field("agent_id", '"a\\u200bb"'),
        "bad_value",
        '`agent_id` is "a\\u200bb"; it must not hold U+200B (ZERO WIDTH SPACE).',
    ),
    (with_field("multipliers", "2"), "bad_value", None),
    (with_field("multipliers", '[1,"2"]'), "bad_value", None),
    (with_field("multipliers", "[1,null]"), "bad_value", None),
    (with_field("multipliers", "[true]"), "bad_value", None),
    (
        with_field("points", "0"),
        "out_of_range",
        "`points` is 0; allowed is from 1 to 1000.",
    ),
    (
        with_field("agent_id", f'"{"x" * 201}"'),
        "out_of_range",
        f'`agent_id` is "{"x" * 59}…; allowed is an id of at most 200 characters, this one has 201.',
    ),
    (
        with_field("multipliers", "[1,1,1,1,1,1,1,1,1,1,1]"),
        "out_of_range",
        "`multipliers` is [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]; allowed is at most 10 numbers, these are 11.",
    ),
    (
        SUBMISSION % ',"judged_at":"2026-03-01T09:29:59Z"',
        "time_travel",
        '`judged_at` ("2026-03-01T09:29:59Z") lies before `submitted_at` ("2026-03-01T09:30:00Z").',
    ),
    (SUBMISSION.replace("T10:00:00Z", "T09:29:59.999999Z") % "", "time_travel", None),
    (SUBMISSION % ',"claimed_at":"2026-03-01T09:30:00.000001Z"', "time_travel", None),
    (SUBMISSION % ',"judged_at":"2026-03-01T10:00:00.000001Z"', "time_travel", None),
    (
        with_field("owner_id", '"u"').replace("2026-03-01T10:00:00Z", "2026-03-03T00:00:00.000001Z"),
        "from_the_future",
        '`at` is "2026-03-03T00:00:00.000001Z", which lies more than a day after the instant of ingesting.',
    ),
]


@pytest.mark.parametrize(
    ("line", "reason", "sentence"), LITERAL, ids=[f"{i}-{case[1]}" for i, case in enumerate(LITERAL)]
)
def test_a_faulty_line_is_refused_with_its_reason_and_a_sentence(line, reason, sentence):
    got = refused(line)
    assert got[0] == reason
    if sentence is not None:
        assert got[1] == sentence
    if isinstance(line, str):
        assert refused(line.encode("utf-8", "surrogatepass"))[0] == reason


def test_every_reason_that_a_line_alone_can_show_is_among_these():
    assert {case[1] for case in LITERAL} == {str(r) for r in Reason} - {"conflicting_duplicate"}


def test_a_sentence_never_holds_characters_that_cannot_be_seen_and_stays_short():
    for token in ('"\\u202e\\u0000\\u200d\\n"', '"' + "a" * 100_000 + '"', "[" * 400 + "]" * 400, "9" * 5000):
        _, sentence = refused(with_field("agent_id", token))
        assert sentence.isprintable()
        assert len(sentence) < 250


def test_a_line_of_exactly_a_mebibyte_is_read_its_end_not_counted():
    room = (1 << 20) - len(TASK % ',"title":""')
    line = TASK % f',"title":"{"x" * room}"'
    assert len(line) == 1 << 20
    assert accepted(line) == accepted(line + "\n") == accepted(line.encode() + b"\n")
    assert refused(TASK % f',"title":"{"x" * (room + 1)}"')[0] == "oversized"
    assert refused(TASK % f',"title":"{"é" * (room // 2 + 1)}"')[0] == "oversized"


def test_nesting_is_read_to_500_levels_wherever_the_reader_stands():
    line = TASK % (',"x":' + "[" * 499 + "]" * 499)
    assert accepted(line).extra == '{"x":' + "[" * 499 + "]" * 499 + "}"
    assert refused(TASK % (',"x":' + "[" * 500 + "]" * 500))[0] == "not_json"
    assert accepted(TASK % (',"x":' + "[" * 499 + "1e999" + "]" * 499)).extra is not None


def test_brackets_in_texts_and_beside_each_other_are_no_nesting():
    assert accepted(TASK % f',"title":"{"[" * 5000}\\"{"{" * 5000}","x":[{",".join(["[]"] * 5000)}]').extra is not None


# --- precedence -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"a":1,"a":2', "not_json"),
        ('{"x":{"a":1,"a":2},"b":NaN}', "not_json"),
        ('{"a":"\\ud800","a":1}', "not_json"),
        ('{"a":1,"a":2} {}', "not_json"),
        ('[{"a":1,"a":2}]', "not_an_object"),
        (' \n[{"a":1,"a":2}]', "not_an_object"),
        ('{"type":"nope","type":"nope"}', "duplicate_key"),
        ('{"type":"nope"}', "unknown_type"),
        ('{"type":"task","at":"never","points":0}', "missing_field"),
        ('{"type":"consent","event_id":"","at":"never","owner_id":"u","scope":"all","granted":true}', "bad_timestamp"),
        (with_field("judged_at", '"x"').replace('"verified"', '"solved"'), "bad_timestamp"),
        (with_field("points", "0").replace('"easy"', '"simple"'), "bad_value"),
        (with_field("multipliers", '[99,"1"]'), "bad_value"),
        (with_field("multipliers", "[1,1,1,1,1,1,1,1,1,1,1,true]"), "bad_value"),
        (with_field("agent_id", '"' + "x" * 300 + '\\u0007"'), "bad_value"),
        (SUBMISSION % ',"awarded_points":-1,"judged_at":"2020-01-01T00:00:00Z"', "out_of_range"),
        (
            SUBMISSION.replace("2026-03-01T10", "2099-01-01T10").replace("2026-03-01T09", "2099-02-01T09") % "",
            "time_travel",
        ),
    ],
)
def test_of_several_faults_the_first_of_the_list_names_the_line(line, reason):
    assert refused(line)[0] == reason


# --- numbers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "token", "reason"),
    [
        ("points", '"10"', "bad_value"),
        ("points", "10.5", "bad_value"),
        ("points", "10.0", "bad_value"),
        ("points", "1e1", "bad_value"),
        ("points", "1e999", "bad_value"),
        ("points", "true", "bad_value"),
        ("points", "1", None),
        ("points", "1000", None),
        ("points", "1001", "out_of_range"),
        ("points", "-1", "out_of_range"),
        ("points", "9" * 1000, "out_of_range"),
        ("points", "-" + "9" * 5000, "out_of_range"),
        ("awarded_points", "0", None),
        ("awarded_points", "1000000000", None),
        ("awarded_points", "1000000001", "out_of_range"),
        ("base_points", "1000000", None),
        ("base_points", "1000001", "out_of_range"),
        ("bonus_points", "1000001", "out_of_range"),
        ("input_tokens", "1000000000000", None),
        ("output_tokens", "1000000000001", "out_of_range"),
        ("tool_uses", "1000000001", "out_of_range"),
        ("duration_s", "0", None),
        ("duration_s", "1e9", None),
        ("duration_s", "1e-400", None),
        ("duration_s", "1000000000.1", "out_of_range"),
        ("duration_s", "-0.1", "out_of_range"),
        ("duration_s", "1e999", "out_of_range"),
        ("duration_s", "-1e999", "out_of_range"),
        ("duration_s", "9" * 400, "out_of_range"),
        ("duration_s", '"1"', "bad_value"),
        ("duration_s", "false", "bad_value"),
        ("duration_s", "[1]", "bad_value"),
        ("response_quality", "1", None),
        ("response_quality", "1.0000001", "out_of_range"),
        ("user_satisfaction", "-0.1", "out_of_range"),
        ("code_quality", "0", None),
        ("multipliers", "[]", None),
        ("multipliers", "[0.1,10]", None),
        ("multipliers", "[0.09]", "out_of_range"),
        ("multipliers", "[10.01]", "out_of_range"),
        ("multipliers", "[1,1,1,1,1,1,1,1,1,1]", None),
        ("multipliers", "{}", "bad_value"),
    ],
)
def test_numbers_are_strict_and_bounded(name, token, reason):
    found = check_line(with_field(name, token), NOW)
    assert (str(found.reason) if isinstance(found, Refusal) else None) == reason


# --- instants -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:00z", 0),
        ("1970-01-01 00:00:00Z", 0),
        ("1970-01-01T00:00:00.1Z", 100_000),
        ("1970-01-01T00:00:00.123456Z", 123_456),
        ("1970-01-01T00:00:00.1234569Z", 123_456),
        ("1970-01-01T00:00:00." + "9" * 1000 + "+00:00", 999_999),
        ("1969-12-31T23:59:59.9999999Z", -1),
        ("1970-01-01T05:30:00+05:30", 0),
        ("1969-12-31T23:59:00-00:01", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("1970-01-01T23:59:00+23:59", 0),
        ("2024-02-29T12:00:00Z", 1_709_208_000_000_000),
        ("0002-01-01T00:00:00Z", -62_104_060_800_000_000),
        ("9998-12-31T23:59:59.999999Z", 253_370_764_799_999_999),
        ("0002-01-01T00:00:00+00:01", None),
        ("0001-12-31T23:59:59Z", None),
        ("9998-12-31T23:59:59-00:01", None),
        ("9999-01-01T00:00:00Z", None),
        ("0000-06-01T00:00:00Z", None),
        ("2026-02-29T00:00:00Z", None),
        ("2026-13-01T00:00:00Z", None),
        ("2026-00-10T00:00:00Z", None),
        ("2026-01-01T24:00:00Z", None),
        ("2026-01-01T00:60:00Z", None),
        ("2026-06-30T23:59:60Z", None),
        ("2026-01-01T00:00:00", None),
        ("2026-01-01T00:00:00.Z", None),
        ("2026-01-01T00:00:00,5Z", None),
        ("2026-01-01T00:00Z", None),
        ("2026-01-01T00:00:00+0100", None),
        ("2026-01-01T00:00:00+01", None),
        ("2026-01-01T00:00:00+24:00", None),
        ("2026-01-01T00:00:00+01:60", None),
        ("2026-01-01T00:00:00+01:00:00", None),
        ("2026-01-01T00:00:00 Z", None),
        ("2026-01-01T00:00:00Z\n", None),
        (" 2026-01-01T00:00:00Z", None),
        ("2026-01-01_00:00:00Z", None),
        ("20260101T000000Z", None),
        ("2026-W01-1T00:00:00Z", None),
        ("+2026-01-01T00:00:00Z", None),
        ("٢٠٢٦-01-01T00:00:00Z", None),
        ("2026-01-01T00:00:0\uff10Z", None),
        ("", None),
    ],
)
def test_an_instant_is_rfc_3339_with_an_offset(text, micros):
    assert parse_instant(text) == micros


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is given
    st.integers(-1439, 1439),
    st.sampled_from("Tt "),
    st.sampled_from(["", "0", "000", "000000", "9", "999999999"]),
)
def test_an_instant_means_the_same_in_every_spelling(instant, offset, letter, more_digits):
    micros = (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    spelled = f"{instant.year:04d}-{instant:%m-%d}{letter}{instant:%H:%M:%S}.{instant.microsecond:06d}{more_digits}"
    shift = f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"
    shifted = micros - offset * 60_000_000
    assert parse_instant(spelled + "Z") == parse_instant(spelled + "+00:00") == micros
    assert parse_instant(spelled + shift) == (shifted if FIRST <= shifted <= LAST else None)


def test_equal_instants_do_not_travel_in_time():
    line = (
        SUBMISSION.replace("T10:00", "T09:30")
        % ',"judged_at":"2026-03-01T09:30:00Z","claimed_at":"2026-03-01T09:30:00Z"'
    )
    assert accepted(line).values["claimed_at"] == accepted(line).values["at"]


def test_a_day_after_the_ingest_instant_is_accepted_to_the_microsecond():
    assert accepted(with_field("owner_id", '"u"').replace("2026-03-01T10:00:00Z", "2026-03-03T00:00:00Z"))


def test_what_is_from_the_future_now_is_accepted_later():
    line = CONSENT.replace("2026-03-01", "2027-03-01") % ""
    assert isinstance(check_line(line, NOW), Refusal)
    assert isinstance(check_line(line, NOW + 366 * DAY), Record)


# --- ids ------------------------------------------------------------------------------------------------------------

REFUSED_CHARACTERS = (
    "\x00\x1f\x7f\x85\xad\u200b\u200c\u200d\u200e\u202a\u202e\u2028\u2029\u2060\u2066\u2069\ufeff\U000e0041"
)


@pytest.mark.parametrize("character", REFUSED_CHARACTERS, ids=[f"U+{ord(c):04X}" for c in REFUSED_CHARACTERS])
@pytest.mark.parametrize("name", ["event_id", "problem", "task_id"])
def test_control_zero_width_and_bidirectional_characters_are_refused_in_ids(name, character):
    assert refused(with_field(name, json.dumps(f"a{character}b")))[0] == "bad_value"


@pytest.mark.parametrize("name", sorted({f.name for fields in RECORDS.values() for f in fields if f.kind is Kind.ID}))
def test_every_id_of_the_contract_is_normalised(name):
    record = accepted(with_field(name, '"\\u00a0 e\\u0301 "'))
    assert record.values[name] == "é"


# --- adapters' records ----------------------------------------------------------------------------------------------


def test_a_record_of_an_adapter_is_checked_by_the_same_rules():
    fields = json.loads(SUBMISSION % ',"x":1')
    assert check_record(fields, NOW) == accepted(SUBMISSION % ',"x":1')
    assert isinstance(check_record(fields | {"found": 1}, NOW), Refusal)


@pytest.mark.parametrize(
    "odd",
    [
        {"title": "\ud800"},
        {"task_id": "\udfff"},
        {"x": float("nan")},
        {"x": float("inf")},
        {"x": {1, 2}},
        {"x": "\ud800"},
        {"x": datetime(2026, 1, 1, tzinfo=UTC)},
        {(1, 2): 3},
    ],
    ids=repr,
)
def test_what_only_an_adapter_could_give_is_a_bad_value(odd):
    found = check_record(json.loads(TASK % "") | odd, NOW)
    assert isinstance(found, Refusal)
    assert found.reason == "bad_value"


def test_not_a_number_from_an_adapter_is_a_bad_value():
    found = check_record(json.loads(CALL % "") | {"duration_s": float("nan")}, NOW)
    assert isinstance(found, Refusal)
    assert found.reason == "bad_value"


# --- laws -----------------------------------------------------------------------------------------------------------

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(sorted({f.name for fields in RECORDS.values() for f in fields})) | st.text(max_size=5)
words = st.sampled_from(
    ["2026-03-01T09:30:00Z", "2026-03-01 10:30:00.5+01:00", "verified", "easy", "a", " é ", "metrics"]
)
near_records = st.builds(
    lambda line, more: json.loads(line % "") | more,
    st.sampled_from([TASK, SUBMISSION, CALL, CONSENT]),
    st.dictionaries(names, words | json_values, max_size=4),
)


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b'{"type":"task"' + b"\x00")
def test_any_bytes_are_a_record_or_a_refusal(line):
    assert isinstance(check_line(line, NOW), Record | Refusal)


@given(st.text(st.characters()), st.integers(-(10**20), 10**20))
def test_any_text_is_a_record_or_a_refusal(line, now):
    assert isinstance(check_line(line, now), Record | Refusal)


@given(st.sampled_from([TASK, SUBMISSION, CALL, CONSENT]), st.randoms(use_true_random=False), st.integers(1, 4))
def test_any_mutation_of_a_record_is_a_record_or_a_refusal(line, rng, n):
    octets = bytearray((line % ',"x":[{"y":1e5},"\\u00e9"]').encode())
    for _ in range(n):
        at = rng.randrange(len(octets))
        octets[at : at + rng.randrange(3)] = bytes(
            rng.choices(b'{}[]",:\\u0d8eE-+.\x00\xff\xc3tn ', k=rng.randrange(3))
        )
    assert isinstance(check_line(bytes(octets), NOW), Record | Refusal)


@given(near_records, st.randoms(use_true_random=False), st.sampled_from([None, 0, 1, "\t"]), st.booleans())
def test_key_order_white_space_and_escapes_do_not_matter(fields, rng, indent, is_ascii):
    items = list(fields.items())
    rng.shuffle(items)
    plain = check_line(json.dumps(fields, ensure_ascii=False), NOW)
    other = check_line(json.dumps(dict(items), indent=indent, ensure_ascii=is_ascii), NOW)
    if isinstance(plain, Record):
        assert other == plain
    else:
        assert isinstance(other, Refusal)
        assert other.reason == plain.reason


@given(near_records)
def test_normalisation_is_idempotent(fields):
    once = check_line(json.dumps(fields), NOW)
    if isinstance(once, Refusal):
        return
    instants = {field.name for field in RECORDS[once.type] if field.kind is Kind.INSTANT}
    again = {"type": once.type} | (json.loads(once.extra) if once.extra else {})
    for name, value in once.values.items():
        if value is not None:
            again[name] = _spelled(value) if name in instants else value
    assert check_line(json.dumps(again), NOW) == once


def _spelled(micros: int) -> str:
    second, micro = divmod(micros, 10**6)
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}.{micro:06d}Z"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_an_accepted_id_is_its_own_normal_form(text):
    once = check_line(with_field("agent_id", json.dumps(text)), NOW)
    if isinstance(once, Record):
        assert accepted(with_field("agent_id", json.dumps(once.values["agent_id"]))) == once


@given(json_values)
def test_json_is_read_as_pythons_own_reader_reads_it(value):
    line = json.dumps({"x": value})
    assert repr(parse_json(line)) == repr(json.loads(line))


def test_hostile_quotes_and_brackets_take_no_quadratic_time():
    rng = random.Random(1)
    for unit in ('"', '\\"', '"[', '["\\', '{"a":'):
        assert isinstance(check_line(("[" * 600 + unit * (1 << 18))[: 1 << 20], NOW), Refusal)
    assert isinstance(check_line("".join(rng.choices('[]{}",\\', k=1 << 18)), NOW), Refusal)
