"""Rows of a Parquet file as lines: each becomes the JSON text of a record, to be checked like any other line.

Here: reading in bounded memory, and how Parquet's own types are spelled in JSON: instants with a zone as RFC 3339 in
UTC, those without one without an offset (so that they are refused), decimals as numbers, texts as texts. Not here: the
checks (game/events.py), CSV (`tables.py`).
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.game.records import MAX_LINE_BYTES, Reason
from pipelines.sources.lines import SourceUnreadable
from pipelines.sources.tables import TableRow, column_names, json_text

_ROWS: Final = 8192
_SLICE_BYTES: Final = 32 << 20  # of text that stands in memory as Python's at once
_CHUNK_BYTES: Final = 1 << 30  # of one column in one row group: Arrow may need all of it at once

Tokens = list[str | None]


def parquet_lines(path: Path, rename: Mapping[str, str]) -> Iterator[TableRow]:
    """The rows of a Parquet file, in bounded memory. Raises SourceUnreadable, perhaps after some rows."""
    try:
        # Texts stay coded by their dictionaries until they are sliced: one long text may stand in every row.
        texts = [f.name for f in pq.read_schema(path) if _is_text(f.type)]
        with pq.ParquetFile(
            path, read_dictionary=texts, pre_buffer=False, buffer_size=1 << 20, page_checksum_verification=True
        ) as file:
            _check_size(path, file.metadata)
            names = column_names(path, file.schema_arrow.names, rename)
            number = 1
            for batch in file.iter_batches(batch_size=_ROWS, use_threads=False):
                for part in _slices(batch):
                    yield from _rows(part, names, number)
                    number += len(part)
    except (pa.ArrowException, OSError, ValueError) as fault:
        first = (str(fault).splitlines() or ["it is broken"])[0].rstrip(".")
        raise SourceUnreadable(f"{path} cannot be read as Parquet: {first}. Nothing of it was taken.") from None


def _check_size(path: Path, metadata: pq.FileMetaData) -> None:
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(column)
            if chunk.total_uncompressed_size > _CHUNK_BYTES:
                raise SourceUnreadable(
                    f"{path}: column `{chunk.path_in_schema}` has {chunk.total_uncompressed_size} bytes in one row "
                    f"group; at most {_CHUNK_BYTES} are read. Write smaller row groups. Nothing of it was taken."
                )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_binary(kind))


def _slices(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Parts of a batch with texts of bounded size; a row that alone is over the limit is a part of its own."""
    sizes = np.zeros(len(batch), np.int64)
    for column in batch.columns:
        if pa.types.is_dictionary(column.type) and _is_text(column.type.value_type):
            lengths = pc.binary_length(column.dictionary)
            taken = pc.fill_null(pc.take(lengths, column.indices), 0)
            sizes += taken.to_numpy(zero_copy_only=False).astype(np.int64)
    if sizes.sum() <= _SLICE_BYTES:
        yield batch
        return
    first, held = 0, 0
    for at, size in enumerate(sizes.tolist()):
        if at > first and held + size > _SLICE_BYTES:
            yield batch.slice(first, at - first)
            first, held = at, 0
        held += size
    yield batch.slice(first)


def _rows(batch: pa.RecordBatch, names: list[str], number: int) -> Iterator[TableRow]:
    columns = [(f"{json_text(name)}:", _tokens(column)) for name, column in zip(names, batch.columns, strict=True)]
    for at in range(len(batch)):
        pairs = [key + token for key, tokens in columns if (token := tokens[at]) is not None]
        text = "{" + ",".join(pairs) + "}"
        if text.isascii() or not _has_half(text):
            if len(text) <= MAX_LINE_BYTES:
                yield TableRow(number + at, None, text, text)
            else:
                sentence = f"The row has {len(text)} characters; at most {MAX_LINE_BYTES} bytes are read."
                yield TableRow(number + at, None, text[:4096], None, sentence, Reason.OVERSIZED)
        else:
            raw = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            sentence = "The row is not UTF-8: a text of it holds bytes that are no character."
            yield TableRow(number + at, None, raw[:MAX_LINE_BYTES], None, sentence, Reason.NOT_JSON)


def _has_half(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _tokens(column: pa.Array) -> Tokens:
    """The JSON token of each cell of a column, None for null."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        if _is_text(kind.value_type):
            return _coded(column)
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_timestamp(kind):
        return _instants(column)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column = column.cast(pa.large_binary())  # bytes first: they may be no UTF-8
    return [None if cell is None else _spelled(cell) for cell in column.to_pylist()]


def _coded(column: pa.DictionaryArray) -> Tokens:
    """As `_tokens`, of texts that are coded by a dictionary: only those that are there are spelled, and once."""
    known: dict[int, str] = {}
    tokens: Tokens = []
    for code in column.indices.to_pylist():
        if code is not None and code not in known:
            known[code] = _spelled(column.dictionary[code].cast(pa.binary()).as_py())
        tokens.append(None if code is None else known[code])
    return tokens


def _instants(column: pa.Array) -> Tokens:
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[column.type.unit]
    ticks = column.cast(pa.int64()).to_pylist()
    zone = "" if column.type.tz is None else "Z"
    return [None if tick is None else _instant(tick, per_second, zone) for tick in ticks]


def _instant(tick: int, per_second: int, zone: str) -> str:
    second, part = divmod(tick, per_second)
    micro = part * 10**6 // per_second  # more than six digits are cut, as in text
    try:
        text = str(np.datetime64(second * 10**6 + micro, "us"))
    except OverflowError:
        text = f"{second} s"
    return f'"{text}{zone}"'


def _spelled(cell: object) -> str:
    """A cell as JSON; NaN and Infinity as such, so that they are refused."""
    return json.dumps(cell, ensure_ascii=False, default=_as_json)


def _as_json(cell: object) -> object:
    if isinstance(cell, Decimal):
        return int(cell) if cell == cell.to_integral_value() and cell.as_tuple().exponent == 0 else float(cell)
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "surrogateescape")
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)
