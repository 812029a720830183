"""Filters of badges, boards, windows and achievements, applied to rows that name task, problem and team by number.

Not here: what may be filtered on (the class `Filters` of the rulebook), and windows of time (tallies.py).
"""

import polars as pl

from pipelines.game.facts import Ids
from pipelines.game.rule_shapes import Filters


def let_through(filters: Filters, rows: pl.DataFrame, ids: Ids) -> pl.DataFrame:
    """The rows that pass `filters`; what belongs to no task (a perfect day) passes only filters on teams.

    `rows` has the columns task, problem, team (numbers), task_type, difficulty.
    """
    for wanted, column, texts in (
        (filters.problem, "problem", ids.problems),
        (filters.task, "task", ids.tasks),
        (filters.team, "team", ids.teams),
    ):
        if wanted:
            rows = rows.filter(is_among(column, wanted, texts))
    for words, column in ((filters.task_type, "task_type"), (filters.difficulty, "difficulty")):
        if words:
            rows = rows.filter(pl.col(column).cast(pl.String).is_in(words))
    return rows


def is_among(column: str, wanted: tuple[str, ...], texts: pl.Series) -> pl.Expr:
    """Whether a column of numbers names one of the `wanted` ids; `texts`: ids by number."""
    numbers = texts.is_in(wanted).arg_true().cast(pl.UInt32)
    return pl.col(column).is_in(numbers.implode())
