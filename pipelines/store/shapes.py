"""Shapes of lines, learned from some of them: which keys in which order, with which signs between.

A shape is a guess that pays off where many lines are written by one program; a wrong one costs time and nothing else.
Not here: which lines are of a shape (cutting.py).
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pipelines.game.records import RECORDS
from pipelines.store.cutting import Shape

N_SAMPLES: Final = 64
_COLON: Final = re.compile(rb'\{"[a-z_]+"(: ?)')
_COMMA: Final = re.compile(rb'(, ?)"[a-z_]+": ?')
_KNOWN: Final = {kind: {"type", *(field.name for field in fields)} for kind, fields in RECORDS.items()}
_NEEDED: Final = {kind: {"type", *(f.name for f in fields if f.required)} for kind, fields in RECORDS.items()}

_Signs = tuple[str, bytes, bytes, bytes]  # type, colon, comma, end


def shape_of(lines: Sequence[bytes]) -> Shape | None:
    """The shape of most of the lines, or None. Keys that some of them lack have a place in it too."""
    seen = [(signs, keys) for line in lines if (spelled := _spelling(line)) for signs, keys in [spelled]]
    if not seen:
        return None
    most, _ = Counter(signs for signs, _ in seen).most_common(1)[0]
    kind, colon, comma, end = most
    return Shape(kind, tuple(_merged(keys for signs, keys in seen if signs == most)), colon, comma, end)


def _spelling(line: bytes) -> tuple[_Signs, list[str]] | None:
    """The signs and the keys of a line, if it is a record of known fields and lacks none."""
    colon, comma = _COLON.match(line), _COMMA.search(line)
    try:
        fields: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if colon is None or comma is None or not isinstance(fields, dict):
        return None
    kind = fields.get("type")
    if not isinstance(kind, str) or kind not in _KNOWN:
        return None
    if not _NEEDED[kind] <= fields.keys() <= _KNOWN[kind]:
        return None
    end = b"}\r\n" if line.endswith(b"\r\n") else b"}\n"
    return (kind, colon[1], comma[1], end), list(fields)


def _merged(orders: Iterable[list[str]]) -> list[str]:
    """One order that holds all keys: each that is new goes behind the one it follows."""
    merged: list[str] = []
    for keys in orders:
        place = 0
        for key in keys:
            if key not in merged:
                merged.insert(place, key)
            place = merged.index(key) + 1
    return merged
