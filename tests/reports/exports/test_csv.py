"""CSV as scripts and spreadsheets read it."""

import csv
import io

from pipelines.reports.exports.csv_file import csv_text
from pipelines.reports.exports.guard import unguarded
from pipelines.reports.reading import Reading
from tests.reports.exports.boards import HOSTILE, page
from tests.reports.exports.test_columns import GOLDEN, ON_EVERY_ROW


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_board_as_csv(small: Reading) -> None:
    held = small.fingerprint
    week = f"points,week,2026-03-09,2026-03-15,,2026-03-09T12:00:00.250000Z,{held}"
    assert csv_text(page(small, "points", "week")).split("\r\n") == [
        ",".join([*GOLDEN["agents"], *ON_EVERY_ROW]),
        "1,bob,30.0,30,1,1,1.0,0.20654931437723742,,0,2,1,2026-03-09T10:30:00Z,1,scholar;champion;first-blood," + week,
        "2,eve,10.0,10,1,2,0.5,0.09453120573423071,,5,,,2026-03-09T12:00:00.250000Z,1,first-blood," + week,
        "",
    ]


def test_a_negative_number_stays_a_number(small: Reading) -> None:
    changes = [row["rank_change"] for row in rows_of(csv_text(page(small)))]
    assert changes == ["1", "-1", ""]


def test_hostile_names_are_whole_and_no_cell_begins_a_formula(hostile: Reading) -> None:
    rows = rows_of(csv_text(page(hostile)))
    assert sorted(unguarded(row["subject_id"]) for row in rows) == sorted(HOSTILE)
    assert [row["subject_id"] for row in rows if row["subject_id"][0] in "=+-@＝＋－＠\t\r\n"] == []
    assert "'=cmd|'/c calc'!A1" in {row["subject_id"] for row in rows}


def test_lines_end_as_rfc_4180_says_and_signs_are_utf_8(hostile: Reading) -> None:
    raw = csv_text(page(hostile)).encode()
    assert raw.count(b"\r\n") == raw.count(b"\n") == len(HOSTILE) + 1
    assert "مرحبا بالعالم".encode() in raw
