"""Product a, profiles by choice: what an owner who shares it is told of, from a season of those alone who share it.

Here: from tables of that season to rows with `owner_id` (and `agent_id`) in the place of pseudonyms, coarse: counts and
scores to the nearest grain, time in weeks, words of the policy only. Ranks are those of the rounded scores, so
they tell no more than these do. Not here: playing that season (engines/sharing.py), pseudonyms (pseudonyms.py).
"""

import datetime as dt

import polars as pl

from pipelines.arena.periods import month_text, week_at, week_text
from pipelines.arena.policy import OTHER, ProfileLimits, PublicWords
from pipelines.arena.tables import ALL_TIME

_SHARE_DIGITS = 2
_CALENDAR = ("week", "month")


def profiles(
    owners: pl.Series, user_stats: pl.DataFrame, agents: pl.DataFrame, limits: ProfileLimits, zone: str
) -> pl.DataFrame:
    """Columns of PROFILES with owner_id: one row per owner with a call or a counted submission.

    `agents`: agent_stats with the `owner_id` of each agent. XP, calls and level are the user's own; points and tasks
    are those of all agents of the owner.
    """
    of_agents = agents.group_by("owner_id").agg(
        pl.col("points", "tasks_completed", "attempts").sum(), worked_at=pl.col("last_active_at").max()
    )
    of_users = user_stats.select(
        "xp", "calls", "successes", "level", "daily_best", owner_id="user_id", active_at="last_active_at"
    )
    known = (
        owners.to_frame("owner_id").join(of_users, on="owner_id", how="left").join(of_agents, on="owner_id", how="left")
    )
    whole = known.with_columns(
        pl.col("xp", "calls", "successes", "daily_best", "points", "tasks_completed", "attempts").fill_null(0),
        pl.col("level").fill_null(1),
        last_active_week=week_at(pl.max_horizontal("active_at", "worked_at"), zone),
    )
    active = whole.filter((pl.col("calls") > 0) | (pl.col("attempts") > 0))
    return _shared(
        _counted(active, ["calls", "successes", "tasks_completed", "attempts"], limits.count_grain).with_columns(
            _grained("xp", limits.score_grain), _grained("points", limits.score_grain)
        ),
        {"success_share": ("successes", "calls"), "accuracy": ("tasks_completed", "attempts")},
        limits.min_share_of,
    )


def agent_statistics(user_agents: pl.DataFrame, words: PublicWords, limits: ProfileLimits) -> pl.DataFrame:
    """Columns of AGENT_STATISTICS with owner_id: pairs whose calls make at least one grain; unlisted agents as one."""
    is_public = pl.col("agent_id").is_in(words.agents)
    sums = (
        user_agents.with_columns(agent=pl.when(is_public).then("agent_id").otherwise(pl.lit(OTHER)))
        .group_by("agent", owner_id="user_id")
        .agg(pl.col("calls", "successes", "xp").sum(), level=pl.col("level").max())
        .with_columns(level=pl.when(pl.col("agent") != OTHER).then("level"))
    )
    told = _counted(sums, ["calls", "successes"], limits.count_grain).filter(pl.col("calls") > 0)
    return _shared(
        told.with_columns(_grained("xp", limits.score_grain)),
        {"success_share": ("successes", "calls")},
        limits.min_share_of,
    )


def leaderboard_entries(
    leaderboards: pl.DataFrame,
    owners_of_agents: pl.DataFrame,
    words: PublicWords,
    limits: ProfileLimits,
    last_day: dt.date,
) -> pl.DataFrame:
    """Columns of LEADERBOARD_ENTRIES with owner_id and agent_id, without pseudonyms.

    `owners_of_agents`: agent_id, owner_id. Closed windows only: those that end on `last_day` or before, and all time.
    Entries whose score rounds to nothing are left out.
    """
    slug, problem = (pl.col("board").str.splitn(":", 2).struct.field(f"field_{n}") for n in (0, 1))
    is_told = slug.is_in(limits.boards) & (problem.is_null() | problem.is_in(words.problems))
    is_closed = (pl.col("window") == ALL_TIME) | (
        pl.col("window").is_in(_CALENDAR) & (pl.col("window_end_on") <= last_day)
    )
    entries = leaderboards.filter(is_told & is_closed & (pl.col("scope") == "all")).with_columns(
        period=_period(),
        subject_type=pl.when(pl.col("agent_id").is_null()).then(pl.lit("owner")).otherwise(pl.lit("agent")),
        slug=slug,
    )
    named = entries.join(owners_of_agents, on="agent_id", how="left").with_columns(
        owner_id=pl.coalesce("owner_id", "user_id"), score=_score(limits)
    )
    told = named.filter((pl.col("score") > 0) & pl.col("owner_id").is_not_null())
    ranked = told.with_columns(rank=pl.col("score").rank("min", descending=True).over("board", "period").cast(pl.Int64))
    return ranked.select("board", "period", "rank", "subject_type", "owner_id", "agent_id", "score")


def achievements(
    badges: pl.DataFrame, level_ups: pl.DataFrame, owners_of_agents: pl.DataFrame, words: PublicWords, zone: str
) -> pl.DataFrame:
    """Columns of ACHIEVEMENTS with owner_id: public badges and achievements, and levels; each when first earned."""
    is_public = pl.col("slug").is_in(words.achievements) & (
        pl.col("tier").is_null() | pl.col("tier").is_in(words.tiers)
    )
    held = (
        badges.rename({"badge": "slug"})
        .filter(is_public)
        .join(owners_of_agents, left_on="subject_id", right_on="agent_id", how="left")
        .with_columns(is_user=pl.col("subject_type") == "user")
        .select(
            "slug",
            "tier",
            owner_id=pl.when("is_user").then("subject_id").otherwise("owner_id"),
            kind=pl.when("is_user").then(pl.lit("achievement")).otherwise(pl.lit("badge")),
            level=pl.lit(None, dtype=pl.Int64),
            at="earned_at",
        )
    )
    reached = level_ups.filter(pl.col("scope") == "user").select(
        slug=pl.lit("level"),
        tier=pl.lit(None, dtype=pl.String),
        owner_id="user_id",
        kind=pl.lit("level"),
        level="level",
        at="reached_at",
    )
    once = ["owner_id", "kind", "slug", "tier", "level"]
    all_of_them = pl.concat([held, reached]).filter(pl.col("owner_id").is_not_null())
    return all_of_them.group_by(once).agg(week=week_at(pl.col("at").min(), zone)).select(*once, "week")


def _period() -> pl.Expr:
    start = pl.col("window_start_on")
    return (
        pl.when(pl.col("window") == "week")
        .then(week_text(start))
        .when(pl.col("window") == "month")
        .then(month_text(start))
        .otherwise(pl.lit(ALL_TIME))
    )


def _score(limits: ProfileLimits) -> pl.Expr:
    """What an entry is ranked by here: points or XP, tasks of one problem, or accuracy of rounded counts."""
    tasks, tries = _whole("tasks_completed", limits.count_grain), _whole("attempts", limits.count_grain)
    accuracy = pl.when(tries >= limits.min_share_of).then((tasks / tries).round(_SHARE_DIGITS))
    counted = pl.when(pl.col("slug") == "problem").then(tasks).otherwise(_whole("score", limits.score_grain))
    return pl.when(pl.col("slug") == "accuracy").then(accuracy).otherwise(counted.cast(pl.Float64)).fill_null(0.0)


def _whole(column: str, grain: int) -> pl.Expr:
    return (pl.col(column).cast(pl.Int64) + grain // 2) // grain * grain


def _grained(column: str, grain: int) -> pl.Expr:
    return _whole(column, grain).alias(column)


def _counted(frame: pl.DataFrame, columns: list[str], grain: int) -> pl.DataFrame:
    return frame.with_columns(_grained(column, grain) for column in columns)


def _shared(frame: pl.DataFrame, shares: dict[str, tuple[str, str]], least: int) -> pl.DataFrame:
    """Shares of what is told, so that nothing finer than the counts can be read from them; null of fewer than `least`.

    Of few tries the grain alone would make a share of none or all.
    """
    return frame.with_columns(
        pl.when(pl.col(n) >= least).then((pl.col(part) / pl.col(n)).round(_SHARE_DIGITS)).alias(share)
        for share, (part, n) in shares.items()
    )
