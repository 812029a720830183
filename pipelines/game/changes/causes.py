"""Why things changed: which records of the log are others than before, and the sentence that each of them is.

A record in force before that is not in force any more was superseded by a later one, or erased. Not here: what follows
from it (points.py, xp.py, standing.py).
"""

from dataclasses import dataclass

import polars as pl

from pipelines.game.changes.table import Side, apart, at, rows_of
from pipelines.game.windows import local_date

CAUSE = {"because": pl.String(), "event_id": pl.String(), "changed_at": pl.Datetime("us", "UTC")}
RULEBOOK, AS_OF = "rulebook", "as_of"  # sums of awards that nothing moved but the rules, or the instant
UNSETTLED = "pending"  # a verdict that comes in corrects nothing


@dataclass(frozen=True)
class Causes:
    """What differs under two seasons: one row per record that is another, each with the columns of CAUSE.

    submissions: submission_id, agent_id, task_id; judged before. days: agent_id, day (local, by the rulebook's clock)
    on which such a submission counted, or counts now. tasks: task_id. calls: call_id, user_id. `rules`: a sentence if
    the rules are others, else null; `cut`: one if `as_of` went back.
    """

    submissions: pl.DataFrame
    days: pl.DataFrame
    tasks: pl.DataFrame
    calls: pl.DataFrame
    rules: str | None
    cut: str | None

    @property
    def part(self) -> str | None:
        """The sum to which awards belong that no record explains; null: they are told one by one."""
        if self.cut is not None:
            return AS_OF
        return None if self.rules is None else RULEBOOK

    @property
    def general(self) -> str | None:
        """What holds of everybody: other rules, an earlier `as_of`; null if neither."""
        return " ".join(sentence for sentence in (self.rules, self.cut) if sentence) or None

    def of(self, subject_type: str) -> pl.DataFrame:
        """The last record of each agent (or user) that is another: subject_id and CAUSE."""
        frame, key = (self.calls, "user_id") if subject_type == "user" else (self.submissions, "agent_id")
        ordered = frame.sort("changed_at", "event_id", "because", descending=True, nulls_last=True)
        return ordered.unique(key, keep="first", maintain_order=True).select(pl.col(key).alias("subject_id"), *CAUSE)


def causes_of(before: Side, after: Side, zone: str) -> Causes:
    """What the log and the rules say otherwise. `zone`: in which days are counted."""
    rules = None
    if before.rulebook != after.rulebook:
        rules = f"The rules changed from {before.rulebook} to {after.rulebook}."
    cut = None
    if after.as_of < before.as_of:
        cut = f"The season is looked at as of {at(after.as_of)}, earlier than before ({at(before.as_of)})."
    submissions = _submissions(before, after)
    days = _days(submissions, zone)
    return Causes(submissions, days, _tasks(before, after), _calls(before, after), rules, cut)


def _revised(before: Side, after: Side, table: str, key: str, known: str, columns: tuple[str, ...]) -> pl.DataFrame:
    """Records in force before and not any more: `columns` as they were, and with `_now` as they are.

    Not those that only an earlier `as_of` hides: nobody corrected them.
    """
    held, now = before.tables[table], after.tables[table]
    wanted = list(dict.fromkeys((key, *columns)))
    gone, come = apart(held, now, ["event_id"], [*wanted, "event_id", known])
    come = come.rename({known: "changed_at"}).rename({name: f"{name}_now" for name in wanted if name != key})
    gone = gone.filter(pl.col(known) <= after.as_of).drop("event_id", known)
    return gone.join(come, on=key, how="left", maintain_order="left")


def _submissions(before: Side, after: Side) -> pl.DataFrame:
    """With counted_at, agent_id_now and counted_at_now beside what Causes asks for."""
    columns = ("agent_id", "task_id", "verdict", "counted_at")
    revised = _revised(before, after, "submissions", "submission_id", "at", columns)
    revised = revised.filter(pl.col("verdict") != UNSETTLED)
    why = (
        pl.when(pl.col("verdict_now").is_null())
        .then(pl.format("Submission {} is not in the log any more.", "submission_id"))
        .when(pl.col("verdict") != pl.col("verdict_now"))
        .then(
            pl.format(
                "The verdict of submission {} was {} and is {} since event {}.",
                *("submission_id", "verdict", "verdict_now", "event_id"),
            )
        )
        .when(pl.col("agent_id") != pl.col("agent_id_now"))
        .then(pl.format("Submission {} is one of {} since event {}.", "submission_id", "agent_id_now", "event_id"))
        .when(pl.col("task_id") != pl.col("task_id_now"))
        .then(pl.format("Submission {} is for task {} since event {}.", "submission_id", "task_id_now", "event_id"))
        .otherwise(pl.format("Submission {} was corrected by event {}.", "submission_id", "event_id"))
    )
    held = ("submission_id", "agent_id", "task_id", "counted_at", "agent_id_now", "counted_at_now")
    return revised.select(*held, "event_id", "changed_at", because=why)


def _days(submissions: pl.DataFrame, zone: str) -> pl.DataFrame:
    """The days of submissions that are others, as they were and as they are; unjudged ones have none by some clocks."""
    sides = [
        submissions.select(
            pl.col(f"agent_id{side}").alias("agent_id"),
            local_date(pl.col(f"counted_at{side}").dt.replace_time_zone(None), zone).alias("day"),
            *CAUSE,
        )
        for side in ("", "_now")
    ]
    return pl.concat(sides).drop_nulls(["agent_id", "day"])


def _tasks(before: Side, after: Side) -> pl.DataFrame:
    worth = ("points", "difficulty", "task_type", "problem", "counterexample_points")
    revised = _revised(before, after, "tasks", "task_id", "at", worth)
    points = [pl.col(name).cast(pl.String).fill_null("none of its own") for name in ("points", "points_now")]
    other_points = pl.format("The points of task {} were {} and are {}", "task_id", *points)
    other_difficulty = pl.format("Task {} was {} and is {}", "task_id", "difficulty", "difficulty_now")
    since = pl.format(" since event {}.", "event_id")
    why = (
        pl.when(pl.col("difficulty_now").is_null())
        .then(pl.format("Task {} is not in the log any more.", "task_id"))
        .when(pl.col("points").ne_missing(pl.col("points_now")))
        .then(pl.concat_str(other_points, since))
        .when(pl.col("difficulty") != pl.col("difficulty_now"))
        .then(pl.concat_str(other_difficulty, since))
        .otherwise(pl.format("Task {} was corrected by event {}.", "task_id", "event_id"))
    )
    return revised.select("task_id", "event_id", "changed_at", because=why)


def _calls(before: Side, after: Side) -> pl.DataFrame:
    revised = _revised(before, after, "agent_calls", "call_id", "known_at", ("user_id", "agent_id", "success"))
    words = [
        pl.when(pl.col(name)).then(pl.lit("a success")).otherwise(pl.lit("a failure"))
        for name in ("success", "success_now")
    ]
    why = (
        pl.when(pl.col("success_now").is_null())
        .then(pl.format("Call {} is not in the log any more.", "call_id"))
        .when(pl.col("success") != pl.col("success_now"))
        .then(pl.format("Call {} was {} and is {} since event {}.", "call_id", *words, pl.col("event_id")))
        .otherwise(pl.format("Call {} was corrected by event {}.", "call_id", "event_id"))
    )
    return revised.select("call_id", "user_id", "event_id", "changed_at", because=why)


def known_events(side: Side, events: pl.Series) -> pl.Series:
    """Which of the events were in force in a season: records of submissions and calls."""
    if events.is_empty():
        return events
    is_asked = pl.col("event_id").is_in(events.unique().implode())
    found = [rows_of(side.tables[t].select("event_id").filter(is_asked)) for t in ("submissions", "agent_calls")]
    return pl.concat(found)["event_id"]
