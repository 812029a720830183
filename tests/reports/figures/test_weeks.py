"""Figures of an agent week by week: shares with intervals, what is expected beside them, and the mix of the work."""

import datetime as dt
import json

import plotly.graph_objects as go
import polars as pl
import pytest

from pipelines.insight.growth.performance import LEVELS
from pipelines.reports.figures.style import as_json
from pipelines.reports.figures.weeks import MAX_WEEKS, difficulty_by_week, success_by_week

MONDAY = dt.date(2026, 3, 2)


def _days(*rows):
    """Rows of `agent_performance_daily`: days after MONDAY, attempts, successes, expected, and four difficulties."""
    whole = dict.fromkeys(("attempts", "successes"), pl.Int64)
    schema = {"day": pl.Date, **whole, "expected_successes": pl.Float64, **dict.fromkeys(LEVELS, pl.Int64)}
    told = [(MONDAY + dt.timedelta(days=day), n, right, expected, *levels) for day, n, right, expected, levels in rows]
    return pl.DataFrame(told, schema=schema, orient="row")


DAYS = _days(
    (0, 6, 3, 4.5, (3, 2, 0, 0)),
    (6, 4, 3, 3.0, (1, 1, 2, 0)),
    (8, 2, 2, 1.0, (0, 0, 2, 0)),
    (21, 1, 0, 0.9, (0, 0, 0, 1)),
)


def test_weeks_run_from_monday_to_sunday_and_those_without_work_are_a_gap():
    success, beside = success_by_week(DAYS, "call").data
    assert list(success.y) == [0.6, 1.0, None, 0.0]
    assert [None if y is None else round(y, 3) for y in beside.y] == [-0.15, 0.5, None, -0.9]
    assert success.customdata[0] == (
        "<b>Week of 2026-03-02</b><br>6 of 10 calls: 60.0 %<br>95 % interval 31.3 % to 83.2 %<br>all agents at the "
        "same work: 75.0 %<br>-15.0 percentage points beside them"
    )


def test_both_panels_have_the_same_intervals_and_no_axis_is_shared_by_two_measures():
    figure = success_by_week(DAYS, "call")
    success, beside = figure.data
    assert list(success.error_y.array) == pytest.approx(list(beside.error_y.array))
    assert (success.yaxis, beside.yaxis) == ("y", "y2")
    assert figure.layout.yaxis2.overlaying is None
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert figure.layout.yaxis2.ticktext == ("-50", "0", "+50")
    assert figure.layout.yaxis2.range[1] > 0.5


def test_bars_of_a_week_add_up_to_its_calls_with_those_of_unsaid_difficulty():
    figure = difficulty_by_week(DAYS, "call")
    assert [bar.name for bar in figure.data] == ["simple", "medium", "complex", "expert", "not said"]
    assert [sum(bar.y[week] for bar in figure.data) for week in (0, 1, 3)] == pytest.approx([1, 1, 1])
    assert figure.data[0].customdata[0] == "<b>simple</b><br>Week of 2026-03-02<br>4 of 10 calls: 40.0 %"
    assert figure.layout.yaxis.range == (0, 1)
    assert figure.layout.meta["summary"].startswith("Of 13 calls in 4 weeks: simple 30.8 % (4), medium 23.1 % (3)")


def test_submissions_have_the_words_of_tasks():
    assert [bar.name for bar in difficulty_by_week(DAYS, "submission").data][:4] == [
        "easy",
        "medium",
        "hard",
        "extreme",
    ]
    assert (
        success_by_week(DAYS, "submission").layout.meta["summary"].startswith("13 submissions in 4 weeks: week of 2026")
    )


def test_of_long_seasons_the_last_half_a_year_is_drawn():
    long = _days(*((7 * week, 1, 1, 0.5, (1, 0, 0, 0)) for week in range(80)))
    figure = success_by_week(long, "call")
    assert list(figure.data[0].x)[-1] == "2027-09-09T12:00"
    assert len(figure.data[0].x) == MAX_WEEKS == 26
    assert figure.layout.meta["summary"].startswith("26 calls in the last 26 weeks")


@pytest.mark.parametrize("drawn", [success_by_week, difficulty_by_week])
def test_they_say_what_they_show_without_colour_and_are_light(drawn):
    figure = drawn(DAYS, "call")
    assert figure.layout.title.text == figure.layout.meta["title"]
    assert figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text
    signs = [(s.line.dash, s.marker.symbol) if s.type == "scatter" else s.marker.pattern.shape for s in figure.data]
    assert len(set(signs)) == len(signs)
    assert len(as_json(figure)) < 12_000
    spec = json.loads(as_json(figure))
    assert json.loads(as_json(drawn(DAYS.reverse(), "call"))) == spec
    go.Figure(data=spec["data"], layout=spec["layout"])  # raises ValueError for what Plotly does not know


@pytest.mark.parametrize("drawn", [success_by_week, difficulty_by_week])
def test_of_nothing_there_is_a_sentence(drawn):
    (note,) = drawn(_days(), "call").layout.annotations
    assert note.text == "No calls yet"
