"""Labels of calls of sub-agents in the warehouse: they may come before the transcript, and after it.

Here: the table `transcript_labels`, one row per call and instant, and a labels file on its way into it. Not here: what
a line says (`sources/claude_code_labels.py`), the records that follow (`transcripts_records.py`).
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import duckdb

from pipelines.game.events import Refusal
from pipelines.game.records import Reason
from pipelines.game.refusals import too_long
from pipelines.sources.claude_code_calls import Label
from pipelines.sources.claude_code_labels import LabelLine, read_label
from pipelines.sources.lines import read_blocks
from pipelines.store.reading import Counts, Refused, quarantine
from pipelines.store.staging import EPOCH

SOURCE: Final = "labels"
CONFLICT: Final = "The call has another label already, known at the same instant; what was stored first stays."
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS transcript_labels (call_id VARCHAR, known_us BIGINT, said VARCHAR, file INTEGER, line BIGINT)
"""
_WAITING: Final = """
SELECT q.file, q.line, q.raw FROM quarantine q JOIN ingested_files f USING (file)
WHERE f.source = ? AND q.reason = ? ORDER BY q.file, q.line
"""
_TAKEN: Final = """
UPDATE ingested_files SET n_accepted = n_accepted + 1, n_quarantined = n_quarantined - 1 WHERE file = ?
"""
_Labels = dict[tuple[str, int | None], str]


def create_label_table(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table of labels where it is missing."""
    con.execute(_TABLE)


def land_labels(con: duckdb.DuckDBPyConnection, path: Path, file: int, ingested_at: int) -> tuple[Counts, set[str]]:
    """Store what a labels file says, in the caller's transaction: the account of its lines, and the calls it speaks of.

    `ingested_at` in UTC microseconds. Raises SourceUnreadable for a file that cannot be read to its end.
    """
    counts, touched = Counts(), set[str]()
    known: _Labels = {
        (call_id, at): said
        for call_id, at, said in con.execute("SELECT * EXCLUDE (file, line) FROM transcript_labels").fetchall()
    }
    for number, offset, line, refusal in _lines(path):
        counts.n_lines += 1
        if not line.strip():
            counts.n_blank += 1
            continue
        read = refusal or read_label(line, ingested_at)
        if isinstance(read, LabelLine):
            key = read.tool_use_id, read.label.at
            if known.get(key) == read.said:
                counts.n_duplicates += 1
                continue
            if key not in known:
                known[key] = read.said
                _store(con, read, file, number)
                touched.add(read.tool_use_id)
                counts.n_accepted += 1
                continue
            read = Refusal(Reason.CONFLICTING_DUPLICATE, CONFLICT)
        counts.n_quarantined += 1
        text = line.decode("utf-8", "backslashreplace")
        refused: list[Refused] = [(number, offset, text, read.reason, read.sentence, None)]
        quarantine(con, file, path, EPOCH + timedelta(microseconds=ingested_at), refused)
    return counts, touched


def retry_labels(con: duckdb.DuckDBPyConnection, ingested_at: int) -> set[str]:
    """Take the labels that are not from the future any more; the calls they speak of, one entry a label."""
    touched = set[str]()
    for file, line, raw in con.execute(_WAITING, [SOURCE, Reason.FROM_THE_FUTURE]).fetchall():
        read = read_label(raw, ingested_at)
        if isinstance(read, LabelLine):
            _store(con, read, file, line)
            con.execute("DELETE FROM quarantine WHERE file = ? AND line = ?", [file, line])
            con.execute(_TAKEN, [file])
            touched.add(read.tool_use_id)
    return touched


def labels_of_touched(con: duckdb.DuckDBPyConnection) -> dict[str, list[Label]]:
    """The labels of the calls of `transcript_touched`."""
    found: dict[str, list[Label]] = {}
    query = "SELECT call_id, known_us, said FROM transcript_labels SEMI JOIN transcript_touched USING (call_id)"
    for call_id, at, said in con.execute(query).fetchall():
        found.setdefault(call_id, []).append(Label(at, json.loads(said)))
    return found


def _store(con: duckdb.DuckDBPyConnection, read: LabelLine, file: int, line: int) -> None:
    row = [read.tool_use_id, read.label.at, read.said, file, line]
    con.execute("INSERT INTO transcript_labels VALUES (?, ?, ?, ?, ?)", row)


def _lines(path: Path) -> Iterator[tuple[int, int, bytes, Refusal | None]]:
    """Each line: number, byte offset, text, and the fault of one that is too long."""
    for block in read_blocks(path):
        for number, offset, line in block.lines():
            yield number, offset, line.rstrip(b"\r\n"), None
        for number, offset, size, head in block.oversized:
            yield number, offset, head, Refusal(Reason.OVERSIZED, too_long("line", size))
