"""How good predictions are, a model a row: calibration, Brier score, log loss, and how often intervals hold.

Here: the published table `recommender_scores` and the gate over it. Not here: predictions (predictions.py), tenths
(calibration.py), what advice is worth (recommender.py).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from pipelines.game.contract import NUMBER, TEXT, WHOLE, Column, Table
from pipelines.insight import clusters
from pipelines.insight.backtests.calibration import Bins
from pipelines.insight.backtests.later_shares import LEAST_TRIALS, NOMINAL
from pipelines.insight.backtests.predictions import BASE_RATE, MODELS, OURS, RAW_RATE, Predictions
from pipelines.insight.backtests.rolling import Rolling
from pipelines.insight.clusters import Estimate
from pipelines.insight.evidence import CALL, KINDS, Evidence
from pipelines.insight.gates import FAILED, INCONCLUSIVE, PASSED, Gate, Verdict
from pipelines.insight.skill.trials import Numbers

MOST_ERROR = 0.05  # of calibration (ANALYTICS), or what chance alone gives if that is more
LEAST_INTERVALS = 20  # that are tested: of fewer one or two decide whether it is four of five
_SUREST = 0.005  # a rate of 0 or 1 would lose infinitely by one surprise
_DIGITS = 6


def _number(name: str, about: str) -> Column:
    return Column(name, NUMBER, about, nullable=True)


RECOMMENDER_SCORES = Table(
    "recommender_scores",
    "One row per kind and model, of predictions made on days past; one row without figures where there are too few",
    (
        Column("kind", TEXT, "of trials: calls or submissions", words=KINDS),
        Column("model", TEXT, "as in `recommender_calibration`", words=MODELS),
        Column("n", WHOLE, "trials predicted; in a row without figures all trials", low=0),
        Column("n_origins", WHOLE, "days past on which it was predicted, by what was known then", low=0),
        Column("n_groups", WHOLE, "whose they are: users of calls, agents of submissions", low=0),
        _number("ece", "expected calibration error: |predicted - observed| of tenths, mean over trials"),
        _number("ece_null95", "what it would stay below in 95 of 100 cases if all predictions were right"),
        _number("brier", "mean square of outcome less prediction; lower is better"),
        _number("brier_lo90", "lower end of its 90 % interval, which counts groups (of few the days); null with one"),
        _number("brier_hi90", "upper end of it"),
        _number("brier_gain", "this model's Brier score less ours: how much ours gains; null of ours"),
        _number("brier_gain_lo90", "lower end of the 90 % interval of that"),
        _number("brier_gain_hi90", "upper end of it"),
        _number("log_loss", f"mean of -log of the chance given to what came, kept {_SUREST:g} off 0 and 1"),
        _number("coverage_nominal", "share of intervals that shall hold what an agent later succeeded in; of ours"),
        _number("coverage", f"share that did, of agents with at least {LEAST_TRIALS} trials after a day; of ours"),
        _number("coverage_lo90", "lower end of its 90 % interval, which counts agents"),
        _number("coverage_hi90", "upper end of it"),
        Column(
            "n_coverage", WHOLE, f"intervals to be tested; of fewer than {LEAST_INTERVALS} no share is told",
            nullable=True, low=0,
        ),
        Column("sentence", TEXT, "what that says"),
    ),
    ("kind", "model"),
)  # fmt: skip


def recommender_scores(
    evidence: Evidence, rollings: Mapping[str, Rolling], predictions: Mapping[str, Predictions]
) -> pl.DataFrame:
    """The table `recommender_scores`. `rollings`: by kind; `predictions`: by kind, of kinds that have any."""
    rows = []
    for kind, rolling in rollings.items():
        if kind in predictions:
            rows += _rows(predictions[kind], evidence.rules.insight.seed)
        elif rolling.n_trials:
            rows.append(_untold(rolling))
    frame = pl.DataFrame(rows, schema=RECOMMENDER_SCORES.schema)
    return RECOMMENDER_SCORES.shape(frame.sort(RECOMMENDER_SCORES.sort_by))


def calibration_gate(scores: pl.DataFrame) -> Gate:
    """Whether chances come true and are better than two rates that need no model; of all kinds that have figures.

    Failed: the calibration error is beyond both MOST_ERROR and chance, or a rate is shown to be better. Where chance
    alone reaches beyond MOST_ERROR there are too few trials to tell an error of that size.
    """
    ours = scores.filter((pl.col("model") == OURS) & pl.col("ece").is_not_null()).to_dicts()
    if not ours:
        said = " ".join(scores["sentence"]) or "Nothing was predicted: there are no trials, or insight is switched off."
        return Gate("calibration", INCONCLUSIVE, said, {"n": 0})
    others = scores.filter(pl.col("brier_gain").is_not_null()).to_dicts()
    verdicts = [_verdict(row, [other for other in others if other["kind"] == row["kind"]]) for row in ours]
    names = ("n", "ece", "ece_null95", "brier", "coverage")
    figures = {f"{row['kind']}_{name}": row[name] for row in ours for name in names if row[name] is not None}
    figures |= {f"{row['kind']}_brier_{row['model']}": row["brier"] for row in others}
    worst = next(verdict for verdict in (FAILED, INCONCLUSIVE, PASSED) if verdict in verdicts)
    few = f" Too few for a verdict where chance alone gives more than {MOST_ERROR:g}."
    told = " ".join(row["sentence"] for row in ours)
    return Gate("calibration", worst, told + few * any(row["ece_null95"] > MOST_ERROR for row in ours), figures)


def _verdict(ours: dict[str, Any], others: list[dict[str, Any]]) -> Verdict:
    is_enough = ours["ece_null95"] <= MOST_ERROR
    is_worse = any(row["brier_gain_hi90"] is not None and row["brier_gain_hi90"] < 0 for row in others)
    if is_worse or (is_enough and ours["ece"] > MOST_ERROR):
        return FAILED
    return PASSED if is_enough and all(row["brier_gain"] > 0 for row in others) else INCONCLUSIVE


def _rows(found: Predictions, seed: int) -> list[dict[str, object]]:
    loss = (found.success[:, None] - found.p) ** 2
    brier = [clusters.mean(column, found.groups.place) for column in loss.T]
    gain = [clusters.mean(column - loss[:, 0], found.groups.place) for column in loss.T]
    rows = []
    for place, model in enumerate(MODELS):
        p = found.p[:, place]
        bins = Bins.of(p, found.success)
        row: dict[str, Any] = {"kind": found.rolling.kind, "model": model, "n": p.size}
        row |= {"n_origins": len(found.rolling.origins), "n_groups": found.groups.n_users}
        row |= {"ece": round(bins.error(), _DIGITS), "ece_null95": round(bins.error_by_chance(seed), _DIGITS)}
        row |= _told("brier", brier[place]) | {"log_loss": round(_log_loss(p, found.success), _DIGITS)}
        row |= _coverage(found) if model == OURS else _told("brier_gain", gain[place])
        rows.append(row)
    ours, raw, base = (row["brier"] for row in rows)
    for row in rows:
        row["sentence"] = _sentence(row, {RAW_RATE: raw, BASE_RATE: base}, ours)
    return rows


def _told(name: str, estimate: Estimate) -> dict[str, Any]:
    low, high = (None if end is None else round(end, _DIGITS) for end in (estimate.low, estimate.high))
    return {name: round(estimate.value, _DIGITS), f"{name}_lo90": low, f"{name}_hi90": high}


def _coverage(found: Predictions) -> dict[str, Any]:
    held = found.shares.held
    if held.size < LEAST_INTERVALS:
        return {"coverage_nominal": NOMINAL, "n_coverage": held.size}
    told = _told("coverage", clusters.mean(held, found.shares.agent))
    within = {name: None if value is None else min(max(value, 0.0), 1.0) for name, value in told.items()}
    return {"coverage_nominal": NOMINAL, "n_coverage": held.size} | within


def _log_loss(p: Numbers, success: Numbers) -> float:
    held = np.clip(p, _SUREST, 1 - _SUREST)
    return float(-np.log(np.where(success > 0, held, 1 - held)).mean())


def _sentence(row: dict[str, Any], rates: dict[str, float], ours: float) -> str:
    """What a row says."""
    trials = "calls" if row["kind"] == CALL else "submissions"
    off = (
        f"Of {row['n']:,} {trials} predicted on {row['n_origins']} days past, chances were off by {row['ece']:.3f} on "
        f"average (chance alone: up to {row['ece_null95']:.3f})"
    )
    if row["model"] != OURS:
        return f"{off}; the Brier score is {row['brier']:.3f}, that of our model {ours:.3f}."
    told = (
        f"{off}; the Brier score is {row['brier']:.3f}, that of agents' raw rates {rates[RAW_RATE]:.3f} and that of "
        f"one rate for all {rates[BASE_RATE]:.3f}"
    )
    if row.get("coverage") is None:
        few = f"{row['n_coverage']} intervals with {LEAST_TRIALS} later trials of an agent, {LEAST_INTERVALS} needed"
        return f"{told}; too few to test intervals ({few})."
    low, high = row["coverage_lo90"], row["coverage_hi90"]
    ends = "" if low is None else f", 90 %: {low * 100:.0f} to {high * 100:.0f} %"
    return (
        f"{told}; intervals of {NOMINAL * 100:.0f} % for an agent's later successes held in "
        f"{row['coverage'] * 100:.0f} % of cases (n = {row['n_coverage']:,}{ends})."
    )


def _untold(rolling: Rolling) -> dict[str, object]:
    n_groups = rolling.n_contexts if rolling.kind == CALL else rolling.n_agents
    row = {"kind": rolling.kind, "model": OURS, "n": rolling.n_trials, "n_origins": 0, "n_groups": n_groups}
    return {**row, "sentence": rolling.why_not("a test of predictions")}
