"""How the sheets of a workbook look: fonts, fills of medals, formats of numbers, widths, names of sheets.

Not here: what stands in them (xlsx_file.py).
"""

import math
import re
from collections.abc import Sequence

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from pipelines.game.contract import INSTANT, NUMBER, WHOLE, Column
from pipelines.reports.board_page import BoardPage
from pipelines.reports.exports.widths import columns_of

MAX_SHEET_NAME = 31
INK, MUTED, HEAD, LINE = "#1F2430", "#5B6477", "#EEF1F8", "#C9D0DE"
MEDALS = ("#F6D978", "#DDE3EA", "#E8BC94")  # gold, silver, bronze, light enough for dark text
WHOLE_FORMAT, SHARE_FORMAT, MEAN_FORMAT, CHANGE_FORMAT = "#,##0", "0.0%", "#,##0.0", '+#,##0;-#,##0;"–"'
INSTANT_FORMAT = "yyyy-mm-dd hh:mm:ss"
_LEAST, _MOST = 8, 56  # characters of a column's width
_SPARE = 1.05  # a line ends between words
_WORDS = {
    "rank": "Rank",
    "subject_id": "Subject",
    "score": "Score",
    "xp": "XP",
    "n_provisional_points": "Provisional points",
    "n_members": "Members",
    "wilson_low": "Accuracy, 95 % low",
    "success_share": "Success",
    "rank_change": "Change",
    "daily_current": "Streak (days)",
    "badges": "Badges",
    "tasks_completed": "Tasks",
}
_SUBJECTS = {"agent": "Agent", "user": "User", "team": "Team", "user_agent": "User and agent"}


class Looks:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._cells: dict[tuple[str, int, bool], Format] = {}
        head = {"bold": True, "font_color": INK, "bg_color": HEAD, "bottom": 1, "bottom_color": LINE, "text_wrap": True}
        self.title = book.add_format({"bold": True, "font_size": 16, "font_color": INK})
        self.subtitle = book.add_format({"font_color": MUTED})
        self.header = book.add_format({**head, "align": "right", "valign": "vcenter"})
        self.header_left = book.add_format({**head, "align": "left", "valign": "vcenter", "indent": 1})
        self.key = book.add_format({"bold": True, "font_color": INK, "valign": "top"})
        self.text = book.add_format({"font_color": INK, "text_wrap": True, "valign": "top", "align": "left"})

    def cell(self, number: str, medal: int, *, is_rank: bool = False) -> Format:
        """The format of a cell: of numbers `number`, and of the first three ranks the fill of their medal."""
        if (number, medal, is_rank) not in self._cells:
            look: dict[str, object] = {"font_color": INK, "bottom": 1, "bottom_color": "#E6EAF2", "valign": "top"}
            look |= {"num_format": number} if number else {"text_wrap": True, "align": "left", "indent": 1}
            if is_rank:
                look["align"] = "center"
            if medal:
                look |= {"bg_color": MEDALS[medal - 1], "bold": True}
            self._cells[number, medal, is_rank] = self._book.add_format(look)
        return self._cells[number, medal, is_rank]


def heading(column: Column, page: BoardPage) -> str:
    """What a column is called for people; instants name the zone, which Excel does not know."""
    if column.name == "subject_id":
        return _SUBJECTS[page.subject]
    if column.name == "badges" and page.subject == "user":
        return "Achievements"
    words = _WORDS.get(column.name) or column.name.removesuffix("_id").replace("_", " ").capitalize()
    return f"{words} ({page.reading.rules.timezone})" if column.dtype == INSTANT else words


def number_format(column: Column, page: BoardPage) -> str:
    """Excel's format of a column: thousands, percent, a sign where places were climbed; empty for texts."""
    if column.name == "rank_change":
        return CHANGE_FORMAT
    measure = page.rule.order[0].measure if page.rule and column.name == "score" else column.name
    if measure in ("accuracy", "wilson_low", "success_share"):
        return SHARE_FORMAT
    if measure.endswith("_per_member"):
        return MEAN_FORMAT
    return {INSTANT: INSTANT_FORMAT, WHOLE: WHOLE_FORMAT, NUMBER: WHOLE_FORMAT}.get(column.dtype, "")


def width(column: Column, words: str, texts: Sequence[str]) -> float:
    """Characters that a column is wide: as its widest text, a heading of several words in two lines."""
    if column.dtype == INSTANT:
        return 20
    longest = max((columns_of(text) for text in texts), default=0)
    halves = max((len(word) for word in words.split()), default=0) + 3  # the button of the filter
    return min(max(longest + 2, halves, _LEAST), _MOST)


def lines(text: str, columns: float) -> int:
    """Lines that a text takes in a column: programs do not reckon the height of a row when they open a file."""
    return max(1, math.ceil(columns_of(text) * _SPARE / columns))


def sheet_name(page: BoardPage) -> str:
    r"""A name that Excel takes: at most 31 UTF-16 units, none of `[]:*?/\`, no quote at its ends, none of its own."""
    window = page.window if page.start_on is None else f"{page.window} {page.start_on}"
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f\ufffe\uffff]", " ", f"{page.name}, {window}")
    name = " ".join(plain.split()).strip("'")
    while len(name.encode("utf-16-le")) // 2 > MAX_SHEET_NAME:
        name = name[:-1]
    name = name.strip("' ,")
    return name if name and name.lower() not in ("history", "about") else "Board"
