"""Time as it may leave the house: ISO weeks and months, never an instant. Not here: the game's windows (windows.py)."""

import datetime as dt

import polars as pl

from pipelines.game.windows import end_of, local_date, local_day


def week_of(day: dt.date) -> str:
    """The ISO week of a date: `2026-W47`."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def last_closed_day(as_of: dt.datetime, zone: str) -> dt.date:
    """The last Sunday in `zone` that is over at `as_of` (naive UTC)."""
    today = local_day(as_of, zone)
    sunday = today - dt.timedelta(days=today.isoweekday() % 7)
    return sunday if end_of(sunday, zone) <= as_of else sunday - dt.timedelta(days=7)


def week_text(day: pl.Expr) -> pl.Expr:
    """The ISO week of dates."""
    return day.dt.strftime("%G-W%V")


def month_text(day: pl.Expr) -> pl.Expr:
    """The month of dates: `2026-10`."""
    return day.dt.strftime("%Y-%m")


def week_at(instant: pl.Expr, zone: str) -> pl.Expr:
    """The ISO week in `zone` on which UTC instants fall, with or without a zone of their own."""
    return week_text(local_date(instant.dt.replace_time_zone(None), zone))
