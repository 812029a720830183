"""Forecasts of levels as they are drawn: a fan ahead of the XP, and ranges in rows; never a single date."""

import datetime as dt

import polars as pl

from pipelines.reports.figures import forecasts
from pipelines.reports.figures.canvas import Canvas
from tests.reports.figures import drawn
from tests.reports.figures.drawn import LEVELS, UNTIL, ahead

WHOLE, OPEN, BEYOND, NONE = ahead(["a", "b", "c", "d"]).to_dicts()


def fan(forecast: dict | None, n_days: int = 21) -> Canvas:
    days = [UNTIL - dt.timedelta(days=ago) for ago in range(n_days)]
    xp = pl.DataFrame({"user_id": "a", "day": days, "xp": 1}).with_columns(xp=pl.lit(20, dtype=pl.Int64))
    return forecasts.growth_with_forecast(xp, "a", LEVELS, forecast, until=UNTIL)


def corners(figure: Canvas) -> list[tuple[float, float]]:
    """The corners of the fan: days from now, and XP."""
    area = next(series for series in figure.data if series.fill == "toself")
    ends = [dt.datetime.fromisoformat(at) - dt.datetime.combine(UNTIL, dt.time()) for at in area.x]
    return [(end / dt.timedelta(days=1), y) for end, y in zip(ends, area.y, strict=True)]


def test_the_fan_ends_at_the_next_level_between_the_ends_of_the_range() -> None:
    assert corners(fan(WHOLE)) == [(0, 400), (3, 600), (20, 600)]


def test_a_range_without_an_end_is_cut_off_at_60_days_and_xp_does_not_fall() -> None:
    assert corners(fan(OPEN)) == [(0, 401), (5, 600), (60, 600), (60, 401)]


def test_beyond_60_days_no_middle_is_drawn() -> None:
    figure = fan(BEYOND)
    assert corners(figure)[1] == (40, 600)
    assert [series.marker.symbol for series in figure.data if series.fill is None] == ["circle"]


def test_without_a_forecast_there_are_only_the_levels_and_a_sentence() -> None:
    assert len(fan(NONE).data) == len(fan(None).data) == 1
    assert fan(NONE).layout.meta["summary"].endswith("No forecast: 1 active day in 28.")


def test_of_a_long_past_its_end_is_drawn_so_that_the_fan_can_be_seen() -> None:
    short, long = fan(WHOLE), fan({**WHOLE, "xp": 6000, "xp_to_next": 600}, 300)
    assert short.layout.xaxis.range[0] < (UNTIL - dt.timedelta(days=20)).isoformat()
    first = dt.date.fromisoformat(long.layout.xaxis.range[0])
    assert 90 <= (UNTIL - first).days <= 95
    labels = [note.text for note in long.layout.annotations]
    assert sorted(labels) == ["Level 10", "Level 11", "Level 12"]


def test_rows_stand_with_the_soonest_first_and_say_why_there_is_none() -> None:
    figure = forecasts.next_levels(ahead(["d", "c", "b", "a", "e"]).reverse())
    assert list(figure.layout.yaxis.ticktext) == ["d (4)", "e (4)", "c (4)", "b (4)", "a (4)"]
    reasons = next(series for series in figure.data if series.mode == "text")
    assert list(zip(reasons.y, reasons.text, strict=True)) == [(4, "no forecast: 1 active day in 28")]
    told = figure.layout.meta["summary"]
    assert told.startswith("Of 5 3 have a forecast within 60 days, 1 one beyond, 1 none.")


def test_more_than_fit_are_counted() -> None:
    figure = forecasts.next_levels(ahead(drawn.NAMES), top=5)
    assert figure.layout.yaxis.ticktext[-1] == "and 9 more in the table"
