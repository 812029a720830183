"""Whether predictions are judged rightly: tenths, scores, coverage, and the gate over them."""

from dataclasses import replace
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipelines.insight.backtests.calibration import RECOMMENDER_CALIBRATION, Bins, recommender_calibration
from pipelines.insight.backtests.later_shares import LaterShares, _held
from pipelines.insight.backtests.predictions import BASE_RATE, MODELS, OURS, RAW_RATE, Predictions
from pipelines.insight.backtests.rolling import Rolling
from pipelines.insight.backtests.scores import RECOMMENDER_SCORES, calibration_gate, recommender_scores
from pipelines.insight.evidence import CALL, SUBMISSION, Evidence
from pipelines.insight.skill.trials import Trials
from pipelines.insight.worlds.play import play, play_submissions, tables_of
from pipelines.insight.worlds.world import WorldShape, world
from tests.insight.advised_worlds import RULES, AdvisedWorld

SMALL = WorldShape(n_agents=8, n_users=12, n_categories=3, n_events=1_500, n_submissions=900, n_tasks=40)


def tables(evidence: Evidence) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables `recommender_calibration` and `recommender_scores`."""
    rollings = {kind: Rolling.of(Trials.of(evidence, kind)) for kind in (CALL, SUBMISSION)}
    predictions = {kind: Predictions.of(rolling) for kind, rolling in rollings.items() if rolling.is_told}
    return recommender_calibration(predictions), recommender_scores(evidence, rollings, predictions)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    w = world(1, SMALL)
    return Evidence(tables_of(play(w), **play_submissions(w)), RULES, w.as_of)


@pytest.fixture(scope="module")
def both(evidence: Evidence) -> tuple[pl.DataFrame, pl.DataFrame]:
    return tables(evidence)


def test_tenths_hold_what_was_predicted_in_them() -> None:
    p, success = np.array([0.0, 0.05, 0.1, 0.72, 0.78, 1.0]), np.array([0.0, 1, 0, 1, 0, 1])
    bins = Bins.of(p, success)
    assert bins.frame().select("bin", "n", "predicted", "observed").rows() == [
        (0, 2, 0.025, 0.5), (1, 1, 0.1, 0.0), (7, 2, 0.75, 0.5), (9, 1, 1.0, 1.0),
    ]  # fmt: skip
    assert bins.error() == pytest.approx((2 * 0.475 + 0.1 + 2 * 0.25 + 0) / 6)


def test_the_error_by_chance_is_seldom_passed_by_right_predictions_and_by_wrong_ones_always() -> None:
    rng = np.random.default_rng(2)
    p = rng.beta(6, 2, 400)
    limit = Bins.of(p, np.zeros(400)).error_by_chance(seed=1)
    right = [Bins.of(p, (rng.random(400) < p).astype(float)).error() for _ in range(400)]
    wrong = [Bins.of(p, (rng.random(400) < p - 0.2).astype(float)).error() for _ in range(20)]
    assert 0.02 <= np.mean(np.array(right) > limit) <= 0.09
    assert min(wrong) > limit


def test_predictions_are_those_of_what_was_known(evidence: Evidence) -> None:
    rolling = Rolling.of(Trials.of(evidence, CALL))
    origin = rolling.origins[2]
    found = Predictions.of(replace(rolling, origins=(origin,)))
    known = origin.known.events
    raw = dict(known.group_by("agent").agg(pl.col("success").mean()).rows())
    for row, event in enumerate(origin.tested.head(20).to_dicts()):
        asked = (np.array([event[name]]) for name in ("agent", "context", "category", "level"))
        assert found.p[row, MODELS.index(OURS)] == pytest.approx(origin.model.success(*asked).p()[0])
        assert found.p[row, MODELS.index(RAW_RATE)] == pytest.approx(raw[event["agent"]])
        assert found.p[row, MODELS.index(BASE_RATE)] == pytest.approx(known["success"].mean())


def test_the_tables_keep_their_contracts_and_agree_with_each_other(both: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    calibration, scores = both
    assert RECOMMENDER_CALIBRATION.is_kept_by(calibration)
    assert RECOMMENDER_SCORES.is_kept_by(scores)
    assert scores.select("kind", "model").rows() == [(k, m) for k in (CALL, SUBMISSION) for m in sorted(MODELS)]
    for row in scores.to_dicts():
        bins = calibration.filter((pl.col("kind") == row["kind"]) & (pl.col("model") == row["model"]))
        assert bins["n"].sum() == row["n"]
        error = ((bins["predicted"] - bins["observed"]).abs() * bins["n"]).sum() / row["n"]
        assert error == pytest.approx(row["ece"], abs=1e-5)
        assert row["brier_lo90"] < row["brier"] < row["brier_hi90"]
        ours = scores.filter((pl.col("kind") == row["kind"]) & (pl.col("model") == OURS))["brier"].item()
        assert (row["brier_gain"] is None) == (row["model"] == OURS)
        assert row["brier_gain"] is None or row["brier_gain"] == pytest.approx(row["brier"] - ours, abs=2e-6)
    assert (calibration["lo90"] <= calibration["observed"]).all()
    assert (calibration["hi90"] >= calibration["observed"]).all()


def test_neither_the_order_of_rows_nor_names_move_a_number(
    evidence: Evidence, both: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    frames = {name: evidence.tables[name].collect() for name in ("agent_calls", "submissions", "tasks")}
    names = {f"agent-{n}": f"{9 - n}" for n in range(1, 9)}
    turned = {
        name: (frame.with_columns(pl.col("agent_id").replace(names)) if "agent_id" in frame.columns else frame)
        .sample(fraction=1, shuffle=True, seed=6) for name, frame in frames.items()
    }  # fmt: skip
    for before, after in zip(both, tables(Evidence(tables_of(**turned), RULES, evidence.as_of)), strict=True):
        assert after.equals(before)


def test_in_worlds_like_the_model_chances_come_true_and_intervals_hold() -> None:
    gates, held = [], []
    for seed in range(4):
        rolling = Rolling.of(AdvisedWorld.of(seed, WorldShape(n_events=3_000)).trials)
        found = Predictions.of(rolling)
        held.append(found.shares.held)
        scores = recommender_scores(Evidence({}, RULES, world(0, SMALL).as_of), {CALL: rolling}, {CALL: found})
        gates.append(calibration_gate(scores).verdict)
    assert gates == ["passed"] * 4
    assert 0.72 <= np.concatenate(held).mean() <= 0.88


@pytest.mark.parametrize(("mean", "sd"), [(3.0, 1.2), (9.4, 0.9), (20.0, 3.0)])
def test_counts_of_a_right_forecast_are_held_in_80_percent(mean: float, sd: float) -> None:
    """By the distribution that was foretold, every count weighed by its chance, whatever lumps there are."""
    n = 24 if mean > 10 else 10
    x = np.arange(n + 1.0)
    normal = NormalDist(mean, sd)
    ends = [0.0, *(normal.cdf(k + 0.5) for k in range(n)), 1.0]
    held = _held(x, np.full(x.size, float(n)), np.full(x.size, mean), np.full(x.size, sd))
    assert np.diff(ends) @ held == pytest.approx(0.8, abs=1e-5)
    assert held[int(mean)] == 1


def test_an_agent_known_less_is_foretold_less_narrowly(evidence: Evidence) -> None:
    """Whatever came: with all terms known for sure the intervals would hold less often than they do."""
    rolling = Rolling.of(AdvisedWorld.of(5, WorldShape(n_events=3_000)).trials)
    held = LaterShares.of(rolling).held.mean()
    model = rolling.origins[0].model
    sure = replace(
        model.fit.certainty, own=model.fit.certainty.own * 1e6, covariance=model.fit.certainty.covariance * 0
    )
    origin = replace(rolling.origins[0], model=replace(model, fit=replace(model.fit, certainty=sure)))
    first = LaterShares.of(replace(rolling, origins=(rolling.origins[0],))).held.mean()
    assert LaterShares.of(replace(rolling, origins=(origin,))).held.mean() < first
    assert 0.5 < held <= 1


def test_of_few_trials_one_row_says_so_and_of_none_there_is_none(evidence: Evidence) -> None:
    calls = evidence.tables["agent_calls"].collect().head(3)
    calibration, scores = tables(Evidence(tables_of(calls), RULES, evidence.as_of))
    assert calibration.equals(RECOMMENDER_CALIBRATION.empty())
    assert scores["sentence"].to_list() == ["Too few calls for a test of predictions: 120 needed, 3 there."]
    gate = calibration_gate(scores)
    assert (gate.verdict, gate.sentence) == ("inconclusive", scores["sentence"].item())
    assert tables(Evidence(tables_of(), RULES, evidence.as_of))[1].is_empty()
    assert calibration_gate(RECOMMENDER_SCORES.empty()).verdict == "inconclusive"


def scored(ece: float, null: float, gains: list[tuple[float, float, float]]) -> pl.DataFrame:
    """A table of scores of calls with these figures."""
    base: dict[str, Any] = {"kind": CALL, "n": 200, "n_origins": 6, "n_groups": 9, "brier": 0.2, "sentence": "."}
    rows = [base | {"model": OURS, "ece": ece, "ece_null95": null}]
    for model, (gain, low, high) in zip((RAW_RATE, BASE_RATE), gains, strict=True):
        gained = {"brier_gain": gain, "brier_gain_lo90": low, "brier_gain_hi90": high}
        rows.append(base | {"model": model, "ece": 0.0, "ece_null95": 0.0} | gained)
    return pl.DataFrame(rows, schema=RECOMMENDER_SCORES.schema)


BETTER, LOST = (0.02, 0.01, 0.03), (-0.02, -0.03, -0.01)


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [
        (scored(0.049, 0.01, [BETTER, BETTER]), "passed"),
        (scored(0.06, 0.07, [BETTER, BETTER]), "inconclusive"),
        (scored(0.06, 0.07, [BETTER, LOST]), "failed"),
        (scored(0.06, 0.01, [BETTER, BETTER]), "failed"),
        (scored(0.02, 0.01, [BETTER, (-0.001, -0.01, 0.01)]), "inconclusive"),
        (scored(0.02, 0.01, [BETTER, LOST]), "failed"),
    ],
)
def test_the_gate_of_calibration(scores: pl.DataFrame, verdict: str) -> None:
    assert calibration_gate(scores).verdict == verdict
