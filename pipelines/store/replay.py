"""Facts out of a published generation, bucket by bucket, as out of the warehouse: for playing it by other rules.

A generation holds every task, submission and call that exists at its `as_of`, in its state of then, so the game can be
played again from it alone: no warehouse, no lock, nothing written. Not here: playing (engines/what_if.py), which record
is in force (buckets.py: that was decided when the generation was made).
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import polars as pl

from pipelines.game.calls import AGENT_CALLS
from pipelines.game.contract import Table
from pipelines.game.facts import TASKS, Facts, Ids
from pipelines.game.faults import PodiumError
from pipelines.game.records import DIFFICULTIES, TASK_TYPES, VERDICTS
from pipelines.game.submissions import SUBMISSIONS
from pipelines.store.buckets import ROWS_PER_BUCKET, cut
from pipelines.store.generation import Generation

_FOUND_OUT = ("problem", "counted_at", "is_counted", "is_unresolved")  # of submissions by the rules of then


class NotReplayable(PodiumError):
    """A generation that does not hold the facts it was made from, or whose files cannot be read."""


@dataclass(frozen=True)
class Narrowed:
    """A part of a season: as of when (naive UTC), and which of its submissions and calls are played.

    Both functions keep columns and order of the published tables, whose instants are naive here.
    """

    as_of: dt.datetime
    submissions: Callable[[pl.LazyFrame], pl.LazyFrame]
    calls: Callable[[pl.LazyFrame], pl.LazyFrame]


@dataclass(frozen=True)
class Replay:
    """The submissions and calls of a generation, and the facts that all buckets share: an engine's `Source`.

    Published tables are sorted by agent (submissions) and user (calls), so a bucket is a slice of rows: `sizes_*` say
    how many rows each agent (user) has, by number. `as_of`: naive UTC.
    """

    generation: Generation
    as_of: dt.datetime
    facts: Facts
    played: Mapping[str, pl.LazyFrame]  # submissions and agent_calls, instants naive
    agent_spans: tuple[tuple[int, int], ...]
    user_spans: tuple[tuple[int, int], ...]
    sizes_of_agents: pl.DataFrame
    sizes_of_users: pl.DataFrame

    @classmethod
    def open(cls, generation: Generation, rows: int = ROWS_PER_BUCKET, part: Narrowed | None = None) -> Self:
        """Number the ids that the generation names, and cut agents and users into buckets of about `rows` rows.

        `part`: play only that; without it the whole season as of its own instant. Raises NotReplayable if a table or
        column of facts is missing, as in a generation of an older version.
        """
        tasks, submissions, calls = (_facts(generation, table) for table in (TASKS, SUBMISSIONS, AGENT_CALLS))
        as_of = dt.datetime.fromisoformat(generation.manifest["as_of"]).replace(tzinfo=None)
        if part is not None:
            as_of, submissions, calls = part.as_of, part.submissions(submissions), part.calls(calls)
        n_tries = collect(generation, submissions.group_by("agent_id").len(name="n"))
        n_calls = collect(generation, calls.group_by("user_id").len(name="n"))
        known = collect(generation, tasks)
        ids = Ids(
            agents=_ids(generation, n_tries.lazy(), calls, column="agent_id"),
            tasks=_ids(generation, known.lazy(), submissions, column="task_id"),
            problems=known["problem"].unique().sort(),
            teams=_ids(generation, submissions, calls, column="team_id"),
            users=_ids(generation, n_calls.lazy(), submissions, column="user_id"),
            projects=_ids(generation, calls, column="project_id"),
        )
        sizes_of_agents = _sizes(n_tries, "agent_id", ids.agents)
        sizes_of_users = _sizes(n_calls, "user_id", ids.users)
        return cls(
            generation,
            as_of,
            Facts(ids, _tasks(known, ids)),
            {SUBMISSIONS.name: submissions, AGENT_CALLS.name: calls},
            cut(sizes_of_agents, rows, len(ids.agents)),
            cut(sizes_of_users, rows, len(ids.users)),
            sizes_of_agents,
            sizes_of_users,
        )

    def submissions(self, span: tuple[int, int]) -> pl.DataFrame:
        """Those of a range of agents; columns and types as `buckets.BucketSource` gives them."""
        rows = self._slice(SUBMISSIONS, self.sizes_of_agents, span).drop(_FOUND_OUT)
        ids = self.facts.ids
        coded = {"agent_id": ids.agents, "task_id": ids.tasks, "team_id": ids.teams, "user_id": ids.users}
        return _numbered(rows, coded).with_columns(pl.col("verdict").cast(pl.Enum(VERDICTS)))

    def calls(self, span: tuple[int, int]) -> pl.DataFrame:
        """Those of a range of users; columns and types as `buckets.BucketSource` gives them."""
        rows = self._slice(AGENT_CALLS, self.sizes_of_users, span).rename({"evidence_text": "evidence"})
        ids = self.facts.ids
        return _numbered(
            rows, {"user_id": ids.users, "agent_id": ids.agents, "team_id": ids.teams, "project_id": ids.projects}
        )

    def _slice(self, table: Table, sizes: pl.DataFrame, span: tuple[int, int]) -> pl.DataFrame:
        """The rows of a span, instants naive."""
        before = int(sizes.filter(pl.col("rank") < span[0])["n"].sum())
        within = int(sizes.filter(pl.col("rank").is_between(*span))["n"].sum())
        return collect(self.generation, self.played[table.name].slice(before, within))


def scan(generation: Generation, table: Table) -> pl.LazyFrame:
    """A published table with all columns of its contract. Raises NotReplayable if an older version published it."""
    if table.name in generation.tables():
        rows = generation.table(table.name)
        try:
            held = rows.collect_schema()
        except (OSError, pl.exceptions.PolarsError) as fault:
            raise _unreadable(generation, fault) from fault
        if held.keys() >= table.schema.keys():
            return rows.select(table.schema.keys())
    raise NotReplayable(
        f"The published season has no {table.name} as they are today: it was published by an older version. "
        "`podium recompute` publishes it anew."
    )


def collect(generation: Generation, rows: pl.LazyFrame) -> pl.DataFrame:
    """Read what is asked for. Raises NotReplayable if the files do not let themselves be read."""
    try:
        return rows.collect()
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise _unreadable(generation, fault) from fault


def _facts(generation: Generation, table: Table) -> pl.LazyFrame:
    """A table of facts, its instants naive, as inside the game."""
    instants = [name for name, dtype in table.schema.items() if isinstance(dtype, pl.Datetime)]
    return scan(generation, table).with_columns(pl.col(instants).dt.replace_time_zone(None))


def _unreadable(generation: Generation, fault: Exception) -> NotReplayable:
    return NotReplayable(
        f"The published tables under {generation.path} cannot be read: {str(fault).splitlines()[0]}. "
        "`podium doctor` says what is damaged, `podium recompute --anew` publishes a whole one."
    )


def _ids(generation: Generation, *tables: pl.LazyFrame, column: str) -> pl.Series:
    """The ids that any of the tables names in a column, sorted by code point."""
    named = pl.concat([table.select(pl.col(column).unique()) for table in tables])
    return collect(generation, named)[column].drop_nulls().unique().sort()


def _sizes(n_rows: pl.DataFrame, column: str, ids: pl.Series) -> pl.DataFrame:
    """How many rows whoever has any has: rank (the number), n; in order."""
    return _numbered(n_rows, {column: ids}).select(pl.col(_number(column)).alias("rank"), "n").sort("rank")


def _numbered(rows: pl.DataFrame, coded: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Ids as their numbers, in columns without `_id`: `agent` for `agent_id`."""
    for column, ids in coded.items():
        numbers = pl.DataFrame({column: ids}).with_row_index(_number(column))
        rows = rows.join(numbers, on=column, how="left", maintain_order="left").drop(column)
    return rows


def _number(column: str) -> str:
    return column.removesuffix("_id")


def _tasks(known: pl.DataFrame, ids: Ids) -> pl.DataFrame:
    """One row per task number, null where only submissions name the task: columns of `Facts.tasks`."""
    every = pl.DataFrame({"task_id": ids.tasks}).join(known, on="task_id", how="left", maintain_order="left")
    problems = pl.DataFrame({"problem": ids.problems}).with_row_index("number")
    numbers = every.join(problems, on="problem", how="left", maintain_order="left")["number"]
    return (
        every.drop("task_id")
        .rename({"points": "task_points"})
        .with_columns(
            pl.col("task_type").cast(pl.Enum(TASK_TYPES)),
            pl.col("difficulty").cast(pl.Enum(DIFFICULTIES)),
            problem=numbers,
        )
    )
