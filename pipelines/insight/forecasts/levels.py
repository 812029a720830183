"""When the next level comes: as a range of days, with the chance of a week, two and thirty days, or not at all.

The days that a pace of XP predicts, times how far off such predictions were (ANALYTICS: split conformal on
log(actual / predicted), by how far ahead). Here: the published table `level_forecasts`. Not here: pace and past
(past.py), what measures a forecast (yardsticks.py), whether that works (backtest.py).
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.game.contract import NUMBER, TEXT, WHOLE, Column, Table
from pipelines.game.levels import SCOPES
from pipelines.insight.forecasts.conformal import Floats
from pipelines.insight.forecasts.past import LEAST_ACTIVE, RECENT_DAYS, Past
from pipelines.insight.forecasts.words import BEYOND, FORECAST, NO_FORECAST, STATUSES, sentence
from pipelines.insight.forecasts.yardsticks import GROUPS, LEAST_YARDSTICK, Forecasts, Predicted, Yardstick

WITHIN = (7, 14, 30)  # days
_BEYOND_60 = "; null: beyond 60, or beyond what past forecasts tell"

LEVEL_FORECASTS = Table(
    name="level_forecasts",
    grain="One row per user, and per user and agent, with a level",
    columns=(
        Column("scope", TEXT, "whether of the user, or of the user with one agent", words=SCOPES),
        Column("user_id", TEXT, "the user"),
        Column("agent_id", TEXT, "the agent; null in the scope `user`", nullable=True),
        Column("level", WHOLE, "the level now", low=1),
        Column("next_level", WHOLE, "the level after it; null at the last one", nullable=True, low=2),
        Column("xp", WHOLE, "XP now", low=0),
        Column("xp_to_next", WHOLE, "XP that the next level wants; null at the last one", nullable=True, low=1),
        Column("xp_per_day", NUMBER, "XP a day, where a day counts half as much 21 days later", low=0),
        Column("active_days_28", WHOLE, "of the last 28 days, those with XP", low=0, high=RECENT_DAYS),
        Column("days_p10", NUMBER, f"days from now, as one in ten takes at most{_BEYOND_60}", nullable=True, low=1),
        Column("days_p50", NUMBER, f"days from now, as half of all take at most{_BEYOND_60}", nullable=True, low=1),
        Column("days_p90", NUMBER, f"days from now, as nine in ten take at most{_BEYOND_60}", nullable=True, low=1),
        *(
            Column(f"p_{n}d", NUMBER, f"chance that it takes at most {n} days; null: unknown", True, (), 0, 1)
            for n in WITHIN
        ),
        Column("status", TEXT, "a forecast, more than 60 days as likely as not, or none", words=STATUSES),
        Column("calibration_group", TEXT, "the forecasts of the past it is measured by", nullable=True, words=GROUPS),
        Column("n_calibration", WHOLE, "how many those are", low=0),
        Column("sentence", TEXT, "the same in words"),
    ),
    sort_by=("scope", "user_id", "agent_id"),
)


def level_forecasts(past: Past | None) -> pl.DataFrame:
    """When users, and users with an agent, reach their next levels: LEVEL_FORECASTS. None: nobody has any XP."""
    if past is None:
        return LEVEL_FORECASTS.empty()
    now = past.now
    predicted = Predicted.of(now, now.pace, past.is_user)
    yardstick = Yardstick.known(past, Predicted.of(past.origins, past.origins.pace, past.is_user))
    said = Forecasts.of(predicted, yardstick)
    is_told = now.is_forecast & said.is_told
    status = np.select([is_told & said.is_beyond, is_told], [BEYOND, FORECAST], NO_FORECAST)
    group = np.where(is_told, said.group, -1).tolist()
    ends = {"days_p10": said.low, "days_p50": said.middle, "days_p90": said.high}
    chances = {f"p_{n}d": yardstick.within(said.group, predicted.days, n) for n in WITHIN}
    frame = past.subjects.with_columns(
        pl.Series("xp_per_day", np.round(now.pace, 2)),
        pl.Series("active_days_28", now.active),
        pl.Series("status", status.tolist(), dtype=pl.String),
        pl.Series("calibration_group", [GROUPS[at] if at >= 0 else None for at in group], dtype=pl.String),
        pl.Series("n_calibration", yardstick.curves.n[said.group]),  # of none that is large enough: of all
        *(_known(name, days, is_told, 2) for name, days in ends.items()),
        *(_known(name, chance, is_told, 6) for name, chance in chances.items()),
        next_level=pl.when(pl.col("xp_to_next").is_not_null()).then(pl.col("level") + 1),
    )
    frame = frame.with_columns(sentence=sentence(LEAST_ACTIVE, LEAST_YARDSTICK))
    return LEVEL_FORECASTS.shape(frame.sort(LEVEL_FORECASTS.sort_by))


def _known(name: str, numbers: Floats, is_told: NDArray[np.bool_], digits: int) -> pl.Series:
    """Numbers with null where nothing is told of them."""
    return pl.Series(name, np.round(np.where(is_told & np.isfinite(numbers), numbers, np.nan), digits)).fill_nan(None)
