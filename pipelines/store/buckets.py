"""Facts out of the warehouse, as of an instant, in buckets of whole agents (submissions) and users (calls).

Here: which record of a task, submission or call is in force at `as_of`, numbers in id order, and the cut into buckets.
A bucket is a range of agents or users in id order, so that what is made bucket after bucket is sorted by them already.
Not here: what the facts are worth (game/).
"""

import datetime as dt
from dataclasses import dataclass

import duckdb
import polars as pl

from pipelines.game.facts import Facts, Ids
from pipelines.game.records import DIFFICULTIES, TASK_TYPES, VERDICTS

ROWS_PER_BUCKET = 1_000_000

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
# Ids but the agent's come as their codes, which are turned into numbers by looking them up (`_numbers`).
_BUCKET = f"""
SELECT a.rank AS agent, s.task, s.team, s."user",
       s.submission_id, s.event_id, s.submitted_at, s.claimed_at, s.model, s.source, s.extra,
       CASE WHEN s.at <= $as_of THEN s.at ELSE s.submitted_at END AS "at",
       CASE WHEN s.at <= $as_of THEN enum_code(s.verdict) ELSE 0 END::UTINYINT AS verdict,
       CASE WHEN s.at <= $as_of THEN
            CASE WHEN s.verdict IN ('verified', 'rejected') THEN coalesce(s.judged_at, s.at) ELSE s.judged_at END
       END AS judged_at,
       CASE WHEN s.at <= $as_of THEN s.found END AS found,
       CASE WHEN s.at <= $as_of THEN s.awarded_points END::BIGINT AS awarded_points
FROM {_IN_FORCE} s
JOIN agents_ranks a ON a.code = s.agent AND a.rank BETWEEN $first AND $last
WHERE s.submitted_at <= $as_of
"""  # noqa: S608 - no text of a user's is in it

# How many rows an agent has is asked of all records: a bucket need not be cut to the row.
_SIZES = """
SELECT a.rank, count(*) AS n FROM submission_records s JOIN agents_ranks a ON a.code = s.agent
WHERE s.submitted_at <= $as_of GROUP BY a.rank ORDER BY a.rank
"""

# Of a call the newest record counts, at the instant of its first one (SPEC section 2).
_CALLS = """
CREATE OR REPLACE TEMP TABLE calls_in_force AS
SELECT * EXCLUDE (call_id), coalesce(call_id, event_id) AS call_id,
       min("at") OVER (PARTITION BY coalesce(call_id, event_id)) AS first_at
FROM agent_call_records WHERE "at" <= $as_of
QUALIFY row_number() OVER (PARTITION BY coalesce(call_id, event_id) ORDER BY "at" DESC, event_id DESC) = 1
"""

_CALL_BUCKET = """
SELECT u.rank AS user, a.rank AS agent, tm.rank AS team, p.rank AS project, c.call_id, c.event_id,
       c.first_at AS "at", c.at AS known_at,
       c.* EXCLUDE ("user", agent, team, project, call_id, event_id, "at", first_at, file, line)
FROM calls_in_force c
JOIN users_ranks u ON u.code = c."user" AND u.rank BETWEEN $first AND $last
JOIN agents_ranks a ON a.code = c.agent
LEFT JOIN teams_ranks tm ON tm.code = c.team
LEFT JOIN projects_ranks p ON p.code = c.project
"""

_CALL_SIZES = """
SELECT u.rank, count(*) AS n FROM calls_in_force c JOIN users_ranks u ON u.code = c."user"
GROUP BY u.rank ORDER BY u.rank
"""

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


_CODED = ("task", "team", "user")
_DICTIONARIES = ("agents", "tasks", "problems", "teams", "users", "projects")


@dataclass(frozen=True)
class BucketSource:
    """The submissions and calls that exist at `as_of`, bucket by bucket, and the facts that all buckets share.

    `agent_spans`, `user_spans`: first and last number of each bucket's agents (users); together they cover all.
    """

    con: duckdb.DuckDBPyConnection
    as_of: dt.datetime
    facts: Facts
    agent_spans: tuple[tuple[int, int], ...]
    user_spans: tuple[tuple[int, int], ...]
    numbers: dict[str, pl.Series]  # of tasks, teams and users by their code

    @classmethod
    def open(cls, con: duckdb.DuckDBPyConnection, as_of: dt.datetime, rows: int = ROWS_PER_BUCKET) -> "BucketSource":
        """Number the ids, pick the records in force, and cut agents and users into buckets of about `rows` rows."""
        for name in _DICTIONARIES:
            con.execute(_RANKS.format(name=name))
        con.execute(_REVISED, {"as_of": as_of})
        con.execute(_CALLS, {"as_of": as_of})
        ids = Ids(**{name: _texts(con, name) for name in _DICTIONARIES})
        tasks = con.sql(_TASKS, params={"as_of": as_of}).pl()
        words = {"task_type": pl.Enum(TASK_TYPES), "difficulty": pl.Enum(DIFFICULTIES)}
        agents = cut(con.sql(_SIZES, params={"as_of": as_of}).pl(), rows, len(ids.agents))
        users = cut(con.sql(_CALL_SIZES).pl(), rows, len(ids.users))
        numbers = {column: _numbers(con, f"{column}s") for column in _CODED}
        return cls(con, as_of, Facts(ids, tasks.cast(words)), agents, users, numbers)

    def submissions(self, span: tuple[int, int]) -> pl.DataFrame:
        """Those of a range of agents; columns as `game.submissions.in_order` and `publish` want them."""
        params = {"as_of": self.as_of, "first": span[0], "last": span[1]}
        frame: pl.DataFrame = self.con.sql(_BUCKET, params=params).pl()
        coded = [self.numbers[column].gather(frame[column]).alias(column) for column in _CODED]
        return frame.with_columns(pl.col("verdict").cat.to(pl.Enum(VERDICTS)), *coded)

    def calls(self, span: tuple[int, int]) -> pl.DataFrame:
        """Those of a range of users; columns as `game.calls.in_order` and `publish` want them."""
        frame: pl.DataFrame = self.con.sql(_CALL_BUCKET, params={"first": span[0], "last": span[1]}).pl()
        return frame


def cut(sizes: pl.DataFrame, rows: int, n_all: int) -> tuple[tuple[int, int], ...]:
    """Spans of numbers 0 to `n_all` - 1 with about `rows` rows each; nobody is split. Always at least one span.

    `sizes`: rank, n, sorted by rank. Spans follow one another: whoever has no row lies in one all the same.
    """
    if sizes.is_empty():
        return ((0, max(n_all - 1, 0)),)
    before = sizes["n"].cum_sum().shift(1, fill_value=0)
    spans = sizes.select("rank", bucket=before // rows).group_by("bucket", maintain_order=True)
    firsts = [0, *spans.agg(first=pl.col("rank").first())["first"].to_list()[1:]]
    return tuple(zip(firsts, [*(first - 1 for first in firsts[1:]), n_all - 1], strict=True))


def _texts(con: duckdb.DuckDBPyConnection, name: str) -> pl.Series:
    frame: pl.DataFrame = con.sql(f"SELECT id FROM {name}_ranks ORDER BY rank").pl()  # noqa: S608 - our own name
    return frame["id"]


def _numbers(con: duckdb.DuckDBPyConnection, name: str) -> pl.Series:
    """The number of each id by its code; codes are given one after the other, from 0."""
    frame: pl.DataFrame = con.sql(f"SELECT code, rank FROM {name}_ranks ORDER BY code").pl()  # noqa: S608 - our own name
    if frame.height and frame["code"][-1] != frame.height - 1:
        raise AssertionError(f"the codes of {name} have gaps")
    return frame["rank"]
