"""What the tables of agents and teams want of all calls, over all buckets of users.

Not here: the sums themselves (work.py), and the tables (activity.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.game import work
from pipelines.game.work import Sums


@dataclass(frozen=True)
class AgentCalls:
    """Calls by agent, and by agent and day: agent, day, xp, calls."""

    by_agent: Sums
    by_day: pl.DataFrame

    def within(self, first: int, last: int) -> "AgentCalls":
        """Those of a range of agents, both ends included."""
        return AgentCalls(
            self.by_agent.within("agent", first, last), self.by_day.filter(pl.col("agent").is_between(first, last))
        )


@dataclass(frozen=True)
class CallSums:
    """Calls by agent (and day), by team, and by agent and complexity: of a bucket, or of all."""

    of_agents: AgentCalls
    by_team: Sums
    mix: pl.DataFrame

    @classmethod
    def of(cls, earned: pl.DataFrame) -> "CallSums":
        """Those of a bucket of calls with XP."""
        days = earned.group_by("agent", "day").agg(pl.col("xp").sum(), calls=pl.len().cast(pl.Int64))
        of_agents = AgentCalls(Sums.of(earned, ["agent"]), days)
        return cls(of_agents, Sums.of(earned, ["team"]), work.usage_mix(earned))

    @classmethod
    def merged(cls, parts: "Sequence[CallSums]") -> "CallSums":
        """Those of all buckets as one. At least one part."""
        days = pl.concat([part.of_agents.by_day for part in parts])
        of_agents = AgentCalls(
            Sums.merged([part.of_agents.by_agent for part in parts]),
            days.group_by("agent", "day").agg(pl.col("xp", "calls").sum()),
        )
        return cls(of_agents, Sums.merged([part.by_team for part in parts]), pl.concat([part.mix for part in parts]))
