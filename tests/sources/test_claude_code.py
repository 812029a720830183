"""Rows of transcripts: what each says, whatever version wrote it, and how calls ended."""

import json
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pipelines.sources import claude_code_lines
from pipelines.sources.claude_code import Observations, Source, project_of
from pipelines.sources.claude_code_chains import Caller, Candidate, Link, chains, match
from pipelines.sources.claude_code_ends import End, Notification, Outcome, end_of_result, notifications
from pipelines.sources.claude_code_lines import Mark, TranscriptLines
from pipelines.sources.claude_code_rows import Block
from tests.transcript_rows import agent_rows, call, line_of, notification, row, said, side, tool, used

NONE = msgspec.Raw()


def observed(*rows: Any, name: str = "session.jsonl", **options: bool) -> Observations:
    """What rows say, as those of a file of this name."""
    seen = Observations()
    source = Source.of(Path(name), 0, keeps_descriptions=options.get("keeps_descriptions", False))
    for number, of in enumerate(rows, 1):
        seen.take(line_of(of).encode(), number, 0, source)
    return seen


# Rows


def test_a_progress_row_is_counted_and_nothing_else():
    progress = {**call("t1"), "type": "progress", "data": {"message": call("t2")}}
    seen = observed(progress)
    assert [(number, kind) for _, number, _, kind in seen.rows] == [(1, "progress")]
    assert (seen.calls, seen.messages, seen.first_at) == ([], {}, "")


@pytest.mark.parametrize(
    ("kind", "counted"),
    [("user", "user"), ("brand-new", "brand-new"), ("a sentence", "(other)"), (7, "(other)"), (None, "(none)")],
)
def test_the_type_of_a_row_is_counted_if_it_is_a_word(kind, counted):
    assert observed(row(kind, "u", "09:00:00")).rows[0][3] == counted


def test_a_call_is_a_use_of_the_tool_task_or_agent_and_its_prompt_is_kept_as_a_hash():
    seen = observed(call("t1", name="Task"), call("t2"), said("s", "09:00:00", [tool("t3", "Bash", prompt="x")]))
    assert [of[2] for of in seen.calls] == ["t1", "t2"]
    assert "Prompt of" not in str(seen)
    assert "Write the docs" not in str(seen)
    assert "Write the docs" in str(observed(call("t1"), keeps_descriptions=True).calls)


def test_a_message_keeps_the_row_with_the_greatest_output_and_whether_its_end_was_written_down():
    rows = [
        said(f"u{n}", "09:00:00", [], message="m", requestId="r", usage=used(n, into)) for n, into in ((9, 2), (4, 3))
    ]
    seen = observed(*rows, said("u", "09:00:00", [], message="m", requestId="other", usage=used(1)))
    assert seen.messages == {
        ("m\0r", "", ""): ((9, 2, 0, 0), False, "orrery-2"),
        ("m\0other", "", ""): ((1, 1, 0, 0), False, "orrery-2"),
    }


def test_numbers_that_are_none_count_nothing():
    odd = {
        "output_tokens": "12",
        "input_tokens": -1,
        "cache_read_input_tokens": 1.5,
        "cache_creation_input_tokens": True,
    }
    (told,) = observed(said("u", "09:00:00", [], usage=odd)).messages.values()
    assert told[0] == (0, 0, 0, 0)


def test_the_run_of_a_row_is_its_agents_id_else_that_of_the_file_else_the_row_itself():
    (first, *_), nameless = agent_rows("a1"), [side(of, None) for of in agent_rows("a1")]
    assert set(observed(first).runs) == {("a1", first["sessionId"])}
    assert set(observed(*nameless, name="agent-a7.jsonl").runs) == {("a7", first["sessionId"])}
    assert [link[0] for link in observed(*nameless).links] == ["a1-1", "a1-2", "a1-3", "a1-4"]
    assert observed({**first, "isSidechain": False}).runs == {}


@pytest.mark.parametrize(
    ("cwd", "project"),
    [("/a/b", "b"), ("e:\\x\\y\\", "y"), ("/a\\b", "a\\b"), ("\\\\host\\s", "s"), ("", None), ("//", None), (3, None)],
)
def test_a_project_is_the_last_part_of_a_path(cwd, project):
    assert project_of(cwd) == project


# Ends


def ended(told: Any = None, content: Any = "", is_error: Any = None) -> End:
    block = msgspec.json.decode(json.dumps({"content": content, "is_error": is_error}), type=Block)
    return end_of_result(block, NONE if told is None else msgspec.Raw(json.dumps(told).encode()))


@pytest.mark.parametrize(
    ("told", "content", "is_error", "outcome"),
    [
        ({"status": "completed"}, "", None, "completed"),
        ({"content": []}, "", None, "completed"),  # 1.0 gives no status
        ({"status": "completed"}, "", True, "failed"),
        ({"isAsync": True, "status": "async_launched"}, "", None, "launched"),
        ({"isAsync": True}, "", None, "launched"),
        ({"status": "teammate_spawned"}, "", None, "launched"),
        ({"status": "killed"}, "", None, "killed"),
        ({"status": "interrupted"}, "", None, "interrupted"),
        ({"status": "completed", "interrupted": True}, "", None, "interrupted"),
        ({"totalDurationMs": 5, "wasInterrupted": True}, "", None, "interrupted"),
        ("User rejected tool use", "", True, "rejected"),
        ("Error: no", "", None, "failed"),
        ("[Request interrupted by user]", "", None, "interrupted"),
        (None, "Done.", None, "completed"),
        (None, "Done.", False, "completed"),
        (None, [{"type": "text", "text": "Async agent launched successfully.\nagentId: a1"}], None, "launched"),
        (None, "The user doesn't want to proceed with this tool use. The tool use was rejected", True, "rejected"),
        (17, ["odd", None], None, "completed"),
    ],
)
def test_a_result_tells_how_the_call_ended(told, content, is_error, outcome):
    assert ended(told, content, is_error).outcome == outcome


def test_an_agents_text_that_only_speaks_of_an_id_names_no_run():
    assert ended(content="I saw that agentId: x9 was used.").agent_id is None
    assert ended(content="Report.\nagentId: x9 (use SendMessage)").agent_id == "x9"


@pytest.mark.parametrize(
    "usage",
    [
        "<usage><total_tokens>5</total_tokens><tool_uses>7</tool_uses><duration_ms>900</duration_ms></usage>",
        "<usage><subagent_tokens>5</subagent_tokens><tool_uses>7</tool_uses><duration_ms>900</duration_ms></usage>",
        "<usage>subagent_tokens: 5\ntool_uses: 7\nduration_ms: 900</usage>",
    ],
)
def test_the_usage_of_a_notification_is_read_in_all_three_spellings(usage):
    told = list(notifications(notification("a1", "failed", usage, "t1")))
    assert told == [Notification("a1", "t1", End(Outcome.FAILED, None, None, 900.0, 7))]


def test_several_notifications_may_stand_in_one_text_and_a_cut_one_is_read_as_far_as_it_goes():
    both = notification("a1") + "\n" + notification("a2", "killed")
    assert [(of.task_id, of.end.outcome) for of in notifications(both)] == [("a1", "completed"), ("a2", "killed")]
    assert [of.task_id for of in notifications(both[: both.index("<summary>")])] == ["a1"]
    assert list(notifications(both[: both.index("<status>")])) == []


# Whose run


def test_rows_hang_together_whatever_their_order_and_a_circle_is_no_chain():
    links = [Link("c", "b", "s", 3, None), Link("a", "m", "s", 1, "p"), Link("b", "a", "s", 2, None)]
    circle = [Link("x", "y", "s", 1, None), Link("y", "x", "s", 1, None)]
    assert chains([*links, *circle]) == {"a": (Candidate("a", "s", "p", 1, "m"), ["a", "b", "c"])}


def test_a_run_is_matched_by_the_row_it_hangs_on_then_by_prompt_in_the_order_of_time():
    calls = [Caller(f"t{n}", "s", "p", n, f"row{n}") for n in (3, 2, 1)]
    runs = [Candidate(f"a{n}", "s", "p", n, "row1" if n == 3 else None) for n in (2, 3, 1)]
    assert match(calls, runs) == {"a3": "t1", "a1": "t2", "a2": "t3"}
    assert match(calls, [Candidate("a1", "other", "p", 1), Candidate("a2", "s", None, 1)]) == {}


# Growing files


def read(path: Path, mark: Mark | None = None) -> tuple[list[tuple[int, bytes]], TranscriptLines]:
    lines, found = TranscriptLines(path, mark), []
    for block in lines.blocks():
        held = [b"..."] if block.oversized is not None else block.lines
        found += [(block.first_line + n, line) for n, line in enumerate(held)]
    return found, lines


@pytest.mark.parametrize("seed", range(40))
def test_a_file_read_in_any_steps_gives_each_line_once_with_its_number(tmp_path, monkeypatch, seed):
    monkeypatch.setattr(claude_code_lines, "_BLOCK_BYTES", 64)
    monkeypatch.setattr(claude_code_lines, "MAX_ROW_BYTES", 200)
    rng, path = random.Random(seed), tmp_path / "log"
    lines = [
        rng.choice([b"", b"x" * rng.randrange(150, 700), b'{"a":"%s"}' % (b"y" * rng.randrange(150))])
        for _ in range(12)
    ]
    content = rng.choice([b"", b"\xef\xbb\xbf"]) + b"".join(line + rng.choice([b"\n", b"\r\n"]) for line in lines)
    found, mark = [], None
    for size in sorted([*rng.sample(range(len(content)), 4), len(content)]):
        path.write_bytes(content[:size])
        more, reading = read(path, mark)
        assert reading.is_resumed == bool(mark and mark.offset)
        found, mark = found + more, reading.mark
    assert [n for n, _ in found] == list(range(1, 13))
    assert [line.rstrip(b"\r") for _, line in found if line != b"..."] == [
        line for (_, was), line in zip(found, lines, strict=True) if was != b"..."
    ]
    assert all(len(lines[n - 1]) >= 199 for n, line in found if line == b"...")


def test_only_a_whole_object_is_taken_without_its_newline(tmp_path):
    path = tmp_path / "log"
    for end, taken in ((b'{"a":1}', 2), (b'{"a":1', 1), (b"42", 1), (b"", 1), (b"  ", 1)):
        path.write_bytes(b"{}\n" + end)
        assert len(read(path)[0]) == taken


def test_a_file_that_is_not_what_it_was_before_the_mark_is_read_from_its_beginning(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b'{"a":1}\n' * 3)
    _, before = read(path)
    path.write_bytes(b'{"b":1}\n' * 5)
    found, after = read(path, before.mark)
    assert (len(found), after.is_resumed) == (5, False)
    path.write_bytes(b"{}\n")
    assert len(read(path, before.mark)[0]) == 1
