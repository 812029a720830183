"""Champion: who was ever strictly ahead of everybody (SPEC section 7, metric `leads`).

All ledger rows of one instant are applied together. Totals never fall, so the best total so far only rises, and an
agent comes to lead alone exactly where its own new total is a new best that no other agent reaches at that
instant. Hence a bucket need only hand over the rows that are new bests within it: the merge stays small.
"""

import polars as pl

from pipelines.game.badges import PLACE_OF_AWARD
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
    totals = entries.select(
        "earned_at", "agent", "row", total=pl.col("points").cum_sum().over("agent"), place=PLACE_OF_AWARD
    ).filter(pl.col("total") > 0)  # fmt: skip
    totals = totals.unique(["agent", "earned_at"], keep="last", maintain_order=True)
    bests = new_bests(totals)
    return bests.with_columns(event_id=event_ids.gather(bests["row"])).select(CANDIDATES.keys())


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
