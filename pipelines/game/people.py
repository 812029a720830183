"""People: who owns which agents, and the table `user_stats`, which puts the work of a user beside its agents' points.

An agent's owner is the user of its last submission that names one (SPEC section 9). Not here: sums over calls
(work.py), XP and achievements (xp.py, achievements.py).
"""

from dataclasses import dataclass

import polars as pl

from pipelines.game.contract import INSTANT, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.game.facts import Ids
from pipelines.game.levels import with_level
from pipelines.game.shares import part_of
from pipelines.game.work import WORK
from pipelines.game.xp_rules import LevelRules

USER_STATS = Table(
    name="user_stats",
    grain="One row per user with a call, an award of XP or an agent of its own",
    columns=(
        Column("user_id", TEXT, "the user"),
        Column("xp", WHOLE, "XP of the ledger", low=0),
        Column("level", WHOLE, "the level that it makes", low=1),
        Column("title", TEXT, "title of that level"),
        Column("stars", WHOLE, "stars of that level", low=0),
        Column("achievements", WHOLE, "achievements earned, each tier one", low=0),
        Column("n_agents_called", WHOLE, "different agents called", low=0),
        Column("n_agents_succeeded", WHOLE, "different agents called successfully", low=0),
        *WORK,
        Column("active_days", WHOLE, "days with a successful call", low=0),
        Column("daily_current", WHOLE, "active days of the run that is still alive, else 0", low=0),
        Column("daily_best", WHOLE, "active days of the longest run", low=0),
        Column("n_agents_owned", WHOLE, "agents whose last submission with a user names this one", low=0),
        Column("points", WHOLE, "points of the agents owned", low=0),
        Column("tasks_completed", WHOLE, "tasks completed by them", low=0),
        Column("attempts", WHOLE, "their attempts", low=0),
        Column("accuracy", NUMBER, "tasks_completed / attempts; null without attempts", nullable=True, low=0, high=1),
        Column("last_active_at", INSTANT, "the last call, or activity of an agent owned", nullable=True),
    ),
    sort_by=("user_id",),
)

OWNERS: dict[str, pl.DataType] = {"agent": pl.UInt32(), "owner": pl.UInt32()}
OWNED_BADGES: dict[str, pl.DataType] = {
    "user": pl.UInt32(),
    "earned_at": pl.Datetime("us"),
    "event_id": pl.String(),
    "agent": pl.UInt32(),
    "badge": pl.String(),
    "tier": pl.String(),
}


def owners(bucket: pl.DataFrame) -> pl.DataFrame:
    """Per agent of a bucket of submissions that names a user: agent, owner. Void submissions name nobody."""
    named = bucket.filter(pl.col("user").is_not_null() & (pl.col("verdict") != "void"))
    last_at = named.group_by("agent").agg(pl.col("submitted_at").max())
    last = named.join(last_at, on=["agent", "submitted_at"], how="semi").sort("agent", "submission_id")
    return last.unique("agent", keep="last", maintain_order=True).select("agent", owner="user")


@dataclass(frozen=True)
class Owned:
    """What users own: the badges of their agents (columns of OWNED_BADGES), and by user what these agents did.

    `stats`: user, n_agents_owned, points, tasks_completed, attempts, owned_active_at.
    """

    badges: pl.DataFrame
    stats: pl.DataFrame

    @classmethod
    def of(cls, owners: pl.DataFrame, badges: pl.DataFrame, totals: pl.DataFrame) -> "Owned":
        """From `owners` (agent, owner), the badges of all agents and their totals (activity.sums)."""
        of_owner = (
            owners.join(totals, on="agent", how="left")
            .group_by(user="owner")
            .agg(
                pl.col("points", "tasks_completed", "attempts").sum(),
                n_agents_owned=pl.len().cast(pl.Int64),
                owned_active_at=pl.col("last_active_at").max(),
            )
        )
        held = badges.join(owners, on="agent").rename({"owner": "user"}).select(OWNED_BADGES.keys())
        return cls(held, of_owner)

    def within(self, first: int, last: int) -> "Owned":
        """What a range of users own, both ends included."""
        inside = pl.col("user").is_between(first, last)
        return Owned(self.badges.filter(inside), self.stats.filter(inside))


def publish_user_stats(users: pl.DataFrame, parts: list[pl.DataFrame], levels: LevelRules, ids: Ids) -> pl.DataFrame:
    """A bucket's part of `user_stats`: `users` (one column user) with what each part knows of them, by user."""
    frame = users
    for part in parts:
        frame = frame.join(part, on="user", how="left", maintain_order="left")
    whole = [c.name for c in USER_STATS.columns if c.dtype == WHOLE and c.name in frame.columns]
    frame = with_level(frame.with_columns(pl.col(whole).fill_null(0)), levels)
    return USER_STATS.shape(
        frame.with_columns(
            user_id=ids.users.gather(frame["user"]),
            accuracy=part_of("tasks_completed", "attempts"),
            last_active_at=pl.max_horizontal("last_called_at", "owned_active_at"),
        )
    )
