"""One user's profile, as read from a published season: level, calls, achievements, and the agents that it owns.

Not here: how it looks (user_view.py), what calls say (calls_part.py), what makes a level (game/levels.py).
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.reports import calls_part, forecast_part, trophies_part
from pipelines.reports.choices import one_of
from pipelines.reports.places import places
from pipelines.reports.reading import Reading

_DAYS = ("active_days", "daily_current", "daily_best", "n_agents_called", "n_agents_succeeded")
_OWNED = ("n_agents_owned", "points", "tasks_completed", "attempts", "accuracy")


@dataclass(frozen=True)
class UserPage:
    """A user: level and when the next comes, work, agents called, achievements, levels reached, hours, agents owned,
    places, last awards.

    `level` and `work` are None without XP and without calls, `forecast` where nobody made one.
    """

    reading: Reading
    user_id: str
    level: dict[str, Any] | None
    forecast: dict[str, Any] | None
    work: dict[str, Any] | None
    totals: dict[str, Any]
    agents: list[dict[str, Any]]
    achievements: list[dict[str, Any]]
    progress: list[dict[str, Any]]
    level_ups: list[dict[str, Any]]
    n_level_ups: int
    hours: list[dict[str, Any]]
    owned: list[dict[str, Any]]
    ranks: list[dict[str, Any]]
    awards: list[dict[str, Any]]
    n_awards: int

    def for_machines(self) -> dict[str, object]:
        """The page as plain data."""
        return {
            "user_id": self.user_id,
            "as_of": self.reading.as_of,
            "rulebook": self.reading.fingerprint,
            "generation": self.reading.generation.id,
            "level": self.level,
            "level_forecast": self.forecast,
            **self.totals,
            "calls": self.work,
            "agents": self.agents,
            "achievements": self.achievements,
            "achievement_progress": self.progress,
            "n_level_ups": self.n_level_ups,
            "last_level_ups": self.level_ups,
            "usage_hours": self.hours,
            "agents_owned": self.owned,
            "ranks": self.ranks,
            "n_awards": self.n_awards,
            "last_awards": self.awards,
        }


def user_page(reading: Reading, user_id: str, top: int = 10) -> UserPage:
    """The profile of a user with its first `top` agents and last `top` awards and levels reached.

    Raises Misuse, with close matches, if there is no such user.
    """
    users = reading.collect(reading.table("user_stats").select("user_id")).to_series().to_list()
    user_id = one_of(user_id, users, "user")
    own = pl.col("user_id") == user_id
    stats = reading.table("user_stats").filter(own).select(*_DAYS, *_OWNED, "last_active_at")
    levels = reading.table("levels").filter(own & (pl.col("scope") == "user")).drop("user_id", "scope", "agent_id")
    level = _first(reading.collect(levels))
    ups = reading.table("level_ups").filter(own)
    last_ups = ups.sort("reached_at", "level", maintain_order=True).tail(top).reverse().drop("user_id")
    awards, n_awards = calls_part.last_awards(reading, own, top)
    return UserPage(
        reading,
        user_id,
        level=level,
        forecast=forecast_part.forecast(reading, own),
        work=calls_part.work(reading, "user_stats", own),
        totals=reading.collect(stats).row(0, named=True),
        agents=calls_part.pairs(reading, own, "xp", top)[0],
        achievements=trophies_part.earned(reading, "user", user_id),
        progress=trophies_part.on_the_way(reading, "user", user_id, level["level"] if level else 1),
        level_ups=reading.collect(last_ups).to_dicts(),
        n_level_ups=reading.collect(ups.select(pl.len())).item(),
        hours=calls_part.hours(reading, own),
        owned=_owned(reading, user_id, top),
        ranks=places(reading, "user", user_id),
        awards=awards,
        n_awards=n_awards,
    )


def _owned(reading: Reading, user_id: str, top: int) -> list[dict[str, Any]]:
    """The agents of a user with most points: points, tasks, accuracy, and their badges, the rarest first."""
    agents = reading.agents_of(user_id)
    columns = ("agent_id", "points", "tasks_completed", "attempts", "accuracy", "last_active_at")
    stats = agents.join(reading.collect(reading.table("agent_stats").select(columns)), on="agent_id", how="left")
    whole = pl.col("points", "tasks_completed", "attempts").fill_null(0)
    first = stats.with_columns(whole).sort("points", "agent_id", descending=[True, False]).head(top)
    badges = trophies_part.badges_by(reading, "agent", first["agent_id"]).rename({"subject_id": "agent_id"})
    found = first.join(badges, on="agent_id", how="left", maintain_order="left")
    return found.with_columns(pl.col("badges").fill_null([])).to_dicts()


def _first(frame: pl.DataFrame) -> dict[str, Any] | None:
    return frame.row(0, named=True) if frame.height else None
