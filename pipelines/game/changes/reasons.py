"""Why an award of points is another: the nearest of what the log and the rules say otherwise.

The award's own submission counts first, then those between which the first solver's bonus moved, its task, another try
of the same agent at the task, and for a perfect day the submissions of that day. Not here: which awards are others
(points.py), what is said otherwise (causes.py).
"""

import datetime as dt

import polars as pl

from pipelines.game.changes.causes import CAUSE, Causes

IS_FIRST, IS_DAY = pl.col("rule") == "first_solver", pl.col("rule") == "perfect_day"
_KEY = ["entry_id", "agent_id"]


def reasons(rows: pl.DataFrame, causes: Causes, as_of: dt.datetime) -> pl.DataFrame:
    """For every award, in the order of `rows`: is_known (whether a record says so), because, event_id, changed_at.

    `rows`: change_awards.both of the points, with `day` of perfect days. `as_of`: of the season after.
    """
    nearest = pl.concat([found.with_columns(rank=n) for n, found in enumerate(_found(rows, causes))])
    nearest = nearest.sort("rank", "because").unique(_KEY, keep="first").rename({"event_id": "by_event"})
    frame = rows.join(nearest.drop("rank"), on=_KEY, how="left", maintain_order="left")
    frame = frame.join(_holders(rows), on="task_id", how="left", maintain_order="left")
    frame = frame.join(_tries(rows), on=["agent_id", "task_id"], how="left", maintain_order="left")
    is_known = pl.col("because").is_not_null()
    return frame.select(
        is_known=is_known,
        because=pl.when(is_known).then(pl.col("because") + _ending()).otherwise(_otherwise()),
        event_id=pl.coalesce("by_event", "event_id"),
        changed_at=pl.col("changed_at").fill_null(as_of),
    )


def _found(rows: pl.DataFrame, causes: Causes) -> list[pl.DataFrame]:
    """The records that may be the reason of an award, the nearest first: the award's key and CAUSE."""
    subs = causes.submissions
    firsts = rows.filter(IS_FIRST)
    holders = firsts.filter(pl.col("is_there") != pl.col("was_there")).select("task_id", "submission_id")
    holders = holders.join(subs.select("submission_id", *CAUSE), on="submission_id")
    found = [
        rows.drop("event_id").join(subs.select("submission_id", *CAUSE), on="submission_id"),
        firsts.drop("event_id").join(holders.select("task_id", *CAUSE), on="task_id"),
        rows.drop("event_id").join(causes.tasks, on="task_id"),
        rows.drop("event_id").join(subs.select("agent_id", "task_id", *CAUSE), on=["agent_id", "task_id"]),
        rows.drop("event_id").join(causes.days, on=["agent_id", "day"]),
    ]
    return [frame.select(*_KEY, *CAUSE) for frame in found]


def _holders(rows: pl.DataFrame) -> pl.DataFrame:
    """Who was and who is the first solver of a task where that moved: task_id, old_submission, new_agent, ..."""
    firsts = rows.filter(IS_FIRST)
    old = firsts.filter(~pl.col("is_there")).select("task_id", old_submission="submission_id")
    new = firsts.filter(~pl.col("was_there")).select("task_id", new_agent="agent_id", new_submission="submission_id")
    return old.join(new, on="task_id", how="full", coalesce=True)


def _tries(rows: pl.DataFrame) -> pl.DataFrame:
    """The solve of an agent that a task has now, and had not before: agent_id, task_id, new_try."""
    solves = rows.filter(~pl.col("was_there") & pl.col("rule").is_in(["task", "pattern_insight"]))
    return solves.select("agent_id", "task_id", new_try="submission_id").unique(["agent_id", "task_id"], keep="any")


def _ending() -> pl.Expr:
    """What a record's sentence leaves open of this award."""
    now_first = pl.format(" The first solver of task {} is now {}.", "task_id", "new_agent")
    return (
        pl.when(IS_FIRST & pl.col("new_agent").is_not_null())
        .then(now_first)
        .when(IS_DAY & pl.col("is_there"))
        .then(pl.format(" So {} is a perfect day.", pl.col("day").dt.to_string("%Y-%m-%d")))
        .when(IS_DAY)
        .then(pl.format(" So {} is no perfect day any more.", pl.col("day").dt.to_string("%Y-%m-%d")))
        .otherwise(pl.lit(""))
    )


def _otherwise() -> pl.Expr:
    """The sentence where no record was corrected: something earlier was learned or judged since."""
    overtaken = pl.format(
        "Submission {} of {}, learned or judged since, comes before {}: the first solver of task {} is now {}.",
        *("new_submission", "new_agent", "old_submission", "task_id", "new_agent"),
    )
    instead = pl.format(
        "Submission {}, learned or judged since, is now the agent's first solve of task {}.", "new_try", "task_id"
    )
    day = pl.format(
        "Submissions of {}, learned or judged since, end the perfect day.", pl.col("day").dt.to_string("%Y-%m-%d")
    )
    return (
        pl.when(IS_FIRST & pl.col("old_submission").is_not_null() & pl.col("new_agent").is_not_null())
        .then(overtaken)
        .when(IS_DAY & ~pl.col("is_there"))
        .then(day)
        .when(~pl.col("is_there") & (pl.col("new_try") != pl.col("submission_id")).fill_null(value=False))
        .then(instead)
        .otherwise(pl.lit("What was learned or judged since changes what this award rests on."))
    )
