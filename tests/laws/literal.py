"""Literal records and rows for the oracle's own tests. Not here: generated logs (logs.py)."""

from typing import Any

from tests.laws.oracle import default_as_of, season
from tests.laws.oracle_rules import DAY, Rules, instant

Row = dict[str, Any]
T0 = instant("2025-03-10T09:00Z")  # a Monday


def task(task_id: str, at: int = T0 - DAY, **fields: Any) -> Row:
    what = {"problem": "collatz", "task_type": "compute", "difficulty": "easy"}
    return {"type": "task", "event_id": f"task-{task_id}-{at}", "at": at, "task_id": task_id, **what, **fields}


def tried(submission_id: str, agent_id: str, task_id: str, at: int, verdict: str = "verified", **fields: Any) -> Row:
    """One record, known at once unless `known_at` says otherwise."""
    known_at = fields.pop("known_at", at)
    who = {"submission_id": submission_id, "agent_id": agent_id, "task_id": task_id}
    row = {"type": "submission", "event_id": f"e-{submission_id}-{known_at}", "at": known_at, **who}
    return row | {"submitted_at": at, "verdict": verdict, **fields}


def called(call_id: str, user_id: str, agent_id: str, at: int, success: bool = True, **fields: Any) -> Row:
    """One record of an agent call, worth 10 XP unless fields say otherwise; `known_at` makes it a correction."""
    known_at = fields.pop("known_at", at)
    who = {"call_id": call_id, "user_id": user_id, "agent_id": agent_id, "action_type": "task_completion"}
    row = {"type": "agent_call", "event_id": f"e-{call_id}-{known_at}", "at": known_at, **who}
    return row | {"success": success, **fields}


def play(records: list[Row], rules: Rules | None = None, as_of: int | None = None) -> dict[str, list[Row]]:
    return season(records, rules or Rules(), default_as_of(records) if as_of is None else as_of)


def pick(rows: list[Row], *columns: str, **where: Any) -> list[tuple[Any, ...]]:
    return [tuple(r[c] for c in columns) for r in rows if all(r[name] == value for name, value in where.items())]


def solved(agent_id: str, *instants: int, name: str = "s", **fields: Any) -> list[Row]:
    """A task of its own, known, and a verified submission at each instant."""
    ids = [f"{name}-{agent_id}-{n:02d}" for n in range(len(instants))]
    known = [task(f"t-{one}", min(instants) - DAY, **fields) for one in ids]
    return known + [tried(one, agent_id, f"t-{one}", at) for one, at in zip(ids, instants, strict=True)]
