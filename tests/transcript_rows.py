"""Rows of Claude Code transcripts for tests, as short as they may be: one function a kind of row."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]
SESSION = "5e551011-0000-4000-8000-000000000001"


def at(clock: str) -> str:
    """An instant of the one day on which all of it happens."""
    return f"2026-03-02T{clock}.000Z"


def row(kind: str, uuid: str, clock: str, **more: Any) -> Row:
    """A row of a session's own."""
    where = {"sessionId": SESSION, "cwd": "/home/ada/podium", "version": "2.1.114", "isSidechain": False}
    return {"type": kind, "uuid": uuid, "parentUuid": "before", "timestamp": at(clock), **where, **more}


def said(uuid: str, clock: str, blocks: Any, *, message: str = "", usage: Row | None = None, **more: Any) -> Row:
    """An assistant's row."""
    spoken: Row = {"role": "assistant", "id": message or f"msg-{uuid}", "model": "orrery-2", "content": blocks}
    if usage is not None:
        spoken["usage"] = usage
    return row("assistant", uuid, clock, message={**spoken, **more.pop("of_message", {})}, **more)


def used(output: int, into: int = 1, read: int = 0, made: int = 0) -> Row:
    """The usage of a message."""
    return {"output_tokens": output, "input_tokens": into, "cache_read_input_tokens": read,
            "cache_creation_input_tokens": made}  # fmt: skip


def tool(tool_id: str, name: str = "Read", **of: Any) -> Row:
    """A block that uses a tool."""
    return {"type": "tool_use", "id": tool_id, "name": name, "input": of}


def call(tool_id: str, clock: str = "09:00:00", *, name: str = "Agent", **of: Any) -> Row:
    """A row that calls a sub-agent."""
    asked = {"subagent_type": "python-pro", "description": "Write the docs", "prompt": f"Prompt of {tool_id}", **of}
    asked = {key: value for key, value in asked.items() if value is not None}
    return said(f"row-{tool_id}", clock, [tool(tool_id, name, **asked)])


def result(tool_id: str, clock: str = "09:02:00", told: Any = None, *, is_error: Any = None, content: Any = "") -> Row:
    """A row with the result of a tool."""
    block = {"type": "tool_result", "tool_use_id": tool_id, "content": content}
    if is_error is not None:
        block["is_error"] = is_error
    more = {} if told is None else {"toolUseResult": told}
    return row("user", f"end-{tool_id}", clock, message={"role": "user", "content": [block]}, **more)


def completed(agent_id: str = "a1", **more: Any) -> Row:
    """What a result in the foreground tells."""
    told = {"status": "completed", "agentId": agent_id, "totalDurationMs": 90_000, "totalToolUseCount": 3}
    return {key: value for key, value in {**told, **more}.items() if value is not None}


def launched(agent_id: str = "a1") -> Row:
    """What the result of a call in the background tells at once."""
    return {"isAsync": True, "status": "async_launched", "agentId": agent_id}


def notification(agent_id: str = "a1", status: str = "completed", usage: str = "", tool_id: str = "") -> str:
    """The text that tells the end of a call in the background."""
    named = f"<tool-use-id>{tool_id}</tool-use-id>\n" if tool_id else ""
    return (
        f"<task-notification>\n<task-id>{agent_id}</task-id>\n{named}<status>{status}</status>\n"
        f'<summary>Agent "it" {status}</summary>\n<result>What it said.</result>\n{usage}\n</task-notification>'
    )


def notified(text: str, clock: str = "09:05:00", uuid: str = "told") -> Row:
    """A user's row that is a notification."""
    return row("user", uuid, clock, message={"role": "user", "content": text})


def side(of: Row, agent_id: str | None = "a1", parent: str | None = "before") -> Row:
    """A row as a sub-agent's: in a file of its own, or without an id in the session's."""
    named = {} if agent_id is None else {"agentId": agent_id}
    bare = {key: value for key, value in of.items() if key != "agentId"}
    return {**bare, "isSidechain": True, "parentUuid": parent, **named}


def agent_rows(agent_id: str = "a1", prompt: str = "Prompt of t1") -> list[Row]:
    """A run of a minute and a half: two messages, one of them on two rows, three uses of tools."""
    first = row("user", f"{agent_id}-1", "09:00:10", message={"role": "user", "content": prompt})
    told = [  # row, instant, message, usage, whether it is final
        (2, "09:00:20", 1, used(4, 5, 100, 20), None),
        (3, "09:00:21", 1, used(40, 5, 100, 20), "tool_use"),
        (4, "09:01:40", 2, used(7, 3, 120, 0), "end_turn"),
    ]
    spoken = [
        said(
            f"{agent_id}-{n}",
            clock,
            [tool(f"{agent_id}-u{n}")],
            message=f"{agent_id}-m{m}",
            usage=usage,
            requestId=f"r{m}",
            of_message={"stop_reason": stop},
        )
        for n, clock, m, usage, stop in told
    ]
    return [side(first, agent_id, None), *(side(each, agent_id) for each in spoken)]


def write(path: Path, rows: Iterable[Row | str | bytes], end: str = "\n") -> Path:
    """Write rows to a file, a line each; a string is a line as it stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [each if isinstance(each, bytes) else line_of(each).encode() for each in rows]
    path.write_bytes(b"\n".join(lines) + (end.encode() if lines else b""))
    return path


def line_of(of: Row | str) -> str:
    """A row as its line."""
    return of if isinstance(of, str) else json.dumps(of)
