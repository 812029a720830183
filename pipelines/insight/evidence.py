"""What every statistic is a function of: the game's tables, the rules, the instant. Not here: any statistic."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from pipelines.game.rules import Rulebook
from pipelines.game.windows import local_day

CALL, SUBMISSION = "call", "submission"
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
