"""Activity: what moves a board of submissions, a row a counted submission or perfect day, and sums by agent, day, team.

Here: the frame every such board is a filter over, and the published tables `agent_days`, `agent_stats`, `team_stats`.
Not here: sums over calls (work.py), windows and ranks (tallies.py, leaderboards.py).
"""

import polars as pl

from pipelines.game import runs
from pipelines.game.contract import DAY, INSTANT, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.game.facts import Ids
from pipelines.game.packing import packed
from pipelines.game.shares import part_of
from pipelines.game.work import WORK, Sums

AGENT_DAYS = Table(
    name="agent_days",
    grain="One row per agent and local day with a counted submission, an award or a call",
    columns=(
        Column("agent_id", TEXT, "the agent"),
        Column("day", DAY, "the calendar day in the rulebook's zone"),
        Column("tasks_completed", WHOLE, "verified counted submissions", low=0),
        Column("rejected", WHOLE, "rejected counted submissions", low=0),
        Column("points", WHOLE, "points of the ledger earned that day", low=0),
        Column("xp", WHOLE, "XP earned that day", low=0),
        Column("calls", WHOLE, "agent calls finished that day", low=0),
    ),
    sort_by=("agent_id", "day"),
)

_POINTS = Column("points", WHOLE, "points of the ledger", low=0)
_SUMS = (
    Column("tasks_completed", WHOLE, "verified counted submissions", low=0),
    Column("attempts", WHOLE, "counted submissions", low=0),
    Column("accuracy", NUMBER, "tasks_completed / attempts; null without attempts", nullable=True, low=0, high=1),
    *WORK,
    Column("last_active_at", INSTANT, "the last counted submission, award or call"),
)

AGENT_STATS = Table(
    name="agent_stats",
    grain="One row per agent with a counted submission or a call",
    columns=(Column("agent_id", TEXT, "the agent"), _POINTS, Column("xp", WHOLE, "XP of its calls", low=0), *_SUMS),
    sort_by=("agent_id",),
)

TEAM_STATS = Table(
    name="team_stats",
    grain="One row per team with a counted submission, an award or a call",
    columns=(
        Column("team_id", TEXT, "the team"),
        Column("n_members", WHOLE, "agents with an award of points of that team", low=0),
        Column("n_users", WHOLE, "users with an award of XP of that team", low=0),
        _POINTS,
        Column("xp", WHOLE, "XP of the ledger, achievements included", low=0),
        *_SUMS,
    ),
    sort_by=("team_id",),
)


def activity(scored: pl.DataFrame, perfect: pl.DataFrame) -> pl.DataFrame:
    """A bucket's counted submissions and perfect days, in the order (agent, at).

    Columns: agent, team, task, problem (numbers), at, day, points (all awards of the submission together), completed,
    attempts (0 or 1), is_award. `scored` has `points`.
    """
    rows = scored.filter("is_counted").select(
        "agent", "team", "task", "problem", "day", "points", at="counted_at",
        completed=pl.col("is_verified").cast(pl.Int64), attempts=pl.lit(1, dtype=pl.Int64), is_award="is_verified",
    )  # fmt: skip
    nothing = {c: pl.lit(None, dtype=rows.schema[c]) for c in ("task", "problem")}
    days = perfect.select(
        "agent", "day", "points", team=scored["team"].gather(perfect["row"]), at="earned_at",
        completed=pl.lit(0, dtype=pl.Int64), attempts=pl.lit(0, dtype=pl.Int64), is_award=pl.lit(value=True),
    ).with_columns(**nothing)  # fmt: skip
    both = pl.concat([rows, days.select(rows.columns)])
    return both[packed(both["agent"].cast(pl.Int64), both["at"].to_physical()).arg_sort()]


def sums_by_day(days: pl.DataFrame, perfect: pl.DataFrame) -> pl.DataFrame:
    """Per agent and day with a counted submission or an award: agent, day, tasks_completed, rejected, points.

    `days`: points.tally_days; sorted like it.
    """
    bonus = perfect.select("agent", "day", bonus="points")
    both = days.join(bonus, on=["agent", "day"], how="left", maintain_order="left")
    return both.filter(pl.col("completed") + pl.col("rejected") > 0).select(
        "agent", "day", "rejected", tasks_completed="completed", points=pl.col("points") + pl.col("bonus").fill_null(0)
    )


def sums_by_agent(by_day: pl.DataFrame, scored: pl.DataFrame, perfect: pl.DataFrame) -> pl.DataFrame:
    """Per agent with a counted submission: agent, points, tasks_completed, attempts, last_active_at."""
    added = {"points": pl.col("points"), "tasks_completed": pl.col("tasks_completed"), "rejected": pl.col("rejected")}
    totals = runs.run_sums(by_day, ("agent",), added)
    last = runs.run_sums(scored.filter("is_counted"), ("agent",), {}, {"counted_at": pl.col("counted_at")})
    last_day = runs.run_sums(perfect, ("agent",), {}, {"earned_at": pl.col("earned_at")})
    frame = totals.join(last, on="agent", how="left", maintain_order="left")
    frame = frame.join(last_day, on="agent", how="left", maintain_order="left")
    return frame.select(
        "agent", "points", "tasks_completed", attempts=pl.col("tasks_completed") + pl.col("rejected"),
        last_active_at=pl.max_horizontal("counted_at", "earned_at"),
    )  # fmt: skip


def publish_agent_days(by_day: pl.DataFrame, called: pl.DataFrame, ids: Ids) -> pl.DataFrame:
    """A bucket's part of the table `agent_days`. `called`: agent, day, xp, calls of the calls of these agents."""
    if called.is_empty():
        nothing = pl.lit(0, dtype=pl.Int64)
        both = by_day.with_columns(xp=nothing, calls=nothing)
    else:
        both = by_day.join(called, on=["agent", "day"], how="full", coalesce=True).sort("agent", "day")
        both = both.with_columns(pl.col("tasks_completed", "rejected", "points", "xp", "calls").fill_null(0))
    return AGENT_DAYS.shape(both.with_columns(agent_id=ids.agents.gather(both["agent"])))


def sums_by_team(rows: pl.DataFrame) -> pl.DataFrame:
    """Per team: points, tasks_completed, attempts, last_active_at, n_members (agents with an award). `rows`: activity.

    Parts of several buckets are merged by `merge_sums`.
    """
    return (
        rows.filter(pl.col("team").is_not_null())
        .group_by("team")
        .agg(
            pl.col("points").sum(),
            tasks_completed=pl.col("completed").sum(),
            attempts=pl.col("attempts").sum(),
            last_active_at=pl.col("at").max(),
            n_members=pl.col("agent").filter("is_award").n_unique().cast(pl.Int64),
        )
        .sort("team")
    )


def merge_sums(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Sums by team of several buckets as one: agents are in one bucket each, so members add up."""
    added = pl.col("points", "tasks_completed", "attempts", "n_members").sum()
    return pl.concat(parts).group_by("team").agg(added, pl.col("last_active_at").max()).sort("team")


def publish_agent_stats(totals: pl.DataFrame, work: Sums, ids: Ids) -> pl.DataFrame:
    """A bucket's part of the table `agent_stats`. `work`: the calls of these agents, by agent."""
    frame = _with_work(totals, work.finished(), "agent")
    return AGENT_STATS.shape(frame.with_columns(agent_id=ids.agents.gather(frame["agent"])))


def publish_team_stats(totals: pl.DataFrame, work: Sums, awarded: pl.DataFrame, ids: Ids) -> pl.DataFrame:
    """The table `team_stats`. `work`: calls by team; `awarded`: team, xp and n_users of the XP ledger's rows."""
    frame = _with_work(totals, work.finished().drop("xp").join(awarded, on="team", how="full", coalesce=True), "team")
    frame = frame.with_columns(pl.col("n_members", "n_users").fill_null(0))
    return TEAM_STATS.shape(frame.with_columns(team_id=ids.teams.gather(frame["team"])))


def _with_work(totals: pl.DataFrame, work: pl.DataFrame, by: str) -> pl.DataFrame:
    """Points and calls beside each other, also of those that have only one of them; sorted by `by`."""
    frame = totals.join(work, on=by, how="full", coalesce=True).sort(by)
    whole = ["points", "xp", *(c.name for c in _SUMS if c.dtype == WHOLE)]
    return frame.with_columns(
        pl.col(whole).fill_null(0), last_active_at=pl.max_horizontal("last_active_at", "last_called_at")
    ).with_columns(accuracy=part_of("tasks_completed", "attempts"))
