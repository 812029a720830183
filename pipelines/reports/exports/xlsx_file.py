"""A board as a workbook that is ready to be read: a sheet of entries, and one that says what they are.

Texts are written as texts, never as formulas or links, and guarded all the same, for whoever saves the sheet as CSV.
Not here: the columns (columns.py), how sheets look (xlsx_looks.py).
"""

import datetime as dt
import io
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pipelines.game.contract import INSTANT, TEXT, Column
from pipelines.game.faults import PodiumError
from pipelines.reports.board_page import BoardPage
from pipelines.reports.exports.about import facts, subtitle, title
from pipelines.reports.exports.columns import TEXTS, export_table
from pipelines.reports.exports.guard import guarded
from pipelines.reports.exports.xlsx_looks import Looks, heading, lines, number_format, sheet_name, width
from pipelines.reports.machine import rfc3339

MAX_ROWS = 1_048_576
HEADER = 3  # the row of the header, from 0: title, what it holds for, and one left free stand above
N_MEDALS = 3
LINE_HEIGHT = 15  # points
N_MEASURED = 1000  # rows that say how wide a column is
_AS_TEXTS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_FIRST_YEAR = 1900  # of Excel's calendar: what lies before is written as text


def xlsx_bytes(page: BoardPage) -> bytes:
    """The whole file; the same page gives the same bytes. Raises PodiumError for more rows than a sheet has."""
    if page.entries.height > MAX_ROWS - HEADER - 1:
        raise PodiumError(
            f"A sheet has room for {MAX_ROWS - HEADER - 1:,} entries, the board has {page.entries.height:,}: "
            "--top N writes the first of them, --format parquet all."
        )
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, _AS_TEXTS) as book:
        created = page.reading.as_of.astimezone(dt.UTC).replace(tzinfo=None)
        book.set_properties({"title": guarded(title(page)), "created": created, "author": "Podium"})
        looks = Looks(book)
        _entries(page, book.add_worksheet(sheet_name(page)), looks)
        _about(page, book.add_worksheet("About"), looks)
    return made.getvalue()


def _entries(page: BoardPage, sheet: Worksheet, looks: Looks) -> None:
    table = export_table(page, with_origin=False)
    zone, last = page.reading.rules.timezone, HEADER + max(table.frame.height, 1)
    sheet.write_string(0, 0, guarded(title(page)), looks.title)
    sheet.write_string(1, 0, guarded(subtitle(page)), looks.subtitle)
    wide: dict[str, float] = {}
    for at, column in enumerate(table.columns):
        is_text = column.dtype in (TEXT, TEXTS)
        sheet.write_string(HEADER, at, heading(column, page), looks.header_left if is_text else looks.header)
        held = table.frame[column.name]
        is_empty = bool(table.frame.height) and held.null_count() == table.frame.height
        texts = [_shown(value) for value in held.head(N_MEASURED)]
        wide[column.name] = width(column, heading(column, page), texts)
        sheet.set_column(at, at, wide[column.name], None, {"hidden": is_empty})
    sheet.set_row(HEADER, 2 * LINE_HEIGHT)
    names = page.reading.trophy_names("user" if page.subject == "user" else "agent")
    for n, row in enumerate(table.frame.iter_rows(named=True)):
        medal = row["rank"] if row["rank"] <= N_MEDALS else 0
        if "badges" in row:
            row["badges"] = ", ".join(names.get(slug, slug) for slug in row["badges"] or [])
        if (n_lines := max(lines(row[name], wide[name]) for name in row.keys() & {"subject_id", "badges"})) > 1:
            sheet.set_row(HEADER + 1 + n, LINE_HEIGHT * n_lines)
        for at, column in enumerate(table.columns):
            value = row[column.name]
            look = looks.cell(number_format(column, page), medal, is_rank=column.name == "rank")
            _write(sheet, HEADER + 1 + n, at, value, look, zone)
    sheet.freeze_panes(HEADER + 1, 2)
    sheet.autofilter(HEADER, 0, last, len(table.columns) - 1)
    sheet.repeat_rows(HEADER)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&RPage &P of &N")


def _write(sheet: Worksheet, row: int, at: int, value: object, look: object, zone: str) -> None:
    """One cell by the type of its value; Excel knows no zones, so an instant is the local time in `zone`."""
    if value is None:
        sheet.write_blank(row, at, None, look)
    elif isinstance(value, str):
        sheet.write_string(row, at, guarded(value), look)
    elif isinstance(value, dt.datetime):
        local = value.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        if local.year < _FIRST_YEAR:
            sheet.write_string(row, at, rfc3339(value), look)
        else:
            sheet.write_datetime(row, at, local, look)
    else:
        sheet.write_number(row, at, value, look)


def _about(page: BoardPage, sheet: Worksheet, looks: Looks) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, "About this board", looks.title)
    row = 2
    for name, value in facts(page).items():
        sheet.write_string(row, 0, name, looks.key)
        sheet.write_string(row, 1, guarded(value), looks.text)
        row += 1
    if page.entries.height < page.n_entries:
        sheet.write_string(row, 0, "shown", looks.key)
        sheet.write_string(row, 1, f"the first {page.entries.height:,} of {page.n_entries:,} entries", looks.text)
        row += 1
    row += 1
    sheet.write_string(row, 0, "Column", looks.header_left)
    sheet.write_string(row, 1, "Meaning", looks.header_left)
    for n, column in enumerate(export_table(page, with_origin=False).columns, row + 1):
        sheet.write_string(n, 0, heading(column, page), looks.key)
        sheet.write_string(n, 1, _meaning(column, page), looks.text)


def _meaning(column: Column, page: BoardPage) -> str:
    about = column.about.replace("slugs of badges", "names of badges")
    return f"{about}; date and time in {page.reading.rules.timezone}" if column.dtype == INSTANT else about


def _shown(value: object) -> str:
    if isinstance(value, int | float):
        return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
    return "" if value is None else ", ".join(value) if isinstance(value, list) else str(value)
