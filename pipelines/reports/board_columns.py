"""The columns of numbers on a board: of submissions points, tasks, accuracy and streaks; of calls XP, calls and levels.

Not here: names, badges, and which of them there is room for (board_view.py), what is on a board (board_page.py).
"""

from typing import Any

from rich.text import Text

from pipelines.reports import quantities
from pipelines.reports.board_page import BoardPage
from pipelines.reports.terminal import Align, Screen, safe

Shown = tuple[str, Align, list[Text]]  # a column: heading, alignment, and a text for every row
Row = dict[str, Any]
_SCORES = {  # heading of the column of a measure
    "points": "points",
    "points_per_member": "points/member",
    "tasks_completed": "tasks",
    "attempts": "attempts",
    "accuracy": "accuracy",
    "penalty_minutes": "penalty",
    "xp": "XP",
    "xp_per_member": "XP/member",
    "calls": "calls",
    "successes": "successes",
    "success_share": "success",
}
_OF_SUBMISSIONS = (("points", "tasks_completed"), ("accuracy",))  # shown after the first measure, and at the end
_OF_CALLS = (("xp", "calls"), ("success_share",))


def numbers(page: BoardPage, rows: list[Row], screen: Screen) -> list[Shown]:
    """The columns of numbers, those that matter most first."""
    columns = [_measure(name, rows, screen) for name in _measures(page)]
    if page.subject == "team":
        columns.append(("members", "right", [_plain(row["n_members"]) for row in rows]))
    elif page.is_of_calls and "level" in page.entries.columns:
        columns.append(("level", "left", [_level(page, row, screen) for row in rows]))
    elif not page.is_of_calls:
        columns.append(("streak", "right", [_streak(row) for row in rows]))
    return columns


def _measures(page: BoardPage) -> list[str]:
    """The measures that a board shows: the one it ranks by, then those that stand on every board of its kind."""
    order: list[str] = [by.measure for by in page.rule.order] if page.rule else ["points"]
    shown = [name for name in order if name in _SCORES]
    always, last = _OF_CALLS if page.is_of_calls else _OF_SUBMISSIONS
    return list(dict.fromkeys([*shown[:1], *always, *shown, *last]))


def _measure(name: str, rows: list[Row], screen: Screen) -> Shown:
    if name == "points":
        return "points", "right", [_points(row) for row in rows]
    if name == "accuracy":
        return "accuracy (n)", "right", [_accuracy(row, screen) for row in rows]
    if name == "success_share":
        return "success", "right", [_share(row[name], screen) for row in rows]
    if name.endswith("_per_member"):
        return _SCORES[name], "right", [_mean(row, name.removesuffix("_per_member"), screen) for row in rows]
    if name == "successes":
        return _SCORES[name], "right", [_plain(_successes(row)) for row in rows]
    return _SCORES[name], "right", [_plain(row[name]) for row in rows]


def _points(row: Row) -> Text:
    mark = "*" if row["n_provisional_points"] else " "
    return Text.assemble(f"{row['points']:,}", (mark, "yellow"))


def _accuracy(row: Row, screen: Screen) -> Text:
    if row["accuracy"] is None:
        return Text(screen.signs.dash, style="dim")
    return Text.assemble(quantities.share(row["accuracy"]), (f" ({row['attempts']:,})", "dim"))


def _mean(row: Row, total: str, screen: Screen) -> Text:
    n = row["n_members"]
    return Text(f"{row[total] / n:,.1f}") if n else Text(screen.signs.dash, style="dim")


def _share(share: float | None, screen: Screen) -> Text:
    return Text(screen.signs.dash, style="dim") if share is None else Text(quantities.share(share))


def _successes(row: Row) -> int:
    return round((row["success_share"] or 0) * (row["calls"] or 0))


def _streak(row: Row) -> Text:
    days = row["daily_current"]
    return Text(f"{days} d", style="" if days else "dim")


def _level(page: BoardPage, row: Row, screen: Screen) -> Text:
    """Level and title of a user; of a pair, which has room for less, level and stars."""
    if row["level"] is None:
        return Text("")
    if page.subject == "user":
        return Text(f"{row['level']} {safe(row['title'])}")
    stars = screen.stars(row["stars"], page.reading.rules.levels.max_stars)
    return Text.assemble(f"{row['level']} ", (stars, "yellow"))


def _plain(number: object) -> Text:
    return Text(f"{number:,}" if isinstance(number, int) else "")
