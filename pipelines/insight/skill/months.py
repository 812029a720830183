"""How good each agent was from month to month, and what the average agent would have had in its place.

Here: the table `agent_skill_months`. Not here: skill now (ratings.py), the model (model.py).
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from pipelines.game.contract import DAY, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.insight.evidence import KINDS
from pipelines.insight.normal import Z_90
from pipelines.insight.skill.estimates import Estimate
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.ratings import DIGITS
from pipelines.insight.skill.trials import Codes, Numbers

AGENT_SKILL_MONTHS = Table(
    name="agent_skill_months",
    grain="One row per kind of trial, agent and calendar month with trials",
    columns=(
        Column("kind", TEXT, "whether calls or counted submissions", words=KINDS),
        Column("agent_id", TEXT, "the agent"),
        Column("month", DAY, "its first day, in the rulebook's zone"),
        Column("attempts", WHOLE, "trials of the agent in that month", low=1),
        Column("successes", WHOLE, "how many of them succeeded", low=0),
        Column("skill_logit", NUMBER, "skill in that month by all that is known now; 0 is the average agent"),
        Column("lo90", NUMBER, "low end of its 90 % interval"),
        Column("hi90", NUMBER, "high end of its 90 % interval"),
        Column(
            "expected_successes",
            NUMBER,
            "successes that the average agent would have had in the same trials: same categories, difficulties, users "
            "or tasks",
            low=0,
        ),
    ),
    sort_by=("kind", "agent_id", "month"),
)


def agent_skill_months(models: Mapping[str, SkillModel]) -> pl.DataFrame:
    """The table. `models`: by kind."""
    parts = [_months(model) for model in models.values()]
    if not parts:
        return AGENT_SKILL_MONTHS.empty()
    numbers = [c.name for c in AGENT_SKILL_MONTHS.columns if c.dtype == NUMBER]
    frame = pl.concat(parts).with_columns(pl.col(numbers).round(DIGITS))
    return AGENT_SKILL_MONTHS.shape(frame).sort(AGENT_SKILL_MONTHS.sort_by)


def _months(model: SkillModel) -> pl.DataFrame:
    counts, shape = model.trials.counts, model.fit.shape
    n_ages = int(counts.age.max()) + 1
    key, place = np.unique(counts.agent * n_ages + (n_ages - 1 - counts.age), return_inverse=True)
    agent, age = key // n_ages, n_ages - 1 - key % n_ages
    skill = _skill_then(model, agent, np.minimum(age, shape.n_months - 1))
    today = model.trials.today
    month = today.year * 12 + today.month - 1 - age
    return pl.DataFrame(
        {
            "attempts": np.bincount(place, counts.n),
            "successes": np.bincount(place, counts.successes),
            "skill_logit": skill.mean,
            "lo90": skill.mean - Z_90 * skill.sd,
            "hi90": skill.mean + Z_90 * skill.sd,
            "expected_successes": np.bincount(place, counts.n * _average_success(model)),
            "year": month // 12,
            "of_year": month % 12 + 1,
        }
    ).with_columns(
        kind=pl.lit(model.trials.kind),
        agent_id=model.trials.agents.gather(agent),
        month=pl.date("year", "of_year", 1),
    )


def _skill_then(model: SkillModel, agent: Codes, term: Codes) -> Estimate:
    """The skill of agents in months, over the standard mix of categories: what `overall` of the model says of now."""
    now = model.overall()
    skill, covariance = model.fit.terms.skill, model.fit.certainty.covariance
    moved = moved_with_mix(model)  # with the months' skill
    of_now, of_then = moved.copy(), moved[agent]
    of_now[:, 0] += 1
    of_then[np.arange(agent.size), term] += 1
    aside = now.sd**2 - np.einsum("as,ast,at->a", of_now, covariance, of_now)
    variance = aside[agent] + np.einsum("as,ast,at->a", of_then, covariance[agent], of_then)
    return Estimate(now.mean[agent] - skill[agent, 0] + skill[agent, term], np.sqrt(variance))


def moved_with_mix(model: SkillModel) -> Numbers:
    """How far what the categories add, over the standard mix, moves with the terms of an agent's trunk (agent x term).

    The other way round, as it were: the more of a success is the trunk's, the less is the category's.
    """
    shape, certainty = model.fit.shape, model.fit.certainty
    moved = np.zeros(certainty.covariance.shape[:2])
    share = model.mix[shape.link_category]
    np.subtract.at(moved, shape.link_agent, (share / certainty.own)[:, None] * certainty.weight)
    return moved


def _average_success(model: SkillModel) -> Numbers:
    """P(success) of the average agent at the work of every row of counts."""
    counts = model.trials.counts
    ease, context = model.ease(counts.category, counts.level), model.context(counts.context)
    return Estimate(ease.mean + context.mean, np.sqrt(ease.sd**2 + context.sd**2)).p()
