"""Transcripts of Claude Code in a real warehouse: a record for each finished call, in whatever order they come."""

import gzip
import json
import random
from itertools import pairwise
from pathlib import Path

import pytest

from pipelines.store import transcripts
from tests.store.transcript_homes import NOW, Home, ids, instant
from tests.transcript_rows import (
    SESSION,
    agent_rows,
    at,
    call,
    completed,
    launched,
    line_of,
    notification,
    notified,
    result,
    row,
    said,
    side,
    tool,
    used,
    write,
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def session(tmp_path: Path) -> Path:
    return tmp_path / "projects" / "-home-ada-podium" / f"{SESSION}.jsonl"


def agent_file(session: Path, agent_id: str = "a1") -> Path:
    return session.with_suffix("") / "subagents" / f"agent-{agent_id}.jsonl"


FINISHED = [call("t1"), result("t1", told=completed())]


# A record


def test_a_finished_call_is_a_record_with_the_totals_its_result_reports_and_the_tokens_of_its_own_rows(home, session):
    home.land(write(session, FINISHED), write(agent_file(session), agent_rows()), account="ada", team_id="night-shift")
    assert home.record() == {
        "event_id": "claude-code:t1", "call_id": "claude-code:t1", "at": instant("2026-03-02T09:02:00"),
        "user": "ada", "team": "night-shift", "project": "podium", "session_id": SESSION, "agent": "python-pro",
        "action_type": "task_completion", "success": True, "success_source": "derived", "duration_s": 90.0,
        "tool_uses": 3, "model": "orrery-2", "input_tokens": 8, "output_tokens": 47, "cache_read_tokens": 220,
        "cache_creation_tokens": 20, "description": None, "complexity": None, "response_quality": None,
        "evidence": None, "extra": None,
    }  # fmt: skip


def test_a_message_on_several_rows_counts_once_with_its_greatest_output(home, session):
    repeated = [
        *agent_rows(),
        side(said("again", "09:01:50", [], message="a1-m1", usage=used(3, 5, 100, 20), requestId="r1")),
    ]
    home.land(write(session, FINISHED), write(agent_file(session), repeated))
    assert home.record()["output_tokens"] == 47


def test_where_no_totals_are_reported_duration_and_tool_uses_are_those_of_the_own_rows(home, session):
    told = completed(totalDurationMs=None, totalToolUseCount=None)
    home.land(write(session, [call("t1"), result("t1", told=told)]), write(agent_file(session), agent_rows()))
    assert (home.record()["duration_s"], home.record()["tool_uses"]) == (90.0, 3)


def test_without_own_rows_tokens_are_not_known(home, session):
    home.land(write(session, FINISHED))
    assert [home.record()[name] for name in ("input_tokens", "output_tokens", "cache_read_tokens")] == [None] * 3
    assert home.record()["model"] is None


def test_the_agent_is_the_type_asked_for_else_that_of_the_result_else_of_the_file_else_general_purpose(home, session):
    asked = {"subagent_type": None}
    rows = [call("t1", **asked), result("t1", told=completed("a1", agentType="Explore")), call("t2", **asked)]
    rows += [result("t2", told=completed("a2")), call("t3", **asked), result("t3", told=completed("a3")), call("t4")]
    meta = agent_file(session, "a2").with_suffix(".meta.json")
    files = [write(session, [*rows, result("t4", told=completed("a4", agentType="Plan"))])]
    files.append(write(agent_file(session, "a2"), agent_rows("a2")))
    meta.write_text('{"agentType": "reviewer", "description": "secret"}')
    home.land(*files)
    assert [record["agent"] for record in home.records()] == ["Explore", "reviewer", "general-purpose", "python-pro"]


@pytest.mark.parametrize(
    ("description", "action"),
    [
        ("Fix the clock", "error_resolution"),
        ("find BUGS", "error_resolution"),
        ("Debugging", "error_resolution"),
        ("Why this error?", "error_resolution"),
        ("Choose a prefix", "task_completion"),
        ("", "task_completion"),
        (None, "task_completion"),
        (17, "task_completion"),
    ],
)
def test_the_action_is_error_resolution_if_a_word_of_the_description_begins_so(home, session, description, action):
    home.land(write(session, [call("t1", description=description), result("t1", told=completed())]))
    assert home.record()["action_type"] == action


@pytest.mark.parametrize(("cwd", "project"), [("C:\\work\\clock", "clock"), ("/a/b/", "b"), ("/", None), (None, None)])
def test_the_project_is_the_last_part_of_the_working_directory(home, session, cwd, project):
    home.land(write(session, [{**call("t1"), "cwd": cwd}, result("t1", told=completed())]))
    assert home.record()["project"] == project


@pytest.mark.parametrize(
    ("told", "is_error", "content"),
    [
        ("Error: overloaded", True, "API Error"),
        ("Error: overloaded", None, "API Error"),
        ("User rejected tool use", True, "The user doesn't want to proceed with this tool use."),
        ("[Request interrupted by user for tool use]", True, "[Request interrupted by user for tool use]"),
        (completed(), True, "went wrong"),
        (completed(status="failed"), None, ""),
        (completed(status="what comes next year"), None, ""),
        (completed(), None, "[Request interrupted by user for tool use]"),
        (None, True, "went wrong"),
    ],
)
def test_a_call_that_failed_was_refused_or_interrupted_is_a_record_without_success(
    home, session, told, is_error, content
):
    home.land(write(session, [call("t1"), result("t1", told=told, is_error=is_error, content=content)]))
    assert home.record()["success"] is False


def test_a_call_without_a_result_gives_no_record(home, session):
    home.land(write(session, [call("t1"), call("t2", name="Task"), result("t2", told=completed())]))
    assert ids(home.records()) == ["t2"]


def test_a_result_without_fields_names_its_run_in_the_last_lines_of_its_text(home, session):
    texts = [
        {"type": "text", "text": "Done."},
        {
            "type": "text",
            "text": "agentId: a1 (use it)\n<usage>subagent_tokens: 5\ntool_uses: 9\nduration_ms: 1500</usage>",
        },
    ]
    home.land(write(session, [call("t1"), result("t1", content=texts)]), write(agent_file(session), agent_rows()))
    assert (home.record()["tool_uses"], home.record()["duration_s"], home.record()["output_tokens"]) == (9, 1.5, 47)


# In the background


def test_a_call_in_the_background_waits_for_its_notification(home, session):
    begun = [call("t1", run_in_background=True), result("t1", told=launched())]
    home.land(write(session, begun), write(agent_file(session), agent_rows()))
    assert home.records() == []
    usage = "<usage><total_tokens>99</total_tokens><tool_uses>5</tool_uses><duration_ms>95000</duration_ms></usage>"
    home.land(write(session, [*begun, notified(notification(usage=usage, tool_id="t1"))]))
    record = home.record()
    assert (record["at"], record["success"]) == (instant("2026-03-02T09:05:00"), True)
    assert (record["tool_uses"], record["duration_s"], record["output_tokens"]) == (5, 95.0, 47)


@pytest.mark.parametrize("status", ["failed", "killed", "stopped"])
def test_a_call_in_the_background_that_did_not_complete_has_no_success(home, session, status):
    home.land(write(session, [call("t1"), result("t1", told=launched()), notified(notification(status=status))]))
    assert home.record()["success"] is False


def test_a_notification_of_a_running_agent_ends_nothing(home, session):
    home.land(write(session, [call("t1"), result("t1", told=launched()), notified(notification(status="running"))]))
    assert home.records() == []


def test_the_last_of_several_notifications_counts_from_the_instant_when_it_was_first_told(home, session):
    first, last = notification(tool_id="t1"), notification(status="failed")
    rows = [
        call("t1"),
        result("t1", told=launched()),
        notified(first, "09:05:00", "n1"),
        notified(last, "09:30:00", "n2"),
    ]
    queued = {"type": "queue-operation", "operation": "enqueue", "timestamp": at("09:29:00"), "sessionId": SESSION}
    home.land(write(session, [*rows, {**queued, "content": last}, notified(last, "09:40:00", "n3")]))
    assert (home.record()["at"], home.record()["success"]) == (instant("2026-03-02T09:29:00"), False)


def test_a_notification_may_be_attached_to_a_message(home, session):
    attached = row("attachment", "x", "09:07:00", attachment={"type": "queued_command", "prompt": notification()})
    home.land(write(session, [call("t1"), result("t1", told=launched()), attached]))
    assert home.record()["at"] == instant("2026-03-02T09:07:00")


def test_an_end_that_was_asked_for_counts_as_no_notification_follows(home, session):
    task = {"retrieval_status": "success", "task": {"task_id": "a1", "task_type": "local_agent", "status": "completed"}}
    home.land(write(session, [call("t1"), result("t1", told=launched()), result("asked", "09:08:00", told=task)]))
    assert home.record()["at"] == instant("2026-03-02T09:08:00")


def test_a_text_that_quotes_a_notification_ends_nothing(home, session):
    quoted = [
        notified(f"Look: {notification()}"),
        said("s", "09:06:00", [{"type": "text", "text": notification()}]),
        result("other", content=notification()),
    ]
    home.land(write(session, [call("t1"), result("t1", told=launched()), *quoted]))
    assert home.records() == []


def test_what_the_agent_said_is_no_part_of_its_notification(home, session):
    text = notification().replace(
        "What it said.", "<status>failed</status><usage>tool_uses: 77\nduration_ms: 5</usage>"
    )
    home.land(write(session, [call("t1"), result("t1", told=launched()), notified(text)]))
    assert (home.record()["success"], home.record()["tool_uses"], home.record()["duration_s"]) == (True, None, None)


# Whose run it is


def test_rows_of_a_side_chain_in_the_session_itself_belong_to_the_call_with_their_prompt(home, session):
    rows = [side(of, None, of["parentUuid"]) for of in agent_rows(prompt="Prompt of t1")]
    for above, below in pairwise(rows):
        below["parentUuid"] = above["uuid"]
    home.land(write(session, [call("t1", name="Task"), *rows, result("t1", told={"totalDurationMs": 90_000})]))
    assert [home.record()[name] for name in ("output_tokens", "tool_uses", "duration_s")] == [47, 3, 90.0]


def test_of_two_calls_with_one_prompt_the_first_has_the_first_side_chain(home, session):
    def chain(n: int, clock: str, output: int) -> list[dict]:
        first = side(row("user", f"c{n}", clock, message={"role": "user", "content": "Go"}), None, None)
        return [first, side(said(f"d{n}", clock, [], usage=used(output)), None, f"c{n}")]

    calls = [call("t1", "09:00:00", prompt="Go"), call("t2", "09:00:01", prompt="Go")]
    chains = [*chain(2, "09:00:20", 200), *chain(1, "09:00:10", 100)]
    home.land(write(session, [*calls, *chains, result("t1", told="done"), result("t2", told="done")]))
    assert [record["output_tokens"] for record in home.records()] == [100, 200]


def test_a_side_chain_in_a_circle_is_nobodys(home, session):
    circle = [side(said("x", "09:00:10", [], usage=used(5)), None, "y"), side(said("y", "09:00:11", []), None, "x")]
    home.land(write(session, [call("t1"), *circle, result("t1", told="done")]))
    assert home.record()["output_tokens"] is None


def test_a_run_that_no_result_names_is_known_by_its_prompt(home, session):
    refused = result("t1", told="Error: overloaded", is_error=True)
    home.land(write(session, [call("t1"), refused]), write(agent_file(session), agent_rows()))
    assert home.record()["output_tokens"] == 47


def test_what_stands_beside_the_file_may_name_the_call(home, session):
    refused = result("t1", told="Error: overloaded", is_error=True)
    file = write(agent_file(session), agent_rows(prompt="another"))
    file.with_suffix(".meta.json").write_text('{"agentType": "x", "toolUseId": "t1"}')
    home.land(write(session, [call("t1"), refused]), file)
    assert home.record()["output_tokens"] == 47


def test_an_agents_id_that_comes_twice_means_the_run_of_the_same_session(home, session, tmp_path):
    other = [{**of, "sessionId": "other", "uuid": f"o{n}"} for n, of in enumerate(agent_rows()[:2])]
    other[1]["message"] = {**other[1]["message"], "id": "other"}
    home.land(write(session, FINISHED), write(agent_file(session), agent_rows()),
              write(tmp_path / "elsewhere" / "agent-a1.jsonl", other))  # fmt: skip
    assert home.record()["output_tokens"] == 47


def test_an_agents_file_may_lie_beside_the_session(home, session):
    home.land(write(session, FINISHED), write(session.with_name("agent-a1.jsonl"), agent_rows()))
    assert home.record()["output_tokens"] == 47


def test_a_compaction_is_no_run(home, session):
    home.land(write(session, FINISHED), write(agent_file(session, "acompact-1"), agent_rows("acompact-1")))
    assert home.record()["output_tokens"] is None


def test_a_compaction_is_not_the_run_of_a_call_that_failed_either(home, session):
    refused = result("t1", told="Error: overloaded", is_error=True)
    home.land(write(session, [call("t1"), refused]), write(agent_file(session, "acompact-1"), agent_rows("acompact-1")))
    assert home.record()["output_tokens"] is None


def test_the_run_of_an_agent_that_was_taken_up_again_counts_once_for_the_call_that_began_it(home, session):
    again = [call("t0", "09:10:00", prompt="Go on"), result("t0", "09:11:00", told=completed())]
    home.land(write(session, FINISHED), write(agent_file(session), agent_rows()))
    home.land(write(session, [*FINISHED, *again]))
    assert [(record["output_tokens"], record["duration_s"]) for record in home.records()] == [(None, 90.0), (47, 90.0)]


def elsewhere(rows: list) -> list:
    return [{**of, "sessionId": "elsewhere", "uuid": f"else-{of['uuid']}"} for of in rows]


def test_a_run_that_a_call_of_its_own_session_names_is_not_that_of_another_sessions_call(home, session, tmp_path):
    home.land(write(session, FINISHED), write(tmp_path / "e" / "agent-a1.jsonl", elsewhere(agent_rows())))
    assert home.record()["output_tokens"] == 47
    home.land(write(tmp_path / "e.jsonl", elsewhere([call("t2"), result("t2", "09:03:00", told=completed())])))
    assert [record["output_tokens"] for record in home.records()] == [None, 47]


def test_a_notification_in_a_session_that_has_a_call_of_that_agent_is_not_for_others(home, session, tmp_path):
    started = [call("t1"), result("t1", told=launched())]
    others = [call("t2"), result("t2", told=launched()), notified(notification())]
    home.land(write(session, started), write(tmp_path / "e.jsonl", elsewhere(others)))
    assert ids(home.records()) == ["t2"]


def test_a_run_known_by_its_prompt_is_given_up_when_a_result_names_it(home, session):
    refused = result("t1", told="Error: overloaded", is_error=True)
    rows = [call("t1"), refused, call("t2", prompt="another"), result("t2", told=completed())]
    home.land(write(session, rows[:2]), write(agent_file(session), agent_rows()))
    home.land(write(session, rows))
    assert [record["output_tokens"] for record in home.records()] == [None, 47]


def test_a_run_that_only_a_notification_names_is_not_that_of_another_call_with_its_prompt(home, session):
    calls = [call("t1", prompt="Same"), call("t2", "09:00:05", prompt="Same")]
    ends = [notified(notification(tool_id="t2")), result("t1", told="Error: overloaded", is_error=True)]
    home.land(write(session, [*calls, *ends]), write(agent_file(session), agent_rows(prompt="Same")))
    assert [record["output_tokens"] for record in home.records()] == [None, 47]


def test_a_message_that_the_session_holds_itself_is_not_the_runs(home, session):
    own = said("own", "08:00:00", [], message="a1-m2", usage=used(7, 3, 120), requestId="r2")
    home.land(write(agent_file(session), agent_rows()), write(session, FINISHED))
    home.land(write(session, [*FINISHED, own]))
    assert home.record()["output_tokens"] == 40


# Twice, grown, in any order


def test_a_file_that_did_not_change_is_not_read_again(home, session):
    files = [write(session, FINISHED), write(agent_file(session), agent_rows())]
    assert home.counts(*files) == [(2, 2, 0, 0, 0), (4, 4, 0, 0, 0)]
    before = home.state()
    assert home.counts(*files) == []
    assert home.rows("SELECT count(*) FROM ingested_files") == [(2,)]
    assert home.state() == before


def test_a_file_read_again_under_another_name_adds_only_duplicates(home, session, tmp_path):
    home.land(write(session, FINISHED))
    before = home.state()
    assert home.counts(write(tmp_path / "copy.jsonl", FINISHED)) == [(2, 0, 2, 0, 0)]
    assert home.state() == before


def test_a_file_that_grew_is_read_on_from_where_it_ended(home, session):
    home.land(write(session, FINISHED))
    more = [call("t2"), result("t2", told=completed("a2"))]
    assert home.counts(write(session, [*FINISHED, *more])) == [(2, 2, 0, 0, 0)]
    assert ids(home.records()) == ["t1", "t2"]
    assert home.rows("SELECT line FROM agent_call_records ORDER BY event_id") == [(1,), (3,)]


def test_a_half_written_line_is_left_for_the_next_time(home, session):
    last = line_of(FINISHED[1])
    write(session, [FINISHED[0], last[:40]], end="")
    assert home.counts(session) == [(1, 1, 0, 0, 0)]
    assert home.records() == []
    assert home.counts(write(session, [FINISHED[0], last], end="")) == [(1, 1, 0, 0, 0)]
    assert ids(home.records()) == ["t1"]
    assert home.counts(write(session, [FINISHED[0], last, call("t2")])) == [(1, 1, 0, 0, 0)]


def test_a_file_that_was_written_anew_is_read_whole(home, session):
    home.land(write(session, FINISHED))
    assert home.counts(write(session, [call("t2"), *FINISHED, result("t2", told=completed())])) == [(4, 2, 2, 0, 0)]
    assert ids(home.records()) == ["t1", "t2"]


def test_nothing_is_lost_when_a_file_vanishes(home, session):
    home.land(write(session, [call("t1"), result("t1", told=launched())]), write(agent_file(session), agent_rows()))
    agent_file(session).unlink()
    session.unlink()
    home.land(write(session.with_name("later.jsonl"), [notified(notification())]))
    assert home.record()["output_tokens"] == 47


def test_a_compressed_transcript_is_read_like_any_other(home, session):
    packed = session.with_name(session.name + ".gz")
    write(session, FINISHED)
    packed.write_bytes(gzip.compress(session.read_bytes()))
    assert home.counts(packed) == [(2, 2, 0, 0, 0)]
    packed.write_bytes(gzip.compress(session.read_bytes() + line_of(call("t2")).encode() + b"\n"))
    assert home.counts(packed) == [(3, 1, 2, 0, 0)]


def test_a_resumed_session_that_copies_rows_adds_nothing_but_what_is_new(home, session):
    new = "5e551011-0000-4000-8000-000000000002"
    copied = [{**of, "sessionId": new} for of in FINISHED]
    own = [{**call("t2"), "sessionId": new}, {**result("t2", told=completed("a2")), "sessionId": new}]
    home.land(write(session, FINISHED), write(agent_file(session), agent_rows()))
    assert home.counts(write(session.with_name(f"{new}.jsonl"), [*copied, *own])) == [(4, 2, 2, 0, 0)]
    assert [(record["session_id"], record["output_tokens"]) for record in home.records()] == [
        (SESSION, 47),
        (new, None),
    ]


def a_day_of_work(session: Path) -> dict[Path, list]:
    """Calls of every kind: in the foreground, in the background, a side-chain, a copied one, one that goes on."""
    chain = [side(row("user", "c1", "10:00:10", message={"role": "user", "content": "Prompt of t3"}), None, None)]
    chain.append(side(said("c2", "10:00:20", [tool("c-u1")], usage=used(30)), None, "c1"))
    rows = [
        *FINISHED,
        *(call("t2", "09:03:00"), result("t2", "09:03:01", told=launched("a2")), notified(notification("a2"))),
        *(call("t3", "10:00:00"), *chain, result("t3", "10:01:00", told="done")),
        *(call("t4", "11:00:00"), result("t4", "11:00:01", told=launched("a4"))),
        *("", "half a line"),
        said("own", "12:00:00", [], usage=used(11), message="own"),
    ]
    copy = [{**of, "sessionId": "resumed"} if isinstance(of, dict) else of for of in rows[:6]]
    return {
        session: rows,
        session.with_name("resumed.jsonl"): [*copy, said("new", "13:00:00", [], usage=used(12))],
        agent_file(session): agent_rows(),
        agent_file(session, "a2"): agent_rows("a2", "Prompt of t2"),
    }


def test_any_order_of_lines_and_any_split_into_files_and_ingests_leads_to_the_same_state(tmp_path, session):
    whole, day = Home(tmp_path / "whole"), a_day_of_work(session)
    whole.land(*(write(path, rows) for path, rows in day.items()))
    expected = whole.state()
    assert ids(whole.records()) == ["t1", "t2", "t3"]
    for seed in range(6):
        rng = random.Random(seed)
        lines = [line_of(of) for rows in day.values() for of in rows]
        rng.shuffle(lines)
        cuts = sorted(rng.sample(range(len(lines)), 4))
        folder, home = tmp_path / f"in-pieces-{seed}", Home(tmp_path / f"pieces-{seed}")
        pieces = [
            write(folder / f"{n:08d}-0000-4000-8000-000000000000.jsonl", lines[begin:end])
            for n, (begin, end) in enumerate(zip([0, *cuts], [*cuts, None], strict=True))
        ]
        for piece in pieces if seed % 2 else [pieces[:2], pieces[2:]]:
            home.land(*([piece] if isinstance(piece, Path) else piece))
        assert home.state() == expected, seed


def test_a_file_that_grows_line_by_line_leads_to_the_same_state_as_the_whole(tmp_path, session):
    whole, grown, rows = Home(tmp_path / "whole"), Home(tmp_path / "grown"), a_day_of_work(session)[session]
    whole.land(write(session, rows))
    for n in range(0, len(rows) + 1, 3):
        grown.land(write(session, rows[:n], end="" if n % 2 else "\n"))
    grown.land(write(session, rows))
    assert grown.state() == whole.state()


def test_large_files_and_small_batches_change_nothing(tmp_path, session, monkeypatch):
    day = [write(path, rows) for path, rows in a_day_of_work(session).items()]
    whole, parts = Home(tmp_path / "whole"), Home(tmp_path / "parts")
    counts = whole.counts(*day)
    monkeypatch.setattr(transcripts, "ROWS_IN_MEMORY", 3)
    monkeypatch.setattr(transcripts, "BATCH_FILES", 1)
    assert parts.counts(*day) == counts
    assert parts.state() == whole.state()


# Whose they are, and what is kept


def test_who_is_told_later_owns_the_calls_from_the_start(home, session):
    write(session, FINISHED)
    home.land(session, account="machine")
    assert (home.record()["user"], home.record()["team"]) == ("machine", None)
    home.land(session, account="machine", user_id="ada", team_id="night-shift")
    assert (home.record()["user"], home.record()["team"]) == ("ada", "night-shift")
    home.land(write(session, [*FINISHED, call("t2"), result("t2", told=completed("a2"))]), account="machine")
    assert [(record["user"], record["team"]) for record in home.records()] == [("ada", "night-shift")] * 2


def test_an_owner_told_anew_leaves_the_runs_of_equal_prompts_where_they_are(home, session):
    asked = {"prompt": "Same"}
    one = [call("t1", "09:00:00", **asked), result("t1", "09:02:00", told="Error: no")]
    other = [call("t2", "09:00:05", **asked), result("t2", "09:03:00", told="Error: no")]
    runs = [write(agent_file(session, of), agent_rows(of, "Same")[: 4 - n]) for n, of in enumerate(("a1", "a2"))]
    later = write(session.with_name("later.jsonl"), other)
    home.land(write(session, one), later, *runs)
    before = home.state()["call_runs"]
    home.land(later, user_id="ada")
    assert home.state()["call_runs"] == before
    assert [record["user"] for record in home.records()] == ["local-user", "ada"]


def test_a_description_is_kept_only_if_that_is_asked_for_be_it_later(home, session):
    write(session, [call("t1", description="Write the docs"), result("t1", told=completed())])
    home.land(session)
    assert home.record()["description"] is None
    assert home.rows("SELECT description FROM transcript_calls") == [(None,)]
    assert home.counts(session, keeps_descriptions=True) == [(2, 0, 2, 0, 0)]
    assert home.record()["description"] == "Write the docs"
    assert home.counts(session, keeps_descriptions=True) == []


# What cannot be read


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
