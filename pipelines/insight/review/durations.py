"""Very short runs: more of one's own among the shortest hundredth than others have. Not here: how hard they were."""

import polars as pl

from pipelines.insight.evidence import CALL, SUBMISSION
from pipelines.insight.review.chance import beside_others
from pipelines.insight.review.looks import Look, Seen, compared, hits_of

SHORTEST = 0.01  # the share of runs, of the same agent or kind of task, that counts as very short


def short_durations(seen: Seen) -> list[Look]:
    """Calls by user and agent, beside all users of that agent; submissions by agent, beside all at such tasks."""
    spent = (pl.col("submitted_at") - pl.col("claimed_at")).dt.total_microseconds() / 10**6
    taken = seen.tried.filter(pl.col("claimed_at").is_not_null()).with_columns(duration_s=spent)
    called = seen.calls.filter(pl.col("duration_s").is_not_null())
    return [
        _short(seen, CALL, called, ["user_id", "agent_id"], ["agent_id", "complexity"], "calls of this agent"),
        _short(seen, SUBMISSION, taken, ["agent_id"], ["task_type", "label"], "tries at such tasks"),
    ]


def _short(seen: Seen, kind: str, timed: pl.LazyFrame, keys: list[str], stratum: list[str], noun: str) -> Look:
    shortest = pl.col("duration_s").quantile(SHORTEST, "lower").over(stratum)
    marked = timed.with_columns(is_hit=pl.col("duration_s") <= shortest)
    units, n_events = beside_others(marked, keys, stratum, seen.least)
    sentence = pl.format(
        "{} of {} {} with a duration are among the shortest {} % of all {} of the same difficulty, where {} were to be "
        "expected. Small tasks, cached results, runs that ended at once, or an agent that is simply fast would look "
        "the same.",
        pl.col("hits"),
        pl.col("n"),
        pl.lit("calls" if kind == CALL else "tries"),
        pl.lit(round(SHORTEST * 100)),
        pl.lit(noun),
        pl.col("expected").round(1),
    )
    events = hits_of(marked.filter("is_hit"), keys, pl.col("duration_s"))
    return Look(compared(units, kind), n_events, events, sentence)
