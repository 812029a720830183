"""How many people stand behind each published figure. Not here: when they are too few (arena/disclosure.py)."""

import polars as pl

from pipelines.arena.joint_bounds import CELL

PEOPLE: dict[str, pl.DataType] = {  # one row per published cell and margin
    "kind": pl.String(),
    "month": pl.String(),
    "agent": pl.String(),
    "category": pl.String(),  # null: the margin
    "n_people": pl.Int64(),  # whom the sum is over: everyone enrolled, whatever they did
    "n_others": pl.Int64(),  # who is left when those with public profiles are taken away
    "n_active": pl.Int64(),  # who has an attempt in it; exact, so nothing that leaves may depend on it
}


def k_of(usage: pl.DataFrame, counts: pl.DataFrame, enrolled: pl.Series, profiled: pl.Series) -> pl.DataFrame:
    """Behind each figure of `usage`, and behind what is left of it without profiles: columns of PEOPLE.

    `counts`: exact, of the same months. `enrolled`, `profiled`: owner ids.
    """
    others = enrolled.filter(~enrolled.is_in(profiled.implode()))
    tried = counts.filter((pl.col("successes") + pl.col("failures")) > 0, pl.col("owner_id").is_in(enrolled.implode()))
    active = pl.concat([tried, tried.with_columns(category=pl.lit(None, pl.String))]).unique(["owner_id", *CELL])
    return (
        usage.select(CELL)
        .join(active.group_by(CELL).agg(n_active=pl.len()), on=CELL, how="left", nulls_equal=True)
        .with_columns(
            n_people=enrolled.n_unique(), n_others=others.n_unique(), n_active=pl.col("n_active").fill_null(0)
        )
        .cast(pl.Schema(PEOPLE))
        .select(PEOPLE.keys())
        .sort(CELL)
    )
