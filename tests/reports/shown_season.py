"""Published seasons from literal records, for the tests of what is shown: no warehouse, no reader of files."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.game.rulebook import load_rulebook
from pipelines.game.rules import Rulebook
from pipelines.game.tables import TABLES
from pipelines.insight.evidence import Evidence
from pipelines.insight.insights import insights
from pipelines.insight.tables import PUBLISHED_TABLES
from pipelines.store.published import Candidate, Generation
from tests.game.league import EPOCH, instant, play


def publish(
    home: Path,
    records: list[dict[str, Any]],
    *,
    rules: Rulebook | None = None,
    as_of: int | None = None,
    quarantine: list[dict[str, Any]] | None = None,
    files: list[dict[str, Any]] | None = None,
    has_insight: bool = False,
    **accounts: list[dict[str, Any]],
) -> Generation:
    """Play a season, publish it in `home`, and open it. Rows of tables that no rule makes are given as they are.

    `has_insight`: with the tables of statistics, too; else as one that was published before there were any.
    """
    rules = rules or load_rulebook()
    as_of = max(r["at"] for r in records) if as_of is None else as_of
    tables: dict[str, list[dict[str, Any]]] = play(records, rules, as_of)
    candidate = Candidate(home, PUBLISHED_TABLES if has_insight else TABLES)
    for name, rows in {**tables, "quarantine": quarantine or [], "ingested_files": files or [], **accounts}.items():
        shown = [
            {**row, "rulebook": rules.fingerprint} if name in ("points_ledger", "xp_ledger") else row for row in rows
        ]
        candidate.write(name, frame_of(name, shown))
    instant = EPOCH + dt.timedelta(microseconds=as_of)
    if has_insight:
        written = {name: candidate.written(name) for name in TABLES}
        for name, statistics in insights(Evidence(written, rules, instant.replace(tzinfo=dt.UTC))):
            candidate.write(name, statistics)
    candidate.seal({"as_of": instant.isoformat() + "Z", "rulebook": rules.fingerprint, "inputs": {}})
    candidate.publish()
    return Generation.open(home)


def frame_of(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows of a published table, instants as integers, as its frame."""
    schema = TABLES[name].schema
    plain = {c: pl.Int64() if isinstance(t, pl.Datetime) else t for c, t in schema.items()}
    instants = [pl.col(c).cast(t) for c, t in schema.items() if isinstance(t, pl.Datetime)]
    return pl.DataFrame(rows, schema=plain).with_columns(instants)


def called(
    event_id: str, user_id: str, agent_id: str, when: str, *, success: bool = True, **more: Any
) -> dict[str, Any]:
    """An `agent_call` record: unless said otherwise a task completed successfully, of which nothing else is told."""
    plain = {"event_id": event_id, "user_id": user_id, "agent_id": agent_id, "action_type": "task_completion"}
    return {"type": "agent_call", **plain, "at": instant(when), "success": success, **more}
