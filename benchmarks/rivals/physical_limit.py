"""About what no scoring in order can go below: read what it needs, sort once, write as much as a ledger. No tables.

Here: one sort of agent and clock packed into one integer, the rest packed narrow and gathered in that order, and one
write of rows as wide as the ledger's and no more of them. Not here: any rule of the game.
"""

from pathlib import Path

import polars as pl
from default_game import FAST_US
from script import play

NEEDED = ("submission", "agent", "task", "submitted_at", "claimed_at", "verdict", "found", "awarded_points")
AWARDS_A_SUBMISSION = 0.3  # seasons that facts.py makes have 0.46 (1 million), 0.36 (100 million), 0.32 (with a whale)


def score(facts: Path, out: Path) -> None:
    """Read, sort, write."""
    tries = pl.scan_parquet(facts / "submissions" / "*.parquet").select(NEEDED)
    is_fast = pl.col("submitted_at") - pl.col("claimed_at") <= pl.duration(microseconds=FAST_US)
    extra = pl.col("verdict") + is_fast.fill_null(value=False) * 4 + pl.col("found").fill_null(value=False) * 8
    awarded = pl.col("awarded_points").fill_null(0)
    packed = tries.select(
        "submission", "task", "agent", at=pl.col("submitted_at").to_physical(),
        extra=extra.cast(pl.Int16) + awarded.clip(0, 1000) * 16,
    ).collect()  # fmt: skip
    begin = packed["at"].min()
    span = packed["at"].max() - begin + 1
    key = packed["agent"].cast(pl.Int64) * span + (packed["at"] - begin)
    rows = key.arg_sort()
    in_order = packed.select("submission", "task", "extra")[rows].with_columns(key=key.gather(rows))
    entries = in_order.head(int(len(rows) * AWARDS_A_SUBMISSION)).select(
        (pl.col("key") // span).cast(pl.UInt32).alias("agent"), "task", "submission",
        rule=(pl.col("extra") % 4).cast(pl.UInt8), points="extra", is_provisional=pl.col("extra") // 4 % 2 == 1,
        earned_at=(pl.col("key") % span + begin).cast(pl.Datetime("us")),
    )  # fmt: skip
    entries.write_parquet(out / "entries.parquet", compression="zstd", compression_level=1)


if __name__ == "__main__":
    play(score)
