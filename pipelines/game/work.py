"""Work: sums over agent calls, by whatever they are asked for: agent, user, both, team, day, hour, complexity.

Here: the columns that all such sums share, how parts of several buckets become one, and the published tables
`user_agents`, `usage_hours` and `usage_mix`. Not here: XP of single calls (xp.py), the tables of agents, teams and
users that put points beside work (activity.py, people.py).

Shares and means are taken from whole numbers, so that no order of adding shows in them: scores in units of 2^-32,
money in units of 10^-12 dollars.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.game.calls import SCORES, TOKENS
from pipelines.game.contract import INSTANT, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.game.facts import Ids
from pipelines.game.levels import level_of
from pipelines.game.records import COMPLEXITIES
from pipelines.game.shares import part_of
from pipelines.game.windows import local_hour
from pipelines.game.xp_rules import LevelRules

UNKNOWN = "unknown"  # the complexity of calls that name none
MAX_SUM = (1 << 63) - 1
_SCORE_UNIT, _USD_UNIT = 1 << 32, 10**12

CALLED = (
    Column("calls", WHOLE, "agent calls", low=0),
    Column("successes", WHOLE, "successful agent calls", low=0),
    Column("success_share", NUMBER, "successes / calls; null without calls", nullable=True, low=0, high=1),
)
WORK = (
    *CALLED,
    Column("median_duration_s", NUMBER, "median duration of the calls that tell it", nullable=True, low=0),
    Column("p95_duration_s", NUMBER, "their 95th percentile, between two calls linear", nullable=True, low=0),
    *(
        Column(f"mean_{name}", NUMBER, f"mean {name.replace('_', ' ')} where it is given", nullable=True, low=0, high=1)
        for name in SCORES
    ),
    *(Column(name, WHOLE, f"{name.replace('_', ' ')} of the calls that tell them", low=0) for name in TOKENS),
    Column("calls_with_tokens", WHOLE, "calls that tell any tokens", low=0),
    Column(
        "tokens_per_success", NUMBER, "all tokens of calls that tell them / the successful ones among them",
        nullable=True, low=0,
    ),
    Column("cost_usd", NUMBER, "cost of the calls that tell it, US dollars", nullable=True, low=0),
)  # fmt: skip

USER_AGENTS = Table(
    name="user_agents",
    grain="One row per user and agent called",
    columns=(
        Column("user_id", TEXT, "who called"),
        Column("agent_id", TEXT, "the agent called"),
        Column("xp", WHOLE, "XP of these calls", low=0),
        Column("level", WHOLE, "the level that it makes", low=1),
        *WORK,
        Column("first_called_at", INSTANT, "the first call"),
        Column("last_called_at", INSTANT, "the last call"),
    ),
    sort_by=("user_id", "agent_id"),
)

USAGE_HOURS = Table(
    name="usage_hours",
    grain="One row per user, weekday and hour with a call",
    columns=(
        Column("user_id", TEXT, "who called"),
        Column("weekday", WHOLE, "1 Monday to 7 Sunday, in the rulebook's zone", low=1, high=7),
        Column("hour", WHOLE, "hour of the clock there, in which the call finished", low=0, high=23),
        *CALLED,
        Column("xp", WHOLE, "XP of these calls", low=0),
    ),
    sort_by=("user_id", "weekday", "hour"),
)

USAGE_MIX = Table(
    name="usage_mix",
    grain="One row per agent and complexity of its calls",
    columns=(
        Column("agent_id", TEXT, "the agent called"),
        Column("complexity", TEXT, "how hard the calls were said to be", words=(*COMPLEXITIES, UNKNOWN)),
        *CALLED,
        Column("calls_share", NUMBER, "these calls / all calls of the agent", low=0, high=1),
        Column("xp", WHOLE, "XP of these calls", low=0),
    ),
    sort_by=("agent_id", "complexity"),
)


@dataclass(frozen=True)
class Sums:
    """Sums by some columns: whole numbers that add up over buckets, and every duration."""

    by: tuple[str, ...]
    totals: pl.DataFrame
    durations: pl.DataFrame

    @classmethod
    def of(cls, calls: pl.DataFrame, by: Sequence[str]) -> "Sums":
        """The sums of a bucket of calls (with xp and at), without those whose `by` is null."""
        rows = calls.filter(pl.all_horizontal(pl.col(by).is_not_null()))
        tokens = [pl.col(name).cast(pl.Int128) for name in TOKENS]
        told = pl.any_horizontal(pl.col(TOKENS).is_not_null())
        totals = rows.group_by(by).agg(
            pl.col("xp").sum(),
            *(token.sum() for token in tokens),
            calls=pl.len().cast(pl.Int64),
            successes=pl.col("success").sum().cast(pl.Int64),
            calls_with_tokens=told.sum().cast(pl.Int64),
            successes_with_tokens=(told & pl.col("success")).sum().cast(pl.Int64),
            **{f"sum_{s}": (pl.col(s) * _SCORE_UNIT).round().cast(pl.Int64).sum() for s in SCORES},
            **{f"n_{s}": pl.col(s).is_not_null().sum().cast(pl.Int64) for s in SCORES},
            usd_units=(pl.col("cost_usd") * _USD_UNIT).round().cast(pl.Int128).sum(),
            n_usd=pl.col("cost_usd").is_not_null().sum().cast(pl.Int64),
            first_called_at=pl.col("at").min(),
            last_called_at=pl.col("at").max(),
        )
        return cls(tuple(by), totals, rows.select(*by, "duration_s").drop_nulls("duration_s"))

    @classmethod
    def merged(cls, parts: "Sequence[Sums]") -> "Sums":
        """The sums of several buckets as one. At least one part."""
        by = parts[0].by
        together = pl.concat([part.totals for part in parts])
        added = pl.exclude(*by, "first_called_at", "last_called_at").sum()
        totals = together.group_by(by).agg(added, pl.col("first_called_at").min(), pl.col("last_called_at").max())
        return cls(by, totals, pl.concat([part.durations for part in parts]))

    def within(self, column: str, first: int, last: int) -> "Sums":
        """Those whose number in `column` lies in a range, both ends included."""
        inside = pl.col(column).is_between(first, last)
        return Sums(self.by, self.totals.filter(inside), self.durations.filter(inside))

    def finished(self) -> pl.DataFrame:
        """One row per `by`, sorted by it: those columns, xp, the columns of WORK, first_ and last_called_at."""
        duration = pl.col("duration_s")
        spread = self.durations.group_by(self.by).agg(
            median_duration_s=duration.quantile(0.5, "linear"), p95_duration_s=duration.quantile(0.95, "linear")
        )
        frame = self.totals.join(spread, on=self.by, how="left").sort(self.by)
        tokens = pl.sum_horizontal(TOKENS).cast(pl.Float64)
        return frame.with_columns(
            pl.col(TOKENS).clip(upper_bound=MAX_SUM).cast(pl.Int64),  # a hostile log must not stop everybody
            success_share(),
            *(part_of(pl.col(f"sum_{s}") / _SCORE_UNIT, f"n_{s}").round(9).alias(f"mean_{s}") for s in SCORES),
            tokens_per_success=part_of(tokens, "successes_with_tokens"),
            cost_usd=pl.when(pl.col("n_usd") > 0).then((pl.col("usd_units").cast(pl.Float64) / _USD_UNIT).round(12)),
        )


def success_share() -> pl.Expr:
    """The share of calls that succeeded; null without calls."""
    return part_of("successes", "calls").alias("success_share")


def publish_user_agents(sums: Sums, levels: LevelRules, ids: Ids) -> pl.DataFrame:
    """A bucket's part of the table `user_agents`, from sums by user and agent."""
    frame = sums.finished().with_columns(level=level_of(pl.col("xp"), levels))
    named = {"user_id": ids.users.gather(frame["user"]), "agent_id": ids.agents.gather(frame["agent"])}
    return USER_AGENTS.shape(frame.with_columns(**named))


def publish_usage_hours(calls: pl.DataFrame, zone: str, ids: Ids) -> pl.DataFrame:
    """A bucket's part of the table `usage_hours`."""
    hours = calls.with_columns(
        weekday=pl.col("day").dt.weekday().cast(pl.Int64), hour=local_hour(pl.col("at"), zone).cast(pl.Int64)
    )
    sums = _counted(hours, ["user", "weekday", "hour"]).with_columns(success_share())
    frame = sums.sort("user", "weekday", "hour")
    return USAGE_HOURS.shape(frame.with_columns(user_id=ids.users.gather(frame["user"])))


def usage_mix(calls: pl.DataFrame) -> pl.DataFrame:
    """A bucket's calls by agent and complexity: agent, complexity, calls, successes, xp."""
    return _counted(
        calls.with_columns(pl.col("complexity").cast(pl.String).fill_null(UNKNOWN)), ["agent", "complexity"]
    )


def publish_usage_mix(mixes: pl.DataFrame, ids: Ids) -> pl.DataFrame:
    """The table `usage_mix`, from `usage_mix` of all buckets one after another."""
    mix = mixes.group_by("agent", "complexity").agg(pl.col("calls", "successes", "xp").sum())
    frame = mix.sort("agent", "complexity").with_columns(
        success_share(), calls_share=pl.col("calls") / pl.col("calls").sum().over("agent")
    )
    return USAGE_MIX.shape(frame.with_columns(agent_id=ids.agents.gather(frame["agent"])))


def _counted(calls: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    successes = pl.col("success").sum().cast(pl.Int64)
    return calls.group_by(by).agg(pl.col("xp").sum(), calls=pl.len().cast(pl.Int64), successes=successes)
