"""The records of calls of sub-agents in the fact tables: made anew from all observations, replaced as a whole.

Here: the difference between the records that touched calls have and those they ought to have, and the lines that give
none. Not here: which calls are touched (`transcripts_touched.py`), what is known of them (`transcripts_known.py`), what
records follow (`sources/claude_code_calls.py`).

`transcript_records`: per record that was made of a call. `transcript_refusals`: per record that was refused; its line
is in quarantine, without its text.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from pipelines.game.events import Record, Refusal
from pipelines.game.records import Reason
from pipelines.sources.claude_code_calls import records_of
from pipelines.store.duplicates import forget_losers
from pipelines.store.settling import settle
from pipelines.store.staging import create_stage, drop_stage, insert_arrow, stage_records
from pipelines.store.transcripts_known import Place, known_calls
from pipelines.store.transcripts_labels import labels_of_touched
from pipelines.store.transcripts_touched import touch

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS transcript_records (
    call_id VARCHAR, event_id VARCHAR, digest VARCHAR, file INTEGER, line BIGINT
);
CREATE TABLE IF NOT EXISTS transcript_refusals (
    call_id VARCHAR, file INTEGER, line BIGINT, is_repeat BOOLEAN, reason VARCHAR, sentence VARCHAR
);
"""
WITHHELD: Final = "(withheld: a line of a transcript)"
_UNPLACED: Final = -2  # stands for the file of a record while it is on its way into the facts
_PLACED: Final = pa.schema(
    {"n": pa.int64(), "call_id": pa.string(), "event_id": pa.string(), "digest": pa.string()}
    | {"file": pa.int32(), "line": pa.int64()}
)
_REFUSED: Final = pa.schema(
    {"call_id": pa.string(), "file": pa.int32(), "line": pa.int64(), "is_repeat": pa.bool_()}
    | {"reason": pa.string(), "sentence": pa.string()}
)
# Lines whose calls give no record stand in quarantine, once each; their counts move with them.
_LINES: Final = """
CREATE OR REPLACE TEMP TABLE {name} AS
SELECT file, line, bool_and(is_repeat) AS is_repeat, min(reason) AS reason, arg_min(sentence, reason) AS sentence
FROM transcript_refusals GROUP BY file, line
"""
_MOVE_COUNTS: Final = """
UPDATE ingested_files f SET
    n_accepted = f.n_accepted - m.n_accepted, n_duplicates = f.n_duplicates - m.n_repeats,
    n_quarantined = f.n_quarantined + m.n_accepted + m.n_repeats
FROM (
    SELECT file, sum(sign) FILTER (NOT is_repeat) AS n_accepted, sum(sign) FILTER (is_repeat) AS n_repeats FROM (
        SELECT file, is_repeat, 1 AS sign FROM lines_new
        UNION ALL SELECT file, is_repeat, -1 FROM lines_gone)
    GROUP BY file
) n, LATERAL (SELECT coalesce(n.n_accepted, 0) AS n_accepted, coalesce(n.n_repeats, 0) AS n_repeats) m
WHERE f.file = n.file
"""


@dataclass(frozen=True, slots=True)
class _Derived:
    """A record of a call, and the line that it is said to come from."""

    call_id: str
    record: Record
    place: Place

    @property
    def event_id(self) -> str:
        return str(self.record.values["event_id"])

    @property
    def digest(self) -> str:
        said = json.dumps([self.record.type, self.record.values, self.record.extra])
        return hashlib.md5(said.encode(), usedforsecurity=False).hexdigest()


def create_record_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of derived records where they are missing."""
    con.execute(_TABLES)


def derive_calls(con: duckdb.DuckDBPyConnection, ingested_at: int) -> None:
    """Give the calls of `transcript_touched` the records that follow from all that is stored, in place of theirs.

    `ingested_at` (UTC microseconds) bounds `at` as everywhere.
    """
    wanted: list[_Derived] = []
    refused: list[tuple[str, Refusal, Place]] = []
    labels = labels_of_touched(con)
    for call, place in known_calls(con):
        for made in records_of(call, labels.get(call.tool_use_id, ()), ingested_at):
            if isinstance(made, Record):
                wanted.append(_Derived(call.tool_use_id, made, place))
            else:
                refused.append((call.tool_use_id, made, place))
    con.execute(_LINES.format(name="lines_before"))
    con.execute("DELETE FROM transcript_refusals WHERE call_id IN (FROM transcript_touched)")
    refused += _replace(con, wanted)
    _keep_refusals(con, refused, ingested_at)


def retry_calls(con: duckdb.DuckDBPyConnection, ingested_at: int, labelled: set[str]) -> int:
    """Make the records anew of calls that were from the future, or have new labels; how many lines are good by now."""
    rows = con.execute("SELECT call_id FROM transcript_refusals WHERE reason = ?", [Reason.FROM_THE_FUTURE]).fetchall()
    before = _n_refused(con)
    touch(con, labelled | {call_id for (call_id,) in rows})
    derive_calls(con, ingested_at)
    return before - _n_refused(con)


def _n_refused(con: duckdb.DuckDBPyConnection) -> int:
    return int(con.execute("SELECT count(DISTINCT (file, line)) FROM transcript_refusals").fetchall()[0][0])


def _replace(con: duckdb.DuckDBPyConnection, wanted: list[_Derived]) -> list[tuple[str, Refusal, Place]]:
    """Take away the records that do not follow any more, put in those that are new; gives back those in conflict."""
    rows = con.execute(
        """SELECT event_id, digest FROM transcript_records SEMI JOIN transcript_touched USING (call_id)"""
    )
    had = dict(rows.fetchall())
    ought = {one.event_id: one.digest for one in wanted}
    gone = [event_id for event_id, digest in had.items() if ought.get(event_id) != digest]
    new = [one for one in wanted if had.get(one.event_id) != ought[one.event_id]]
    if gone:
        names = pa.table({"event_id": pa.array(gone, pa.string())})
        insert_arrow(con, "CREATE OR REPLACE TEMP TABLE transcript_gone AS FROM staged_rows", names)
        for table in ("agent_call_records", "transcript_records"):
            con.execute(f"DELETE FROM {table} WHERE event_id IN (FROM transcript_gone)")  # noqa: S608 - our own names
    if not new:
        return []
    create_stage(con)
    stage_records(con, [(one.record, (n, None)) for n, one in enumerate(new)])
    settle(con, _UNPLACED)
    conflicts = [n for (n,) in con.execute("SELECT line FROM staged_losers ORDER BY line").fetchall()]
    _place(con, new)
    forget_losers(con)
    drop_stage(con)
    sentence = "Another record with the event id of this call is stored already."
    conflict = Refusal(Reason.CONFLICTING_DUPLICATE, sentence)
    return [(new[n].call_id, conflict, new[n].place) for n in conflicts]


def _place(con: duckdb.DuckDBPyConnection, new: list[_Derived]) -> None:
    """Note the records that became facts, and give their rows the lines that they come from."""
    rows = [
        {"n": n, "call_id": one.call_id, "event_id": one.event_id, "digest": one.digest}
        | {"file": one.place[0], "line": one.place[1]}
        for n, one in enumerate(new)
    ]
    placed = pa.Table.from_pylist(rows, schema=_PLACED)
    insert_arrow(con, "CREATE OR REPLACE TEMP TABLE transcript_placed AS FROM staged_rows", placed)
    con.execute("""INSERT INTO transcript_records BY NAME SELECT * EXCLUDE (n) FROM transcript_placed
        WHERE n NOT IN (SELECT line FROM staged_losers)""")
    con.execute(
        """UPDATE agent_call_records c SET file = p.file, line = p.line FROM transcript_placed p
        WHERE c.file = ? AND c.line = p.n""",
        [_UNPLACED],
    )


def _keep_refusals(con: duckdb.DuckDBPyConnection, refused: list[tuple[str, Refusal, Place]], ingested_at: int) -> None:
    """Quarantine the lines whose calls give no record, release those that do, and move the counts with them."""
    rows = [
        {"call_id": call_id, "file": file, "line": line, "is_repeat": is_repeat}
        | {"reason": refusal.reason, "sentence": refusal.sentence}
        for call_id, refusal, (file, line, is_repeat) in refused
    ]
    if rows:
        held = pa.Table.from_pylist(rows, schema=_REFUSED)
        insert_arrow(con, "INSERT INTO transcript_refusals FROM staged_rows", held)
    con.execute(_LINES.format(name="lines_after"))
    for gone, of, others in (
        ("lines_gone", "lines_before", "lines_after"),
        ("lines_new", "lines_after", "lines_before"),
    ):
        con.execute(f"CREATE OR REPLACE TEMP TABLE {gone} AS FROM {of} EXCEPT FROM {others}")
    con.execute("DELETE FROM quarantine WHERE (file, line) IN (SELECT (file, line) FROM lines_gone)")
    con.execute(
        """INSERT INTO quarantine BY NAME
        SELECT l.file, i.path, l.line, $withheld AS raw, l.reason, l.sentence,
               make_timestamp($now::BIGINT) AS ingested_at
        FROM lines_new l JOIN ingested_files i USING (file)""",
        {"withheld": WITHHELD, "now": ingested_at},
    )
    con.execute(_MOVE_COUNTS)
