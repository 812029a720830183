"""Whether predicted chances of success come true: what was predicted and what was measured, by tenths.

Here: the published table `recommender_calibration`, and how far the two lie apart on average. Not here: predictions
(predictions.py), the scores of whole models (scores.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.game.contract import NUMBER, TEXT, WHOLE, Column, Table
from pipelines.insight.backtests.predictions import MODELS, Predictions
from pipelines.insight.evidence import KINDS
from pipelines.insight.normal import Z_90
from pipelines.insight.proportions import wilson_ends
from pipelines.insight.skill.terms import summed
from pipelines.insight.skill.trials import Codes, Numbers

N_BINS = 10
N_DRAWS = 1000

RECOMMENDER_CALIBRATION = Table(
    "recommender_calibration",
    "One row per kind, model and tenth of predicted success with predictions, of trials on days past",
    (
        Column("kind", TEXT, "of trials: calls or submissions", words=KINDS),
        Column(
            "model",
            TEXT,
            "`ours`; `raw_rate`: the agent's share of successes by then; `base_rate`: that of all agents",
            words=MODELS,
        ),
        Column("bin", WHOLE, "the tenth of predicted success, from 0", low=0, high=N_BINS - 1),
        Column("n", WHOLE, "trials of which it was predicted", low=1),
        Column("predicted", NUMBER, "mean predicted success", low=0, high=1),
        Column("observed", NUMBER, "share that succeeded", low=0, high=1),
        Column("lo90", NUMBER, "lower end of its 90 % interval (Wilson: takes trials as independent)", low=0, high=1),
        Column("hi90", NUMBER, "upper end of it", low=0, high=1),
    ),
    ("kind", "model", "bin"),
)


@dataclass(frozen=True)
class Bins:
    """Predictions by tenths: `bin` (those that have any), n, sums of predictions and of successes."""

    bin: Codes
    n: Numbers
    predicted: Numbers
    successes: Numbers

    @classmethod
    def of(cls, p: Numbers, success: Numbers) -> "Bins":
        """Predictions and outcomes (0 or 1), one an element."""
        place = np.minimum((p * N_BINS).astype(np.int64), N_BINS - 1)
        n = np.bincount(place, minlength=N_BINS)
        held = np.flatnonzero(n)
        predicted, successes = summed(place, p, N_BINS), summed(place, success, N_BINS)
        return cls(held, n[held].astype(np.float64), predicted[held], successes[held])

    def error(self) -> float:
        """How far prediction and measure lie apart, a mean over trials (expected calibration error)."""
        return float(np.abs(self.predicted - self.successes).sum() / self.n.sum())

    def error_by_chance(self, seed: int) -> float:
        """The 95th percentile of `error` if every prediction were right (and the trials independent)."""
        drawn = np.random.default_rng(seed).binomial(
            self.n.astype(np.int64), np.clip(self.predicted / self.n, 0, 1), (N_DRAWS, self.n.size)
        )
        return float(np.quantile(np.abs(drawn - self.predicted).sum(axis=1) / self.n.sum(), 0.95))

    def frame(self) -> pl.DataFrame:
        """Rows of RECOMMENDER_CALIBRATION but for kind and model."""
        share = self.successes / self.n
        low, high = wilson_ends(self.successes, self.n, Z_90)
        columns = {
            "predicted": self.predicted / self.n,
            "observed": share,
            "lo90": np.minimum(low, share),
            "hi90": np.maximum(high, share),
        }
        rounded = {name: np.clip(values.round(6), 0, 1) for name, values in columns.items()}
        return pl.DataFrame({"bin": self.bin, "n": self.n.astype(np.int64), **rounded})


def recommender_calibration(predictions: Mapping[str, Predictions]) -> pl.DataFrame:
    """The table `recommender_calibration`. `predictions`: by kind, of kinds that have any."""
    parts = [
        Bins.of(found.p[:, place], found.success).frame().with_columns(kind=pl.lit(kind), model=pl.lit(model))
        for kind, found in predictions.items()
        for place, model in enumerate(MODELS)
    ]
    if not parts:
        return RECOMMENDER_CALIBRATION.empty()
    return RECOMMENDER_CALIBRATION.shape(pl.concat(parts).sort(RECOMMENDER_CALIBRATION.sort_by))
