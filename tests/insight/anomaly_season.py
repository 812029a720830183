"""Literal and drawn seasons for the tests of the review queue: submissions, calls and tasks as the game has them."""

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

import polars as pl

from pipelines.game.rulebook import load_rulebook
from pipelines.game.tables import TABLES
from pipelines.insight.evidence import Evidence
from pipelines.insight.review.anomalies import anomalies

RULES = load_rulebook()
START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
NO_DIFFICULTY = pl.DataFrame(
    schema={"task_id": pl.String, "difficulty_logit": pl.Float64, "sd": pl.Float64, "label_logit": pl.Float64}
)
NO_SKILL = pl.DataFrame(
    schema={"kind": pl.String, "agent_id": pl.String, "scope": pl.String, "category": pl.String,
            "skill_logit": pl.Float64}
)  # fmt: skip
Row = dict[str, Any]
Rows = Iterable[Row] | pl.DataFrame


def minute(n: float) -> dt.datetime:
    """So many minutes after the start of the season."""
    return START + dt.timedelta(minutes=n)


def submission(n: int, agent: str, at: dt.datetime, task: str = "t", /, **more: Any) -> Row:
    """A verified submission; names that the contract does not know go into `extra`."""
    schema = TABLES["submissions"].schema
    extra = {name: more.pop(name) for name in list(more) if name not in schema}
    told = {"verdict": "verified", "user_id": f"u-{agent}", "problem": "p", **more}
    row = {"submission_id": f"s{n}", "event_id": f"s{n}", "at": at, "submitted_at": at, "judged_at": at, **told}
    flags = {"is_counted": True, "is_unresolved": False, "extra": json.dumps(extra) if extra else None}
    return {"agent_id": agent, "task_id": task, **row, **flags}


def call(n: int, user: str, agent: str, at: dt.datetime, /, **more: Any) -> Row:
    """A successful call."""
    row = {"call_id": f"c{n}", "event_id": f"c{n}", "at": at, "known_at": at, "user_id": user, "agent_id": agent}
    return {**row, "action_type": "task_completion", "success": True, **more}


def task(name: str, problem: str = "p", difficulty: str = "easy", task_type: str = "compute") -> Row:
    """A task."""
    row = {"task_id": name, "event_id": f"k-{name}", "at": START, "problem": problem, "task_type": task_type}
    return {**row, "difficulty": difficulty}


def queue(
    submissions: Rows = (), calls: Rows = (), tasks: Rows = (), points: Rows = (),
    task_difficulty: pl.DataFrame = NO_DIFFICULTY, agent_skill: pl.DataFrame = NO_SKILL, least: int = 20,
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """The flags and the detectors of a season."""
    held = {"submissions": submissions, "agent_calls": calls, "tasks": tasks, "points_ledger": points}
    tables = {name: frame(name, rows).lazy() for name, rows in held.items()}
    rules = RULES.model_copy(update={"insight": RULES.insight.model_copy(update={"min_attempts": least})})
    return anomalies(Evidence(tables, rules, minute(10**6)), task_difficulty, agent_skill)


def frame(table: str, rows: Iterable[Row] | pl.DataFrame) -> pl.DataFrame:
    """Rows, or some columns, as a table of the game."""
    schema = TABLES[table].schema
    if not isinstance(rows, pl.DataFrame):
        return pl.DataFrame(list(rows), schema=schema)
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in rows.columns]
    return rows.with_columns(absent).select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def flagged(flags: pl.DataFrame, detector: str) -> list[Row]:
    """The flags of a detector as rows."""
    return flags.filter(pl.col("detector") == detector).to_dicts()
