"""Keys as codes keep the order of what they stand for."""

import datetime as dt

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.insight.keys import NOT_THERE, coded, packed, place_of

TEXTS = st.one_of(st.none(), st.text("abÄ-", max_size=3))
ROWS = st.lists(st.tuples(TEXTS, st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)), st.integers(-5, 5)), max_size=8)


def _frame(rows: list[tuple[str | None, dt.date, int]]) -> pl.DataFrame:
    schema = {"text": pl.String, "day": pl.Date, "n": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(coded(frame["text"]))


@given(ROWS)
def test_rows_are_in_the_order_of_their_numbers_null_first(rows: list[tuple[str | None, dt.date, int]]) -> None:
    frame = _frame(rows)
    by_number = frame[np.argsort(packed(frame), kind="stable")].cast({"text": pl.String})
    assert by_number.rows() == frame.cast({"text": pl.String}).sort(pl.all()).rows()


@given(ROWS)
def test_rows_have_the_same_number_where_they_are_the_same(rows: list[tuple[str | None, dt.date, int]]) -> None:
    assert len(set(packed(_frame(rows)).tolist())) == len(set(rows))


def test_texts_are_coded_among_others() -> None:
    asked = coded(pl.Series(["b", None]), pl.Series(["c", "a", None, "b"]))
    assert (asked.to_physical().to_list(), asked.cast(pl.String).to_list()) == ([1, None], ["b", None])


def test_a_key_stands_where_it_is_held_and_nowhere_else() -> None:
    held = np.array([2, 5, 9])
    assert place_of(held, np.array([9, 2, 3, 10, -1])).tolist() == [2, 0, NOT_THERE, NOT_THERE, NOT_THERE]
    assert place_of(np.array([], np.int64), np.array([1, 2])).tolist() == [NOT_THERE, NOT_THERE]
