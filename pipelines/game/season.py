"""A season: what every number is a function of beside submissions and calls, and the tallies of its boards.

Calls are gone through first (`users_side.open_users`: XP, which needs nobody's badges), then submissions twice
(agents_side.py), then calls again (`users_side.close_users`: achievements, which count the badges of a user's agents),
and last what both sides make together (both_sides.py). engines/ does so.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from pipelines.game import points, tallies
from pipelines.game.facts import Facts, Ids
from pipelines.game.rules import Rulebook
from pipelines.game.windows import local_day, skipped_dates

Tallies = dict[tuple[str, str], pl.DataFrame]  # by board and window


@dataclass(frozen=True)
class Season:
    """What every number is a function of, beside submissions and calls: rules, instant (naive UTC), ids and tasks."""

    rules: Rulebook
    as_of: dt.datetime
    facts: Facts

    @property
    def ids(self) -> Ids:
        """Ids by number."""
        return self.facts.ids

    @cached_property
    def task_awards(self) -> pl.DataFrame:
        """What solving each task earns (points.task_awards)."""
        return points.task_awards(self.facts.tasks, self.rules.points)

    @property
    def today(self) -> dt.date:
        """The local date of `as_of`."""
        return local_day(self.as_of, self.rules.timezone)

    def skipped_since(self, days: pl.Series) -> pl.Series:
        """The dates from the first of `days` until today that the zone never had."""
        first = days.min()
        return skipped_dates(first if isinstance(first, dt.date) else self.today, self.today, self.rules.timezone)


def tallies_of(rows: pl.DataFrame, season: Season, *, of_calls: bool) -> Tallies:
    """The tallies of every board of one kind and each window; boards that differ only in how they rank share theirs.

    `rows`: a bucket's activity, of submissions or of calls.
    """
    made: dict[tuple[object, ...], pl.DataFrame] = {}
    tallied = {}
    for board in season.rules.board:
        if board.is_of_calls == of_calls:
            for window in tallies.windows_of(board, season.rules):
                part = window if rows.height else None  # without rows all windows are alike: empty
                key = (part, *tallies.what_counts(board))
                if key not in made:
                    made[key] = tallies.tally(board, window, rows, season.as_of, season.rules, season.facts)
                tallied[board.slug, window] = made[key]
    return tallied
