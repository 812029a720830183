"""Answers to questions in SQL, as a table in a terminal and as objects for machines.

Not here: asking (store/query.py).
"""

import datetime as dt
from typing import Any

from rich.table import Table
from rich.text import Text

from pipelines.reports.machine import rfc3339
from pipelines.reports.terminal import GAP, Align, Screen

_NUMBERS = (int, float)
MAX_CELL = 60


def show_rows(columns: list[str], rows: list[tuple[Any, ...]], screen: Screen, *, is_cut: bool) -> None:
    """Show an answer, as a table if it fits, else one value a line; `is_cut`: there is more of it."""
    names = [screen.cut(name, MAX_CELL) for name in columns]
    texts = [[_text(value, screen) for value in row] for row in rows]
    widths = [max([len(name), *(row[n].cell_len for row in texts)]) for n, name in enumerate(names)]
    if sum(widths) + GAP * (len(widths) - 1) <= screen.width:
        aligns: list[Align] = ["right" if _is_number(rows, n) else "left" for n in range(len(names))]
        table = screen.table(*zip(names, aligns, strict=True))
        for row in texts:
            table.add_row(*row)
        screen.show(table)
    else:
        for row in texts:
            record = Table.grid(padding=(0, 2, 0, 0))
            for name, text in zip(names, row, strict=True):
                record.add_row(Text(name, style="dim"), text)
            screen.show(record)
            screen.say()
    if is_cut:
        screen.say(f"The first {len(rows):,}: --limit 0 shows all.", "dim")
    else:
        screen.say("1 row" if len(rows) == 1 else f"{len(rows):,} rows", "dim")


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
    if isinstance(value, bool):
        return Text(str(value).lower())
    if isinstance(value, dt.datetime):
        return Text(rfc3339(value) if value.tzinfo else value.isoformat())
    return Text(screen.cut(value, max(MAX_CELL, screen.width - 2)))
