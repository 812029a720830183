"""Forecasts of levels in words. Never a single date: a range of days, its chance, and what it was measured by.

Not here: the numbers (levels.py).
"""

import polars as pl

FORECAST, BEYOND, NO_FORECAST = "forecast", "beyond_60_days", "no_forecast"
STATUSES = (FORECAST, BEYOND, NO_FORECAST)
_LOW, _MIDDLE, _HIGH = pl.col("days_p10"), pl.col("days_p50"), pl.col("days_p90")


def sentence(least_active: int, least_yardstick: int) -> pl.Expr:
    """A row of `level_forecasts` in words."""
    status = pl.col("status")
    return (
        pl.when(status == FORECAST)
        .then(pl.format("Level {} in about {} ({}{}).{}", _LEVEL, _days(_ABOUT), _range(), _chance(), _measured()))
        .when(status == BEYOND)
        .then(pl.format("Level {} in more than 60 days ({}{}).{}", _LEVEL, _range(), _chance(), _measured()))
        .otherwise(pl.format("No forecast: {}.", _why_not(least_active, least_yardstick)))
    )


_LEVEL = pl.col("next_level")
_ABOUT = _MIDDLE.round().cast(pl.Int64)


def _days(n: pl.Expr) -> pl.Expr:
    return pl.when(n == 1).then(pl.lit("1 day")).otherwise(pl.format("{} days", n))


def _range() -> pl.Expr:
    low, high = _LOW.floor().cast(pl.Int64), _HIGH.ceil().cast(pl.Int64)
    return (
        pl.when(_LOW.is_null())
        .then(pl.lit("in nine of ten cases or more"))
        .when(_HIGH.is_null())
        .then(pl.format("80 %: {} or more", low))
        .when(low == high)
        .then(pl.format("80 %: {}", low))
        .otherwise(pl.format("80 %: {} to {}", low, high))
    )


def _chance() -> pl.Expr:
    """The chance of 14 days, else of 30 or 7: of the first that is neither small nor nearly sure."""
    told = pl.lit("")
    for n in (7, 30, 14):
        chance = pl.col(f"p_{n}d")
        says = pl.format("; {} % within {}", (chance * 100).round().cast(pl.Int64), pl.lit(str(n)))
        told = pl.when(chance.is_between(0.05, 0.9)).then(says).otherwise(told)
    return told


def _measured() -> pl.Expr:
    reversed_digits = pl.col("n_calibration").cast(pl.String).str.reverse()
    n = reversed_digits.str.replace_all(r"(\d{3})", "$1,").str.strip_chars_end(",").str.reverse()
    return pl.format(" {} forecasts of this kind in the past were the yardstick.", n)


def _why_not(least_active: int, least_yardstick: int) -> pl.Expr:
    active, n = pl.col("active_days_28"), pl.col("n_calibration")
    days = pl.when(active == 1).then(pl.lit("1 active day")).otherwise(pl.format("{} active days", active))
    past = pl.when(n == 1).then(pl.lit("1 earlier forecast")).otherwise(pl.format("{} earlier forecasts", n))
    return (
        pl.when(_LEVEL.is_null())
        .then(pl.format("level {} is the highest there is", pl.col("level")))
        .when(active < least_active)
        .then(pl.format("{} in 28", days))
        .when(n < least_yardstick)
        .then(pl.format("{} to measure it by, and it takes {}", past, pl.lit(str(least_yardstick))))
        .otherwise(pl.lit("the season is too short to tell so far ahead"))
    )
