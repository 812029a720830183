"""The published tables of insight, and with those of the game all that a generation holds.

Here: the lists. Not here: the tables; each stands in the module that makes it.
"""

from pipelines.game.contract import Table
from pipelines.game.tables import TABLES
from pipelines.insight.adoption import AGENT_ADOPTION
from pipelines.insight.anomalies import ANOMALY_DETECTORS, ANOMALY_FLAGS
from pipelines.insight.backtest import RECOMMENDER_BACKTEST
from pipelines.insight.calibration import RECOMMENDER_CALIBRATION
from pipelines.insight.collaboration import TEAM_COLLABORATION
from pipelines.insight.difficulty import TASK_DIFFICULTY
from pipelines.insight.forecast import LEVEL_FORECASTS
from pipelines.insight.forecast_backtest import FORECAST_BACKTEST
from pipelines.insight.growth import AGENT_TRENDS
from pipelines.insight.next_tasks import TASK_RECOMMENDATIONS
from pipelines.insight.performance import AGENT_PERFORMANCE_DAILY
from pipelines.insight.rated import LEADERBOARD_RATED
from pipelines.insight.recommend import AGENT_RECOMMENDATIONS
from pipelines.insight.scores import RECOMMENDER_SCORES
from pipelines.insight.skill import AGENT_SKILL
from pipelines.insight.skill_models import SKILL_MODELS
from pipelines.insight.skill_months import AGENT_SKILL_MONTHS
from pipelines.insight.work_difficulty import WORK_DIFFICULTY

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
