"""Filters of badges, boards, windows and achievements, applied to rows that name task, problem and team by number.

Not here: what may be filtered on (the class `Filters` of the rulebook), and windows of time (tallies.py).
"""

import polars as pl

from pipelines.game.facts import Facts
from pipelines.game.rule_shapes import Filters


def let_through(filters: Filters, rows: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The rows that pass `filters`; what belongs to no task (a perfect day) passes only filters on teams.

    `rows` has the columns task and team (numbers). What is asked of a task is asked once a task, not once a row.
    """
    ids = facts.ids
    if filters.team:
        rows = rows.filter(is_among("team", filters.team, ids.teams))
    asked = []
    if filters.problem:
        asked.append(is_among("problem", filters.problem, ids.problems))
    if filters.task:
        asked.append(is_among("task", filters.task, ids.tasks))
    for words, column in ((filters.task_type, "task_type"), (filters.difficulty, "difficulty")):
        if words:
            asked.append(pl.col(column).cast(pl.String).is_in(words))
    if not asked:
        return rows
    passes = facts.tasks.with_row_index("task").select(pl.all_horizontal(asked)).to_series()
    return rows.filter(passes.gather(rows["task"]))


def is_among(column: str, wanted: tuple[str, ...], texts: pl.Series) -> pl.Expr:
    """Whether a column of numbers names one of the `wanted` ids; `texts`: ids by number."""
    numbers = texts.is_in(wanted).arg_true().cast(pl.UInt32)
    return pl.col(column).is_in(numbers.implode())
