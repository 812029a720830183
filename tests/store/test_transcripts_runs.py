"""Transcripts of Claude Code in a real warehouse: whose run it is, whatever names it."""

from itertools import pairwise

from tests.store.transcript_homes import FINISHED, agent_file, ids
from tests.transcript_rows import (
    agent_rows,
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
