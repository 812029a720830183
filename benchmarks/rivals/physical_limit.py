"""What no scoring in order can go below: read what it needs, sort once, write as much as the ledger. No tables.

Here: one sort of agent and clock packed into one integer, all other columns gathered in that order, and one write of
rows as wide and as many as the ledger's. Not here: any rule of the game.
"""

from pathlib import Path

import polars as pl
from script import play

NEEDED = ("submission", "agent", "task", "submitted_at", "claimed_at", "verdict", "found", "awarded_points")
AWARDS_A_SUBMISSION = 0.45  # in the seasons that facts.py makes without a whale: 0.46 of 1 million, 0.48 of 10


def score(facts: Path, out: Path) -> None:
    """Read, sort, write."""
    tries = pl.read_parquet(facts / "submissions" / "*.parquet", columns=list(NEEDED))
    at = tries["submitted_at"].to_physical()
    begin = at.min()
    span = at.max() - begin + 1
    key = tries["agent"].cast(pl.Int64) * span + (at - begin)
    tries = tries[key.arg_sort()]
    entries = tries.head(int(tries.height * AWARDS_A_SUBMISSION)).select(
        "agent", "task", "submission", rule="verdict", points="awarded_points", earned_at="submitted_at",
        is_provisional="found",
    )  # fmt: skip
    entries.write_parquet(out / "entries.parquet", compression="zstd", compression_level=1)


if __name__ == "__main__":
    play(score)
