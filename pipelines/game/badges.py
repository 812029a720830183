"""Badges: a metric that reaches a threshold, at the exact event that did it (SPEC section 7).

Here: for every badge of the rulebook the first event at which its condition held, per agent, and how far each
agent has come. Key of the stage: agent; `leads` (Champion) compares agents and is merged in champion.py. What is
required besides, and the published tables, are in trophies.py.

Events of an agent stand in the order of its submissions; an award that is no submission's (perfect_day) stands
after the last of them up to its instant. `place` numbers that order: 2 x row, + 1 for what stands after a row.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipelines.game import runs
from pipelines.game.counting import running_count
from pipelines.game.facts import Facts
from pipelines.game.filters import let_through
from pipelines.game.rules import BadgeRule

EARNED: dict[str, pl.DataType] = {
    "agent": pl.UInt32(),
    "badge": pl.String(),
    "tier": pl.String(),
    "earned_at": pl.Datetime("us"),
    "place": pl.Int64(),
    "event_id": pl.String(),
}
PROGRESS: dict[str, pl.DataType] = {
    "agent": pl.UInt32(),
    "badge": pl.String(),
    "tier": pl.String(),
    "value": pl.Float64(),
    "attempts": pl.Int64(),
    "leader_total": pl.Float64(),
}


PLACE_OF_SUBMISSION = pl.col("row").cast(pl.Int64) * 2
PLACE_OF_AWARD = pl.col("anchor").cast(pl.Int64) * 2 + (pl.col("rule") == "perfect_day").cast(pl.Int64)


@dataclass(frozen=True)
class AgentEvents:
    """What happened in one bucket, in order: the frames that metrics are counted on.

    counted: counted submissions with accuracy_run; awards: verified ones with what they earned;
    ledger: all awards; active: days with a completed task and their run_length; event_ids: by row.
    """

    counted: pl.DataFrame
    awards: pl.DataFrame
    ledger: pl.DataFrame
    active: pl.DataFrame
    event_ids: pl.Series
    facts: Facts


def metric_rows(badge: BadgeRule, events: AgentEvents) -> pl.DataFrame:
    """The events that can move a badge's metric, in order: agent, place, row, at, value (the metric after it).

    Of accuracy also `attempts`, which must be enough for the badge.
    """
    rows = _METRICS[badge.metric](badge, events)
    attempts = ["attempts"] if badge.metric == "accuracy" else []
    return rows.select(
        "agent", pl.col("place").cast(pl.Int64), "row", "at", pl.col("value").cast(pl.Float64), *attempts
    )


def first_held(badge: BadgeRule, rows: pl.DataFrame, event_ids: pl.Series) -> pl.DataFrame:
    """Per agent the first of `rows` at which the badge's condition held: columns of EARNED."""
    holds = pl.col("value") >= badge.threshold
    if badge.metric == "accuracy":
        holds &= pl.col("attempts") >= badge.min_attempts
    held = rows.filter(holds).unique("agent", keep="first", maintain_order=True)
    return held.select(
        "agent", badge=pl.lit(badge.slug), tier=pl.lit(badge.tier, dtype=pl.String), earned_at="at",
        place="place", event_id=event_ids.gather(held["row"]),
    )  # fmt: skip


def progress(badge: BadgeRule, rows: pl.DataFrame) -> pl.DataFrame:
    """Per agent with an event how far it is: columns of PROGRESS. Accuracy counts as it stands, the rest at best."""
    if badge.metric == "accuracy":
        value, attempts = pl.col("value").last(), pl.col("attempts").last()
    else:
        value, attempts = pl.col("value").max(), pl.lit(None, dtype=pl.Int64)
    best = rows.group_by("agent", maintain_order=True).agg(value=value, attempts=attempts)
    tier = pl.lit(badge.tier, dtype=pl.String)
    nobody = pl.lit(None, dtype=pl.Float64)
    return best.select(
        "agent", badge=pl.lit(badge.slug), tier=tier, value="value", attempts="attempts", leader_total=nobody
    )


def _counting(badge: BadgeRule, rows: pl.DataFrame, events: AgentEvents, counts: pl.Expr | None = None) -> pl.DataFrame:
    """Each row that `counts` and passes the filters counts one: the value is how many so far.

    Within a sliding window, if the badge has one, that ends at the row. Only what is needed is taken along.
    """
    held = rows.lazy() if counts is None else rows.lazy().filter(counts)
    needed = held.select("agent", "row", "task", "team", at="counted_at").collect()
    counted = running_count(let_through(badge, needed, events.facts), "agent", badge.within_s)
    return counted.with_columns(place=PLACE_OF_SUBMISSION)


def _accuracy(badge: BadgeRule, events: AgentEvents) -> pl.DataFrame:
    needed = events.counted.select("agent", "row", "task", "team", "is_verified", at="counted_at")
    rows = let_through(badge, needed, events.facts)
    verified = pl.col("is_verified").cast(pl.Int64)
    before = runs.value_at_start(verified.cum_sum() - verified, runs.is_new("agent"))
    number = runs.row_number()
    return rows.select(
        "agent", "row", "at", place=PLACE_OF_SUBMISSION,
        attempts=number - runs.value_at_start(number, runs.is_new("agent")) + 1, verified=verified.cum_sum() - before,
    ).with_columns(value=pl.col("verified") / pl.col("attempts"))  # fmt: skip


def _accuracy_streak(badge: BadgeRule, events: AgentEvents) -> pl.DataFrame:
    return events.counted.select("agent", "row", at="counted_at", place=PLACE_OF_SUBMISSION, value="accuracy_run")


def _tasks_completed(badge: BadgeRule, events: AgentEvents) -> pl.DataFrame:
    return _counting(badge, events.awards, events)


def _attempts(badge: BadgeRule, events: AgentEvents) -> pl.DataFrame:
    return _counting(badge, events.counted, events)


def _first_solves(badge: BadgeRule, events: AgentEvents) -> pl.DataFrame:
    return _counting(badge, events.awards, events, pl.col("first_solver_award").is_not_null())


def _counterexamples(badge: BadgeRule, events: AgentEvents) -> pl.DataFrame:
    return _counting(badge, events.awards, events, pl.col("counterexample_award").is_not_null())


def _fast_solves(badge: BadgeRule, events: AgentEvents) -> pl.DataFrame:
    return _counting(badge, events.awards, events, pl.col("took") <= pl.duration(seconds=badge.max_s))


def _daily_streak(badge: BadgeRule, events: AgentEvents) -> pl.DataFrame:
    """The first completed task of a day lengthens the run."""
    firsts = events.awards.unique(["agent", "day"], keep="first", maintain_order=True)
    days = firsts.select("agent", "day", "row", at="counted_at")
    return days.join(events.active, on=["agent", "day"], maintain_order="left").with_columns(
        value="run_length", place=PLACE_OF_SUBMISSION
    )


def points_so_far() -> pl.Expr:
    """An agent's points up to and including each row of a bucket's ledger, in its order."""
    all_points = pl.col("points").cum_sum()
    return all_points - runs.value_at_start(all_points - pl.col("points"), runs.is_new("agent"))


def _ledger_rows(entries: pl.DataFrame) -> pl.DataFrame:
    return entries.with_columns(at="earned_at", place=PLACE_OF_AWARD)


def _points(badge: BadgeRule, events: AgentEvents) -> pl.DataFrame:
    rows = _ledger_rows(events.ledger).with_columns(value=points_so_far())
    return rows.unique(["agent", "place"], keep="last", maintain_order=True)


def _perfect_days(badge: BadgeRule, events: AgentEvents) -> pl.DataFrame:
    rows = _ledger_rows(events.ledger.filter(pl.col("rule") == "perfect_day"))
    return rows.with_columns(value=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("agent"))


_METRICS: dict[str, Callable[[BadgeRule, AgentEvents], pl.DataFrame]] = {
    "tasks_completed": _tasks_completed,
    "attempts": _attempts,
    "first_solves": _first_solves,
    "counterexamples": _counterexamples,
    "fast_solves": _fast_solves,
    "accuracy": _accuracy,
    "accuracy_streak": _accuracy_streak,
    "daily_streak": _daily_streak,
    "points": _points,
    "perfect_days": _perfect_days,
}
