"""Champion: who was ever strictly ahead of everybody (SPEC section 7, metric `leads`).

All ledger rows of one instant are applied together. Totals never fall, so the best total so far only rises, and an
agent comes to lead alone exactly where its own new total is a new best that no other agent reaches at that
instant. Hence a bucket need only hand over the rows that are new bests within it: the merge stays small.
"""

import polars as pl

from pipelines.game import runs
from pipelines.game.badges import PLACE_OF_AWARD, points_so_far
from pipelines.game.rules import BadgeRule

CANDIDATES: dict[str, pl.DataType] = {
    "earned_at": pl.Datetime("us"),
    "agent": pl.UInt32(),
    "total": pl.Int64(),
    "place": pl.Int64(),
    "event_id": pl.String(),
}


def candidates(entries: pl.DataFrame, event_ids: pl.Series) -> pl.DataFrame:
    """A bucket's rows at which an agent's total became the bucket's best: columns of CANDIDATES.

    `entries`: a bucket's ledger in its order. One row per agent and instant, with the total after all its awards of
    that instant and the event of the last of them.
    """
    totals = entries.select("earned_at", "agent", "row", total=points_so_far(), place=PLACE_OF_AWARD)
    is_last_of_instant = runs.is_last("agent", "earned_at")
    bests = new_bests(without_hopeless(totals.filter(is_last_of_instant & (pl.col("total") > 0))))
    return bests.with_columns(event_id=event_ids.gather(bests["row"])).select(CANDIDATES.keys())


def without_hopeless(totals: pl.DataFrame) -> pl.DataFrame:
    """`totals` without most of the rows that are no new best: those not above the best total of the days before.

    So that few rows are left to be sorted by their instants. Days are UTC days, whatever the rulebook's zone.
    """
    day = pl.col("earned_at").dt.date()
    best = totals.group_by(day=day).agg(best=pl.col("total").max()).sort("day")
    before = best.select("day", before=pl.col("best").cum_max().shift(1, fill_value=0))
    with_before = totals.with_columns(day=day).join(before, on="day", how="left", maintain_order="left")
    return with_before.filter(pl.col("total") > pl.col("before")).drop("day", "before")


def new_bests(totals: pl.DataFrame) -> pl.DataFrame:
    """The rows whose total is the best of its instant and better than all before. Associative over buckets."""
    totals = totals.sort("earned_at", "agent")
    best = totals.group_by("earned_at", maintain_order=True).agg(best=pl.col("total").max())
    before = pl.col("best").cum_max().shift(1, fill_value=0)
    rises = best.filter(pl.col("best") > before)
    return totals.join(rises, left_on=["earned_at", "total"], right_on=["earned_at", "best"], how="semi")


def champions(merged: pl.DataFrame, badge: BadgeRule) -> pl.DataFrame:
    """Per agent the first instant at which it alone led: columns of badges.EARNED."""
    alone = pl.len().over("earned_at") == 1
    first = new_bests(merged).filter(alone).sort("earned_at").unique("agent", keep="first", maintain_order=True)
    return first.select(
        "agent", badge=pl.lit(badge.slug), tier=pl.lit(badge.tier, dtype=pl.String), earned_at="earned_at",
        place="place", event_id="event_id",
    )  # fmt: skip
