"""Whether forecasts of levels keep what they promise, on seasons whose making is known."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from pipelines.insight.forecasts.backtest import FORECAST_BACKTEST, forecast_backtest, forecast_gate
from pipelines.insight.forecasts.past import Past, past_of
from pipelines.insight.forecasts.yardsticks import Predicted, Yardstick
from tests.game.league import rules
from tests.insight.xp_world import LAST, evidence, season

RULES = rules()


@pytest.fixture(scope="module")
def backtests() -> pl.DataFrame:
    """Twelve seasons of bursts, weekends and growth."""
    return pl.concat(forecast_backtest(past_of(season(RULES, seed))).with_columns(seed=seed) for seed in range(12))


def mean_of(backtests: pl.DataFrame, measure: str, group: str = "all") -> float:
    value = backtests.filter(pl.col("calibration_group") == group, pl.col("measure") == measure)["value"].mean()
    assert isinstance(value, float)
    return value


def test_ranges_of_80_per_cent_hold_between_72_and_92_times_in_100(backtests: pl.DataFrame) -> None:
    assert 0.72 <= mean_of(backtests, "coverage_80") <= 0.92


@pytest.mark.parametrize("scope", ["user", "user_agent"])
@pytest.mark.parametrize("horizon", ["under 7 days", "7 to 21 days", "over 21 days"])
def test_they_hold_for_each_kind_of_forecast(backtests: pl.DataFrame, scope: str, horizon: str) -> None:
    assert 0.72 <= mean_of(backtests, "coverage_80", f"{scope}, {horizon}") <= 0.92


def test_they_are_nearer_than_the_pace_of_the_last_14_days_and_than_the_own_mean(backtests: pl.DataFrame) -> None:
    ours = mean_of(backtests, "pinball")
    assert ours < 0.6 * mean_of(backtests, "pinball_last_14_days")
    assert ours < 0.8 * mean_of(backtests, "pinball_own_mean")
    assert mean_of(backtests, "days_off") < 0.9 * mean_of(backtests, "days_off_last_14_days")


def test_of_what_is_said_to_come_within_14_days_as_much_comes(backtests: pl.DataFrame) -> None:
    assert mean_of(backtests, "within_14_said") == pytest.approx(mean_of(backtests, "within_14_came"), abs=0.03)


def test_the_gate_is_passed_on_them(backtests: pl.DataFrame) -> None:
    gates = [forecast_gate(one) for _, one in backtests.group_by("seed", maintain_order=True)]
    assert {gate.verdict for gate in gates} == {"passed"}


def test_what_came_later_is_not_known_earlier() -> None:
    """The yardstick of five weeks ago is that of a season that ends five weeks ago."""
    held = season(RULES, 7, n_users=10, n_days=150, n_agents=2)
    then = LAST - dt.timedelta(weeks=5)
    earlier = held.tables["xp_ledger"].filter(pl.col("earned_at").dt.date() <= then).collect()
    now, before = past_of(held), past_of(evidence(RULES, earlier, then))
    assert now is not None
    assert before is not None
    told, expected = Yardstick.known(now, _predicted(now), 5), Yardstick.known(before, _predicted(before))
    assert expected.curves.n[-1] > 100
    assert np.array_equal(told.curves.n, expected.curves.n)
    assert np.allclose(told.curves.share, expected.curves.share)


def _predicted(past: Past) -> Predicted:
    return Predicted.of(past.origins, past.origins.pace, past.is_user)


def test_the_table_keeps_its_contract_and_counts_users() -> None:
    frame = forecast_backtest(past_of(season(RULES, 1, n_users=8, n_days=120, n_agents=2)))
    assert FORECAST_BACKTEST.is_kept_by(frame)
    assert frame["n_users"].max() == 8
    shares = frame.filter(pl.col("measure") == "coverage_80")
    assert shares.select((pl.col("lo90") >= 0).all() & (pl.col("hi90") <= 1).all()).item()


@pytest.mark.parametrize("n_days", [1, 20])
def test_a_short_season_has_no_forecast_that_came_due(n_days: int) -> None:
    frame = forecast_backtest(past_of(season(RULES, 1, n_users=3, n_days=n_days, n_agents=2)))
    assert frame.equals(FORECAST_BACKTEST.empty())
    gate = forecast_gate(frame)
    assert (gate.verdict, gate.sentence) == ("inconclusive", "No forecast of a level has come due yet.")


def judged(coverage: tuple[float, float, float], gain: tuple[float, float, float], n: int = 500) -> pl.DataFrame:
    """A backtest with these values and intervals."""
    rows = {"coverage_80": coverage, "pinball_gain": gain}
    rows |= dict.fromkeys(("pinball", "pinball_last_14_days", "pinball_own_mean"), (1.0, 0.9, 1.1))
    frame = pl.DataFrame(
        [[name, *numbers] for name, numbers in rows.items()], ["measure", "value", "lo90", "hi90"], orient="row"
    )
    return FORECAST_BACKTEST.shape(frame.with_columns(calibration_group=pl.lit("all"), n=n, n_users=40))


def test_the_gate_fails_what_is_shown_to_be_worse_and_waits_where_nothing_is_shown() -> None:
    good, better = (0.80, 0.75, 0.85), (1.0, 0.5, 1.5)
    verdicts = {
        "good": forecast_gate(judged(good, better)).verdict,
        "too narrow": forecast_gate(judged((0.60, 0.55, 0.65), better)).verdict,
        "too wide": forecast_gate(judged((0.97, 0.95, 0.99), better)).verdict,
        "perhaps too narrow": forecast_gate(judged((0.70, 0.65, 0.75), better)).verdict,
        "worse": forecast_gate(judged(good, (-1.0, -1.5, -0.5))).verdict,
        "perhaps better": forecast_gate(judged(good, (0.2, -0.3, 0.7))).verdict,
        "too few": forecast_gate(judged(good, better, n=49)).verdict,
    }
    assert verdicts == {
        "good": "passed",
        "too narrow": "failed",
        "too wide": "failed",
        "perhaps too narrow": "inconclusive",
        "worse": "failed",
        "perhaps better": "inconclusive",
        "too few": "inconclusive",
    }


def test_the_gate_says_what_was_measured_beside_what_was_promised() -> None:
    sentence = forecast_gate(judged((0.8, 0.75, 0.85), (1.0, 0.5, 1.5))).sentence
    assert "Of 500 forecasts of 40 users 80 % came within their range of 80 % (90 %: 75 % to 85 %)" in sentence
