"""Trials in the order in which they were made, with their ids: for what depends on order, which skill does not.

Not here: trials as the model counts them (skill/trials.py).
"""

from collections.abc import Mapping

import polars as pl

from pipelines.insight.evidence import CALL

TABLES_OF_TRIALS = ("agent_calls", "submissions", "tasks")


def trials_in_order(tables: Mapping[str, pl.LazyFrame], kind: str) -> pl.DataFrame:
    """The calls or the counted submissions of published tables (those of TABLES_OF_TRIALS), the oldest first.

    Columns: agent_id; context (the user who called, the task that was tried); category (of tasks the problem) and
    difficulty, null where not given; success; at (UTC: of a try when it counted); event_id.
    """
    if kind == CALL:
        rows = tables["agent_calls"].select(
            "agent_id", "category", "success", "at", "event_id", context="user_id", difficulty="complexity"
        )
    else:
        difficulty = tables["tasks"].select("task_id", "difficulty")
        tries = tables["submissions"].filter("is_counted").join(difficulty, on="task_id", how="left")
        success = pl.col("verdict") == "verified"
        told = {"category": "problem", "at": "counted_at", "context": "task_id"}
        rows = tries.select("agent_id", "difficulty", "event_id", success=success, **told)
    columns = ("agent_id", "context", "category", "difficulty", "success", "at", "event_id")
    return rows.select(columns).sort("at", "event_id").collect()
