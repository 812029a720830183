"""The code location: what is in it, that every asset is described, that bodies are thin, that Dagster accepts it."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg

from pipelines.defs import assets, checks, gates, leaving, showing
from pipelines.defs.location import definitions
from pipelines.settings import Settings

ROOT = Path(__file__).parents[2]


def test_these_are_all_assets(tmp_path: Path) -> None:
    keys = {key.to_user_string() for key in graph(tmp_path).get_all_asset_keys()}
    assert sorted(keys) == [
        "agent_calls",
        "agent_days",
        "agent_stats",
        "arena_bundle",
        "badge_progress",
        "badges",
        "changes",
        "data_quality",
        "event_sources",
        "exports",
        "forecast_backtest",
        "ingested_files",
        "insight",
        "landed_files",
        "leaderboards",
        "level_ups",
        "levels",
        "points_ledger",
        "published_generation",
        "quarantine",
        "recommender_backtest",
        "recommender_scores",
        "report_site",
        "row_types",
        "streaks",
        "submissions",
        "tasks",
        "team_stats",
        "usage_hours",
        "usage_mix",
        "user_agents",
        "user_stats",
        "xp_ledger",
    ]


def test_these_are_all_checks_and_all_that_guard_the_publication_block(tmp_path: Path) -> None:
    specs = [graph(tmp_path).get_check_spec(key) for key in graph(tmp_path).asset_check_keys]
    names = sorted(f"{spec.asset_key.to_user_string()}: {spec.name}" for spec in specs)
    assert names == [
        "agent_calls: contract",
        "agent_days: contract",
        "agent_days: day_xp_is_of_calls",
        "agent_days: days_are_ledger_sums",
        "agent_stats: agent_xp_is_of_calls",
        "agent_stats: attempts_are_counted",
        "agent_stats: contract",
        "agent_stats: stats_are_ledger_sums",
        "badge_progress: contract",
        "badges: contract",
        "changes: contract",
        "data_quality: contract",
        "event_sources: awards_have_sources",
        "event_sources: contract",
        "exports: written",
        "forecast_backtest: forecasts_hold",
        "ingested_files: contract",
        "ingested_files: lines_add_up",
        "insight: contract",
        "landed_files: readable",
        "leaderboards: boards_are_within_ledger",
        "leaderboards: boards_are_within_xp_ledger",
        "leaderboards: contract",
        "level_ups: contract",
        "level_ups: level_ups_lead_to_levels",
        "levels: contract",
        "levels: levels_are_ledger_sums",
        "levels: pairs_are_ledger_sums",
        "points_ledger: contract",
        "points_ledger: events_exist",
        "points_ledger: one_first_solver",
        "points_ledger: unique_entries",
        "quarantine: contract",
        "recommender_backtest: advice_beats_simple_rules",
        "recommender_scores: chances_come_true",
        "row_types: contract",
        "streaks: contract",
        "submissions: contract",
        "tasks: contract",
        "team_stats: contract",
        "team_stats: team_xp_is_ledger_sum",
        "usage_hours: contract",
        "usage_hours: hour_xp_is_of_calls",
        "usage_mix: contract",
        "usage_mix: mix_xp_is_of_calls",
        "user_agents: contract",
        "user_agents: pair_xp_is_of_calls",
        "user_stats: contract",
        "user_stats: user_xp_is_ledger_sum",
        "xp_ledger: achievements_are_paid",
        "xp_ledger: calls_earn_once",
        "xp_ledger: contract",
        "xp_ledger: unique_xp_entries",
        "xp_ledger: xp_events_exist",
    ]
    told_only = {"advice_beats_simple_rules", "chances_come_true", "forecasts_hold"}
    assert {spec.name for spec in specs if not spec.blocking} == {"readable", "written", *told_only}


def test_every_asset_has_a_description_an_owner_a_group_and_a_kind(tmp_path: Path) -> None:
    for key in graph(tmp_path).get_all_asset_keys():
        node = graph(tmp_path).get(key)
        assert node.description
        assert node.owners == ["team:podium"]
        groups = {
            "landing",
            "facts",
            "ledger",
            "standing",
            "usage",
            "accounts",
            "insight",
            "published",
            "shown",
            "arena",
        }
        assert node.group_name in groups
        assert node.kinds


def test_the_generation_is_published_after_every_table_and_every_table_after_the_landing(tmp_path: Path) -> None:
    shown = {dg.AssetKey(name) for name in ("report_site", "exports", "arena_bundle")}
    around = {dg.AssetKey("landed_files"), dg.AssetKey("published_generation")}
    tables = graph(tmp_path).get_all_asset_keys() - around - shown
    assert graph(tmp_path).get(dg.AssetKey("published_generation")).parent_keys == tables
    assert all(graph(tmp_path).get(table).parent_keys == {dg.AssetKey("landed_files")} for table in tables)
    assert all(graph(tmp_path).get(key).parent_keys == {dg.AssetKey("published_generation")} for key in shown)


def test_bodies_of_assets_and_checks_are_at_most_five_lines() -> None:
    for module in (assets, checks, gates, leaving, showing):
        for node in ast.parse(Path(module.__file__).read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                first = node.body[1] if ast.get_docstring(node) else node.body[0]
                assert node.body[-1].end_lineno - first.lineno < 5, node.name


def test_dagster_accepts_the_code_location(tmp_path: Path) -> None:
    command = [Path(sys.executable).with_name("dagster"), "definitions", "validate", "-m", "pipelines.definitions"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PODIUM_HOME": str(tmp_path), "DAGSTER_HOME": ""}
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "All code locations passed validation" in result.stdout + result.stderr


def test_loading_the_definitions_imports_neither_pandera_nor_plotly() -> None:
    program = "import sys, pipelines.definitions; print([m for m in ('pandera', 'plotly') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr


def graph(home: Path) -> object:
    return definitions(Settings(home)).resolve_asset_graph()
