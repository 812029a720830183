"""The figures of statistics, drawn of one season: how good agents are, how hard tasks, and whether advice is right.

Here: which rows a figure takes. Not here: drawing them, and the statistics.
"""

import polars as pl

from pipelines.analysis.season_rows import SeasonRows
from pipelines.insight.backtests.policies import OURS
from pipelines.insight.evidence import CALL, KINDS, SUBMISSION
from pipelines.reports.choices import one_of
from pipelines.reports.coverage_rows import coverage_rows
from pipelines.reports.figures import funnel, item_map, policies, quadrants, ratings, skill_months, skills, trust
from pipelines.reports.figures.canvas import Canvas


class InsightFigures(SeasonRows):
    """Figures of the tables of insight. `kind`: call or submission; skills of the two are never mixed.

    Every method raises Misuse for a name that does not exist, and Unreadable if the season was published without its
    table.
    """

    def rating_forest(self, kind: str = CALL, category: str | None = None) -> Canvas:
        """The ratings of agents with their intervals: in all their work, or in one category (problem)."""
        return ratings.rating_forest(self._board(kind, category))

    def rank_ladder(self, kind: str = CALL, category: str | None = None) -> Canvas:
        """Between which ranks each agent lies, and how likely it is the best."""
        return ratings.rank_ladder(self._board(kind, category))

    def raw_and_adjusted(self, kind: str = CALL, category: str | None = None) -> Canvas:
        """Success as counted beside that on the same mix of work for all."""
        return ratings.raw_and_adjusted(self._board(kind, category))

    def points_and_skill(self, kind: str = SUBMISSION) -> Canvas:
        """The points of agents against their ratings: two different things."""
        return quadrants.points_and_skill(self._board(kind, None), self._rows("agent_stats"))

    def skill_map(self, kind: str = CALL) -> Canvas:
        """The ratings of agents in each category (of submissions: problem)."""
        return skills.skill_map(self._of_kind("agent_skill", kind))

    def skill_course(self, agent_id: str, kind: str = CALL) -> Canvas:
        """The rating of one agent month by month."""
        agent_id = self._one("agent", agent_id)
        return skill_months.skill_course(self._of_kind("agent_skill_months", kind, agent_id=agent_id), agent_id)

    def funnel(self, kind: str = CALL) -> Canvas:
        """Success against n, and who lies outside of what chance alone would give."""
        return funnel.funnel(self._of_kind("agent_skill", kind))

    def item_map(self) -> Canvas:
        """Skills of agents and difficulties of tasks on one scale."""
        return item_map.item_map(self._of_kind("agent_skill", SUBMISSION), self._rows("task_difficulty"))

    def reliability(self, kind: str = CALL, model: str | None = None) -> Canvas:
        """Predicted and measured success, bin by bin; without `model` of our own one."""
        bins = self._of_kind("recommender_calibration", kind)
        models = bins["model"].unique().sort().to_list()
        chosen = OURS if model is None else one_of(model, models, "model")
        return trust.reliability(bins.filter(pl.col("model") == chosen))

    def coverage(self) -> Canvas:
        """How often ranges of chances and of forecasts held what came, beside how often they were meant to."""
        return trust.coverage(coverage_rows(self._rows("recommender_scores"), self._rows("forecast_backtest")))

    def policy_values(self, kind: str = CALL) -> Canvas:
        """What advice is worth beside other ways to choose an agent."""
        return policies.policy_values(self._of_kind("recommender_backtest", kind))

    def _board(self, kind: str, category: str | None) -> pl.DataFrame:
        boards = self._of_kind("leaderboard_rated", kind)
        if category is None:
            return boards.filter(pl.col("board") == kind)
        held = boards["category"].drop_nulls().unique().sort().to_list()
        category = one_of(category, held, "problem" if kind == SUBMISSION else "category")
        return boards.filter(pl.col("category") == category)

    def _of_kind(self, table: str, kind: str, **own: str) -> pl.DataFrame:
        chosen = pl.col("kind") == one_of(kind, KINDS, "kind")
        return self._rows(table, pl.all_horizontal(chosen, *(pl.col(name) == held for name, held in own.items())))
