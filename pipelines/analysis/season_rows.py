"""Rows of a season for its figures, and names as the season knows them. Not here: which figure takes which rows."""

import polars as pl

from pipelines.reports.choices import one_of
from pipelines.reports.reading import Reading

SUBJECTS = ("agent", "user")  # who have points or XP of their own


class SeasonRows:
    """What all figures of a season read from."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    @property
    def _zone(self) -> str:
        return self._reading.rules.timezone

    def _rows(self, table: str, own: pl.Expr | None = None) -> pl.DataFrame:
        held = self._reading.table(table)
        return self._reading.collect(held if own is None else held.filter(own))

    def _one(self, what: str, name: str) -> str:
        """A name as it is known. Agents that have only submissions that do not count are known too."""
        held = [self._reading.table(f"{what}_stats").select(pl.col(f"{what}_id"))]
        if what == "agent":
            held.append(self._reading.table("submissions").select(pl.col("agent_id").unique()))
        known = self._reading.collect(pl.concat(held).unique().sort(f"{what}_id")).to_series().to_list()
        return one_of(name, known, what)
