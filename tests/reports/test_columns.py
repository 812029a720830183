"""Tables that fit their screen: names are cut first, then the later columns are left out."""

import io

from pipelines.reports.columns import column, table_of
from pipelines.reports.terminal import screen

NAMES = column("agent", ["python-pro", "security-auditor"], least=8)
CALLS = column("calls", ["12", "1,200"], "right")
EVENTS = column("event", ["claude:1", "claude:2"], least=6)


def lines(width: int, *columns: object) -> list[str]:
    output = io.StringIO()
    there = screen(output, width, fancy=False)
    there.show(table_of(there, *columns))  # type: ignore[arg-type]
    return [line.rstrip() for line in output.getvalue().splitlines()]


def test_where_there_is_room_all_is_whole() -> None:
    assert lines(40, NAMES, CALLS, EVENTS) == [
        "agent             calls  event",
        "---------------------------------",
        "python-pro           12  claude:1",
        "security-auditor  1,200  claude:2",
    ]


def test_the_widest_name_is_cut_first_and_numbers_are_whole() -> None:
    assert lines(25, NAMES, CALLS, EVENTS)[2:] == ["pytho...     12  claude:1", "secur...  1,200  claude:2"]


def test_the_last_column_is_left_out_where_it_has_no_room_at_all() -> None:
    assert lines(18, NAMES, CALLS, EVENTS)[2:] == ["python-pro      12", "security...  1,200"]


def test_a_column_that_says_nothing_is_left_out() -> None:
    assert lines(40, NAMES, column("cost", ["", ""]))[0] == "agent"


def test_the_first_column_stays_however_narrow_the_screen() -> None:
    assert lines(8, NAMES, CALLS)[2] == "pytho..."


def test_wide_characters_are_counted_by_the_cells_they_take() -> None:
    calls = column("calls", ["12"], "right")
    assert lines(16, column("agent", ["素数素数素数"], least=8), calls)[2] == "素数素...     12"


def test_a_strangers_text_is_made_safe_before_it_is_measured() -> None:
    assert lines(40, column("agent", ["a\x1b[31m"]))[2] == r"a\x1b[31m"
