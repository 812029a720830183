"""All gates of insight: which there are, what each asks, and of which table it is read.

Here: the list. Not here: a gate's verdict, which stands with its table; what follows from it, which is that readers are
told and nothing is withheld.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipelines.insight.backtests.recommender import recommender_gate
from pipelines.insight.backtests.scores import calibration_gate
from pipelines.insight.forecasts.backtest import forecast_gate
from pipelines.insight.gates import Gate


@dataclass(frozen=True)
class Guard:
    """A gate to be asked: `gate` of the published table."""

    name: str
    table: str
    asks: str
    gate: Callable[[pl.DataFrame], Gate]


GUARDS = (
    Guard(
        "advice_beats_simple_rules",
        "recommender_backtest",
        "On calls past, advice is worth more than the best rule that needs no model.",
        recommender_gate,
    ),
    Guard(
        "chances_come_true",
        "recommender_scores",
        "Predicted chances of success come true, and are better than raw rates.",
        calibration_gate,
    ),
    Guard(
        "forecasts_hold",
        "forecast_backtest",
        "What was forecast of levels came within its range as often as was said.",
        forecast_gate,
    ),
)
