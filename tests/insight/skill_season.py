"""Literal seasons of calls and tries for the tests of skill and its ranks, and small worlds whose truth is known."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl

from pipelines.game.rulebook import load_rulebook
from pipelines.game.tables import TABLES
from pipelines.insight.evidence import Evidence
from pipelines.insight.worlds.play import play, tables_of
from pipelines.insight.worlds.world import World, WorldShape, world

RULES = load_rulebook()
START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
AS_OF = dt.datetime(2026, 4, 20, tzinfo=dt.UTC)
Row = dict[str, Any]


def calls(
    agent: str, marks: str, category: str | None = "debug", complexity: str | None = "medium", day: float = 0
) -> list[Row]:
    """Calls of ann, a minute apart, so many days after START: + succeeded, - failed."""
    first = START + dt.timedelta(days=day)
    return [
        {
            "agent_id": agent, "user_id": "ann", "category": category, "complexity": complexity, "success": mark == "+",
            "at": first + dt.timedelta(minutes=n), "known_at": first + dt.timedelta(minutes=n),
        }
        for n, mark in enumerate(marks)
    ]  # fmt: skip


def tries(agent: str, task: str, marks: str) -> list[Row]:
    """Counted submissions: + verified, - rejected; the problem is the task's first letter."""
    return [
        {
            "agent_id": agent, "task_id": task, "problem": task[0], "is_counted": True,
            "verdict": "verified" if mark == "+" else "rejected",
            "at": START + dt.timedelta(minutes=n), "counted_at": START + dt.timedelta(minutes=n),
        }
        for n, mark in enumerate(marks)
    ]  # fmt: skip


def evidence(
    rows: Iterable[Row] = (), submissions: Iterable[Row] = (), tasks: Iterable[Row] = (), as_of: dt.datetime = AS_OF
) -> Evidence:
    """What the rows are evidence of, under the default rules."""
    held = {"agent_calls": rows, "submissions": submissions, "tasks": tasks}
    frames = {name: pl.DataFrame(list(given), schema=TABLES[name].schema) for name, given in held.items()}
    return Evidence(tables_of(**frames), RULES, as_of)


def played(seed: int, shape: WorldShape) -> tuple[World, Evidence]:
    """A synthetic world and what its calls are evidence of."""
    made = world(seed, shape)
    return made, Evidence(tables_of(play(made)), RULES, made.as_of)


def renamed(held: Evidence, names: dict[str, str]) -> Evidence:
    """The same calls in another order, their agents spelled otherwise."""
    frame = held.tables["agent_calls"].collect().with_columns(pl.col("agent_id").replace(names))
    return Evidence(tables_of(frame.sample(fraction=1, shuffle=True, seed=3)), held.rules, held.as_of)


def ids_turned_round(held: Evidence) -> dict[str, str]:
    """New names of all agents, whose order is the reverse of the old one's."""
    old = held.tables["agent_calls"].select(pl.col("agent_id").unique().sort()).collect().to_series().to_list()
    return {name: f"x{99_999 - place}" for place, name in enumerate(old)}


def true_ranks(skill: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The place of each by true skill, the best first."""
    return np.argsort(np.argsort(-skill)) + 1
