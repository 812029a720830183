"""A board as people read it, for Markdown, pictures and print: the columns of the terminal, as plain texts.

Not here: the numbers themselves (board_columns.py), what each format makes of the texts.
"""

import io
from dataclasses import dataclass
from typing import Any

from pipelines.reports.board_columns import numbers
from pipelines.reports.board_page import BoardPage
from pipelines.reports.terminal import Align, screen

PROVISIONAL = "*"  # behind points that a pending verdict can still take away
SUBJECTS = {"agent": "Agent", "user": "User", "team": "Team", "user_agent": "User with agent"}
_WIDTH = 1000  # cells: no text is cut for a lack of room here


@dataclass(frozen=True)
class Column:
    """A column of numbers: heading, alignment, a text for every row."""

    heading: str
    align: Align
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Move:
    """Places climbed (positive) or lost since the window before; None: the entry is new there."""

    n_places: int | None
    is_known: bool  # not in a window that nothing goes before


@dataclass(frozen=True)
class ShownBoard:
    """The entries in order: ranks, moves, names, columns of numbers (the board's own first), names of badges."""

    subject: str
    ranks: tuple[int, ...]
    moves: tuple[Move, ...]
    names: tuple[str, ...]
    numbers: tuple[Column, ...]
    badges: tuple[tuple[str, ...], ...] | None
    notes: tuple[str, ...]


def shown_board(page: BoardPage) -> ShownBoard:
    """The page as texts; names are as they were given, for the format to make harmless."""
    rows = page.entries.to_dicts()
    is_first = all(row["previous_rank"] is None for row in rows)
    drawn = numbers(page, rows, screen(io.StringIO(), _WIDTH, fancy=True))
    return ShownBoard(
        SUBJECTS[page.subject],
        tuple(row["rank"] for row in rows),
        tuple(Move(row["rank_change"], is_known=not is_first) for row in rows),
        tuple(_name(page, row) for row in rows),
        tuple(Column(heading, align, tuple(text.plain.strip() for text in texts)) for heading, align, texts in drawn),
        _badges(page, rows),
        _notes(page),
    )


def _name(page: BoardPage, row: dict[str, Any]) -> str:
    return f"{row['user_id']} with {row['agent_id']}" if page.subject == "user_agent" else str(row["subject_id"])


def _badges(page: BoardPage, rows: list[dict[str, Any]]) -> tuple[tuple[str, ...], ...] | None:
    """The names of badges, the rarest first; None where a board has none or nobody on a board of calls holds any."""
    if "badges" not in page.entries.columns or (page.is_of_calls and not any(row["badges"] for row in rows)):
        return None
    names = page.reading.trophy_names("user" if page.subject == "user" else "agent")
    return tuple(tuple(names.get(slug, slug) for slug in row["badges"]) for row in rows)


def _notes(page: BoardPage) -> tuple[str, ...]:
    """What a reader must know beside the numbers."""
    notes = []
    if page.entries.height < page.n_entries:
        notes.append(f"The first {page.entries.height:,} of {page.n_entries:,} entries.")
    if not page.is_of_calls and (n := page.entries["n_provisional_points"].sum()):
        notes.append(f"{PROVISIONAL} {n:,} points in it are provisional: a pending verdict can still take them away.")
    return tuple(notes)
