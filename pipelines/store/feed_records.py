"""The records of a contest in the fact tables: made anew from all its feed objects, replaced as a whole.

Here: which stored lines are a contest's, what was told for it, and the difference between the records it has and
those it ought to have. Not here: storing lines (`feeds.py`), what objects mean (`sources/clics.py`).
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from pipelines.game.events import Record, Refusal
from pipelines.game.records import Reason
from pipelines.sources.clics import Derived, FeedOptions, derive
from pipelines.sources.clics_feed import FeedLine, FeedVersion, read_line
from pipelines.store.duplicates import forget_losers
from pipelines.store.settling import settle
from pipelines.store.staging import create_stage, drop_stage, insert_arrow, stage_records

# The files and prefixes of a contest: those that name it, and those without one whose prefix only it has.
_OWN_FILES: Final = """
CREATE OR REPLACE TEMP TABLE feed_own AS
WITH sole AS (
    SELECT token_prefix FROM feed_files WHERE contest_id IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT contest_id) = 1 AND min(contest_id) = $contest
)
FROM feed_files WHERE contest_id = $contest OR (contest_id IS NULL AND token_prefix IN (FROM sole))
"""
# Of equal lines the first counts as the source; of an object's versions only the newest matters.
_NEWEST: Final = """
WITH own AS (
    SELECT o.* FROM feed_objects o SEMI JOIN feed_own f
        ON o.file = f.file AND o.token_prefix = f.token_prefix
    WHERE o.raw IS NOT NULL
), once AS (
    SELECT DISTINCT ON (digest, occurrence) * FROM own ORDER BY digest, occurrence, file, line
)
SELECT raw, seq, file, line FROM once
QUALIFY row_number() OVER (PARTITION BY object_type, object_id ORDER BY seq DESC, file DESC, line DESC) = 1
"""
_TOLD: Final = """
SELECT contest_id, difficulty, verdicts, epoch_us(max(ingested_at) OVER ()) AS now FROM feed_own ORDER BY file
"""
_UNPLACED: Final = -1  # stands for the file of a record while it is on its way into the facts
_PLACED: Final = pa.schema(
    {"n": pa.int64(), "event_id": pa.string(), "digest": pa.string(), "file": pa.int32(), "line": pa.int64()}
)
_REFUSED: Final = pa.schema({"file": pa.int32(), "line": pa.int64(), "reason": pa.string(), "sentence": pa.string()})
# A refused line leaves the accepted ones of its file, or the duplicates if that is what it was counted as.
_MOVE_COUNTS: Final = """
UPDATE ingested_files f SET
    n_accepted = f.n_accepted - $sign * (r.n - r.n_repeats),
    n_duplicates = f.n_duplicates - $sign * r.n_repeats,
    n_quarantined = f.n_quarantined + $sign * r.n
FROM (SELECT file, count(*) AS n, count(*) FILTER (is_repeat) AS n_repeats
      FROM feed_refusals WHERE contest_id = $contest GROUP BY file) r
WHERE f.file = r.file
"""


def derive_records(con: duckdb.DuckDBPyConnection, contest_id: str, paths: dict[int, str]) -> list[str]:
    """Give a contest the records that follow from all that is stored of it, and take away those that do not.

    `paths` names the files that have no manifest row yet. Gives back sentences for the reader.
    """
    con.execute(_OWN_FILES, {"contest": contest_id})
    options, now = _told(con)
    derivation = derive(contest_id, _newest_versions(con), options, now)
    wanted, refused = _one_name_each(derivation.derived)
    _forget_refusals(con, contest_id)
    had = {
        row[0]: row[1:]
        for row in con.execute(
            "SELECT event_id, digest, file, line FROM feed_records WHERE contest_id = ?", [contest_id]
        ).fetchall()
    }
    ought = {event_id: (_digest(d.record), d.file, d.line) for event_id, d in wanted.items()}
    gone = [event_id for event_id, place in had.items() if ought.get(event_id) != place]
    new = [d for event_id, d in wanted.items() if had.get(event_id) != ought[event_id]]
    refused += _replace(con, contest_id, gone, new)
    _keep_refusals(con, contest_id, refused, paths, now)
    con.execute("DROP TABLE feed_own")
    return derivation.notes


def note_of_strays(con: duckdb.DuckDBPyConnection, file: int, path: Path) -> list[str]:
    """A sentence if it is not known which contest a file is a piece of."""
    rows = con.execute(
        """SELECT count(DISTINCT k.contest_id), string_agg(DISTINCT k.contest_id, ', ' ORDER BY k.contest_id)
        FROM feed_files f LEFT JOIN feed_files k ON k.token_prefix = f.token_prefix AND k.contest_id IS NOT NULL
        WHERE f.file = ? AND f.contest_id IS NULL GROUP BY f.token_prefix""",
        [file],
    ).fetchall()
    if any(n == 0 for n, _ in rows):
        return [f"{path} names no contest: it waits for the piece of its feed that does, or for a contest id told."]
    return [
        f"{path} may be a piece of several contests ({names}): ingest it again with its contest id told."
        for n, names in rows
        if n > 1
    ][:1]


def _told(con: duckdb.DuckDBPyConnection) -> tuple[FeedOptions, int]:
    """The options of a contest, those of later files over those of earlier ones, and its last ingest instant."""
    options, now = FeedOptions(), 0
    for contest_id, difficulty, verdicts, last in con.execute(_TOLD).fetchall():
        options, now = options.overlaid(FeedOptions(contest_id, difficulty, json.loads(verdicts))), last
    return options, now


def _newest_versions(con: duckdb.DuckDBPyConnection) -> Iterator[FeedVersion]:
    for raw, seq, file, line in con.execute(_NEWEST).fetchall():
        read = read_line(raw)
        if isinstance(read, FeedLine):  # it was understood when it was stored
            yield FeedVersion(read.type, read.id, read.data, seq, file, line)


def _one_name_each(derived: list[Derived]) -> tuple[dict[str, Derived], list[Derived]]:
    """Records by event id, and all that is refused: of two records with one name the first line's stays."""
    wanted: dict[str, Derived] = {}
    refused: list[Derived] = []
    for one in sorted(derived, key=lambda d: (d.file, d.line)):
        if isinstance(one.record, Refusal):
            refused.append(one)
            continue
        event_id = str(one.record.values["event_id"])
        if event_id in wanted:
            refused.append(_conflict(one, event_id))
        else:
            wanted[event_id] = one
    return wanted, refused


def _conflict(one: Derived, event_id: str) -> Derived:
    """The refusal of a record whose name is taken."""
    sentence = f"Another record with other content is already stored under the event id {event_id}."
    return Derived(Refusal(Reason.CONFLICTING_DUPLICATE, sentence), one.file, one.line)


def _digest(record: Record | Refusal) -> str:
    said = json.dumps([record.type, record.values, record.extra] if isinstance(record, Record) else None)
    return hashlib.md5(said.encode(), usedforsecurity=False).hexdigest()


def _replace(con: duckdb.DuckDBPyConnection, contest_id: str, gone: list[str], new: list[Derived]) -> list[Derived]:
    """Take the records named `gone` away and put the new ones in; those that contradict a stored one come back."""
    if not gone and not new:
        return []
    names = pa.table({"event_id": pa.array(gone, pa.string())})
    insert_arrow(con, "CREATE OR REPLACE TEMP TABLE feed_gone AS FROM staged_rows", names)
    con.execute("""CREATE OR REPLACE TEMP TABLE feed_touched AS
        SELECT DISTINCT submission_id FROM submission_records SEMI JOIN feed_gone USING (event_id)""")
    for table in ("task_records", "submission_records", "feed_records"):
        con.execute(f"DELETE FROM {table} WHERE event_id IN (FROM feed_gone)")  # noqa: S608 - our own names
    create_stage(con)
    # One line may hold many objects, so a record's number stands for its place until it is stored.
    stage_records(con, [(d.record, (n, None)) for n, d in enumerate(new) if isinstance(d.record, Record)])
    con.execute("INSERT INTO feed_touched SELECT DISTINCT submission_id FROM staged_submission")
    settle(con, _UNPLACED)
    conflicts = con.execute("SELECT line FROM staged_losers WHERE NOT is_duplicate ORDER BY line").fetchall()
    _place(con, contest_id, new)
    forget_losers(con)
    drop_stage(con)
    con.execute("DELETE FROM revised_submissions WHERE submission_id IN (FROM feed_touched)")
    con.execute("""INSERT INTO revised_submissions SELECT submission_id
        FROM submission_records SEMI JOIN feed_touched USING (submission_id) GROUP BY ALL HAVING count(*) > 1""")
    con.execute("DROP TABLE feed_touched; DROP TABLE feed_gone")
    return [_conflict(new[n], _name(new[n])) for (n,) in conflicts]


def _place(con: duckdb.DuckDBPyConnection, contest_id: str, new: list[Derived]) -> None:
    """Note the records that became facts, and give their rows the feed lines that they come from."""
    rows = [
        {"n": n, "event_id": _name(d), "digest": _digest(d.record), "file": d.file, "line": d.line}
        for n, d in enumerate(new)
    ]
    placed = pa.Table.from_pylist(rows, schema=_PLACED)
    insert_arrow(con, "CREATE OR REPLACE TEMP TABLE feed_placed AS FROM staged_rows", placed)
    con.execute(
        """INSERT INTO feed_records BY NAME SELECT * EXCLUDE (n), $contest AS contest_id
        FROM feed_placed WHERE n NOT IN (SELECT line FROM staged_losers)""",
        {"contest": contest_id},
    )
    for table in ("task_records", "submission_records"):
        con.execute(
            f"""UPDATE {table} t SET file = p.file, line = p.line FROM feed_placed p
            WHERE t.file = ? AND t.line = p.n""",  # noqa: S608 - our own names
            [_UNPLACED],
        )
    con.execute("DROP TABLE feed_placed")


def _name(one: Derived) -> str:
    return str(one.record.values["event_id"]) if isinstance(one.record, Record) else ""


def _forget_refusals(con: duckdb.DuckDBPyConnection, contest_id: str) -> None:
    con.execute(_MOVE_COUNTS, {"contest": contest_id, "sign": -1})
    con.execute(
        """DELETE FROM quarantine WHERE (file, line) IN
        (SELECT (file, line) FROM feed_refusals WHERE contest_id = ?)""",
        [contest_id],
    )
    con.execute("DELETE FROM feed_refusals WHERE contest_id = ?", [contest_id])


def _keep_refusals(
    con: duckdb.DuckDBPyConnection, contest_id: str, refused: list[Derived], paths: dict[int, str], now: int
) -> None:
    """Quarantine the lines that gave no record, each once with its first fault, and move the counts with them."""
    first = {(d.file, d.line): d.record for d in reversed(refused) if isinstance(d.record, Refusal)}
    if not first:
        return
    rows = [
        {"file": file, "line": line, "reason": refusal.reason, "sentence": refusal.sentence}
        for (file, line), refusal in sorted(first.items())
    ]
    con.register("feed_refused", pa.Table.from_pylist(rows, schema=_REFUSED))
    con.execute(
        """INSERT INTO quarantine BY NAME
        SELECT r.*, o.byte_offset, o.raw, coalesce(i.path, map_extract_value($paths::MAP(INTEGER, VARCHAR), r.file))
               AS path, make_timestamp($now::BIGINT) AS ingested_at
        FROM feed_refused r JOIN feed_objects o USING (file, line) LEFT JOIN ingested_files i ON i.file = r.file""",
        {"paths": paths, "now": now},
    )
    con.execute(
        """INSERT INTO feed_refusals BY NAME SELECT $contest AS contest_id, file, line, o.is_repeat
        FROM feed_refused JOIN feed_objects o USING (file, line)""",
        {"contest": contest_id},
    )
    con.unregister("feed_refused")
    con.execute(_MOVE_COUNTS, {"contest": contest_id, "sign": 1})
