"""Calendar windows: days, their ends, weeks, months, skipped dates and named windows, in zones that play tricks."""

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.game.board_rules import WindowRule
from pipelines.game.windows import (
    bounds,
    day_ends,
    end_of,
    last_dates,
    local_date,
    skipped_dates,
    window_before,
    window_end,
    window_start,
)
from tests.game.league import pick, play, rules, task, tried

ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "America/Sao_Paulo", "Asia/Kolkata",
    "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Chatham", "Africa/Cairo",
    "Africa/Casablanca", "Asia/Gaza", "Antarctica/Troll", "America/Havana", "Asia/Beirut", "Pacific/Kwajalein",
]  # fmt: skip
TICK = dt.timedelta(microseconds=1)
# Zone data of before 1970 differ from one build of them to another, so nothing is said of those years.
INSTANTS = st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2037, 12, 30))  # noqa: DTZ001 - naive UTC, as in the game
NO_DATES = pl.Series("day", [], dtype=pl.Date)


def date_in(zone, instant):
    """What the program says."""
    return pl.select(local_date(pl.lit(instant, dtype=pl.Datetime("us")), zone)).item()


def date_by_zoneinfo(zone, instant):
    return instant.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).date()


def utc(text):
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC).replace(tzinfo=None)


def at(day, how, *more):
    return pl.select(how(pl.lit(day, dtype=pl.Date), *more)).item()


# --- local days --------------------------------------------------------------------------------------------------


@given(st.sampled_from(ZONES), st.lists(INSTANTS, min_size=1))
def test_an_instant_falls_on_the_date_that_zoneinfo_says(zone, instants):
    frame = pl.DataFrame({"at": instants}, schema={"at": pl.Datetime("us")})
    said = frame.select(local_date(pl.col("at"), zone)).to_series().to_list()
    assert said == [date_by_zoneinfo(zone, instant) for instant in instants]


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("UTC", "2026-03-01T23:59:59.999999Z", dt.date(2026, 3, 1)),
        ("Europe/Berlin", "2026-03-01T23:00:00Z", dt.date(2026, 3, 2)),
        ("America/New_York", "2026-03-01T04:59:59Z", dt.date(2026, 2, 28)),
        ("Pacific/Kiritimati", "2026-03-01T10:00:00Z", dt.date(2026, 3, 2)),
        ("America/St_Johns", "2010-11-07T02:30:59Z", dt.date(2010, 11, 7)),  # 00:00:59, a minute before the change
        ("America/St_Johns", "2010-11-07T02:31:00Z", dt.date(2010, 11, 6)),  # 23:01 again
    ],
)
def test_a_local_day(zone, instant, day):
    assert date_in(zone, utc(instant)) == day


# --- ends of days ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "ends_at"),
    [
        ("UTC", dt.date(2026, 3, 1), "2026-03-01T23:59:59.999999Z"),
        ("Europe/Berlin", dt.date(2026, 3, 28), "2026-03-28T23:59:59.999999+01:00"),
        ("Europe/Berlin", dt.date(2026, 3, 29), "2026-03-29T23:59:59.999999+02:00"),  # a day of 23 hours
        ("Europe/Berlin", dt.date(2026, 10, 25), "2026-10-25T23:59:59.999999+01:00"),  # one of 25
        ("America/New_York", dt.date(2026, 11, 1), "2026-11-01T23:59:59.999999-05:00"),
        ("Australia/Lord_Howe", dt.date(2026, 4, 5), "2026-04-05T23:59:59.999999+10:30"),
        # The clock went back at 00:01, to 23:01 of the day before: that day ended twice, and the second time counts.
        ("America/St_Johns", dt.date(2010, 11, 6), "2010-11-06T23:59:59.999999-03:30"),
        ("America/St_Johns", dt.date(2010, 11, 7), "2010-11-07T23:59:59.999999-03:30"),
        # No midnight: 23:59:59 was followed by 01:00 of the day after.
        ("America/Sao_Paulo", dt.date(2018, 11, 3), "2018-11-03T23:59:59.999999-03:00"),
        ("America/Sao_Paulo", dt.date(2018, 11, 4), "2018-11-04T23:59:59.999999-02:00"),
        # At midnight the clock went back to 23:00: the hour before midnight came twice.
        ("America/Sao_Paulo", dt.date(2018, 2, 17), "2018-02-17T23:59:59.999999-03:00"),
        ("Africa/Cairo", dt.date(2024, 10, 31), "2024-10-31T23:59:59.999999+02:00"),
        ("Pacific/Apia", dt.date(2011, 12, 29), "2011-12-29T23:59:59.999999-10:00"),
        ("Pacific/Apia", dt.date(2011, 12, 31), "2011-12-31T23:59:59.999999+14:00"),
    ],
)
def test_the_last_microsecond_of_a_day(zone, day, ends_at):
    assert end_of(day, zone) == utc(ends_at)


@given(st.sampled_from(ZONES), st.dates(dt.date(1970, 1, 3), dt.date(2037, 12, 29)))
def test_a_day_ends_where_its_last_instant_falls_on_it_and_none_after_does(zone, day):
    end = day_ends(pl.Series("day", [day], dtype=pl.Date), zone)["ends_at"][0]
    if end is None:
        assert skipped_dates(day, day, zone).to_list() == [day]
        return
    assert date_by_zoneinfo(zone, end) == day
    later = [end + TICK, *(end + dt.timedelta(minutes=15 * n) for n in range(1, 200))]
    assert all(date_by_zoneinfo(zone, instant) > day for instant in later)


def test_ends_come_once_a_date_and_sorted():
    days = pl.Series("day", [dt.date(2026, 3, 2), dt.date(2026, 3, 1), dt.date(2026, 3, 2)])
    assert day_ends(days, "Europe/Berlin")["day"].to_list() == [dt.date(2026, 3, 1), dt.date(2026, 3, 2)]
    assert day_ends(NO_DATES, "Europe/Berlin").height == 0


# --- dates that a zone skipped -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "skipped"),
    [
        ("Pacific/Apia", [dt.date(2011, 12, 30)]),
        ("Pacific/Fakaofo", [dt.date(2011, 12, 30)]),
        ("Europe/Berlin", []),
        ("UTC", []),
    ],
)
def test_a_skipped_date(zone, skipped):
    assert skipped_dates(dt.date(2011, 12, 1), dt.date(2012, 1, 31), zone).to_list() == skipped


def test_kiritimati_had_no_last_day_of_1994():
    skipped = skipped_dates(dt.date(1994, 12, 1), dt.date(1995, 1, 31), "Pacific/Kiritimati")
    assert skipped.to_list() == [dt.date(1994, 12, 31)]


def test_a_span_without_days_skips_none():
    assert skipped_dates(dt.date(2026, 1, 2), dt.date(2026, 1, 1), "Pacific/Apia").to_list() == []
    assert skipped_dates(dt.date(1, 1, 1), dt.date(1, 1, 2), "Pacific/Apia").to_list() == []


def test_a_skipped_date_ends_where_the_one_before_it_ended():
    assert end_of(dt.date(2011, 12, 30), "Pacific/Apia") == end_of(dt.date(2011, 12, 29), "Pacific/Apia")
    assert day_ends(pl.Series("day", [dt.date(2011, 12, 30)]), "Pacific/Apia")["ends_at"].to_list() == [None]


# --- days, weeks, months -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "window", "start", "end", "before"),
    [
        ("2026-03-01", "day", "2026-03-01", "2026-03-01", "2026-02-28"),
        ("2026-03-01", "week", "2026-02-23", "2026-03-01", "2026-02-16"),  # a Sunday: the week began on Monday
        ("2026-03-02", "week", "2026-03-02", "2026-03-08", "2026-02-23"),
        ("2027-01-01", "week", "2026-12-28", "2027-01-03", "2026-12-21"),
        ("2028-02-29", "month", "2028-02-01", "2028-02-29", "2028-01-01"),
        ("2026-02-10", "month", "2026-02-01", "2026-02-28", "2026-01-01"),
        ("2026-01-31", "month", "2026-01-01", "2026-01-31", "2025-12-01"),
    ],
)
def test_the_window_of_a_day_its_last_date_and_the_window_before(day, window, start, end, before):
    first = at(dt.date.fromisoformat(day), window_start, window)
    assert first.isoformat() == start
    assert at(first, window_end, window).isoformat() == end
    assert at(first, window_before, window, NO_DATES).isoformat() == before


@given(st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)), st.sampled_from(["day", "week", "month"]))
def test_windows_lie_side_by_side(day, window):
    start = at(day, window_start, window)
    end = at(start, window_end, window)
    assert start <= day <= end
    assert at(end + dt.timedelta(days=1), window_start, window) == end + dt.timedelta(days=1)
    assert at(end + dt.timedelta(days=1), window_before, window, NO_DATES) == start
    assert window != "week" or start.isoweekday() == 1
    assert window != "month" or start.day == 1


def test_the_day_before_one_that_follows_a_skipped_date_is_the_last_that_was():
    skipped = skipped_dates(dt.date(2011, 12, 1), dt.date(2012, 1, 31), "Pacific/Apia")
    assert at(dt.date(2011, 12, 31), window_before, "day", skipped) == dt.date(2011, 12, 29)
    assert at(dt.date(2012, 1, 1), window_before, "day", skipped) == dt.date(2011, 12, 31)


# --- named windows -----------------------------------------------------------------------------------------------


def window(start, end):
    return WindowRule(slug="cup", name="Cup", start=start, end=end)


def test_dates_are_local_and_both_inclusive():
    cup = window(dt.date(2026, 3, 28), dt.date(2026, 3, 29))
    assert bounds(cup, "Europe/Berlin") == (utc("2026-03-28T00:00:00+01:00"), utc("2026-03-29T23:59:59.999999+02:00"))
    assert bounds(cup, "UTC") == (utc("2026-03-28T00:00:00Z"), utc("2026-03-29T23:59:59.999999Z"))
    assert last_dates(cup, "Europe/Berlin") == (dt.date(2026, 3, 28), dt.date(2026, 3, 29))


def test_of_instants_the_end_is_exclusive():
    cup = window(dt.datetime(2026, 3, 2, 23, tzinfo=dt.UTC), dt.datetime(2026, 3, 3, 23, tzinfo=dt.UTC))
    assert bounds(cup, "Europe/Berlin") == (utc("2026-03-02T23:00:00Z"), utc("2026-03-03T22:59:59.999999Z"))
    assert last_dates(cup, "Europe/Berlin") == (dt.date(2026, 3, 3), dt.date(2026, 3, 3))
    assert last_dates(cup, "UTC") == (dt.date(2026, 3, 2), dt.date(2026, 3, 3))


def test_an_instant_may_have_any_offset():
    berlin = dt.timezone(dt.timedelta(hours=1))
    cup = window(dt.datetime(2026, 3, 2, 10, tzinfo=berlin), dt.datetime(2026, 3, 2, 15, tzinfo=berlin))
    assert bounds(cup, "Asia/Tokyo") == (utc("2026-03-02T09:00:00Z"), utc("2026-03-02T13:59:59.999999Z"))


def test_a_day_without_midnight_begins_at_its_first_instant():
    cup = window(dt.date(2018, 11, 4), dt.date(2018, 11, 4))
    first, last = bounds(cup, "America/Sao_Paulo")
    assert (first, last) == (utc("2018-11-04T01:00:00-02:00"), utc("2018-11-04T23:59:59.999999-02:00"))


@given(st.sampled_from(ZONES), st.dates(dt.date(1970, 1, 5), dt.date(2037, 12, 20)), st.integers(0, 8))
def test_named_windows_in_a_row_touch_and_never_overlap(zone, day, n_days):
    end = day + dt.timedelta(days=n_days)
    one, two = window(day, end), window(end + dt.timedelta(days=1), end + dt.timedelta(days=3))
    assert bounds(one, zone)[1] + TICK == bounds(two, zone)[0]


def test_a_date_that_comes_twice_is_one_day_everywhere():
    """In Newfoundland clocks went back from one minute past midnight: of 7 November 2010 a minute came before 23:01."""
    made = ("2010-11-07T02:00Z", "2010-11-07T02:30:30Z", "2010-11-07T02:40Z", "2010-11-07T04:00Z")
    records = [
        record
        for n, at in enumerate(made)
        for record in (task(f"t{n}", at="2010-01-01T00:00Z"), tried(f"s{n}", "ann", f"t{n}", at))
    ]
    tables = play(records, rules(timezone="America/St_Johns"))
    sixth, seventh = dt.date(2010, 11, 6), dt.date(2010, 11, 7)
    assert pick(tables["agent_days"], "day", "tasks_completed") == [(sixth, 2), (seventh, 2)]
    days = [row for row in tables["leaderboards"] if (row["board"], row["window"]) == ("points", "day")]
    assert pick(days, "window_start_on", "tasks_completed", "points") == [(sixth, 2, 20), (seventh, 2, 20)]
    assert pick(tables["streaks"], "daily_current", "daily_best") == [(2, 2)]
