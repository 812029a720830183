"""The slow way, for comparison: one pass over the submissions in plain Python dicts.

Here: which submissions count, points by agent and rule, and who solved a task first, by the rules of the specification
with the numbers of the default rulebook, over native records. Not here: streaks, badges, boards and all that is
published: the loop does far less than Podium, which the comparison leaves in its favour.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

RANGES = {"easy": (5, 5), "medium": (10, 15), "hard": (20, 30), "extreme": (40, 50)}
PATTERN, COUNTEREXAMPLE, FIRST_SOLVER, PERFECT_DAY, PERFECT_TASKS = (25, 50), 100, 5, 10, 5
Record = dict[str, Any]


def parse(lines: Iterable[str]) -> list[Record]:
    """The records of a file, instants as such."""
    records = [json.loads(line) for line in lines]
    for record in records:
        for name in ("at", "submitted_at"):
            if name in record:
                record[name] = dt.datetime.fromisoformat(record[name])
    return records


def points_by_agent(records: list[Record]) -> dict[str, int]:
    """Points of every agent with a counted submission, as of the greatest `at` of all records."""
    as_of = max(record["at"] for record in records)
    tasks = newest([r for r in records if r["type"] == "task"], "task_id")
    tries = newest([r for r in records if r["type"] == "submission"], "submission_id")
    ordered = sorted(tries.values(), key=lambda r: (r["submitted_at"], r["submission_id"]))
    points: Counter[str] = Counter()
    solved: set[tuple[str, str]] = set()
    solved_first: set[str] = set()
    done: Counter[tuple[str, dt.date]] = Counter()
    failed: set[tuple[str, dt.date]] = set()
    for made in ordered:
        agent, name, day = made["agent_id"], made["task_id"], made["submitted_at"].date()
        if made["verdict"] not in ("verified", "rejected") or name not in tasks or (agent, name) in solved:
            continue
        points[agent] += 0  # an attempt is enough to stand in the totals
        if made["verdict"] == "rejected":
            failed.add((agent, day))
            continue
        solved.add((agent, name))
        done[agent, day] += 1
        points[agent] += award(made, tasks[name])
        if name not in solved_first:
            solved_first.add(name)
            points[agent] += FIRST_SOLVER
    for (agent, day), n in done.items():
        if n >= PERFECT_TASKS and (agent, day) not in failed and day < as_of.date():
            points[agent] += PERFECT_DAY
    return dict(points)


def newest(records: list[Record], key: str) -> dict[str, Record]:
    """Per id the record in force: the greatest by (at, event_id)."""
    found: dict[str, Record] = {}
    for record in records:
        held = found.get(record[key])
        if held is None or (held["at"], held["event_id"]) < (record["at"], record["event_id"]):
            found[record[key]] = record
    return found


def award(made: Record, task: Record) -> int:
    """What a verified submission earns by itself."""
    if task["task_type"] == "pattern":
        low, high = PATTERN
        points = min(max(made.get("awarded_points", low), low), high)
    else:
        low, high = RANGES[task["difficulty"]]
        points = min(max(task.get("points", low), low), high)
    if task["task_type"] == "search" and made.get("found"):
        points += max(COUNTEREXAMPLE, task.get("counterexample_points", 0))
    return int(points)
