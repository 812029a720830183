"""Calendar windows: local days, weeks and months in an IANA zone, their ends, and named windows.

Here: from a UTC instant to the date it falls on, from a date to its last microsecond, which dates a zone skipped,
and the bounds of a named window. Instants are naive UTC `Datetime("us")` inside the game. Not here: which rows fall
into a window (tallies.py).
"""

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.game.board_rules import WindowRule

NAIVE = pl.Datetime("us")
TICK = pl.duration(microseconds=1)


def local_date(instant: pl.Expr, zone: str) -> pl.Expr:
    """The calendar date in `zone` on which a UTC instant falls."""
    return _local(instant, zone).dt.date()


def local_day(instant: dt.datetime, zone: str) -> dt.date:
    """The calendar date in `zone` of one instant, naive UTC: by the same clock as the columns."""
    day = pl.select(local_date(pl.lit(instant), zone)).item()
    assert isinstance(day, dt.date)  # noqa: S101 - tells the type checker what the expression yields
    return day


def local_hour(instant: pl.Expr, zone: str) -> pl.Expr:
    """The hour of the clock in `zone` at a UTC instant, 0 to 23."""
    return _local(instant, zone).dt.hour()


def _local(instant: pl.Expr, zone: str) -> pl.Expr:
    if zone == "UTC":
        return instant
    return instant.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)


def day_ends(days: pl.Series, zone: str) -> pl.DataFrame:
    """The last microsecond of each local date: columns `day`, `ends_at` (naive UTC), one row a distinct date.

    Midnight may not exist (clocks go forward at 00:00) or exist twice: of the two candidates, by the offset a day
    before and the one a day after, the latest that still falls on the date is its end.
    """
    frame = days.unique().sort().to_frame("day").with_columns(midnight=pl.col("day").cast(NAIVE) + pl.duration(days=1))
    if zone == "UTC":
        return frame.select("day", ends_at=pl.col("midnight") - TICK)
    for name, hours in (("before", -30), ("after", 30)):
        probe = pl.col("midnight") + pl.duration(hours=hours)
        frame = frame.with_columns((pl.col("midnight") - (_local(probe, zone) - probe) - TICK).alias(name))
    fits = [pl.when(local_date(pl.col(c), zone) == pl.col("day")).then(pl.col(c)) for c in ("before", "after")]
    return frame.select("day", ends_at=pl.max_horizontal(fits))


def skipped_dates(first: dt.date, last: dt.date, zone: str) -> pl.Series:
    """The dates in [first, last] that never happened in `zone` (Samoa had no 30 December 2011)."""
    empty = pl.Series("day", [], dtype=pl.Date)
    first, last = max(first, dt.date(1840, 1, 1)), min(last, dt.date(2100, 1, 1))  # no zone skips outside these
    if zone == "UTC" or first > last:
        return empty
    begin = dt.datetime.combine(first, dt.time()) - dt.timedelta(days=2)
    end = dt.datetime.combine(last, dt.time()) + dt.timedelta(days=2)
    hours = pl.datetime_range(begin, end, "1h", time_unit="us", eager=True).to_frame("at")
    happened = hours.select(local_date(pl.col("at"), zone).unique().alias("day"))
    calendar = pl.date_range(first, last, eager=True).alias("day").to_frame()
    return calendar.join(happened, on="day", how="anti").sort("day")["day"]


def window_start(day: pl.Expr, window: str) -> pl.Expr:
    """The first date of the calendar `window` (day, week from Monday, month) that holds `day`."""
    return {"day": day, "week": day.dt.truncate("1w"), "month": day.dt.truncate("1mo")}[window]


def window_end(start: pl.Expr, window: str) -> pl.Expr:
    """The last date, inclusive, of the calendar `window` that begins on `start`."""
    length = {"day": "1d", "week": "1w", "month": "1mo"}[window]
    return start.dt.offset_by(length) - pl.duration(days=1)


def window_before(start: pl.Expr, window: str, skipped: pl.Series) -> pl.Expr:
    """The first date of the calendar `window` directly before the one that begins on `start`.

    `skipped`: dates that the zone never had; the day before 31 December 2011 in Samoa is the 29th.
    """
    before = start.dt.offset_by({"day": "-1d", "week": "-1w", "month": "-1mo"}[window])
    if window != "day" or skipped.is_empty():
        return before
    return pl.when(before.is_in(skipped.implode())).then(before.dt.offset_by("-1d")).otherwise(before)


def bounds(window: WindowRule, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """First and last instant (naive UTC microseconds, both inclusive) of a named window."""
    tick = dt.timedelta(microseconds=1)
    if isinstance(window.start, dt.datetime) and isinstance(window.end, dt.datetime):
        return _utc(window.start), _utc(window.end) - tick
    return end_of(window.start - dt.timedelta(days=1), zone) + tick, end_of(window.end, zone)


def end_of(day: dt.date, zone: str) -> dt.datetime:
    """The last instant before the date after `day` begins for good, naive UTC."""
    ends_at = day_ends(pl.Series("day", [day], dtype=pl.Date), zone)["ends_at"][0]
    if ends_at is None:  # the zone skipped this date: it ends where the date before it did
        return end_of(day - dt.timedelta(days=1), zone)
    assert isinstance(ends_at, dt.datetime)  # noqa: S101 - tells the type checker what the column holds
    return ends_at


def last_dates(window: WindowRule, zone: str) -> tuple[dt.date, dt.date]:
    """First and last local date of a named window, both inclusive."""
    first, last = (at.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)) for at in bounds(window, zone))
    return first.date(), last.date()


def _utc(instant: dt.datetime) -> dt.datetime:
    return instant.astimezone(dt.UTC).replace(tzinfo=None)
