"""Submissions: which exist at `as_of`, in which order, and which of them count (SPEC sections 3 and 4).

Here: the order (clock, submission_id), the first verified one per agent and task, the tries before it, and the
published table `submissions`. Not here: what a counted submission earns (points.py).
"""

import polars as pl

from pipelines.game import runs
from pipelines.game.contract import DAY, FLAG, INSTANT, TEXT, WHOLE, Column, Table
from pipelines.game.facts import Ids
from pipelines.game.packing import packed, sorted_rows
from pipelines.game.records import VERDICTS
from pipelines.game.windows import local_date

SUBMISSIONS = Table(
    name="submissions",
    grain="One row per submission that exists at as_of, in its state of then",
    columns=(
        Column("submission_id", TEXT, "the submission"),
        Column("event_id", TEXT, "the record in force"),
        Column("at", INSTANT, "when that state became known"),
        Column("agent_id", TEXT, "who tried"),
        Column("task_id", TEXT, "what was tried"),
        Column("problem", TEXT, "the task's problem family; null while the task is unknown", nullable=True),
        Column("submitted_at", INSTANT, "when it was handed in"),
        Column("verdict", TEXT, "the state", words=VERDICTS),
        Column("judged_at", INSTANT, "when it was judged", nullable=True),
        Column("claimed_at", INSTANT, "when the agent took the task", nullable=True),
        Column("found", FLAG, "whether a search found something", nullable=True),
        Column("awarded_points", WHOLE, "points the judge awarded", nullable=True, low=0),
        Column("team_id", TEXT, "the agent's team at this submission", nullable=True),
        Column("user_id", TEXT, "who ran the agent", nullable=True),
        Column("model", TEXT, "the model behind the agent", nullable=True),
        Column("source", TEXT, "where the record comes from", nullable=True),
        Column("counted_at", INSTANT, "the instant the rulebook's clock names; null while unjudged under the "
               "clock judged_at", nullable=True),
        Column("is_counted", FLAG, "whether it is an attempt: judged, and not after the agent's first solve"),
        Column("is_unresolved", FLAG, "whether its task is unknown at as_of"),
        Column("extra", TEXT, "unknown fields of the record, as JSON", nullable=True),
    ),
    sort_by=("agent_id", "submitted_at", "submission_id"),
)  # fmt: skip


def in_order(bucket: pl.DataFrame, clock: str) -> pl.DataFrame:
    """The submissions of a bucket in the order (agent, clock, submission_id): only what counting them needs.

    Columns: `row` (its place in this order), `source` (its place in `bucket`), agent, task, verdict, `counted_at` (null
    without the clock's instant, as pending under the clock judged_at: such a row stands at its submitted_at). `bucket`
    has agent (number in id order), task, verdict, submitted_at, judged_at, submission_id, and any payload.
    """
    is_judged = pl.col("verdict").is_in(["verified", "rejected"])
    counted_at = pl.col("submitted_at") if clock == "submitted_at" else pl.when(is_judged).then("judged_at")
    frame = bucket.select("agent", "task", "verdict", counted_at=counted_at)
    at = frame["counted_at"] if clock == "submitted_at" else frame["counted_at"].fill_null(bucket["submitted_at"])
    order = sorted_rows(frame["agent"].cast(pl.Int64), at.to_physical(), bucket["submission_id"])
    return frame[order].with_columns(source=order).with_row_index("row")


def count(ordered: pl.DataFrame, tasks: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Mark what counts; adds is_unresolved, is_counted, is_verified (counted), could_count, day.

    `tasks` has one row per task number, null where no task record is known. Per agent and task the judged
    submissions count up to and including the first verified one; a pending one could still count while no verified
    one stands before it.
    """
    solves = pl.col("verdict") == "verified"
    is_judged = solves | (pl.col("verdict") == "rejected")
    is_repeat = repeats(ordered["agent"], ordered["task"], ordered["verdict"] == "verified")
    frame = ordered.with_columns(
        is_unresolved=tasks["problem"].is_null().gather(ordered["task"]),
        could_count=(pl.col("verdict") == "pending") & ~is_repeat,
        day=local_date(pl.col("counted_at"), zone).cast(DAY),
    ).with_columns(is_counted=is_judged & ~pl.col("is_unresolved") & ~is_repeat)
    return frame.with_columns(is_verified=solves & pl.col("is_counted"))


def repeats(agent: pl.Series, task: pl.Series, is_solving: pl.Series) -> pl.Series:
    """Of rows in order: whether the agent has solved the task in a row before.

    Agent, task and row are sorted as one integer: the tries of a pair then follow one another in order, and whoever
    has more solves before it than stood before its pair is a repeat. Half as dear as finding each pair by its hash.
    """
    n = len(agent)
    rows = pl.int_range(n, dtype=pl.Int64, eager=True)
    pair = packed(agent.cast(pl.Int64), task.cast(pl.Int64))
    tries = pl.DataFrame({"key": packed(pair, rows).sort()})
    tries = tries.select(pair=pl.col("key") // max(n, 1), row=(pl.col("key") % max(n, 1)).cast(pl.UInt32))
    tries = tries.with_columns(is_solving=is_solving.gather(tries["row"]))
    before = pl.col("is_solving").cum_sum() - pl.col("is_solving")
    is_repeat = before > runs.value_at_start(before, runs.is_new("pair"))
    return pl.repeat(False, n, eager=True).scatter(tries.filter(is_repeat)["row"], True)


def scored(counted: pl.DataFrame, bucket: pl.DataFrame, tasks: pl.DataFrame) -> pl.DataFrame:
    """What the second pass needs: the submissions that count or could, in order, numbered anew in `row`.

    Columns beside those of `count`: problem (number), took (from claim to submission, null if never claimed), team,
    found, awarded_points, submission_id, event_id.
    """
    kept = counted.filter(pl.col("is_counted") | pl.col("could_count"))
    took = pl.col("submitted_at") - pl.col("claimed_at")
    payload = bucket.select("team", "found", "awarded_points", "submission_id", "event_id", took=took)[kept["source"]]
    kept = kept.drop("row", "source", "verdict").with_columns(problem=tasks["problem"].gather(kept["task"]))
    return pl.concat([kept, payload], how="horizontal").with_row_index("row")


def publish(counted: pl.DataFrame, bucket: pl.DataFrame, tasks: pl.DataFrame, ids: Ids) -> pl.DataFrame:
    """A bucket's part of the table `submissions`: `bucket` in the order of `counted`, with what was found out."""
    frame = bucket.drop("agent", "task", "verdict")[counted["source"]]
    frame = frame.with_columns(
        counted.select("verdict", "counted_at", "is_counted", "is_unresolved"),
        agent_id=ids.agents.gather(counted["agent"]),
        task_id=ids.tasks.gather(counted["task"]),
        problem=ids.problems.gather(tasks["problem"].gather(counted["task"])),
        team_id=ids.teams.gather(frame["team"]),
        user_id=ids.users.gather(frame["user"]),
    )
    in_order = (frame["counted_at"] == frame["submitted_at"]).all(ignore_nulls=False)
    return SUBMISSIONS.shape(frame if in_order else frame.sort(SUBMISSIONS.sort_by, maintain_order=True))
