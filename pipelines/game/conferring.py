"""Conferring achievements: those of level and of trophies, which rest on what is earned, and the XP of all of them.

An achievement's XP raises its user, which can complete another achievement at the same event. Whatever is earned only
ever makes more be earned, and no later: so starting from what calls alone decide and asking again until nothing
changes gives what going through the events one by one would give. Key of the stage: user.
Not here: metrics of calls (achievements.py), what is required besides (requires.py), the tables (trophies.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.game import requires
from pipelines.game.achievements import EVENT, UserEvents, first_held, metric_rows
from pipelines.game.levels import level_of
from pipelines.game.people import OWNED_BADGES
from pipelines.game.xp import BADGES_BETWEEN, place_of_call
from pipelines.game.xp_rules import AchievementRule, LevelRules

EARNED: dict[str, pl.DataType] = {
    **EVENT,
    "badge": pl.String(),
    "tier": pl.String(),
    "xp": pl.Int64(),
}
PROGRESS: dict[str, pl.DataType] = {
    "user": pl.UInt32(),
    "badge": pl.String(),
    "tier": pl.String(),
    "value": pl.Int64(),
    "level": pl.Int64(),
}


@dataclass(frozen=True)
class Conferred:
    """What the users of a bucket earned (columns of EARNED), how far they are, and every gain of XP in order.

    `progress`: columns of PROGRESS; `gains`: user, place, at, event_id, xp, sorted by user and place, what a call earns
    before what achievements do.
    """

    earned: pl.DataFrame
    progress: pl.DataFrame
    gains: pl.DataFrame


def confer(events: UserEvents, badges: pl.DataFrame) -> Conferred:
    """Everything that the users of a bucket earn. `badges`: columns of OWNED_BADGES, of agents that they own."""
    rules = events.rules.achievement
    if events.calls.is_empty() and badges.is_empty():  # a competition without calls: there is nothing to ask about
        earned = pl.DataFrame(schema=EARNED)
        return Conferred(earned, pl.DataFrame(schema=PROGRESS), _gains(events.calls, earned))
    badges = place_badges(badges, events.calls)
    progress = [pl.DataFrame(schema=PROGRESS)]
    own: dict[str, pl.DataFrame] = {}
    for rule in rules:
        rows = metric_rows(rule, events)
        if rows is not None:
            own[rule.key] = first_held(rule, rows)
            progress.append(_progress(rule, rows.group_by("user").agg(pl.col("value").max())))
    earned, is_settled = pl.DataFrame(schema=EARNED), False
    while not is_settled:
        before, gains = earned, _gains(events.calls, earned)
        for rule in rules:
            if rule.metric == "user_level":
                own[rule.key] = _level_reached(gains, rule.threshold, events.rules.levels)
            elif rule.metric == "trophies":
                own[rule.key] = _trophies_held(rule, earned, badges, gains, events.rules.levels)
        earned = _rewarded(rules, own)
        is_settled = earned.equals(before)
    progress += [_progress_of_trophies(rule, earned, badges, gains, events.rules.levels) for rule in rules]
    return Conferred(earned, pl.concat(progress), gains)


def place_badges(badges: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """Badges with their `place`: behind the last call up to their instant, in the order (at, event_id, agent, slug)."""
    order = ["user", "earned_at", "event_id", "agent", "badge", "tier"]
    starts = calls.group_by("user").agg(first_row=pl.col("row").min())
    anchors = badges.sort("earned_at", maintain_order=True).join_asof(
        calls.select("user", "row", "at").sort("at", maintain_order=True),
        left_on="earned_at", right_on="at", by="user", strategy="backward", check_sortedness=False,
    )  # fmt: skip
    before_all = pl.col("first_row").cast(pl.Int64).fill_null(0) - 1
    placed = anchors.join(starts, on="user", how="left").with_columns(
        anchor=pl.col("row").cast(pl.Int64).fill_null(before_all)
    )
    nth = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("user", "anchor")
    placed = placed.sort(order, nulls_last=False).with_columns(place=pl.col("anchor") * BADGES_BETWEEN + nth)
    return placed.select(*OWNED_BADGES, "place")


def _gains(calls: pl.DataFrame, earned: pl.DataFrame) -> pl.DataFrame:
    """Every gain of XP, in the order in which it is applied."""
    of_calls = calls.select("user", "event_id", "xp", at="at", place=place_of_call())
    of_rewards = earned.select("user", "event_id", "xp", at="earned_at", place="place")
    return pl.concat([of_calls, of_rewards.select(of_calls.columns)]).sort("user", "place", maintain_order=True)


def _level_reached(gains: pl.DataFrame, level: int, rules: LevelRules) -> pl.DataFrame:
    """Per user the event at which it came to a level: columns of EVENT."""
    reached = level_of(pl.col("xp").cum_sum().over("user"), rules) >= level
    first = gains.filter(reached).unique("user", keep="first", maintain_order=True)
    return first.rename({"at": "earned_at"}).select(EVENT.keys())


def _trophies(rule: AchievementRule, earned: pl.DataFrame, badges: pl.DataFrame) -> pl.DataFrame:
    """Every trophy that counts for a rule, in order: the other achievements, each tier one, and the badges."""
    is_itself = (pl.col("badge") == rule.slug) & pl.col("tier").eq_missing(pl.lit(rule.tier, dtype=pl.String))
    others = earned.filter(~is_itself).select(EVENT.keys())
    return pl.concat([others, badges.select(EVENT.keys())]).sort("user", "place", maintain_order=True)


def _trophies_held(
    rule: AchievementRule, earned: pl.DataFrame, badges: pl.DataFrame, gains: pl.DataFrame, levels: LevelRules
) -> pl.DataFrame:
    """Per user the event at which it had enough trophies and the level asked for, whichever came last."""
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("user")
    enough = _trophies(rule, earned, badges).filter(number == rule.threshold)
    if rule.min_level == 1:
        return enough
    return requires.last_of([enough, _level_reached(gains, rule.min_level, levels)], "user")


def _rewarded(rules: Sequence[AchievementRule], own: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """What is earned, with its XP: columns of EARNED, in a total order."""
    if not rules:
        return pl.DataFrame(schema=EARNED)
    rewards = pl.DataFrame(
        {"badge": [r.slug for r in rules], "tier": [r.tier for r in rules], "xp": [r.xp for r in rules]},
        schema={"badge": pl.String, "tier": pl.String, "xp": pl.Int64},
    )
    earned = requires.earned(rules, own, "user").join(rewards, on=["badge", "tier"], nulls_equal=True)
    return earned.select(EARNED.keys()).sort("user", "place", "badge", "tier")


def _progress(rule: AchievementRule, best: pl.DataFrame) -> pl.DataFrame:
    return best.select(
        "user",
        badge=pl.lit(rule.slug),
        tier=pl.lit(rule.tier, dtype=pl.String),
        value=pl.col("value").cast(pl.Int64),
        level=pl.lit(None, dtype=pl.Int64),
    )


def _progress_of_trophies(
    rule: AchievementRule, earned: pl.DataFrame, badges: pl.DataFrame, gains: pl.DataFrame, levels: LevelRules
) -> pl.DataFrame:
    """How far users are with a metric of level or trophies; no rows for other metrics."""
    reached = gains.group_by("user").agg(pl.col("xp").sum()).select("user", level=level_of(pl.col("xp"), levels))
    if rule.metric == "user_level":
        return _progress(rule, reached.rename({"level": "value"}))
    if rule.metric != "trophies":
        return pl.DataFrame(schema=PROGRESS)
    held = _trophies(rule, earned, badges).group_by("user").agg(value=pl.len().cast(pl.Int64))
    both = reached.join(held, on="user", how="full", coalesce=True)
    counted = both.with_columns(pl.col("value").fill_null(0), pl.col("level").fill_null(1))
    return _progress(rule, counted).with_columns(level=counted["level"])
