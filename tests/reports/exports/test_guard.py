"""What a spreadsheet could take for a formula is marked, and can be had back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reports.exports.guard import guarded, unguarded


@pytest.mark.parametrize(
    "text",
    ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x", "﹢1", " =1", "\u3000=1", '"=1', "'=1",
     "' =1", "“=1", "''=1", "=cmd|'/c calc'!A1", "'\r", "''\tx"],
)  # fmt: skip
def test_a_text_that_could_be_a_formula_gets_a_quote_in_front(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "ada", "a=1", "1-2", "'ada'", "O'Neill", "u-willow", "{{7*7}}", "<b>", "漢字", " "]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text


@given(st.text(alphabet="=+-@＝＠'\"\t\r\n ax1", max_size=6) | st.text(max_size=12))
def test_no_two_texts_are_guarded_alike_and_none_begins_a_formula(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in set("=+-@＝＋－＠\t\r\n") or not text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12))
def test_a_guarded_text_comes_through_a_csv_file(text: str) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([guarded(text), "x"])
    assert next(csv.reader(io.StringIO(out.getvalue(), newline="")))[0] == guarded(text)
