"""What callers and tasks claim: complexity beside what was measured, and scores that are always perfect.

Complexity and quality are declared by whoever calls, and XP depends on both (Goodhart's law). Not here: whether a
task's label is wrong (skill/task_difficulty.py says so of each task).
"""

import polars as pl

from pipelines.insight.evidence import CALL, SUBMISSION
from pipelines.insight.normal import Z_90
from pipelines.insight.review.chance import beside_others
from pipelines.insight.review.looks import Look, Seen, compared, hits_of

CLAIMED = ("complex", "expert")
SCORES = ("response_quality", "user_satisfaction", "code_quality")
CONSTANT = 0.95  # of calls with a perfect score: from there on a score tells no call from another


def claimed_complexity(seen: Seen) -> list[Look]:
    """Calls said to be complex that were shorter than the agent's simple ones; tasks easier than their label."""
    return [_calls(seen), _tasks(seen)]


def perfect_quality(seen: Seen) -> list[Look]:
    """Of each user and agent, the calls whose scores are all perfect, beside other users of that agent."""
    score = pl.min_horizontal(SCORES)
    scored = seen.calls.filter(score.is_not_null()).with_columns(is_hit=score >= 1)
    keys = ["user_id", "agent_id"]
    units, n_events = beside_others(scored, keys, ["agent_id", "complexity"], seen.least)
    is_constant = pl.col("hits").cast(pl.Float64) >= CONSTANT * pl.col("n").cast(pl.Float64)
    units = units.with_columns(p_value=pl.when(is_constant).then("p_value").otherwise(pl.lit(1.0)))
    sentence = pl.format(
        "{} of {} calls with a score have nothing but perfect ones; by the scores that all users give this agent, {} "
        "were to be expected. A default value, a scale of good and bad, or a generous judge would look the same.",
        pl.col("hits"),
        pl.col("n"),
        pl.col("expected").round(1),
    )
    events = hits_of(scored.filter("is_hit"), keys, -pl.col("at").dt.epoch("s"))
    return [Look(compared(units, CALL), n_events, events, sentence)]


def _calls(seen: Seen) -> Look:
    """Of each user and agent, the calls claimed to be complex that took no longer than half of the simple ones do."""
    timed = seen.calls.filter(pl.col("duration_s").is_not_null())
    is_simple = pl.col("complexity") == "simple"
    simple = (
        timed.filter(is_simple)
        .group_by("agent_id")
        .agg(usual=pl.col("duration_s").quantile(0.5, "lower"), n_simple=pl.len().cast(pl.Int64))
    )
    claimed = timed.filter(pl.col("complexity").is_in(CLAIMED)).join(simple, on="agent_id")
    marked = claimed.filter(pl.col("n_simple") >= seen.least).with_columns(
        is_hit=pl.col("duration_s") <= pl.col("usual")
    )
    keys = ["user_id", "agent_id"]
    units, n_events = beside_others(marked, keys, ["agent_id", "complexity"], seen.least)
    sentence = pl.format(
        "{} of {} calls said to be complex or expert took no longer than half of this agent's simple calls do; by the "
        "calls of all its users, {} were to be expected. A quick answer to a hard question, a cached result, or "
        "another idea of what is complex would look the same.",
        pl.col("hits"),
        pl.col("n"),
        pl.col("expected").round(1),
    )
    events = hits_of(marked.filter("is_hit"), keys, pl.col("duration_s") / pl.col("usual"))
    return Look(compared(units, CALL), n_events, events, sentence)


def _tasks(seen: Seen) -> Look:
    """Of each agent, the tries at tasks that measure surely easier than their label says."""
    measured = seen.tried.filter(pl.col("difficulty_logit").is_not_null() & pl.col("label_logit").is_not_null())
    # the upper end of a difficulty's interval must lie below its label's
    gap = pl.col("difficulty_logit") + Z_90 * pl.col("sd") - pl.col("label_logit")
    marked = measured.with_columns(is_hit=gap < 0, gap=gap)
    units, n_events = beside_others(marked, ["agent_id"], ["problem", "label"], seen.least)
    sentence = pl.format(
        "{} of {} tries went to tasks that measure easier than their label; by what all agents tried of the same "
        "problems and labels, {} were to be expected. A taste for one sort of task, or tasks given out together, would "
        "look the same; the labels may want a look rather than the agent.",
        pl.col("hits"),
        pl.col("n"),
        pl.col("expected").round(1),
    )
    events = hits_of(marked.filter("is_hit"), ["agent_id"], pl.col("gap"))
    return Look(compared(units, SUBMISSION), n_events, events, sentence)
