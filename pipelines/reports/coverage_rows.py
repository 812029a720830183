"""How often ranges held what came, as rows for one figure: those of chances, by kind of trials, and those of forecasts.

Not here: how it is measured (insight/backtests/scores.py, insight/forecasts/backtest.py), the figure
(figures/trust.py).
"""

from typing import Any

import polars as pl

from pipelines.insight.forecasts.backtest import ALL
from pipelines.insight.forecasts.yardsticks import OWN_GROUPS
from pipelines.reports.figures.trust import FORETOLD
from pipelines.reports.trial_words import TRIALS

GROUPS = (ALL, *OWN_GROUPS)  # of forecasts, in the order in which they are told
_NUMBERS = ("nominal", "measured", "lo90", "hi90")
_OF_SCORES = ("coverage_nominal", "coverage", "coverage_lo90", "coverage_hi90", "n_coverage")
_SCHEMA = {"name": pl.String, **dict.fromkeys(_NUMBERS, pl.Float64), "n": pl.Int64}


def coverage_rows(scores: pl.DataFrame, backtest: pl.DataFrame) -> pl.DataFrame:
    """What the figure `coverage` takes, of the tables `recommender_scores` and `forecast_backtest`.

    Chances come first, then all forecasts, then their groups; only those of which a share is told.
    """
    chances = [
        (f"success at {TRIALS[row['kind']].many}", *(row[name] for name in _OF_SCORES))
        for row in scores.filter(pl.col("coverage").is_not_null()).sort("kind").to_dicts()
    ]
    held = {row["calibration_group"]: row for row in backtest.filter(measure="coverage_80").to_dicts()}
    foretold = [
        (_short(group), FORETOLD, row["value"], row["lo90"], row["hi90"], row["n"])
        for group, row in ((group, held[group]) for group in GROUPS if group in held)
    ]
    rows = pl.DataFrame([*chances, *foretold], schema=_SCHEMA, orient="row")
    return pl.DataFrame([without_a_point(row) for row in rows.to_dicts()], schema=_SCHEMA)


def without_a_point(row: dict[str, Any]) -> dict[str, Any]:
    """A row without an interval of no width: it comes of cases that are all alike, of which a few always can be."""
    return row if row["lo90"] is None or row["lo90"] < row["hi90"] else row | {"lo90": None, "hi90": None}


def _short(group: str) -> str:
    """A name that has room beside a figure."""
    return "all forecasts" if group == ALL else group.replace("user_agent", "with agent")
