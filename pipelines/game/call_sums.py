"""What the tables of agents and teams want of all calls, over all buckets of users.

Not here: the sums themselves (work.py), and the tables (activity.py).
"""

from dataclasses import dataclass

import polars as pl

from pipelines.game import work
from pipelines.game.facts import Ids
from pipelines.game.work import Sums


@dataclass(frozen=True)
class CallSums:
    """Sums by agent and by team, by agent and day (agent, day, xp, calls), and by agent and complexity."""

    by_agent: Sums
    by_team: Sums
    by_day: pl.DataFrame
    mix: pl.DataFrame

    @classmethod
    def of(cls, earned: pl.DataFrame) -> "CallSums":
        """Those of a bucket of calls with XP."""
        days = earned.group_by("agent", "day").agg(pl.col("xp").sum(), calls=pl.len().cast(pl.Int64))
        return cls(Sums.of(earned, ["agent"]), Sums.of(earned, ["team"]), days, work.usage_mix(earned))

    @classmethod
    def merged(cls, parts: "list[CallSums]") -> "CallSums":
        """Those of all buckets as one. At least one part."""
        days = pl.concat([part.by_day for part in parts]).group_by("agent", "day").agg(pl.col("xp", "calls").sum())
        return cls(
            Sums.merged([part.by_agent for part in parts]),
            Sums.merged([part.by_team for part in parts]),
            days,
            pl.concat([part.mix for part in parts]),
        )

    def of_agents(self, first: int, last: int) -> "CallSums":
        """Those of a range of agents, both ends included."""
        days = self.by_day.filter(pl.col("agent").is_between(first, last))
        return CallSums(self.by_agent.within("agent", first, last), self.by_team, days, self.mix)

    def published_mix(self, ids: Ids) -> pl.DataFrame:
        """The table `usage_mix`."""
        return work.publish_usage_mix(self.mix, ids)
