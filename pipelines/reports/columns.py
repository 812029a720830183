"""Tables that fit their screen: where there is no room, names are cut, and what matters less is left out.

Not here: what stands in them (`*_view.py`), the signs and the safety of texts (terminal.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.table import Table
from rich.text import Text

from pipelines.reports.terminal import GAP, Align, Screen, cells

MAX_NAME, MAX_LIST = 40, 120  # cells that an id, or a list of names, takes at the most, however wide the screen


@dataclass(frozen=True)
class Shown:
    """A column: its heading and a text for every row.

    `least`, `most`: between how many cells it may be cut; without `least` it is whole.
    """

    heading: str
    texts: Sequence[Text]
    align: Align = "left"
    least: int | None = None
    most: int = MAX_NAME

    @property
    def width(self) -> int:
        """Cells that it takes."""
        return max([len(self.heading), *(text.cell_len for text in self.texts)])

    @property
    def least_width(self) -> int:
        """Cells that it takes at the least."""
        return self.width if self.least is None else min(self.width, max(self.least, len(self.heading)))


def column(
    heading: str,
    texts: Sequence[object],
    align: Align = "left",
    *,
    least: int | None = None,
    most: int = MAX_NAME,
    style: str = "",
) -> Shown:
    """A column of anything: what is not Text yet is made safe."""
    return Shown(heading, cells(texts, [style] * len(texts)), align, least, most)


def table_of(screen: Screen, *columns: Shown) -> Table:
    """A table of the columns for which there is room: the later ones are left out first, and those without any text."""
    shown = fitted(screen, [held for held in columns if any(text.plain for text in held.texts)])
    table = screen.table(*((held.heading, held.align) for held in shown))
    for row in zip(*(held.texts for held in shown), strict=True):
        table.add_row(*row)
    return table


def fits(screen: Screen, columns: Sequence[Shown]) -> bool:
    """Whether there is room for all of them without cutting any."""
    return _together([held.width for held in columns]) <= screen.width


def fitted(screen: Screen, columns: Sequence[Shown]) -> list[Shown]:
    """The columns that are shown, the widest of the names cut first."""
    kept = list(columns)
    while len(kept) > 1 and _together([held.least_width for held in kept]) > screen.width:
        kept.pop()
    widths = [held.width if held.least is None else min(held.width, max(held.most, held.least_width)) for held in kept]
    while _together(widths) > screen.width:
        spare = [width if width > held.least_width else 0 for width, held in zip(widths, kept, strict=True)]
        if not any(spare):
            break
        widths[spare.index(max(spare))] -= 1
    return [_cut(screen, held, width) for held, width in zip(kept, widths, strict=True)]


def _cut(screen: Screen, held: Shown, width: int) -> Shown:
    if held.width <= width:
        return held
    return replace(held, texts=[Text(screen.cut(text.plain, width), style=text.style) for text in held.texts])


def _together(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)
