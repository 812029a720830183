"""What public profiles say of the sums: how many attempts of a month can be those of profiled owners.

Here: from product a of all bundles, in order, to upper bounds. Not here: what follows of the others (joint_bounds.py).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.arena.joint_bounds import GROUP, cap_of
from pipelines.arena.periods import week_of
from pipelines.arena.policy import OTHER, Policy

KNOWN: dict[str, pl.DataType] = {  # one row per kind, month and agent
    "kind": pl.String(),
    "month": pl.String(),
    "agent": pl.String(),
    "at_most": pl.Int64(),  # attempts of all profiled owners together, as far as the cap counts them
}
PAIR = ["pseudonym", "agent"]


@dataclass(frozen=True)
class Told:
    """Product a as one bundle tells it: the ISO week up to which it speaks, its `profiles` and `agent_statistics`."""

    week: str
    profiles: pl.DataFrame
    agent_statistics: pl.DataFrame


def known_of(bundles: Sequence[Told], months: Sequence[str], policy: Policy) -> pl.DataFrame:
    """How many attempts of each month profiled owners made at most: columns of KNOWN. `bundles`: all, in order.

    Counts of product a are of all time and to the nearest grain. So the first bundle that covers a month bounds it,
    less what the last bundle before the month told of the same pseudonym; a month that none covers is bounded by the
    cap alone. Attempts at tasks are told per owner, not per agent, so they bound each agent. From below nothing is
    taken: by how much the cap scales an owner's figures down is not told.
    """
    rows = [
        _of_month(bundles, kind, month, policy)
        for month in (months if bundles else ())
        for kind in policy.aggregates.kinds
    ]
    return pl.concat([pl.DataFrame(schema=KNOWN), *rows]).sort(GROUP)


def _of_month(bundles: Sequence[Told], kind: str, month: str, policy: Policy) -> pl.DataFrame:
    first = dt.date.fromisoformat(f"{month}-01")
    last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    covering = [told for told in bundles if told.week >= week_of(last)]
    before = [told for told in bundles if told.week < week_of(first)]
    cap, grain = cap_of(policy.aggregates.max_norm), policy.profiles.count_grain
    pairs = (covering or bundles)[0 if covering else -1].profiles.select("pseudonym")
    pairs = pairs.join(pl.DataFrame({"agent": [*policy.words.agents, OTHER]}), how="cross")
    at_most = pl.lit(cap)
    if covering:
        pairs = _with_count(pairs, covering[0], kind, "then")
        at_most = pl.col("then") + (grain - 1 - grain // 2)
        if before:
            pairs = _with_count(pairs, before[-1], kind, "earlier")
            at_most -= (pl.col("earlier") - grain // 2).clip(0)
    sums = pairs.with_columns(at_most=at_most.clip(0, cap)).group_by("agent").agg(pl.col("at_most").sum())
    told = sums.select(kind=pl.lit(kind), month=pl.lit(month), agent="agent", at_most="at_most")
    return told.cast(pl.Schema(KNOWN))


def _with_count(pairs: pl.DataFrame, told: Told, kind: str, name: str) -> pl.DataFrame:
    """Owners and agents with what a bundle tells of them; where it tells nothing it rounds to nothing."""
    if kind == "calls":
        counted, on = told.agent_statistics.select(*PAIR, pl.col("calls").alias(name)), PAIR
    else:
        counted, on = told.profiles.select("pseudonym", pl.col("attempts").alias(name)), ["pseudonym"]
    return pairs.join(counted, on=on, how="left").with_columns(pl.col(name).fill_null(0))
