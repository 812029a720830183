"""A season held in memory as far as all pages read it: small tables whole, large ones from their files.

Here too: what pages ask of all subjects at once (days, trophies, levels), made once. Not here: what one page shows.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from pipelines.game.rules import BadgeRule
from pipelines.game.xp_rules import AchievementRule
from pipelines.reports.figures.spans import until_of
from pipelines.reports.reading import Reading

LARGE = (
    "submissions",
    "agent_calls",
    "points_ledger",
    "xp_ledger",
    "event_sources",
    "quarantine",
    "agent_adoption",
    "agent_performance_daily",
    "agent_recommendations",
    "agent_skill",
    "agent_skill_months",
    "agent_trends",
    "leaderboard_rated",
    "task_recommendations",
)  # read when asked for
SPARK_DAYS = 28


def published_before(it: str) -> str:
    """What pages say of a season that was published before there was what they show: `it` ..."""
    return f"This season was published by a version of Podium that {it}: `podium recompute` publishes it anew."


def parted(rows: pl.DataFrame, key: str) -> Mapping[str, pl.DataFrame]:
    """Rows by the name in a column, each part in the order that it had."""
    parts = rows.partition_by(key, as_dict=True, maintain_order=True)
    return {str(name): part for (name,), part in parts.items()}


@dataclass(frozen=True)
class Held(Reading):
    """A reading whose small tables are read once."""

    _frames: dict[str, pl.DataFrame] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, reading: Reading) -> "Held":
        """The same season, held."""
        return cls(reading.generation, reading.rules)

    def table(self, name: str) -> pl.LazyFrame:
        """A published table; of the small ones every time the same rows in memory."""
        if name in LARGE:
            return super().table(name)
        return self.frame(name).lazy()

    def frame(self, name: str) -> pl.DataFrame:
        """A small table as a whole."""
        if name not in self._frames:
            self._frames[name] = self.collect(super().table(name))
        return self._frames[name]

    def board_sizes(self) -> pl.LazyFrame:
        """How many entries boards have, counted once."""
        return self._once("(board sizes)", super().board_sizes())

    def holders(self) -> pl.LazyFrame:
        """How many hold each badge, counted once."""
        return self._once("(holders)", super().holders())

    def boards(self) -> list[str]:
        """The names of all boards, looked up once."""
        return list(self._boards)

    @cached_property
    def _boards(self) -> list[str]:
        return super().boards()

    def until(self, measure: str) -> dt.date:
        """How far charts of points or XP go: a local date, or the instant at which a short season ends (spans.py)."""
        earned_at, gained = pl.col("earned_at").dt.replace_time_zone(None), pl.col(measure) > 0
        rows = self.table(f"{measure}_ledger").filter(gained)
        span = self._once(f"(span of {measure})", rows.select(first=earned_at.min(), last=earned_at.max()))
        first, last = span.collect().row(0)
        return until_of(first, last, self.as_of.replace(tzinfo=None), self.rules.timezone)

    def _once(self, what: str, counted: pl.LazyFrame) -> pl.LazyFrame:
        if what not in self._frames:
            self._frames[what] = self.collect(counted)
        return self._frames[what].lazy()

    @cached_property
    def days(self) -> list[dt.date]:
        """The last SPARK_DAYS days up to `as_of`."""
        return [self.today - dt.timedelta(days=n) for n in reversed(range(SPARK_DAYS))]

    @cached_property
    def has_days(self) -> bool:
        """Whether there is a course of `days` to draw: something happened in them, and not all of it on one day."""
        happened = self.frame("agent_days")["day"]
        return happened.n_unique() > 1 and bool((happened >= self.days[0]).any())

    @cached_property
    def badge_rules(self) -> dict[str, BadgeRule | AchievementRule]:
        """The rules of badges and achievements by slug: of one with tiers the first."""
        rules: dict[str, BadgeRule | AchievementRule] = {}
        trophies: tuple[BadgeRule | AchievementRule, ...] = (*self.rules.badge, *self.rules.achievement)
        for rule in trophies:
            rules.setdefault(rule.slug, rule)
        return rules

    def last_days(self, measure: str, agents: Sequence[str]) -> dict[str, list[int]]:
        """A measure of `agent_days` (points, xp, ...) of some agents on each of `days`, 0 where nothing was done."""
        place = {day: n for n, day in enumerate(self.days)}
        found = {agent: [0] * len(place) for agent in agents}
        is_asked = pl.col("agent_id").is_in(list(agents)) & (pl.col("day") >= self.days[0])
        rows = self.frame("agent_days").filter(is_asked & (pl.col("day") <= self.today))
        for agent, day, value in rows.select("agent_id", "day", measure).iter_rows():
            found[agent][place[day]] = value
        return found
