"""Why a line is not taken: the reason, and a sentence for a person.

Here: the refusal, the exception that carries it out of a check, and how a value is shown in a sentence. Not here: the
rules that are broken (`strict_json.py`, `values.py`, `events.py`).
"""

import json
from dataclasses import dataclass

from pipelines.game.records import MAX_LINE_BYTES, Field, Reason

_SHOWN = 60
_PLACES = {reason: place for place, reason in enumerate(Reason)}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a line is not taken: the first fault in the order of `Reason`, and a sentence for a person."""

    reason: Reason
    sentence: str

    @property
    def place(self) -> int:
        """Where its reason stands in the order in which faults are looked for."""
        return _PLACES[self.reason]


class Fault(Exception):
    """Raised where a fault is found; carries the refusal. It never leaves the checks."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.refusal = Refusal(reason, sentence)


class Beyond(float):
    """A JSON number that no double or 64-bit integer holds: infinite in value, but its spelling is kept."""

    __slots__ = ("token",)
    token: str

    def __new__(cls, token: str) -> "Beyond":
        """Make it from the number's spelling, which must be JSON's."""
        self = super().__new__(cls, "-inf" if token.startswith("-") else "inf")
        self.token = token
        return self

    @property
    def is_whole(self) -> bool:
        """Whether it is spelled as a whole number: without point and exponent."""
        return self.token.removeprefix("-").isdigit()


def bad_value(field: Field, given: object, rule: str) -> Fault:
    """The field's value is of the wrong kind. `rule` goes on after "it"."""
    return Fault(Reason.BAD_VALUE, f"`{field.name}` is {shown(given)}; it {rule}.")


def out_of_range(field: Field, given: object, rule: str) -> Fault:
    """The field's value is of the right kind, but too small, large or long. `rule` goes on after "allowed is"."""
    return Fault(Reason.OUT_OF_RANGE, f"`{field.name}` is {shown(given)}; allowed is {rule}.")


def too_long(what: str, n_bytes: int) -> str:
    """The sentence about a line or a row that is over the limit."""
    return f"The {what} has {n_bytes} bytes; at most {MAX_LINE_BYTES} are read."


def shown(value: object) -> str:
    """A value as it may stand in a sentence: as JSON, shortened, with what cannot be seen escaped."""
    if isinstance(value, Beyond):
        text = value.token
    else:
        try:
            text = json.dumps(value, ensure_ascii=False, default=str)
        except (ValueError, TypeError, RecursionError):  # only what is no JSON has no spelling
            text = f"a value of type {type(value).__name__}"
    text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
