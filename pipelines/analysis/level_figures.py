"""The figures of what comes next, drawn of one season: the next level of one, and of many.

Here: which rows a figure takes. Not here: drawing them (reports/figures/forecasts.py), the forecasts themselves.
"""

import polars as pl

from pipelines.analysis.season_rows import SeasonRows
from pipelines.reports.figures import forecasts, growth
from pipelines.reports.figures.canvas import Canvas

_TABLE = "level_forecasts"


class LevelFigures(SeasonRows):
    """Figures of forecasts. Every method raises Misuse, with close matches, for a name that does not exist, and
    Unreadable if the season was published without them."""

    def next_level(self, user_id: str, agent_id: str | None = None) -> Canvas:
        """The XP of a user, or of a user with one agent, its levels, and when the next one comes."""
        user_id = self._one("user", user_id)
        own = pl.col("user_id") == user_id
        whose = own & pl.col("agent_id").is_null()
        if agent_id is not None:
            own &= pl.col("agent_id") == self._one("agent", agent_id)
            whose = own
        days = growth.daily(self._rows("xp_ledger", own), "user_id", self._zone)
        forecast = self._rows(_TABLE, whose).to_dicts()
        return forecasts.growth_with_forecast(
            days, user_id, self._reading.rules.levels, forecast[0] if forecast else None, until=self._reading.today
        )

    def next_levels(self, user_id: str | None = None, top: int = forecasts.TOP) -> Canvas:
        """When each user reaches the next level, or a user with each of its agents."""
        if user_id is None:
            return forecasts.next_levels(self._rows(_TABLE, pl.col("scope") == "user"), top=top)
        own = (pl.col("scope") == "user_agent") & (pl.col("user_id") == self._one("user", user_id))
        return forecasts.next_levels(self._rows(_TABLE, own), "agent_id", top)
