"""The facts as plain Python objects, for the rival that loops.

Here: tasks and the records in force, in order. Not here: what counts (python_loop.py).
"""

import datetime as dt
import json
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import default_game as game
import polars as pl

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
INSTANTS = ("at", "submitted_at", "claimed_at")


class Task(NamedTuple):
    """A task; words as their codes."""

    problem: int
    task_type: int
    difficulty: int
    points: int | None
    counterexample_points: int | None


class Submission(NamedTuple):
    """A record of a submission; instants in microseconds."""

    at: int
    event: int
    submission: int
    agent: int
    task: int
    submitted_at: int
    claimed_at: int | None
    verdict: int
    found: bool | None
    awarded_points: int | None


@dataclass(frozen=True)
class Facts:
    """What the rival plays with. A task's number is its place; submissions are those in force, without the void."""

    tasks: list[Task]
    submissions: list[Submission]
    problems: list[str]
    as_of: int

    @classmethod
    def read(cls, folder: Path) -> "Facts":
        """Read a folder that facts.py wrote."""
        about = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
        as_of = (dt.datetime.fromisoformat(about["as_of"] + "Z") - EPOCH) // dt.timedelta(microseconds=1)
        tasks = pl.read_parquet(folder / "tasks.parquet", columns=list(Task._fields))
        held: dict[int, Submission] = {}
        for file in sorted((folder / "submissions").iterdir()):
            records = pl.read_parquet(file, columns=list(Submission._fields)).select(Submission._fields)
            for row in records.with_columns(pl.col(INSTANTS).to_physical()).iter_rows():
                made = Submission(*row)
                before = held.get(made.submission)
                if before is None or (before.at, before.event) < (made.at, made.event):
                    held[made.submission] = made
        valid = [made for made in held.values() if made.verdict != game.VOID]
        ordered = sorted(valid, key=attrgetter("submitted_at", "submission"))
        return cls([Task(*row) for row in tasks.iter_rows()], ordered, about["problems"], as_of)
