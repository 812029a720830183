"""The picture of a board: where everything stands in an SVG of 1000 pixels, and that no text runs into another.

Not here: how it is drawn (templates/board.svg.j2), what the texts are (shown.py), pixels (browser.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipelines.reports.board_page import BoardPage
from pipelines.reports.exports.about import subtitle, title
from pipelines.reports.exports.shown import PROVISIONAL, Column, Move, ShownBoard, shown_board
from pipelines.reports.exports.widths import cut, for_xml, pixels

WIDTH = 1000
TOP = 25  # entries of a picture unless another number is asked for
SIZE, SMALL, BADGE = 15.0, 11.5, 12.5  # pixels of a font: rows, headings, badges
_LEFT, _RIGHT, _GAP = 62.0, 938.0, 26.0
_NAME_AT = 168.0  # behind rank and move
_MIN_NAME, _MAX_NAME, _MIN_BADGES, _MAX_BADGES = 150.0, 300.0, 90.0, 260.0
_HEAD, _ROW, _FOOT = 206.0, 42.0, 26.0  # heights: down to the first row, of a row, of a line below them


@dataclass(frozen=True)
class Placed:
    """A column of numbers at its right end (of texts: its left one), with star marks apart."""

    heading: str
    x: float
    anchor: str
    texts: tuple[str, ...]
    stars: tuple[str, ...]


@dataclass(frozen=True)
class Badges:
    """Of one row the rarest badges that there is room for, and how many more it holds."""

    text: str
    more: str


def svg_text(page: BoardPage) -> str:
    """The whole file: a picture that needs no other file, script or network."""
    board = shown_board(page)
    columns, badges_at, badges_room = _placed(board)
    name_room = min([badges_at, *(column.x - _taken(column) for column in columns)]) - _NAME_AT - 14
    notes = [*board.notes, f"Rulebook {page.reading.fingerprint}, generation {page.reading.generation.id}"]
    return environment().get_template("board.svg.j2").render(
        width=WIDTH,
        height=_height(len(board.ranks), len(notes)),
        head=_HEAD,
        row=_ROW,
        foot=_FOOT,
        left=_LEFT,
        right=_RIGHT,
        name_at=_NAME_AT,
        name_room=name_room,
        title=for_xml(cut(title(page), 900, 30, bold=True)),
        subtitle=for_xml(cut(subtitle(page), 900, 15)),
        described=for_xml(f"{title(page)}: {subtitle(page)}"),
        subject=board.subject,
        ranks=board.ranks,
        moves=[_move(move) for move in board.moves],
        names=[for_xml(cut(name, name_room, SIZE, bold=True)) for name in board.names],
        columns=columns,
        badges_at=badges_at,
        badges_heading="achievements" if page.subject == "user" else "badges",
        badges=None if badges_room == 0 else [_fitting(held, badges_room) for held in board.badges or ()],
        notes=[for_xml(note) for note in notes],
    )  # fmt: skip


def height(svg: str) -> int:
    """The height of a picture of ours, in its pixels."""
    return int(svg.partition(' height="')[2].partition('"')[0])


@cache
def environment() -> Environment:
    """The templates of exports; whatever is put into them is escaped."""
    loader = PackageLoader("pipelines.reports.exports")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip


def _height(n_rows: int, n_notes: int) -> int:
    return round(_HEAD + _ROW * max(n_rows, 1) + _FOOT * n_notes + 18)


def _placed(board: ShownBoard) -> tuple[list[Placed], float, float]:
    """The columns of numbers for which there is room, and where the badges begin with how much room (0: none)."""
    kept = list(board.numbers)
    longest = max((pixels(name, SIZE, bold=True) for name in board.names), default=0.0)
    name_room = min(max(longest + 14, _MIN_NAME), _MAX_NAME)
    while len(kept) > 1 and _together(kept) + name_room > _RIGHT - _NAME_AT:
        kept.pop()
    room = min(_RIGHT - _NAME_AT - name_room - _together(kept) - _GAP, _wanted(board.badges or ()))
    badges_room = room if board.badges is not None and room >= _MIN_BADGES else 0.0
    end = badges_at = _RIGHT - badges_room - (_GAP if badges_room else 0)
    placed: list[Placed] = []
    for column in reversed(kept):
        width = _width(column)
        is_number = column.align == "right"
        placed.insert(0, _place(column, end if is_number else end - width))
        end -= width + _GAP
    return placed, badges_at + (_GAP if badges_room else 0), badges_room


def _wanted(badges: Sequence[tuple[str, ...]]) -> float:
    """How much room the longest list of badges would fill, up to a bound."""
    longest = max((pixels(", ".join(held), BADGE) for held in badges), default=0.0)
    return min(max(longest, _MIN_BADGES), _MAX_BADGES)


def _place(column: Column, x: float) -> Placed:
    stars = tuple(PROVISIONAL if text.endswith(PROVISIONAL) else "" for text in column.texts)
    texts = tuple(for_xml(text.removesuffix(PROVISIONAL)) for text in column.texts)
    return Placed(column.heading, x, "end" if column.align == "right" else "start", texts, stars)


def _taken(column: Placed) -> float:
    """How far a column reaches to the left of its x."""
    if column.anchor == "start":
        return 0.0
    return max(pixels(column.heading, SMALL, bold=True), *(pixels(t, SIZE, bold=True) for t in column.texts), 0.0)


def _width(column: Column) -> float:
    texts = [pixels(text, SIZE, bold=True) for text in column.texts]
    return max([pixels(column.heading, SMALL, bold=True) * 1.15, *texts])


def _together(columns: list[Column]) -> float:
    return sum(_width(column) + _GAP for column in columns)


def _move(move: Move) -> tuple[str, str]:
    """Which way an entry went, and what is written beside the arrow."""
    if move.n_places is None:
        return ("new", "new") if move.is_known else ("none", "")
    if move.n_places == 0:
        return "same", ""
    return ("up" if move.n_places > 0 else "down"), f"{abs(move.n_places):,}"


def _fitting(held: tuple[str, ...], room: float) -> Badges:
    for n in range(len(held), 0, -1):
        more = f"+{len(held) - n}" if n < len(held) else ""
        text = ", ".join(held[:n])
        rest = pixels(f" {more}", BADGE) if more else 0.0
        if n == 1 or pixels(text, BADGE) + rest <= room:
            return Badges(for_xml(cut(text, room - rest, BADGE)), more)
    return Badges("", "")
