"""Words of advice that a terminal and a page share."""

import pytest

from pipelines.reports.advice_words import FEW_OF_ALL, few_in_all, work_of


@pytest.mark.parametrize(
    ("category", "difficulty", "told"),
    [
        ("tests", "expert", "expert tests"),
        ("tests", None, "tests, difficulty not told"),
        (None, "expert", "expert work without a category"),
        (None, None, "work of which neither category nor difficulty is told"),
    ],
)
def test_a_kind_of_work_has_its_words_whatever_is_told_of_it(category: str | None, difficulty: str | None, told: str):
    assert work_of({"category": category, "difficulty": difficulty}) == told


def test_few_calls_of_everybody_are_minded_and_many_are_not():
    assert few_in_all(1) == "1 call in all can hardly tell agents apart: mind the intervals."
    assert few_in_all(FEW_OF_ALL) == ""
