"""Claude Code transcripts: what each row says, as small typed observations, whatever version wrote it.

Here: one row in, observations out: calls of sub-agents, results, notifications, messages with their tokens, uses of
tools, the span of a run, links of side-chains, and the row itself by its type. An observation says what one row says,
so that reading a row again, in another file or in another order, adds nothing. Nothing of the conversation is kept: of
a prompt its hash, of a path its last part, of a description the kind of work (and its text only if that is asked for).
Not here: how observations are kept (`store/transcripts*.py`), and the records that follow (`claude_code_calls.py`).
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from pipelines.game.events import Refusal
from pipelines.sources.claude_code_ends import NOTIFICATION, Notification, end_of_result, end_of_task, notifications
from pipelines.sources.claude_code_rows import (
    Attachment,
    Block,
    CallInput,
    Message,
    Row,
    Usage,
    blocks_of,
    instant,
    model_name,
    name,
    part,
    read_row,
    row_type,
    texts_of,
    version_of,
    whole,
)
from pipelines.sources.claude_code_seen import Seen

CALLING: Final = ("Task", "Agent")  # the tool that calls a sub-agent, by its older and its newer name
_OF_OTHERS: Final = tuple(
    f'{{"{first}"'.encode()
    for first in ("stdout", "type", "filePath", "filenames", "oldTodos", "mode", "query", "bytes")
)
COMPACTION: Final = "acompact"  # runs that only shorten a conversation
SIDE: Final = "@"  # begins the name of a run of which a row knows no more than that it is a side-chain
# At the beginning of a word, so that "prefix" is none: docs/input.md tells this rule.
_MENDING: Final = re.compile(r"\b(?:fix|bug|error|debug)", re.IGNORECASE)
_WINDOWS: Final = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_AGENT_FILE: Final = re.compile(r"agent-(.+?)\.jsonl(?:\.gz|\.zst)?\Z")
_LONG_AS_WRITTEN: Final = len("2026-01-01T00:00:00.000Z")
_TOOL_USE, _RESULT, _NOTIFIED = b'"tool_use"', b'"tool_result"', NOTIFICATION.encode()
_TASK, _AGENT = (f'"{tool}"'.encode() for tool in CALLING)


@dataclass(frozen=True, slots=True)
class Source:
    """The file that rows come from. `agent_id`: whose file it is, if it is a sub-agent's."""

    file: int
    agent_id: str | None = None
    keeps_descriptions: bool = False

    @classmethod
    def of(cls, path: Path, file: int, *, keeps_descriptions: bool) -> "Source":
        """The source of a path: a sub-agent's file is known by its name."""
        found = _AGENT_FILE.match(path.name)
        return cls(file, found[1] if found else None, keeps_descriptions)


class Observations(Seen):
    """What rows said; the tuples are the columns of the staged tables in `store/transcripts_tables.py`, in order."""

    def take(self, line: bytes, number: int, offset: int, source: Source) -> None:
        """Take what a line says, which is not blank, or note that it cannot be read."""
        row = read_row(line)
        if isinstance(row, Refusal):
            self.refuse(row, digest(line), source.file, number, offset, len(line))
            return
        kind = row_type(row.type)
        key = name(row.uuid) or digest(line)
        self.rows.append((source.file, number, key, kind))
        if kind == "progress":  # half of all rows; what they repeat of sub-agents stands in those agents' own files
            return
        self._note_instant(row.timestamp)
        place = _Place(source, number, name(row.sessionId) or "", _run_of(row, source), key)
        message = part(row.message, Message) if row.message else None
        if place.run:
            self._note_run(row, message, place)
        if message is not None:
            self._take_message(row, message, place)
        if _NOTIFIED in line:
            self._take_notifications(row, message, place)

    def _note_instant(self, given: object) -> None:
        """Instants as Claude Code writes them are in the order of their text; what only looks like one is none."""
        if type(given) is not str or len(given) != _LONG_AS_WRITTEN or not given.endswith("Z"):
            return
        if (given > self.last_at or not self.first_at or given < self.first_at) and instant(given) is not None:
            self.last_at = max(self.last_at, given)
            self.first_at = min(self.first_at or given, given)

    def _note_run(self, row: Row, message: Message | None, place: "_Place") -> None:
        """The span of a run and the prompt that it began with; of a side-chain's row what it hangs on."""
        at = instant(row.timestamp)
        is_begin = row.parentUuid is None and message is not None and message.role == "user"
        prompt = _prompt_digest("".join(texts_of(message.content))) if message is not None and is_begin else None
        if place.run.startswith(SIDE):
            self.links.append((place.key, name(row.parentUuid), place.session, at, prompt))
            return
        span = self.span_of(place.run, place.session)
        if at is not None:
            span.stretch(at)
        if prompt is not None:
            span.name(prompt)

    def _take_message(self, row: Row, message: Message, place: "_Place") -> None:
        if message.usage:
            self._take_usage(row, message, place)
        raw = bytes(message.content)
        if _TOOL_USE in raw and (place.run or _TASK in raw or _AGENT in raw):
            for block in blocks_of(message.content):
                if block.type == "tool_use" and (tool_id := name(block.id)):
                    if place.run:
                        self.tools.add((tool_id, place.run, place.session_of_run))
                    if block.name in CALLING:
                        self._take_call(row, block, tool_id, place)
        elif _RESULT in raw and _may_be_an_agents(bytes(row.toolUseResult)):
            at = instant(row.timestamp)
            for block in blocks_of(message.content):
                if block.type == "tool_result" and (tool_id := name(block.tool_use_id)):
                    end = end_of_result(block, row.toolUseResult)
                    told = (end.outcome, end.agent_id, end.agent_type, end.duration_ms, end.tool_uses)
                    self.results.append((tool_id, place.session, at, *told))
            task = end_of_task(row.toolUseResult) if b'"task"' in bytes(row.toolUseResult) else None
            if task is not None:
                self._note(task, at, place, is_notification=False)

    def _take_usage(self, row: Row, message: Message, place: "_Place") -> None:
        usage = part(message.usage, Usage)
        if usage is None:
            return
        key = f"{name(message.id) or place.key}\0{name(row.requestId) or ''}", place.run, place.session_of_run
        tokens = (
            whole(usage.output_tokens) or 0,
            whole(usage.input_tokens) or 0,
            whole(usage.cache_read_input_tokens) or 0,
            whole(usage.cache_creation_input_tokens) or 0,
        )
        told = tokens, isinstance(message.stop_reason, str), model_name(message.model) or ""
        self.add_usage(key, told)

    def _take_call(self, row: Row, block: Block, tool_id: str, place: "_Place") -> None:
        asked = part(block.input, CallInput) or CallInput()
        description = asked.description if isinstance(asked.description, str) else ""
        is_mending = _MENDING.search(description) is not None
        kept = name(description) if place.source.keeps_descriptions else None
        prompt = _prompt_digest(asked.prompt) if isinstance(asked.prompt, str) else None
        self.calls.append(
            (
                *(place.source.file, place.number, tool_id, instant(row.timestamp), place.session),
                *(project_of(row.cwd), name(asked.subagent_type), model_name(asked.model)),
                *(asked.run_in_background is True, version_of(row.version)),
                *("error_resolution" if is_mending else "task_completion", kept, prompt, place.key),
            )
        )

    def _take_notifications(self, row: Row, message: Message | None, place: "_Place") -> None:
        """Notifications come as a message of the user's, queued before, or attached to one."""
        if row.type == "user" and message is not None:
            texts = texts_of(message.content)
        elif row.type == "queue-operation":
            texts = texts_of(row.content)
        else:
            attachment = part(row.attachment, Attachment) if row.type == "attachment" else None
            texts = texts_of(attachment.prompt) if attachment is not None else []
        at = instant(row.timestamp)
        for text in texts:
            for notification in notifications(text):
                self._note(notification, at, place, is_notification=True)

    def _note(self, of: Notification, at: int | None, place: "_Place", *, is_notification: bool) -> None:
        told = (of.end.outcome, of.end.duration_ms, of.end.tool_uses)
        self.notes.append((of.task_id, of.tool_use_id, place.session, at, is_notification, *told))


class _Place(NamedTuple):
    """Where a row stands. `run`: the sub-agent's run that it is of, empty in a session's own rows; `key`: its uuid."""

    source: Source
    number: int
    session: str
    run: str
    key: str

    @property
    def session_of_run(self) -> str:
        """The session where it takes one to tell a run: not in a session's own rows, which resumed sessions copy."""
        return "" if not self.run or self.run.startswith(SIDE) else self.session


def digest(line: bytes) -> str:
    """What a line without a uuid is known by."""
    return hashlib.blake2b(line, digest_size=16).hexdigest()


def project_of(cwd: object) -> str | None:
    """The last part of a working directory, on any system."""
    path = name(cwd)
    if path is None:
        return None
    parts = re.split(r"[\\/]" if _WINDOWS.match(path) else "/", path)
    return next((part for part in reversed(parts) if part), None)


def _run_of(row: Row, source: Source) -> str:
    agent_id = name(row.agentId)
    if row.isSidechain is True:
        return agent_id or source.agent_id or (f"{SIDE}{row.uuid}" if name(row.uuid) else "")
    return agent_id or "" if source.agent_id else ""


def _prompt_digest(text: str) -> str | None:
    """By what the prompt of a call and the first row of its run are known to be the same."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() if text else None


def _may_be_an_agents(told: bytes) -> bool:
    """Whether a `toolUseResult` may tell of a sub-agent: those of the tools used most do not."""
    return not told.startswith(_OF_OTHERS) or b'"agentId"' in told
