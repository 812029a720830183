"""The figures of an agent week by week, drawn of one season. Not here: drawing them (reports/figures/weeks.py)."""

import polars as pl

from pipelines.analysis.season_rows import SeasonRows
from pipelines.insight.evidence import KINDS
from pipelines.reports.choices import one_of
from pipelines.reports.figures import weeks
from pipelines.reports.figures.canvas import Canvas

_TABLE = "agent_performance_daily"


class WeekFigures(SeasonRows):
    """Figures of agents in time. `kind`: call or submission; without it that of which the agent has more.

    Every method raises Misuse for a name that does not exist, and Unreadable if the season was published without its
    table.
    """

    def success_by_week(self, agent_id: str, kind: str | None = None) -> Canvas:
        """The success of an agent each week with intervals, and less what all agents have at the same work."""
        return weeks.success_by_week(*self._days(agent_id, kind))

    def difficulty_by_week(self, agent_id: str, kind: str | None = None) -> Canvas:
        """The difficulties among an agent's calls (or tasks) each week."""
        return weeks.difficulty_by_week(*self._days(agent_id, kind))

    def _days(self, agent_id: str, kind: str | None) -> tuple[pl.DataFrame, str]:
        days = self._rows(_TABLE, pl.col("agent_id") == self._one("agent", agent_id))
        if kind is None:
            kind = max(KINDS, key=lambda each: int(days.filter(kind=each)["attempts"].sum()))
        return days.filter(kind=one_of(kind, KINDS, "kind")), kind
