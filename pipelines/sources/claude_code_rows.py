"""Rows of Claude Code transcripts as loosely as they are written: one line in, its fields out, nothing trusted.

Here: the shapes that are looked for in a row, a message, a block and a result, each field of any type, and the checks
that turn a field into what it ought to be, or into nothing. The format is internal to Claude Code and changes with
every version: what has another shape is passed over, never a fault. Not here: what rows mean (`claude_code.py`).
"""

import math
import re
from typing import Any, Final, TypeVar

import msgspec

from pipelines.game.events import Refusal, parse_instant
from pipelines.game.records import MAX_NUMBER, MAX_TOKENS, Reason

_NOTHING: Final = msgspec.Raw()
_WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,40}\Z")
_MODEL: Final = re.compile(r"[A-Za-z0-9_.:/@\[\]-]{1,100}\Z")
_MAX_MS: Final = MAX_NUMBER * 1000
KNOWN_TYPES: Final = frozenset(
    {
        *("user", "assistant", "system", "summary", "progress", "attachment", "queue-operation"),
        *("file-history-snapshot", "permission-mode", "last-prompt", "mode", "ai-title", "custom-title"),
        *("agent-name", "agent-color", "pr-link", "worktree-state", "started", "result"),
    }
)
OTHER_TYPE: Final = "(other)"  # a type that does not look like a word might be prose
NO_TYPE: Final = "(none)"


class Row(msgspec.Struct, gc=False):
    """The fields of a line that matter; the others are skipped unread."""

    type: Any = None
    uuid: Any = None
    parentUuid: Any = None  # noqa: N815 - as it is written
    sessionId: Any = None  # noqa: N815
    timestamp: Any = None
    isSidechain: Any = None  # noqa: N815
    agentId: Any = None  # noqa: N815
    cwd: Any = None
    version: Any = None
    requestId: Any = None  # noqa: N815
    message: msgspec.Raw = _NOTHING
    toolUseResult: msgspec.Raw = _NOTHING  # noqa: N815
    content: msgspec.Raw = _NOTHING
    attachment: msgspec.Raw = _NOTHING


class Message(msgspec.Struct, gc=False):
    """What stands in a row's `message`."""

    id: Any = None
    role: Any = None
    model: Any = None
    stop_reason: Any = None
    usage: msgspec.Raw = _NOTHING
    content: msgspec.Raw = _NOTHING


class Block(msgspec.Struct, gc=False):
    """One block of a message's content."""

    type: Any = None
    id: Any = None
    name: Any = None
    tool_use_id: Any = None
    is_error: Any = None
    text: Any = None
    input: msgspec.Raw = _NOTHING
    content: msgspec.Raw = _NOTHING


class Usage(msgspec.Struct, gc=False):
    """The tokens of one message."""

    input_tokens: Any = None
    output_tokens: Any = None
    cache_read_input_tokens: Any = None
    cache_creation_input_tokens: Any = None


class CallInput(msgspec.Struct, gc=False):
    """What a sub-agent is called with."""

    subagent_type: Any = None
    description: Any = None
    prompt: Any = None
    model: Any = None
    run_in_background: Any = None


class ToolUseResult(msgspec.Struct, gc=False):
    """What a row tells about the result of a tool, where that tool was a sub-agent."""

    status: Any = None
    isAsync: Any = None  # noqa: N815
    interrupted: Any = None
    wasInterrupted: Any = None  # noqa: N815
    agentId: Any = None  # noqa: N815
    agentType: Any = None  # noqa: N815
    totalDurationMs: Any = None  # noqa: N815
    totalToolUseCount: Any = None  # noqa: N815
    task: msgspec.Raw = _NOTHING


class Task(msgspec.Struct, gc=False):
    """What is told of a background task that was asked for its output."""

    task_id: Any = None
    task_type: Any = None
    status: Any = None


class Attachment(msgspec.Struct, gc=False):
    """A message that was queued while the agent was at work."""

    type: Any = None
    prompt: msgspec.Raw = _NOTHING


class Meta(msgspec.Struct, gc=False):
    """What stands beside a sub-agent's file, in `agent-<id>.meta.json`."""

    agentType: Any = None  # noqa: N815
    toolUseId: Any = None  # noqa: N815


Shape = TypeVar("Shape")
_FAULTS: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_ROW: Final = msgspec.json.Decoder(Row)
_ANY: Final = msgspec.json.Decoder()
_PARTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_BLOCKS: Final = msgspec.json.Decoder(list[Block])
_DECODERS: Final[dict[type, msgspec.json.Decoder[Any]]] = {
    shape: msgspec.json.Decoder(shape)
    for shape in (Message, Block, Usage, CallInput, ToolUseResult, Task, Attachment, Meta)
}


def read_row(line: bytes) -> Row | Refusal:
    """A line's row. No sentence quotes the line: it is somebody's conversation. Never raises."""
    try:
        return _ROW.decode(line)
    except msgspec.ValidationError:
        return Refusal(Reason.NOT_AN_OBJECT, "The line of the transcript is JSON, but not an object.")
    except _FAULTS:
        return Refusal(Reason.NOT_JSON, "The line of the transcript is not JSON: it broke off, or two ran together.")


def part(raw: msgspec.Raw | bytes, shape: type[Shape]) -> Shape | None:
    """A nested object of the shape; None for what is none."""
    try:
        found: Shape = _DECODERS[shape].decode(raw)
    except _FAULTS:
        return None
    return found


def text_of(raw: msgspec.Raw) -> str | None:
    """A nested text; None for what is none."""
    if bytes(memoryview(raw)[:1]) != b'"':
        return None
    try:
        found = _ANY.decode(raw)
    except _FAULTS:
        return None
    return found if isinstance(found, str) else None


def blocks_of(raw: msgspec.Raw) -> list[Block]:
    """The blocks of a content; what is no object in it is left out."""
    try:
        return _BLOCKS.decode(raw)
    except _FAULTS:
        pass
    try:
        parts = _PARTS.decode(raw)
    except _FAULTS:
        return []
    return [block for block in (part(item, Block) for item in parts) if block is not None]


def texts_of(raw: msgspec.Raw) -> list[str]:
    """The texts of a content: itself, or those of its text blocks."""
    text = text_of(raw)
    if text is not None:
        return [text]
    return [block.text for block in blocks_of(raw) if block.type == "text" and isinstance(block.text, str)]


def row_type(given: object) -> str:
    """A row's type, if it looks like a word."""
    if given is None:
        return NO_TYPE
    return given if type(given) is str and (given in KNOWN_TYPES or _WORD.match(given)) else OTHER_TYPE


def name(given: object) -> str | None:
    """A text that names something; None for all else, and for text that cannot be stored."""
    if type(given) is not str or not given or given.isspace():
        return None
    return given if given.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in given) else None


def model_name(given: object) -> str | None:
    """A model's name; Claude Code writes `<synthetic>` where no model spoke, which is none."""
    return given if isinstance(given, str) and _MODEL.match(given) else None


def version_of(given: object) -> str | None:
    """The version of Claude Code that wrote a row."""
    return given if isinstance(given, str) and _WORD.match(given) else None


def instant(given: object) -> int | None:
    """UTC microseconds since 1970 of a timestamp; None for what is none."""
    return parse_instant(given) if isinstance(given, str) else None


def whole(given: object, most: int = MAX_TOKENS) -> int | None:
    """A whole number from 0 to `most`; None for all else."""
    return given if type(given) is int and 0 <= given <= most else None


def milliseconds(given: object) -> float | None:
    """A duration in milliseconds; None for all else."""
    if type(given) not in (int, float) or not isinstance(given, int | float) or not math.isfinite(given):
        return None
    return float(given) if 0 <= given <= _MAX_MS else None
