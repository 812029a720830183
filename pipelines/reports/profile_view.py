"""What the profiles of agents and users share in a terminal: headings, facts, what was earned, the way to the rest,
places.

Not here: what is on a profile (agent_page.py, user_page.py), how calls look (calls_view.py).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from pipelines.reports import quantities
from pipelines.reports.columns import Shown, column, table_of
from pipelines.reports.machine import rfc3339, to_second
from pipelines.reports.reading import Reading
from pipelines.reports.terminal import Screen, safe

BAR, SHORT_BAR, NARROW = 20, 10, 80
MAX_PLACES = 16  # on a screen; JSON holds all
MOST_UNEARNED = 0.99  # of a bar: what is not earned is not shown as done, whatever its share says
_UNITS = {  # of one, and of many
    "points": ("point", "points"),
    "xp": ("XP", "XP"),
    "tasks_completed": ("task", "tasks"),
    "attempts": ("attempt", "attempts"),
    "calls": ("call", "calls"),
    "successes": ("success", "successes"),
    "penalty_minutes": ("min", "min"),
}


def head(screen: Screen, heading: str) -> None:
    """The heading of a part of a profile."""
    screen.say()
    screen.say(heading, "bold")


def part(screen: Screen, heading: str, table: Table | None, otherwise: str = "") -> None:
    """One part of a profile: a heading, and a table or what is said instead."""
    head(screen, heading)
    if table is None:
        screen.say(otherwise)
    else:
        screen.show(table)


def facts(lines: Iterable[tuple[str, str]]) -> Table:
    """Facts one beneath another, each with its name."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, text in lines:
        table.add_row(Text(name, style="dim"), Text(safe(text)))
    return table


def earned(rows: Sequence[dict[str, Any]], what: str, screen: Screen) -> Table:
    """Badges or achievements: name, when, XP of achievements, and the event that earned it."""
    xp = [column("XP", [f"{row['xp']:,}" for row in rows], "right")] if rows and "xp" in rows[0] else []
    return table_of(
        screen,
        column(what, [name_of(row) for row in rows], least=12, style="magenta"),
        column("earned at", [to_second(row["earned_at"]) for row in rows]),
        *xp,
        column("by event", [row["event_id"] for row in rows], least=8),
    )


def on_the_way(rows: Sequence[dict[str, Any]], what: str, screen: Screen) -> Table:
    """What is not earned yet, as bars with their numbers."""
    shares = [min(row["progress_share"], MOST_UNEARNED) for row in rows]
    width = bar_width(screen)
    return table_of(
        screen,
        column(what, [name_of(row) for row in rows], least=12),
        column("", [Text(screen.bar(share, width), style="cyan") for share in shares]),
        column("", [f"{int(share * 100)} %" for share in shares], "right"),
        column("", [so_far(row) for row in rows], least=8, style="dim"),
    )


def so_far(row: dict[str, Any]) -> str:
    """How far it is to what is not earned yet, in words; a threshold below 1 is one of a share."""
    also = f"; also {', '.join(row['also'])}" if row["also"] else ""
    said = quantities.share if row["threshold"] < 1 else quantities.number
    return f"{said(row['value'])} of {said(row['threshold'])}{also}"


def show_places(rows: Sequence[dict[str, Any]], screen: Screen) -> None:
    """The places on boards."""
    first = rows[:MAX_PLACES]
    part(screen, "Places", _places(first, screen) if rows else None, "On no board yet.")
    if len(first) < len(rows):
        screen.say(f"The first {len(first)} of {len(rows):,}: --json holds all.", "dim")


def _places(rows: Sequence[dict[str, Any]], screen: Screen) -> Table:
    changes = [Text("") if row["rank_change"] is None else screen.change(row["rank_change"]) for row in rows]
    return table_of(
        screen,
        column("board", [row["board"] for row in rows], least=12),
        column("of", [row["scope_id"] or "" for row in rows], least=6),
        column("window", ["all time" if row["window"] == "all" else row["window"] for row in rows], least=8),
        column("place", [f"{row['rank']:,} of {row['n_entries']:,}" for row in rows], "right"),
        column("", changes),
        column("score", [measured(row["measure"], row["score"]) for row in rows], "right"),
    )


def measured(measure: str, score: float) -> str:
    """A score with the unit of its measure."""
    if measure in ("accuracy", "success_share"):
        return quantities.share(score)
    if measure not in _UNITS:
        return quantities.number(score)
    return quantities.counted(round(score), *_UNITS[measure])


def accuracies(rows: Sequence[dict[str, Any]], screen: Screen) -> Shown:
    """A column of accuracies with the number of attempts behind each."""
    texts = [
        screen.signs.dash if row["accuracy"] is None else f"{quantities.share(row['accuracy'])} ({row['attempts']:,})"
        for row in rows
    ]
    return column("accuracy (n)", texts, "right")


def name_of(badge: dict[str, Any]) -> str:
    """The name of a badge or achievement, with its tier."""
    return f"{badge['name']} ({badge['tier']})" if badge["tier"] else str(badge["name"])


def bar_width(screen: Screen) -> int:
    """Cells of a bar: fewer where the screen is narrow."""
    return BAR if screen.width >= NARROW else SHORT_BAR


def last_of(what: str, n_shown: int, n: int) -> str:
    """The heading of a list of the last ones."""
    return f"Last {what} ({n_shown} of {n:,})" if n_shown < n else f"{what[:1].upper()}{what[1:]} ({n:,})"


def show_foot(reading: Reading, screen: Screen) -> None:
    """What the numbers hold for."""
    zone = reading.rules.timezone
    screen.say(f"As of {rfc3339(reading.as_of)}, days in {zone}, rulebook {reading.fingerprint}.", "dim")
