"""How easy each kind of work is for the average agent: the table `work_difficulty`.

Not here: single tasks (task_difficulty.py), the model (model.py).
"""

from collections.abc import Mapping

import polars as pl

from pipelines.game.contract import NUMBER, TEXT, WHOLE, Column, Table
from pipelines.game.shares import part_of
from pipelines.insight.evidence import KINDS
from pipelines.insight.normal import Z_90
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.ratings import DIGITS
from pipelines.insight.skill.trials import LEVELS

WORK_DIFFICULTY = Table(
    name="work_difficulty",
    grain="One row per kind of trial, category (of submissions: problem) and difficulty with trials",
    columns=(
        Column("kind", TEXT, "whether calls or counted submissions", words=KINDS),
        Column("category", TEXT, "the category or problem; null if none is given", nullable=True),
        Column("difficulty", TEXT, "complexity of calls, difficulty of tasks; null if none is given", nullable=True),
        Column("attempts", WHOLE, "trials at such work", low=1),
        Column("successes", WHOLE, "how many of them succeeded", low=0),
        Column("n_agents", WHOLE, "agents that tried", low=1),
        Column("success_share", NUMBER, "successes / attempts, whoever tried", low=0, high=1),
        Column(
            "ease_logit",
            NUMBER,
            "logit of success of the average agent, its user or task an average one; higher is easier",
        ),
        Column("ease_sd", NUMBER, "its posterior standard deviation", low=0),
        Column("p_average", NUMBER, "the average agent's expected success", low=0, high=1),
        Column("p_average_lo90", NUMBER, "low end of its 90 % interval", low=0, high=1),
        Column("p_average_hi90", NUMBER, "high end of its 90 % interval", low=0, high=1),
    ),
    sort_by=("kind", "category", "difficulty"),
)


def work_difficulty(models: Mapping[str, SkillModel]) -> pl.DataFrame:
    """The table. `models`: by kind."""
    if not models:
        return WORK_DIFFICULTY.empty()
    frame = pl.concat([_of_kind(model) for model in models.values()])
    numbers = [c.name for c in WORK_DIFFICULTY.columns if c.dtype == NUMBER]
    return WORK_DIFFICULTY.shape(frame.with_columns(pl.col(numbers).round(DIGITS))).sort(WORK_DIFFICULTY.sort_by)


def _of_kind(model: SkillModel) -> pl.DataFrame:
    trials = model.trials
    held = (
        trials.events.group_by("category", "level")
        .agg(attempts=pl.len(), successes=pl.col("success").sum(), n_agents=pl.col("agent").n_unique())
        .sort("category", "level")
    )
    category, level = held["category"].to_numpy(), held["level"].to_numpy()
    ease = model.average(category, level)
    low, high = ease.ends(Z_90)
    words = pl.Series([*LEVELS[trials.kind], None], dtype=pl.String)
    return held.with_columns(
        kind=pl.lit(trials.kind),
        category=trials.categories.gather(category),
        difficulty=words.gather(level),
        success_share=part_of("successes", "attempts"),
        ease_logit=pl.Series(ease.mean),
        ease_sd=pl.Series(ease.sd),
        p_average=pl.Series(ease.p()),
        p_average_lo90=pl.Series(low),
        p_average_hi90=pl.Series(high),
    )
