"""How the comparison of two entries of a board looks in a terminal.

Not here: what is on the page (versus_page.py), the sentences (versus_words.py).
"""

from typing import Any

from rich.table import Table
from rich.text import Text

from pipelines.reports.board_view import title_of
from pipelines.reports.columns import column, table_of
from pipelines.reports.explain_view import source
from pipelines.reports.profile_view import head, show_foot
from pipelines.reports.quantities import counted
from pipelines.reports.terminal import Screen, safe
from pipelines.reports.versus_page import Group, VersusPage
from pipelines.reports.versus_words import sentences, unit

MOST_ROWS = 8  # of a group; the others are summed in one more
MAX_NAME = 24


def show_versus(page: VersusPage, screen: Screen) -> None:
    """Show the page, the result first."""
    screen.say()
    screen.say(title_of(page.board), "bold")
    for sentence in sentences(page):
        screen.say(sentence)
    for group in page.groups:
        if len(group.rows) > 1:  # of a single one nothing new can be said
            head(screen, f"{group.title}, {unit(group.measure)}")
            screen.show(_group(page, group, screen))
    if page.singles:
        n = (
            f"{len(page.singles):,} of {page.n_singles:,}"
            if len(page.singles) < page.n_singles
            else f"{page.n_singles:,}"
        )
        head(screen, f"The largest single differences ({n})")
        screen.show(_singles(page, screen))
    screen.say()
    show_foot(page.board.reading, screen)


def _group(page: VersusPage, group: Group, screen: Screen) -> Table:
    rows = group.rows[:MOST_ROWS]
    if rest := group.rows[MOST_ROWS:]:
        sums = {side: sum(row[side] for row in rest) for side in ("ahead", "behind", "difference")}
        rows = [*rows, {"name": f"{counted(len(rest), 'other')}", **sums}]
    name, other = (screen.cut(each, MAX_NAME) for each in page.names)
    return table_of(
        screen,
        column("", [_named(page, group, row["name"]) for row in rows], least=12),
        column(name, [f"{row['ahead']:,}" for row in rows], "right"),
        column(other, [f"{row['behind']:,}" for row in rows], "right"),
        column("difference", [_signed(row["difference"]) for row in rows], "right"),
    )


def _named(page: VersusPage, group: Group, name: str) -> str:
    if group.by != "by_task":
        return name
    ahead, behind = page.names
    return {"ahead": f"only {ahead}", "behind": f"only {behind}", "both": "both", "days": "whole days"}.get(name, name)


def _singles(page: VersusPage, screen: Screen) -> Table:
    table = screen.table(("difference", "right"), ("of", "left"), ("what, and by which event", "left"))
    table.columns[-1].no_wrap = False
    table.columns[-1].overflow = "fold"
    for row in page.singles:
        whose = page.names[0] if row["difference"] > 0 else page.names[1]
        table.add_row(_signed(row["difference"]), Text(screen.cut(whose, MAX_NAME)), _what(page, row))
    return table


def _what(page: VersusPage, row: dict[str, Any]) -> Text:
    """What it was, how much both have of it if both have, why, and beneath it the event with its source."""
    against = f", {row['ahead']:,} against {row['behind']:,}" if row["ahead"] and row["behind"] else ""
    because = f": {safe(row['because'])}" if row["because"] else ""
    several = f"the first of {row['n_events']:,} events: " if row["n_events"] > 1 else "event "
    place = f"{several}{row['event_id']}, {source(row['path'], row['line'])}"
    return Text.assemble((safe(row["item"] + against), "cyan"), because, ("\n" + safe(place), "dim"))


def _signed(number: int) -> Text:
    return Text(f"{number:+,}" if number else "0", style="green" if number > 0 else "red" if number < 0 else "dim")
