"""What every statistic is a function of: the game's tables, the rules, the instant. Not here: any statistic."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from pipelines.game.rules import Rulebook
from pipelines.game.windows import local_day

CALL, SUBMISSION = "call", "submission"
READ = ("agent_calls", "submissions", "tasks", "agent_days", "levels", "points_ledger", "xp_ledger")  # of the tables
SMALL = 10_000  # rows of each, up to which a season is held in memory
KINDS = (CALL, SUBMISSION)  # of trials: a run of a sub-agent, a try at a task; each kind is judged on its own


@dataclass(frozen=True)
class Evidence:
    """The published tables by name, the rules, and `as_of` (aware, UTC)."""

    tables: Mapping[str, pl.LazyFrame]
    rules: Rulebook
    as_of: dt.datetime

    @cached_property
    def today(self) -> dt.date:
        """The local date of `as_of`."""
        return local_day(self.as_of.replace(tzinfo=None), self.rules.timezone)

    def in_memory(self) -> "Evidence | None":
        """The same of a small season, read once: opening a file takes longer than all its rows. None of a large one."""
        asked = {name: self.tables[name].head(SMALL + 1) for name in READ if name in self.tables}
        held = dict(zip(asked, pl.collect_all(asked.values()), strict=True))
        if any(table.height > SMALL for table in held.values()):
            return None
        return replace(self, tables={**self.tables, **{name: table.lazy() for name, table in held.items()}})
