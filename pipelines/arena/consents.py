"""Consent: who shares what, from the events of the log. By default nobody shares anything.

Here: which grants are in force, and since when. Evaluated when something is about to leave, over everything known by
then: a withdrawal is never in the future. Not here: reading the events (store/consent_log.py).
"""

import datetime as dt

import polars as pl

from pipelines.game.records import CONSENT_SCOPES

METRICS, ACHIEVEMENTS, CONVERSATIONS, AGGREGATES = CONSENT_SCOPES
FIRST_POLICY = "1"  # of a grant that names no version of the policy

EVENTS: dict[str, pl.DataType] = {  # one row per consent record of the log
    "owner_id": pl.String(),
    "scope": pl.String(),
    "granted": pl.Boolean(),
    "at": pl.Datetime("us"),  # naive UTC
    "event_id": pl.String(),
    "policy_version": pl.String(),
}
IN_FORCE: dict[str, pl.DataType] = {  # one row per owner and scope that is shared, in that order
    "owner_id": pl.String(),
    "scope": pl.String(),
    "since": pl.String(),  # the event of the first grant after the last withdrawal: a new one is a new beginning
}


def in_force(events: pl.DataFrame, policy_version: str, now: dt.datetime) -> pl.DataFrame:
    """What is shared at `now` (naive UTC), given all consent records: columns of IN_FORCE.

    Of an owner and a scope the newest record decides (greatest `at`, then `event_id`). A grant that lies after `now` is
    none yet; a withdrawal counts as soon as it is known. A grant for another version of the policy is no grant, and
    ends one that was.
    """
    known = events.filter(~pl.col("granted") | (pl.col("at") <= now))
    ordered = known.sort("owner_id", "scope", "at", "event_id").with_columns(
        holds=pl.col("granted") & (pl.col("policy_version").fill_null(FIRST_POLICY) == policy_version)
    )
    of_one = ["owner_id", "scope"]
    run = (~pl.col("holds")).cum_sum().over(of_one)  # a new number from each withdrawal on
    return (
        ordered.with_columns(run=run)
        .filter(pl.col("run") == pl.col("run").last().over(of_one), pl.col("holds"))
        .group_by(of_one)
        .agg(since=pl.col("event_id").first())
        .sort(of_one)
        .select(IN_FORCE.keys())
    )


def sharing(consents: pl.DataFrame, scope: str) -> pl.Series:
    """The owners who share a scope, in order. `consents`: columns of IN_FORCE."""
    return consents.filter(pl.col("scope") == scope)["owner_id"].unique().sort()
