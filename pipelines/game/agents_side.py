"""The agents' side of the game, composed: what submissions make of agents.

Two passes over the buckets, each of which holds all submissions of some agents, with a merge after each:
  1. `open_agents`: order and count; the earliest solves by task are merged -> `points.first_solves`.
  2. `close_agents`: points, streaks, badges, sums; what compares agents is merged -> `badges_of`.
The result is the same for any number of buckets. Here: composition only. Not here: calls (users_side.py), what neither
side makes alone (both_sides.py).
"""

from dataclasses import dataclass

import polars as pl

from pipelines.game import (
    activity,
    badges,
    champion,
    people,
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
    """A bucket after the first pass: its part of `submissions`, what the second pass and what the merge need of it."""

    submissions: pl.DataFrame
    agents: pl.DataFrame
    owners: pl.DataFrame
    scored: pl.DataFrame
    solves: pl.DataFrame
    waiting: pl.DataFrame


@dataclass(frozen=True)
class ClosedAgents:
    """A bucket after the second pass: its parts of the tables keyed by agent, and what is still to be merged."""

    tables: dict[str, pl.DataFrame]
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
    """First pass over one bucket: order, count, and the earliest solve and pending try of each task."""
    clock, zone = season.rules.clock, season.rules.timezone
    ordered = submissions.in_order(bucket, clock)
    counted = submissions.count(ordered, season.facts.tasks, zone)
    return OpenAgents(
        submissions.publish(counted, season.ids),
        streaks.visible_agents(counted),
        people.owners(counted),
        submissions.scored(counted),
        points.solves_by_task(counted),
        points.waiting_by_task(counted, clock),
    )


def close_agents(
    counted: pl.DataFrame, agents: pl.DataFrame, firsts: points.FirstSolves, called: AgentCalls, season: Season
) -> ClosedAgents:
    """Second pass over one bucket: everything that an agent's own submissions decide, given the first solvers.

    `counted`, `agents`: what the first pass left of the bucket as `scored` and `agents`; `called`: the calls of the
    bucket's agents.
    """
    rules, ids = season.rules, season.ids
    awards = points.award(counted, firsts, rules.points)
    days = points.tally_days(counted)
    perfect = points.perfect_days(
        days, counted, rules.points, as_of=season.as_of, zone=rules.timezone, clock=rules.clock
    )
    entries = points.ledger(awards, perfect)
    calendar = streaks.calendar(rules.streaks, season.today, season.skipped_since(days["day"]))
    active = streaks.active_days(days, calendar)
    runs = streaks.accuracy_runs(counted)
    streak_parts = [streaks.daily(active, calendar), streaks.accuracy(runs), streaks.problems(counted)]
    rows = activity.activity(counted, awards, perfect)
    totals = activity.sums(rows, "agent")
    events = badges.AgentEvents(runs, awards, entries, active, counted["event_id"], ids)
    held, progress = _badges(events, rules.badge)
    return ClosedAgents(
        tables={
            "points_ledger": points.publish(entries, counted, ids, rules.fingerprint),
            "streaks": streaks.publish(agents, streak_parts, ids),
            "agent_days": activity.agent_days(rows, called.by_day, ids),
            "agent_stats": activity.publish_agent_stats(totals, called.by_agent, ids),
        },
        tallies=tallies_of(rows, season, of_calls=False),
        held=held,
        progress=progress,
        agents=agents,
        totals=totals,
        team_totals=activity.sums(rows, "team"),
        leaders=champion.candidates(entries, counted["event_id"]),
    )


def badges_of(closed: list[ClosedAgents], season: Season) -> AgentBadges:
    """The badges of all agents, from what all buckets left to merge."""
    rules = season.rules.badge
    leading = [badge for badge in rules if badge.metric == "leads"]
    agents = pl.concat([bucket.agents for bucket in closed])
    points_of = agents.join(pl.concat([bucket.totals for bucket in closed]), on="agent", how="left")
    points_of = points_of.select("agent", pl.col("points").fill_null(0))
    leaders = pl.concat([bucket.leaders for bucket in closed])
    held = pl.concat([*(b.held for b in closed), *(champion.champions(leaders, badge) for badge in leading)])
    progress = pl.concat(
        [*(b.progress for b in closed), *(trophies.leader_progress(points_of, badge) for badge in leading)]
    )
    earned = trophies.earned(held, rules)
    return AgentBadges(
        earned,
        trophies.publish_badges(earned, "agent", season.ids.agents),
        trophies.publish_progress(agents, progress, earned, rules, season.ids),
    )


def _badges(events: badges.AgentEvents, rules: tuple[BadgeRule, ...]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Where each badge's own condition first held, and the progress of every agent; without those that lead."""
    held, progress = [pl.DataFrame(schema=badges.EARNED)], [pl.DataFrame(schema=badges.PROGRESS)]
    for badge in rules:
        if badge.metric != "leads":
            rows = badges.metric_rows(badge, events)
            held.append(badges.first_held(badge, rows, events.event_ids))
            progress.append(badges.progress(badge, rows, events))
    return pl.concat(held), pl.concat(progress)
