"""Literal calls of teams, and what they are evidence of."""

import datetime as dt
from typing import Any

import polars as pl

from pipelines.game.rulebook import load_rulebook
from pipelines.insight.evidence import Evidence

START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
AS_OF = dt.datetime(2026, 6, 30, tzinfo=dt.UTC)
TEXTS = ("team_id", "user_id", "agent_id", "category", "complexity")
Row = dict[str, Any]


def call(team: str | None, user: str, agent: str, day: float, *, success: bool = True, **work: str) -> Row:
    """One call, so many days after START."""
    at = START + dt.timedelta(days=day)
    return {"team_id": team, "user_id": user, "agent_id": agent, "at": at, "success": success, **work}


def evidence(calls: list[Row], *, small_group: int = 3, as_of: dt.datetime = AS_OF) -> Evidence:
    """The calls as the published table, with the default rules but for what a small team is."""
    rules = load_rulebook()
    insight = rules.insight.model_copy(update={"small_group": small_group})
    schema = {**dict.fromkeys(TEXTS, pl.String()), "at": pl.Datetime("us", "UTC"), "success": pl.Boolean()}
    table = pl.DataFrame(calls, schema=schema).lazy()
    return Evidence({"agent_calls": table}, rules.model_copy(update={"insight": insight}), as_of)
