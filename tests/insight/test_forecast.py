"""When the next level comes: literal seasons in, ranges and sentences out."""

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipelines.game.levels import begins, level_of
from pipelines.game.rules import Rulebook
from pipelines.insight.evidence import Evidence
from pipelines.insight.forecasts.levels import LEVEL_FORECASTS, level_forecasts
from pipelines.insight.forecasts.past import NEVER, past_of
from tests.game.league import rules
from tests.insight.xp_world import LAST, evidence, season

RULES = rules()


def earned(*awards: tuple[str, int, int], agent_id: str | None = None) -> pl.DataFrame:
    """A ledger of awards: user, how many days ago, XP. Each at noon."""
    noon = dt.datetime.combine(LAST, dt.time(12), dt.UTC)
    rows = [
        {"user_id": user, "agent_id": agent_id, "xp": xp, "earned_at": noon - dt.timedelta(days=ago)}
        for user, ago, xp in awards
    ]
    schema = {"user_id": pl.String, "agent_id": pl.String, "xp": pl.Int64, "earned_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(rows, schema=schema)


def steady(user: str, days: int, xp: int) -> pl.DataFrame:
    return earned(*((user, ago, xp) for ago in range(days)))


def rows_of(*ledgers: pl.DataFrame, under: Rulebook = RULES) -> dict[str, dict[str, Any]]:
    frame = level_forecasts(past_of(evidence(under, pl.concat(ledgers))))
    assert LEVEL_FORECASTS.is_kept_by(frame)
    return {row["user_id"]: row for row in frame.filter(scope="user").iter_rows(named=True)}


def others(n: int = 12, days: int = 100) -> list[pl.DataFrame]:
    """Users who each earn the same every day: what their pace predicts is what comes."""
    return [steady(f"z{place}", days, 20 + 7 * place) for place in range(n)]


def test_without_xp_there_is_nothing_to_say() -> None:
    assert level_forecasts(past_of(evidence(RULES, earned()))).equals(LEVEL_FORECASTS.empty())


def test_who_earns_the_same_every_day_reaches_the_next_level_when_the_pace_says() -> None:
    """400 XP are level 3, which ends at 600: 200 more at 10 a day."""
    row = rows_of(steady("ann", 40, 10), *others())["ann"]
    assert (row["level"], row["next_level"], row["xp_to_next"], row["active_days_28"]) == (3, 4, 200, 28)
    assert row["xp_per_day"] == pytest.approx(10)
    assert row["calibration_group"] == "user, 7 to 21 days"
    assert row["days_p10"] <= 20.5 <= row["days_p90"] + 1
    assert row["days_p90"] - row["days_p10"] < 2.5
    assert (row["p_14d"], row["p_30d"]) == (pytest.approx(0, abs=0.1), pytest.approx(1, abs=0.1))
    assert row["sentence"].startswith("Level 4 in about 21 days (80 %: 20 to 23). ")
    assert row["sentence"].endswith(f"{row['n_calibration']} forecasts of this kind in the past were the yardstick.")


def test_one_active_day_in_28_is_no_pace() -> None:
    row = rows_of(earned(("ann", 27, 500), ("ann", 28, 500), ("ann", 29, 500)), *others())["ann"]
    assert row["active_days_28"] == 1
    assert (row["status"], row["sentence"]) == ("no_forecast", "No forecast: 1 active day in 28.")
    assert (row["days_p50"], row["p_30d"], row["calibration_group"]) == (None, None, None)


def test_two_active_days_are_a_pace() -> None:
    assert rows_of(earned(("ann", 26, 500), ("ann", 27, 500)), *others())["ann"]["status"] == "forecast"


def test_a_first_week_has_nothing_to_measure_a_forecast_by() -> None:
    row = rows_of(steady("ann", 6, 10))["ann"]
    assert row["sentence"] == "No forecast: 0 earlier forecasts to measure it by, and it takes 30."


def test_who_crawls_is_told_more_than_60_days_and_no_date() -> None:
    crawling = [steady(f"y{place}", 120, 1 + place % 2) for place in range(40)]
    row = rows_of(earned(("ann", 5, 1), ("ann", 9, 1)), *crawling)["ann"]
    assert (row["status"], row["days_p50"], row["days_p90"]) == ("beyond_60_days", None, None)
    assert row["sentence"].startswith("Level 2 in more than 60 days (")


def test_at_the_highest_level_there_is_no_next_one() -> None:
    under = rules(levels={"table": [0, 50]})
    row = rows_of(steady("ann", 40, 10), under=under)["ann"]
    assert (row["level"], row["next_level"], row["xp_to_next"]) == (2, None, None)
    assert row["sentence"] == "No forecast: level 2 is the highest there is."


def test_a_day_is_one_of_the_rulebooks_zone() -> None:
    """16:00 and 17:00 UTC of two days, of which Tokyo sees one."""
    late = [dt.datetime(2026, 11, 13, 16, tzinfo=dt.UTC), dt.datetime(2026, 11, 14, 14, tzinfo=dt.UTC)]
    ledger = earned(("ann", 1, 5), ("ann", 2, 5)).with_columns(
        earned_at=pl.Series(late, dtype=pl.Datetime("us", "UTC"))
    )
    assert rows_of(ledger)["ann"]["active_days_28"] == 2
    assert rows_of(ledger, under=rules(timezone="Asia/Tokyo"))["ann"]["active_days_28"] == 1


def test_a_user_and_the_user_with_one_agent_are_told_apart() -> None:
    ledger = pl.concat([steady("ann", 20, 5), earned(*(("ann", ago, 30) for ago in range(20)), agent_id="helper")])
    frame = level_forecasts(past_of(evidence(RULES, ledger)))
    assert frame.select("scope", "agent_id", "xp", "xp_per_day").rows() == [
        ("user", None, 700, pytest.approx(35)),
        ("user_agent", "helper", 600, pytest.approx(30)),
    ]


def test_the_past_is_what_a_slow_reading_of_the_ledger_finds() -> None:
    held = season(RULES, 3, n_users=4, n_days=120, n_agents=2)
    past = past_of(held)
    assert past is not None
    ledger = held.tables["xp_ledger"].collect()
    origins, is_seen = past.origins, 0
    for at in range(0, len(origins.subject), 7):
        whose, ago = past.subjects.row(int(origins.subject[at]), named=True), int(origins.weeks_ago[at]) * 7
        expected = slowly(ledger, whose["user_id"], whose["agent_id"], ago)
        found = (origins.to_next[at], origins.active[at], origins.waited[at], origins.pace[at], origins.pace_14[at])
        assert found == pytest.approx(expected)
        is_seen += 1
    assert is_seen > 10


def slowly(ledger: pl.DataFrame, user_id: str, agent_id: str | None, ago: int) -> tuple[float, ...]:
    """XP to the next level, active days of 28, days waited, pace and pace of 14 days, of a day some days ago."""
    own = ledger.filter(pl.col("user_id") == user_id)
    own = own if agent_id is None else own.filter(pl.col("agent_id") == agent_id)
    end = LAST - dt.timedelta(days=ago)
    by_day: dict[int, int] = {}
    for xp, on in own.select("xp", pl.col("earned_at").dt.date()).rows():
        by_day[(on - end).days] = by_day.get((on - end).days, 0) + xp
    xp = sum(gain for day, gain in by_day.items() if day <= 0)
    level = pl.select(begins(level_of(pl.lit(xp), RULES.levels) + 1, RULES.levels)).item()
    waits = (
        day for day in range(1, min(ago, 60) + 1) if sum(by_day.get(n, 0) for n in range(1, day + 1)) >= level - xp
    )
    age = 1 - min(by_day)
    weights = [0.5 ** (n / 21) for n in range(age)]
    pace = sum(weight * by_day.get(-n, 0) for n, weight in enumerate(weights)) / sum(weights)
    active = sum(by_day.get(-n, 0) > 0 for n in range(28))
    return level - xp, active, next(waits, NEVER), pace, sum(by_day.get(-n, 0) for n in range(14)) / min(age, 14)


def test_neither_the_order_of_rows_nor_the_names_matter() -> None:
    held = season(RULES, 5, n_users=12, n_days=100, n_agents=2)
    ledger = held.tables["xp_ledger"].collect()
    before = level_forecasts(past_of(held))
    assert level_forecasts(past_of(evidence(RULES, ledger.sample(fraction=1, shuffle=True, seed=1)))).equals(before)
    named = ledger.with_columns(user_id=pl.format("u{}", 99 - pl.col("user_id").str.slice(1).cast(pl.Int64)))
    numbers = [name for name, dtype in LEVEL_FORECASTS.schema.items() if dtype.is_numeric()]
    after = level_forecasts(past_of(evidence(RULES, named)))
    assert after.select(numbers).sort(numbers).equals(before.select(numbers).sort(numbers))


def test_xp_of_before_the_days_looked_at_counts_for_the_level_and_not_for_the_pace() -> None:
    row = rows_of(earned(("ann", 5000, 1000)), steady("ann", 40, 10), *others())["ann"]
    assert (row["xp"], row["level"], row["xp_to_next"]) == (1400, 5, 100)
    assert row["xp_per_day"] == pytest.approx(10 * (1 - 0.5 ** (40 / 21)), abs=0.01)


def test_a_table_of_everybody_holds_everybody() -> None:
    held: Evidence = season(RULES, 2, n_users=6, n_days=50, n_agents=2)
    frame = level_forecasts(past_of(held))
    assert frame.height == held.tables["levels"].collect().height
    assert np.isin(frame["status"].to_numpy(), ["forecast", "beyond_60_days", "no_forecast"]).all()
