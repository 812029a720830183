"""How hard tasks are, measured: from who solved them and who did not, whatever their labels say.

Here: the table `task_difficulty`. Not here: the model (model.py), what to try next (advice/next_tasks.py).
"""

from statistics import NormalDist

import numpy as np
import polars as pl

from pipelines.game.contract import FLAG, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.game.records import DIFFICULTIES
from pipelines.insight.evidence import Evidence
from pipelines.insight.false_finds import q_values
from pipelines.insight.normal import Z_90
from pipelines.insight.skill.estimates import SMALLEST
from pipelines.insight.skill.model import NOBODY, SkillModel
from pipelines.insight.skill.trials import Codes, Numbers

TASK_DIFFICULTY = Table(
    name="task_difficulty",
    grain="One row per task, where submissions were judged: how hard it is measured to be",
    columns=(
        Column("task_id", TEXT, "the task"),
        Column("problem", TEXT, "its problem family"),
        Column("label", TEXT, "how hard it is said to be", words=DIFFICULTIES),
        Column("attempts", WHOLE, "counted submissions", low=0),
        Column("n_agents", WHOLE, "agents that tried it", low=0),
        Column("solved", WHOLE, "agents that solved it", low=0),
        Column("difficulty_logit", NUMBER, "logits; at 0 the average agent solves it in half of its tries"),
        Column("sd", NUMBER, "posterior standard deviation, logits", low=0),
        Column("lo90", NUMBER, "lower end of the 90 % interval"),
        Column("hi90", NUMBER, "upper end of it"),
        Column("label_logit", NUMBER, "the difficulty of tasks of its problem and label, logits"),
        Column("p_value", NUMBER, "how likely it lies so far off its label by chance", nullable=True, low=0, high=1),
        Column("q_value", NUMBER, "false finds among those as surprising, at most", nullable=True, low=0, high=1),
        Column("is_mislabelled", FLAG, "q_value within [insight] false_flags, and another label fits better"),
        Column("suggested_label", TEXT, "the label that fits better", nullable=True, words=DIFFICULTIES),
        Column("sentence", TEXT, "the finding, for a person"),
    ),
    sort_by=("task_id",),
)

MIN_FOR_SCALE = 40  # tasks: the median of fewer is itself too uncertain


def task_difficulty(evidence: Evidence, model: SkillModel | None) -> pl.DataFrame:
    """Every known task with its measured difficulty; one that nobody tried has that of its label, and says so.

    `model`: that of submissions; None where there are none. How far tasks of one label lie apart by nature is part of
    the model; a task is off its label if it lies further off than that and chance together explain (Benjamini and
    Hochberg over all tasks tried).
    """
    if model is None:
        return TASK_DIFFICULTY.empty()
    tasks = tasks_as_coded(evidence, model)
    context, category, level = (tasks[name].to_numpy() for name in ("context", "category", "level"))
    ease, own = model.ease(category, level), model.context(context)
    is_tried = context != NOBODY
    tallies = _tallies(model)
    difficulty, sd = -(ease.mean + own.mean), np.sqrt(ease.sd**2 + own.sd**2)
    p_value = np.where(is_tried, _p_values(own.mean, own.sd, model.spreads.context), np.nan)
    q_value = np.full(p_value.size, np.nan)
    q_value[is_tried] = q_values(p_value[is_tried], int(is_tried.sum()))
    best = _nearest_label(model, category, difficulty)
    is_off = (np.nan_to_num(q_value, nan=1.0) <= evidence.rules.insight.false_flags) & (best != level)
    frame = tasks.join(tallies, on="context", how="left", maintain_order="left").with_columns(
        pl.col("attempts", "n_agents", "solved").fill_null(0),
        label="difficulty",
        difficulty_logit=_rounded(difficulty),
        sd=_rounded(sd),
        lo90=_rounded(difficulty - Z_90 * sd),
        hi90=_rounded(difficulty + Z_90 * sd),
        label_logit=_rounded(-ease.mean),
        p_value=_rounded(p_value).fill_nan(None),
        q_value=_rounded(q_value).fill_nan(None),
        is_mislabelled=pl.Series(is_off),
        suggested_label=pl.Series(np.array(DIFFICULTIES)[best]),
    )
    frame = frame.with_columns(suggested_label=pl.when("is_mislabelled").then("suggested_label"))
    return TASK_DIFFICULTY.shape(frame.with_columns(sentence=_sentence()))


def tasks_as_coded(evidence: Evidence, model: SkillModel) -> pl.DataFrame:
    """All known tasks in the order of their ids, beside their columns those of the model: context, category, level.

    A task that nobody tried has the context NOBODY; a problem without trials is a category beyond the last.
    """
    trials = model.trials
    known = evidence.tables["tasks"].collect().sort("task_id")
    contexts = pl.DataFrame({"task_id": trials.contexts, "context": np.arange(trials.contexts.len())})
    categories = pl.DataFrame({"problem": trials.categories, "category": np.arange(trials.n_categories)})
    level = pl.col("difficulty").cast(pl.Enum(DIFFICULTIES)).to_physical().cast(pl.Int64)
    joined = known.join(contexts, on="task_id", how="left", maintain_order="left")
    joined = joined.join(categories, on="problem", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("context").fill_null(NOBODY), pl.col("category").fill_null(trials.n_categories), level=level
    )


def _tallies(model: SkillModel) -> pl.DataFrame:
    """By context: attempts, n_agents, solved."""
    success = pl.col("success")
    return model.trials.events.group_by("context").agg(
        attempts=pl.len().cast(pl.Int64),
        n_agents=pl.col("agent").n_unique().cast(pl.Int64),
        solved=pl.col("agent").filter(success == 1).n_unique().cast(pl.Int64),
    )


def _p_values(own: Numbers, sd: Numbers, spread: float) -> Numbers:
    """How likely estimates lie so far off zero, told by the bulk of them (the empirical null; Efron 2004).

    Before the data an estimate is normal with variance spread^2 - sd^2. The few tasks with a wrong label widen that
    spread, and would hide in it: so the scale is what makes the middle half of all estimates normal.
    """
    normal = NormalDist()
    z = np.abs(own) / np.sqrt(np.maximum(spread**2 - sd**2, SMALLEST))
    middle = float(np.median(z)) if z.size >= MIN_FOR_SCALE else 0.0
    if middle > 0:  # 0: most tasks are as their label says, to the last digit
        z = z / (middle / normal.inv_cdf(0.75))
    return np.array([2 * normal.cdf(-value) for value in z])


def _nearest_label(model: SkillModel, category: Codes, difficulty: Numbers) -> Codes:
    """The level whose tasks of that problem are about as hard."""
    labels = np.stack([-model.ease(category, np.full(category.size, level)).mean for level in range(len(DIFFICULTIES))])
    return np.asarray(np.abs(labels - difficulty).argmin(axis=0), np.int64)


def _rounded(values: Numbers) -> pl.Series:
    return pl.Series(values).round(6)


def _sentence() -> pl.Expr:
    """What a row says. Numbers only: ids are untrusted, and the row names them already."""
    agents = pl.when(pl.col("n_agents") == 1).then(pl.lit("1 agent")).otherwise(pl.format("{} agents", "n_agents"))
    tried = pl.format("{} of {}, {} solved it", tries("attempts"), agents, "solved")
    off = pl.format(
        "said to be {}, measured about as hard as {} ({}; q = {})",
        "label", "suggested_label", tried, pl.col("q_value").round(3),
    )  # fmt: skip
    return (
        pl.when(pl.col("attempts") == 0)
        .then(pl.lit("nobody has tried it: this is the difficulty of its label"))
        .when("is_mislabelled")
        .then(off)
        .otherwise(pl.format("nothing speaks against its label ({})", tried))
    )


def tries(counted: str) -> pl.Expr:
    """How many tries a column counts, in words."""
    return pl.when(pl.col(counted) == 1).then(pl.lit("1 try")).otherwise(pl.format("{} tries", counted))
