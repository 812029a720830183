"""What each agent did each day, counted from single calls and counted submissions: sums that trends and tables share.

Everything is a whole number (or a quantile) until the rows are sorted, so that no order of rows moves a digit. Not
here: the published table of days (performance.py), trends over them (trends.py).
"""

import math

import numpy as np
import polars as pl

from pipelines.game.records import COMPLEXITIES, DIFFICULTIES
from pipelines.game.windows import local_date
from pipelines.insight.evidence import CALL, KINDS, SUBMISSION, Evidence
from pipelines.insight.keys import Whole, coded, packed

KEYS = ("agent_id", "kind", "day")
N_LEVELS = 4  # of difficulty, 0 the simplest
MICRO = 1_000_000  # units of a share that is summed up as a whole number
LOG_UNIT = 10_000  # units of a logarithm of seconds: squares of 10M of them still fit into 64 bits
LEAST_S = 0.1  # what is shorter counts as so long in logarithms: clocks of logs are no finer
_SCORES = ("response_quality", "user_satisfaction", "code_quality")
OF_MEANS = 6  # divides into the mean of one, two or three scores without a rest


def daily_work(evidence: Evidence) -> pl.DataFrame:
    """One row per agent, kind and local day with a trial, sorted so.

    Columns beside KEYS: attempts, successes, n_level_0 to n_level_3, n_users, n_categories, n_durations,
    p50_duration_s, p90_duration_s, n_quality; and sums that nobody is shown: `expected` (successes that all agents
    together have in the same category and difficulty, in MICRO), `misses` (squared differences of success from that,
    in MICRO), `quality` (mean scores of calls, in MICRO times OF_MEANS), `n_logs`, `logs` and `squared_logs` (of
    durations above 0, in LOG_UNIT).
    """
    trials = pl.concat([_calls(evidence), _submissions(evidence)]).collect()
    trials = trials.with_columns(coded(trials[name]) for name in ("agent_id", "category", "user_id"))
    trials = trials.with_columns(_usual(trials), key=packed(trials.select(KEYS)))
    sums = trials.lazy().group_by("key").agg(
        pl.col(KEYS).first(),
        attempts=pl.len().cast(pl.Int64),
        successes=pl.col("success").sum(),
        expected=pl.col("usual").sum(),
        misses=((pl.col("success") * MICRO - pl.col("usual")) ** 2 // MICRO).sum(),
        **{f"n_level_{level}": (pl.col("level") == level).sum().cast(pl.Int64) for level in range(N_LEVELS)},
        n_users=pl.col("user_id").drop_nulls().n_unique().cast(pl.Int64),
        n_categories=pl.col("category").drop_nulls().n_unique().cast(pl.Int64),
        n_durations=pl.col("duration_s").count().cast(pl.Int64),
        n_quality=pl.col("quality").count().cast(pl.Int64),
        quality=pl.col("quality").sum(),
        n_logs=pl.col("log").count().cast(pl.Int64),
        logs=pl.col("log").sum(),
        squared_logs=(pl.col("log") * pl.col("log")).sum(),
    )  # fmt: skip
    days = sums.sort("key").drop("key").with_columns(pl.col("agent_id", "kind").cast(pl.String)).collect()
    return days.with_columns(_quantiles(trials, days["n_durations"].to_numpy()))


def _usual(trials: pl.DataFrame) -> pl.Series:
    """Of each trial, how often all in the same category and difficulty succeed, in MICRO."""
    work = packed(trials.select("kind", "category", "level"))
    n, right = np.bincount(work), np.bincount(work, trials["success"].to_numpy())
    return pl.Series("usual", ((right.astype(np.int64) * MICRO + n // 2) // np.maximum(n, 1))[work])


def _quantiles(trials: pl.DataFrame, n: Whole) -> list[pl.Series]:
    """The median and the 90th percentile of the durations of each day, linear between two of them; null without any.

    `n`: how many each has. Of many small groups one sort takes less than as many quantiles.
    """
    told = trials.select("key", "duration_s").drop_nulls()
    key, duration = told["key"].to_numpy(), told["duration_s"].to_numpy()
    ordered, starts = np.append(duration[np.lexsort((duration, key))], np.nan), np.cumsum(n) - n
    found = []
    for name, share in (("p50_duration_s", 0.5), ("p90_duration_s", 0.9)):
        at = share * np.maximum(n - 1, 0)
        low = at.astype(np.int64)
        first, second = ordered[starts + low], ordered[np.minimum(starts + low + 1, ordered.size - 1)]
        between = np.where(at > low, first + (at - low) * (second - first), first)
        found.append(pl.Series(name, between).set(pl.Series(n == 0), None))
    return found


def _calls(evidence: Evidence) -> pl.LazyFrame:
    n_scores = pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.Int64) for name in _SCORES)
    scores = pl.sum_horizontal((pl.col(name) * MICRO).round().cast(pl.Int64) for name in _SCORES)
    return evidence.tables["agent_calls"].select(
        "agent_id",
        pl.lit(CALL, pl.Enum(KINDS)).alias("kind"),
        _day("at", evidence).alias("day"),
        "category",
        _level("complexity", COMPLEXITIES),
        pl.col("success").cast(pl.Int64),
        "user_id",
        "duration_s",
        pl.when(n_scores > 0).then(scores * OF_MEANS // n_scores).alias("quality"),
        _log(pl.col("duration_s")),
    )


def _submissions(evidence: Evidence) -> pl.LazyFrame:
    """Counted ones: how long they took, from claim to hand-in, is known where the claim is."""
    tasks = evidence.tables["tasks"].select("task_id", "difficulty")
    counted = evidence.tables["submissions"].filter("is_counted").join(tasks, on="task_id", how="left")
    took = (pl.col("submitted_at") - pl.col("claimed_at")).dt.total_microseconds() / 1_000_000
    return counted.select(
        "agent_id",
        pl.lit(SUBMISSION, pl.Enum(KINDS)).alias("kind"),
        _day("counted_at", evidence).alias("day"),
        pl.col("problem").alias("category"),
        _level("difficulty", DIFFICULTIES),
        (pl.col("verdict") == "verified").cast(pl.Int64).alias("success"),
        "user_id",
        took.alias("duration_s"),
        pl.lit(None, dtype=pl.Int64).alias("quality"),
        _log(took),
    )


def _day(instant: str, evidence: Evidence) -> pl.Expr:
    return local_date(pl.col(instant).dt.replace_time_zone(None), evidence.rules.timezone)


def _level(column: str, words: tuple[str, ...]) -> pl.Expr:
    places = {word: place for place, word in enumerate(words)}
    return pl.col(column).replace_strict(places, default=None, return_dtype=pl.Int64).alias("level")


def _log(seconds: pl.Expr) -> pl.Expr:
    logs = (seconds.clip(lower_bound=LEAST_S).log(math.e) * LOG_UNIT).round().cast(pl.Int64)
    return pl.when(seconds > 0).then(logs).alias("log")
