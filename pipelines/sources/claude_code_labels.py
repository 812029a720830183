"""Labels: what somebody says of calls of sub-agents that no transcript tells, such as how good the answer was.

Here: one line of a labels file (NDJSON, recognised by `call_id` without `type`) checked with the input contract's own
readers. Not here: what a label changes (`claude_code_calls.py`), where labels are kept (`store/transcripts_labels.py`).
"""

from dataclasses import dataclass
from typing import Any, Final

from pipelines.game.events import DAY_US, Refusal, parse_json
from pipelines.game.records import RECORDS, Field, Kind, Reason
from pipelines.game.refusals import Fault, shown
from pipelines.game.strict_json import canonical
from pipelines.game.values import READERS
from pipelines.sources.claude_code_calls import PREFIX, Label

LABELLED: Final = (
    *("response_quality", "user_satisfaction", "code_quality", "complexity", "category", "success", "action_type"),
    *("evidence_type", "evidence", "improvement_factor", "base_points", "bonus_points"),
)
_FIELDS: Final = {field.name: field for field in RECORDS["agent_call"]}
_AT: Final = Field("at", Kind.INSTANT)
_CALL_ID: Final = Field("call_id", Kind.ID)


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One label: the call it speaks of by the id of its tool use, and what it says. `said`: all of it, one spelling."""

    tool_use_id: str
    label: Label
    said: str


def read_label(line: str | bytes, ingested_at: int) -> LabelLine | Refusal:
    """A line of a labels file, understood or refused with the first fault. `ingested_at` in UTC microseconds."""
    fields = parse_json(line)
    if isinstance(fields, Refusal):
        return fields
    try:
        return _label(fields, ingested_at)
    except Fault as fault:
        return fault.refusal


def _label(fields: dict[str, Any], ingested_at: int) -> LabelLine:
    given = {name: value for name, value in fields.items() if value is not None}
    call_id, at = given.pop("call_id", None), given.pop("at", None)
    if call_id is None:
        raise Fault(Reason.MISSING_FIELD, "The label lacks `call_id`, which would say what it is of.")
    if not any(name in given for name in LABELLED):
        raise Fault(Reason.MISSING_FIELD, f"The label says nothing; it may give {', '.join(LABELLED)}.")
    known_at = None if at is None else READERS[Kind.INSTANT](_AT, at)
    tool_use_id = READERS[Kind.ID](_CALL_ID, call_id).removeprefix(PREFIX)
    for name, value in given.items():
        field = _FIELDS.get(name)
        if name == "type" or (field is not None and name not in LABELLED):
            raise Fault(Reason.BAD_VALUE, f"`{name}` is not for a label to give; it may give {', '.join(LABELLED)}.")
        if field is not None:
            READERS[field.kind](field, value)
    if known_at is not None and known_at > ingested_at + DAY_US:
        sentence = f"`at` is {shown(at)}, which lies more than a day after the instant of ingesting."
        raise Fault(Reason.FROM_THE_FUTURE, sentence)
    return LabelLine(tool_use_id, Label(known_at, given), canonical(given))
