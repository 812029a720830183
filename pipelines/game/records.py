"""The input contract, version 1, as data: which records exist and which fields each may carry.

Here: names, kinds and bounds of the fields, once. Both readers are derived from it: the exact checker
(`events.py`), which knows every reason for refusing a line, and the fast one (`store/ndjson.py`), which
accepts in bulk what is plainly right. Not here: reading, checking, storing.
"""

from dataclasses import dataclass
from enum import StrEnum

TASK_TYPES = ("compute", "verify", "search", "pattern", "extend")
DIFFICULTIES = ("easy", "medium", "hard", "extreme")
VERDICTS = ("pending", "verified", "rejected", "void")
COMPLEXITIES = ("simple", "medium", "complex", "expert")
EVIDENCE_TYPES = (
    "speed_improvement",
    "bug_resolution",
    "code_quality",
    "user_satisfaction",
    "complexity_handling",
    "innovation",
)
CONSENT_SCOPES = ("metrics", "achievements", "conversations", "aggregates")

MAX_ID_CHARACTERS = 200
MAX_NUMBER = 10**9
MAX_TOKENS = 10**12
MAX_LINE_BYTES = 1 << 20
MAX_MULTIPLIERS = 10


class Kind(StrEnum):
    """What a field's value is, which says how its spelling is checked and normalised."""

    ID = "id"  # trimmed, NFC, no control, zero-width or bidirectional characters
    TEXT = "text"  # any string
    WORD = "word"  # one of `Field.words`
    INSTANT = "instant"  # RFC 3339 with an offset, kept in UTC microseconds
    WHOLE = "whole"  # a JSON whole number, never 10.0 or "10"
    NUMBER = "number"  # any finite JSON number
    NUMBERS = "numbers"  # an array of numbers
    FLAG = "flag"  # true or false


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record: its name, kind, whether it must be there, and its bounds, both inclusive."""

    name: str
    kind: Kind
    required: bool = False
    words: tuple[str, ...] = ()
    low: float = 0
    high: float = MAX_NUMBER


def _id(name: str, *, required: bool = False) -> Field:
    return Field(name, Kind.ID, required)


def _instant(name: str, *, required: bool = False) -> Field:
    return Field(name, Kind.INSTANT, required)


def _whole(name: str, low: int = 0, high: int = MAX_NUMBER) -> Field:
    return Field(name, Kind.WHOLE, low=low, high=high)


def _share(name: str) -> Field:
    return Field(name, Kind.NUMBER, low=0, high=1)


_EVERY_RECORD = (_id("event_id", required=True), _instant("at", required=True))

RECORDS: dict[str, tuple[Field, ...]] = {
    "task": (
        *_EVERY_RECORD,
        _id("task_id", required=True),
        _id("problem", required=True),
        Field("task_type", Kind.WORD, required=True, words=TASK_TYPES),
        Field("difficulty", Kind.WORD, required=True, words=DIFFICULTIES),
        _whole("points", 1, 1000),
        _whole("counterexample_points"),
        Field("title", Kind.TEXT),
    ),
    "submission": (
        *_EVERY_RECORD,
        _id("submission_id", required=True),
        _id("agent_id", required=True),
        _id("task_id", required=True),
        _instant("submitted_at", required=True),
        Field("verdict", Kind.WORD, required=True, words=VERDICTS),
        _instant("judged_at"),
        _instant("claimed_at"),
        Field("found", Kind.FLAG),
        _whole("awarded_points"),
        _id("team_id"),
        _id("user_id"),
        Field("model", Kind.TEXT),
        Field("source", Kind.TEXT),
    ),
    "agent_call": (
        *_EVERY_RECORD,
        _id("user_id", required=True),
        _id("agent_id", required=True),
        Field("action_type", Kind.TEXT, required=True),
        Field("success", Kind.FLAG, required=True),
        _id("call_id"),
        Field("complexity", Kind.WORD, words=COMPLEXITIES),
        Field("duration_s", Kind.NUMBER),
        _whole("base_points", high=10**6),
        _whole("bonus_points", high=10**6),
        Field("multipliers", Kind.NUMBERS, low=0.1, high=10),
        _share("response_quality"),
        _share("user_satisfaction"),
        _share("code_quality"),
        Field("evidence_type", Kind.WORD, words=EVIDENCE_TYPES),
        Field("evidence", Kind.TEXT),
        Field("improvement_factor", Kind.NUMBER),
        Field("category", Kind.TEXT),
        _id("team_id"),
        _id("project_id"),
        _id("session_id"),
        Field("model", Kind.TEXT),
        _whole("input_tokens", high=MAX_TOKENS),
        _whole("output_tokens", high=MAX_TOKENS),
        _whole("cache_read_tokens", high=MAX_TOKENS),
        _whole("cache_creation_tokens", high=MAX_TOKENS),
        _whole("tool_uses"),
        Field("cost_usd", Kind.NUMBER),
        Field("success_source", Kind.TEXT),
        Field("description", Kind.TEXT),
    ),
    "consent": (
        *_EVERY_RECORD,
        _id("owner_id", required=True),
        Field("scope", Kind.WORD, required=True, words=CONSENT_SCOPES),
        Field("granted", Kind.FLAG, required=True),
        Field("policy_version", Kind.TEXT),
    ),
}


class Reason(StrEnum):
    """Why a line was refused, in the order in which faults are looked for: the first one names the line."""

    OVERSIZED = "oversized"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    DUPLICATE_KEY = "duplicate_key"
    UNKNOWN_TYPE = "unknown_type"
    MISSING_FIELD = "missing_field"
    BAD_TIMESTAMP = "bad_timestamp"
    BAD_VALUE = "bad_value"
    OUT_OF_RANGE = "out_of_range"
    TIME_TRAVEL = "time_travel"
    FROM_THE_FUTURE = "from_the_future"
    CONFLICTING_DUPLICATE = "conflicting_duplicate"
