"""The oracle's streaks and badges: what an agent has kept up, reached, and not yet reached.

Conditions are looked at after every single event of an agent: its counted submissions in order, a perfect_day row at
its instant after them; Champion after each instant. Here: sections 6 and 7. Not here: points, boards.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.laws.oracle_rules import SECOND, Badge, Rules, is_skipped

if TYPE_CHECKING:
    from tests.laws.oracle import Game

Row = dict[str, Any]
Key = tuple[str, str | None]  # slug and tier
ONE_DAY = dt.timedelta(days=1)


# --- section 6: streaks --------------------------------------------------------------------------------------------
def is_run_alive(last: dt.date, until: dt.date, rules: Rules) -> bool:
    """Whether a run with activity on `last` is not broken before `until`: not more days missed than grace forgives.

    A date that the zone skipped and an excused day are not missed.
    """
    missed, day = 0, last + ONE_DAY
    while day < until and missed <= rules.grace_days:
        missed += day not in rules.excused_days and not is_skipped(day, rules.timezone)
        day += ONE_DAY
    return missed <= rules.grace_days


def daily_runs(active: set[dt.date], rules: Rules) -> list[list[dt.date]]:
    """Runs of active days, in order."""
    runs: list[list[dt.date]] = []
    for day in sorted(active):
        if runs and is_run_alive(runs[-1][-1], day, rules):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def daily_streak(active: set[dt.date], today: dt.date, rules: Rules) -> Row:
    """Current = the run that ends today or yesterday; best = the longest ever; forgiven days are not counted."""
    runs = daily_runs(active, rules)
    is_current = bool(runs) and is_run_alive(runs[-1][-1], today, rules)
    return {
        "daily_current": len(runs[-1]) if is_current else 0,
        "daily_best": max(map(len, runs), default=0),
        "daily_last_on": max(active, default=None),
    }


def accuracy_streak(verdicts: list[str]) -> Row:
    """Consecutive counted verified submissions; a rejection sets it to 0."""
    current = best = 0
    for verdict in verdicts:
        current = current + 1 if verdict == "verified" else 0
        best = max(best, current)
    return {"accuracy_current": current, "accuracy_best": best}


def problem_streak(problems: list[str]) -> Row:
    """Consecutive completions of one problem; best: of equals the one reached first."""
    current, length, best, best_length = None, 0, None, 0
    for problem in problems:
        length = length + 1 if problem == current else 1
        current = problem
        if length > best_length:
            best, best_length = current, length
    return {
        "problem_current": current,
        "problem_current_length": length,
        "problem_best": best,
        "problem_best_length": best_length,
    }


def streaks(game: "Game") -> list[Row]:
    """Every agent with a visible submission that is not void has a row."""
    rows = []
    for agent_id in game.agents():
        counted = [s for s in game.counted if s["agent_id"] == agent_id]
        completed = [s for s in counted if s["verdict"] == "verified"]
        active = {game.day_of(s["counted_at"]) for s in completed}
        rows.append(
            {"agent_id": agent_id}
            | daily_streak(active, game.day_of(game.as_of), game.rules)
            | accuracy_streak([s["verdict"] for s in counted])
            | problem_streak([s["problem"] for s in completed])
        )
    return rows


# --- section 7: badges ---------------------------------------------------------------------------------------------
@dataclass
class Event:
    """A counted submission, or a perfect_day (without one), with the ledger rows it brought."""

    at: int
    event_id: str
    submission: Row | None
    awards: list[Row] = field(default_factory=list)

    @property
    def place(self) -> tuple[int, int, str]:
        """Submissions of one instant by id, then the perfect_day, then (2) Champion, which looks at the instant."""
        return (self.at, 0, self.submission["submission_id"]) if self.submission else (self.at, 1, "")

    def is_completed(self) -> bool:
        return self.submission is not None and self.submission["verdict"] == "verified"

    def has_award(self, rule: str) -> bool:
        return any(row["rule"] == rule for row in self.awards)


@dataclass(frozen=True, order=True)
class Moment:
    """When something was earned: its place among the agent's events, and which event did it."""

    place: tuple[int, int, str]
    event_id: str


def events_of(agent_id: str, game: "Game") -> list[Event]:
    awards = [row for row in game.ledger if row["agent_id"] == agent_id]
    events = [
        Event(s["counted_at"], s["event_id"], s, [r for r in awards if r["submission_id"] == s["submission_id"]])
        for s in game.counted
        if s["agent_id"] == agent_id
    ]
    perfect = [row for row in awards if row["rule"] == "perfect_day"]
    events += [Event(row["earned_at"], row["event_id"], None, [row]) for row in perfect]
    return sorted(events, key=lambda event: event.place)


def is_looked_at(event: Event, badge: Badge, game: "Game") -> bool:
    return event.submission is None or game.passes(event.submission, badge)


def attempts(events: list[Event]) -> int:
    return sum(event.submission is not None for event in events)


def is_of_metric(event: Event, badge: Badge) -> bool:
    """Whether the event is one of those that a counting metric counts."""
    if badge.metric == "tasks_completed":
        return event.is_completed()
    if badge.metric == "attempts":
        return event.submission is not None
    if badge.metric == "first_solves":
        return event.has_award("first_solver")
    if badge.metric == "counterexamples":
        return event.has_award("counterexample")
    if badge.metric == "perfect_days":
        return event.has_award("perfect_day")
    if badge.metric == "fast_solves":
        return event.is_completed() and is_fast(event.submission or {}, badge.max_s or 0)
    raise ValueError(f"the oracle does not know the metric {badge.metric}")


def is_fast(submission: Row, max_s: int) -> bool:
    """submitted_at - claimed_at within the limit, whatever the clock."""
    claimed_at = submission["claimed_at"]
    return claimed_at is not None and submission["submitted_at"] - claimed_at <= max_s * SECOND


def most_within(instants: list[int], within_s: int | None) -> int:
    """The most of them that ever stood in one sliding window (last minus first <= within); all, without a window."""
    if within_s is None:
        return len(instants)
    return max((sum(0 <= last - at <= within_s * SECOND for at in instants) for last in instants), default=0)


def value_after(events: list[Event], badge: Badge, game: "Game") -> float:
    """The metric after these events of one agent."""
    seen = [event for event in events if is_looked_at(event, badge, game)]
    submissions = [event.submission for event in seen if event.submission]
    if badge.metric == "points":
        return sum(row["points"] for event in events for row in event.awards)
    if badge.metric == "accuracy":
        return sum(s["verdict"] == "verified" for s in submissions) / len(submissions) if submissions else 0.0
    if badge.metric == "accuracy_streak":
        return int(accuracy_streak([s["verdict"] for s in submissions])["accuracy_best"])
    if badge.metric == "daily_streak":
        active = {game.day_of(event.at) for event in seen if event.is_completed()}
        return max(map(len, daily_runs(active, game.rules)), default=0)
    return most_within([event.at for event in seen if is_of_metric(event, badge)], badge.within_s)


def first_held(events: list[Event], badge: Badge, game: "Game") -> Moment | None:
    """The first event after which the condition held; falling below the threshold later takes nothing away."""
    for n in range(1, len(events) + 1):
        tried = attempts([event for event in events[:n] if is_looked_at(event, badge, game)])
        if value_after(events[:n], badge, game) >= badge.threshold and tried >= badge.min_attempts:
            return Moment(events[n - 1].place, events[n - 1].event_id)
    return None


def first_led(agent_id: str, game: "Game") -> Moment | None:
    """The first instant with strictly more points than every other agent; its event: the last row of that instant."""
    for at in sorted({row["earned_at"] for row in game.ledger if row["agent_id"] == agent_id}):
        points = points_at(game, at)
        if points.pop(agent_id) > max(points.values(), default=0):
            own_rows = [row for row in game.ledger if (row["agent_id"], row["earned_at"]) == (agent_id, at)]
            return Moment((at, 2, ""), own_rows[-1]["event_id"])
    return None


def points_at(game: "Game", at: int) -> dict[str, int]:
    """Points of every agent; all rows of one instant are applied together."""
    points = dict.fromkeys(game.agents(), 0)
    for row in game.ledger:
        if row["earned_at"] <= at:
            points[row["agent_id"]] += row["points"]
    return points


def with_required(badge: Badge, own: dict[Key, Moment], badges: tuple[Badge, ...]) -> Moment | None:
    """When its own condition has held and all required badges are earned; at the same event counts."""
    required = [first_tier(slug, own, badges) for slug in badge.requires]
    needed = [own.get(key_of(badge)), *required]
    return None if None in needed else max(moment for moment in needed if moment)


def first_tier(slug: str, own: dict[Key, Moment], badges: tuple[Badge, ...]) -> Moment | None:
    """When the first of a badge's tiers was earned."""
    tiers = [with_required(badge, own, badges) for badge in badges if badge.slug == slug]
    return min((moment for moment in tiers if moment), default=None)


def key_of(badge: Badge) -> Key:
    return (badge.slug, badge.tier)


def earned_by(agent_id: str, game: "Game") -> dict[Key, Moment]:
    badges = game.rules.badges
    events = events_of(agent_id, game)
    held = {
        key_of(badge): first_led(agent_id, game) if badge.metric == "leads" else first_held(events, badge, game)
        for badge in badges
    }
    own = {key: moment for key, moment in held.items() if moment}
    earned = {key_of(badge): with_required(badge, own, badges) for badge in badges}
    return {key: moment for key, moment in earned.items() if moment}


def badges(game: "Game") -> list[Row]:
    """One row per badge earned."""
    rows = []
    for agent_id in game.agents():
        for (slug, tier), moment in earned_by(agent_id, game).items():
            when = {"earned_at": moment.place[0], "event_id": moment.event_id}
            rows.append({"subject_type": "agent", "subject_id": agent_id, "badge": slug, "tier": tier, **when})
    return sorted(rows, key=lambda row: (row["subject_id"], row["earned_at"], row["badge"], row["tier"] or ""))


def badge_progress(game: "Game", earned: list[Row]) -> list[Row]:
    """One row per agent and badge not yet earned."""
    has = {(row["subject_id"], row["badge"], row["tier"]) for row in earned}
    rows = []
    for agent_id in game.agents():
        for badge in sorted(game.rules.badges, key=lambda badge: (badge.slug, badge.tier or "")):
            if (agent_id, *key_of(badge)) not in has:
                of = {"subject_type": "agent", "subject_id": agent_id, "badge": badge.slug, "tier": badge.tier}
                rows.append(of | progress(agent_id, badge, game))
    return rows


def progress(agent_id: str, badge: Badge, game: "Game") -> Row:
    """How far: the value over the threshold, and over the minimum of attempts where there is one, each at most 1."""
    if badge.metric == "leads":
        points = points_at(game, game.as_of)
        value, threshold = float(points[agent_id]), float(max(points.values()))
        share = min(value / threshold, 1.0) if threshold else 0.0
        return {"progress_share": share, "value": value, "threshold": threshold}
    events = events_of(agent_id, game)
    value = float(value_after(events, badge, game))
    share = min(value / badge.threshold, 1.0)
    if badge.min_attempts:
        tried = attempts([event for event in events if is_looked_at(event, badge, game)])
        share *= min(tried / badge.min_attempts, 1.0)
    return {"progress_share": share, "value": value, "threshold": float(badge.threshold)}
