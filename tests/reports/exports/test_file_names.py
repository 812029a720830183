"""Names of files hold letters, digits, `-`, `_` and `.` only, whatever a board is called."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reports.exports.file_names import part, stem
from pipelines.reports.reading import Reading
from tests.reports.exports.boards import HOSTILE_PROBLEM, page


def test_a_file_is_called_after_board_window_and_first_day(small: Reading) -> None:
    assert stem(page(small, "points", "week")) == "points-week-2026-03-09"
    assert stem(page(small, "points", "week"), with_dates=False) == "points-week"
    assert stem(page(small, "problem:erdos-straus")) == "problem-erdos-straus-all"
    assert stem(page(small, "points")) == "points-all"


def test_a_hostile_problem_leads_nowhere_else(hostile: Reading) -> None:
    assert re.fullmatch(r"problem-x-b-[0-9a-f]{8}-all", stem(page(hostile, f"problem:{HOSTILE_PROBLEM}")))


@pytest.mark.parametrize(
    "text", ["..", "../x", "/etc/passwd", "a b", "A", "漢字", "", "-", "a\x00", ".hidden", "x" * 200]
)
def test_what_is_no_plain_name_is_made_one(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", part(text))
    assert len(part(text)) <= 70


@given(st.lists(st.text(alphabet="aA./:-_ é", max_size=5), min_size=2, max_size=2, unique=True))
def test_two_texts_have_two_names(texts: list[str]) -> None:
    assert part(texts[0]) != part(texts[1])
