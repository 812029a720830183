"""Refused lines: reasons with their counts, then the lines, as a page and on a terminal.

Of a published season; where nothing is published yet, of the warehouse. Not here: why a line is refused
(game/events.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.game.records import Reason
from pipelines.game.tables import QUARANTINE
from pipelines.reports.choices import one_of
from pipelines.reports.reading import is_behind
from pipelines.reports.terminal import Screen, cells
from pipelines.settings import Settings
from pipelines.store.generation import Generation, NoGeneration
from pipelines.store.warehouse import FILE, Warehouse


@dataclass(frozen=True)
class QuarantinePage:
    """Counts by reason, and the rows that were asked for. `is_behind`: files were read since it was published."""

    counts: Mapping[str, int]
    rows: list[dict[str, Any]]
    n_rows: int
    is_behind: bool

    def for_machines(self) -> dict[str, object]:
        """The page as plain data."""
        return {"counts": self.counts, "n_rows": self.n_rows, "is_behind": self.is_behind, "rows": self.rows}


def quarantine_page(settings: Settings, reason: str | None = None, top: int | None = None) -> QuarantinePage:
    """What was refused, for one reason or for all. Raises Misuse for a reason that is none, NoGeneration if unread."""
    if reason is not None:
        reason = one_of(reason, [str(known) for known in Reason], "reason")
    rows, is_behind = _rows(settings)
    counts = rows["reason"].value_counts(sort=True).rows() if rows.height else []
    chosen = rows.filter(pl.col("reason") == reason) if reason else rows
    shown = chosen.head(top) if top else chosen
    return QuarantinePage(dict(counts), shown.to_dicts(), chosen.height, is_behind)


def _rows(settings: Settings) -> tuple[pl.DataFrame, bool]:
    try:
        generation = Generation.open(settings.home)
    except NoGeneration:
        if not (settings.home / FILE).exists():
            raise
        with Warehouse.open(settings.home) as warehouse:
            return pl.concat([QUARANTINE.empty(), *map(QUARANTINE.shape, warehouse.quarantine())]), False
    return generation.table("quarantine").collect(), is_behind(settings, generation)


def show_quarantine(page: QuarantinePage, screen: Screen) -> None:
    """Show the page."""
    screen.say()
    if not page.counts:
        screen.say("No line was refused.")
    else:
        counts = screen.table(("reason", "left"), ("lines", "right"))
        for reason, n in page.counts.items():
            counts.add_row(*cells([reason, f"{n:,}"]))
        screen.show(counts)
        for row in page.rows:
            screen.say()
            offset = "" if row["byte_offset"] is None else f", byte {row['byte_offset']:,}"
            screen.say(f"{row['path']}, line {row['line']:,}{offset}: {row['reason']}", "bold")
            screen.say(f"  {row['sentence']}")
            screen.say(f"  {screen.cut(row['raw'], screen.width - 2)}", "dim")
    if len(page.rows) < page.n_rows:
        screen.say()
        screen.say(f"The first {len(page.rows)} of {page.n_rows:,}: --top {page.n_rows} shows all.", "dim")
    if page.is_behind:
        screen.say()
        screen.say("Files were read since this was published: `podium recompute` shows their lines too.", "dim")
