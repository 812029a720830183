"""What the game is given besides submissions and calls: ids by number, and the tasks in force.

Ids are numbered in id order (by code point), so that comparing numbers is comparing ids; a number is a row of
these frames. Not here: where they are stored (store/buckets.py).
"""

from dataclasses import dataclass

import polars as pl

from pipelines.game.contract import INSTANT, TEXT, WHOLE, Column, Table
from pipelines.game.records import DIFFICULTIES, TASK_TYPES

TASKS = Table(
    name="tasks",
    grain="One row per task known at as_of, in its state of then",
    columns=(
        Column("task_id", TEXT, "the task"),
        Column("event_id", TEXT, "the record in force"),
        Column("at", INSTANT, "when that state became known"),
        Column("problem", TEXT, "the problem family"),
        Column("task_type", TEXT, "what there is to do", words=TASK_TYPES),
        Column("difficulty", TEXT, "how hard it is said to be", words=DIFFICULTIES),
        Column("points", WHOLE, "points of its own, as given", nullable=True, low=1, high=1000),
        Column("counterexample_points", WHOLE, "points for a counterexample, as given", nullable=True, low=0),
        Column("title", TEXT, "its title", nullable=True),
        Column("extra", TEXT, "unknown fields of the record, as JSON", nullable=True),
    ),
    sort_by=("task_id",),
)


@dataclass(frozen=True)
class Ids:
    """Texts by number: `agents[n]` is the id of agent number n, and so on; each series is sorted."""

    agents: pl.Series
    tasks: pl.Series
    problems: pl.Series
    teams: pl.Series
    users: pl.Series
    projects: pl.Series


@dataclass(frozen=True)
class Facts:
    """Ids and tasks. `tasks`: one row per task number; its columns are null where no task record is known.

    Columns of `tasks`: event_id, at, problem (number), task_type, difficulty, task_points, counterexample_points,
    title, extra.
    """

    ids: Ids
    tasks: pl.DataFrame

    def published_tasks(self) -> pl.DataFrame:
        """The table `tasks`."""
        frame = self.tasks.with_columns(
            task_id=self.ids.tasks,
            problem=self.ids.problems.gather(self.tasks["problem"]),
            points="task_points",
        )
        return TASKS.shape(frame.filter(pl.col("event_id").is_not_null()))
