"""All tables of insight together: contracts, and what they may depend on."""

import dataclasses

import polars as pl
import pytest

import pipelines.insight.evidence
from pipelines.game.rulebook import parse_rulebook
from pipelines.insight.evidence import Evidence
from pipelines.insight.insights import insights
from pipelines.insight.tables import INSIGHT_TABLES
from pipelines.insight.worlds.play import play, play_submissions, tables_of
from pipelines.insight.worlds.world import WorldShape, world
from tests.insight.skill_season import RULES, START, calls, evidence, tries

TASK = {"task_id": "p1", "problem": "p", "difficulty": "medium", "task_type": "verify", "at": START}


def season(shape: WorldShape) -> Evidence:
    made = world(7, shape)
    return Evidence(tables_of(play(made), **play_submissions(made)), RULES, made.as_of)


SEASONS = {
    "nothing": evidence(),
    "three events": evidence(calls("ann", "+-"), tries("bob", "p1", "+"), [TASK]),
    "a season": season(WorldShape(n_agents=8, n_users=12, n_events=900, n_submissions=400, n_tasks=30)),
}


def made(held: Evidence) -> dict[str, pl.DataFrame]:
    return dict(insights(held))


@pytest.fixture(scope="module")
def told() -> dict[str, pl.DataFrame]:
    return made(SEASONS["a season"])


@pytest.mark.parametrize("name", SEASONS)
def test_every_table_is_made_once_and_keeps_its_contract_and_order(name: str) -> None:
    frames = list(insights(SEASONS[name]))
    assert sorted(table for table, _ in frames) == sorted(INSIGHT_TABLES)
    for table, frame in frames:
        assert INSIGHT_TABLES[table].is_kept_by(frame), table
        assert frame.equals(frame.sort(INSIGHT_TABLES[table].sort_by, maintain_order=True)), table


def test_a_season_fills_the_tables(told: dict[str, pl.DataFrame]) -> None:
    empty = {name for name, frame in told.items() if frame.is_empty()}
    assert empty <= {"anomaly_flags", "level_forecasts", "forecast_backtest"}  # honest agents, and nobody has XP


def test_the_order_in_which_rows_are_stored_changes_no_byte(told: dict[str, pl.DataFrame]) -> None:
    held = SEASONS["a season"]
    shuffled = {
        name: table.collect().sample(fraction=1, shuffle=True, seed=5).lazy() for name, table in held.tables.items()
    }
    other = made(dataclasses.replace(held, tables=shuffled))
    for name, frame in told.items():
        assert frame.equals(other[name]), name


def test_points_and_xp_never_enter_what_is_said_of_skill(told: dict[str, pl.DataFrame]) -> None:
    """Calls that claim a thousand times the points, and tasks worth more, leave every number of skill as it is."""
    held = SEASONS["a season"]
    richer = {
        **held.tables,
        "agent_calls": held.tables["agent_calls"].with_columns(base_points=pl.lit(10**6), bonus_points=pl.lit(10**6)),
        "tasks": held.tables["tasks"].with_columns(points=pl.lit(1000)),
    }
    other = made(dataclasses.replace(held, tables=richer))
    measured = ("agent_skill", "agent_skill_months", "leaderboard_rated", "work_difficulty", "task_difficulty",
                "agent_recommendations", "recommender_backtest", "recommender_calibration")  # fmt: skip
    for name in measured:
        assert told[name].equals(other[name]), name


def test_switched_off_all_tables_are_empty() -> None:
    content = RULES.model_dump(mode="json")
    content["board"], content["window"] = [], []
    content["insight"]["enabled"] = False
    rules = parse_rulebook(content, "a test")
    switched_off = made(dataclasses.replace(SEASONS["a season"], rules=rules))
    assert sorted(switched_off) == sorted(INSIGHT_TABLES)
    assert all(frame.is_empty() for frame in switched_off.values())


def test_another_seed_changes_draws_alone(told: dict[str, pl.DataFrame]) -> None:
    content = RULES.model_dump(mode="json")
    content["board"], content["window"] = [], []
    content["insight"]["seed"] += 1
    held = SEASONS["a season"]
    other = made(dataclasses.replace(held, rules=parse_rulebook(content, "a test")))
    for name in ("agent_skill", "task_difficulty", "task_recommendations", "agent_trends", "team_collaboration"):
        assert told[name].equals(other[name]), name


def test_a_season_that_is_too_large_to_be_held_in_memory_gives_the_same(
    told: dict[str, pl.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SEASONS["a season"].in_memory() is not None
    monkeypatch.setattr(pipelines.insight.evidence, "SMALL", 100)
    assert SEASONS["a season"].in_memory() is None
    again = made(SEASONS["a season"])
    assert all(frame.equals(again[name]) for name, frame in told.items())
