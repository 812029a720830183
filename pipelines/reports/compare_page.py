"""What other rules would make of a published season, as plain data: which rules differ, who gains, who moves.

Not here: playing it (engines/what_if.py), the comparison itself (game/comparison.py), how it looks (compare_view.py).
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.game.board_rules import CALENDAR_WINDOWS, BoardRule
from pipelines.game.comparison import Comparison
from pipelines.game.rule_differences import Difference, differences
from pipelines.game.rules import Rulebook
from pipelines.game.tallies import BEFORE, windows_of
from pipelines.game.windows import window_start
from pipelines.reports.board_names import name_of
from pipelines.reports.choices import Misuse, named, one_of, quoted
from pipelines.reports.reading import Reading


@dataclass(frozen=True)
class Asked:
    """What is to be compared: `before` and `after`, the season under its own and under other rules, and which boards.

    `board`: None for all; `window`: None for all but days, weeks, months; `on`: a date in the day, week or month.
    """

    before: Reading
    after: Reading
    board: str | None = None
    window: str | None = None
    on: dt.date | None = None


@dataclass(frozen=True)
class BoardMoves:
    """One board in one window. `moved`: rows of COMPARED_BOARDS with another rank, or with an entry on one side only.

    `rules`: the board's rule before and after; None where that rulebook has no such board in such a window. `n_scores`:
    entries on both sides whose score differs.
    """

    board: str
    name: str
    window: str
    start_on: dt.date | None
    rules: tuple[BoardRule | None, BoardRule | None]
    n_entries: int
    n_scores: int
    moved: pl.DataFrame

    @property
    def is_on_both(self) -> bool:
        """Whether both rulebooks have it: otherwise nobody moves, it only comes or goes."""
        return None not in self.rules

    def counts(self) -> dict[str, int]:
        """How many climb, fall, come in and drop out."""
        change, held, new = (pl.col(name) for name in ("rank_change", "rank_before", "rank_after"))
        asked = {"n_climb": change > 0, "n_fall": change < 0, "n_enter": held.is_null(), "n_leave": new.is_null()}
        row = self.moved.select(**{name: is_so.sum().cast(pl.Int64) for name, is_so in asked.items()}).row(0)
        return dict(zip(asked, row, strict=True))

    def most_moved(self, top: int | None) -> pl.DataFrame:
        """Who climbs most, comes in, falls most and drops out: `top` of each at most, in this order."""
        held, new = pl.col("rank_before"), pl.col("rank_after")
        comes, goes = self.moved.filter(held.is_null()), self.moved.filter(new.is_null())
        kept = most_changed(self.moved, "rank_change", top)
        n_up = kept.filter(pl.col("rank_change") > 0).height
        parts = [kept[:n_up], _first(comes, "rank_after", top), kept[n_up:], _first(goes, "rank_before", top)]
        return pl.concat(parts)


@dataclass(frozen=True)
class TrophyMoves:
    """One badge or achievement: who wins it, who loses it, and how many earn it at another time."""

    name: str
    won: list[str]
    lost: list[str]
    n_moved: int


@dataclass(frozen=True)
class ComparePage:
    """A comparison with the season that it is of. `is_behind`: facts were landed since the season was published."""

    asked: Asked
    origin: str
    differences: list[Difference]
    boards: list[BoardMoves]
    comparison: Comparison
    is_behind: bool
    is_replayed: bool

    def changed(self, table: str) -> pl.DataFrame:
        """The rows of the comparison's `totals`, `trophies`, `levels` or `streaks` in which anything differs."""
        rows: pl.DataFrame = getattr(self.comparison, table)
        if table == "trophies":
            return rows.filter(pl.col("change") != "same")
        return rows.filter(pl.any_horizontal(pl.col("^.*_change$") != 0))

    def trophies(self, subject_type: str) -> list[TrophyMoves]:
        """The badges of agents, or the achievements of users, in which anything differs, by slug."""
        names = {**self.asked.before.trophy_names(subject_type), **self.asked.after.trophy_names(subject_type)}
        rows = (
            self.changed("trophies").filter(pl.col("subject_type") == subject_type).sort("badge", "tier", "subject_id")
        )
        moves = []
        for (badge, tier), held in rows.partition_by("badge", "tier", as_dict=True, maintain_order=True).items():
            by = {
                change: part["subject_id"].to_list()
                for (change,), part in held.partition_by("change", as_dict=True).items()
            }
            name = names.get(str(badge), str(badge)) + (f" ({tier})" if tier else "")
            won, lost = by.get("won", []), by.get("lost", [])
            moves.append(TrophyMoves(name, won, lost, held.height - len(won) - len(lost)))
        return moves

    @property
    def is_without_effect(self) -> bool:
        """Whether all that is compared stays as it is."""
        tables = ("totals", "trophies", "levels", "streaks")
        moves = any(not board.is_on_both or board.moved.height or board.n_scores for board in self.boards)
        return not moves and all(self.changed(table).is_empty() for table in tables)

    def for_machines(self, top: int | None = None) -> dict[str, object]:
        """The page as plain data, `top` rows of each list at most."""
        before, after = self.asked.before, self.asked.after
        return {
            "as_of": before.as_of,
            "generation": before.generation.id,
            "rulebook_before": before.fingerprint,
            "rulebook_after": after.rules.fingerprint,
            "is_behind": self.is_behind,
            "differences": [
                {"key": d.key, "kind": d.kind, "before": d.before, "after": d.after} for d in self.differences
            ],
            "boards": [_board_for_machines(board, top) for board in self.boards],
            **{name: _head(self.changed(name), top) for name in ("totals", "trophies", "levels", "streaks")},
        }


def most_changed(rows: pl.DataFrame, change: str, top: int | None) -> pl.DataFrame:
    """The `top` rows that rise most and the `top` that fall most, greatest first; equals as they stand in `rows`."""
    rises = rows.filter(pl.col(change) > 0).sort(change, descending=True, maintain_order=True)
    falls = rows.filter(pl.col(change) < 0).sort(change, maintain_order=True)
    return pl.concat([rises if top is None else rises.head(top), falls if top is None else falls.head(top)])


def asked(
    reading: Reading, rules: Rulebook, board: str | None = None, window: str | None = None, on: dt.date | None = None
) -> Asked:
    """What was asked for. Raises Misuse for a board or window that neither rulebook has, naming what there is."""
    after = Reading(reading.generation, rules)
    boards = list(dict.fromkeys([*reading.boards(), *after.boards()]))
    board = None if board is None else one_of(board, boards, "board")
    both = [(rule, side.rules) for side in (reading, after) for rule in _rules(side, board)]
    windows = list(dict.fromkeys(window for rule, rulebook in both for window in _windows(rule, rulebook)))
    if window is not None and window not in windows:
        which = "No board" if board is None else f"The board {quoted(board)}"
        raise Misuse(
            f"{which} has {'a' if board is None else 'no'} window {quoted(window)}: there are {named(windows)}."
        )
    if on is not None and (window not in CALENDAR_WINDOWS or window == "all"):
        raise Misuse("--on chooses among days, weeks or months: add --window day, week or month.")
    return Asked(reading, after, board, window, on)


def compare_page(
    asked: Asked, comparison: Comparison, origin: str, *, is_behind: bool = False, is_replayed: bool = False
) -> ComparePage:
    """The page: `origin` names the other rulebook, `is_replayed` says that both sides were played anew."""
    return ComparePage(
        asked,
        origin,
        differences(asked.before.rules, asked.after.rules),
        list(_boards(asked, comparison.boards)),
        comparison,
        is_behind,
        is_replayed,
    )


def _boards(asked: Asked, rows: pl.DataFrame) -> Iterable[BoardMoves]:
    """The boards in the order of the rulebooks, each in its windows; of days, weeks or months one."""
    if asked.board is not None:
        rows = rows.filter(pl.col("board") == asked.board)
    names = list(dict.fromkeys([*asked.before.boards(), *asked.after.boards()]))
    parts = rows.partition_by("board", "window", as_dict=True)
    for (board, window), part in sorted(
        parts.items(), key=lambda item: (names.index(str(item[0][0])), str(item[0][1]))
    ):
        start_on, chosen = _period(part, asked)
        yield _moves(asked, str(board), str(window), start_on, chosen)


def _period(rows: pl.DataFrame, asked: Asked) -> tuple[dt.date | None, pl.DataFrame]:
    """The rows of the day, week or month that was asked for, else of the last one; of other windows all."""
    starts = rows["window_start_on"].drop_nulls()
    if asked.window not in CALENDAR_WINDOWS or asked.window == "all" or starts.is_empty():
        return None, rows
    start: dt.date = starts.sort()[-1]
    if asked.on is not None:
        start = pl.select(window_start(pl.lit(asked.on), asked.window)).item()
    return start, rows.filter(pl.col("window_start_on") == start)


def _moves(asked: Asked, board: str, window: str, start_on: dt.date | None, rows: pl.DataFrame) -> BoardMoves:
    sides = (asked.before, asked.after)
    rules = tuple(_rule_in(side, board, window) for side in sides)
    moved = rows.filter((pl.col("rank_change") != 0) | pl.col("rank_change").is_null())
    return BoardMoves(
        board,
        name_of(asked.after if rules[1] else asked.before, board),
        window,
        start_on,
        (rules[0], rules[1]),
        rows.height,
        rows.filter(pl.col("score_change") != 0).height,
        moved,
    )


def _rule_in(side: Reading, board: str, window: str) -> BoardRule | None:
    """The board's rule, if it has that window."""
    rule = side.board_rule(board)
    return rule if rule and window in _windows(rule, side.rules) else None


def _rules(side: Reading, board: str | None) -> Iterable[BoardRule]:
    if board is None:
        return side.rules.board
    rule = side.board_rule(board)
    return [] if rule is None else [rule]


def _windows(rule: BoardRule, rules: Rulebook) -> list[str]:
    return [window for window in windows_of(rule, rules) if window != BEFORE]


def _board_for_machines(moves: BoardMoves, top: int | None) -> dict[str, object]:
    only = None if moves.is_on_both else "after" if moves.rules[0] is None else "before"
    return {
        "board": moves.board,
        "name": moves.name,
        "window": moves.window,
        "window_start_on": moves.start_on,
        "only_under": only,
        "n_entries": moves.n_entries,
        "n_scores": moves.n_scores,
        **moves.counts(),
        "moved": moves.most_moved(top).drop("board", "window", "window_start_on").to_dicts(),
    }


def _first(rows: pl.DataFrame, by: str, top: int | None) -> pl.DataFrame:
    ordered = rows.sort(by, maintain_order=True)
    return ordered if top is None else ordered.head(top)


def _head(rows: pl.DataFrame, top: int | None) -> list[dict[str, Any]]:
    return (rows if top is None else rows.head(top)).to_dicts()
