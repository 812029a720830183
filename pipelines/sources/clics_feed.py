"""Lines of a CLICS contest feed -> versions of feed objects: what one line says, whatever its dialect.

Here: the three dialects. `op` (an event id, create/update/delete, the object in `data`), token and upsert
(`data: null` deletes, `id: null` speaks of the whole collection), and blank keep-alive lines, which are
blank. Not here: what the objects mean (`clics.py`), where they are kept (`store/feeds.py`), files.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from pipelines.game.events import Refusal, parse_json
from pipelines.game.records import Reason

# The object types that records are made of. The text of all others (persons, accounts, clarifications,
# runs...) is not kept: nothing needs it, and some of it is personal.
NEEDED: Final = frozenset({"contest", "groups", "teams", "problems", "judgement-types", "submissions", "judgements"})
_OPS: Final = ("create", "update", "delete")
_TRAILING_DIGITS: Final = re.compile(r"[0-9]+\Z")
# Older servers name the singleton like a collection.
_TYPE_NAMES: Final = {"contests": "contest"}


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One understood line: a version of an object, or of a whole collection (`id` is None).

    `token` is the line's token (`op` dialect: the event id), `prefix` the token without its trailing digits,
    `seq` those digits (None without any). `data` is None for a deletion. `digest` is the same for lines that say
    the same of one object at one token, however they are spelt.
    """

    type: str
    id: str | None
    token: str | None
    prefix: str
    seq: int | None
    data: dict[str, object] | list[object] | None
    digest: str = field(default="", compare=False)

    @property
    def contest_ids(self) -> tuple[str, ...]:
        """The contests that the line names: it is their `contest` object."""
        if self.type != "contest":
            return ()
        if self.id is not None:
            return (self.id,)
        return tuple(id_ for id_, _ in members(self.data))


@dataclass(frozen=True, slots=True)
class FeedVersion:
    """A stored version of an object or of a collection, with its place in the feed and its line in a file."""

    type: str
    id: str | None
    data: dict[str, object] | list[object] | None
    seq: int
    file: int
    line: int


@dataclass(frozen=True, slots=True)
class FeedObject:
    """An object as its newest version has it (None: it was deleted), and the line that said so."""

    id: str
    data: dict[str, object] | None
    file: int
    line: int


def key_of(value: object) -> str | None:
    """An id or a reference as text: CLICS writes strings, older servers whole numbers; else None."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def members(data: object) -> list[tuple[str, dict[str, object]]]:
    """The objects of a collection with their ids, in order; what is no object with an id is left out."""
    found: list[tuple[str, dict[str, object]]] = []
    for item in data if isinstance(data, list) else ():
        id_ = key_of(item.get("id")) if isinstance(item, dict) else None
        if id_ is not None:
            found.append((id_, item))
    return found


def read_line(text: str | bytes) -> FeedLine | Refusal:
    """One line of a feed, which is not blank, understood or refused with the first fault found."""
    fields = parse_json(text)
    if isinstance(fields, Refusal):
        return fields
    type_ = fields.get("type")
    if not isinstance(type_, str) or not type_:
        return Refusal(Reason.UNKNOWN_TYPE, "The line has no `type`, which would name the object it speaks of.")
    type_ = _TYPE_NAMES.get(type_, type_)
    if "op" in fields:
        return _read_op(type_, fields)
    return _read_token(type_, fields)


def _read_op(type_: str, fields: dict[str, object]) -> FeedLine | Refusal:
    op, data, event = fields.get("op"), fields.get("data"), key_of(fields.get("id"))
    if op not in _OPS:
        return Refusal(Reason.BAD_VALUE, f"`op` is {_short(op)}; it must be create, update or delete.")
    if data is None:
        return Refusal(Reason.MISSING_FIELD, f"The {type_} line has no `data`, which would say what to {op}.")
    if not isinstance(data, dict):
        return Refusal(Reason.BAD_VALUE, f"`data` is {_short(data)}; with `op` it must be an object.")
    if type_ in NEEDED and key_of(data.get("id")) is None:  # a deletion without an id would mean the collection
        return Refusal(Reason.BAD_VALUE, f"The {type_} object has no `id`.")
    return _line(type_, key_of(data.get("id")), event, None if op == "delete" else data)


def _read_token(type_: str, fields: dict[str, object]) -> FeedLine | Refusal:
    id_, token, data = fields.get("id"), fields.get("token"), fields.get("data")
    if "data" not in fields:
        return Refusal(
            Reason.MISSING_FIELD,
            f"The {type_} line has no `data`: fetch the feed with its data, or it says nothing.",
        )
    if data is not None and not isinstance(data, dict | list):
        return Refusal(Reason.BAD_VALUE, f"`data` is {_short(data)}; it must be an object, an array or null.")
    if (id_ is not None and key_of(id_) is None) or (token is not None and key_of(token) is None):
        return Refusal(Reason.BAD_VALUE, f"`id` is {_short(id_)} and `token` {_short(token)}; both must be strings.")
    if id_ is not None and isinstance(data, list):
        return Refusal(Reason.BAD_VALUE, f"`data` is an array, but `id` names one object, {_short(id_)}.")
    known = key_of(data.get("id")) if id_ is None and isinstance(data, dict) else key_of(id_)
    return _line(type_, known, key_of(token), data)


def _line(
    type_: str, id_: str | None, token: str | None, data: dict[str, object] | list[object] | None
) -> FeedLine | Refusal:
    """The line, once its dialect is forgotten; an object that records are made of must have an id."""
    if type_ in NEEDED:
        if isinstance(data, list) and len(members(data)) < len(data):
            return Refusal(Reason.BAD_VALUE, f"An element of the {type_} is not an object with an `id`.")
        if isinstance(data, dict) and id_ is None:
            return Refusal(Reason.BAD_VALUE, f"The {type_} object has no `id`.")
    digits = _TRAILING_DIGITS.search(token or "")
    # Beyond 18 digits it is not a counter, and would not fit the column it is kept in.
    seq = int(digits[0]) if digits and len(digits[0]) <= 18 else None
    try:
        said = json.dumps([type_, id_, token, data], sort_keys=True, separators=(",", ":"))
    except RecursionError:
        return Refusal(Reason.NOT_JSON, "The line is nested too deeply to be read.")
    digest = hashlib.md5(said.encode(), usedforsecurity=False).hexdigest()
    return FeedLine(type_, id_, token, _TRAILING_DIGITS.sub("", token or ""), seq, data, digest)


def current_objects(versions: Iterable[FeedVersion]) -> dict[str, dict[str, FeedObject]]:
    """The objects of one contest by type and id, as their newest versions have them, deleted ones as such.

    Newest: the greatest (seq, file, line). The order in which the versions are given does not matter.
    """
    objects: dict[str, dict[str, FeedObject]] = {}
    for version in sorted(versions, key=lambda v: (v.seq, v.file, v.line)):
        of_type = objects.setdefault(version.type, {})
        if version.id is None:
            named = members(version.data)
            gone = {id_: FeedObject(id_, None, version.file, version.line) for id_ in of_type}
            here = {id_: FeedObject(id_, data, version.file, version.line) for id_, data in named}
            objects[version.type] = gone | here
        else:
            data = version.data if isinstance(version.data, dict) else None
            of_type[version.id] = FeedObject(version.id, data, version.file, version.line)
    return objects


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:37] + "..."
