"""Levels: what XP makes of a user, and of a user with one agent (SPEC section 8).

Here: level, title and stars of a sum of XP, the published tables `levels` and `level_ups`. Key of the stage: user.
Not here: where XP comes from (xp.py, achievements.py).
"""

import polars as pl

from pipelines.game.contract import INSTANT, TEXT, WHOLE, Column, Table
from pipelines.game.facts import Ids
from pipelines.game.xp_rules import LevelRules

SCOPES = ("user", "user_agent")
_WHOSE = (
    Column("user_id", TEXT, "the user"),
    Column("scope", TEXT, "whether of the user, or of the user with one agent", words=SCOPES),
    Column("agent_id", TEXT, "the agent; null in the scope `user`", nullable=True),
)

LEVELS = Table(
    name="levels",
    grain="One row per user, and per user and agent, with a call or an award of XP",
    columns=(
        *_WHOSE,
        Column("xp", WHOLE, "XP of the ledger", low=0),
        Column("level", WHOLE, "the level that it makes", low=1),
        Column("title", TEXT, "title of that level"),
        Column("stars", WHOLE, "stars of that level", low=0),
        Column("level_xp", WHOLE, "XP at which that level begins", low=0),
        Column("xp_to_next", WHOLE, "XP that the next level wants; null at the last one", nullable=True, low=1),
    ),
    sort_by=("user_id", "scope", "agent_id"),
)

LEVEL_UPS = Table(
    name="level_ups",
    grain="One row per level reached, from level 2 on",
    columns=(
        *_WHOSE,
        Column("level", WHOLE, "the level", low=2),
        Column("reached_at", INSTANT, "when it was reached"),
        Column("event_id", TEXT, "the call's record, or that of the submission whose badge did it"),
    ),
    sort_by=("user_id", "scope", "agent_id", "level"),
)


def begins(level: pl.Expr, rules: LevelRules) -> pl.Expr:
    """The XP at which a level begins; null past the end of a table."""
    if rules.table:
        table = pl.Series(rules.table, dtype=pl.Int64)
        return pl.lit(table).gather(level - 1, null_on_oob=True)
    return rules.step * level * (level - 1)


def level_of(xp: pl.Expr, rules: LevelRules) -> pl.Expr:
    """The level of a sum of XP: the last one that begins at or below it.

    Of the formula xp = step * L * (L - 1) the root is taken in doubles and put right by comparing whole numbers.
    """
    if rules.table:
        return pl.sum_horizontal(*((xp >= begin).cast(pl.Int64) for begin in rules.table))
    root = ((1 + (1 + 4 * xp.cast(pl.Float64) / rules.step).sqrt()) / 2).floor().cast(pl.Int64)
    too_high, too_low = begins(root, rules) > xp, begins(root + 1, rules) <= xp
    return root - too_high.cast(pl.Int64) + too_low.cast(pl.Int64)


def with_level(frame: pl.DataFrame, rules: LevelRules) -> pl.DataFrame:
    """A frame with `xp` and what follows from it: level, title, stars, level_xp, xp_to_next."""
    level = pl.col("level")
    titles = pl.lit(pl.Series(rules.titles, dtype=pl.String))
    return frame.with_columns(level=level_of(pl.col("xp"), rules)).with_columns(
        title=titles.gather(pl.min_horizontal(level, len(rules.titles)) - 1),
        stars=pl.min_horizontal(level - 1, rules.max_stars),
        level_xp=begins(level, rules),
        xp_to_next=begins(level + 1, rules) - pl.col("xp"),
    )


def level_ups(steps: pl.DataFrame, whose: list[str], rules: LevelRules) -> pl.DataFrame:
    """One row per level passed: `whose`, level, reached_at, event_id.

    `steps`: every gain of XP in order, sorted by `whose`: those columns, xp, at, event_id.
    """
    level = level_of(pl.col("xp").cum_sum().over(whose), rules)
    passed = steps.with_columns(level=level).with_columns(before=pl.col("level").shift(1, fill_value=1).over(whose))
    passed = passed.filter(pl.col("level") > pl.col("before"))
    each = passed.with_columns(level=pl.int_ranges(pl.col("before") + 1, pl.col("level") + 1, dtype=pl.Int64))
    return each.select(*whose, "level", "event_id", reached_at="at").explode("level")


def publish(table: Table, of_users: pl.DataFrame, of_pairs: pl.DataFrame, ids: Ids) -> pl.DataFrame:
    """A bucket's part of `levels` or `level_ups`, from the rows of users and those of users with an agent."""
    frame = pl.concat(
        [of_users.with_columns(scope=pl.lit("user")), of_pairs.with_columns(scope=pl.lit("user_agent"))],
        how="diagonal",
    )
    frame = frame.with_columns(user_id=ids.users.gather(frame["user"]), agent_id=ids.agents.gather(frame["agent"]))
    return table.shape(frame.sort(table.sort_by))
