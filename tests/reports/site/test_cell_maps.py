"""Days and hours as squares: each is where it belongs, says its number, and is the darker the more it is."""

import datetime as dt
import re

from pipelines.reports.site.cell_maps import CELL, GAP, LEFT, MAX_WEEKS, TOP, Unit, day_map, hour_map

TASKS = Unit("task completed", "tasks completed")
MONDAY = dt.date(2026, 3, 2)
STEP = CELL + GAP


def day(n: int) -> dt.date:
    return MONDAY + dt.timedelta(days=n)


def test_a_day_stands_in_the_column_of_its_week_and_the_row_of_its_weekday() -> None:
    drawn = day_map({day(0): 1, day(6): 4, day(9): 2}, TASKS, day(10))
    assert drawn is not None
    assert [(cell.x, cell.y, cell.shade) for cell in drawn.cells] == [
        (LEFT, TOP, 1),
        (LEFT, TOP + 6 * STEP, 4),
        (LEFT + STEP, TOP + 2 * STEP, 2),
    ]
    assert [cell.says for cell in drawn.cells] == [
        "Mon 2 Mar 2026: 1 task completed",
        "Sun 8 Mar 2026: 4 tasks completed",
        "Wed 11 Mar 2026: 2 tasks completed",
    ]


def test_days_after_as_of_are_not_drawn_and_those_without_anything_are_empty() -> None:
    drawn = day_map({day(0): 1}, TASKS, day(3))
    assert drawn is not None
    assert len(re.findall("M", drawn.empty)) == 3


def test_the_words_say_what_the_squares_say() -> None:
    drawn = day_map({day(0): 1, day(1): 3, day(2): 0}, TASKS, day(2), run=[day(0), day(1)])
    assert drawn is not None
    assert drawn.summary == "4 tasks completed on 2 days since 2 Mar 2026; the most, 3, on 3 Mar 2026."
    assert drawn.marked == "Dots: the streak of 2 days up to 3 Mar 2026."
    assert drawn.drawn.count("<circle") == 2


def test_of_a_long_time_the_last_weeks_are_drawn() -> None:
    drawn = day_map({day(7 * n): 1 for n in range(100)}, TASKS, day(7 * 99))
    assert drawn is not None
    assert len(drawn.cells) == MAX_WEEKS


def test_nothing_draws_nothing() -> None:
    assert day_map({day(0): 0}, TASKS, day(1)) is None
    assert day_map({day(0): 1}, TASKS, day(7 * 99)) is None
    assert hour_map({}, TASKS, "UTC") is None


def test_an_hour_stands_in_its_column_and_the_row_of_its_weekday() -> None:
    drawn = hour_map({(1, 0): 2, (7, 23): 8}, TASKS, "Europe/Berlin")
    assert drawn is not None
    assert [(cell.x, cell.y, cell.shade) for cell in drawn.cells] == [
        (LEFT, TOP, 1),
        (LEFT + 23 * STEP, TOP + 6 * STEP, 4),
    ]
    assert drawn.summary.endswith("the most, 8, on Sundays from 23:00 to 23:59, by the clock of Europe/Berlin.")
    assert len(re.findall("M", drawn.empty)) == 7 * 24 - 2
