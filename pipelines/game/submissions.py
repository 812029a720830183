"""Submissions: which exist at `as_of`, in which order, and which of them count (SPEC sections 3 and 4).

Here: the order (clock, submission_id), the first verified one per agent and task, the tries before it, and the
published table `submissions`. Not here: what a counted submission earns (points.py).
"""

import polars as pl

from pipelines.game.contract import DAY, FLAG, INSTANT, TEXT, WHOLE, Column, Table
from pipelines.game.facts import Ids
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
    """The rows of a bucket in the order (agent, clock, submission_id), with `counted_at` and the row number `row`.

    `bucket` has: agent (UInt32 rank in id order), submission_id, verdict, submitted_at, judged_at, and any payload.
    A row without the clock's instant (pending under the clock judged_at) stands at its submitted_at.
    """
    is_judged = pl.col("verdict").is_in(["verified", "rejected"])
    counted_at = pl.col("submitted_at") if clock == "submitted_at" else pl.when(is_judged).then("judged_at")
    frame = bucket.with_columns(counted_at=counted_at)
    agent = frame["agent"].cast(pl.Int64)
    at = frame.select(pl.col("counted_at").fill_null(pl.col("submitted_at")).to_physical()).to_series()
    order = sorted_rows(agent, at, frame["submission_id"])
    return frame[order].with_row_index("row")


def sorted_rows(group: pl.Series, at: pl.Series, tie_breaker: pl.Series) -> pl.Series:
    """Row numbers in the order (group, at, tie_breaker); texts are compared only where group and instant tie.

    Group and instant are packed into one integer, so that a single integer sort does nearly all the work; where
    the span of both does not fit into 62 bits the two columns are sorted as they are.
    """
    if len(group) == 0:
        return pl.Series("row", [], dtype=pl.UInt32)
    low_group, low_at = _integer(group.min()), _integer(at.min())
    span = _integer(at.max()) - low_at + 1
    if (_integer(group.max()) - low_group + 1) * span < 1 << 62:
        key = (group - low_group) * span + (at - low_at)
        rows = key.arg_sort()
        sorted_key = key.gather(rows)
        is_tie = sorted_key == sorted_key.shift(1)
    else:
        both = pl.DataFrame({"group": group, "at": at})
        rows = both.select(pl.arg_sort_by("group", "at")).to_series()
        is_tie = both[rows].select(pl.all() == pl.all().shift(1)).select(pl.all_horizontal("*")).to_series()
    is_tie = is_tie.fill_null(value=False)
    return _break_ties(rows, is_tie, tie_breaker) if is_tie.any() else rows


def _break_ties(rows: pl.Series, is_tie: pl.Series, tie_breaker: pl.Series) -> pl.Series:
    """`rows` with each run of ties re-ordered by text; `is_tie[i]`: row i ties with the row before it."""
    run = (~is_tie).cum_sum()
    in_run = is_tie | is_tie.shift(-1).fill_null(value=False)
    places = in_run.arg_true()
    tied = pl.DataFrame({"run": run.gather(places), "row": rows.gather(places)})
    tied = tied.with_columns(text=tie_breaker.gather(tied["row"])).sort("run", "text")
    return rows.scatter(places, tied["row"])


def _integer(value: object) -> int:
    assert isinstance(value, int)  # noqa: S101 - min and max of a column of integers that is not empty
    return value


def count(ordered: pl.DataFrame, tasks: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Mark what counts; adds the task's facts, is_unresolved, is_counted, is_verified (counted), could_count, day.

    `tasks` has one row per task number, null where no task record is known. Per agent and task the judged
    submissions count up to and including the first verified one; a pending one could still count while no verified
    one stands before it.
    """
    facts = tasks.select("problem", "task_type", "difficulty", "task_points", "counterexample_points")
    frame = pl.concat([ordered, facts[ordered["task"]]], how="horizontal")
    pair = pl.col("agent").cast(pl.UInt64) * (1 << 32) + pl.col("task").cast(pl.UInt64)
    frame = frame.with_columns(
        pair=pair, is_unresolved=pl.col("problem").is_null(), is_verified=pl.col("verdict") == "verified"
    )
    solved = frame.filter("is_verified").select("pair", solved_row="row")
    solved = solved.unique("pair", keep="first", maintain_order=True)
    frame = frame.join(solved, on="pair", how="left", maintain_order="left").drop("pair")
    not_after = pl.col("solved_row").is_null() | (pl.col("row") <= pl.col("solved_row"))
    is_judged = pl.col("verdict").is_in(["verified", "rejected"])
    frame = frame.with_columns(
        is_counted=is_judged & ~pl.col("is_unresolved") & not_after,
        could_count=(pl.col("verdict") == "pending") & not_after,
        day=local_date(pl.col("counted_at"), zone).cast(DAY),
    )
    return frame.with_columns(is_verified=pl.col("is_verified") & pl.col("is_counted")).drop("solved_row")


def publish(counted: pl.DataFrame, ids: Ids) -> pl.DataFrame:
    """A bucket's part of the table `submissions`."""
    frame = counted.with_columns(
        agent_id=ids.agents.gather(counted["agent"]),
        task_id=ids.tasks.gather(counted["task"]),
        problem=ids.problems.gather(counted["problem"]),
        team_id=ids.teams.gather(counted["team"]),
        user_id=ids.users.gather(counted["user"]),
    )
    in_order = (counted["counted_at"] == counted["submitted_at"]).all(ignore_nulls=False)
    return SUBMISSIONS.shape(frame if in_order else frame.sort(SUBMISSIONS.sort_by, maintain_order=True))


def scored(counted: pl.DataFrame) -> pl.DataFrame:
    """What the second pass needs of a bucket: the submissions that count or could, numbered anew, without the rest."""
    unused = ("at", "judged_at", "user", "model", "source", "extra", "verdict", "is_unresolved", "row")
    return counted.filter(pl.col("is_counted") | pl.col("could_count")).drop(unused).with_row_index("row")
