"""Whole seasons on real files: land, recompute, and read the tables back as a reader would."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.engines.recompute import recompute
from pipelines.game.rulebook import load_rulebook
from pipelines.store.landing import FileReport, land
from pipelines.store.published import Generation
from pipelines.store.warehouse import Warehouse

NOW = dt.datetime(2026, 11, 21)  # noqa: DTZ001 - naive UTC, as the store takes it
ACCOUNTS = ("quarantine", "ingested_files", "event_sources", "data_quality", "changes")


def ingest(home: Path, paths: Iterable[Path], now: dt.datetime = NOW, **more: Any) -> list[FileReport]:
    """Land files into a home; none of them may be unreadable."""
    with Warehouse.open(home) as warehouse:
        reports = land(warehouse, list(paths), now, **more)
    assert [r.error for r in reports if r.error] == []
    return reports


def publish(home: Path, as_of: str | None = None, rulebook: Path | None = None) -> dict[str, pl.DataFrame]:
    """Recompute a home, and every published table."""
    instant = dt.datetime.fromisoformat(as_of).astimezone(dt.UTC).replace(tzinfo=None) if as_of else None
    return tables(recompute(home, load_rulebook(rulebook), instant)[0])


def tables(generation: Generation) -> dict[str, pl.DataFrame]:
    """Every table of a generation."""
    return {name: generation.table(name).collect() for name in generation.tables()}


def same(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> list[str]:
    """The tables that differ, but for the accounts of what was read, and of what was before."""
    return [name for name in one if name not in ACCOUNTS and not one[name].equals(other[name])]
