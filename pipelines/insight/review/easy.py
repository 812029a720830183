"""Points from tasks that an agent was almost sure to solve, more than its choice of problems makes one expect.

p_solve = sigmoid(skill - difficulty), as measured by skill/ratings.py and skill/task_difficulty.py. Not here: what
points are worth.
"""

import numpy as np
import polars as pl

from pipelines.insight.evidence import SUBMISSION
from pipelines.insight.review.chance import summed
from pipelines.insight.review.looks import Look, Seen, compared, hits_of

SURE = 0.95  # a task with such a chance or more tests nobody
SURE_LOGIT = float(np.log(SURE / (1 - SURE)))
FAR = 1e3  # more than any logit: keeps the problems apart in one sorted row of numbers


def easy_points(seen: Seen) -> list[Look]:
    """Of each agent the tries at tasks it was almost sure to solve, beside all tries at the same problems."""
    if seen.task_difficulty.is_empty() or seen.agent_skill.is_empty():
        return []
    skill = seen.agent_skill.filter(pl.col("kind") == SUBMISSION)
    overall = skill.filter(pl.col("scope") == "overall").select("agent_id", overall="skill_logit")
    there = skill.filter(pl.col("scope") == "category").select("agent_id", problem="category", own="skill_logit")
    rated = seen.tried.filter(pl.col("difficulty_logit").is_not_null()).join(overall.lazy(), on="agent_id")
    rated = rated.join(there.lazy(), on=["agent_id", "problem"], how="left")
    rated = rated.with_columns(skill=pl.coalesce("own", "overall"))
    tries = rated.with_columns(is_hit=pl.col("skill") - pl.col("difficulty_logit") > SURE_LOGIT)
    cells = _cells(tries)
    units = summed(cells, ["agent_id"], seen.least)
    units = units.join(_points(seen, tries), on="agent_id", how="left", maintain_order="left")
    sentence = pl.format(
        "{} of {} tries went to tasks that this agent solves with a chance above {} %; by what all agents tried of the "
        "same problems, {} were to be expected. They earned {} of its {} points for tasks. Tasks given out by somebody "
        "else, or practice, would look the same.",
        pl.col("hits"),
        pl.col("n"),
        pl.lit(round(SURE * 100)),
        pl.col("expected").round(1),
        pl.col("easy_points").fill_null(0),
        pl.col("points").fill_null(0),
    )
    events = hits_of(tries.filter("is_hit"), ["agent_id"], pl.col("difficulty_logit") - pl.col("skill"))
    return [Look(compared(units, SUBMISSION), int(cells["n"].sum()), events, sentence)]


def _cells(tries: pl.LazyFrame) -> pl.DataFrame:
    """By agent and problem: tries, those it was sure of, and as many of the problem's tries as it would be sure of."""
    whole = tries.select("agent_id", "problem", "difficulty_logit", "skill", "is_hit").collect()
    place = pl.col("problem").rank("dense").cast(pl.Float64) * FAR
    whole = whole.with_columns(start=place, at=place + pl.col("difficulty_logit"))
    cells = whole.group_by("agent_id", "problem").agg(
        pl.col("start").first(),
        pl.col("skill").first(),
        n=pl.len().cast(pl.Int64),
        hits=pl.col("is_hit").sum().cast(pl.Int64),
    )
    cells = cells.sort("agent_id", "problem")
    row, start = np.sort(whole["at"].to_numpy()), cells["start"].to_numpy()
    first, end = np.searchsorted(row, start - FAR / 2), np.searchsorted(row, start + FAR / 2)
    sure = np.searchsorted(row, start + cells["skill"].to_numpy() - SURE_LOGIT) - first
    return cells.with_columns(expected=pl.Series(cells["n"].to_numpy() * (sure / np.maximum(end - first, 1))))


def _points(seen: Seen, tries: pl.LazyFrame) -> pl.DataFrame:
    """By agent the points that it earned for tasks, and those of tasks it was sure of."""
    earned = seen.evidence.tables["points_ledger"].group_by("submission_id").agg(pl.col("points").sum())
    found = tries.select("agent_id", "submission_id", "is_hit").join(earned, on="submission_id")
    easy = pl.col("points").filter("is_hit").sum()
    return found.group_by("agent_id").agg(pl.col("points").sum(), easy_points=easy).collect()
