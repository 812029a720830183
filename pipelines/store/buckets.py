"""Facts out of the warehouse, as of an instant, in buckets of whole agents.

Here: which record of a task or submission is in force at `as_of`, numbers in id order, and the cut into buckets.
A bucket is a range of agents in id order, so that what is made bucket after bucket is sorted by agent already.
Not here: what the facts are worth (game/).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import polars as pl

from pipelines.game.facts import Facts, Ids
from pipelines.game.records import DIFFICULTIES, TASK_TYPES, VERDICTS

ROWS_PER_BUCKET = 2_000_000

_RANKS = """
CREATE OR REPLACE TEMP TABLE {name}_ranks AS
SELECT code, id, (row_number() OVER (ORDER BY id) - 1)::UINTEGER AS rank FROM {name}
"""

# Revised submissions are few: the record in force of each is picked once. All others have one record.
_REVISED = """
CREATE OR REPLACE TEMP TABLE revised_in_force AS
SELECT r.* FROM submission_records r SEMI JOIN revised_submissions USING (submission_id)
QUALIFY row_number() OVER (
    PARTITION BY r.submission_id
    ORDER BY r.at <= $as_of DESC,
             CASE WHEN r.at <= $as_of THEN r.at END DESC,
             CASE WHEN r.at <= $as_of THEN r.event_id END DESC,
             r.at, r.event_id
) = 1
"""

_IN_FORCE = """
(SELECT * FROM submission_records ANTI JOIN revised_submissions USING (submission_id)
 UNION ALL BY NAME SELECT * FROM revised_in_force)
"""

# A record not yet known at as_of shows as pending, known from its submission on (SPEC section 3).
_BUCKET = f"""
SELECT a.rank AS agent, t.rank AS task, tm.rank AS team, u.rank AS user,
       s.submission_id, s.event_id, s.submitted_at, s.claimed_at, s.model, s.source, s.extra,
       CASE WHEN s.at <= $as_of THEN s.at ELSE s.submitted_at END AS "at",
       CASE WHEN s.at <= $as_of THEN s.verdict::VARCHAR ELSE 'pending' END AS verdict,
       CASE WHEN s.at <= $as_of THEN
            CASE WHEN s.verdict IN ('verified', 'rejected') THEN coalesce(s.judged_at, s.at) ELSE s.judged_at END
       END AS judged_at,
       CASE WHEN s.at <= $as_of THEN s.found END AS found,
       CASE WHEN s.at <= $as_of THEN s.awarded_points END::BIGINT AS awarded_points
FROM {_IN_FORCE} s
JOIN agents_ranks a ON a.code = s.agent AND a.rank BETWEEN $first AND $last
JOIN tasks_ranks t ON t.code = s.task
LEFT JOIN teams_ranks tm ON tm.code = s.team
LEFT JOIN users_ranks u ON u.code = s."user"
WHERE s.submitted_at <= $as_of
"""  # noqa: S608 - no text of a user's is in it

_SIZES = f"""
SELECT a.rank, count(*) AS n FROM {_IN_FORCE} s JOIN agents_ranks a ON a.code = s.agent
WHERE s.submitted_at <= $as_of GROUP BY a.rank ORDER BY a.rank
"""  # noqa: S608 - no text of a user's is in it

_TASKS = """
SELECT f.event_id, f.at, p.rank AS problem, f.task_type::VARCHAR AS task_type, f.difficulty::VARCHAR AS difficulty,
       f.points::BIGINT AS task_points, f.counterexample_points::BIGINT AS counterexample_points, f.title, f.extra
FROM tasks_ranks t
LEFT JOIN (SELECT * FROM task_records WHERE "at" <= $as_of
           QUALIFY row_number() OVER (PARTITION BY task ORDER BY "at" DESC, event_id DESC) = 1) f ON f.task = t.code
LEFT JOIN problems_ranks p ON p.code = f.problem
ORDER BY t.rank
"""

_LAST_AT = """
SELECT max("at") FROM (
    SELECT max("at") AS "at" FROM task_records UNION ALL SELECT max("at") FROM submission_records
    UNION ALL SELECT max("at") FROM agent_call_records UNION ALL SELECT max("at") FROM consent_records)
"""


def last_known_at(con: duckdb.DuckDBPyConnection) -> dt.datetime | None:
    """The greatest `at` in the log, naive UTC: the default `as_of`. None for an empty log."""
    row = con.execute(_LAST_AT).fetchall()[0]
    return row[0] if row[0] is None or isinstance(row[0], dt.datetime) else None


@dataclass(frozen=True)
class BucketSource:
    """The submissions that exist at `as_of`, bucket by bucket, and the facts that all buckets share."""

    con: duckdb.DuckDBPyConnection
    as_of: dt.datetime
    facts: Facts
    ranges: tuple[tuple[int, int], ...]  # first and last agent number of each bucket

    @classmethod
    def open(cls, con: duckdb.DuckDBPyConnection, as_of: dt.datetime, rows: int = ROWS_PER_BUCKET) -> "BucketSource":
        """Number the ids, pick the records in force, and cut the agents into buckets of about `rows` submissions."""
        for name in ("agents", "tasks", "problems", "teams", "users"):
            con.execute(_RANKS.format(name=name))
        con.execute(_REVISED, {"as_of": as_of})
        ids = Ids(*(_texts(con, name) for name in ("agents", "tasks", "problems", "teams", "users")))
        tasks = con.sql(_TASKS, params={"as_of": as_of}).pl()
        words = {"task_type": pl.Enum(TASK_TYPES), "difficulty": pl.Enum(DIFFICULTIES)}
        sizes = con.sql(_SIZES, params={"as_of": as_of}).pl()
        return cls(con, as_of, Facts(ids, tasks.cast(words)), cut(sizes, rows))

    def buckets(self) -> Iterator[pl.DataFrame]:
        """One frame a bucket; columns as `game.submissions.in_order` and `publish` want them."""
        for first, last in self.ranges:
            frame = self.con.sql(_BUCKET, params={"as_of": self.as_of, "first": first, "last": last}).pl()
            yield frame.with_columns(pl.col("verdict").cast(pl.Enum(VERDICTS)))


def cut(sizes: pl.DataFrame, rows: int) -> tuple[tuple[int, int], ...]:
    """Ranges of agents with about `rows` submissions each; an agent is never split. Always at least one range.

    `sizes`: rank, n, sorted by rank.
    """
    if sizes.is_empty():
        return ((0, 0),)
    before = sizes["n"].cum_sum().shift(1, fill_value=0)
    ranges = sizes.select("rank", bucket=before // rows).group_by("bucket", maintain_order=True)
    ends = ranges.agg(first=pl.col("rank").first(), last=pl.col("rank").last())
    return tuple(ends.select("first", "last").iter_rows())


def _texts(con: duckdb.DuckDBPyConnection, name: str) -> pl.Series:
    frame: pl.DataFrame = con.sql(f"SELECT id FROM {name}_ranks ORDER BY rank").pl()  # noqa: S608 - our own name
    return frame["id"]
