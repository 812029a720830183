"""Literal calls and submissions of agents, and what they are evidence of: for days of work and trends over them."""

import datetime as dt
from typing import Any

import polars as pl

from pipelines.game.rulebook import load_rulebook
from pipelines.insight.evidence import Evidence
from pipelines.insight.growth.daily_work import daily_work
from pipelines.insight.growth.trends import trends

AS_OF = dt.datetime(2026, 5, 31, 12, tzinfo=dt.UTC)
INSTANT = pl.Datetime("us", "UTC")
CALLS = {
    **dict.fromkeys(("agent_id", "user_id", "category", "complexity"), pl.String()),
    "at": INSTANT,
    "success": pl.Boolean(),
    **dict.fromkeys(("duration_s", "response_quality", "user_satisfaction", "code_quality"), pl.Float64()),
}
SUBMISSIONS = {
    **dict.fromkeys(("agent_id", "user_id", "task_id", "problem", "verdict"), pl.String()),
    **dict.fromkeys(("counted_at", "submitted_at", "claimed_at"), INSTANT),
    "is_counted": pl.Boolean(),
}
EARNED = {"agent_id": pl.String(), "day": pl.Date(), "xp": pl.Int64(), "points": pl.Int64()}
Row = dict[str, Any]


def call(agent: str, days_ago: float, success: bool = True, user: str = "ann", **more: Any) -> Row:
    """One call, so many days before noon of AS_OF's day."""
    return {"agent_id": agent, "user_id": user, "at": AS_OF - dt.timedelta(days=days_ago), "success": success, **more}


def evidence(
    calls: list[Row], submissions: list[Row] = (), tasks: Row | None = None, earned: list[Row] = (), zone: str = "UTC"
) -> Evidence:
    """These rows as the published tables. `tasks`: difficulty by task_id."""
    held = tasks or {}
    difficulty = {"task_id": list(held), "difficulty": list(held.values())}
    frames = {
        "agent_calls": pl.DataFrame(calls, schema=CALLS),
        "submissions": pl.DataFrame(submissions, schema=SUBMISSIONS),
        "tasks": pl.DataFrame(difficulty, schema=dict.fromkeys(difficulty, pl.String())),
        "agent_days": pl.DataFrame(earned, schema=EARNED),
    }
    rules = load_rulebook().model_copy(update={"timezone": zone})
    return Evidence({name: frame.lazy() for name, frame in frames.items()}, rules, AS_OF)


def trended(calls: list[Row]) -> dict[tuple[str, str], Row]:
    """Rows of `agent_trends` of these calls, by agent and measure."""
    held = evidence(calls)
    return {(row["agent_id"], row["measure"]): row for row in trends(held, daily_work(held)).to_dicts()}
