"""Cutting plain lines: where the values of many lines stand, if the lines are spelled in a known shape.

A line is of a shape if it is, byte for byte, `{`, some of the shape's keys in the shape's order, each once and with its
value, `}` and the line's end. Everything but the values is compared; a text reaches to the very next quote, a bare
value to where the next key or the end of the line begins. So nothing of such a line is unknown but what stands in its
values, and no parser's laxness matters. Not here: what shapes there are (shapes.py), whether a value is good
(plain_values.py), lines with escapes or control characters (they are never cut: `Quoted.plain_lines`).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.game.records import RECORDS, Kind

Places = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

_QUOTED: Final = (Kind.ID, Kind.TEXT, Kind.WORD, Kind.INSTANT)
# Looking ahead from the last line stays inside: there are quotes, and more bytes than the longest key has.
_PADDING: Final = b'"' * 8 + bytes(120)
_NEWLINE, _RETURN, _SPACE, _QUOTE, _BACKSLASH = b'\n\r "\\'


@dataclass(frozen=True, slots=True)
class Shape:
    """How lines of one type are spelled: their keys in order (`type` is one), and the signs between."""

    kind: str
    keys: tuple[str, ...]
    colon: bytes
    comma: bytes
    end: bytes


@dataclass(frozen=True, slots=True)
class Cuts:
    """The lines of a block that are of a shape, and per key where the value begins and its length, -1 if absent."""

    lines: Places
    values: dict[str, tuple[Places, Places]]


class Quoted:
    """A block of lines with the places of its quotes."""

    def __init__(self, text: bytes, starts: Places, ends: Places) -> None:
        """`starts` and `ends` of the lines in `text`; each line but perhaps the last ends with its newline."""
        self.starts, self.ends, self.n_bytes = starts, ends, len(text)
        self.text = text + _PADDING
        self.octets = np.frombuffer(self.text, np.uint8)
        self._quotes = np.flatnonzero(self.octets == _QUOTE)
        self._first_quotes = np.searchsorted(self._quotes, starts)
        self._words: npt.NDArray[np.uint64] = np.ndarray((len(self.text) - 7,), "<u8", self.text, strides=(1,))
        self._has_null = b"null" in text
        self.is_ascii = text.isascii() and b"\x7f" not in text

    @cached_property
    def plain_lines(self) -> Places:
        """The lines without a backslash, without control characters, and in UTF-8."""
        octets = self.octets[: self.n_bytes]
        is_odd = octets < _SPACE
        n_ends = np.count_nonzero(octets[self.ends - 1] == _NEWLINE)
        if self._is_utf8 and np.count_nonzero(is_odd) == n_ends and b"\\" not in self.text:
            return np.arange(len(self.starts))
        is_odd[self.ends - 1] = False
        is_odd[np.maximum(self.ends - 2, 0)] &= octets[np.maximum(self.ends - 2, 0)] != _RETURN
        is_odd |= octets == _BACKSLASH
        if not self._is_utf8:
            is_odd |= octets > 0x7E
        odd_lines = np.searchsorted(self.ends, np.flatnonzero(is_odd), side="right")
        return np.setdiff1d(np.arange(len(self.starts)), odd_lines)

    @cached_property
    def _is_utf8(self) -> bool:
        try:
            return self.is_ascii or bool(self.text.decode())
        except UnicodeDecodeError:
            return False

    def cut(self, lines: Places, shape: Shape) -> Cuts:
        """Those of the lines that are of the shape; the lines must be plain.

        All lines are gone through in step, key by key: `at` is where each is looked at, `quote` the number of the first
        quote from there on. A key that stands there takes both past its value, one that does not leaves them.
        """
        at, quote, line_ends = self.starts[lines], self._first_quotes[lines], self.ends[lines]
        fields = {field.name: field for field in RECORDS[shape.kind]}
        values: dict[str, tuple[Places, Places]] = {}
        needed = {"type", *(field.name for field in RECORDS[shape.kind] if field.required)}
        is_of_shape = np.full(len(lines), needed <= set(shape.keys))
        sign = b"{"
        for key in shape.keys:
            name = sign + f'"{key}"'.encode() + shape.colon
            sign = shape.comma
            if key == "type":
                name += f'"{shape.kind}"'.encode()
                is_here = self._stands(at, name)
                is_of_shape &= is_here
                at, quote = at + len(name) * is_here, quote + 4 * is_here
                continue
            is_quoted = fields[key].kind in _QUOTED
            is_null = self._stands(at, name + b"null") if self._has_null else np.zeros(len(lines), np.bool_)
            begin = at + len(name) + is_quoted
            if is_quoted:
                end = self._quotes[quote + 3]
            else:
                following = self._quotes[quote + 2]
                end = np.where(following < line_ends, following - len(shape.comma), line_ends - len(shape.end))
            is_here = self._stands(at, name + b'"' * is_quoted) & ~is_null & (end >= begin)
            values[key] = begin, np.where(is_here, end - begin, -1)
            if fields[key].required:
                is_of_shape &= is_here
            quote = quote + np.where(is_here, 4 if is_quoted else 2, 2 * is_null)
            at = np.where(is_here, end + is_quoted, at + np.where(is_null, len(name) + 4, 0))
        is_of_shape &= self._stands(at, shape.end) & (at + len(shape.end) == line_ends)
        taken = np.flatnonzero(is_of_shape)
        return Cuts(lines[taken], {key: (begin[taken], length[taken]) for key, (begin, length) in values.items()})

    def _stands(self, at: Places, sign: bytes) -> Mask:
        """Whether these very bytes stand at each place. Eight are compared at a time, the rest under a mask."""
        is_there = np.ones(len(at), np.bool_)
        for first in range(0, len(sign), 8):
            piece = sign[first : first + 8]
            words, wanted = self._words[at + first], np.uint64(int.from_bytes(piece, "little"))
            if len(piece) < 8:
                words &= np.uint64((1 << 8 * len(piece)) - 1)
            is_there &= words == wanted
        return is_there
