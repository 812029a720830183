"""Who of a team has called which agent, how often and since when: what teamwork is measured from.

A user is of a team, and an agent used there, by calls that name the team; calls without a team count for none.
Submissions tell an agent's team but seldom a user, and are left out. Not here: the measures (collaboration.py,
adoption.py).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.insight.evidence import Evidence
from pipelines.insight.keys import coded

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class TeamUse:
    """`pairs`: one row per team, agent and user: calls, first_at; by team, agent, first call (two at once: by id).

    `small_group`: a team of fewer users is small.
    """

    pairs: pl.DataFrame
    small_group: int

    @classmethod
    def of(cls, evidence: Evidence) -> "TeamUse":
        """The use of agents in all teams: the calls are read once and counted together."""
        keys = ["team_id", "agent_id", "user_id"]
        calls = evidence.tables["agent_calls"].filter(pl.col("team_id").is_not_null()).select(*keys, "at").collect()
        counted = (
            calls.lazy()
            .with_columns(coded(calls[key]) for key in keys)
            .group_by(keys)
            .agg(calls=pl.len().cast(pl.Int64), first_at=pl.col("at").min())
            .sort("team_id", "agent_id", "first_at", "user_id")
        )
        pairs = counted.with_columns(pl.col(keys).cast(pl.String)).collect()
        return cls(pairs, evidence.rules.insight.small_group)

    @cached_property
    def starts(self) -> Whole:
        """Where in `pairs` each team's agent begins: the first user's row; those of its other users follow."""
        return _starts(self.pairs, "team_id", "agent_id")

    @cached_property
    def agents(self) -> pl.DataFrame:
        """One row per team and agent used there, by both.

        Columns n_users, calls, first_at, first_user_id; calls_of_first: of them the first user's; second_at and
        second_user_id, null with one user; is_reused: whether another team had called it before; is_small.
        """
        n_users = np.diff(self.starts, append=self.pairs.height)
        first = self.pairs[self.starts].rename({"user_id": "first_user_id", "calls": "calls_of_first"})
        second = self.pairs[np.minimum(self.starts + 1, self.pairs.height - 1)].select("user_id", "first_at")
        counts = {"n_users": n_users, "calls": np.add.reduceat(self.pairs["calls"].to_numpy(), self.starts)}
        has_second = pl.lit(pl.Series(n_users > 1))
        small_teams = self.teams.filter("is_small")["team_id"].implode()
        return first.with_columns(
            **{name: pl.Series(values) for name, values in counts.items()},
            second_at=pl.when(has_second).then(second["first_at"]),
            second_user_id=pl.when(has_second).then(second["user_id"]),
            is_reused=pl.col("first_at").min().over("agent_id") < pl.col("first_at"),
            is_small=pl.col("team_id").is_in(small_teams),
        )

    @cached_property
    def users(self) -> pl.DataFrame:
        """One row per team and user: calls; by team, the most calls first."""
        sums = self.pairs.group_by("team_id", "user_id").agg(pl.col("calls").sum())
        return sums.sort("team_id", "calls", "user_id", descending=[False, True, False])

    @cached_property
    def teams(self) -> pl.DataFrame:
        """One row per team, by team: n_users, calls, is_small."""
        sums = self.users.group_by("team_id").agg(n_users=pl.len().cast(pl.Int64), calls=pl.col("calls").sum())
        return sums.with_columns(is_small=pl.col("n_users") < self.small_group).sort("team_id")

    @property
    def team_starts(self) -> tuple[Whole, Whole]:
        """Where each team begins in `agents`, and in `users`."""
        return _starts(self.agents, "team_id"), _starts(self.users, "team_id")


def _starts(rows: pl.DataFrame, *keys: str) -> Whole:
    """The rows at which a new value of keys begins, of rows sorted by them."""
    is_new = pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift()) for key in keys)
    return rows.select(is_new).to_series().arg_true().cast(pl.Int64).to_numpy()
