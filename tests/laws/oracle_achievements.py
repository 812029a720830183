"""The oracle's careers: XP applied event by event, levels passed, achievements completed (sections 8 and 9).

A user's events are its calls in the order (at, event_id), and after those of an instant the badges that its agents
earned then, in the order (event_id, agent_id, slug). Each is followed by the achievements that it completes, until
nothing more is completed. Not here: what a call earns (oracle_calls.py), when a badge is earned (oracle_badges.py).
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.laws.oracle_badges import most_within
from tests.laws.oracle_calls import (
    FACTORS,
    active_days,
    calls_of,
    in_order,
    ledger_row,
    level_of,
    level_row,
    longest_run,
    mean_score,
)
from tests.laws.oracle_xp_rules import Achievement

if TYPE_CHECKING:
    from tests.laws.oracle import Game

Row = dict[str, Any]


@dataclass
class Career:
    """What one user has so far, and the rows that were written on the way."""

    user_id: str
    game: "Game"
    calls: list[Row] = field(default_factory=list)
    badges: list[Row] = field(default_factory=list)
    ledger: list[Row] = field(default_factory=list)
    level_ups: list[Row] = field(default_factory=list)
    earned: list[Row] = field(default_factory=list)

    def xp(self, agent_id: str | None = None) -> int:
        """XP of the user, or of the user with one agent."""
        return sum(row["xp"] for row in self.ledger if agent_id in (None, row["agent_id"]))

    def level(self, agent_id: str | None = None) -> int:
        return level_of(self.xp(agent_id), self.game.rules.levels)

    def agents(self) -> list[str]:
        return sorted({call["agent_id"] for call in self.calls})

    def has(self, slug: str, tier: str | None) -> bool:
        return any((row["badge"], row["tier"]) == (slug, tier) for row in self.earned)

    # --- event by event --------------------------------------------------------------------------------------------
    def finish_call(self, call: Row, row: Row) -> None:
        self.calls.append(call)
        self.apply(row)
        self.complete(call)

    def see_badge(self, badge: Row) -> None:
        """A badge of an agent owned: it counts as a trophy, and belongs to no team or project."""
        self.badges.append(badge)
        event = {"at": badge["earned_at"], "event_id": badge["event_id"], "team_id": None, "project_id": None}
        self.complete(event)

    def apply(self, row: Row) -> None:
        """Write a row of the XP ledger, and a level-up for every level that it passes."""
        pairs = [] if row["agent_id"] is None else [row["agent_id"]]
        before = {agent_id: self.level(agent_id) for agent_id in [None, *pairs]}
        self.ledger.append(row)
        for agent_id, level in before.items():
            scope = "user" if agent_id is None else "user_agent"
            of = {"user_id": self.user_id, "scope": scope, "agent_id": agent_id}
            when = {"reached_at": row["earned_at"], "event_id": row["event_id"]}
            self.level_ups += [of | {"level": n, **when} for n in range(level + 1, self.level(agent_id) + 1)]

    def complete(self, event: Row) -> None:
        """Award whatever is held now; what is awarded may complete more. The ledger names them by slug and tier."""
        n_rows, held = len(self.ledger), self.held_now()
        while held:
            for achievement in held:
                self.award(achievement, event)
            held = self.held_now()
        n_awards = len(self.ledger) - n_rows
        named = zip(self.earned[len(self.earned) - n_awards :], self.ledger[n_rows:], strict=True)
        in_order = sorted(named, key=lambda pair: (pair[0]["badge"], pair[0]["tier"] or ""))
        self.ledger[n_rows:] = [row for _, row in in_order]

    def held_now(self) -> list[Achievement]:
        """The achievements whose conditions hold, and that are not earned yet."""
        return [a for a in self.game.rules.achievements if not self.has(a.slug, a.tier) and is_held(a, self)]

    def award(self, achievement: Achievement, event: Row) -> None:
        of = {"subject_type": "user", "subject_id": self.user_id, "badge": achievement.slug, "tier": achievement.tier}
        self.earned.append(of | {"earned_at": event["at"], "event_id": event["event_id"]})
        rule = f"achievement:{achievement.slug}"
        tier = "" if achievement.tier is None else f"/{achievement.tier}"
        row = {"entry_id": f"{rule}{tier}:{self.user_id}", "event_id": event["event_id"], "user_id": self.user_id}
        row |= {"agent_id": None, "team_id": event["team_id"], "project_id": event["project_id"], "rule": rule}
        self.apply(row | {"xp": achievement.xp, "earned_at": event["at"], **dict.fromkeys(FACTORS)})


# --- what an achievement looks at ----------------------------------------------------------------------------------
def passes(call: Row, achievement: Achievement) -> bool:
    asked = ((achievement.action_type, "action_type"), (achievement.complexity, "complexity"))
    asked += ((achievement.category, "category"), (achievement.agent, "agent_id"), (achievement.team, "team_id"))
    if any(wanted and call[column] not in wanted for wanted, column in asked):
        return False
    if achievement.under_s is not None and not 0 < (call["duration_s"] or 0) < achievement.under_s:
        return False
    mean = mean_score(call)
    return achievement.min_quality is None or (mean is not None and mean >= achievement.min_quality)


def value_of(achievement: Achievement, career: Career) -> int:
    """The metric so far: of runs and levels the best, in a sliding window the best window."""
    zone, metric = career.game.rules.timezone, achievement.metric
    seen = [call for call in career.calls if passes(call, achievement)]
    good = [call for call in seen if call["success"]]
    if metric == "calls":
        return most_within([call["at"] for call in seen], achievement.within_s)
    if metric == "successes":
        return most_within([call["at"] for call in good], achievement.within_s)
    if metric == "agents_called":
        return len({call["agent_id"] for call in seen})
    if metric == "agents_succeeded":
        return len({call["agent_id"] for call in good})
    if metric == "active_days":
        return longest_run(active_days(career.calls, career.game), zone)
    if metric == "agent_level":
        return max(map(career.level, career.agents()), default=0)
    if metric == "user_level":
        return career.level()
    if metric == "trophies":  # what is not earned yet is not among them: this very entry is not
        return len(career.earned) + len(career.badges)
    raise ValueError(f"the oracle does not know the metric {metric}")


def is_held(achievement: Achievement, career: Career) -> bool:
    """Its own condition, and every required achievement earned, with its first tier."""
    earned = {row["badge"] for row in career.earned}
    if not set(achievement.requires) <= earned or career.level() < achievement.min_level:
        return False
    return value_of(achievement, career) >= achievement.threshold


def progress(achievement: Achievement, career: Career) -> Row:
    """How far: the value over the threshold, and the level over the least one where there is one, each at most 1."""
    value = float(value_of(achievement, career))
    share = min(value / achievement.threshold, 1.0) * min(career.level() / achievement.min_level, 1.0)
    return {"progress_share": share, "value": value, "threshold": float(achievement.threshold)}


# --- whole careers -------------------------------------------------------------------------------------------------
def owners(game: "Game") -> dict[str, str]:
    """An agent's owner: the user of its last submission (submitted_at, submission_id), not void, that has one."""
    named = [s for s in game.submissions if s["verdict"] != "void" and s["user_id"] is not None]
    return {s["agent_id"]: s["user_id"] for s in sorted(named, key=lambda s: (s["submitted_at"], s["submission_id"]))}


def careers(game: "Game", badges: list[Row]) -> dict[str, Career]:
    """Of every user who called or owns an agent; `badges` are those of the agents."""
    users = {call["user_id"] for call in game.calls} | set(game.owners.values())
    return {user_id: career(user_id, game, badges) for user_id in sorted(users)}


def career(user_id: str, game: "Game", badges: list[Row]) -> Career:
    so_far = Career(user_id, game)
    calls = calls_of(game, user_id=user_id)
    active = active_days(calls, game)
    own = [badge for badge in badges if game.owners.get(badge["subject_id"]) == user_id]
    own.sort(key=lambda b: (b["event_id"], b["subject_id"], b["badge"], b["tier"] or ""))
    for at in sorted({call["at"] for call in calls} | {badge["earned_at"] for badge in own}):
        for call in sorted((call for call in calls if call["at"] == at), key=in_order):
            so_far.finish_call(call, ledger_row(call, active, game))
        for badge in (badge for badge in own if badge["earned_at"] == at):
            so_far.see_badge(badge)
    return so_far


def xp_ledger(game: "Game") -> list[Row]:
    """One row per award, by user in the order in which XP was applied."""
    return [row for career in game.careers.values() for row in career.ledger]


def earned(game: "Game") -> list[Row]:
    rows = [row for career in game.careers.values() for row in career.earned]
    return sorted(rows, key=lambda row: (row["subject_id"], row["earned_at"], row["badge"], row["tier"] or ""))


def all_progress(game: "Game") -> list[Row]:
    """One row per user with a call or an award, and achievement not yet earned."""
    rows = []
    for career in game.careers.values():
        for achievement in sorted(game.rules.achievements, key=lambda a: (a.slug, a.tier or "")):
            if career.ledger and not career.has(achievement.slug, achievement.tier):
                of = {"subject_type": "user", "subject_id": career.user_id}
                of |= {"badge": achievement.slug, "tier": achievement.tier}
                rows.append(of | progress(achievement, career))
    return rows


def levels(game: "Game") -> list[Row]:
    """One row per user, and per user and agent, with a call or an award."""
    rows = []
    for career in game.careers.values():
        scopes = [("user", None), *(("user_agent", agent_id) for agent_id in career.agents())]
        for scope, agent_id in scopes if career.ledger else []:
            of = {"user_id": career.user_id, "scope": scope, "agent_id": agent_id}
            rows.append(of | level_row(career.xp(agent_id), game.rules))
    return rows


def level_ups(game: "Game") -> list[Row]:
    """One row per level passed, from level 2 on."""
    rows = [row for career in game.careers.values() for row in career.level_ups]
    return sorted(rows, key=lambda row: (row["user_id"], row["scope"], row["agent_id"] or "", row["level"]))
