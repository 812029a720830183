"""One line of JSON, strictly read (RFC 8259, I-JSON's rules on keys and characters): an object, or a refusal.

Here: size, UTF-8, JSON's grammar, duplicate keys, and the canonical spelling of values that are kept as JSON. Stricter
than Python's reader: no NaN or Infinity, no half surrogates, no key twice, a fixed depth. Numbers of any length are
read. Not here: what the fields mean (`events.py`).
"""

import json
import re
from typing import Any, NoReturn

from pipelines.game.records import MAX_LINE_BYTES, Reason
from pipelines.game.refusals import Beyond, Fault, Refusal, shown, too_long

# A limit of our own: the parser's would depend on how deep the caller itself stands.
MAX_DEPTH = 500
_LONGEST_WHOLE = 19  # digits and sign that surely fit 64 bits
_SPACE = " \t\r\n"
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
# Possessive, so that no line is read twice however its quotes lie.
_NESTING = re.compile(r'"(?:[^"\\]++|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)
_HALF_SENTENCE = "The line holds half of a surrogate pair, which is no character."
_DEEP_SENTENCE = f"The line is nested too deeply; at most {MAX_DEPTH} levels are read."


class _DuplicateKey(ValueError):
    """A key stands twice in one object."""


class _NoNumber(ValueError):
    """NaN or Infinity, which Python would read."""


def parse_json(line: str | bytes) -> dict[str, Any] | Refusal:
    """The object that a line holds. Never raises."""
    try:
        return parse(line)
    except Fault as fault:
        return fault.refusal


def parse(line: str | bytes) -> dict[str, Any]:
    """The object that a line holds. Raises Fault: oversized, not_json, not_an_object, duplicate_key, in this order.

    Whole numbers of up to 19 characters are int, others with a finite double float, all other numbers `Beyond`.
    """
    text = _text(line)
    _check_depth(text)
    try:
        value = _decode(_DECODER, text)
    except _DuplicateKey as fault:
        # The rest of the line may hold a fault that comes first: read it again, keeping every pair.
        _check_characters(text, _decode(_PAIRS_DECODER, text))
        if not text.lstrip(_SPACE).startswith("{"):
            raise Fault(Reason.NOT_AN_OBJECT, "The line holds an array, not an object.") from None
        raise Fault(
            Reason.DUPLICATE_KEY, f"The key {shown(fault.args[0])} stands twice in one object; which counts is unclear."
        ) from None
    _check_characters(text, value)
    if not isinstance(value, dict):
        raise Fault(Reason.NOT_AN_OBJECT, f"The line holds {_a_kind(value)}, not an object.")
    return value


def canonical(value: Any) -> str:
    """A JSON value's one spelling: sorted keys, no spaces, characters as themselves.

    Raises ValueError or TypeError for what is no JSON value, which `parse` never gives.
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except ValueError:
        return _spelled(value)


def _text(line: str | bytes) -> str:
    size = len(line)
    if isinstance(line, str):
        try:
            size = len(line.encode())
        except UnicodeEncodeError:
            size = len(line.encode("utf-8", "surrogatepass"))
            if size <= MAX_LINE_BYTES:
                raise Fault(Reason.NOT_JSON, _HALF_SENTENCE) from None
    if size > MAX_LINE_BYTES:
        size -= line[-1:] in ("\n", b"\n")  # the line's end is not the line
        if size > MAX_LINE_BYTES:
            raise Fault(Reason.OVERSIZED, too_long("line", size))
    if isinstance(line, str):
        return line
    try:
        return line.decode()
    except UnicodeDecodeError as fault:
        sentence = f"The line is not UTF-8: byte {fault.start + 1} (0x{line[fault.start]:02x}) is no character."
        raise Fault(Reason.NOT_JSON, sentence) from None


def _check_depth(text: str) -> None:
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return
    depth = 0
    for token in _NESTING.finditer(text):
        if token[1]:
            depth += 1
            if depth > MAX_DEPTH:
                raise Fault(Reason.NOT_JSON, _DEEP_SENTENCE)
        elif token[2]:
            depth -= 1


def _check_characters(text: str, value: object) -> None:
    """An escape may spell half a surrogate pair, which is no character and cannot be stored."""
    if "\\u" in text and _HALF.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise Fault(Reason.NOT_JSON, _HALF_SENTENCE) from None


def _decode(decoder: json.JSONDecoder, text: str) -> Any:
    try:
        return decoder.decode(text)
    except _NoNumber as fault:
        raise Fault(Reason.NOT_JSON, f"The line is not JSON: {fault} is no number there; leave it out.") from None
    except json.JSONDecodeError as fault:
        what = fault.msg[:1].lower() + fault.msg[1:]
        raise Fault(Reason.NOT_JSON, f"The line is not JSON: {what}, at character {fault.pos + 1}.") from None
    except RecursionError:
        raise Fault(Reason.NOT_JSON, _DEEP_SENTENCE) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateKey(key)
            seen.add(key)
    return found


def _whole(token: str) -> int | Beyond:
    return int(token) if len(token) <= _LONGEST_WHOLE else Beyond(token)


def _fraction(token: str) -> float:
    number = float(token)
    return number if -float("inf") < number < float("inf") else Beyond(token)


def _no_number(word: str) -> NoReturn:
    raise _NoNumber(word)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_whole, parse_float=_fraction, parse_constant=_no_number
)
_PAIRS_DECODER = json.JSONDecoder(object_pairs_hook=list, parse_constant=_no_number, parse_int=_whole)


def _spelled(value: Any) -> str:
    """As `canonical`, for values that hold numbers which Python cannot spell."""
    if isinstance(value, Beyond):
        return value.token
    parts: list[str] = []
    if isinstance(value, dict):
        for key in sorted(value):
            parts.append(f"{json.dumps(key, ensure_ascii=False)}:{_spelled(value[key])}")  # noqa: PERF401 - one frame a level
        return "{" + ",".join(parts) + "}"
    if isinstance(value, list | tuple):
        for item in value:
            parts.append(_spelled(item))  # noqa: PERF401 - one frame a level
        return "[" + ",".join(parts) + "]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _a_kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "a text" if isinstance(value, str) else "an array" if isinstance(value, list) else "a number"
