"""The contract of exports: which columns each kind of board has, in which order, with types and units.

CSV, XLSX and Parquet all hold these. What a column means is said once, in the contract of the table it comes from.
Not here: how a value is written (each format's own module), where the page comes from (board_page.py).
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from pipelines.game.contract import DAY, INSTANT, TEXT, WHOLE, Column
from pipelines.game.leaderboards import LEADERBOARDS
from pipelines.game.levels import LEVELS
from pipelines.game.streaks import STREAKS
from pipelines.reports.board_page import BoardPage

Kind = Literal["agents", "teams", "agents-by-calls", "users", "pairs", "teams-by-calls"]
TEXTS = pl.List(TEXT)
_HELD = {column.name: column for table in (STREAKS, LEVELS, LEADERBOARDS) for column in table.columns}
_OWN = {
    column.name: column
    for column in (
        Column("n_provisional_points", WHOLE, "points in it that a pending verdict can still take away", low=0),
        Column("daily_current", WHOLE, "days in a row with a completed task up to `as_of`", low=0),
        Column("level", WHOLE, "level by all XP up to `as_of`", nullable=True, low=1),
        Column("title", TEXT, "title of that level", nullable=True),
        Column("stars", WHOLE, "stars of that level", nullable=True, low=0),
        Column("badges", TEXTS, "slugs of badges (of users: achievements) held at `as_of`, the rarest first"),
    )
}

_FIRST = ("rank", "subject_id")
_SUBMISSIONS = ("points", "tasks_completed", "attempts", "accuracy", "wilson_low")
_CALLS = ("xp", "calls", "success_share")
_MOVES = ("previous_rank", "rank_change", "reached_at")
_LEVEL = ("level", "title", "stars")
_NAMES: dict[Kind, tuple[str, ...]] = {
    "agents": (
        *_FIRST, "score", *_SUBMISSIONS, "penalty_minutes", "n_provisional_points", *_MOVES, "daily_current", "badges",
    ),
    "teams": (*_FIRST, "score", *_SUBMISSIONS, "n_provisional_points", "n_members", *_MOVES),
    "agents-by-calls": (*_FIRST, "score", *_CALLS, *_MOVES, "badges"),
    "users": (*_FIRST, "score", *_CALLS, *_LEVEL, *_MOVES, "badges"),
    "pairs": (*_FIRST, "user_id", "agent_id", "score", *_CALLS, *_LEVEL, *_MOVES),
    "teams-by-calls": (*_FIRST, "score", *_CALLS, "n_members", *_MOVES),
}  # fmt: skip
COLUMNS: dict[Kind, tuple[Column, ...]] = {
    kind: tuple(_OWN.get(name) or _HELD[name] for name in names) for kind, names in _NAMES.items()
}
ORIGIN = (  # the same on every row: which board, and what its numbers are a function of
    Column("board", TEXT, "the board"),
    Column("window", TEXT, "all, day, week, month, or the slug of a named window"),
    Column("window_start_on", DAY, "the window's first local date; null for `all`", nullable=True),
    Column("window_end_on", DAY, "its last local date, inclusive; null for `all`", nullable=True),
    Column("scope_id", TEXT, "the team or project that the board is of; null for a board for all", nullable=True),
    Column("as_of", INSTANT, "the instant for which it holds"),
    Column("rulebook", TEXT, "fingerprint of the rules applied"),
)


@dataclass(frozen=True)
class ExportTable:
    """The entries of a page as an export holds them: the columns, and a frame of exactly these."""

    columns: tuple[Column, ...]
    frame: pl.DataFrame


def kind_of(page: BoardPage) -> Kind:
    """Which columns its board has."""
    if not page.is_of_calls:
        return "teams" if page.subject == "team" else "agents"
    kinds: dict[str, Kind] = {"user": "users", "user_agent": "pairs", "team": "teams-by-calls"}
    return kinds.get(page.subject, "agents-by-calls")


def export_table(page: BoardPage, *, with_origin: bool) -> ExportTable:
    """The entries in the contract's columns; `with_origin` adds ORIGIN, for files that hold nothing but rows."""
    columns = COLUMNS[kind_of(page)]
    held = set(page.entries.columns)
    shaped = [pl.col(c.name).cast(c.dtype) if c.name in held else pl.lit(None, c.dtype).alias(c.name) for c in columns]
    frame = page.entries.select(shaped)
    if not with_origin:
        return ExportTable(columns, frame)
    origin = {
        "board": page.board,
        "window": page.window,
        "window_start_on": page.start_on,
        "window_end_on": page.end_on,
        "scope_id": page.scope_id,
        "as_of": page.reading.as_of,
        "rulebook": page.reading.fingerprint,
    }
    own = [pl.lit(origin[c.name], c.dtype).alias(c.name) for c in ORIGIN]
    return ExportTable((*columns, *ORIGIN), frame.with_columns(own))
