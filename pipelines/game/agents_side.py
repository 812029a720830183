"""The agents' side of the game, composed: what submissions make of agents.

Two passes over the buckets, each of which holds all submissions of some agents, with a merge after each:
  1. `open_agents`: order and count; solves of all buckets race for each task -> `first_solvers.first_solves`.
  2. `close_agents`: points, streaks, badges, sums; what compares agents is merged -> `badges_of`.
All of it in numbers; `submissions.publish` and `publish_agents` spell ids and texts for the tables that people read.
The result is the same for any number of buckets. Here: composition only. Not here: calls (users_side.py), what neither
side makes alone (both_sides.py).
"""

from dataclasses import dataclass

import polars as pl

from pipelines.game import (
    activity,
    badges,
    champion,
    first_solvers,
    points,
    streaks,
    submissions,
    trophies,
)
from pipelines.game.call_sums import AgentCalls
from pipelines.game.rules import BadgeRule
from pipelines.game.season import Season, Tallies, tallies_of


@dataclass(frozen=True)
class OpenAgents:
    """A bucket after the first pass: its submissions in order, what the second pass and what the merge need of it."""

    counted: pl.DataFrame
    agents: pl.DataFrame
    scored: pl.DataFrame
    solves: pl.DataFrame
    waiting: pl.DataFrame


@dataclass(frozen=True)
class AgentTables:
    """What the second pass makes of a bucket, in numbers: its parts of the tables keyed by agent.

    `scored` has the submissions that rows of `entries` point into.
    """

    scored: pl.DataFrame
    entries: pl.DataFrame
    streaks: pl.DataFrame
    by_day: pl.DataFrame
    totals: pl.DataFrame


@dataclass(frozen=True)
class AgentsToMerge:
    """What a bucket leaves for the merge of all of them: small, whatever the bucket's size."""

    tallies: Tallies
    held: pl.DataFrame
    progress: pl.DataFrame
    agents: pl.DataFrame
    totals: pl.DataFrame
    team_totals: pl.DataFrame
    leaders: pl.DataFrame


@dataclass(frozen=True)
class AgentBadges:
    """The badges of all agents: `earned` has columns of badges.EARNED; and the agents' rows of two tables."""

    earned: pl.DataFrame
    badges: pl.DataFrame
    badge_progress: pl.DataFrame


def open_agents(bucket: pl.DataFrame, season: Season) -> OpenAgents:
    """First pass over one bucket: order, count, and the solves and pending tries that race to be a task's first."""
    clock, tasks = season.rules.clock, season.facts.tasks
    counted = submissions.count(submissions.in_order(bucket, clock), tasks, season.rules.timezone)
    scored = submissions.scored(counted, bucket, tasks)
    return OpenAgents(
        counted,
        streaks.visible_agents(counted),
        scored,
        first_solvers.solves(scored),
        first_solvers.waiting(scored, clock),
    )


def close_agents(
    scored: pl.DataFrame, agents: pl.DataFrame, firsts: first_solvers.FirstSolves, season: Season
) -> tuple[AgentTables, AgentsToMerge]:
    """Second pass over one bucket: everything that an agent's own submissions decide, given the first solvers.

    `scored`, `agents`: what the first pass left of the bucket.
    """
    rules = season.rules
    awards = points.award(scored, firsts, season.task_awards, rules.points)
    scored = points.with_points(scored, awards)
    days = points.tally_days(scored)
    perfect = points.perfect_days(
        days, scored, rules.points, as_of=season.as_of, zone=rules.timezone, clock=rules.clock
    )
    entries = points.ledger(awards, perfect)
    calendar = streaks.calendar(rules.streaks, season.today, season.skipped_since(days["day"]))
    active = streaks.active_days(days, calendar)
    counted = streaks.accuracy_runs(scored)
    runs = [streaks.daily(active, calendar), streaks.accuracy(counted), streaks.problems(scored)]
    by_day = activity.sums_by_day(days, perfect)
    totals = activity.sums_by_agent(by_day, scored, perfect)
    events = badges.AgentEvents(counted, awards, entries, active, scored["event_id"], season.facts)
    held, progress = _badges(events, rules.badge)
    rows = activity.activity(scored, perfect)
    left = AgentsToMerge(
        tallies=tallies_of(rows, season, of_calls=False),
        held=held,
        progress=progress,
        agents=agents,
        totals=totals,
        team_totals=activity.sums_by_team(rows),
        leaders=champion.candidates(entries, scored["event_id"]),
    )
    return AgentTables(scored, entries, streaks.streaks(agents, runs), by_day, totals), left


def publish_agents(made: AgentTables, called: AgentCalls, season: Season) -> dict[str, pl.DataFrame]:
    """A bucket's parts of the published tables keyed by agent. `called`: the calls of the bucket's agents."""
    ids = season.ids
    return {
        "points_ledger": points.publish(made.entries, made.scored, ids, season.rules.fingerprint),
        "streaks": streaks.publish(made.streaks, ids),
        "agent_days": activity.publish_agent_days(made.by_day, called.by_day, ids),
        "agent_stats": activity.publish_agent_stats(made.totals, called.by_agent, ids),
    }


def badges_of(closed: list[AgentsToMerge], season: Season) -> AgentBadges:
    """The badges of all agents, and the way to the others, from what all buckets left to merge."""
    rules = season.rules.badge
    agents = pl.concat([bucket.agents for bucket in closed])
    points_of = agents.join(pl.concat([bucket.totals for bucket in closed]), on="agent", how="left")
    points_of = points_of.select("agent", pl.col("points").fill_null(0))
    leading = [trophies.leader_progress(points_of, badge) for badge in rules if badge.metric == "leads"]
    progress = pl.concat([*(bucket.progress for bucket in closed), *leading])
    earned = badges_earned(closed, season)
    return AgentBadges(
        earned,
        trophies.publish_badges(earned, "agent", season.ids.agents),
        trophies.publish_progress(agents, progress, earned, rules, season.ids),
    )


def badges_earned(closed: list[AgentsToMerge], season: Season) -> pl.DataFrame:
    """The badges of all agents, those that compare agents included: columns of badges.EARNED."""
    leaders = pl.concat([bucket.leaders for bucket in closed])
    champions = [champion.champions(leaders, badge) for badge in season.rules.badge if badge.metric == "leads"]
    return trophies.earned(pl.concat([*(bucket.held for bucket in closed), *champions]), season.rules.badge)


def _badges(events: badges.AgentEvents, rules: tuple[BadgeRule, ...]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Where each badge's own condition first held, and the progress of every agent; without those that lead."""
    own = [badge for badge in rules if badge.metric != "leads"]
    if not own:
        return pl.DataFrame(schema=badges.EARNED), pl.DataFrame(schema=badges.PROGRESS)
    moved = [(badge, badges.metric_rows(badge, events)) for badge in own]
    held = [badges.first_held(badge, rows, events.event_ids) for badge, rows in moved]
    return pl.concat(held), pl.concat(badges.progress(badge, rows) for badge, rows in moved)
