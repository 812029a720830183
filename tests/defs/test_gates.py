"""The gates of statistics in the job: told as checks, and nothing is withheld."""

import dataclasses
import io
from collections.abc import Callable

import dagster as dg
import pytest

from pipelines.defs.gates import SPECS
from pipelines.defs.verdicts import gate_verdict
from pipelines.insight.gates import Gate
from pipelines.insight.guards import GUARDS
from pipelines.insight.tables import INSIGHT_TABLES
from pipelines.reports.gate_checks import failed_gates
from pipelines.reports.run_view import show_run
from pipelines.reports.terminal import screen
from pipelines.settings import Settings
from pipelines.store.published import Generation


def test_a_failed_gate_is_an_error_an_undecided_one_a_warning_and_the_season_is_published_all_the_same(
    home: Settings, play: Callable[..., dg.ExecuteInProcessResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts = ("passed", "inconclusive", "failed")
    asked = tuple(
        dataclasses.replace(guard, gate=lambda _, verdict=verdict: Gate("g", verdict, f"It {verdict}.", {"n": 3}))
        for guard, verdict in zip(GUARDS, verdicts, strict=True)
    )
    for where in ("pipelines.defs.verdicts.GUARDS", "pipelines.reports.gate_checks.GUARDS"):
        monkeypatch.setattr(where, asked)
    result = play()
    told = {v.asset_key.to_user_string(): v for v in result.get_asset_check_evaluations() if v.check_name != "contract"}
    assert result.success
    assert [
        (v.check_name, v.passed, v.severity.value, v.description)
        for v in (told[guard.table] for guard in GUARDS)
    ] == [
        ("advice_beats_simple_rules", True, "WARN", "It passed."),
        ("chances_come_true", False, "WARN", "It inconclusive."),
        ("forecasts_hold", False, "ERROR", "It failed."),
    ]  # fmt: skip
    assert {name: value.value for name, value in told["forecast_backtest"].metadata.items()} == {
        "verdict": "failed", "n": 3,
    }  # fmt: skip
    generation = Generation.open(home.home)
    assert [gate.sentence for gate in failed_gates(generation)] == ["It failed."]
    output = io.StringIO()
    show_run([], generation, screen(output, 100, fancy=False))
    assert output.getvalue().splitlines()[-1] == "Not to be trusted on this log (g): It failed."


def test_a_log_without_anything_to_judge_warns_nobody() -> None:
    for guard in GUARDS:
        gate = guard.gate(INSIGHT_TABLES[guard.table].empty())
        assert gate.verdict == "inconclusive"
        assert gate_verdict(guard, gate).passed
        few = dataclasses.replace(gate, figures={"n": 3})
        assert not gate_verdict(guard, few).passed


def test_no_gate_stops_a_publication() -> None:
    assert [(spec.name, spec.blocking) for spec in SPECS] == [(guard.name, False) for guard in GUARDS]
