"""All tables of insight, composed: which is made of which. Composition only."""

from collections.abc import Iterator, Mapping

import polars as pl

from pipelines.insight.advice.next_tasks import task_recommendations
from pipelines.insight.advice.recommend import agent_recommendations
from pipelines.insight.backtests.calibration import recommender_calibration
from pipelines.insight.backtests.predictions import Predictions
from pipelines.insight.backtests.recommender import recommender_backtest
from pipelines.insight.backtests.rolling import Rolling
from pipelines.insight.backtests.scores import recommender_scores
from pipelines.insight.evidence import CALL, SUBMISSION, Evidence
from pipelines.insight.forecasts.backtest import forecast_backtest
from pipelines.insight.forecasts.levels import level_forecasts
from pipelines.insight.forecasts.past import past_of
from pipelines.insight.growth.daily_work import daily_work
from pipelines.insight.growth.performance import performance
from pipelines.insight.growth.trends import trends
from pipelines.insight.review.anomalies import anomalies
from pipelines.insight.skill.boards import leaderboard_rated
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.models import skill_models
from pipelines.insight.skill.months import agent_skill_months
from pipelines.insight.skill.ratings import agent_skill, models_of
from pipelines.insight.skill.task_difficulty import task_difficulty
from pipelines.insight.skill.work_difficulty import work_difficulty
from pipelines.insight.tables import INSIGHT_TABLES
from pipelines.insight.teams.adoption import agent_adoption
from pipelines.insight.teams.collaboration import team_collaboration
from pipelines.insight.teams.use import TeamUse

Tables = Iterator[tuple[str, pl.DataFrame]]


def insights(evidence: Evidence) -> Tables:
    """Every table of insight by name, whole. With `[insight] enabled = false` all of them are empty."""
    if not evidence.rules.insight.enabled:
        yield from ((name, table.empty()) for name, table in INSIGHT_TABLES.items())
        return
    small = evidence.in_memory()
    if small is None:
        yield from _made(evidence)
        return
    with pl.Config(engine_affinity="in-memory"):  # of few rows all is done before threads have met
        tables = list(_made(small))
    yield from tables


def _made(evidence: Evidence) -> Tables:
    models = models_of(evidence)
    skill = agent_skill(evidence, models)
    difficulty = task_difficulty(evidence, models.get(SUBMISSION))
    yield from _of_work(evidence)
    yield "skill_models", skill_models(evidence, models)
    yield "agent_skill", skill
    yield "agent_skill_months", agent_skill_months(models)
    yield "work_difficulty", work_difficulty(models)
    yield "task_difficulty", difficulty
    yield "leaderboard_rated", leaderboard_rated(evidence, models, skill)
    yield "agent_recommendations", agent_recommendations(evidence, models.get(CALL))
    yield "task_recommendations", task_recommendations(evidence, models.get(SUBMISSION))
    yield from _of_backtests(evidence, models)
    flags, detectors = anomalies(evidence, difficulty, skill)
    yield "anomaly_flags", flags
    yield "anomaly_detectors", detectors


def _of_work(evidence: Evidence) -> Tables:
    """What is told without a model of skill: days and trends of agents, teams, levels to come."""
    days, use, past = daily_work(evidence), TeamUse.of(evidence), past_of(evidence)
    yield "agent_performance_daily", performance(evidence, days)
    yield "agent_trends", trends(evidence, days)
    yield "team_collaboration", team_collaboration(use)
    yield "agent_adoption", agent_adoption(evidence, use)
    yield "level_forecasts", level_forecasts(past)
    yield "forecast_backtest", forecast_backtest(past)


def _of_backtests(evidence: Evidence, models: Mapping[str, SkillModel]) -> Tables:
    """How the advice and the predictions would have done on days past."""
    rollings = {kind: Rolling.of(model.trials) for kind, model in models.items()}
    predictions = {kind: Predictions.of(rolling) for kind, rolling in rollings.items() if rolling.is_told}
    yield "recommender_backtest", recommender_backtest(evidence, rollings.get(CALL))
    yield "recommender_calibration", recommender_calibration(predictions)
    yield "recommender_scores", recommender_scores(evidence, rollings, predictions)
