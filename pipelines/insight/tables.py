"""The published tables of insight, and with those of the game all that a generation holds.

Here: the lists. Not here: the tables; each stands in the module that makes it.
"""

from pipelines.game.contract import Table
from pipelines.game.tables import TABLES
from pipelines.insight.advice.next_tasks import TASK_RECOMMENDATIONS
from pipelines.insight.advice.recommend import AGENT_RECOMMENDATIONS
from pipelines.insight.backtests.calibration import RECOMMENDER_CALIBRATION
from pipelines.insight.backtests.recommender import RECOMMENDER_BACKTEST
from pipelines.insight.backtests.scores import RECOMMENDER_SCORES
from pipelines.insight.forecasts.backtest import FORECAST_BACKTEST
from pipelines.insight.forecasts.levels import LEVEL_FORECASTS
from pipelines.insight.growth.performance import AGENT_PERFORMANCE_DAILY
from pipelines.insight.growth.trends import AGENT_TRENDS
from pipelines.insight.review.anomalies import ANOMALY_DETECTORS, ANOMALY_FLAGS
from pipelines.insight.skill.boards import LEADERBOARD_RATED
from pipelines.insight.skill.models import SKILL_MODELS
from pipelines.insight.skill.months import AGENT_SKILL_MONTHS
from pipelines.insight.skill.ratings import AGENT_SKILL
from pipelines.insight.skill.task_difficulty import TASK_DIFFICULTY
from pipelines.insight.skill.work_difficulty import WORK_DIFFICULTY
from pipelines.insight.teams.adoption import AGENT_ADOPTION
from pipelines.insight.teams.collaboration import TEAM_COLLABORATION

INSIGHT_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        AGENT_PERFORMANCE_DAILY,
        AGENT_TRENDS,
        TEAM_COLLABORATION,
        AGENT_ADOPTION,
        LEVEL_FORECASTS,
        FORECAST_BACKTEST,
        SKILL_MODELS,
        AGENT_SKILL,
        AGENT_SKILL_MONTHS,
        WORK_DIFFICULTY,
        TASK_DIFFICULTY,
        LEADERBOARD_RATED,
        AGENT_RECOMMENDATIONS,
        TASK_RECOMMENDATIONS,
        RECOMMENDER_BACKTEST,
        RECOMMENDER_CALIBRATION,
        RECOMMENDER_SCORES,
        ANOMALY_FLAGS,
        ANOMALY_DETECTORS,
    )
}
PUBLISHED_TABLES: dict[str, Table] = {**TABLES, **INSIGHT_TABLES}
