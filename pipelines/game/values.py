"""The values of fields: for each kind of the input contract, what spellings it takes and what they mean.

Here: one reader a kind, from a JSON value to the normal form, or a Fault. Not here: which fields a record has
(`records.py`), how its fields agree with each other (`events.py`).
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from pipelines.game.records import MAX_ID_CHARACTERS, MAX_MULTIPLIERS, Field, Kind, Reason
from pipelines.game.refusals import Beyond, Fault, bad_value, out_of_range, shown

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CLOCK = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_PLAIN_INSTANT = re.compile(_CLOCK + r"(?:\.[0-9]{1,6})?Z\Z")
_INSTANT = re.compile(f"({_CLOCK})" + r"(?:\.([0-9]+))?(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))\Z")
_LONG_INSTANT = 48  # spellings longer than this are read but not remembered, or they would fill the memory
_REFUSED_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")  # of other categories, and yet without width
# Unicode's property White_Space, which is less than what str.strip() takes.
_WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def parse_instant(text: str) -> int | None:
    """UTC microseconds since 1970 of an RFC 3339 instant with an offset; None if it is none.

    More than six digits of a second are cut. Refused are second 60, hour 24, and years outside 2..9998 in UTC: the
    calendar must have a day before and a day after, in every zone.
    """
    return _remembered_instant(text) if len(text) <= _LONG_INSTANT else _instant(text)


def _instant(text: str) -> int | None:
    try:
        if _PLAIN_INSTANT.match(text):
            return _micros(datetime.fromisoformat(text))
        match = _INSTANT.match(text)
        if match is None:
            return None
        clock, fraction, sign, hours, minutes = match.groups()
        local = datetime.fromisoformat(f"{clock}.{(fraction or '')[:6]:0<6}+00:00")
        if sign is not None:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            local = local - offset if sign == "+" else local + offset
    except (ValueError, OverflowError):  # no such day; or a year that the offset carries away
        return None
    return _micros(local)


def _micros(instant: datetime) -> int | None:
    return (instant - _EPOCH) // _MICROSECOND if 2 <= instant.year <= 9998 else None


_remembered_instant = lru_cache(maxsize=4096)(_instant)


def read_id(field: Field, given: Any) -> str:
    """An id: trimmed of White_Space, then NFC; no control, zero-width or bidirectional characters."""
    if (
        type(given) is str
        and 0 < len(given) <= MAX_ID_CHARACTERS
        and given.isascii()
        and given.isprintable()
        and given[0] != " "
        and given[-1] != " "
    ):
        return given
    if not isinstance(given, str):
        raise bad_value(field, given, "must be text, in quotes")
    text = unicodedata.normalize("NFC", given.strip(_WHITE_SPACE))
    if not text:
        raise bad_value(field, given, "must not be empty")
    for character in text:
        if unicodedata.category(character) in _REFUSED_CATEGORIES or character in _INVISIBLE:
            name = unicodedata.name(character, "a control character")
            raise bad_value(field, given, f"must not hold U+{ord(character):04X} ({name})")
    if len(text) > MAX_ID_CHARACTERS:
        raise out_of_range(field, given, f"an id of at most {MAX_ID_CHARACTERS} characters, this one has {len(text)}")
    return text


def read_text(field: Field, given: Any) -> str:
    """Any text, as it stands."""
    if not isinstance(given, str):
        raise bad_value(field, given, "must be text, in quotes")
    if not given.isascii() and any("\ud800" <= character <= "\udfff" for character in given):
        raise bad_value(field, given, "must not hold half of a surrogate pair")  # only adapters could give one
    return given


def read_word(field: Field, given: Any) -> str:
    """One of the field's words."""
    if not isinstance(given, str) or given not in field.words:
        raise bad_value(field, given, f"must be one of {', '.join(field.words)}")
    return given


def read_instant(field: Field, given: Any) -> int:
    """An RFC 3339 instant with an offset -> UTC microseconds since 1970."""
    at = parse_instant(given) if isinstance(given, str) else None
    if at is None:
        rule = "it must be an RFC 3339 instant with an offset, such as 2026-03-01T09:30:00Z"
        raise Fault(Reason.BAD_TIMESTAMP, f"`{field.name}` is {shown(given)}; {rule}.")
    return at


def read_flag(field: Field, given: Any) -> bool:
    """True or false."""
    if not isinstance(given, bool):
        raise bad_value(field, given, "must be true or false, without quotes")
    return given


def read_whole(field: Field, given: Any) -> int:
    """A whole number within the field's bounds, spelled as one."""
    is_whole = isinstance(given, int) and not isinstance(given, bool)
    if not is_whole and not (isinstance(given, Beyond) and given.is_whole):
        raise bad_value(field, given, "must be a whole number, written without quotes, point or exponent")
    if not field.low <= given <= field.high:
        raise out_of_range(field, given, _bounds(field))
    return int(given)


def read_number(field: Field, given: Any) -> float:
    """A number within the field's bounds; never not-a-number, and never -0."""
    if isinstance(given, bool) or not isinstance(given, int | float) or given != given:  # not-a-number
        raise bad_value(field, given, "must be a number, written without quotes")
    if not field.low <= given <= field.high:
        raise out_of_range(field, given, _bounds(field))
    return float(given) + 0.0  # -0.0 + 0.0 is 0.0


def read_numbers(field: Field, given: Any) -> list[float]:
    """A short array of numbers, each within the field's bounds."""
    if not isinstance(given, list):
        raise bad_value(field, given, "must be an array of numbers")
    numbers: list[float] = []
    late: Fault | None = None
    for item in given:
        try:
            numbers.append(read_number(field, item))
        except Fault as fault:
            if fault.refusal.reason is Reason.BAD_VALUE:
                raise bad_value(field, given, "must be an array of numbers, each written without quotes") from None
            late = late or fault  # a wrong kind further on would come first
    if late is not None:
        raise late
    if len(given) > MAX_MULTIPLIERS:
        raise out_of_range(field, given, f"at most {MAX_MULTIPLIERS} numbers, these are {len(given)}")
    return numbers


def _bounds(field: Field) -> str:
    return f"from {field.low} to {field.high}"


READERS: dict[Kind, Callable[[Field, Any], Any]] = {
    Kind.ID: read_id,
    Kind.TEXT: read_text,
    Kind.WORD: read_word,
    Kind.INSTANT: read_instant,
    Kind.FLAG: read_flag,
    Kind.WHOLE: read_whole,
    Kind.NUMBER: read_number,
    Kind.NUMBERS: read_numbers,
}
