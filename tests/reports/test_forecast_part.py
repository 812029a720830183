"""What a profile says of the next level, and of how such forecasts held."""

import polars as pl
import pytest

from pipelines.insight.forecasts.backtest import FORECAST_BACKTEST
from pipelines.insight.forecasts.levels import LEVEL_FORECASTS
from pipelines.reports.forecast_part import forecast

OWN = pl.col("user_id") == "ann"


class Season:
    """The two tables, as a season has them."""

    def __init__(self, status: str, *held: tuple[str, float, float | None, float | None, int]) -> None:
        row = dict.fromkeys(LEVEL_FORECASTS.schema) | {"scope": "user", "user_id": "ann", "status": status}
        backtest = [("all", *numbers, 12) for numbers in held]
        self.tables = {
            "level_forecasts": pl.DataFrame([row], schema=LEVEL_FORECASTS.schema),
            "forecast_backtest": pl.DataFrame(backtest, schema=FORECAST_BACKTEST.schema, orient="row"),
        }

    def has(self, name: str) -> bool:
        return name in self.tables

    def table(self, name: str) -> pl.LazyFrame:
        return self.tables[name].lazy()

    def collect(self, frame: pl.LazyFrame) -> pl.DataFrame:
        return frame.collect()


CAME = (("within_14_said", 0.5, 0.45, 0.55, 200), ("within_14_came", 0.52, 0.4, 0.64, 200))


@pytest.mark.parametrize(
    ("held", "says"),
    [
        (
            (("coverage_80", 0.84, 0.8, 0.88, 1234), *CAME),
            "Of 1,234 past forecasts of 12 users 84.0 % came within their range of 80 % (90 %: 80.0 % to 88.0 %).",
        ),
        (
            (("coverage_80", 0.84, 0.5, 1.0, 9), *CAME),
            (
                "Of 200 past forecasts of 12 users 50.0 % were expected within 14 days, and 52.0 % came "
                "(90 %: 40.0 % to 64.0 %); how often such ranges hold is not known yet."
            ),
        ),
        ((("coverage_80", 1.0, None, None, 60),), "How often such ranges hold is not known yet."),
        ((), "How often such ranges hold is not known yet."),
    ],
)
def test_beside_a_forecast_stands_how_such_ones_held(held: tuple, says: str) -> None:
    found = forecast(Season("forecast", *held), OWN)
    assert found is not None
    assert found["measured"] == says


def test_where_there_is_no_forecast_nothing_is_said_of_others() -> None:
    found = forecast(Season("no_forecast", *CAME), OWN)
    assert found is not None
    assert found["measured"] is None


def test_who_has_no_level_has_no_forecast() -> None:
    assert forecast(Season("forecast"), pl.col("user_id") == "bob") is None
