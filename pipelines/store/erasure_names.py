r"""An owner's id, looked for in texts: as a whole word, in whatever spelling a log may have given it.

A word ends where a letter or digit ends; `ada` stands in `ada-s1`, `/home/ada/x` and `ada's`, not in `Canada`. Letters
may be written as JSON escapes (`\u0061da`) and decomposed (NFD). Ids of one or two characters would be found
everywhere: they count where they are the whole text, a part of a path, or a JSON string. Not here: which texts are
looked at (erasure_tables.py, erasure_lines.py).
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from mmap import mmap

REMOVED = "<removed>"
MAX_CHANCE = 1e-3  # that bytes of a file look like an id by accident: beyond it they are not searched
_SHORT = 3
_ID_FIELDS = "user_id|owner_id"
_JSON_ESCAPES = {'"': r"\\\"", "\\": r"\\\\", "/": r"\\/"}
_ESCAPES = re.compile(rb"\\u[0-9a-fA-F]{4}|\\[/\"\\]")
_BEGIN, _END = rb"(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt]))", rb"(?![0-9A-Za-z])"  # of a word in bytes


@dataclass(frozen=True)
class Name:
    """The id of an owner, to be looked for. Patterns for DuckDB are in RE2's syntax."""

    owner_id: str

    @property
    def is_short(self) -> bool:
        """Whether it is too short to be looked for as a word."""
        return len(self.owner_id) < _SHORT

    @cached_property
    def in_sql(self) -> str:
        """Finds the id in a text, to be used without regard to case; the groups 1 and 2 stand before and behind it."""
        return self._bounded(_core(self.owner_id, _in_re2, any_case=True))

    @cached_property
    def exactly_in_sql(self) -> str:
        """Finds the very id; of a short one only the whole text."""
        if self.is_short:
            return f"^{_core(self.owner_id, _in_re2)}$"
        return self._bounded(_core(self.owner_id, _in_re2))

    @cached_property
    def as_id_in_sql(self) -> str:
        """Finds a JSON field that says whose a record is, with this id."""
        return rf'"(?:{_ID_FIELDS})"\s*:\s*"\s*{_core(self.owner_id, _in_re2)}\s*"'

    def is_in(self, text: str) -> bool:
        """Whether a text, free of escapes, holds the id, without regard to case."""
        return self._word.search(unicodedata.normalize("NFC", text)) is not None

    def is_whole_in(self, text: str) -> bool:
        """Whether a text of ours holds the very id, and not only a part of another such as `ada-2`."""
        if self.is_short:
            return self.is_in(text)
        return re.search(rf"(?<![\w.-]){re.escape(self.owner_id)}(?![\w-])(?!\.\w)", text) is not None

    def is_in_bytes(self, data: bytes | mmap) -> bool:
        """Whether bytes hold the very id, in UTF-8 or as JSON writes it."""
        forms = {unicodedata.normalize(form, self.owner_id).encode() for form in ("NFC", "NFD")}
        if any(
            self._bytes.search(data, max(at - 2, 0), at + len(form) + 1) for form in forms for at in _all(data, form)
        ):
            return True
        return _ESCAPES.search(data) is not None and self._bytes.search(data) is not None

    def may_be_chance(self, n_bytes: int) -> bool:
        """Whether so many bytes that mean something else might hold the id by accident."""
        return self.is_short or n_bytes * 256.0 ** -len(self.owner_id.encode()) > MAX_CHANCE

    def _bounded(self, core: str) -> str:
        if self.is_short:
            return rf'(^|["/\\]){core}($|["/\\])'
        before = r"(^|[^\p{L}\p{N}]|\\[bfnrt]|\\u[0-9a-fA-F]{4})" if _is_wordy(self.owner_id[0]) else "()"
        return before + core + (r"($|[^\p{L}\p{N}])" if _is_wordy(self.owner_id[-1]) else "()")

    @cached_property
    def _word(self) -> re.Pattern[str]:
        core = re.escape(self.owner_id)
        if self.is_short:
            return re.compile(rf'(?:^|(?<=["/\\])){core}(?:$|(?=["/\\]))', re.IGNORECASE)
        before = r"(?<![^\W_])" if _is_wordy(self.owner_id[0]) else ""
        return re.compile(before + core + (r"(?![^\W_])" if _is_wordy(self.owner_id[-1]) else ""), re.IGNORECASE)

    @cached_property
    def _bytes(self) -> re.Pattern[bytes]:
        core = _core(self.owner_id, _in_utf8)
        return re.compile(_BEGIN + f"(?:{core})".encode("latin-1") + _END)


def _all(data: bytes | mmap, form: bytes) -> Iterator[int]:
    """Where bytes hold others: quicker by far than a pattern."""
    at = data.find(form)
    while at >= 0:
        yield at
        at = data.find(form, at + 1)


def _core(owner_id: str, literal: Callable[[str], str], *, any_case: bool = False) -> str:
    """The id character by character, or decomposed as a whole, which may change the order of marks."""
    mixed = "".join(_written(char, literal, any_case=any_case) for char in owner_id)
    decomposed = unicodedata.normalize("NFD", owner_id)
    if decomposed == owner_id:
        return f"(?:{mixed})"
    return f"(?:{mixed}|{''.join(_unit(unit, literal) for unit in decomposed)})"


def _written(char: str, literal: Callable[[str], str], *, any_case: bool) -> str:
    """All ways in which a text may hold a character: as it is, decomposed, and as an escape."""
    cases = {char, char.lower(), char.upper()} if any_case else {char}
    forms = {unicodedata.normalize(form, case) for case in cases for form in ("NFC", "NFD")}
    return "(?:" + "|".join("".join(_unit(unit, literal) for unit in form) for form in sorted(forms)) + ")"


def _unit(char: str, literal: Callable[[str], str]) -> str:
    encoded = char.encode("utf-16-be")
    units = [encoded[at : at + 2].hex() for at in range(0, len(encoded), 2)]
    escape = "".join(rf"\\u{''.join(f'[{d}{d.upper()}]' for d in unit)}" for unit in units)
    short = f"|{_JSON_ESCAPES[char]}" if char in _JSON_ESCAPES else ""
    return f"(?:{literal(char)}|{escape}{short})"


def _in_re2(char: str) -> str:
    return rf"\x{{{ord(char):x}}}"


def _in_utf8(char: str) -> str:
    return "".join(rf"\x{byte:02x}" for byte in char.encode())


def _is_wordy(char: str) -> bool:
    return unicodedata.category(char)[0] in "LN"
