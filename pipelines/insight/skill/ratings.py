"""How good each agent is now, overall and by category: measured, not a game.

Here: the table `agent_skill`. Not here: the model (model.py), ranks (boards.py), the other tables of the model
(months.py, work_difficulty.py, models.py).
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from pipelines.game.contract import FLAG, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.insight.evidence import KINDS, Evidence
from pipelines.insight.normal import Z_90
from pipelines.insight.skill.estimates import Estimate
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.trials import Codes, Numbers, Trials

AVERAGE_RATING, RATING_PER_LOGIT = 1500.0, 173.7  # 400 / ln 10: 400 points are odds of ten to one, as in chess (Elo)
DIGITS, RATING_DIGITS = 6, 1  # decimals published
MOST_BORROWED = 200_000  # agents x categories up to which those without trials have a row too: more nobody reads
CHUNK = 50_000  # rows for which the model is asked at once: their covariances are copied
DIRECT, BORROWED = "direct", "borrowed"
OVERALL, CATEGORY = "overall", "category"

AGENT_SKILL = Table(
    name="agent_skill",
    grain="One row per kind of trial, agent and scope: overall, or one category (of submissions: problem)",
    columns=(
        Column("kind", TEXT, "whether calls or counted submissions", words=KINDS),
        Column("agent_id", TEXT, "the agent"),
        Column(
            "scope", TEXT, "overall: over the standard mix of categories; category: in one", words=(OVERALL, CATEGORY)
        ),
        Column(
            "category",
            TEXT,
            "the category (of submissions: the problem); null overall, or if none is given",
            nullable=True,
        ),
        Column("attempts", WHOLE, "trials of the agent in that scope", low=0),
        Column("successes", WHOLE, "how many of them succeeded", low=0),
        Column(
            "n_effective",
            NUMBER,
            "trials at even odds, all of them now, that would tell as much about the skill: (1 / skill_sd^2 - 1 / its "
            "spread among agents^2) x 4. Old trials, very easy and very hard ones tell less; in a category those "
            "in others tell something",
            low=0,
        ),
        Column("skill_logit", NUMBER, "skill now, in logits of success; 0 is the average agent of that kind"),
        Column("skill_sd", NUMBER, "its posterior standard deviation", low=0),
        Column("own_logit", NUMBER, "what the category adds to the agent's skill; 0 overall and where borrowed"),
        Column("own_sd", NUMBER, "its posterior standard deviation", low=0),
        Column("rating", NUMBER, "1500 + 173.7 x skill_logit: 400 more are odds ten times as good"),
        Column("rating_lo90", NUMBER, "low end of its 90 % interval"),
        Column("rating_hi90", NUMBER, "high end of its 90 % interval"),
        Column(
            "trend_logit_30d",
            NUMBER,
            "skill of this calendar month (without trials in it: of the last one) less that of the month before; null "
            "in categories, for agents with trials in neither of these and for those with none before",
            nullable=True,
        ),
        Column("trend_lo90", NUMBER, "low end of its 90 % interval", nullable=True),
        Column("trend_hi90", NUMBER, "high end of its 90 % interval", nullable=True),
        Column("is_provisional", FLAG, "fewer attempts than `insight.min_attempts`"),
        Column(
            "evidence",
            TEXT,
            "direct: own trials; borrowed: from the agent's other categories",
            words=(DIRECT, BORROWED),
        ),
    ),
    sort_by=("kind", "agent_id", "scope", "category"),
)


def models_of(evidence: Evidence) -> dict[str, SkillModel]:
    """The model of each kind that has trials; a kind without any is absent."""
    trials = (Trials.of(evidence, kind) for kind in KINDS)
    return {each.kind: SkillModel.of(each) for each in trials if each.events.height}


def agent_skill(evidence: Evidence, models: Mapping[str, SkillModel]) -> pl.DataFrame:
    """The table. `models`: by kind."""
    least = evidence.rules.insight.min_attempts
    parts = [part for model in models.values() for part in (_overall(model), _in_categories(model))]
    if not parts:
        return AGENT_SKILL.empty()
    half = RATING_PER_LOGIT * Z_90 * pl.col("skill_sd")
    rating = AVERAGE_RATING + RATING_PER_LOGIT * pl.col("skill_logit")
    frame = pl.concat(parts).with_columns(
        rating=rating.round(RATING_DIGITS),
        rating_lo90=(rating - half).round(RATING_DIGITS),
        rating_hi90=(rating + half).round(RATING_DIGITS),
        is_provisional=pl.col("attempts") < least,
    )
    logits = [c.name for c in AGENT_SKILL.columns if c.dtype == NUMBER and not c.name.startswith("rating")]
    return AGENT_SKILL.shape(frame.with_columns(pl.col(logits).round(DIGITS))).sort(AGENT_SKILL.sort_by)


def _overall(model: SkillModel) -> pl.DataFrame:
    shape, counts = model.fit.shape, model.trials.counts
    prior = model.spreads.agent**2 + float(np.square(model.mix).sum()) * model.spreads.category**2
    trend = _trend(model)
    columns = {
        "attempts": np.bincount(shape.agent, counts.n, shape.n_agents),
        "successes": np.bincount(shape.agent, counts.successes, shape.n_agents),
        **_skill(model.overall(), prior),
        "own_logit": np.zeros(shape.n_agents),
        "own_sd": np.zeros(shape.n_agents),
        "trend_logit_30d": trend.mean,
        "trend_lo90": trend.mean - Z_90 * trend.sd,
        "trend_hi90": trend.mean + Z_90 * trend.sd,
    }
    frame = pl.DataFrame(columns).with_columns(pl.selectors.starts_with("trend").fill_nan(None))
    return frame.with_columns(
        kind=pl.lit(model.trials.kind),
        agent_id=model.trials.agents,
        scope=pl.lit(OVERALL),
        category=pl.lit(None, TEXT),
        evidence=pl.lit(DIRECT),
    )


def _in_categories(model: SkillModel) -> pl.DataFrame:
    shape, counts, n_categories = model.fit.shape, model.trials.counts, model.trials.n_categories
    direct = shape.link_agent * n_categories + shape.link_category
    n_all = shape.n_agents * n_categories
    key = np.arange(n_all) if n_all <= MOST_BORROWED else direct
    agent, category = np.divmod(key, n_categories)
    place = np.searchsorted(key, direct)
    attempts, successes = np.zeros(key.size), np.zeros(key.size)
    attempts[place] = np.bincount(shape.link, counts.n, direct.size)
    successes[place] = np.bincount(shape.link, counts.successes, direct.size)
    here, own = _asked(model, agent, category)
    columns = {
        "attempts": attempts,
        "successes": successes,
        **_skill(here, model.spreads.agent**2 + model.spreads.category**2),
        "own_logit": own.mean,
        "own_sd": own.sd,
    }
    frame = pl.DataFrame(columns).with_columns(
        pl.lit(None, NUMBER).alias(name) for name in ("trend_logit_30d", "trend_lo90", "trend_hi90")
    )
    return frame.with_columns(
        kind=pl.lit(model.trials.kind),
        agent_id=model.trials.agents.gather(agent),
        scope=pl.lit(CATEGORY),
        category=model.trials.categories.gather(category),
        evidence=pl.when(pl.col("attempts") > 0).then(pl.lit(DIRECT)).otherwise(pl.lit(BORROWED)),
    )


def _skill(found: Estimate, prior: float) -> dict[str, Numbers]:
    """Skill with how many trials it rests on. `prior`: its variance among agents, before any trial."""
    information = np.maximum(found.sd**-2 - 1 / prior, 0) * 4  # a trial at even odds tells p x (1 - p) = 1 / 4
    return {"n_effective": information, "skill_logit": found.mean, "skill_sd": found.sd}


def _asked(model: SkillModel, agent: Codes, category: Codes) -> tuple[Estimate, Estimate]:
    """Skill in categories and what these add, row by row."""
    rows = [slice(first, first + CHUNK) for first in range(0, agent.size, CHUNK)]
    here = [model.in_category(agent[part], category[part]) for part in rows]
    own = [model.own(agent[part], category[part]) for part in rows]
    return _joined(here), _joined(own)


def _joined(parts: list[Estimate]) -> Estimate:
    return Estimate(np.concatenate([part.mean for part in parts]), np.concatenate([part.sd for part in parts]))


def _trend(model: SkillModel) -> Estimate:
    """Skill of the last month less that of the one before, of each agent; NaN where nothing tells it.

    The last month is this one or, perhaps on its first days, the one before.
    """
    shape, terms, covariance = model.fit.shape, model.fit.terms, model.fit.certainty.covariance
    last = np.full(shape.n_agents, shape.n_months)
    np.minimum.at(last, shape.agent, shape.month)
    first = np.zeros(shape.n_agents, np.int64)
    np.maximum.at(first, shape.agent, shape.month)
    is_told = (last <= 1) & (first > last)
    agent, now, then = np.arange(shape.n_agents), np.where(is_told, last, 0), np.where(is_told, last + 1, 0)
    step = terms.skill[agent, now] - terms.skill[agent, then]
    joint = covariance[agent, now, then]
    variance = covariance[agent, now, now] + covariance[agent, then, then] - 2 * joint
    return Estimate(np.where(is_told, step, np.nan), np.where(is_told, np.sqrt(np.maximum(variance, 0)), np.nan))
