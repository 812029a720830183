"""Points: the ledger of awards that counted submissions earn (SPEC section 5).

Here: the five rules and the published table `points_ledger`. Key of the stage: agent. Not here: which submissions count
(submissions.py), who solved a task first (first_solvers.py), badges, boards.
"""

import datetime as dt

import polars as pl

from pipelines.game import runs
from pipelines.game.contract import FLAG, INSTANT, TEXT, WHOLE, Column, Table
from pipelines.game.facts import Ids
from pipelines.game.first_solvers import FirstSolves
from pipelines.game.rules import PointRules
from pipelines.game.windows import day_ends

RULES = ("task", "pattern_insight", "counterexample", "first_solver", "perfect_day")
RULE = pl.Enum(RULES)

POINTS_LEDGER = Table(
    name="points_ledger",
    grain="One row per award of points",
    columns=(
        Column("entry_id", TEXT, "the award: its rule and submission (perfect_day: agent and date)"),
        Column("event_id", TEXT, "the record in force of the submission that earned it"),
        Column("agent_id", TEXT, "who earned it"),
        Column("team_id", TEXT, "the agent's team at that submission", nullable=True),
        Column("task_id", TEXT, "the task; null for perfect_day", nullable=True),
        Column("problem", TEXT, "the problem family; null for perfect_day", nullable=True),
        Column("submission_id", TEXT, "the submission; null for perfect_day", nullable=True),
        Column("rule", TEXT, "the rule that awards", words=RULES),
        Column("points", WHOLE, "points", low=0),
        Column("earned_at", INSTANT, "when they were earned, by the rulebook's clock"),
        Column("is_provisional", FLAG, "whether a pending verdict can still take it away"),
        Column("rulebook", TEXT, "fingerprint of the rules applied"),
    ),
    sort_by=("agent_id", "earned_at"),
)


def task_awards(tasks: pl.DataFrame, rules: PointRules) -> pl.DataFrame:
    """What solving each task earns, by task number: task_award, counterexample_award (null: not asked for), is_pattern.

    A pattern task's own award is the judge's to say (`award`).
    """
    low = {name: ends[0] for name, ends in rules.difficulty}
    high = {name: ends[1] for name, ends in rules.difficulty}
    least = pl.col("difficulty").cast(pl.String).replace_strict(low, return_dtype=pl.Int64)
    most = pl.col("difficulty").cast(pl.String).replace_strict(high, return_dtype=pl.Int64)
    more = pl.max_horizontal(pl.lit(rules.counterexample), "counterexample_points").cast(pl.Int64)
    return tasks.select(
        task_award=pl.col("task_points").fill_null(least).clip(least, most),
        counterexample_award=pl.when(pl.col("task_type") == "search").then(more),
        is_pattern=pl.col("task_type") == "pattern",
    )


def award(scored: pl.DataFrame, firsts: FirstSolves, worth: pl.DataFrame, rules: PointRules) -> pl.DataFrame:
    """The verified submissions of a bucket with what each rule gives them, null where it gives nothing.

    `worth`: task_awards. Adds: is_pattern, task_award, counterexample_award, first_solver_award, is_first_provisional
    and the sum of the awards, `points`.
    """
    solves = scored.filter("is_verified")
    low, high = rules.pattern_insight
    is_first = firsts.agent.gather(solves["task"]).eq_missing(solves["agent"])
    awards = solves.with_columns(
        worth[solves["task"]],
        first_solver_award=pl.when(is_first).then(pl.lit(rules.first_solver, dtype=pl.Int64)),
        is_first_provisional=firsts.is_provisional.gather(solves["task"]),
    ).with_columns(
        task_award=pl.when("is_pattern")
        .then(pl.col("awarded_points").fill_null(low).clip(low, high))
        .otherwise("task_award"),
        counterexample_award=pl.when("found").then("counterexample_award"),
    )
    return awards.with_columns(points=pl.sum_horizontal("task_award", "counterexample_award", "first_solver_award"))


def with_points(scored: pl.DataFrame, awards: pl.DataFrame) -> pl.DataFrame:
    """`scored` with the `points` of each submission, 0 of those that earn nothing. `awards`: in the same order."""
    # the n-th verified row has the n-th of the awards
    nth = scored.select(pl.when("is_verified").then(pl.col("is_verified").cum_sum() - 1)).to_series()
    return scored.with_columns(points=awards["points"].gather(nth).fill_null(0))


def tally_days(scored: pl.DataFrame) -> pl.DataFrame:
    """Per agent and local day: completed, rejected, points, waiting (pending that could still count), last_row.

    `scored` has `points`; `last_row` is that of the last completed submission. Sorted by agent and day. Days are runs
    of rows in order; only where a zone's clocks went back over midnight does a date come twice.
    """
    held = scored if scored["day"].null_count() == 0 else scored.filter(pl.col("day").is_not_null())
    verified = pl.col("is_verified")
    days = runs.run_sums(
        held,
        ("agent", "day"),
        {
            "completed": verified,
            "rejected": pl.col("is_counted") & ~verified,
            "waiting": pl.col("could_count"),
            "points": pl.col("points"),
        },
        {"last_row": runs.value_at_start(pl.col("row"), verified)},
    ).with_columns(last_row=pl.when(pl.col("completed") > 0).then("last_row"))
    if days.select(runs.goes_back("agent", "day").any()).item():
        added = pl.col("completed", "rejected", "waiting", "points").sum()
        return days.group_by("agent", "day").agg(added, pl.col("last_row").max()).sort("agent", "day")
    return days


def perfect_days(
    days: pl.DataFrame, scored: pl.DataFrame, rules: PointRules, *, as_of: dt.datetime, zone: str, clock: str
) -> pl.DataFrame:
    """Days with enough completed tasks and no rejection, once `as_of` has reached their last microsecond.

    Columns: agent, day, row (the last completed submission), points, earned_at, is_provisional, anchor (the last
    row of the agent up to earned_at, after which the award stands).
    """
    perfect = days.filter((pl.col("completed") >= rules.perfect_day.min_tasks) & (pl.col("rejected") == 0))
    perfect = perfect.join(day_ends(perfect["day"], zone), on="day", how="left", maintain_order="left")
    perfect = perfect.filter(pl.col("ends_at") <= as_of).select(
        "agent",
        "day",
        row="last_row",
        points=pl.lit(rules.perfect_day.points, dtype=pl.Int64),
        earned_at="ends_at",
        is_provisional=(pl.col("waiting") > 0) & (clock == "submitted_at"),
    )
    rows = scored.filter("is_counted").select("agent", "counted_at", anchor="row")
    return perfect.sort("agent", "earned_at").join_asof(
        rows, left_on="earned_at", right_on="counted_at", by="agent", check_sortedness=False
    ).drop("counted_at")  # fmt: skip


def ledger(awards: pl.DataFrame, perfect: pl.DataFrame) -> pl.DataFrame:
    """All awards of a bucket in the order (agent, earned_at, submission, rule): one row each.

    Columns: agent, row (of the submission), anchor, rule, points, earned_at, is_provisional, day (perfect_day only).
    """
    never = pl.lit(value=False)
    rules = (
        ("task", pl.when("is_pattern").then(_rule("pattern_insight")).otherwise(_rule("task")), never),
        ("counterexample", _rule("counterexample"), never),
        ("first_solver", _rule("first_solver"), pl.col("is_first_provisional")),
    )
    parts = [
        awards.filter(pl.col(f"{name}_award").is_not_null()).select(
            "agent", "row", anchor="row", place=pl.lit(place, dtype=pl.UInt64), rule=rule, points=f"{name}_award",
            earned_at="counted_at", is_provisional=is_provisional, day=pl.lit(None, dtype=pl.Date),
        )
        for place, (name, rule, is_provisional) in enumerate(rules)
    ]  # fmt: skip
    parts.append(
        perfect.with_columns(place=pl.lit(3, dtype=pl.UInt64), rule=_rule("perfect_day")).select(parts[0].columns)
    )
    order = pl.col("anchor").cast(pl.UInt64) * 4 + pl.col("place")
    return pl.concat(parts).sort(order, maintain_order=True).drop("place")


def _rule(name: str) -> pl.Expr:
    return pl.lit(name, dtype=RULE)


def publish(entries: pl.DataFrame, scored: pl.DataFrame, ids: Ids, fingerprint: str) -> pl.DataFrame:
    """A bucket's part of the table `points_ledger`; `scored` holds the submissions that `row` points into."""
    earned_by = scored.select("event_id", "team", "task", "problem", "submission_id")[entries["row"]]
    frame = entries.with_columns(
        agent_id=ids.agents.gather(entries["agent"]),
        event_id=earned_by["event_id"],
        team_id=ids.teams.gather(earned_by["team"]),
        task_id=ids.tasks.gather(earned_by["task"]),
        problem=ids.problems.gather(earned_by["problem"]),
        submission_id=earned_by["submission_id"],
        rulebook=pl.lit(fingerprint),
    ).with_columns(
        pl.when(pl.col("rule") != "perfect_day").then(c).alias(c) for c in ("task_id", "problem", "submission_id")
    )
    named = (
        pl.when(pl.col("rule") == "perfect_day")
        .then(pl.format("{}:{}", "agent_id", "day"))
        .otherwise(pl.col("submission_id"))
    )
    return POINTS_LEDGER.shape(frame.with_columns(entry_id=pl.format("{}:{}", "rule", named)))
