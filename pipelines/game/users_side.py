"""The users' side of the game, composed: what agent calls make of users, and of the agents and teams they work for.

Two passes over the buckets, each of which holds all calls of some users; what stands between them is the agents' side
(agents_side.py). The result is the same for any number of buckets. Here: composition only.
"""

from dataclasses import dataclass

import polars as pl

from pipelines.game import achievements, calls, conferring, levels, people, streaks, trophies, work, xp
from pipelines.game.call_sums import CallSums
from pipelines.game.conferring import Conferred
from pipelines.game.people import Owned
from pipelines.game.season import Season, Tallies, tallies_of
from pipelines.game.windows import local_date
from pipelines.game.work import Sums

_SHELVED = (
    "row", "user", "agent", "team", "project", "call_id", "event_id", "at", "day", "action_type", "complexity",
    "category", "success", "duration_s", "mean_quality", *calls.SCORES, *calls.TOKENS, "cost_usd", "base",
    "complexity_factor", "quality_factor", "speed_factor", "multiplier", "streak_factor", "success_factor", "bonus",
    "evidence", "xp",
)  # fmt: skip


@dataclass(frozen=True)
class OpenUsers:
    """A bucket after the first pass: its part of `agent_calls`, its calls with XP, and what the agents' side wants."""

    agent_calls: pl.DataFrame
    earned: pl.DataFrame
    sums: CallSums


@dataclass(frozen=True)
class ClosedUsers:
    """A bucket after the second pass: its parts of the tables keyed by user, and what is still to be merged."""

    tables: dict[str, pl.DataFrame]
    tallies: Tallies
    team_awards: pl.DataFrame


def open_users(bucket: pl.DataFrame, season: Season) -> OpenUsers:
    """First pass over one bucket of calls: order, XP, and the sums that the agents' side wants."""
    ordered = calls.in_order(bucket, season.rules.timezone)
    calendar = _calendar(ordered, season)
    earned = xp.earn(ordered, xp.active_days(ordered, calendar), season.rules.xp, calendar)
    return OpenUsers(calls.publish(ordered, season.ids), earned.select(_SHELVED), CallSums.of(earned))


def close_users(earned: pl.DataFrame, owned: Owned, season: Season) -> ClosedUsers:
    """Second pass over one bucket: everything that XP and trophies make of its users.

    `earned`: what the first pass left of the bucket; `owned`: what its users own.
    """
    rules, ids = season.rules, season.ids
    calendar = _calendar(earned, season)
    active = xp.active_days(earned, calendar)
    conferred = conferring.confer(achievements.UserEvents(earned, active, rules, ids), owned.badges)
    rewards = _with_place(conferred.earned, earned)
    rows = _activity(earned, rewards, season)
    gains = conferred.gains
    pairs = earned.sort("user", "agent", "row").select("user", "agent", "xp", "at", "event_id")
    called_or_earned = gains.select("user").unique(maintain_order=True)
    of_users = levels.with_level(gains.group_by("user").agg(pl.col("xp").sum()), rules.levels)
    of_pairs = levels.with_level(pairs.group_by("user", "agent").agg(pl.col("xp").sum()), rules.levels)
    return ClosedUsers(
        tables={
            "xp_ledger": xp.publish(earned, rewards, ids, rules.fingerprint),
            "badges": trophies.publish_badges(conferred.earned, "user", ids.users),
            "badge_progress": trophies.publish_user_progress(
                called_or_earned, conferred.progress, conferred.earned, rules.achievement, ids
            ),
            "levels": levels.publish(levels.LEVELS, of_users, of_pairs, ids),
            "level_ups": levels.publish(
                levels.LEVEL_UPS,
                levels.level_ups(gains, ["user"], rules.levels),
                levels.level_ups(pairs, ["user", "agent"], rules.levels),
                ids,
            ),
            "user_stats": _user_stats(
                earned, conferred, owned, streaks.daily(active, calendar, key="user"), active, season
            ),
            "user_agents": work.publish_user_agents(Sums.of(earned, ["user", "agent"]), rules.levels, ids),
            "usage_hours": work.publish_usage_hours(earned, rules.timezone, ids),
        },
        tallies=tallies_of(rows, season, of_calls=True),
        team_awards=_team_awards(rows),
    )


def _calendar(ordered: pl.DataFrame, season: Season) -> streaks.Calendar:
    """Days as runs of active days know them: without grace and excuse, which belong to submissions alone."""
    return streaks.Calendar(season.today, 0, season.skipped_since(ordered["day"]))


def _with_place(rewards: pl.DataFrame, earned: pl.DataFrame) -> pl.DataFrame:
    """Rewards with team and project of the call that completed them; of one that a badge completed, without."""
    is_call = rewards["place"] % xp.BADGES_BETWEEN == 0
    row = rewards.select(pl.when(is_call).then(pl.col("place") // xp.BADGES_BETWEEN)).to_series()
    return rewards.with_columns(team=earned["team"].gather(row), project=earned["project"].gather(row))


def _activity(earned: pl.DataFrame, rewards: pl.DataFrame, season: Season) -> pl.DataFrame:
    """What moves a board of calls, a row an award: who, where, at, day, xp, calls and successes (0 or 1), is_award.

    Belonging to no task, an award passes only filters on teams.
    """
    one = pl.lit(1, dtype=pl.Int64)
    of_calls = earned.select(
        "user", "agent", "team", "project", "at", "day", "xp", calls=one, successes=pl.col("success").cast(pl.Int64)
    )
    nothing = pl.lit(0, dtype=pl.Int64)
    of_rewards = rewards.select(
        "user", "team", "project", "xp", at="earned_at", agent=pl.lit(None, dtype=pl.UInt32), calls=nothing,
        day=local_date(pl.col("earned_at"), season.rules.timezone), successes=nothing,
    )  # fmt: skip
    return pl.concat([of_calls, of_rewards.select(of_calls.columns)]).with_columns(
        is_award=pl.lit(value=True),
        task=pl.lit(None, dtype=pl.UInt32),
        problem=pl.lit(None, dtype=pl.UInt32),
    )


def _team_awards(rows: pl.DataFrame) -> pl.DataFrame:
    """By team: xp of its ledger rows, n_users who have one."""
    of_teams = rows.filter(pl.col("team").is_not_null())
    return of_teams.group_by("team").agg(pl.col("xp").sum(), n_users=pl.col("user").n_unique().cast(pl.Int64))


def _user_stats(
    earned: pl.DataFrame,
    conferred: Conferred,
    owned: Owned,
    daily: pl.DataFrame,
    active: pl.DataFrame,
    season: Season,
) -> pl.DataFrame:
    """A bucket's part of `user_stats`: the users who called, earned or own something."""
    xp_of = conferred.gains.group_by("user").agg(pl.col("xp").sum())
    users = pl.concat([xp_of.select("user"), owned.stats.select("user")]).unique().sort("user")
    agent = pl.col("agent")
    parts = [
        xp_of,
        Sums.of(earned, ["user"]).finished().drop("xp"),
        conferred.earned.group_by("user").agg(achievements=pl.len().cast(pl.Int64)),
        earned.group_by("user").agg(
            n_agents_called=agent.n_unique().cast(pl.Int64),
            n_agents_succeeded=agent.filter("success").n_unique().cast(pl.Int64),
        ),
        active.group_by("user").agg(active_days=pl.len().cast(pl.Int64)),
        daily.drop("daily_last_on"),
        owned.stats,
    ]
    return people.publish_user_stats(users, parts, season.rules.levels, season.ids)
