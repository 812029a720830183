"""What is about to leave the house, with whom it speaks of: what the preview shows and the bundle is written from.

The names stay here; of `tables` alone a bundle is made. Not here: making it (engines/sharing.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from pipelines.arena.policy import Policy

PREVIEW = "preview"  # in the arena's folder of a home: the pages that show it
IDENTITIES: dict[str, pl.DataType] = {  # who stands behind each pseudonym; never leaves
    "owner_id": pl.String(),
    "agent_id": pl.String(),  # null: the owner
    "scope": pl.String(),
    "pseudonym": pl.String(),
}
COUNTS: dict[str, pl.DataType] = {  # what an owner puts into the aggregates of a month, exact; never leaves
    "owner_id": pl.String(),
    "kind": pl.String(),
    "month": pl.String(),
    "agent": pl.String(),
    "category": pl.String(),
    "successes": pl.Int64(),
    "failures": pl.Int64(),
}


@dataclass(frozen=True)
class OwnersPart:
    """What would leave about one owner: scope -> pseudonym of those shared, rows by table, and what noise will hide.

    `tables`: rows as they would stand in the bundle. `counted`: columns of COUNTS, after the cap, without noise.
    """

    owner_id: str
    scopes: Mapping[str, str]
    allows_aggregates: bool
    tables: Mapping[str, pl.DataFrame]
    counted: pl.DataFrame


@dataclass(frozen=True)
class Leaving:
    """All that is about to leave: tables of the bundle but `tombstones`, and in the house who stands behind them.

    `week`: ISO week up to which it speaks. `rulebook`: fingerprint of the rules of the game. `owners`: every
    owner of a record. `conversations`: SHA-256 -> file.
    `months`: those whose sums are due, released or not. `is_ledger_whole`: whether any may be drawn.
    `usage` in `tables` holds what was released with noise; in a preview only what was released before.
    """

    week: str
    rulebook: str
    policy: Policy
    owners: pl.Series
    tables: Mapping[str, pl.DataFrame]
    identities: pl.DataFrame
    allowing_aggregates: pl.Series
    counted: pl.DataFrame
    conversations: Mapping[str, Path]
    months: Sequence[str]
    is_ledger_whole: bool = True

    @cached_property
    def profiled(self) -> pl.Series:
        """The owners who have a public profile."""
        told = self.tables["profiles"]["pseudonym"].implode()
        return self.identities.filter(pl.col("pseudonym").is_in(told))["owner_id"].unique()

    @cached_property
    def n_others(self) -> int:
        """How many of those who allow aggregates have no public profile."""
        return self.allowing_aggregates.filter(~self.allowing_aggregates.is_in(self.profiled.implode())).n_unique()

    def part_of(self, owner_id: str) -> OwnersPart:
        """What speaks of one owner."""
        own = self._identities.get(owner_id)
        return OwnersPart(
            owner_id,
            dict(own.filter(pl.col("agent_id").is_null()).select("scope", "pseudonym").iter_rows())
            if own is not None
            else {},
            owner_id in self.allowing_aggregates,
            {name: parts.get(owner_id, self.tables[name].clear()) for name, parts in self._rows.items()},
            self.counted.filter(pl.col("owner_id") == owner_id),
        )

    @cached_property
    def _identities(self) -> dict[str, pl.DataFrame]:
        return _by_owner(self.identities, is_kept=True)

    @cached_property
    def _rows(self) -> dict[str, dict[str, pl.DataFrame]]:
        """Of each table with pseudonyms the rows of each owner, in their order."""
        whose = self.identities.select("pseudonym", "owner_id")
        return {
            name: _by_owner(frame.join(whose, on="pseudonym", maintain_order="left"), is_kept=False)
            for name, frame in self.tables.items()
            if "pseudonym" in frame.columns
        }


def _by_owner(frame: pl.DataFrame, *, is_kept: bool) -> dict[str, pl.DataFrame]:
    """The rows of each owner; `is_kept`: with the column that says whose they are."""
    parts = frame.partition_by("owner_id", as_dict=True, maintain_order=True, include_key=is_kept)
    return {str(owner): part for (owner,), part in parts.items()}
