"""Whether forecasts of levels keep what they promise: each made anew on days past, with what was known by then.

Forecasts of the last half year, one a week, are held against what came. Here: the published table
`forecast_backtest`, and the gate over it. Not here: the forecasts (yardsticks.py, levels.py).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.game.contract import NUMBER, TEXT, WHOLE, Column, Table
from pipelines.insight.clusters import Estimate, mean, median
from pipelines.insight.forecasts.conformal import HIGH, LOW, Floats, Wholes
from pipelines.insight.forecasts.past import HORIZON_DAYS, NEVER, WEEK, YARDSTICK_WEEKS, Past
from pipelines.insight.forecasts.yardsticks import OWN_GROUPS, Forecasts, Predicted, Yardstick
from pipelines.insight.gates import FAILED, INCONCLUSIVE, PASSED, Gate

ALL = "all"
MEASURES = (
    "coverage_80",
    "within_14_said",
    "within_14_came",
    "pinball",
    "pinball_last_14_days",
    "pinball_own_mean",
    "pinball_gain",
    "days_off",
    "days_off_last_14_days",
    "days_off_own_mean",
    "abs_log_error",
)
COVERAGE = (0.72, 0.92)  # of a nominal .80, what may be measured
LEAST_N, LEAST_USERS = 50, 5  # forecasts, and users they are of, for a verdict
_FORTNIGHT = 14
_SHARES = frozenset({"coverage_80", "within_14_said", "within_14_came"})

FORECAST_BACKTEST = Table(
    name="forecast_backtest",
    grain="One row per kind of forecast and measure, of forecasts made for days past",
    columns=(
        Column("calibration_group", TEXT, "of whom and how far ahead it was predicted", words=(*OWN_GROUPS, ALL)),
        Column(
            "measure",
            TEXT,
            "`coverage_80`: share within their range of 80 %; `within_14_said` and `_came`: mean chance of 14 days, "
            "and share that took no more; `pinball`: mean loss of the 10th, 50th and 90th percentile in days, beside "
            "it that of the pace of the last 14 days and of the mean since the start, and the gain over the former; "
            "`days_off`: mean days between what was said as the middle and what came; `abs_log_error`: median of "
            "|log(came / said)|",
            words=MEASURES,
        ),
        Column("value", NUMBER, "the measure"),
        Column("lo90", NUMBER, "lower end of its 90 % interval; null with fewer than two users", nullable=True),
        Column("hi90", NUMBER, "upper end of its 90 % interval; null with fewer than two users", nullable=True),
        Column("n", WHOLE, "forecasts judged", low=1),
        Column("n_users", WHOLE, "users they are of, which is what the interval counts", low=1),
    ),
    sort_by=("calibration_group", "measure"),
)


def forecast_backtest(past: Past | None) -> pl.DataFrame:
    """Forecasts made for days past against what came: FORECAST_BACKTEST. None: nobody has any XP.

    Days that are not over yet count as ending today, for what was said and for what came alike, which keeps the
    order of any two forecasts by their loss. Whether a range held is asked only of those whose range has ended.
    """
    judged = None if past is None else _judged(past)
    if judged is None:
        return FORECAST_BACKTEST.empty()
    rows = [
        {"calibration_group": group, "measure": measure} | _numbers(estimate, measure)
        for group, which in _by_group(judged)
        for measure, estimate in _estimates(judged.keep(which))
    ]
    return FORECAST_BACKTEST.shape(pl.DataFrame(rows).sort(FORECAST_BACKTEST.sort_by))


def forecast_gate(backtest: pl.DataFrame) -> Gate:
    """Whether ranges hold as often as they say, and are nearer than the pace of the last 14 days."""
    rows = backtest.filter(pl.col("calibration_group") == ALL)
    found = {row["measure"]: row for row in rows.iter_rows(named=True)}
    cover, gain = found.get("coverage_80"), found.get("pinball_gain")
    if cover is None or gain is None:
        return Gate("forecast", INCONCLUSIVE, "No forecast of a level has come due yet.", {"n": 0})
    figures = {"n": cover["n"], "coverage_80": cover["value"], "pinball_gain": gain["value"]}
    figures |= {name: found[name]["value"] for name in ("pinball", "pinball_last_14_days", "pinball_own_mean")}
    told = (
        f"Of {_many(cover['n'], 'forecast')} of {_many(cover['n_users'], 'user')} {_percent(cover['value'])} % came "
        f"within their range of 80 %{_interval(cover, _percent, ' %')}; the loss of {_many(gain['n'], 'forecast')}, "
        f"with those whose range has not ended, is {figures['pinball']:.2f} days, that of the pace of the last "
        f"14 days {figures['pinball_last_14_days']:.2f}: {gain['value']:.2f} more{_interval(gain, '{:.2f}'.format)}."
    )
    if cover["n"] < LEAST_N or cover["n_users"] < LEAST_USERS or cover["lo90"] is None or gain["lo90"] is None:
        few = f" Too few for a verdict, which takes {LEAST_N} forecasts of {LEAST_USERS} users."
        return Gate("forecast", INCONCLUSIVE, told + few, figures)
    if cover["hi90"] < COVERAGE[0] or cover["lo90"] > COVERAGE[1] or gain["hi90"] < 0:
        return Gate("forecast", FAILED, told, figures)
    is_shown = COVERAGE[0] <= cover["value"] <= COVERAGE[1] and gain["lo90"] > 0
    return Gate("forecast", PASSED if is_shown else INCONCLUSIVE, told, figures)


@dataclass(frozen=True)
class _Judged:
    """Forecasts made for days past, one an element: their kind, whose, what was said, what came, up to `seen` days."""

    group: Wholes
    user: Wholes
    seen: Wholes
    waited: Floats  # infinite where it did not come within the horizon
    low: Floats
    middle: Floats
    high: Floats
    within_14: Floats
    last_14: Floats
    own_mean: Floats

    def keep(self, which: NDArray[np.bool_]) -> "_Judged":
        return _Judged(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


def _judged(past: Past) -> _Judged | None:
    """The forecasts of each week that is at least a fortnight old, by what was known then; None if there are none."""
    weeks = past.origins.weeks_ago
    predicted = Predicted.of(past.origins, past.origins.pace, past.is_user)
    parts = []
    for week in range(_FORTNIGHT // WEEK, YARDSTICK_WEEKS + 1):
        on = weeks == week
        if not on.any() or not (weeks > week).any():
            continue
        origins, then = past.origins.keep(on), Predicted(predicted.days[on], predicted.group[on])
        yardstick = Yardstick.known(past, predicted, week)
        said = Forecasts.of(then, yardstick)
        parts.append(
            _Judged(
                then.group,
                past.user[origins.subject],
                np.full(len(origins.subject), min(week * WEEK, HORIZON_DAYS)),
                np.where(origins.waited == NEVER, np.inf, origins.waited),
                said.low,
                said.middle,
                said.high,
                yardstick.within(said.group, then.days, _FORTNIGHT),
                Predicted.of(origins, origins.pace_14, past.is_user).days,
                Predicted.of(origins, origins.pace_own, past.is_user).days,
            ).keep(said.is_told)
        )
    if not any(len(part.group) for part in parts):
        return None
    return _Judged(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Judged.__dataclass_fields__))


def _by_group(judged: _Judged) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    for place, group in enumerate(OWN_GROUPS):
        if (which := judged.group == place).any():
            yield group, which
    yield ALL, np.ones(len(judged.group), dtype=np.bool_)


def _estimates(judged: _Judged) -> Iterator[tuple[str, Estimate]]:
    """Every measure of some forecasts."""
    user, seen = judged.user, judged.seen
    is_over = seen >= np.minimum(judged.high, HORIZON_DAYS)
    if is_over.any():
        held = (judged.low <= judged.waited) & (judged.waited <= judged.high)
        yield "coverage_80", mean(held[is_over].astype(np.float64), user[is_over])
    is_chance = ~np.isnan(judged.within_14)
    if is_chance.any():
        yield "within_14_said", mean(judged.within_14[is_chance], user[is_chance])
        yield "within_14_came", mean((judged.waited[is_chance] <= _FORTNIGHT).astype(np.float64), user[is_chance])
    came, low, middle, high, last_14, own_mean = (
        np.minimum(days, seen)
        for days in (judged.waited, judged.low, judged.middle, judged.high, judged.last_14, judged.own_mean)
    )
    loss = (_pinball(came, low, LOW) + _pinball(came, middle, 0.5) + _pinball(came, high, HIGH)) / 3
    of_last_14, of_own_mean = (np.abs(came - said) / 2 for said in (last_14, own_mean))  # the same day three times
    yield "pinball", mean(loss, user)
    yield "pinball_last_14_days", mean(of_last_14, user)
    yield "pinball_own_mean", mean(of_own_mean, user)
    yield "pinball_gain", mean(of_last_14 - loss, user)
    yield "days_off", mean(np.abs(came - middle), user)
    yield "days_off_last_14_days", mean(2 * of_last_14, user)
    yield "days_off_own_mean", mean(2 * of_own_mean, user)
    yield "abs_log_error", median(np.abs(np.log(came / middle)), user)


def _pinball(came: Floats, said: Floats, share: float) -> Floats:
    """The loss of a percentile (Koenker and Bassett, Econometrica 1978), in days."""
    return np.maximum(share * (came - said), (share - 1) * (came - said))


def _numbers(estimate: Estimate, measure: str) -> dict[str, object]:
    ends = [estimate.low, estimate.high]
    if measure in _SHARES:
        ends = [None if end is None else min(max(end, 0.0), 1.0) for end in ends]
    low, high = (None if end is None else round(end, 6) for end in ends)
    numbers = {"value": round(estimate.value, 6), "lo90": low, "hi90": high}
    return {**numbers, "n": estimate.n, "n_users": estimate.n_clusters}


def _many(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _percent(share: float) -> str:
    return f"{share * 100:.0f}"


def _interval(row: dict[str, float], spell: Callable[[float], str], unit: str = "") -> str:
    return "" if row["lo90"] is None else f" (90 %: {spell(row['lo90'])}{unit} to {spell(row['hi90'])}{unit})"
