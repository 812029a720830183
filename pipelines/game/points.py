"""Points: the ledger of awards that counted submissions earn (SPEC section 5).

Here: the five rules, who solved a task first, and the published table `points_ledger`. Key of the stages: agent,
but the first solver of a task is a minimum over all agents: each bucket yields its earliest solves, merged by
`earliest`. Not here: which submissions count (submissions.py), badges, boards.
"""

import datetime as dt
from dataclasses import dataclass

import polars as pl

from pipelines.game import runs
from pipelines.game.contract import FLAG, INSTANT, TEXT, WHOLE, Column, Table
from pipelines.game.facts import Ids
from pipelines.game.packing import sorted_rows
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

FIRST_SOLVES: dict[str, pl.DataType] = {
    "task": pl.UInt32(),
    "counted_at": pl.Datetime("us"),
    "submission_id": pl.String(),
    "agent": pl.UInt32(),
}
WAITING: dict[str, pl.DataType] = {"task": pl.UInt32(), "counted_at": pl.Datetime("us"), "submission_id": pl.String()}


@dataclass(frozen=True)
class FirstSolves:
    """Per task number: the agent that solved it first (null: nobody), and whether that may still change."""

    agent: pl.Series
    is_provisional: pl.Series


def solves(scored: pl.DataFrame) -> pl.DataFrame:
    """A bucket's counted verified submissions, any of which may be its task's first: columns of FIRST_SOLVES."""
    return scored.lazy().filter("is_verified").select(FIRST_SOLVES.keys()).collect()


def waiting(scored: pl.DataFrame, clock: str) -> pl.DataFrame:
    """A bucket's pending submissions that could still count: columns of WAITING.

    Under the clock judged_at nothing is provisional: what is judged later counts later.
    """
    waits = pl.col("could_count") & ~pl.col("is_unresolved") & (clock == "submitted_at")
    return scored.lazy().filter(waits).select(WAITING.keys()).collect()


@dataclass(frozen=True)
class Race:
    """Per task number the earliest solve (FIRST_SOLVES) and waiting submission (WAITING) so far, else nulls."""

    solves: pl.DataFrame
    waiting: pl.DataFrame

    @classmethod
    def begun(cls, solves: pl.DataFrame, waiting: pl.DataFrame, n_tasks: int) -> "Race":
        """Nobody has come in yet; the columns are those of these candidates."""
        nobody = [
            pl.select(pl.repeat(None, n_tasks, dtype=dtype).alias(name) for name, dtype in candidates.schema.items())
            for candidates in (solves, waiting)
        ]
        return cls(*nobody)

    def joined(self, solves: pl.DataFrame, waiting: pl.DataFrame) -> "Race":
        """The race with the candidates of one more bucket."""
        return Race(earliest(self.solves, solves), earliest(self.waiting, waiting))


def earliest(best: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """Per task number the row least by (counted_at, submission_id) of `best`, which is such a frame, and `candidates`.

    Associative over buckets. Of a bucket only the rows that are not later than the best before it are ordered: after
    the first buckets few.
    """
    best_at = best["counted_at"].gather(candidates["task"])
    hopeful = candidates.filter(best_at.is_null() | (candidates["counted_at"] <= best_at))
    if hopeful.is_empty():
        return best
    order = sorted_rows(hopeful["task"].cast(pl.Int64), hopeful["counted_at"].to_physical(), hopeful["submission_id"])
    firsts = hopeful[order].filter(runs.is_new("task"))
    held = best[firsts["task"]]
    is_tie = firsts["counted_at"].eq(held["counted_at"]).fill_null(value=False)
    is_better = ~is_tie | (firsts["submission_id"] < held["submission_id"]).fill_null(value=False)
    better = firsts.filter(is_better)
    return best.with_columns(best[name].clone().scatter(better["task"], better[name]) for name in best.columns)


def first_solves(race: Race) -> FirstSolves:
    """Who solved each task first, once all buckets have joined the race."""
    both = race.solves.with_columns(race.waiting.select(pl.col("counted_at", "submission_id").name.prefix("waiting_")))
    is_earlier = (pl.col("waiting_counted_at") < pl.col("counted_at")) | (
        (pl.col("waiting_counted_at") == pl.col("counted_at"))
        & (pl.col("waiting_submission_id") < pl.col("submission_id"))
    )
    is_provisional = both.select(is_earlier.fill_null(value=False)).to_series()
    return FirstSolves(race.solves["agent"], is_provisional)


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
    goes_back = (pl.col("agent") == pl.col("agent").shift(1)) & (pl.col("day") < pl.col("day").shift(1))
    if days.select(goes_back.any()).item():
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
