"""Values of plain lines, from their bytes to typed columns, and which lines have only values that are plainly good.

What is called good here is what `game.values` takes with the same result; what is not goes to the exact reader, which
may find it good yet. Not here: where the values stand (cutting.py).
"""

import json
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.game.records import MAX_ID_CHARACTERS, MAX_MULTIPLIERS, RECORDS, Field, Kind
from pipelines.store.cutting import Cuts, Mask, Octets, Places, Quoted

_PLAIN: Final = r"[!#-\[\]-~]"  # printable ASCII but space, quote and backslash
_ID: Final = rf"^{_PLAIN}([ !#-\[\]-~]*{_PLAIN})?$"
_NUMBER: Final = r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,17})?"
_SPELLINGS: Final = {
    Kind.WHOLE: r"^(0|[1-9][0-9]{0,14})$",
    Kind.NUMBER: rf"^{_NUMBER}$",
    Kind.NUMBERS: rf"^\[({_NUMBER}(, ?{_NUMBER}){{0,{MAX_MULTIPLIERS - 1}}})?\]$",
    Kind.FLAG: "^(true|false)$",
}
_FIRST, _LAST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 10**6 for year in (2, 9999))
_IN_ORDER: Final = (  # of a submission: the first must not lie after the second
    ("submitted_at", "judged_at"),
    ("submitted_at", "at"),
    ("claimed_at", "submitted_at"),
    ("judged_at", "at"),
)


def typed(block: Quoted, cuts: Cuts, kind: str, latest: int) -> pa.Table:
    """The records of the lines that are plainly good: a column a field, and `n`, the place of the line in the block.

    `latest`: the last `at` that is not from the future, in UTC microseconds.
    """
    is_good = np.ones(len(cuts.lines), np.bool_)
    columns: dict[str, pa.Array] = {"n": pa.array(cuts.lines)}
    instants: dict[str, tuple[Places, Mask]] = {}
    for field in RECORDS[kind]:
        if field.name not in cuts.values:
            continue
        begin, length = cuts.values[field.name]
        is_there = length >= 0
        is_plain = _looks_plain(field, block, begin, length)
        texts = _texts(block, begin, np.where(is_plain, length, -1))
        columns[field.name], is_inside = _typed(field, block, texts)
        is_good &= (is_plain & is_inside) | ~is_there
        if field.kind is Kind.INSTANT:
            instants[field.name] = _micros(columns[field.name]), is_there
    is_good &= _in_time(kind, instants, latest)
    records = pa.table(columns)
    return records if is_good.all() else records.filter(pa.array(is_good))


def _texts(block: Quoted, begin: Places, length: Places) -> pa.Array:
    """The bytes of one value a line as text, null where the length is -1.

    Arrow first sees the block as texts without a gap, every other one a value, and then copies those out.
    """
    bounds = np.empty(2 * len(begin) + 1, np.int64)
    bounds[0:-1:2], bounds[1::2] = begin, begin + np.maximum(length, 0)
    bounds[-1] = bounds[-2]
    pieces = [None, pa.py_buffer(bounds), pa.py_buffer(block.text)]
    values = pa.array(np.arange(0, 2 * len(begin), 2), mask=length < 0)
    return pa.Array.from_buffers(pa.large_string(), 2 * len(begin), pieces).take(values)


def _looks_plain(field: Field, block: Quoted, begin: Places, length: Places) -> Mask:
    """What can be said of a value by some of its bytes."""
    if field.kind is Kind.ID:
        return _looks_like_an_id(block.octets, begin, length)
    if field.kind is Kind.INSTANT:
        return _looks_like_an_instant(block.octets, begin, length)
    return length >= 0


def _looks_like_an_id(octets: Octets, begin: Places, length: Places) -> Mask:
    """Not empty, not too long, no space at its ends."""
    is_sized: Mask = (length >= 1) & (length <= MAX_ID_CHARACTERS)
    is_sized &= (octets[begin] != ord(" ")) & (octets[begin + length - 1] != ord(" "))
    return is_sized


def _looks_like_an_instant(octets: Octets, begin: Places, length: Places) -> Mask:
    """Of the spellings that Arrow reads those of RFC 3339: `T` after the day, then `Z` or an offset with minutes."""
    end = begin + length
    is_utc: Mask = (octets[end - 1] == ord("Z")) & ((length == 20) | ((length >= 22) & (length <= 27)))
    if not is_utc.all():
        sign = octets[end - 6]
        is_offset = ((sign == ord("+")) | (sign == ord("-"))) & (octets[end - 3] == ord(":"))
        is_utc |= is_offset & ((length == 25) | ((length >= 27) & (length <= 32)))
    is_utc &= octets[begin + 10] == ord("T")
    return is_utc


def _typed(field: Field, block: Quoted, texts: pa.Array) -> tuple[pa.Array, Mask]:
    """The values of texts, and which of them are plainly spelled and inside the field's bounds."""
    match field.kind:
        case Kind.INSTANT:
            values = _instants(texts)
            micros = _micros(values)
            return values, _is_there(values) & (micros >= _FIRST) & (micros < _LAST)
        case Kind.WORD:
            words = pa.array(field.words, texts.type)
            return texts, pc.is_in(texts, value_set=words).to_numpy(zero_copy_only=False)
        case Kind.ID if not block.is_ascii:
            return texts, _matches(texts, _ID)
        case Kind.ID | Kind.TEXT:
            return texts, np.ones(len(texts), np.bool_)
    is_plain = _matches(texts, _SPELLINGS[field.kind])
    plain = pc.if_else(pa.array(is_plain), texts, None)
    if field.kind is Kind.FLAG:
        return pc.equal(plain, "true"), is_plain
    if field.kind is Kind.NUMBERS:
        return _lists(field, plain)
    values = plain.cast(pa.int64() if field.kind is Kind.WHOLE else pa.float64())
    bounded = values.fill_null(-1).to_numpy()
    return values, is_plain & (bounded >= field.low) & (bounded <= field.high)


def _lists(field: Field, texts: pa.Array) -> tuple[pa.Array, Mask]:
    """Arrays of numbers, and which of them hold nothing out of bounds."""
    lists = json.loads(f"[{','.join(text or 'null' for text in texts.to_pylist())}]")
    is_inside = [found is not None and all(field.low <= x <= field.high for x in found) for found in lists]
    return pa.array(lists, pa.list_(pa.float64())), np.array(is_inside, np.bool_)


def _instants(texts: pa.Array) -> pa.Array:
    """Naive UTC; null where there is no such day or hour.

    Arrow refuses a column for one bad value: then its halves are tried, down to that value.
    """
    try:
        return texts.cast(pa.timestamp("us", "UTC")).view(pa.timestamp("us"))
    except pa.ArrowInvalid:
        if len(texts) == 1:
            return pa.nulls(1, pa.timestamp("us"))
        half = len(texts) // 2
        return pa.concat_arrays([_instants(texts[:half]), _instants(texts[half:])])


def _micros(instants: pa.Array) -> Places:
    """Microseconds since 1970; null as any number."""
    return np.asarray(instants.view(pa.int64()).fill_null(0).to_numpy())


def _is_there(values: pa.Array) -> Mask:
    return np.asarray(values.is_valid().to_numpy(zero_copy_only=False))


def _matches(texts: pa.Array, pattern: str) -> Mask:
    """Which texts match; absent ones do not."""
    matches = pc.match_substring_regex(texts, pattern).fill_null(False)
    return np.asarray(matches.to_numpy(zero_copy_only=False))


def _in_time(kind: str, instants: dict[str, tuple[Places, Mask]], latest: int) -> Mask:
    """SPEC section 2: no time travel, and not from the future."""
    at, _ = instants["at"]
    is_good: Mask = at <= latest
    for early, late in _IN_ORDER if kind == "submission" else ():
        if early in instants and late in instants:
            (before, is_early), (after, is_late) = instants[early], instants[late]
            is_good &= (before <= after) | ~(is_early & is_late)
    return is_good
