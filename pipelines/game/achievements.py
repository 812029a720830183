"""Achievements: a metric of a user's calls that reaches a threshold, at the exact call that did it (SPEC section 9).

Here: for every achievement whose metric is read off calls the first call at which it held, and how far each user has
come. Key of the stage: user. Not here: metrics that rest on XP and trophies, and what is required besides
(conferring.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipelines.game.counting import running_count
from pipelines.game.facts import Ids
from pipelines.game.filters import is_among
from pipelines.game.levels import level_of
from pipelines.game.rules import Rulebook
from pipelines.game.xp import place_of_call
from pipelines.game.xp_rules import AchievementRule

EVENT: dict[str, pl.DataType] = {
    "user": pl.UInt32(),
    "place": pl.Int64(),
    "earned_at": pl.Datetime("us"),
    "event_id": pl.String(),
}


@dataclass(frozen=True)
class UserEvents:
    """The calls of a bucket of users in order, with XP and mean_quality, and the runs of active days.

    `calls`: from xp.earn; `active`: from xp.active_days.
    """

    calls: pl.DataFrame
    active: pl.DataFrame
    rules: Rulebook
    ids: Ids


def metric_rows(rule: AchievementRule, events: UserEvents) -> pl.DataFrame | None:
    """The calls that can move a metric, in order: user, place, earned_at, event_id, value (the metric after the call).

    None for metrics that are not read off calls alone.
    """
    make = _METRICS.get(rule.metric)
    if make is None:
        return None
    rows = make(rule, events).with_columns(place=place_of_call(), earned_at="at")
    return rows.select(*EVENT, pl.col("value").cast(pl.Int64))


def first_held(rule: AchievementRule, rows: pl.DataFrame) -> pl.DataFrame:
    """Per user the first of `rows` at which the condition held: columns of EVENT."""
    held = rows.filter(pl.col("value") >= rule.threshold).unique("user", keep="first", maintain_order=True)
    return held.select(EVENT.keys())


def _let_through(rule: AchievementRule, calls: pl.DataFrame, ids: Ids) -> pl.DataFrame:
    """The calls that pass the filters of an achievement."""
    for wanted, column in (
        (rule.action_type, "action_type"), (rule.complexity, "complexity"), (rule.category, "category"),
    ):  # fmt: skip
        if wanted:
            calls = calls.filter(pl.col(column).is_in(wanted))
    for wanted, column, texts in ((rule.agent, "agent", ids.agents), (rule.team, "team", ids.teams)):
        if wanted:
            calls = calls.filter(is_among(column, wanted, texts))
    if rule.under_s is not None:
        calls = calls.filter((pl.col("duration_s") > 0) & (pl.col("duration_s") < rule.under_s))
    if rule.min_quality is not None:
        calls = calls.filter(pl.col("mean_quality") >= rule.min_quality)
    return calls


def _calls(rule: AchievementRule, events: UserEvents) -> pl.DataFrame:
    return running_count(_let_through(rule, events.calls, events.ids), "user", rule.within_s)


def _successes(rule: AchievementRule, events: UserEvents) -> pl.DataFrame:
    calls = _let_through(rule, events.calls, events.ids)
    return running_count(calls.filter("success"), "user", rule.within_s)


def _different(calls: pl.DataFrame) -> pl.DataFrame:
    """The first call of each agent counts one."""
    firsts = calls.unique(["user", "agent"], keep="first", maintain_order=True)
    return running_count(firsts, "user", None)


def _agents_called(rule: AchievementRule, events: UserEvents) -> pl.DataFrame:
    return _different(_let_through(rule, events.calls, events.ids))


def _agents_succeeded(rule: AchievementRule, events: UserEvents) -> pl.DataFrame:
    return _different(_let_through(rule, events.calls, events.ids).filter("success"))


def _active_days(_: AchievementRule, events: UserEvents) -> pl.DataFrame:
    """The first successful call of a day lengthens the run."""
    firsts = events.calls.filter("success").unique(["user", "day"], keep="first", maintain_order=True)
    runs = events.active.select("user", "day", value="run_length")
    return firsts.join(runs, on=["user", "day"], maintain_order="left")


def _agent_level(_: AchievementRule, events: UserEvents) -> pl.DataFrame:
    xp = pl.col("xp").cum_sum().over("user", "agent")
    return events.calls.with_columns(value=level_of(xp, events.rules.levels))


_METRICS: dict[str, Callable[[AchievementRule, UserEvents], pl.DataFrame]] = {
    "calls": _calls,
    "successes": _successes,
    "agents_called": _agents_called,
    "agents_succeeded": _agents_succeeded,
    "active_days": _active_days,
    "agent_level": _agent_level,
}
