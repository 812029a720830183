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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from pipelines.game.events import Refusal
from pipelines.game.records import MAX_LINE_BYTES, Reason
from pipelines.sources.clics import FeedOptions
from pipelines.sources.clics_feed import NEEDED, read_line
from pipelines.sources.lines import LineBlock, SourceUnreadable, read_blocks
from pipelines.store.feed_records import derive_records, note_of_strays

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
_BAD: Final = pa.schema(
    {
        "line": pa.int64(),
        "byte_offset": pa.int64(),
        "raw": pa.large_string(),
        "reason": pa.string(),
        "sentence": pa.string(),
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


@dataclass(slots=True)
class FeedCounts:
    """The account of a feed's lines, whose parts add up to `n_lines`, and sentences for the reader."""

    n_lines: int = 0
    n_accepted: int = 0
    n_duplicates: int = 0
    n_quarantined: int = 0
    n_blank: int = 0
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
