"""What each model of skill was fitted to and what it found about the whole: the table `skill_models`.

Not here: what it says of agents (ratings.py) and of kinds of work (work_difficulty.py).
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from pipelines.game.contract import FLAG, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.insight.evidence import CALL, KINDS, Evidence
from pipelines.insight.skill.estimates import sigmoid
from pipelines.insight.skill.fit import MAX_SWEEPS
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.ratings import DIGITS

SKILL_MODELS = Table(
    name="skill_models",
    grain="One row per kind of trial with trials",
    columns=(
        Column("kind", TEXT, "whether calls or counted submissions", words=KINDS),
        Column("n_trials", WHOLE, "trials the model was fitted to", low=1),
        Column("n_successes", WHOLE, "how many of them succeeded", low=0),
        Column("n_agents", WHOLE, "agents with trials", low=1),
        Column("n_rated", WHOLE, "agents with at least `insight.min_attempts` trials", low=0),
        Column("n_contexts", WHOLE, "users who called, or tasks that were tried", low=1),
        Column("n_categories", WHOLE, "categories (of submissions: problems), none given counted as one", low=1),
        Column("n_months", WHOLE, "months told apart; older ones share one term", low=1),
        Column("mean_logit", NUMBER, "logit of success of the average agent at the standard mix of work"),
        Column("sd_agent", NUMBER, "spread of skill among agents, in logits (so all that follow)", low=0),
        Column("sd_category", NUMBER, "spread of what a category adds to an agent", low=0),
        Column("sd_context", NUMBER, "spread among users (of submissions: tasks)", low=0),
        Column("sd_month", NUMBER, "spread of the change of an agent's skill from month to month", low=0),
        Column("sd_pair", NUMBER, "spread of what a pair of agent and context adds", low=0),
        Column("n_sweeps", WHOLE, "sweeps through all terms until nothing moved", low=1),
        Column("is_fitted", FLAG, "whether nothing moved any more when the sweeps ended"),
        Column("sentence", TEXT, "the same in words, with what it is too few for"),
    ),
    sort_by=("kind",),
)


def skill_models(evidence: Evidence, models: Mapping[str, SkillModel]) -> pl.DataFrame:
    """The table. `models`: by kind."""
    if not models:
        return SKILL_MODELS.empty()
    least = evidence.rules.insight.min_attempts
    frame = pl.DataFrame([_row(model, least) for model in models.values()])
    numbers = [c.name for c in SKILL_MODELS.columns if c.dtype == NUMBER]
    return SKILL_MODELS.shape(frame.with_columns(pl.col(numbers).round(DIGITS))).sort(SKILL_MODELS.sort_by)


def _row(model: SkillModel, least: int) -> dict[str, object]:
    shape, counts, spreads = model.fit.shape, model.trials.counts, model.spreads
    n = np.bincount(shape.cell, counts.n, shape.cell_level.size)
    ease = model.ease(shape.cell_category, shape.cell_level).mean
    n_rated = int((np.bincount(shape.agent, counts.n, shape.n_agents) >= least).sum())
    row: dict[str, object] = {
        "kind": model.trials.kind,
        "n_trials": int(counts.n.sum()),
        "n_successes": int(counts.successes.sum()),
        "n_agents": shape.n_agents,
        "n_rated": n_rated,
        "n_contexts": shape.n_contexts,
        "n_categories": model.trials.n_categories,
        "n_months": shape.n_months,
        "mean_logit": float(ease @ n / n.sum()),
        "sd_agent": spreads.agent,
        "sd_category": spreads.category,
        "sd_context": spreads.context,
        "sd_month": spreads.step,
        "sd_pair": spreads.pair,
        "n_sweeps": model.fit.n_sweeps,
        "is_fitted": model.fit.n_sweeps < MAX_SWEEPS,
    }
    since = model.trials.since
    left_out = f" Older ones than of {since:%Y-%m-%d} are not counted: there are too many in all." if since else ""
    return row | {"sentence": _sentence(row, least) + left_out}


def _sentence(row: Mapping[str, object], least: int) -> str:
    asked = ("call", "for", "user") if row["kind"] == CALL else ("counted submission", "to", "task")
    have = "has" if row["n_agents"] == 1 else "have"
    few = f"{have} the {least:,} from which on a rating is no longer provisional"
    rated = f"{row['n_rated']:,} of {_many(row['n_agents'], 'agent')} {few}"
    head = f"{_many(row['n_trials'], asked[0])} {asked[1]} {_many(row['n_contexts'], asked[2])}: {rated}"
    if not row["n_rated"]:
        return f"{head}. So few tell hardly anything of skill: ratings stay near 1500, with wide intervals."
    spread = float(str(row["sd_agent"]))
    low, high = (100 * float(sigmoid(np.array(side * spread))) for side in (-1, 1))
    told = (
        f"agents differ by {spread:.2f} logits (one standard deviation; at work of even odds {low:.0f} to {high:.0f} %)"
    )
    end = "" if row["is_fitted"] else " The fit was stopped before it came to rest."
    return f"{head}. As estimated, {told}, by {row['sd_category']:.2f} more from category to category.{end}"


def _many(n: object, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
