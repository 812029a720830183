"""The page on whether advice and predictions work: gates, what advice was worth, whether chances and ranges held.

Not here: the backtests (insight/backtests/recommender.py, insight/backtests/scores.py, insight/forecasts/backtest.py),
the gates (insight/guards.py), what is drawn (figures/policies.py, figures/trust.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.insight.backtests.predictions import BASE_RATE, OURS, RAW_RATE
from pipelines.insight.backtests.recommender import LEAST_EVIDENCE
from pipelines.insight.backtests.words import NAMES
from pipelines.insight.forecasts.backtest import ALL
from pipelines.insight.gates import FAILED, INCONCLUSIVE, PASSED, Gate
from pipelines.insight.guards import GUARDS, Guard
from pipelines.reports.coverage_rows import GROUPS, coverage_rows, without_a_point
from pipelines.reports.figures.policies import policy_values
from pipelines.reports.figures.trust import coverage, reliability
from pipelines.reports.gate_checks import SAID
from pipelines.reports.site.charts import Chart, shown
from pipelines.reports.site.held import Held, published_before
from pipelines.reports.site.rendering import Page, Renderer
from pipelines.reports.trial_words import TRIALS

ADVICE, BINS, SCORES, FORECASTS = (
    "recommender_backtest", "recommender_calibration", "recommender_scores", "forecast_backtest",
)  # fmt: skip
TABLES = (ADVICE, BINS, SCORES, FORECASTS)
MARKS = {PASSED: "ok", INCONCLUSIVE: "attention", FAILED: "broken"}
MODELS = {OURS: "our model", RAW_RATE: "each agent’s raw rate", BASE_RATE: "one rate for all"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A gate that was asked: what it asks, what it says, and how that is marked."""

    guard: Guard
    gate: Gate

    @property
    def mark(self) -> str:
        """The look of the verdict."""
        return MARKS[self.gate.verdict]

    @property
    def said(self) -> str:
        """The verdict in words."""
        return SAID[self.gate.verdict]


@dataclass(frozen=True)
class Predicted:
    """Predictions of one kind: scores of each model, ours first, and how ours met what came."""

    trials: str
    sentence: str
    scores: Sequence[Row]
    chart: Chart | None


def pages(made: Renderer) -> Iterator[Page]:
    """The one page, also where nothing was tested: then it says why."""
    held = made.held
    why = why_nothing(held)
    yield made.page(
        "trust.html.j2",
        "trust.html",
        why_nothing=why,
        asked=[] if why else asked(held),
        policies=[] if why else policies(held.frame(ADVICE)),
        policies_chart=None if why else _policies_chart(held.frame(ADVICE)),
        predicted=[] if why else predicted(held.frame(SCORES), held.frame(BINS)),
        coverage_chart=None if why else coverage_chart(held.frame(SCORES), held.frame(FORECASTS)),
        forecasts=[] if why else forecasts(held.frame(FORECASTS)),
        least_evidence=LEAST_EVIDENCE,
    )


def why_nothing(held: Held) -> str:
    """Why there is no test to show; empty if there is."""
    if not all(held.has(name) for name in TABLES):
        return published_before("tested neither advice nor forecasts")
    if not held.rules.insight.enabled:
        return "Nothing is advised and nothing forecast: the rulebook switches insight off."
    return ""


def asked(held: Held) -> list[Asked]:
    """All gates, with what they say of this season."""
    return [Asked(guard, guard.gate(held.frame(guard.table))) for guard in GUARDS]


def policies(backtest: pl.DataFrame) -> list[Row]:
    """Ways to choose an agent that could be judged, that of the highest value first, each with its `name`."""
    rows = backtest.filter(pl.col("value").is_not_null()).sort("value", "policy", descending=[True, False])
    return [
        row | {"name": NAMES[row["policy"]], "is_little": row["ess"] is not None and row["ess"] < LEAST_EVIDENCE}
        for row in rows.to_dicts()
    ]


def _policies_chart(backtest: pl.DataFrame) -> Chart | None:
    return shown(policy_values(backtest)) if policies(backtest) else None


def predicted(scores: pl.DataFrame, bins: pl.DataFrame) -> list[Predicted]:
    """Of each kind with trials how predictions met what came; where there are too few, why."""
    told = []
    for kind in scores["kind"].unique().sort():
        rows = {row["model"]: row for row in scores.filter(pl.col("kind") == kind).to_dicts()}
        has_figures = rows[OURS]["ece"] is not None
        ours = bins.filter((pl.col("kind") == kind) & (pl.col("model") == OURS))
        told.append(
            Predicted(
                TRIALS[kind].many,
                rows[OURS]["sentence"],
                [rows[model] | {"name": MODELS[model]} for model in MODELS if model in rows] if has_figures else [],
                shown(reliability(ours)) if ours.height else None,
            )
        )
    return told


def coverage_chart(scores: pl.DataFrame, backtest: pl.DataFrame) -> Chart | None:
    """How often intervals held what came, of chances and of forecasts; None where none have met what came."""
    rows = coverage_rows(scores, backtest)
    return shown(coverage(rows)) if rows.height else None


def forecasts(backtest: pl.DataFrame) -> list[Row]:
    """Groups of forecasts, all of them first: how often ranges held, and how far off they were beside a plain pace.

    `name`; `n`, `n_users`; rows of `forecast_backtest`, null where there is none: `coverage`, `said` and `came` (of 14
    days), `loss` and `gain` (in days).
    """
    parts = backtest.partition_by("calibration_group", as_dict=True)
    told = []
    for group in GROUPS:
        if (group,) in parts:
            found = {row["measure"]: without_a_point(row) for row in parts[group,].to_dicts()}
            loss = found["pinball"]
            told.append(
                {
                    "name": "all" if group == ALL else group.replace("user_agent", "user with one agent"),
                    "n": loss["n"],
                    "n_users": loss["n_users"],
                    "coverage": found.get("coverage_80"),
                    "said": found.get("within_14_said"),
                    "came": found.get("within_14_came"),
                    "loss": loss,
                    "gain": found["pinball_gain"],
                }
            )
    return told
