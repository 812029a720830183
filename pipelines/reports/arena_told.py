"""A table of a bundle as it tells of one owner: for people, and as the very lines that would stand in the file.

Not here: which rows these are (arena/leaving.py), how lines are spelled (arena/rows.py), the page (arena_preview.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.arena.rows import as_lines
from pipelines.arena.tables import ALL_TIME, BUNDLE_TABLES
from pipelines.game.contract import NUMBER, WHOLE, Column

TITLES = {  # the tables that speak of single owners, in the order in which pages show them
    "profiles": "Profile",
    "agent_statistics": "Agents that were called",
    "leaderboard_entries": "Places on boards",
    "achievements": "Badges, achievements and levels",
    "conversations": "Conversations",
}
SELF = "you"
_SUBJECT = "pseudonym"
_SAID_ELSEWHERE = ("owner_pseudonym", "subject_type", "file")  # by the subject, or by the SHA-256
_LABELS = {
    "xp": "XP",
    "sha256": "SHA-256",
    "n_bytes": "bytes",
    "daily_best": "best run, days",
    "last_active_week": "last active",
    "success_share": "success rate",
}
_SHORT = ("week", "last_active_week", "period", "kind", "tier")
_SHARES = ("success_share", "accuracy")


@dataclass(frozen=True)
class Head:
    """A column's heading, what it is in a sentence, whether it holds numbers, or words that are never broken."""

    label: str
    about: str
    is_number: bool
    is_short: bool


@dataclass(frozen=True)
class Told:
    """A table: headings, cells as texts (null: a null), and the lines of the file, byte for byte."""

    name: str
    title: str
    grain: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[str | None]]
    lines: str

    @property
    def file(self) -> str:
        """The file of the bundle in which the lines stand."""
        return f"{self.name}.jsonl"


def told(name: str, rows: pl.DataFrame, names: Mapping[str, str | None]) -> Told:
    """`rows` of a table of the bundle; people are spared columns that several rows leave empty.

    `names`: who stands behind each pseudonym, an agent or null for the owner.
    """
    contract = BUNDLE_TABLES[name]
    is_of_agents = "subject_type" in contract.schema
    hidden = {*_SAID_ELSEWHERE, *([] if is_of_agents else [_SUBJECT])}
    hidden |= {column for column in rows.columns if rows.height > 1 and rows[column].null_count() == rows.height}
    shown = [column for column in contract.columns if column.name not in hidden]
    return Told(
        name,
        TITLES[name],
        contract.grain,
        [_head(column) for column in shown],
        [[_cell(column, row, names) for column in shown] for row in rows.iter_rows(named=True)],
        as_lines(rows).decode(),
    )


def _head(column: Column) -> Head:
    label = "who" if column.name == _SUBJECT else _LABELS.get(column.name) or column.name.replace("_", " ")
    return Head(label, column.about, column.dtype in (WHOLE, NUMBER), column.name in _SHORT)


def _cell(column: Column, row: Mapping[str, Any], names: Mapping[str, str | None]) -> str | None:
    value = row[column.name]
    if value is None:
        return None
    if column.name == _SUBJECT:
        return names.get(value) or SELF
    if column.name == "period":
        return "all time" if value == ALL_TIME else str(value)
    return _text(column, row)(value)


def _text(column: Column, row: Mapping[str, Any]) -> Callable[[Any], str]:
    if column.name in _SHARES or (column.name == "score" and row["board"] == "accuracy"):
        return lambda share: f"{share:.0%}".replace("%", " %")  # two decimals are told, so nothing is rounded here
    if column.dtype == NUMBER:
        return lambda number: f"{number:,.12g}"
    return (lambda whole: f"{whole:,}") if column.dtype == WHOLE else str
