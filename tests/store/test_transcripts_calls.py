"""Transcripts of Claude Code in a real warehouse: a record for each finished call, in the foreground and behind."""

import pytest

from tests.store.transcript_homes import FINISHED, agent_file, ids, instant
from tests.transcript_rows import (
    SESSION,
    agent_rows,
    at,
    call,
    completed,
    launched,
    notification,
    notified,
    result,
    row,
    said,
    side,
    used,
    write,
)


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
