"""The exact reading of one record: every rule of the input contract, and a sentence for every refusal.

Here: strict JSON, normal forms of ids and instants, and the checks in the order of `records.Reason`. This module is
the meaning; the fast reader (store/ndjson.py) must agree with it wherever it accepts. Not here: files, duplicates.
"""

import json
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NoReturn

from pipelines.game.records import MAX_ID_CHARACTERS, MAX_LINE_BYTES, MAX_MULTIPLIERS, RECORDS, Field, Kind, Reason

DAY_US = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))\Z"
)
_REFUSED_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Record:
    """An accepted record in its normal form.

    values: every field of its type (absent: None); ids trimmed and NFC; instants as UTC microseconds since 1970.
    extra: the unknown fields as canonical JSON, None if there are none.
    """

    type: str
    values: dict[str, Any]
    extra: str | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a line is not taken: the first fault of `Reason`, and a sentence for a person."""

    reason: Reason
    sentence: str


class _Fault(Exception):
    """A fault found while a line is read; carries the refusal."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.refusal = Refusal(reason, sentence)


def check_line(text: str | bytes, ingested_at: int) -> Record | Refusal:
    """Read one line of NDJSON. `ingested_at`: the ingest instant, UTC microseconds. Never raises."""
    try:
        return _record(_parse(text), ingested_at)
    except _Fault as fault:
        return fault.refusal


def check_record(fields: Mapping[str, object], ingested_at: int) -> Record | Refusal:
    """Check a record that an adapter made: the same rules, without the JSON."""
    try:
        return _record(dict(fields), ingested_at)
    except _Fault as fault:
        return fault.refusal


def parse_json(text: str | bytes) -> dict[str, Any] | Refusal:
    """The object that one line holds, strictly read: for adapters whose lines are JSON of another contract."""
    try:
        return _parse(text)
    except _Fault as fault:
        return fault.refusal


@lru_cache(maxsize=4096)
def parse_instant(text: str) -> int | None:
    """UTC microseconds of an RFC 3339 instant with an offset; None if it is none. More than six digits are cut."""
    match = _INSTANT.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, sign, offset_hours, offset_minutes = match.groups()[6:]
    micro = int((fraction or "")[:6].ljust(6, "0"))
    try:
        local = datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
        if sign:
            if int(offset_hours) > 23 or int(offset_minutes) > 59:
                return None
            offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
            local = local - offset if sign == "+" else local + offset
    except (ValueError, OverflowError):
        return None
    return (local - _EPOCH) // timedelta(microseconds=1)


# --- JSON, strictly -------------------------------------------------------------------------------------------------


class _DuplicateKey(ValueError):
    pass


class _NoNumber(ValueError):
    pass


class _Whole(int):
    """A whole number too long to be read digit by digit: only its being out of range matters."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateKey(key)
            seen.add(key)
    return found


def _whole(digits: str) -> int:
    return int(digits) if len(digits) < 20 else _Whole(-(10**19) if digits.startswith("-") else 10**19)


def _no_number(word: str) -> NoReturn:
    raise _NoNumber(word)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_whole, parse_constant=_no_number)


def _parse(line: str | bytes) -> dict[str, Any]:
    """The line's object. Raises _Fault for what is too long, no JSON, no object, or names a key twice."""
    size = len(line) if isinstance(line, bytes) else len(line.encode("utf-8", "surrogatepass"))
    if size > MAX_LINE_BYTES:
        raise _Fault(Reason.OVERSIZED, f"The line has {size} bytes; at most {MAX_LINE_BYTES} are read.")
    try:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
        value = _DECODER.decode(text)
        if "\\u" in text or isinstance(line, str):
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate is no text
    except _DuplicateKey as fault:
        raise _Fault(Reason.DUPLICATE_KEY, f"The key {_shown(str(fault))} stands twice in one object.") from None
    except _NoNumber as fault:
        raise _Fault(Reason.NOT_JSON, f"{fault} is not JSON; leave the field out instead.") from None
    except UnicodeDecodeError as fault:
        raise _Fault(Reason.NOT_JSON, f"The line is not UTF-8: byte {fault.start + 1} cannot be read.") from None
    except UnicodeEncodeError:
        raise _Fault(Reason.NOT_JSON, "The line holds half a surrogate pair, which is no character.") from None
    except RecursionError:
        raise _Fault(Reason.NOT_JSON, "The line is nested too deeply to be read.") from None
    except json.JSONDecodeError as fault:
        raise _Fault(Reason.NOT_JSON, f"The line is not JSON: {fault.msg}, at character {fault.pos + 1}.") from None
    if not isinstance(value, dict):
        raise _Fault(Reason.NOT_AN_OBJECT, f"The line holds {_a_kind(value)}, not an object.")
    return value


# --- fields ---------------------------------------------------------------------------------------------------------


def _record(fields: dict[str, Any], ingested_at: int) -> Record:
    kind = fields.get("type")
    contract = RECORDS.get(kind) if isinstance(kind, str) else None
    if contract is None or not isinstance(kind, str):
        named = "has no `type`" if kind is None else f"has the type {_shown(kind)}"
        raise _Fault(Reason.UNKNOWN_TYPE, f"The record {named}; known are {', '.join(RECORDS)}.")
    for field in contract:
        if field.required and fields.get(field.name) is None:
            raise _Fault(Reason.MISSING_FIELD, f"A {kind} needs `{field.name}`, which is missing or null.")
    values: dict[str, Any] = {}
    faults: list[Refusal] = []
    for field in contract:
        given = fields.get(field.name)
        try:
            values[field.name] = None if given is None else _READ[field.kind](field, given)
        except _Fault as fault:
            faults.append(fault.refusal)
    if faults:
        first = min(faults, key=lambda refusal: _PRECEDENCE[refusal.reason])
        raise _Fault(first.reason, first.sentence)
    _check_times(kind, values, ingested_at)
    return Record(kind, values, _extra(fields, contract))


_PRECEDENCE = {reason: place for place, reason in enumerate(Reason)}


def _extra(fields: dict[str, Any], contract: tuple[Field, ...]) -> str | None:
    known = {"type", *(field.name for field in contract)}
    unknown = {key: value for key, value in fields.items() if key not in known}
    if not unknown:
        return None
    return json.dumps(unknown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _check_times(kind: str, values: dict[str, Any], ingested_at: int) -> None:
    at = values["at"]
    if kind == "submission":
        submitted, judged, claimed = values["submitted_at"], values["judged_at"], values["claimed_at"]
        for early, early_name, late, late_name in (
            (submitted, "submitted_at", judged, "judged_at"),
            (submitted, "submitted_at", at, "at"),
            (claimed, "claimed_at", submitted, "submitted_at"),
            (judged, "judged_at", at, "at"),
        ):
            if early is not None and late is not None and late < early:
                raise _Fault(Reason.TIME_TRAVEL, f"`{late_name}` lies before `{early_name}`.")
    if at > ingested_at + DAY_US:
        raise _Fault(Reason.FROM_THE_FUTURE, "`at` lies more than a day after the instant of reading.")


def _read_id(field: Field, given: Any) -> str:
    if not isinstance(given, str):
        raise _bad(field, given, "must be text")
    text = _normal_id(given)
    if text is None:
        raise _bad(field, given, "must hold neither control, zero-width nor bidirectional characters")
    if not text:
        raise _bad(field, given, "must not be empty")
    if len(text) > MAX_ID_CHARACTERS:
        raise _out(field, given, f"at most {MAX_ID_CHARACTERS} characters, these are {len(text)}")
    return text


@lru_cache(maxsize=16384)
def _normal_id(given: str) -> str | None:
    """Trimmed of Unicode White_Space and NFC; None if it holds a refused character."""
    text = unicodedata.normalize("NFC", given.strip(_WHITE_SPACE))
    if text.isascii() and text.isprintable():
        return text
    return None if any(unicodedata.category(c) in _REFUSED_CATEGORIES for c in text) else text


def _read_text(field: Field, given: Any) -> str:
    if not isinstance(given, str):
        raise _bad(field, given, "must be text")
    return given


def _read_word(field: Field, given: Any) -> str:
    if not isinstance(given, str) or given not in field.words:
        raise _bad(field, given, f"must be one of {', '.join(field.words)}")
    return given


def _read_instant(field: Field, given: Any) -> int:
    at = parse_instant(given) if isinstance(given, str) else None
    if at is None:
        raise _Fault(
            Reason.BAD_TIMESTAMP,
            f"`{field.name}` is {_shown(given)}; it must be an RFC 3339 instant with an offset, "
            "such as 2026-03-01T09:30:00Z.",
        )
    return at


def _read_flag(field: Field, given: Any) -> bool:
    if not isinstance(given, bool):
        raise _bad(field, given, "must be true or false")
    return given


def _read_whole(field: Field, given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise _bad(field, given, "must be a whole number, written without quotes, point or exponent")
    if not field.low <= given <= field.high:
        raise _out(field, given, f"from {field.low:g} to {field.high:g}")
    return int(given)


def _read_number(field: Field, given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise _bad(field, given, "must be a number, written without quotes")
    if not (math.isfinite(given) and field.low <= given <= field.high):
        raise _out(field, given, f"from {field.low:g} to {field.high:g}")
    return float(given) + 0.0  # -0.0 is 0.0


def _read_numbers(field: Field, given: Any) -> list[float]:
    if not isinstance(given, list):
        raise _bad(field, given, "must be an array of numbers")
    numbers = []
    late: _Fault | None = None
    for item in given:
        try:
            numbers.append(_read_number(field, item))
        except _Fault as fault:
            if fault.refusal.reason is Reason.BAD_VALUE:
                raise
            late = late or fault
    if late is not None:
        raise late
    if len(given) > MAX_MULTIPLIERS:
        raise _out(field, given, f"at most {MAX_MULTIPLIERS} numbers, these are {len(given)}")
    return numbers


_READ: dict[Kind, Callable[[Field, Any], Any]] = {
    Kind.ID: _read_id,
    Kind.TEXT: _read_text,
    Kind.WORD: _read_word,
    Kind.INSTANT: _read_instant,
    Kind.FLAG: _read_flag,
    Kind.WHOLE: _read_whole,
    Kind.NUMBER: _read_number,
    Kind.NUMBERS: _read_numbers,
}


def _bad(field: Field, given: Any, rule: str) -> _Fault:
    return _Fault(Reason.BAD_VALUE, f"`{field.name}` is {_shown(given)}; it {rule}.")


def _out(field: Field, given: Any, rule: str) -> _Fault:
    return _Fault(Reason.OUT_OF_RANGE, f"`{field.name}` is {_shown(given)}; allowed is {rule}.")


def _shown(value: Any) -> str:
    """A value as it may stand in a sentence: escaped, and shortened."""
    if isinstance(value, _Whole):
        return "a number of 20 digits or more"
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _a_kind(value: Any) -> str:
    names = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "an array"}
    return names.get(type(value), "null" if value is None else "a number")
