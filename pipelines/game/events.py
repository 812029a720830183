"""The exact reading of one record: every rule of the input contract, and a sentence for every refusal.

Here: the checks of a record in the order of `records.Reason`. Together with what it calls (`strict_json.py`,
`values.py`) this module is the meaning; the fast reader (store/ndjson.py) must agree with it wherever it accepts.
Not here: files and lines (sources/), duplicates (store/).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.game.records import RECORDS, Field, Reason
from pipelines.game.refusals import Fault, Refusal, shown
from pipelines.game.strict_json import canonical, parse, parse_json
from pipelines.game.values import READERS, parse_instant

__all__ = ["DAY_US", "Record", "Refusal", "check_line", "check_record", "parse_instant", "parse_json"]

DAY_US = 86_400_000_000
_READERS = {
    kind: tuple((field.name, field.required, READERS[field.kind], field) for field in fields)
    for kind, fields in RECORDS.items()
}
_ABSENT: dict[str, dict[str, Any]] = {
    kind: dict.fromkeys(field.name for field in fields) for kind, fields in RECORDS.items()
}
_KNOWN = {kind: frozenset(("type", *(field.name for field in fields))) for kind, fields in RECORDS.items()}
_IN_ORDER = (  # of a submission: the first must not lie after the second
    ("submitted_at", "judged_at"),
    ("submitted_at", "at"),
    ("claimed_at", "submitted_at"),
    ("judged_at", "at"),
)


@dataclass(frozen=True, slots=True)
class Record:
    """An accepted record in its normal form.

    values: every field of its type (absent: None); ids trimmed and NFC; instants as UTC microseconds since 1970.
    extra: the unknown fields as canonical JSON, None if there are none.
    """

    type: str
    values: dict[str, Any]
    extra: str | None


def check_line(text: str | bytes, ingested_at: int) -> Record | Refusal:
    """Read one line of NDJSON. `ingested_at`: the ingest instant, UTC microseconds. Never raises."""
    try:
        return _record(parse(text), ingested_at)
    except Fault as fault:
        return fault.refusal


def check_record(fields: Mapping[str, object], ingested_at: int) -> Record | Refusal:
    """Check a record that an adapter made: the same rules, without the JSON. Never raises."""
    try:
        return _record(dict(fields), ingested_at)
    except Fault as fault:
        return fault.refusal


def _record(fields: dict[str, Any], ingested_at: int) -> Record:
    kind = fields.get("type")
    if not isinstance(kind, str) or kind not in _READERS:
        named = "has no `type`" if kind is None else f"has the type {shown(kind)}"
        raise Fault(Reason.UNKNOWN_TYPE, f"The record {named}; known are {', '.join(RECORDS)}.")
    values: dict[str, Any] = _ABSENT[kind].copy()
    get = fields.get
    try:
        for name, required, read, field in _READERS[kind]:
            given = get(name)
            if given is not None:
                values[name] = read(field, given)
            elif required:
                raise _first_fault(kind, fields)
    except Fault:
        raise _first_fault(kind, fields) from None
    extra = None if fields.keys() <= _KNOWN[kind] else _extra(kind, fields)
    if kind == "submission":
        _check_order(values, fields)
    if values["at"] > ingested_at + DAY_US:
        sentence = f"`at` is {shown(fields['at'])}, which lies more than a day after the instant of ingesting."
        raise Fault(Reason.FROM_THE_FUTURE, sentence)
    return Record(kind, values, extra)


def _first_fault(kind: str, fields: dict[str, Any]) -> Fault:
    """Of a record with faults in its fields the one that names it: by `Reason`, then by the contract's order."""
    missing = [field.name for field in RECORDS[kind] if field.required and fields.get(field.name) is None]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        return Fault(Reason.MISSING_FIELD, f"The {kind} lacks {names}: missing or null, but required.")
    faults = (_fault_of(field, fields) for field in RECORDS[kind])
    return min((fault for fault in faults if fault is not None), key=lambda fault: fault.refusal.place)


def _fault_of(field: Field, fields: dict[str, Any]) -> Fault | None:
    given = fields.get(field.name)
    if given is not None:
        try:
            READERS[field.kind](field, given)
        except Fault as fault:
            return fault
    return None


def _extra(kind: str, fields: dict[str, Any]) -> str:
    unknown = {key: value for key, value in fields.items() if key not in _KNOWN[kind]}
    try:
        text = canonical(unknown)
        text.encode()
    except (TypeError, ValueError, RecursionError):  # only adapters could give such values
        sentence = f"The {kind} has unknown fields that JSON cannot spell: {shown(sorted(map(str, unknown)))}."
        raise Fault(Reason.BAD_VALUE, sentence) from None
    return text


def _check_order(values: dict[str, Any], fields: dict[str, Any]) -> None:
    for early, late in _IN_ORDER:
        if values[early] is not None and values[late] is not None and values[late] < values[early]:
            sentence = f"`{late}` ({shown(fields[late])}) lies before `{early}` ({shown(fields[early])})."
            raise Fault(Reason.TIME_TRAVEL, sentence)
