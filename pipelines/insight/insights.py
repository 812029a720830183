"""All tables of insight, composed: which is made of which. Composition only."""

from collections.abc import Iterator

import polars as pl

from pipelines.insight.adoption import agent_adoption
from pipelines.insight.backtest import recommender_backtest
from pipelines.insight.calibration import recommender_calibration
from pipelines.insight.collaboration import team_collaboration
from pipelines.insight.daily_work import daily_work
from pipelines.insight.evidence import CALL, Evidence
from pipelines.insight.forecast import level_forecasts
from pipelines.insight.forecast_backtest import forecast_backtest
from pipelines.insight.forecast_past import past_of
from pipelines.insight.growth import trends
from pipelines.insight.performance import performance
from pipelines.insight.predictions import Predictions
from pipelines.insight.rated import leaderboard_rated
from pipelines.insight.recommend import agent_recommendations
from pipelines.insight.rolling import Rolling
from pipelines.insight.scores import recommender_scores
from pipelines.insight.skill import agent_skill, models_of
from pipelines.insight.skill_models import skill_models
from pipelines.insight.skill_months import agent_skill_months
from pipelines.insight.tables import INSIGHT_TABLES
from pipelines.insight.team_use import TeamUse
from pipelines.insight.work_difficulty import work_difficulty


def insights(evidence: Evidence) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every table of insight by name, whole. With `[insight] enabled = false` all of them are empty."""
    if not evidence.rules.insight.enabled:
        yield from ((name, table.empty()) for name, table in INSIGHT_TABLES.items())
        return
    days = daily_work(evidence)
    yield "agent_performance_daily", performance(evidence, days)
    yield "agent_trends", trends(evidence, days)
    use = TeamUse.of(evidence)
    yield "team_collaboration", team_collaboration(use)
    yield "agent_adoption", agent_adoption(evidence, use)
    past = past_of(evidence)
    yield "level_forecasts", level_forecasts(past)
    yield "forecast_backtest", forecast_backtest(past)
    models = models_of(evidence)
    yield "skill_models", skill_models(evidence, models)
    skill = agent_skill(evidence, models)
    yield "agent_skill", skill
    yield "agent_skill_months", agent_skill_months(models)
    yield "work_difficulty", work_difficulty(models)
    yield "leaderboard_rated", leaderboard_rated(evidence, models, skill)
    yield "agent_recommendations", agent_recommendations(evidence, models.get(CALL))
    rollings = {kind: Rolling.of(model.trials) for kind, model in models.items()}
    predictions = {kind: Predictions.of(rolling) for kind, rolling in rollings.items() if rolling.is_told}
    yield "recommender_backtest", recommender_backtest(evidence, rollings.get(CALL))
    yield "recommender_calibration", recommender_calibration(predictions)
    yield "recommender_scores", recommender_scores(evidence, rollings, predictions)
