"""How a board looks in a terminal: medals, who climbed, streaks and badges, and what the numbers hold for.

Columns that matter less are left out where the screen is narrow. Not here: what is on it (board_page.py).
"""

from rich.table import Table
from rich.text import Text

from pipelines.reports.board_page import BoardPage
from pipelines.reports.machine import rfc3339
from pipelines.reports.terminal import GAP, MEDALS, Align, Screen, cells, safe

MIN_NAME, MAX_NAME = 12, 32
MIN_BADGES = 14  # narrower than this a list of badges says nothing: their number is shown
Shown = tuple[str, Align, list[Text]]  # a column: heading, alignment, and a text for every row
_SCORES = {  # heading of the column of a measure
    "points": "points",
    "points_per_member": "points/member",
    "tasks_completed": "tasks",
    "attempts": "attempts",
    "accuracy": "accuracy",
    "penalty_minutes": "penalty",
}


def show_board(page: BoardPage, screen: Screen) -> None:
    """Show the page."""
    screen.say()
    if page.entries.is_empty():
        screen.say(_title(page), "bold")
        screen.say("Nobody has an entry here yet.")
    else:
        screen.show(_table(page, screen))
    for line in _caption(page):
        screen.say(line, "dim")


def _table(page: BoardPage, screen: Screen) -> Table:
    rows = page.entries.to_dicts()
    columns = _columns(page, rows, screen)
    table = screen.table(*((heading, align) for heading, align, _ in columns), title=_title(page))
    for n, row in enumerate(rows):
        table.add_row(*cells([texts[n] for _, _, texts in columns], [""]), style=_of_row(row, screen))
    return table


def _of_row(row: dict[str, object], screen: Screen) -> str:
    rank = row["rank"]
    return "bold" if isinstance(rank, int) and rank <= len(MEDALS) and screen.signs.medal == "●" else ""


def _columns(page: BoardPage, rows: list[dict[str, object]], screen: Screen) -> list[Shown]:
    """Headings, alignment and texts; the names get what the numbers leave, the badges what the names leave."""
    measures: list[str] = [by.measure for by in page.rule.order] if page.rule else ["points"]
    is_first = all(row["previous_rank"] is None for row in rows)
    left: list[Shown] = [
        ("", "right", [_rank(row, screen) for row in rows]),
        ("", "left", [_change(row, screen, is_first=is_first) for row in rows]),
    ]
    numbers = [_measure(name, rows, screen) for name in _measures(measures)]
    is_agent = "badges" in page.entries.columns
    if is_agent:
        numbers.append(("streak", "right", [_streak(row) for row in rows]))
    else:
        numbers.append(("members", "right", [_plain(row["n_members"]) for row in rows]))
    while len(numbers) > 1 and _taken([*left, *numbers]) + MIN_NAME > screen.width:
        numbers.pop()
    room = screen.width - _taken([*left, *numbers])
    with_badges = is_agent and room >= MIN_NAME + GAP + len("badges")
    width = max(min(MAX_NAME, room - (GAP + len("badges") if with_badges else 0)), MIN_NAME)
    names = [Text(screen.cut(row["subject_id"], width)) for row in rows]
    heading = "agent" if is_agent else "team"
    last = [_badges(page, rows, screen, room - _width(names, heading) - GAP)] if with_badges else []
    return [*left, (heading, "left", names), *numbers, *last]


def _taken(columns: list[Shown]) -> int:
    """Cells that columns take, each with the gap after it."""
    return sum(_width(texts, heading) + GAP for heading, _, texts in columns)


def _measures(order: list[str]) -> list[str]:
    """The measures that a board shows: the one it ranks by, then points, tasks and accuracy."""
    shown = [name for name in order if name in _SCORES]
    return list(dict.fromkeys([*shown[:1], "points", "tasks_completed", *shown, "accuracy"]))


def _measure(name: str, rows: list[dict[str, object]], screen: Screen) -> Shown:
    if name == "points":
        return "points", "right", [_points(row) for row in rows]
    if name == "accuracy":
        return "accuracy (n)", "right", [_accuracy(row, screen) for row in rows]
    if name == "points_per_member":
        return _SCORES[name], "right", [Text(f"{row['score']:,.1f}") for row in rows]
    return _SCORES[name], "right", [_plain(row[name]) for row in rows]


def _rank(row: dict[str, object], screen: Screen) -> Text:
    rank = row["rank"]
    if not isinstance(rank, int) or rank > len(MEDALS):
        return Text(str(rank), style="dim")
    return Text.assemble((screen.signs.medal, MEDALS[rank - 1]), f" {rank}")


def _change(row: dict[str, object], screen: Screen, *, is_first: bool) -> Text:
    """How many places were climbed or lost; of a window that nothing goes before, nothing."""
    change = row["rank_change"]
    return screen.change(change) if isinstance(change, int) else Text("" if is_first else "new", style="cyan")


def _points(row: dict[str, object]) -> Text:
    mark = "*" if row["n_provisional_points"] else " "
    return Text.assemble(f"{row['points']:,}", (mark, "yellow"))


def _accuracy(row: dict[str, object], screen: Screen) -> Text:
    accuracy = row["accuracy"]
    if not isinstance(accuracy, float):
        return Text(screen.signs.dash, style="dim")
    return Text.assemble(f"{accuracy:.1%}".replace("%", " %"), (f" ({row['attempts']:,})", "dim"))


def _streak(row: dict[str, object]) -> Text:
    days = row["daily_current"]
    return Text(f"{days} d", style="" if days else "dim")


def _plain(number: object) -> Text:
    return Text(f"{number:,}" if isinstance(number, int) else "")


def _badges(page: BoardPage, rows: list[dict[str, object]], screen: Screen, width: int) -> Shown:
    """The rarest badges by name as far as there is room, and how many more there are."""
    names = page.reading.badge_names()
    lists = [[safe(names.get(slug, slug)) for slug in _slugs(row)] for row in rows]
    if width < MIN_BADGES:
        return "badges", "right", [Text(str(len(held)) if held else screen.signs.dash) for held in lists]
    return "badges", "left", [Text(_fitting(held, screen, width), style="magenta") for held in lists]


def _slugs(row: dict[str, object]) -> list[str]:
    held = row["badges"]
    return held if isinstance(held, list) else []


def _fitting(names: list[str], screen: Screen, width: int) -> str:
    for n in range(len(names), 0, -1):
        more = f" +{len(names) - n}" if n < len(names) else ""
        text = ", ".join(names[:n]) + more
        if len(text) <= width:
            return text
    return screen.cut(names[0], width - 4) + (f" +{len(names) - 1}" if len(names) > 1 else "") if names else ""


def _width(texts: list[Text], heading: str) -> int:
    return max([len(heading), *(text.cell_len for text in texts)])


def _title(page: BoardPage) -> str:
    words = {"all": "all time", "day": "day", "week": "week", "month": "month"}
    chosen = next((window.name for window in page.reading.rules.window if window.slug == page.window), None)
    scope = f", {page.scope_id}" if page.scope_id else ""
    return f"{page.name}: {chosen or words.get(page.window, page.window)}{_dates(page)}{scope}"


def _dates(page: BoardPage) -> str:
    if page.start_on is None:
        return ""
    if page.start_on == page.end_on:
        return f" {page.start_on}"
    return f" {page.start_on} to {page.end_on}"


def _caption(page: BoardPage) -> list[str]:
    reading = page.reading
    lines = []
    if page.entries.height < page.n_entries:
        lines.append(f"The first {page.entries.height} of {page.n_entries}: --top {page.n_entries} shows all.")
    if provisional := page.entries["n_provisional_points"].sum():
        lines.append(f"* {provisional} points in it are provisional: a pending verdict can still take them away.")
    if "badges" in page.entries.columns and page.entries.height:
        lines.append("Streaks are days in a row up to then; the rarest badges come first.")
    zone = reading.rules.timezone
    lines.append(f"As of {rfc3339(reading.as_of)}, days in {zone}, rulebook {reading.fingerprint}.")
    return lines
