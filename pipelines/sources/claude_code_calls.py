"""From all that is known of one call of a sub-agent to its records; pure.

Here: when a call counts as finished, what its fields are, and what labels change. Not here: collecting what is known
(`store/transcripts_known.py`), what rows say (`claude_code.py`), reading labels (`claude_code_labels.py`).

Ids: event and call `claude-code:<id of the tool use>`; a label that became known later makes a further record, a
correction, `claude-code:<id>:label:<its instant in microseconds>`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pipelines.game.events import Record, Refusal, check_record
from pipelines.game.records import RECORDS, Reason
from pipelines.game.refusals import Fault
from pipelines.game.values import READERS
from pipelines.sources.claude_code_ends import Outcome

PREFIX: Final = "claude-code:"
NO_TYPE_GIVEN: Final = "general-purpose"  # what Claude Code itself takes where no type is asked for
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS: Final = {field.name: field for field in RECORDS["agent_call"]}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: from its result, or from its final notification. Instants in UTC microseconds."""

    outcome: str
    at: int | None
    agent_type: str | None = None
    duration_ms: float | None = None
    tool_uses: int | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What the run's own rows add up to; tokens are None where there are no rows with usage."""

    first_at: int | None = None
    last_at: int | None = None
    agent_type: str | None = None
    model: str | None = None
    tool_uses: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_creation_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class KnownCall:
    """A call of a sub-agent, and all that is known of it by now."""

    tool_use_id: str
    session_id: str | None
    project_id: str | None
    agent_type: str | None
    model: str | None
    action_type: str
    description: str | None
    user_id: str
    team_id: str | None
    result: Ending | None
    notification: Ending | None
    work: Work

    @property
    def ending(self) -> Ending | None:
        """How it ended; None while it goes on. One launched in the background ends with its notification."""
        if self.result is None or self.result.outcome == Outcome.LAUNCHED:
            return self.notification
        return self.result


def fields_of(call: KnownCall, ending: Ending) -> dict[str, Any]:
    """The record of a finished call, as the input contract spells it."""
    work = call.work
    at = ending.at if ending.at is not None else work.last_at
    duration = None if ending.duration_ms is None else ending.duration_ms / 1000
    if duration is None and work.first_at is not None and work.last_at is not None:
        duration = (work.last_at - work.first_at) / 1_000_000
    own_type = call.result.agent_type if call.result is not None else None
    call_id = PREFIX + call.tool_use_id
    return {
        "type": "agent_call",
        "event_id": call_id,
        "call_id": call_id,
        "at": None if at is None else _spelt(at),
        "user_id": call.user_id,
        "team_id": call.team_id,
        "project_id": call.project_id,
        "session_id": call.session_id or None,
        "agent_id": call.agent_type or own_type or work.agent_type or NO_TYPE_GIVEN,
        "action_type": call.action_type,
        "success": ending.outcome == Outcome.COMPLETED,
        "success_source": "derived",
        "duration_s": duration,
        "tool_uses": ending.tool_uses if ending.tool_uses is not None else work.tool_uses,
        "model": work.model or call.model,
        "input_tokens": work.input_tokens,
        "output_tokens": work.output_tokens,
        "cache_read_tokens": work.cache_read_tokens,
        "cache_creation_tokens": work.cache_creation_tokens,
        "description": call.description,
    }


@dataclass(frozen=True, slots=True)
class Label:
    """What somebody says of a call: fields of its record. `at`: when it became known, None for at once."""

    at: int | None
    fields: Mapping[str, Any]


def records_of(call: KnownCall, labels: Iterable[Label], ingested_at: int) -> list[Record | Refusal]:
    """The records of a call, or why it gives none: nothing while it goes on, then one, and one more per late label.

    A label without an instant, or with one before the call ended, is part of the first record. Each later one makes a
    correction: the whole record with all labels known by then, for a correction replaces everything.
    """
    ending = call.ending
    if ending is None:
        return []
    fields = fields_of(call, ending)
    told = sorted(labels, key=lambda label: (label.at is not None, label.at or 0))
    finished = ending.at if ending.at is not None else call.work.last_at
    late = [label for label in told if label.at is not None and finished is not None and label.at > finished]
    for label in told:
        if label not in late:
            fields = _labelled(fields, label)
    made = [fields]
    for label in late:
        fields = _labelled(fields, label)
        at = label.at or 0
        made.append({**fields, "event_id": f"{fields['call_id']}:label:{at}", "at": _spelt(at)})
    return [_checked(each, ingested_at) for each in made]


def _labelled(fields: Mapping[str, Any], label: Label) -> dict[str, Any]:
    source = {"success_source": "label"} if "success" in label.fields else {}
    return {**fields, **label.fields, **source}


def _checked(fields: dict[str, Any], ingested_at: int) -> Record | Refusal:
    """The record, or why it is refused, in a sentence that quotes nothing of the transcript."""
    if fields["at"] is None:
        return Refusal(Reason.BAD_TIMESTAMP, "The end of the call has no instant that can be read.")
    read = check_record(fields, ingested_at)
    if isinstance(read, Record):
        return read
    if read.reason is Reason.FROM_THE_FUTURE:
        return Refusal(read.reason, "The call ended more than a day after the instant of ingesting.")
    faulty = ", ".join(f"`{name}`" for name, given in fields.items() if _is_faulty(name, given))
    return Refusal(
        read.reason, f"The call makes no record: of its {faulty or 'fields'} the input contract refuses the value."
    )


def _is_faulty(name: str, given: object) -> bool:
    field = _FIELDS.get(name)
    if field is None or given is None:
        return False
    try:
        READERS[field.kind](field, given)
    except Fault:
        return True
    return False


def _spelt(at: int) -> str:
    return (_EPOCH + timedelta(microseconds=at)).isoformat().replace("+00:00", "Z")
