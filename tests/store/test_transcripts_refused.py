"""Transcripts of Claude Code in a real warehouse: what cannot be read, and what gives no record."""

import gzip
import json
import random

from pipelines.store import transcripts
from tests.store.transcript_homes import FINISHED, NOW, agent_file, ids, instant
from tests.transcript_rows import (
    SESSION,
    agent_rows,
    at,
    call,
    completed,
    line_of,
    result,
    said,
    tool,
    write,
)


def test_bad_lines_are_refused_without_their_text_and_the_rest_is_taken(home, session):
    rows = [FINISHED[0], '{"secret": "half', "", '"secret"', "[1]", b'{"type":"user","uuid":"\xff"}', FINISHED[1], "42"]
    assert home.counts(write(session, rows)) == [(8, 2, 0, 5, 1)]
    found = home.rows("SELECT line, byte_offset, reason, raw, sentence FROM quarantine ORDER BY line")
    assert [line for line, *_ in found] == [2, 4, 5, 6, 8]
    assert found[0][2:4] == ("not_json", "(withheld: 16 bytes of a transcript)")
    assert found[1][2:4] == ("not_an_object", "(withheld: 8 bytes of a transcript)")
    assert "secret" not in str(found)
    assert found[0][1] == len(line_of(rows[0])) + 1
    assert ids(home.records()) == ["t1"]


def test_a_bad_line_that_comes_again_is_a_duplicate(home, session, tmp_path):
    home.land(write(session, ["broken", *FINISHED]))
    assert home.counts(write(tmp_path / f"{SESSION}.jsonl", ["broken", *FINISHED])) == [(3, 0, 3, 0, 0)]
    assert home.rows("SELECT count(*) FROM quarantine") == [(1,)]


def test_a_line_may_be_longer_than_a_record_of_our_own(home, session):
    long = result("t1", told=completed(), content="x" * (2 << 20))
    assert home.counts(write(session, [call("t1"), long])) == [(2, 2, 0, 0, 0)]
    assert ids(home.records()) == ["t1"]


def test_a_hostile_name_of_an_agent_is_refused_without_being_quoted(home, session):
    rows = [call("t1", subagent_type="canary\u202e"), result("t1", told=completed()), call("t2")]
    assert home.counts(write(session, [*rows, result("t2", told=completed("a2"))])) == [(4, 3, 0, 1, 0)]
    ((line, reason, sentence, raw),) = home.rows("SELECT line, reason, sentence, raw FROM quarantine")
    assert (line, reason, raw) == (1, "bad_value", "(withheld: a line of a transcript)")
    assert sentence == "The call makes no record: of its `agent_id` the input contract refuses the value."
    assert ids(home.records()) == ["t2"]


def test_two_refused_calls_of_one_line_are_one_refused_line(home, session):
    blocks = [tool(f"t{n}", "Agent", subagent_type="\u202e") for n in (1, 2)]
    rows = [said("both", "09:00:00", blocks), result("t1", told=completed()), result("t2", told=completed("a2"))]
    assert home.counts(write(session, rows)) == [(3, 2, 0, 1, 0)]


def test_a_call_from_the_future_waits_until_its_time_has_come(home, session):
    early = instant("2026-02-01T00:00:00")
    home.land(write(session, FINISHED), now=early)
    assert home.records() == []
    assert home.rows("SELECT reason FROM quarantine") == [("from_the_future",)]
    assert home.retry(NOW) == 1
    assert ids(home.records()) == ["t1"]
    assert home.rows("SELECT n_accepted, n_quarantined FROM ingested_files") == [(2, 0)]


def test_an_end_without_an_instant_is_refused_until_the_runs_own_rows_tell_it(home, session):
    rows = [call("t1"), {**result("t1", told=completed()), "timestamp": "yesterday"}]
    assert home.counts(write(session, rows)) == [(2, 1, 0, 1, 0)]
    assert home.rows("SELECT reason FROM quarantine") == [("bad_timestamp",)]
    home.land(write(agent_file(session), agent_rows()))
    assert home.record()["at"] == instant("2026-03-02T09:01:40")
    assert home.rows("SELECT sum(n_quarantined) FROM ingested_files") == [(0,)]


def test_an_event_id_that_another_record_has_taken_stays_with_it(home, session, tmp_path):
    taken = {"type": "agent_call", "event_id": "claude-code:t1", "at": at("08:00:00"), "user_id": "eve",
             "agent_id": "x", "action_type": "y", "success": True}  # fmt: skip
    home.land(write(tmp_path / "own.jsonl", [taken]))
    home.land(write(session, FINISHED))
    assert home.record()["user"] == "eve"
    assert home.rows("SELECT reason FROM quarantine") == [("conflicting_duplicate",)]


def test_a_file_that_breaks_off_changes_nothing_and_is_named_until_it_is_read(home, session):
    packed = session.with_name(session.name + ".gz")
    write(session, [*FINISHED, *(said(f"s{n}", "09:00:00", []) for n in range(500))])
    packed.write_bytes(gzip.compress(session.read_bytes())[:-300])
    (report,) = home.land(packed)
    assert "truncated or corrupt" in str(report.error)
    assert home.rows("SELECT source FROM unreadable_files") == [("claude-code",)]
    assert home.rows("FROM transcript_rows") == home.records() == []
    packed.write_bytes(gzip.compress(session.read_bytes()))
    home.land(packed)
    assert home.rows("FROM unreadable_files") == []
    assert ids(home.records()) == ["t1"]


def test_a_part_of_a_large_file_that_breaks_off_leaves_nothing(home, session, monkeypatch):
    monkeypatch.setattr(transcripts, "ROWS_IN_MEMORY", 5)
    rng = random.Random(1)
    rows = [*FINISHED, *(said(f"s{n}", "09:00:00", rng.randbytes(500).hex()) for n in range(9_000))]
    packed = session.with_name(session.name + ".gz")
    packed.write_bytes(gzip.compress(write(session, rows).read_bytes())[:-300])
    other = write(session.with_name("agent-b1.jsonl"), agent_rows("b1"))
    home.land(other, packed)
    assert home.rows("SELECT count(*) FROM transcript_rows") == [(4,)]
    assert home.records() == []


def test_a_journal_and_a_summary_are_transcripts_and_say_nothing_of_calls(home, tmp_path):
    journal = write(tmp_path / "journal.jsonl", [{"type": "started", "key": "k", "agentId": "a1"}])
    summary = write(tmp_path / "s.jsonl", [{"type": "summary", "summary": "secret", "leafUuid": "u"}])
    assert home.counts(journal, summary) == [(1, 1, 0, 0, 0), (1, 1, 0, 0, 0)]
    assert json.dumps(home.rows("SELECT row_type FROM transcript_rows ORDER BY 1")) == '[["started"], ["summary"]]'
