"""`<home>/changes.jsonl`: every change of every generation, one JSON object a line, for others to follow.

The file is only ever appended to, under the run lock, after a generation was made current. A run that is killed between
the two, or in the middle of a line, leaves the feed behind: the next run catches up before it makes another generation
current. How far it is says its last line; no more of it is read. Not here: what changed (game/changes/).
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from pipelines.store.durable import disk_faults, sync
from pipelines.store.generation import DamagedGeneration, Generation, NoGeneration

FILE = "changes.jsonl"
TABLE = "changes"
COMPARED_WITH = "compared_with"  # in the manifest: the generation before, or null
Wanted = Callable[[str, str], bool]
_MARKS = ("generation", "as_of", "change_id", "changed_at")  # what a line of ours has
_CHUNK = 1 << 16
_ROWS = 10_000


def catch_up(home: Path) -> int:
    """Append those changes of the current generation that the feed does not have; gives back how many.

    A generation that cannot be read has nothing to tell. Raises DiskFault if the feed cannot be written.
    """
    try:
        generation = Generation.open(home)
    except (NoGeneration, DamagedGeneration):
        return 0
    with generation:
        if TABLE not in generation.tables() or generation.is_missing_bytes():
            return 0
        path = home / FILE
        is_new = not path.exists()
        if is_new and not generation.manifest["tables"][TABLE]["n_rows"]:
            return 0
        with disk_faults("Writing changes.jsonl", home):
            n = _append(path, generation)
            if is_new:
                sync(home)
    return n


def lines(home: Path, wanted: Wanted = lambda generation, as_of: True) -> Iterator[dict[str, Any]]:
    """The feed from its beginning, line by line; nothing if there is none. A last line without its end is left out.

    `wanted`: whether to tell of a generation, by its id and the text of its as_of; of others one line is read as JSON.
    """
    path = home / FILE
    if not path.exists():
        return
    skipped = b""
    with disk_faults("Reading changes.jsonl", home), path.open("rb") as file:
        for line in file:
            head = line.partition(b',"change_id":')[0]  # the same on all lines of a generation
            if head == skipped or not line.endswith(b"\n") or (told := _parsed(line)) is None:
                continue
            if wanted(told["generation"], told["as_of"]):
                yield told
            else:
                skipped = head


def _append(path: Path, generation: Generation) -> int:
    with path.open("r+b" if path.exists() else "w+b") as file:
        last = _last_line(file)
        rows = generation.table(TABLE).collect()
        told = rows.slice(_n_told(rows, generation.id, last))
        head = {
            "generation": generation.id,
            "previous_generation": generation.manifest.get(COMPARED_WITH),
            "as_of": generation.manifest["as_of"],
        }
        for some in told.iter_slices(_ROWS):
            file.write(_spelled(some, head))
        file.flush()
        os.fsync(file.fileno())
    return told.height


def _n_told(rows: pl.DataFrame, generation_id: str, last: dict[str, Any] | None) -> int:
    """How many of a generation's rows are in the feed: they are written in the table's order."""
    if last is None or last["generation"] != generation_id:
        return 0
    places = (rows["change_id"] == last["change_id"]).arg_true()
    return int(places[0]) + 1 if len(places) else 0


def _last_line(file: BinaryIO) -> dict[str, Any] | None:
    """The last whole line, with whatever is behind it cut off; the file is left at its end. None if there is none."""
    while True:
        end = file.seek(0, os.SEEK_END)
        whole = _newline_before(file, end) + 1
        if whole < end:  # torn by a kill or a full disk
            file.truncate(whole)
        if whole == 0:
            file.seek(0)
            return None
        begin = _newline_before(file, whole - 1) + 1
        file.seek(begin)
        told = _parsed(file.read(whole - begin))
        if told is not None:
            file.seek(0, os.SEEK_END)
            return told
        file.truncate(begin)  # bytes that never became a line: what a lost power leaves


def _newline_before(file: BinaryIO, end: int) -> int:
    """Where the last newline before `end` stands; -1 if there is none."""
    while end > 0:
        begin = max(end - _CHUNK, 0)
        file.seek(begin)
        at = file.read(end - begin).rfind(b"\n")
        if at >= 0:
            return begin + at
        end = begin
    return -1


def _parsed(line: bytes) -> dict[str, Any] | None:
    """A line of ours; None if it is none."""
    try:
        told = json.loads(line)
    except ValueError:
        return None
    is_ours = isinstance(told, dict) and all(isinstance(told.get(name), str) for name in _MARKS)
    return told if is_ours else None


def _spelled(rows: pl.DataFrame, head: dict[str, Any]) -> bytes:
    """Rows as lines, in ASCII, so that no name of a stranger's reaches a terminal as control characters."""
    instants = [name for name, dtype in rows.schema.items() if isinstance(dtype, pl.Datetime)]
    plain = rows.with_columns(pl.col(instants).dt.to_string("%Y-%m-%dT%H:%M:%S%.fZ"))
    made = (json.dumps({**head, **row}, separators=(",", ":")) + "\n" for row in plain.iter_rows(named=True))
    return "".join(made).encode("ascii")
