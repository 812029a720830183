"""How changes look in a terminal: corrections first, each with its sentence, then everything else by kind.

Not here: what is on the page (changes_page.py).
"""

from rich.padding import Padding
from rich.text import Text

from pipelines.reports.changes_page import ChangesPage, Row
from pipelines.reports.columns import column, table_of
from pipelines.reports.machine import to_second
from pipelines.reports.profile_view import head
from pipelines.reports.quantities import counted
from pipelines.reports.terminal import Screen, safe

_HEADINGS = {
    "corrections": "Corrections",
    "badges": "Badges and achievements",
    "levels": "Levels",
    "places": "Places, all time",
    "streaks": "Streaks",
    "points": "Points",
    "xp": "XP",
    "newcomers": "For the first time",
}
MAX_REASON = 100  # cells of a sentence in a table, however wide the screen


def show_changes(page: ChangesPage, screen: Screen, top: int) -> None:
    """Show the page, `top` lines at most of each part."""
    screen.say()
    screen.say(_title(page), "bold")
    for part, rows in page.parts.items():
        if rows:
            head(screen, f"{_HEADINGS[part]} ({len(rows):,})")
            _show_part(part, rows[:top], screen)
            if len(rows) > top:
                screen.say(f"The first {top:,} of {len(rows):,}: --top shows more, --json all.", "dim")
    screen.say()
    screen.say(_foot(page), "dim")


def _title(page: ChangesPage) -> str:
    when = f"since {page.since}" if page.since is not None else "since the generation before"
    if page.n_changes:
        return f"{counted(page.n_changes, 'change')} {when}"
    if page.since is None and page.previous_generation is None:
        return "There is no generation before this one to compare it with: nothing has changed yet."
    return f"No such change {when}." if page.is_cut else f"Nothing changed {when}."


def _foot(page: ChangesPage) -> str:
    before = page.previous_generation or "none"
    as_of = to_second(page.reading.as_of)
    return f"Generation {page.reading.generation.id}, as of {as_of}; the generation before: {before}."


def _show_part(part: str, rows: list[Row], screen: Screen) -> None:
    if part == "corrections":
        for row in rows:
            who = Text(safe(row["subject_id"]), style="bold")
            screen.show(Text.assemble(who, " ", safe(row["headline"])))
            screen.show(Padding(Text(safe(row["because"]), style="dim"), (0, 0, 0, 2)))
        return
    types = [row["subject_type"] for row in rows]
    is_mixed = len(set(types)) > 1
    reasons = [""] * len(rows) if part == "newcomers" else [row["because"] for row in rows]
    table = table_of(
        screen,
        column("who", [row["subject_id"] for row in rows], least=12),
        column("", [name.replace("_", " ") if is_mixed else "" for name in types], style="dim"),
        column("what", [row["headline"] for row in rows], least=20, most=60),
        column("why", reasons, least=20, most=MAX_REASON, style="dim"),
    )
    screen.show(table)
