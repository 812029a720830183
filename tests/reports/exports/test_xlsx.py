"""XLSX as another program reads it: texts are texts, numbers numbers, and it looks like somebody made it."""

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.reports.exports.guard import unguarded
from pipelines.reports.exports.xlsx_file import xlsx_bytes
from pipelines.reports.exports.xlsx_looks import sheet_name
from pipelines.reports.reading import Reading
from tests.reports.exports import boards
from tests.reports.exports.boards import HOSTILE, HOSTILE_PROBLEM, page


def opened(reading: Reading, board: str = "points", window: str | None = None) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(xlsx_bytes(page(reading, board, window))))


def values(sheet: Worksheet, row: int) -> list[object]:
    return [cell.value for cell in sheet[row]]


def test_a_board_as_a_sheet(small: Reading) -> None:
    sheet = opened(small, "points", "week")["Points, week 2026-03-09"]
    assert values(sheet, 1)[0] == "Points"
    assert values(sheet, 2)[0] == "Week 9 to 15 March 2026 · as of 9 March 2026, 12:00 UTC"
    assert values(sheet, 4)[:5] == ["Rank", "Agent", "Score", "Points", "Tasks"]
    assert dict(zip(values(sheet, 4), values(sheet, 5), strict=True)) == {
        "Rank": 1, "Agent": "bob", "Score": 30, "Points": 30, "Tasks": 1, "Attempts": 1, "Accuracy": 1,
        "Accuracy, 95 % low": pytest.approx(0.2065493), "Penalty minutes": None, "Provisional points": 0,
        "Previous rank": 2, "Change": 1, "Reached at (UTC)": dt.datetime.fromisoformat("2026-03-09T10:30"),
        "Streak (days)": 1, "Badges": "Scholar, Champion, First Blood",
    }  # fmt: skip
    assert sheet.max_row == 6


def test_the_header_stays_can_be_filtered_and_is_printed_on_every_page(small: Reading) -> None:
    sheet = opened(small)["Points, all"]
    assert sheet.freeze_panes == "C5"
    assert sheet.auto_filter.ref == "A4:O7"
    assert sheet.print_title_rows == "$4:$4"
    assert sheet.page_setup.orientation == "landscape"


def test_numbers_have_formats_and_the_first_three_their_medals(small: Reading) -> None:
    sheet = opened(small)["Points, all"]
    formats = {heading: cell.number_format for heading, cell in zip(values(sheet, 4), sheet[5], strict=True)}
    assert formats["Points"] == "#,##0"
    assert formats["Accuracy"] == "0.0%"
    assert formats["Reached at (UTC)"] == "yyyy-mm-dd hh:mm:ss"
    assert formats["Change"].startswith("+#,##0;-#,##0")
    assert [sheet.cell(row, 1).fill.fgColor.rgb[2:] for row in (5, 6, 7)] == ["F6D978", "DDE3EA", "E8BC94"]


def test_the_score_of_a_board_by_a_share_is_shown_in_percent(hostile: Reading) -> None:
    assert opened(hostile)["Points, all"]["C5"].number_format == "#,##0"
    means = opened(hostile, "team-points-mean")
    assert means[means.sheetnames[0]]["C5"].number_format == "#,##0.0"


def test_instants_are_dates_of_the_rulebooks_zone(tmp_path: Path) -> None:
    sheet = opened(boards.small(tmp_path, "Asia/Kolkata")).worksheets[0]
    at = values(sheet, 4).index("Reached at (Asia/Kolkata)")
    assert values(sheet, 5)[at] == dt.datetime.fromisoformat("2026-03-09T16:00")


def test_hostile_names_are_texts_never_formulas_or_links(hostile: Reading) -> None:
    made = xlsx_bytes(page(hostile))
    sheet = openpyxl.load_workbook(io.BytesIO(made)).worksheets[0]
    cells = [row[1] for row in sheet.iter_rows(min_row=5)]
    assert {cell.data_type for cell in cells} == {"s"}
    shown = {unguarded(cell.value) for cell in cells}
    assert set(HOSTILE) - shown <= {"odd\uffff"}  # XML has no such sign: Excel's own escape stands for it
    assert {cell.hyperlink for cell in cells} == {None}
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
        assert not [name for name in parts.namelist() if "rels" in name and b"example.org" in parts.read(name)]


def test_a_sheets_name_is_one_that_excel_takes(hostile: Reading, small: Reading) -> None:
    name = sheet_name(page(hostile, f"problem:{HOSTILE_PROBLEM}"))
    assert not set(name) & set("[]:*?/\\")
    assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
    assert sheet_name(page(small, "accuracy")) == "Accuracy, all"


def test_a_second_sheet_says_what_the_numbers_are(small: Reading) -> None:
    about = {row[0].value: row[1].value for row in opened(small, "points", "week")["About"].iter_rows()}
    assert about["board"] == "points"
    assert about["as_of"] == "2026-03-09T12:00:00.250000Z"
    assert about["rulebook"] == small.fingerprint
    assert about["generation"] == small.generation.id
    assert about["Badges"].startswith("names of badges")
    assert about["Reached at (UTC)"].endswith("date and time in UTC")


def test_the_same_page_gives_the_same_bytes_dated_as_of(small: Reading) -> None:
    assert xlsx_bytes(page(small)) == xlsx_bytes(page(small))
    assert opened(small).properties.created == dt.datetime.fromisoformat("2026-03-09T12:00")
