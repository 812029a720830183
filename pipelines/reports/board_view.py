"""How a board looks in a terminal: medals, who climbed, streaks and badges, and what the numbers hold for.

Columns that matter less are left out where the screen is narrow. Not here: what is on it (board_page.py), which numbers
it shows (board_columns.py).
"""

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from pipelines.reports.board_columns import Row, Shown, numbers
from pipelines.reports.board_page import BoardPage
from pipelines.reports.machine import rfc3339
from pipelines.reports.terminal import GAP, MEDALS, Screen, cells, safe

NAMES = {"user_agent": (28, 52)}  # the fewest and most cells of a name, of pairs
MIN_NAME, MAX_NAME = 12, 32  # of others
MIN_BADGES = 14  # narrower than this a list of badges says nothing: their number is shown
_NAMES = {"agent": "agent", "user": "user", "team": "team", "user_agent": "user with agent"}
_WITH = " with "


def show_board(page: BoardPage, screen: Screen) -> None:
    """Show the page."""
    screen.say()
    screen.say(title_of(page), "bold")
    if page.entries.is_empty():
        screen.say("Nobody has an entry here yet.")
    else:
        screen.show(_table(page, screen))
    for line in _caption(page):
        screen.say(line, "dim")


def _table(page: BoardPage, screen: Screen) -> Table:
    rows = page.entries.to_dicts()
    columns = _columns(page, rows, screen)
    table = screen.table(*((heading, align) for heading, align, _ in columns))
    for n, row in enumerate(rows):
        table.add_row(*cells([texts[n] for _, _, texts in columns], [""]), style=_of_row(row, screen))
    return table


def _of_row(row: Row, screen: Screen) -> str:
    rank = row["rank"]
    return "bold" if isinstance(rank, int) and rank <= len(MEDALS) and screen.signs.medal == "●" else ""


def _columns(page: BoardPage, rows: list[Row], screen: Screen) -> list[Shown]:
    """Headings, alignment and texts; the names get what the numbers leave, the badges what the names leave."""
    is_first = all(row["previous_rank"] is None for row in rows)
    left: list[Shown] = [
        ("", "right", [_rank(row, screen) for row in rows]),
        ("", "left", [_change(row, screen, is_first=is_first) for row in rows]),
    ]
    right = numbers(page, rows, screen)
    least, most = NAMES.get(page.subject, (MIN_NAME, MAX_NAME))
    while len(right) > 1 and _taken([*left, *right]) + least > screen.width:
        right.pop()
    room = screen.width - _taken([*left, *right])
    badges = "achievements" if page.subject == "user" else "badges"
    with_badges = _has_badges(page) and room >= least + GAP + len(badges)
    width = max(min(most, room - (GAP + len(badges) if with_badges else 0)), least)
    heading = _NAMES[page.subject]
    names = [Text(_name(page, row, screen, width)) for row in rows]
    last = [_badges(page, rows, screen, room - _width(names, heading) - GAP)] if with_badges else []
    return [*left, (heading, "left", names), *right, *last]


def _has_badges(page: BoardPage) -> bool:
    """Boards of calls have a column of badges only if anybody on them has one: sub-agents seldom do."""
    if "badges" not in page.entries.columns:
        return False
    return not page.is_of_calls or bool((page.entries["badges"].list.len() > 0).any())


def _name(page: BoardPage, row: Row, screen: Screen, width: int) -> str:
    """The name of an entry; of a pair both names, the longer one cut first."""
    if page.subject != "user_agent":
        return screen.cut(row["subject_id"], width)
    user, agent = safe(row["user_id"]), safe(row["agent_id"])
    room = width - len(_WITH)
    of_user = max(room // 2, room - cell_len(agent))
    user = screen.cut(user, of_user)
    return f"{user}{_WITH}{screen.cut(agent, room - cell_len(user))}"


def _taken(columns: list[Shown]) -> int:
    """Cells that columns take, each with the gap after it."""
    return sum(_width(texts, heading) + GAP for heading, _, texts in columns)


def _rank(row: Row, screen: Screen) -> Text:
    rank = row["rank"]
    if not isinstance(rank, int) or rank > len(MEDALS):
        return Text(str(rank), style="dim")
    return Text.assemble((screen.signs.medal, MEDALS[rank - 1]), f" {rank}")


def _change(row: Row, screen: Screen, *, is_first: bool) -> Text:
    """How many places were climbed or lost; of a window that nothing goes before, nothing."""
    change = row["rank_change"]
    return screen.change(change) if isinstance(change, int) else Text("" if is_first else "new", style="cyan")


def _badges(page: BoardPage, rows: list[Row], screen: Screen, width: int) -> Shown:
    """The rarest badges by name as far as there is room, and how many more there are."""
    names = page.reading.trophy_names("user" if page.subject == "user" else "agent")
    lists = [[safe(names.get(slug, slug)) for slug in _slugs(row)] for row in rows]
    heading = "achievements" if page.subject == "user" else "badges"
    if width < MIN_BADGES:
        return heading, "right", [Text(str(len(held)) if held else screen.signs.dash) for held in lists]
    return heading, "left", [Text(_fitting(held, screen, width), style="magenta") for held in lists]


def _slugs(row: Row) -> list[str]:
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


def title_of(page: BoardPage) -> str:
    """What the board and its window are called."""
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
    if not page.is_of_calls and (provisional := page.entries["n_provisional_points"].sum()):
        lines.append(f"* {provisional} points in it are provisional: a pending verdict can still take them away.")
    if page.entries.height and "daily_current" in page.entries.columns:
        lines.append("Streaks are days in a row up to then; the rarest badges come first.")
    if page.entries.height and "level" in page.entries.columns:
        rare = "; the rarest achievements come first" if page.subject == "user" else ""
        lines.append(f"Levels are those of all XP up to then{rare}.")
    zone = reading.rules.timezone
    lines.append(f"As of {rfc3339(reading.as_of)}, days in {zone}, rulebook {reading.fingerprint}.")
    return lines
