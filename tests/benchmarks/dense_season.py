"""A season of a few thousand submissions in which everything happens that the rules speak of, as facts on disk.

Few agents, few tasks, a dozen days, clocks that know half hours only: ties, repeats, waits and corrections abound.
"""

import datetime as dt
import random
from pathlib import Path
from typing import Any

import polars as pl
from facts import RECORDS, TASKS, write_facts

PENDING, VERIFIED, REJECTED, VOID = range(4)
PROBLEMS = ["collatz", "erdos-straus", "goldbach"]
N_AGENTS, N_TASKS, N_SUBMISSIONS, N_DAYS = 10, 400, 4000, 12
BEGIN = dt.datetime(2025, 3, 1)  # noqa: DTZ001 - naive UTC, as in the facts
LAST_US = dt.timedelta(days=1) - dt.timedelta(microseconds=1)
CAREFUL, LATE_TO_FAIL = 4, 5  # agents: one that hardly ever fails, one whose 20th attempt is its first rejection
SELDOM_WRONG = 8  # from this agent on few tries a day, hardly ever wrong: perfect days
Row = dict[str, Any]


def dense_season(folder: Path, seed: int) -> None:
    """Write the facts."""
    rng = random.Random(seed)
    submissions = [_submission(rng) for _ in range(N_SUBMISSIONS)] + _late_to_fail()
    numbers = rng.sample(range(10**10), len(submissions))
    records = []
    for number, made in zip(numbers, submissions, strict=True):
        records += _records(rng, made | {"submission": number})
    events = rng.sample(range(10**10), len(records))
    records = [record | {"event": event} for record, event in zip(records, events, strict=True)]
    records.sort(key=lambda record: record["at"])
    frame = pl.DataFrame(records, schema={**RECORDS, "is_correction": pl.Boolean()})
    parts = [frame.slice(offset, 1000) for offset in range(0, frame.height, 1000)]
    tasks = pl.DataFrame([_task(rng) for _ in range(N_TASKS)], schema=TASKS)
    write_facts(folder, tasks, parts, {"rows": len(submissions), "seed": seed, "whale": 0.0, "problems": PROBLEMS,
                                       "n_agents": N_AGENTS})  # fmt: skip


def _task(rng: random.Random) -> Row:
    return {
        "problem": rng.choices(range(3), (5, 5, 1))[0],
        "task_type": rng.randrange(5),
        "difficulty": rng.randrange(4),
        "points": rng.choice([None, rng.randint(1, 60)]),
        "counterexample_points": rng.choice([None, None, 40, 300]),
    }


def _submission(rng: random.Random) -> Row:
    agent = min(int(rng.expovariate(0.5)), N_AGENTS - 1)
    at = BEGIN + dt.timedelta(minutes=30 * rng.randrange(48 * N_DAYS - 20))  # the last day has hardly begun
    if rng.random() < 0.02:
        at = BEGIN + dt.timedelta(days=rng.randrange(N_DAYS - 1)) + LAST_US
    fails = 0.01 if agent == CAREFUL or agent >= SELDOM_WRONG else 0.25
    shares = (0.04, 0.94 - fails, fails, 0.02)
    return _try(agent, rng.randrange(N_TASKS), at, rng.choices(range(4), shares)[0]) | {
        "found": rng.choice([None, False, True]),
        "awarded_points": rng.choice([None, rng.randint(10, 60)]),
        "claimed_at": rng.choice([None, at - dt.timedelta(minutes=5), at - dt.timedelta(minutes=rng.randint(4, 90))]),
    }


def _late_to_fail() -> list[Row]:
    """19 tasks completed, the 20th attempt rejected, all before the season begins."""
    first = BEGIN - dt.timedelta(days=3)
    verdicts = [VERIFIED] * 19 + [REJECTED]
    return [_try(LATE_TO_FAIL, n, first + dt.timedelta(hours=3 * n), verdict) for n, verdict in enumerate(verdicts)]


def _try(agent: int, task: int, at: dt.datetime, verdict: int) -> Row:
    return {"agent": agent, "task": task, "team": agent % 3 or None, "submitted_at": at, "claimed_at": None,
            "verdict": verdict, "found": None, "awarded_points": None}  # fmt: skip


def _records(rng: random.Random, made: Row) -> list[Row]:
    """The first record and, of one submission in ten, up to two more; some known at the same instant as it."""
    until = BEGIN + dt.timedelta(days=N_DAYS - 1, hours=14)
    known = made["submitted_at"] + dt.timedelta(minutes=rng.randint(0, 60))
    records = [made | {"at": known, "is_correction": False}]
    while rng.random() < 0.1 and made["submitted_at"] >= BEGIN and len(records) < 3:
        at = min(known + dt.timedelta(hours=rng.choice([0, 0, 5, 50])), max(until, known))
        records.append(made | {"at": at, "verdict": rng.randrange(4), "is_correction": True})
    return records
