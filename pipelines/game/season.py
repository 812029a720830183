"""The whole game, composed: which stage runs on what, and which tables come out.

Two passes over the buckets (each holds all submissions of some agents), with a merge after each:
  1. `open_bucket`: order and count submissions; the earliest solves by task are merged -> `first_solves`.
  2. `close_bucket`: points, streaks, badges, sums; what compares agents is merged -> `finish`.
The result is the same for any number of buckets. Here: composition only. Not here: where buckets come from and
tables go to (engines/).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from pipelines.game import (
    activity,
    badges,
    champion,
    leaderboards,
    points,
    streaks,
    submissions,
    tallies,
    trophies,
)
from pipelines.game.board_rules import BoardRule
from pipelines.game.facts import Facts, Ids
from pipelines.game.rules import BadgeRule, Rulebook
from pipelines.game.windows import local_day, skipped_dates


@dataclass(frozen=True)
class Season:
    """What every number is a function of, beside the submissions: rules, the instant (naive UTC), ids and tasks."""

    rules: Rulebook
    as_of: dt.datetime
    facts: Facts

    @property
    def ids(self) -> Ids:
        """Ids by number."""
        return self.facts.ids

    @property
    def today(self) -> dt.date:
        """The local date of `as_of`."""
        return local_day(self.as_of, self.rules.timezone)


@dataclass(frozen=True)
class OpenBucket:
    """A bucket after the first pass: its part of `submissions`, what the second pass and what the merge need of it."""

    published: pl.DataFrame
    agents: pl.DataFrame
    scored: pl.DataFrame
    solves: pl.DataFrame
    waiting: pl.DataFrame


@dataclass(frozen=True)
class ClosedBucket:
    """A bucket after the second pass: its parts of the tables keyed by agent, and what is still to be merged."""

    tables: dict[str, pl.DataFrame]
    tallies: dict[tuple[str, str], pl.DataFrame]
    held: pl.DataFrame
    progress: pl.DataFrame
    agents: pl.DataFrame
    totals: pl.DataFrame
    team_totals: pl.DataFrame
    leaders: pl.DataFrame


def open_bucket(bucket: pl.DataFrame, season: Season) -> OpenBucket:
    """First pass over one bucket: order, count, and the earliest solve and pending try of each task."""
    clock, zone = season.rules.clock, season.rules.timezone
    ordered = submissions.in_order(bucket, clock)
    counted = submissions.count(ordered, season.facts.tasks, zone)
    return OpenBucket(
        submissions.publish(counted, season.ids),
        streaks.visible_agents(counted),
        submissions.scored(counted),
        points.solves_by_task(counted),
        points.waiting_by_task(counted, clock),
    )


def close_bucket(
    counted: pl.DataFrame, agents: pl.DataFrame, firsts: points.FirstSolves, season: Season
) -> ClosedBucket:
    """Second pass over one bucket: everything that an agent's own submissions decide, given the first solvers.

    `counted`, `agents`: what the first pass left of the bucket as `scored` and `agents`.
    """
    rules, ids = season.rules, season.ids
    awards = points.award(counted, firsts, rules.points)
    days = points.tally_days(counted)
    perfect = points.perfect_days(
        days, counted, rules.points, as_of=season.as_of, zone=rules.timezone, clock=rules.clock
    )
    entries = points.ledger(awards, perfect)
    calendar = _calendar(days, season)
    active = streaks.active_days(days, calendar)
    runs = streaks.accuracy_runs(counted)
    streak_parts = [streaks.daily(active, calendar), streaks.accuracy(runs), streaks.problems(counted)]
    rows = activity.activity(counted, awards, perfect)
    totals = activity.sums(rows, "agent")
    events = badges.AgentEvents(runs, awards, entries, active, counted["event_id"], ids)
    held, progress = _badges(events, rules.badge)
    return ClosedBucket(
        tables={
            "points_ledger": points.publish(entries, counted, ids, rules.fingerprint),
            "streaks": streaks.publish(agents, streak_parts, ids),
            "agent_days": activity.agent_days(rows, ids),
            "agent_stats": activity.publish_agent_stats(totals, ids),
        },
        tallies=_tallies(rows, season),
        held=held,
        progress=progress,
        agents=agents,
        totals=totals,
        team_totals=activity.sums(rows, "team"),
        leaders=champion.candidates(entries, counted["event_id"]),
    )


def finish(closed: list[ClosedBucket], season: Season) -> Iterator[tuple[str, pl.DataFrame]]:
    """The tables that compare agents, as (name, part), from what all buckets left to merge."""
    yield "tasks", season.facts.published_tasks()
    yield (
        "team_stats",
        activity.publish_team_stats(activity.merge_sums([bucket.team_totals for bucket in closed], "team"), season.ids),
    )
    yield from _finish_badges(closed, season)
    for board in leaderboards.board_order(season.rules.board):
        yield "leaderboards", _finish_board(board, closed, season)


def _calendar(days: pl.DataFrame, season: Season) -> streaks.Calendar:
    first = days["day"].min()
    today = season.today
    skipped = skipped_dates(first if isinstance(first, dt.date) else today, today, season.rules.timezone)
    return streaks.calendar(season.rules.streaks, today, skipped)


def _badges(events: badges.AgentEvents, rules: tuple[BadgeRule, ...]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Where each badge's own condition first held, and the progress of every agent; without those that lead."""
    held, progress = [pl.DataFrame(schema=badges.EARNED)], [pl.DataFrame(schema=badges.PROGRESS)]
    for badge in rules:
        if badge.metric != "leads":
            rows = badges.metric_rows(badge, events)
            held.append(badges.first_held(badge, rows, events.event_ids))
            progress.append(badges.progress(badge, rows, events))
    return pl.concat(held), pl.concat(progress)


def _tallies(rows: pl.DataFrame, season: Season) -> dict[tuple[str, str], pl.DataFrame]:
    """The tallies of every board and window; boards that differ only in how they rank share theirs."""
    made: dict[tuple[object, ...], pl.DataFrame] = {}
    tallied = {}
    for board in season.rules.board:
        for window in tallies.windows_of(board, season.rules):
            key = (window, *tallies.what_counts(board))
            if key not in made:
                made[key] = tallies.tally(board, window, rows, season.as_of, season.rules, season.ids)
            tallied[board.slug, window] = made[key]
    return tallied


def _finish_badges(closed: list[ClosedBucket], season: Season) -> Iterator[tuple[str, pl.DataFrame]]:
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
    yield "badges", trophies.publish_badges(earned, season.ids)
    yield "badge_progress", trophies.publish_progress(agents, progress, earned, rules, season.ids)


def _finish_board(board: BoardRule, closed: list[ClosedBucket], season: Season) -> pl.DataFrame:
    merged = {
        window: tallies.merge(board, [bucket.tallies[board.slug, window] for bucket in closed])
        for window in tallies.windows_of(board, season.rules)
    }
    return leaderboards.leaderboard(board, merged, season.rules, season.ids)
