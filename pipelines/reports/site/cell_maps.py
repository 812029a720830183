"""Days and hours as small squares, the darker the more: drawn as SVG inside the page, for profiles have many of them.

They need no script, print as they are, and weigh a few kilobytes. Not here: the same as figures, for notebooks and
pictures (figures/activity.py).
"""

import datetime as dt
import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pipelines.reports.quantities import counted
from pipelines.reports.site.rendering import day as _date

CELL, GAP = 14, 3  # user units
LEFT, TOP = 34, 20  # room for the names of rows and columns
N_SHADES = 4  # beside that of nothing
MAX_WEEKS = 53  # of a calendar: the last ones
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_STEP = CELL + GAP


@dataclass(frozen=True)
class Cell:
    """A square: where, how dark (1 to N_SHADES), and what it says; `is_marked`: it has a dot."""

    x: int
    y: int
    shade: int
    says: str
    is_marked: bool = False


@dataclass(frozen=True)
class CellMap:
    """A map: its size, the outline of empty squares as the `d` of a path, the others, and names: x, y, text.

    `summary` says in words what it shows, `most` what the darkest shade stands for, `marked` what dots stand for.
    """

    title: str
    summary: str
    width: int
    height: int
    empty: str
    cells: Sequence[Cell]
    columns: Sequence[tuple[int, int, str]]
    rows: Sequence[tuple[int, int, str]]
    most: str
    marked: str = ""

    @property
    def drawn(self) -> Markup:
        """The squares as SVG: of a year there are hundreds, which in a template take their time."""
        return Markup("".join(map(_drawn, self.cells)))  # noqa: S704 - numbers, and words that are escaped


@dataclass(frozen=True)
class Unit:
    """What is counted: one of it, and many."""

    one: str
    many: str

    def of(self, n: int) -> str:
        """So many."""
        return counted(n, self.one, self.many)

    @property
    def heading(self) -> str:
        """Many, at the beginning of a title."""
        return self.many[0].upper() + self.many[1:]


def day_map(days: Mapping[dt.date, int], unit: Unit, until: dt.date, run: Sequence[dt.date] = ()) -> CellMap | None:
    """How much was done on each day, a column a week and a row a weekday, up to the local date of `as_of`.

    `run`: days with a dot, those of a streak. None if nothing was done in the last MAX_WEEKS weeks.
    """
    held = {day: n for day, n in days.items() if n}
    if not held:
        return None
    mondays = _mondays(min(held), max(until, *held))
    shown = {day: n for day, n in held.items() if day >= mondays[0]}
    if not shown:
        return None
    places = {
        monday + dt.timedelta(days=row): (LEFT + week * _STEP, TOP + row * _STEP)
        for week, monday in enumerate(mondays)
        for row in range(7)
    }
    best = min(shown, key=lambda day: (-shown[day], day))
    cells = [
        Cell(*places[day], _shade(n, shown[best]), f"{day:%a} {_date(day)}: {unit.of(n)}", day in run)
        for day, n in sorted(shown.items())
    ]
    first = [0, *(n for n in range(1, len(mondays)) if mondays[n].month != mondays[n - 1].month)]
    named = [n for n, after in zip(first, [*first[1:], len(mondays) + 2], strict=True) if after - n > 1]
    dots = f"Dots: the streak of {counted(len(run), 'day')} up to {_date(run[-1])}." if run else ""
    return CellMap(
        f"{unit.heading} day by day",
        f"{unit.of(sum(shown.values()))} on {counted(len(shown), 'day')} since {_date(min(shown))}; "
        f"the most, {shown[best]:,}, on {_date(best)}.",
        LEFT + len(mondays) * _STEP,
        TOP + 7 * _STEP,
        _squares(place for day, place in places.items() if day not in shown and day <= until),
        cells,
        [(LEFT + n * _STEP, TOP - 7, f"{mondays[n]:%b}") for n in named],
        _weekdays(),
        unit.of(shown[best]),
        dots,
    )


def hour_map(hours: Mapping[tuple[int, int], int], unit: Unit, zone: str) -> CellMap | None:
    """How much falls into each hour of the week: weekday (1 to 7) and hour to a number. None if nothing does."""
    held = {place: n for place, n in hours.items() if n}
    if not held:
        return None
    places = {(day + 1, hour): (LEFT + hour * _STEP, TOP + day * _STEP) for day in range(7) for hour in range(24)}
    (weekday, hour), most = min(held.items(), key=lambda cell: (-cell[1], cell[0]))
    return CellMap(
        f"{unit.heading} by weekday and hour",
        f"{unit.of(sum(held.values()))}; the most, {most:,}, on {WEEKDAYS[weekday - 1]}s from {hour}:00 to {hour}:59, "
        f"by the clock of {zone}.",
        LEFT + 24 * _STEP,
        TOP + 7 * _STEP,
        _squares(place for at, place in places.items() if at not in held),
        [
            Cell(*places[at], _shade(n, most), f"{WEEKDAYS[at[0] - 1]} {at[1]}:00 to {at[1]}:59: {unit.of(n)}")
            for at, n in sorted(held.items())
        ],
        [(LEFT + hour * _STEP, TOP - 7, f"{hour}:00") for hour in range(0, 24, 4)],
        _weekdays(),
        unit.of(most),
    )


def _drawn(cell: Cell) -> str:
    x, y, middle = cell.x, cell.y, CELL // 2
    says = html.escape(cell.says, quote=False)
    dot = f'<circle cx="{x + middle}" cy="{y + middle}" r="2"/>' if cell.is_marked else ""
    return (
        f'<rect class="s{cell.shade}" x="{x}" y="{y}" width="{CELL}" height="{CELL}"><title>{says}</title></rect>{dot}'
    )


def _shade(n: int, most: int) -> int:
    return max(-(-n * N_SHADES // most), 1)


def _squares(places: Iterable[tuple[int, int]]) -> str:
    return "".join(f"M{x} {y}h{CELL}v{CELL}h-{CELL}z" for x, y in places)


def _weekdays() -> list[tuple[int, int, str]]:
    return [(LEFT - 7, TOP + row * _STEP + CELL - 3, WEEKDAYS[row][:3]) for row in range(0, 7, 2)]


def _mondays(first: dt.date, last: dt.date) -> list[dt.date]:
    begin, end = (day - dt.timedelta(days=day.weekday()) for day in (first, last))
    n_weeks = min((end - begin).days // 7 + 1, MAX_WEEKS)
    return [end - dt.timedelta(weeks=back) for back in reversed(range(n_weeks))]
