"""What the checkup says of the gates of statistics."""

import dataclasses
from typing import Any

import polars as pl
import pytest

from pipelines.insight.gates import Gate
from pipelines.insight.guards import GUARDS
from pipelines.reports import gate_checks


class Season:
    """A season with every table, all of them empty."""

    def has(self, _: str) -> bool:
        return True

    def table(self, _: str) -> pl.LazyFrame:
        return pl.LazyFrame()

    def collect(self, rows: pl.LazyFrame) -> pl.DataFrame:
        return rows.collect()


@pytest.mark.parametrize(
    ("verdict", "mark", "told"),
    [
        ("passed", "ok", "Gate of advice, passed: So."),
        ("inconclusive", "ok", "Gate of advice, undecided yet: So."),
        ("failed", "attention", "Gate of advice, failed: So."),
    ],
)
def test_only_a_failed_gate_asks_for_attention_and_an_open_one_says_that_it_is_open(
    monkeypatch: pytest.MonkeyPatch, verdict: Any, mark: str, told: str
) -> None:
    guard = dataclasses.replace(GUARDS[0], gate=lambda _: Gate("advice", verdict, "So.", {}))
    monkeypatch.setattr(gate_checks, "GUARDS", (guard,))
    reading: Any = Season()
    (finding,) = gate_checks.gates(reading)
    assert (finding.mark, finding.sentence) == (mark, told)
