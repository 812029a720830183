"""How a call of a sub-agent ended: from the result of its tool, or from the notification of one in the background.

Here: statuses and texts in, one word of `Outcome` out, with what they tell about the run. No text is kept. Not here:
which call a result belongs to (`store/transcripts_known.py`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from pipelines.game.records import MAX_NUMBER
from pipelines.sources.claude_code_rows import (
    Block,
    Task,
    ToolUseResult,
    milliseconds,
    name,
    part,
    text_of,
    texts_of,
    whole,
)


class Outcome(StrEnum):
    """How a run ended, or that it had only begun."""

    COMPLETED = "completed"
    FAILED = "failed"
    KILLED = "killed"
    REJECTED = "rejected"  # by the user
    INTERRUPTED = "interrupted"  # by the user
    LAUNCHED = "launched"  # in the background: its end comes later


NOTIFICATION: Final = "<task-notification>"
_STATUSES: Final = {
    "completed": Outcome.COMPLETED,
    "failed": Outcome.FAILED,
    "error": Outcome.FAILED,
    "killed": Outcome.KILLED,
    "stopped": Outcome.KILLED,
    "cancelled": Outcome.KILLED,
    "interrupted": Outcome.INTERRUPTED,
}
_RUNNING: Final = ("launched", "spawned", "running", "pending", "in_progress", "queued")
_LAUNCHED: Final = ("Async agent launched", "Spawned successfully")
_INTERRUPTED: Final = "[Request interrupted by user"
_REJECTED: Final = ("User rejected tool use", "The user doesn't want to proceed with this tool use")
_NEXT: Final = re.compile(r"</task-notification>\s*(?=<task-notification>)")
_HEAD_ENDS: Final = re.compile(r"<(?:summary|result|usage)>|</task-notification>")
_TAG: Final = {
    tag: re.compile(rf"<{tag}>\s*([^<>\s]{{1,200}})\s*</{tag}>") for tag in ("task-id", "tool-use-id", "status")
}
_COUNT: Final = {  # `<tool_uses>3</tool_uses>` or `tool_uses: 3`
    counted: re.compile(rf"\b{counted}(?:>|:)\s*([0-9]{{1,15}})(?![0-9])") for counted in ("tool_uses", "duration_ms")
}
# The trailer that older results have instead of fields; what the agent itself says stands before it.
_TRAILER: Final = re.compile(r"^agentId: ([0-9A-Za-z_-]{1,100})\b[^\n]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class End:
    """What a result or a notification tells."""

    outcome: Outcome
    agent_id: str | None = None
    agent_type: str | None = None
    duration_ms: float | None = None
    tool_uses: int | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """The end of a run in the background. `tool_use_id` is missing where it speaks of a run that was taken up again."""

    task_id: str | None
    tool_use_id: str | None
    end: End


def end_of_result(block: Block, told: msgspec.Raw) -> End:
    """What the result of a tool tells, if that tool was a sub-agent. `told`: the row's `toolUseResult`."""
    result = part(told, ToolUseResult) if told else None
    said = text_of(told) if told and result is None else None
    texts = texts_of(block.content)
    if result is None:
        return _end_of_texts(block, said, texts)
    outcome = _outcome(result.status, is_async=result.isAsync is True)
    if (
        result.interrupted is True
        or result.wasInterrupted is True
        or any(text.startswith(_INTERRUPTED) for text in texts)
    ):
        outcome = Outcome.INTERRUPTED
    elif block.is_error is True and outcome is Outcome.COMPLETED:
        outcome = Outcome.FAILED
    return End(
        outcome,
        name(result.agentId),
        name(result.agentType),
        milliseconds(result.totalDurationMs),
        whole(result.totalToolUseCount, MAX_NUMBER),
    )


def _outcome(status: object, *, is_async: bool) -> Outcome:
    if not isinstance(status, str):
        return Outcome.LAUNCHED if is_async else Outcome.COMPLETED
    if is_async or status.endswith(_RUNNING):
        return Outcome.LAUNCHED
    return _STATUSES.get(status, Outcome.FAILED)


def _end_of_texts(block: Block, said: str | None, texts: list[str]) -> End:
    """The end where there are no fields: from how the texts begin, and from the trailer of the last one."""
    heads = [*([said] if said is not None else []), *texts[:1]]
    found = _TRAILER.findall(texts[-1]) if texts and "agentId: " in texts[-1] else []
    agent_id = found[-1] if found else None
    trailer = texts[-1].rpartition("agentId: ")[2] if found else ""
    if any(head.startswith(_INTERRUPTED) for head in heads):
        outcome = Outcome.INTERRUPTED
    elif any(head.startswith(_REJECTED) for head in heads):
        outcome = Outcome.REJECTED
    elif block.is_error is True or (said is not None and said.startswith("Error")):
        outcome = Outcome.FAILED
    elif any(head.startswith(_LAUNCHED) for head in heads):
        outcome = Outcome.LAUNCHED
    else:
        outcome = Outcome.COMPLETED
    return End(outcome, agent_id, None, milliseconds(_counted("duration_ms", trailer)), _counted("tool_uses", trailer))


def _counted(counted: str, text: str) -> int | None:
    found = _COUNT[counted].search(text)
    return whole(int(found[1]), MAX_NUMBER) if found else None


def notifications(text: str) -> Iterator[Notification]:
    """The notifications of a text that is made of them; none of a text that only quotes one.

    What the agent said stands in `<result>` and may hold anything, tags too: it is not looked at.
    """
    text = text.lstrip()
    if not text.startswith(NOTIFICATION):
        return
    for piece in _NEXT.split(text):
        ends = _HEAD_ENDS.search(piece)
        head = piece[: ends.start()] if ends else piece
        before_result = piece.partition("<result>")[0]
        tail = piece.rpartition("</result>")[2] if "</result>" in piece else before_result
        task_id, tool_use_id = _tag("task-id", head), _tag("tool-use-id", head)
        status = _tag("status", head) or _tag("status", before_result.rpartition("</summary>")[2])
        outcome = _STATUSES.get(status or "")
        if outcome is not None and (task_id or tool_use_id):
            duration, tools = milliseconds(_counted("duration_ms", tail)), _counted("tool_uses", tail)
            yield Notification(task_id, tool_use_id, End(outcome, None, None, duration, tools))


def _tag(tag: str, text: str) -> str | None:
    found = _TAG[tag].search(text)
    return found[1] if found else None


def end_of_task(told: msgspec.Raw) -> Notification | None:
    """The end of a sub-agent in the background whose output was asked for: then no notification follows."""
    result = part(told, ToolUseResult)
    task = part(result.task, Task) if result is not None and result.task else None
    if task is None or task.task_type != "local_agent" or not isinstance(task.status, str):
        return None
    task_id, outcome = name(task.task_id), _STATUSES.get(task.status)
    return Notification(task_id, None, End(outcome)) if task_id and outcome is not None else None
