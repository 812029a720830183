"""One board in one window, as read from a published season: which one was asked for, and its entries in order.

Not here: what stands beside the entries (board_company.py), how it looks (board_view.py), who stands where
(game/leaderboards.py).
"""

import datetime as dt
from dataclasses import dataclass

import polars as pl

from pipelines.game.board_rules import CALENDAR_WINDOWS, BoardRule
from pipelines.game.windows import window_start
from pipelines.reports.board_company import Asked, with_company
from pipelines.reports.board_names import name_of
from pipelines.reports.choices import Misuse, named, one_of, quoted
from pipelines.reports.reading import Reading


@dataclass(frozen=True)
class BoardPage:
    """A board in a window. `entries`: the columns of `leaderboards` and those of `board_company.with_company`."""

    reading: Reading
    board: str
    rule: BoardRule | None
    window: str
    start_on: dt.date | None
    end_on: dt.date | None
    scope_id: str | None
    entries: pl.DataFrame
    n_entries: int

    @property
    def name(self) -> str:
        """What the board is called."""
        return name_of(self.reading, self.board)

    @property
    def is_of_calls(self) -> bool:
        """Whether it ranks by agent calls and their XP."""
        return self.rule is not None and self.rule.is_of_calls

    @property
    def subject(self) -> str:
        """Who has entries: agent, user, user_agent or team."""
        return self.rule.subject if self.rule else "agent"

    def for_machines(self) -> dict[str, object]:
        """The page as plain data."""
        return {
            "board": self.board,
            "name": self.name,
            "window": self.window,
            "window_start_on": self.start_on,
            "window_end_on": self.end_on,
            "scope_id": self.scope_id,
            "as_of": self.reading.as_of,
            "rulebook": self.reading.fingerprint,
            "generation": self.reading.generation.id,
            "n_entries": self.n_entries,
            "entries": self.entries.to_dicts(),
        }


def board_page(
    reading: Reading,
    board: str,
    window: str | None = None,
    on: dt.date | None = None,
    scope_id: str | None = None,
    top: int | None = None,
) -> BoardPage:
    """The page that was asked for; of day, week and month the one with `on` in it, else the last one with entries.

    Raises Misuse for a board, window, day or scope that does not exist, naming what does.
    """
    board = one_of(board, reading.boards(), "board")
    rule = reading.board_rule(board)
    rows = reading.collect(reading.table("leaderboards").filter(pl.col("board") == board))
    window = _window(window, rule, rows, reading, board)
    rows, scope_id = _scope(rows.filter(pl.col("window") == window), rule, scope_id, board)
    rows, start_on = _period(rows, window, on, board)
    end_on = None
    if rows.height:
        start_on, end_on = rows["window_start_on"][0], rows["window_end_on"][0]
    shown = with_company(rows.head(top) if top else rows, Asked(board, rule, window, scope_id), reading)
    return BoardPage(reading, board, rule, window, start_on, end_on, scope_id, shown, rows.height)


def _window(asked: str | None, rule: BoardRule | None, rows: pl.DataFrame, reading: Reading, board: str) -> str:
    held = rows["window"].unique().to_list()
    ruled = rule.windows if rule else ()
    slugs = [window.slug for window in reading.rules.window if window.slug in ruled or "named" in ruled]
    windows = [name for name in (*CALENDAR_WINDOWS, *slugs) if name in ruled or name in slugs or name in held]
    windows += sorted(set(held) - set(windows))
    if asked is None:
        return windows[0] if windows else "all"
    if asked not in windows:
        raise Misuse(f"The board {quoted(board)} has no window {quoted(asked)}: it has {named(windows)}.")
    return asked


def _period(rows: pl.DataFrame, window: str, on: dt.date | None, board: str) -> tuple[pl.DataFrame, dt.date | None]:
    """The rows of one day, week or month."""
    if window not in CALENDAR_WINDOWS or window == "all":
        if on is not None:
            raise Misuse("--on chooses among days, weeks or months: add --window day, week or month.")
        return rows, None
    starts = rows["window_start_on"].unique().sort()
    if on is None:
        if starts.is_empty():
            return rows, None
        last = starts[-1]
        return rows.filter(pl.col("window_start_on") == last), last
    start = pl.select(window_start(pl.lit(on), window)).item()
    if start not in starts:
        held = f"{len(starts)} {window}s, which begin from {starts[0]} to {starts[-1]}" if len(starts) else "none yet"
        raise Misuse(f"{quoted(board)} has no entries in the {window} that begins on {start}: it has {held}.")
    return rows.filter(pl.col("window_start_on") == start), start


def _scope(
    rows: pl.DataFrame, rule: BoardRule | None, asked: str | None, board: str
) -> tuple[pl.DataFrame, str | None]:
    """The rows of one team or project, on a board that is one for each."""
    scopes = rows["scope_id"].drop_nulls().unique().sort().to_list()
    kind = rule.scope if rule else "team" if scopes else "all"
    if kind == "all":
        if asked is not None:
            raise Misuse(f"The board {quoted(board)} is one for all: leave --scope-id out.")
        return rows, None
    if asked is None:
        if not scopes:
            return rows, None
        raise Misuse(f"The board {quoted(board)} is one for each {kind}: choose with --scope-id among {named(scopes)}.")
    chosen = one_of(asked, scopes, kind)
    return rows.filter(pl.col("scope_id") == chosen), chosen
