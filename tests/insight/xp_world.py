"""Seasons of XP whose making is known: users who work in bursts, rest at weekends, grow, and favour some agents.

Not here: skill, tasks, success: how hard or how good anything is plays no part in XP that forecasts XP.
"""

import datetime as dt

import numpy as np
import polars as pl

from pipelines.game.levels import with_level
from pipelines.game.rules import Rulebook
from pipelines.insight.evidence import Evidence

LAST = dt.date(2026, 11, 15)
_WEEKEND = 0.25  # of the chance of a weekday to be a day of work


def season(rules: Rulebook, seed: int, n_users: int = 40, n_days: int = 210, n_agents: int = 4) -> Evidence:
    """The evidence of a season with the tables that forecasts of levels read."""
    rng = np.random.default_rng(seed)
    is_on = _bursts(rng, n_users, n_days)
    weekday = np.array([(LAST - dt.timedelta(days=n_days - 1 - day)).weekday() for day in range(n_days)])
    chance = rng.beta(4, 2, n_users)[:, None] * np.where(weekday >= 5, _WEEKEND, 1.0) * is_on
    works = rng.random((n_users, n_days)) < chance
    growth = np.exp(rng.normal(0.0015, 0.002, n_users)[:, None] * np.arange(n_days))
    mean_xp = np.exp(rng.normal(np.log(60), 0.8, n_users))[:, None] * growth
    xp = np.where(works, rng.gamma(2.0, mean_xp / 2), 0).round().astype(np.int64)
    favours = rng.dirichlet(np.full(n_agents, 0.7), n_users)
    split = np.floor(xp[:, :, None] * rng.dirichlet(np.full(n_agents, 0.5), (n_users, n_days)) * n_agents)
    gained = np.floor(split * favours[:, None, :]).astype(np.int64)
    return evidence(rules, _ledger(gained, n_days))


def evidence(rules: Rulebook, ledger: pl.DataFrame, last: dt.date = LAST) -> Evidence:
    """The evidence of a ledger: user_id, agent_id, xp, earned_at (aware). `as_of` is the last instant of a day."""
    pairs = ledger.filter(pl.col("agent_id").is_not_null()).group_by("user_id", "agent_id").agg(pl.col("xp").sum())
    users = ledger.group_by("user_id").agg(pl.col("xp").sum())
    whose = [users.with_columns(scope=pl.lit("user")), pairs.with_columns(scope=pl.lit("user_agent"))]
    levels = with_level(pl.concat(whose, how="diagonal"), rules.levels)
    as_of = dt.datetime.combine(last, dt.time(23, 59), dt.UTC)
    return Evidence({"levels": levels.lazy(), "xp_ledger": ledger.lazy()}, rules, as_of)


def _bursts(rng: np.random.Generator, n_users: int, n_days: int) -> np.ndarray:
    """Whether each user is about on each day: absences of a week on average between stays of three."""
    state = rng.random(n_users) < 0.7
    begins = rng.integers(0, n_days // 2 + 1, n_users)  # half of them join later
    days = []
    for day in range(n_days):
        turns = rng.random(n_users) < np.where(state, 1 / 21, 1 / 8)
        state = np.where(turns, ~state, state)
        days.append(state & (day >= begins))
    return np.stack(days, axis=1)


def _ledger(gained: np.ndarray, n_days: int) -> pl.DataFrame:
    user, day, agent = np.nonzero(gained)
    at = pl.Series("day", day) - (n_days - 1)
    noon = pl.lit(dt.datetime.combine(LAST, dt.time(12), dt.UTC)).cast(pl.Datetime("us", "UTC"))
    frame = pl.DataFrame({"user": user, "agent": agent, "day": at, "xp": gained[user, day, agent]})
    return frame.select(
        user_id=pl.format("u{}", "user"),
        agent_id=pl.format("a{}", "agent"),
        xp=pl.col("xp").cast(pl.Int64),
        earned_at=noon + pl.duration(days="day"),
    )
