"""The figures of teamwork, drawn of one season. Not here: drawing them (reports/figures/adoption.py)."""

import polars as pl

from pipelines.analysis.season_rows import SeasonRows
from pipelines.insight.evidence import Evidence
from pipelines.insight.teams.use import TeamUse
from pipelines.reports.figures import adoption
from pipelines.reports.figures.canvas import Canvas


class TeamFigures(SeasonRows):
    """Figures of teams. Every method raises Misuse, with close matches, for a team that does not exist.

    Of a team with fewer users than `insight.small_group` they hold a sentence in place of single users.
    """

    def adoption(self, team_id: str, top: int = adoption.TOP_STEPS) -> Canvas:
        """How many users of a team had called each agent by when."""
        rules = self._reading.rules
        return adoption.adoption_steps(
            self._uses(team_id),
            until=self._reading.as_of,
            zone=rules.timezone,
            small_group=rules.insight.small_group,
            top=top,
        )

    def sharing(self, team_id: str) -> Canvas:
        """How often each user of a team has called each agent."""
        return adoption.sharing_map(self._uses(team_id), small_group=self._reading.rules.insight.small_group)

    def _uses(self, team_id: str) -> pl.DataFrame:
        calls = self._reading.table("agent_calls").filter(pl.col("team_id") == self._one("team", team_id))
        return TeamUse.of(Evidence({"agent_calls": calls}, self._reading.rules, self._reading.as_of)).pairs
