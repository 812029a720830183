"""Answers to questions in SQL, as a table in a terminal and as objects for machines."""

import datetime as dt
from typing import Any

from rich.text import Text

from pipelines.reports.machine import rfc3339
from pipelines.reports.terminal import Align, Screen, cells

_NUMBERS = (int, float)
MAX_CELL = 60


def show_rows(columns: list[str], rows: list[tuple[Any, ...]], screen: Screen, *, is_cut: bool) -> None:
    """Show an answer; `is_cut`: there is more of it."""
    aligns: list[Align] = ["right" if _is_number(rows, n) else "left" for n in range(len(columns))]
    table = screen.table(*((screen.cut(name, MAX_CELL), align) for name, align in zip(columns, aligns, strict=True)))
    for row in rows:
        table.add_row(*cells([_text(value, screen) for value in row]))
    screen.show(table)
    more = f"The first {len(rows):,} rows: --limit 0 shows all." if is_cut else f"{len(rows):,} rows"
    screen.say(more.replace("1 rows", "1 row") if len(rows) == 1 else more, "dim")


def as_objects(columns: list[str], rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """One object a row; of columns with the same name the later ones get a number."""
    names: list[str] = []
    for column in columns:
        n = 1
        name = column
        while name in names:
            n += 1
            name = f"{column}_{n}"
        names.append(name)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _is_number(rows: list[tuple[Any, ...]], column: int) -> bool:
    held = [row[column] for row in rows if row[column] is not None]
    return bool(held) and all(isinstance(value, _NUMBERS) and not isinstance(value, bool) for value in held)


def _text(value: object, screen: Screen) -> Text:
    if value is None:
        return Text("null", style="dim")
    if isinstance(value, dt.datetime):
        return Text(rfc3339(value) if value.tzinfo else value.isoformat())
    return Text(screen.cut(value, max(MAX_CELL, screen.width - 2)))
