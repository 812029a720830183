"""When a user reaches the next level, as profiles tell it: the forecast, and how often such forecasts held.

Part of the pages of users, as plain data. Not here: the forecast (insight/forecasts/levels.py), how it looks.
"""

from typing import Any

import polars as pl

from pipelines.insight.forecasts.backtest import ALL, LEAST_N
from pipelines.insight.forecasts.words import NO_FORECAST
from pipelines.reports.quantities import counted, share
from pipelines.reports.reading import Reading


def forecast(reading: Reading, own: pl.Expr) -> dict[str, Any] | None:
    """The row of `level_forecasts` of a user, and in `measured` how forecasts held; None where there is none.

    `own`: whose. A season that was published before there were forecasts has none.
    """
    if not reading.has("level_forecasts"):
        return None
    rows = reading.collect(reading.table("level_forecasts").filter(own & (pl.col("scope") == "user")))
    if rows.is_empty():
        return None
    row = rows.drop("scope", "user_id", "agent_id").row(0, named=True)
    return {**row, "measured": None if row["status"] == NO_FORECAST else _measured(reading)}


def _measured(reading: Reading) -> str:
    """How often ranges of 80 % held, of those whose end has come; in a short season, what came within 14 days."""
    asked = pl.col("measure").is_in(["coverage_80", "within_14_said", "within_14_came"])
    rows = reading.collect(reading.table("forecast_backtest").filter((pl.col("calibration_group") == ALL) & asked))
    enough = rows.filter((pl.col("n") >= LEAST_N) & pl.col("hi90").is_not_null())
    found = {row["measure"]: row for row in enough.iter_rows(named=True)}
    if held := found.get("coverage_80"):
        return f"Of {_made(held)} {share(held['value'])} came within their range of 80 %{_interval(held)}."
    unknown = "how often such ranges hold is not known yet"
    if came := found.get("within_14_came"):
        said = share(found["within_14_said"]["value"])
        return (
            f"Of {_made(came)} {said} were expected within 14 days, and {share(came['value'])} came{_interval(came)}; "
            f"{unknown}."
        )
    return f"{unknown.capitalize()}."


def _made(row: dict[str, Any]) -> str:
    return f"{counted(row['n'], 'past forecast')} of {counted(row['n_users'], 'user')}"


def _interval(row: dict[str, Any]) -> str:
    return f" (90 %: {share(row['lo90'])} to {share(row['hi90'])})"
