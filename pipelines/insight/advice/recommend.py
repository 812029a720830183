"""Which agent for whom and for which work: one row per advice to a user or a team.

Advice is for the kinds of work that a subject really had, or for any that is asked for (`recommended`). It is made from
the model of calls: from what was measured, never from points or XP. Users chose agents and work themselves, so all
of it is association. Not here: how agents are chosen (choosing.py), the words (because.py), the model.
"""

import numpy as np
import polars as pl

from pipelines.game.contract import NUMBER, TEXT, WHOLE, Column, Table
from pipelines.game.records import COMPLEXITIES
from pipelines.insight.advice.because import PRIOR, reasons, terms
from pipelines.insight.advice.choosing import N_BEST, Z_80, Asked, Chosen, choices
from pipelines.insight.advice.exploring import uniforms
from pipelines.insight.advice.subject_use import KIND, NOW_DAYS, SUBJECT, SUBJECTS, TEAM, SubjectUse
from pipelines.insight.advice.support import Support
from pipelines.insight.evidence import Evidence
from pipelines.insight.keys import NOT_THERE
from pipelines.insight.normal import normal_share
from pipelines.insight.skill.estimates import Estimate, sigmoid
from pipelines.insight.skill.model import NOBODY, SkillModel
from pipelines.insight.skill.ratings import BORROWED, DIRECT
from pipelines.insight.skill.trials import ACTIVE_DAYS, NO_LEVEL, Codes, Numbers, Trials

MOST_KINDS = 12  # kinds of work of each subject that the table holds; `podium recommend` has any other
MIN_DIRECT = 5  # calls of an agent in a category, by anybody: from so many on its own work there is spoken of
MIN_KNOWN = 3  # calls of an agent: with fewer it is hardly more than the average agent
SLOTS = (*(str(n + 1) for n in range(N_BEST)), "explore")
_SHARES, _POINTS = 6, 4  # decimals

AGENT_RECOMMENDATIONS = Table(
    name="agent_recommendations",
    grain="One row per user or team, kind of work that it had (the 12 most frequent), and agent that is advised for it",
    columns=(
        Column("subject_type", TEXT, "whom it is for; of a team nobody's own way of working is known", words=SUBJECTS),
        Column("subject_id", TEXT, "the user or team"),
        Column("category", TEXT, "the category of the work; null: none given", nullable=True),
        Column("difficulty", TEXT, "the complexity of it; null: none given", nullable=True, words=COMPLEXITIES),
        Column("slot", TEXT, "1 to 3: of the highest p_success; explore: drawn as worth a try", words=SLOTS),
        Column("agent_id", TEXT, f"the agent; one that somebody called in the last {ACTIVE_DAYS} days"),
        Column("p_success", NUMBER, "expected probability that such a call succeeds now", low=0, high=1),
        Column("p_lo80", NUMBER, "low end of its 80 % interval, by the model", low=0, high=1),
        Column("p_hi80", NUMBER, "high end of it", low=0, high=1),
        Column(
            "current_agent_id",
            TEXT,
            f"the agent that the subject called most in that category in the last {NOW_DAYS} days; null: none",
            nullable=True,
        ),
        Column("p_current", NUMBER, "p_success of that one", nullable=True, low=0, high=1),
        Column(
            "p_beats_current",
            NUMBER,
            "probability that the advised one is the better of the two, taken as independent; null: the same one",
            nullable=True,
            low=0,
            high=1,
        ),
        Column(
            "lift_pp", NUMBER, "p_success - p_current, percentage points", nullable=True, low=-100, high=100
        ),
        Column("lift_lo80", NUMBER, "low end of its 80 % interval", nullable=True, low=-100, high=100),
        Column("lift_hi80", NUMBER, "high end of it", nullable=True, low=-100, high=100),
        Column("n_own", WHOLE, "calls of the agent by the subject, of any work", low=0),
        Column("n_category", WHOLE, "calls of the agent in the category, by anybody", low=0),
        Column("n_difficulty", WHOLE, "calls of the agent at the difficulty, by anybody", low=0),
        Column("n_agent", WHOLE, "calls of the agent, by anybody", low=1),
        Column(
            "propensity", NUMBER, "probability that this agent has this slot: 1 but for the one drawn", low=0, high=1
        ),
        Column(
            "evidence",
            TEXT,
            f"direct: n_category >= {MIN_DIRECT}; borrowed from its other work; prior: n_agent < {MIN_KNOWN}",
            words=(DIRECT, BORROWED, PRIOR),
        ),
        Column("reason_text", TEXT, "why, in the model's own terms"),
    ),
    sort_by=("subject_type", "subject_id", "category", "difficulty", "slot"),
)  # fmt: skip


def agent_recommendations(evidence: Evidence, model: SkillModel | None) -> pl.DataFrame:
    """The table: advice for the kinds of work that users and teams had. `model`: of calls; None where there is none."""
    if model is None:
        return AGENT_RECOMMENDATIONS.empty()
    use = SubjectUse.of(evidence)
    return recommended(evidence, model, use, use.kinds(MOST_KINDS))


def recommended(evidence: Evidence, model: SkillModel, use: SubjectUse, asked: pl.DataFrame) -> pl.DataFrame:
    """Rows of the table for what is asked: columns subject_type, subject_id, category, difficulty, no row twice.

    A subject may be one that never called; categories must be among those of the model. Empty where nobody has called
    an agent in the last ACTIVE_DAYS days.
    """
    trials = model.trials
    candidates = recent(trials)
    if asked.is_empty() or not candidates.size:
        return AGENT_RECOMMENDATIONS.empty()
    support = Support(trials)
    told = _coded(asked.select(*SUBJECT, *KIND), trials, use)
    questions = _asked(told, support, use, evidence.rules.insight.seed)
    found = [
        _frame(told, model, support, questions, chosen)
        for chosen in choices(model, questions, candidates, support.of_agent)
    ]
    own = use.own.rename({"calls": "n_own"})
    rows = pl.concat(found).join(own, on=[*SUBJECT, "agent_id"], how="left").with_columns(pl.col("n_own").fill_null(0))
    reason = reasons(rows, support.simplest_share_of_all, evidence.rules.insight.min_attempts)
    return AGENT_RECOMMENDATIONS.shape(rows.with_columns(reason).sort(AGENT_RECOMMENDATIONS.sort_by))


def recent(trials: Trials) -> Codes:
    """The agents that somebody called in the last ACTIVE_DAYS days, sorted codes."""
    return np.asarray(trials.recent["agent"].unique().sort().to_numpy(), np.int64)


def _coded(asked: pl.DataFrame, trials: Trials, use: SubjectUse) -> pl.DataFrame:
    """What is asked with codes: context, category_code, level, current, subject; and the subject's calls, first_at."""
    level = pl.col("difficulty").cast(pl.Enum(COMPLEXITIES)).to_physical().cast(pl.Int64).fill_null(NO_LEVEL)
    context = pl.when(pl.col("subject_type") == TEAM).then(NOBODY).otherwise(pl.col("context"))
    joined = (
        (_codes(trials.contexts, "subject_id", "context"), ["subject_id"]),
        (_codes(trials.categories, "category", "category_code"), ["category"]),
        (use.current.lazy(), [*SUBJECT, "category"]),
        (_codes(trials.agents, "current_agent_id", "current"), ["current_agent_id"]),
        (use.subjects.lazy().with_row_index("subject"), SUBJECT),
    )
    told = asked.lazy().with_columns(level=level)
    for frame, on in joined:
        is_nullable = on[-1] == "category"
        told = told.join(frame, on=on, how="left", nulls_equal=is_nullable, maintain_order="left")
    current = pl.col("current").fill_null(NOT_THERE)
    return told.with_columns(context=context.fill_null(NOBODY).cast(pl.Int64), current=current).collect()


def _codes(ids: pl.Series, name: str, code: str) -> pl.LazyFrame:
    return pl.LazyFrame({name: ids.cast(pl.String), code: np.arange(ids.len())})


def _asked(told: pl.DataFrame, support: Support, use: SubjectUse, seed: int) -> Asked:
    own = (
        use.own.lazy()
        .join(_codes(support.trials.agents, "agent_id", "agent"), on="agent_id", how="left", maintain_order="left")
        .join(use.subjects.lazy().with_row_index("place"), on=SUBJECT, how="left", maintain_order="left")
        .select("agent", "place")
        .collect()
    )
    n_subjects = use.subjects.height
    start = np.searchsorted(
        own["place"].to_numpy(), np.arange(n_subjects + 2)
    )  # the last subject is one that never called
    category, level = told["category_code"].to_numpy(), told["level"].to_numpy()
    n_trials, n_successes = support.of_category
    facts = (
        (told["subject_type"] == TEAM).cast(pl.Int64).to_numpy(),
        told["first_at"].to_physical().fill_null(0).to_numpy(),
        told["calls"].fill_null(0).to_numpy(),
        n_trials[category],
        n_successes[category],
        level,
    )
    return Asked(
        context=told["context"].to_numpy(),
        category=category,
        level=level,
        subject=told["subject"].cast(pl.Int64).fill_null(n_subjects).to_numpy(),
        current=told["current"].to_numpy(),
        uniform=uniforms(seed, *facts),
        own_start=start,
        own_agent=own["agent"].to_numpy(),
    )


def _frame(told: pl.DataFrame, model: SkillModel, support: Support, asked: Asked, chosen: Chosen) -> pl.DataFrame:
    """Rows of the table with the terms behind them, without n_own and reason."""
    agent, category, level = chosen.agent, asked.category[chosen.row], asked.level[chosen.row]
    is_same = agent == asked.current[chosen.row]
    n_agent, n_category = support.of_agent[agent], support.in_category(agent, category)
    current = chosen.current_success.p()
    lift, low, high = _lift(chosen)
    evidence = np.where(n_category >= MIN_DIRECT, DIRECT, np.where(n_agent >= MIN_KNOWN, BORROWED, PRIOR))
    better = chosen.skill.mean - chosen.current_skill.mean
    apart = np.maximum(np.hypot(chosen.skill.sd, chosen.current_skill.sd), 1e-9)
    rows = told[chosen.row].select(*SUBJECT, *KIND, "current_agent_id")
    p_low, p_high = chosen.success.ends(Z_80)
    measured = {
        "p_success": chosen.success.p(),
        "p_lo80": p_low,
        "p_hi80": p_high,
        "p_current": current,
        "p_beats_current": np.where(is_same, np.nan, normal_share(better / apart)),
        "propensity": chosen.propensity,
    }
    against = {"lift_pp": lift, "lift_lo80": low, "lift_hi80": high}
    shares = {name: n.round(_SHARES) for name, n in measured.items()}
    points = {name: np.where(is_same, np.nan, n).round(_POINTS) for name, n in against.items()}
    counts = {"n_category": n_category, "n_difficulty": support.at_level(agent, level), "n_agent": n_agent}
    slots = np.array(SLOTS)[chosen.slot]
    of_agents = support.trials.agents.gather(agent).cast(pl.String)
    told_of = pl.DataFrame({"agent_id": of_agents, "slot": slots, "evidence": evidence, **shares, **points, **counts})
    behind = terms(model, support, agent, asked.context[chosen.row], (category, level))
    frame = pl.concat([rows, told_of, behind], how="horizontal")
    return frame.with_columns(pl.col(*shares, *points).fill_nan(None))


def _lift(chosen: Chosen) -> tuple[Numbers, Numbers, Numbers]:
    """How much more often the chosen one succeeds than the current one, percentage points, and the 80 % interval.

    What is uncertain in work and user belongs to both and moves the lift but little. The interval is that of the
    difference of the two skills, laid about the middle between both logits; so it contains 0 where, and only where,
    p_beats_current lies between .1 and .9.
    """
    middle = (chosen.success.mean + chosen.current_success.mean) / 2
    apart = Estimate(chosen.skill.mean - chosen.current_skill.mean, np.hypot(chosen.skill.sd, chosen.current_skill.sd))
    lift = chosen.success.p() - chosen.current_success.p()
    ends = [apart.mean + z * apart.sd for z in (-Z_80, Z_80)]
    low, high = (sigmoid(middle + end / 2) - sigmoid(middle - end / 2) for end in ends)
    return 100 * lift, 100 * np.minimum(low, lift), 100 * np.maximum(high, lift)
