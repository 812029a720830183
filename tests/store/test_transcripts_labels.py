"""Labels of calls: before the transcript or after it, at once or later, and what of them is refused."""

import json
from pathlib import Path

import pytest

from tests.store.transcript_homes import NOW, Home, ids, instant
from tests.transcript_rows import SESSION, call, completed, result, write

GOOD = {
    "call_id": "t1",
    "response_quality": 0.9,
    "complexity": "complex",
    "evidence_type": "innovation",
    "evidence": "it",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def session(tmp_path: Path) -> Path:
    return write(tmp_path / f"{SESSION}.jsonl", [call("t1"), result("t1", told=completed())])


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return tmp_path / "labels.jsonl"


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("call_id", ["t1", "claude-code:t1"])
def test_a_label_becomes_part_of_the_record_whether_it_comes_first_or_last(home, session, labels, is_first, call_id):
    write(labels, [{**GOOD, "call_id": call_id}])
    for path in (labels, session) if is_first else (session, labels):
        home.land(path)
    record = home.record()
    assert (record["response_quality"], record["complexity"], record["evidence"]) == (0.9, "complex", "it")
    assert (record["event_id"], record["success_source"]) == ("claude-code:t1", "derived")


def test_a_verdict_of_a_label_goes_before_what_is_derived(home, session, labels):
    home.land(session, write(labels, [{"call_id": "t1", "success": False, "action_type": "milestone"}]))
    record = home.record()
    assert (record["success"], record["success_source"], record["action_type"]) == (False, "label", "milestone")


def test_a_label_that_became_known_later_makes_a_correction_with_all_labels_known_by_then(home, session, labels):
    later = [{"call_id": "t1", "at": f"2026-03-0{day}T00:00:00Z", "code_quality": day / 10} for day in (4, 3)]
    home.land(session, write(labels, [GOOD, {**later[0], "success": False}, later[1]]))
    records = sorted(home.records(), key=lambda record: record["at"])
    assert [(record["at"], record["success"], record["response_quality"]) for record in records] == [
        (instant("2026-03-02T09:02:00"), True, 0.9),
        (instant("2026-03-03T00:00:00"), True, 0.9),
        (instant("2026-03-04T00:00:00"), False, 0.9),
    ]
    assert {record["call_id"] for record in records} == {"claude-code:t1"}
    assert ids(records) == ["t1", "t1:label:1772496000000000", "t1:label:1772582400000000"]


def test_a_label_from_before_the_call_ended_is_part_of_its_record(home, session, labels):
    home.land(session, write(labels, [{**GOOD, "at": "2026-03-01T00:00:00Z"}]))
    assert home.record()["response_quality"] == 0.9


def test_unknown_fields_of_a_label_are_kept_beside_the_record(home, session, labels):
    home.land(session, write(labels, [{**GOOD, "grader": "ada"}]))
    assert json.loads(home.record()["extra"]) == {"grader": "ada"}


def test_the_same_label_again_is_a_duplicate_and_another_at_the_same_instant_a_conflict(home, session, labels):
    home.land(session)
    lines = [GOOD, "", dict(reversed(GOOD.items())), {**GOOD, "evidence": "other"}]
    assert home.counts(write(labels, lines)) == [(4, 1, 1, 1, 1)]
    assert home.rows("SELECT reason, line FROM quarantine") == [("conflicting_duplicate", 4)]
    assert home.record()["evidence"] == "it"
    assert home.counts(write(labels, [GOOD])) == [(1, 0, 1, 0, 0)]


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ({"call_id": "t1", "response_quality": "0.9"}, "bad_value"),
        ({"call_id": "t1", "response_quality": 9}, "out_of_range"),
        ({"call_id": "t1", "base_points": 10.0}, "bad_value"),
        ({"call_id": "t1", "complexity": "hard"}, "bad_value"),
        ({"call_id": "t1", "user_id": "eve", "success": True}, "bad_value"),
        ({"call_id": "t1"}, "missing_field"),
        ({"call_id": "t1", "success": None}, "missing_field"),
        ({"call_id": None, "success": True}, "missing_field"),
        ({"call_id": "", "success": True}, "bad_value"),
        ({"call_id": "t1", "success": True, "at": "yesterday"}, "bad_timestamp"),
        ('{"call_id": "t1", "success": true, "success": false}', "duplicate_key"),
        ("[]", "not_an_object"),
        ("x" * (1 << 20) + "y", "oversized"),
    ],
)
def test_a_label_is_checked_as_strictly_as_a_record(home, session, labels, label, reason):
    assert home.counts(session, write(labels, [GOOD, label]))[1] == (2, 1, 0, 1, 0)
    assert home.rows("SELECT reason, line FROM quarantine") == [(reason, 2)]


def test_a_label_from_the_future_waits_until_its_time_has_come(home, session, labels):
    home.land(session, write(labels, [{**GOOD, "at": "2026-07-01T00:00:00Z"}]))
    assert home.rows("SELECT reason FROM quarantine") == [("from_the_future",)]
    assert home.retry(NOW) == 0
    assert home.retry(instant("2026-07-01T00:00:00")) == 1
    assert len(home.records()) == 2


def test_a_label_of_an_unknown_call_waits_for_it(home, labels):
    assert home.counts(write(labels, [GOOD])) == [(1, 1, 0, 0, 0)]
    assert home.records() == []


def test_labels_may_be_read_twice_in_any_order_with_transcripts_between(home, session, labels):
    write(labels, [GOOD])
    home.land(labels, session)
    before = home.records()
    home.land(labels)
    home.land(session)
    assert home.records() == before
