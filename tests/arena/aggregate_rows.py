"""Literal rows for the tests of product b, and a policy with few words."""

import datetime as dt
from typing import Any

import polars as pl

from pipelines.arena.leaving import COUNTS
from pipelines.arena.policy import Policy, load_policy

WORDS = {"agents": ["python-pro"], "categories": ["testing"], "problems": ["collatz"]}
NO_CALLS = pl.LazyFrame(
    schema={"owner_id": pl.String, "agent_id": pl.String, "category": pl.String, "success": pl.Boolean,
            "at": pl.Datetime("us", "UTC")}
)  # fmt: skip
TRY = ("owner_id", "agent_id", "task_id", "problem", "submission_id", "verdict", "counted_at", "is_counted")


def policy(words: dict[str, list[str]] | None = None, **aggregates: Any) -> Policy:
    """The policy of the program with few words, and limits of aggregates as given."""
    held = load_policy().model_dump(mode="json")
    held["words"] |= WORDS if words is None else words
    held["aggregates"] |= aggregates
    return Policy.model_validate(held)


def instant(text: str) -> dt.datetime:
    """A UTC instant such as `2026-10-03T10:00`."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def calls(*rows: tuple[str, str, str | None, bool, str]) -> pl.LazyFrame:
    """Calls: owner, agent, category, success, at."""
    told = [(owner, agent, category, success, instant(at)) for owner, agent, category, success, at in rows]
    return pl.LazyFrame(told, schema=NO_CALLS.collect_schema(), orient="row")


def tries(*rows: tuple[str | None, str, str, str | None, str, str, bool]) -> pl.LazyFrame:
    """Submissions: owner, agent, task, problem, verdict, counted_at, is_counted; with ids in the order given."""
    told = [
        (owner, agent, task, problem, f"s{n:04}", verdict, instant(at), is_counted)
        for n, (owner, agent, task, problem, verdict, at, is_counted) in enumerate(rows)
    ]
    types = [pl.String] * 6 + [pl.Datetime("us", "UTC"), pl.Boolean]
    return pl.LazyFrame(told, schema=dict(zip(TRY, types, strict=True)), orient="row")


def counts(*rows: tuple[str, str, str, str, str | None, int, int]) -> pl.DataFrame:
    """Columns of COUNTS."""
    return pl.DataFrame(rows, schema=COUNTS, orient="row")


def people(n: int, first: str = "p") -> pl.Series:
    """So many owners."""
    return pl.Series([f"{first}{i:03}" for i in range(n)], dtype=pl.String)
