"""Bursts: many events within half an hour, against one's own pace. Not here: what others' pace is."""

import numpy as np
import polars as pl

from pipelines.insight.evidence import CALL, SUBMISSION
from pipelines.insight.keys import coded
from pipelines.insight.review.chance import LEAST_SPREAD, Floats, negative_binomial_bound
from pipelines.insight.review.looks import Look, Seen

HALF_HOUR_S = 1800
MIN_HALF_HOURS = 10  # with an event, beside the fullest: with fewer there is no pace of one's own
MIN_BURST = 10  # events in half an hour: fewer are no burst, whatever the pace


def bursts(seen: Seen) -> list[Look]:
    """The fullest half hour, beginning at a quarter of the clock: of an agent's submissions, a user's calls of it."""
    return [
        _bursts(CALL, seen.calls, ["user_id", "agent_id"], "calls of this agent by this user"),
        _bursts(SUBMISSION, seen.submissions, ["agent_id"], "submissions of this agent"),
    ]


def _bursts(kind: str, events: pl.LazyFrame, keys: list[str], noun: str) -> Look:
    n = events.group_by(keys).agg(n=pl.len().cast(pl.Int64)).collect()
    many = n.filter(pl.col("n") > MIN_HALF_HOURS).select(keys)  # of fewer events no pace can be told
    held = events.select(*keys, second=pl.col("at").dt.epoch("s")).join(many.lazy(), on=keys, how="semi").collect()
    held = held.with_columns(coded(held[key]) for key in keys)
    own, shifted = (
        held.lazy()
        .group_by(*keys, start=(pl.col("second") + shift) // HALF_HOUR_S * HALF_HOUR_S - shift)
        .agg(n=pl.len().cast(pl.Int64))
        .collect()
        for shift in (0, HALF_HOUR_S // 2)
    )
    fullest = (
        pl.concat([own, shifted])
        .sort(*keys, "n", "start", descending=[*(False for _ in keys), True, False])
        .group_by(keys, maintain_order=True)
        .agg(n_windows=pl.len().cast(pl.Int64), statistic=pl.col("n").first(), start=pl.col("start").first())
    )
    apart = (pl.col("start") - pl.col("start_fullest")).abs() >= HALF_HOUR_S
    others = own.join(fullest, on=keys, suffix="_fullest").filter(apart).group_by(keys)
    more = pl.col("n") - 1
    sums = others.agg(k=pl.len().cast(pl.Int64), s1=more.sum(), s2=(more**2).cast(pl.Int64).sum())
    rows = fullest.join(sums, on=keys).filter(pl.col("k") >= MIN_HALF_HOURS).sort(keys)
    rows = rows.with_columns(pl.col(keys).cast(pl.String))
    k, s1, s2, top, windows = (
        rows[name].cast(pl.Float64).to_numpy() for name in ("k", "s1", "s2", "statistic", "n_windows")
    )
    bound = np.minimum(windows * _tail(k, s1, s2, top - 1), 1.0) if len(k) else k
    units = rows.select(
        pl.lit(kind).alias("kind"),
        *keys,
        *(pl.lit(None, pl.String).alias(name) for name in ("user_id", "team_id", "about") if name not in keys),
        pl.col("statistic").cast(pl.Float64),
        pl.Series("expected", 1 + s1 / np.maximum(k, 1)),
        pl.Series("p_value", np.where(top >= MIN_BURST, bound, 1.0)),
        "start",
        "k",
    )
    return Look(units, int(n["n"].sum()), lambda flagged: _within(events, flagged, keys), _sentence(noun))


def _tail(k: Floats, s1: Floats, s2: Floats, top: Floats) -> Floats:
    """At most how likely one half hour holds `top` events beyond its first, at one's own over-dispersed rate.

    A half hour with an event holds 1 + a negative binomial number of them. Its mean is taken at its upper end (two
    standard errors, and one event more than was seen); its spread is one's own or, where that is more, the one that
    all have together. `k` half hours hold `s1` such events, with a sum of squares of `s2`.
    """
    mean, variance = s1 / k, np.maximum(s2 - s1 * s1 / k, 0) / (k - 1)
    beyond = np.maximum(variance - mean, 0)
    total = (k * mean**2).sum()
    shared = (k * beyond).sum() / total if total > 0 else 0.0
    own = np.divide(beyond, mean**2, out=np.zeros_like(mean), where=mean > 0)
    spread = np.maximum(np.maximum(own, shared), LEAST_SPREAD)
    upper = (s1 + 1) / k + 2 * np.sqrt((mean + spread * mean**2) / k)
    return negative_binomial_bound(top, upper, spread)


def _within(events: pl.LazyFrame, flagged: pl.LazyFrame, keys: list[str]) -> pl.LazyFrame:
    second = pl.col("at").dt.epoch("s") - pl.col("start")
    found = events.join(flagged.select("unit", *keys, "start"), on=keys)
    found = found.filter((second >= 0) & (second < HALF_HOUR_S))
    return found.select("unit", "event_id", "at", "user_id", "team_id", telling=second.cast(pl.Float64))


def _sentence(noun: str) -> pl.Expr:
    return pl.format(
        "{} {} in the half hour from {} UTC, where the other {} half hours with any hold {} on average. "
        "An automated batch, a retry loop or saved-up work handed in at once would look the same.",
        pl.col("statistic").cast(pl.Int64),
        pl.lit(noun),
        pl.from_epoch("start").dt.strftime("%Y-%m-%d %H:%M"),
        pl.col("k"),
        pl.col("expected").round(1),
    )
