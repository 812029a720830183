"""The terminal: safe text, signs that every screen can show, tables, progress.

Here: what all views share. Ids, titles and raw lines come from strangers: every cell goes through `safe`, and nothing
is read as markup. Where the output is no terminal, NO_COLOR is set or the encoding knows no such signs, all of it is
plain ASCII. Not here: what a page holds (`*_page.py`), how one looks (`*_view.py`).
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, NoReturn, TextIO

from rich import box
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

Progressing = Callable[[str, int, int], None]
Align = Literal["left", "right"]
PIPED_WIDTH = 100  # of output that nobody looks at directly; COLUMNS overrides it
RULED = box.SIMPLE_HEAD
DASHED = box.Box("    \n    \n -- \n" + "    \n" * 5, ascii=True)
GAP = 2  # cells between two columns of a table
MEDALS = ("bold #d4af37", "bold #a8a9ad", "bold #cd7f32")  # gold, silver, bronze


@dataclass(frozen=True)
class Signs:
    """The signs of one kind of screen."""

    medal: str
    up: str
    down: str
    same: str
    more: str
    bar: str
    rest: str
    ok: str
    attention: str
    broken: str
    dash: str
    star: str
    no_star: str
    heat: str  # from nothing to the most


FANCY = Signs("●", "▲", "▼", "·", "…", "█", "░", "✓", "!", "✗", "–", "★", "☆", "·░▒▓█")
PLAIN = Signs("*", "+", "-", "=", "...", "#", ".", "ok", "!", "x", "-", "*", ".", ".-+*#")
MAX_STARS = 10  # that are drawn: of more the number is said


@dataclass(frozen=True)
class Screen:
    """Where a view is shown: the console, and the signs that it can show."""

    console: Console
    signs: Signs

    @property
    def width(self) -> int:
        """Cells in a line."""
        return self.console.width

    def show(self, *parts: object) -> None:
        """Show tables or lines, one after another."""
        for part in parts:
            self.console.print(part)

    def say(self, line: str = "", style: str = "") -> None:
        """Show one line; a long one is wrapped between words."""
        self.console.print(Text(safe(line), style=style))

    def cut(self, text: object, width: int) -> str:
        """`text` made safe and no wider than `width` cells, with an ellipsis where something is left out."""
        shown = safe(text)
        if cell_len(shown) <= width:
            return shown
        more = self.signs.more
        return set_cell_size(shown, max(width - len(more), 0)).rstrip() + more

    def change(self, n_places: int) -> Text:
        """How many places were climbed (positive) or lost."""
        if n_places == 0:
            return Text(self.signs.same, style="dim")
        climbed = n_places > 0
        sign = self.signs.up if climbed else self.signs.down
        return Text(f"{sign}{abs(n_places)}", style="green" if climbed else "red")

    def bar(self, share: float, width: int) -> str:
        """A bar that is full at a share of 1; only what is done is drawn as done."""
        full = int(max(0.0, min(share, 1.0)) * width)
        return self.signs.bar * full + self.signs.rest * (width - full)

    def stars(self, n: int, most: int) -> str:
        """The stars of a level, out of `most`."""
        if most > MAX_STARS:
            return f"{n} {self.signs.star}"
        return self.signs.star * n + self.signs.no_star * (most - n)

    def shade(self, n: int, most: int) -> str:
        """How dark `n` is if `most` is darkest; only nothing is drawn as nothing."""
        darkest = len(self.signs.heat) - 1
        return self.signs.heat[-(-n * darkest // most) if most else 0]

    def table(self, *columns: tuple[str, Align], title: str = "") -> Table:
        """An empty table with these headings."""
        fancy = self.signs is FANCY
        made = Table(
            box=RULED if fancy else DASHED,
            title=Text(safe(title)) if title else None,
            title_justify="left",
            title_style="bold",
            header_style="bold",
            show_edge=False,
            pad_edge=False,
            padding=(0, 1, 0, 0),
        )
        for heading, align in columns:
            made.add_column(Text(heading), justify=align, no_wrap=True, overflow="ellipsis" if fancy else "crop")
        return made


def safe(text: object) -> str:
    r"""Text for a terminal: control, format and bidirectional characters appear as escapes, such as `\u202e`."""
    shown = str(text)
    if shown.isprintable():
        return shown
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in shown)


def screen(stream: TextIO | None = None, width: int | None = None, *, fancy: bool | None = None) -> Screen:
    """The screen on standard output, or on another stream; `fancy` and `width` are found out unless given."""
    stream = stream or sys.stdout
    is_fancy = _shows_signs(stream) if fancy is None else fancy
    if width is None and not stream.isatty() and not os.environ.get("COLUMNS", "").isdigit():
        width = PIPED_WIDTH
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")  # a name that the encoding does not know is no reason to fail
    console = _Console(
        file=stream,
        width=width,
        markup=False,
        emoji=False,
        highlight=False,
        no_color=not is_fancy,
        legacy_windows=False,
    )
    return Screen(console, FANCY if is_fancy else PLAIN)


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        """Leave it to the end of the command: rich would end the process here, as failed."""
        raise BrokenPipeError


def _shows_signs(stream: TextIO) -> bool:
    if not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return (stream.encoding or "").lower().replace("-", "") == "utf8"


def cells(row: Sequence[object], styles: Sequence[str] = ()) -> list[Text]:
    """A table's row: texts, made safe unless they are Text already."""
    given = [*styles, *[""] * (len(row) - len(styles))]
    return [
        cell if isinstance(cell, Text) else Text(safe(cell), style=style)
        for cell, style in zip(row, given, strict=False)
    ]


@contextmanager
def progress() -> Iterator[Progressing]:
    """A progress line on standard error while the block runs; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda stage, done, total: None
        return
    console = Console(file=sys.stderr, markup=False, emoji=False, highlight=False)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        yield _follow(shown)


def _follow(shown: Progress) -> Progressing:
    """One line a stage: the stage under way moves, those before it are done."""
    lines: dict[str, TaskID] = {}
    last = [0.0]

    def follow(stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage not in lines:
            for line in lines.values():
                shown.update(line, visible=False)
            lines[stage] = shown.add_task(safe(stage))
        elif done < total and now - last[0] < 0.05:
            return
        last[0] = now
        shown.update(lines[stage], total=total or None, completed=done)

    return follow
