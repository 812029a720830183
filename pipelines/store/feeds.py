"""Contest feeds in the warehouse: what the lines of CLICS feeds said, stored as facts.

Here: reading a feed file into `feed_objects`, the account of its lines, and which contests it touches. Not here:
what lines and objects mean (`sources/clics*.py`), the records that follow (`feed_records.py`), the transaction
around a file and its manifest row (`landing.py`).

`feed_objects`: one row per understood line, with its text if records need its type, and per contest that its file
names or was told. `contest_id` is null in a piece that does neither; which contest such a piece belongs to is
decided whenever records are made and never stored, so that pieces may arrive in any order.
`feed_files`: one row per feed file and token prefix: its contest if known by itself, and what the user told.
`feed_records`, `feed_refusals`: the records, and the refused lines, that were last derived for a contest.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from pipelines.game.events import Refusal
from pipelines.game.records import Reason
from pipelines.game.refusals import too_long
from pipelines.sources.clics import FeedOptions
from pipelines.sources.clics_feed import NEEDED, read_line
from pipelines.sources.lines import SourceUnreadable, read_blocks
from pipelines.store.feed_records import derive_records, note_of_strays
from pipelines.store.reading import Counts, Refused, quarantine
from pipelines.store.staging import EPOCH, insert_arrow

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS feed_objects (
    contest_id VARCHAR, token_prefix VARCHAR, seq BIGINT, object_type VARCHAR, object_id VARCHAR,
    digest VARCHAR, occurrence BIGINT, is_repeat BOOLEAN, raw VARCHAR, file INTEGER, line BIGINT,
    byte_offset BIGINT
);
CREATE TABLE IF NOT EXISTS feed_files (
    file INTEGER, contest_id VARCHAR, token_prefix VARCHAR, difficulty VARCHAR, verdicts VARCHAR,
    ingested_at TIMESTAMP
);
CREATE TABLE IF NOT EXISTS feed_records (
    contest_id VARCHAR, event_id VARCHAR, digest VARCHAR, file INTEGER, line BIGINT
);
CREATE TABLE IF NOT EXISTS feed_refusals (contest_id VARCHAR, file INTEGER, line BIGINT, is_repeat BOOLEAN);
"""
_STAGED: Final = pa.schema(
    {
        "token_prefix": pa.string(),
        "has_token": pa.bool_(),
        "seq": pa.int64(),
        "object_type": pa.string(),
        "object_id": pa.string(),
        "digest": pa.string(),
        "raw": pa.large_string(),
        "line": pa.int64(),
        "byte_offset": pa.int64(),
    }
)
# A line is a repeat if it was seen before, in this file or in another that may be of the same contest. What has
# no token may truly come back (open, closed, open again): there the n-th time is another fact than the first.
_COMPARE: Final = """
CREATE OR REPLACE TEMP TABLE feed_compared AS
WITH numbered AS (SELECT *, row_number() OVER (PARTITION BY digest ORDER BY line) AS nth FROM feed_staged)
SELECT * EXCLUDE (nth, has_token),
       CASE WHEN has_token THEN 1 ELSE nth END AS occurrence,
       nth > 1 OR EXISTS (FROM feed_objects o WHERE o.digest = n.digest
           AND (o.contest_id = $contest OR o.contest_id IS NULL OR $contest IS NULL)) AS is_repeat,
       (nth = 1 OR NOT has_token) AND NOT EXISTS (FROM feed_objects o WHERE o.digest = n.digest
           AND o.occurrence = CASE WHEN has_token THEN 1 ELSE nth END
           AND o.contest_id IS NOT DISTINCT FROM $contest) AS is_stored
FROM numbered n
"""
_STORE: Final = """
INSERT INTO feed_objects BY NAME
SELECT $contest AS contest_id, $file AS file, * EXCLUDE (is_stored) FROM feed_compared WHERE is_stored ORDER BY line
"""


@dataclass
class FeedCounts(Counts):
    """The account of a feed's lines, and sentences for the reader about what waits."""

    notes: list[str] = field(default_factory=list)


def create_feed_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of feeds where they are missing."""
    con.execute(_TABLES)


def feed_options(told: Mapping[str, object] | None) -> FeedOptions:
    """Options from plain data: `contest_id`, `difficulty`, `verdicts` (a mapping). Raises PodiumError."""
    told = told or {}
    contest_id, difficulty, verdicts = (told.get(name) for name in ("contest_id", "difficulty", "verdicts"))
    return FeedOptions(
        str(contest_id) if contest_id else None,
        str(difficulty) if difficulty else None,
        {str(k): str(v) for k, v in verdicts.items()} if isinstance(verdicts, Mapping) else {},
    )


def land_feed(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    file: int,
    ingested_at: int,
    options: FeedOptions | Mapping[str, object] | None = None,
) -> FeedCounts:
    """Store what a feed file says and make the records of its contest anew, in the caller's transaction.

    `file` is the file's number, whose manifest row the caller writes afterwards with the counts given back;
    counts of earlier files whose lines turn out good or bad only now are moved here. `ingested_at` in UTC
    microseconds. Raises SourceUnreadable for a file that cannot be read to its end or names two contests.
    """
    told = options if isinstance(options, FeedOptions) else feed_options(options)
    create_feed_tables(con)
    counts = FeedCounts()
    contest = _contest_of(path, _stage(con, path, file, ingested_at, counts), told)
    values = {"contest": contest}
    con.execute(_COMPARE, values)
    n_understood, counts.n_duplicates = _one(con, "SELECT count(*), count(*) FILTER (is_repeat) FROM feed_compared")
    con.execute(_STORE, values | {"file": file})
    con.execute(
        """INSERT INTO feed_files BY NAME
        SELECT DISTINCT $file AS file, $contest AS contest_id, token_prefix, $difficulty AS difficulty,
               $verdicts AS verdicts, make_timestamp($ingested_at::BIGINT) AS ingested_at FROM feed_staged""",
        values
        | {"file": file, "difficulty": told.difficulty, "ingested_at": ingested_at}
        | {"verdicts": json.dumps(dict(told.verdicts), sort_keys=True)},
    )
    for touched in _touched(con, file, contest):
        counts.notes += derive_records(con, touched, {file: str(path)})
    counts.notes += note_of_strays(con, file, path)
    n_refused, n_refused_repeats = _one(
        con, "SELECT count(*), count(*) FILTER (is_repeat) FROM feed_refusals WHERE file = ?", [file]
    )
    counts.n_duplicates -= n_refused_repeats
    counts.n_accepted = n_understood - counts.n_duplicates - n_refused
    counts.n_quarantined += n_refused
    con.execute("DROP TABLE feed_staged; DROP TABLE feed_compared")
    return counts


def retry_feeds(con: duckdb.DuckDBPyConnection, ingested_at: int) -> int:
    """Make the records of contests anew that had lines from the future; how many lines are good by now."""
    create_feed_tables(con)
    contests = con.execute(
        """SELECT DISTINCT contest_id FROM feed_refusals JOIN quarantine USING (file, line)
        WHERE reason = ? ORDER BY contest_id""",
        [Reason.FROM_THE_FUTURE],
    ).fetchall()
    before = _one(con, "SELECT count(*) FROM feed_refusals")[0]
    for (contest_id,) in contests:
        con.execute(
            """UPDATE feed_files SET ingested_at = greatest(ingested_at, make_timestamp($now::BIGINT))
            WHERE contest_id = $contest""",
            {"now": ingested_at, "contest": contest_id},
        )
        derive_records(con, contest_id, {})
    return before - _one(con, "SELECT count(*) FROM feed_refusals")[0]


def _stage(con: duckdb.DuckDBPyConnection, path: Path, file: int, ingested_at: int, counts: FeedCounts) -> set[str]:
    """Read the lines into `feed_staged` and the bad ones into quarantine; the contests that they name."""
    con.execute("""CREATE OR REPLACE TEMP TABLE feed_staged (token_prefix VARCHAR, has_token BOOLEAN, seq BIGINT,
        object_type VARCHAR, object_id VARCHAR, digest VARCHAR, raw VARCHAR, line BIGINT, byte_offset BIGINT)""")
    contests: set[str] = set()
    last_seq = -1  # a line without a number of its own stands where the last numbered one stood
    for block in read_blocks(path):
        good: list[tuple[object, ...]] = []
        bad: list[Refused] = []
        for number, offset, line in block.lines():
            counts.n_lines += 1
            text = line.rstrip(b"\r\n")
            if not text.strip(b" \t\r\n"):
                counts.n_blank += 1
                continue
            read = read_line(text)
            if isinstance(read, Refusal):
                bad.append((number, offset, _text(text), read.reason, read.sentence, None))
                continue
            contests.update(read.contest_ids)
            last_seq = last_seq if read.seq is None else read.seq
            raw = _text(text) if read.type in NEEDED else None
            known_as = (read.prefix, read.token is not None, last_seq, read.type, read.id, read.digest)
            good.append((*known_as, raw, number, offset))
        for number, offset, length, head in block.oversized:
            bad.append((number, offset, _text(head), Reason.OVERSIZED, too_long("line", length), None))
        counts.n_lines += len(block.oversized)
        counts.n_quarantined += len(bad)
        quarantine(con, file, path, EPOCH + timedelta(microseconds=ingested_at), bad)
        if good:
            columns = [pa.array(c, f.type) for c, f in zip(zip(*good, strict=True), _STAGED, strict=True)]
            rows = pa.Table.from_arrays(columns, schema=_STAGED)
            insert_arrow(con, "INSERT INTO feed_staged FROM staged_rows", rows)
    return contests


def _text(line: bytes) -> str:
    """A line as quarantine keeps it: bytes that are no UTF-8 are escaped."""
    return line.decode("utf-8", "backslashreplace")


def _contest_of(path: Path, named: set[str], told: FeedOptions) -> str | None:
    """The contest of a file that names these, or None. Raises SourceUnreadable when there is more than one."""
    if len(named) > 1:
        raise SourceUnreadable(
            f"{path} speaks of {len(named)} contests ({', '.join(sorted(named))}): split it, one contest a file."
        )
    if named and told.contest_id is not None and told.contest_id not in named:
        raise SourceUnreadable(f"{path} is a feed of contest {min(named)}, not of {told.contest_id} as was said.")
    return min(named) if named else told.contest_id


def _touched(con: duckdb.DuckDBPyConnection, file: int, contest: str | None) -> list[str]:
    """The contests whose records a file may change: its own, and all known under its token prefixes."""
    rows = con.execute(
        """SELECT contest_id FROM feed_files WHERE contest_id IS NOT NULL AND token_prefix IN
           (SELECT token_prefix FROM feed_files WHERE file = ?)""",
        [file],
    ).fetchall()
    return sorted({row[0] for row in rows} | ({contest} if contest is not None else set()))


def _one(con: duckdb.DuckDBPyConnection, query: str, values: list[object] | None = None) -> tuple[int, ...]:
    row = con.execute(query, values or []).fetchone()
    if row is None:
        raise AssertionError(query)
    return tuple(row)
