"""The oracle's sums: points of submissions beside the work of agent calls, by agent, user, team, day and hour.

Here: agent_stats, user_stats, user_agents, team_stats, agent_days, usage_hours, usage_mix. Not here: what anything
earns, ranks.
"""

import datetime as dt
from math import fsum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.laws.oracle_calls import (
    SCORES,
    TOKENS,
    active_days,
    calls_of,
    level_of,
    level_row,
    longest_run,
    run_ending_on,
)
from tests.laws.oracle_rules import EPOCH, day_before

if TYPE_CHECKING:
    from tests.laws.oracle import Game

Row = dict[str, Any]
COMPLEXITIES = ("simple", "medium", "complex", "expert", None)


def tables(game: "Game") -> dict[str, list[Row]]:
    return {
        "agent_stats": agent_stats(game),
        "user_stats": user_stats(game),
        "user_agents": user_agents(game),
        "team_stats": team_stats(game),
        "agent_days": agent_days(game),
        "usage_hours": usage_hours(game),
        "usage_mix": usage_mix(game),
    }


# --- sums of submissions -------------------------------------------------------------------------------------------
def totals(counted: list[Row], ledger: list[Row]) -> Row:
    """Sums over counted submissions and ledger rows; accuracy is null without attempts."""
    completed = sum(s["verdict"] == "verified" for s in counted)
    return {
        "points": sum(row["points"] for row in ledger),
        "tasks_completed": completed,
        "attempts": len(counted),
        "accuracy": completed / len(counted) if counted else None,
    }


def last_active_at(counted: list[Row], ledger: list[Row], calls: list[Row]) -> int | None:
    """The last counted submission, award or call."""
    instants = [s["counted_at"] for s in counted] + [row["earned_at"] for row in ledger] + [c["at"] for c in calls]
    return max(instants, default=None)


def ids(rows: list[Row], column: str) -> list[str]:
    return sorted({row[column] for row in rows if row[column] is not None})


# --- sums of calls -------------------------------------------------------------------------------------------------
def called(calls: list[Row]) -> Row:
    """success_share is null without calls."""
    successes = sum(call["success"] for call in calls)
    return {
        "calls": len(calls),
        "successes": successes,
        "success_share": successes / len(calls) if calls else None,
    }


def work(calls: list[Row]) -> Row:
    """What these calls were, each mean and sum over those that tell."""
    durations = sorted(call["duration_s"] for call in calls if call["duration_s"] is not None)
    told = [call for call in calls if any(call[name] is not None for name in TOKENS)]
    successes = sum(call["success"] for call in told)
    tokens = {name: sum(call[name] or 0 for call in told) for name in TOKENS}
    costs = [call["cost_usd"] for call in calls if call["cost_usd"] is not None]
    return {
        **called(calls),
        "median_duration_s": between(durations, 0.5),
        "p95_duration_s": between(durations, 0.95),
        **{f"mean_{name}": mean([call[name] for call in calls if call[name] is not None]) for name in SCORES},
        **tokens,
        "calls_with_tokens": len(told),
        "tokens_per_success": sum(tokens.values()) / successes if successes else None,
        "cost_usd": fsum(costs) if costs else None,
    }


def mean(given: list[float]) -> float | None:
    return fsum(given) / len(given) if given else None


def between(ordered: list[float], share: float) -> float | None:
    """The value at that share of the way from the first to the last; between two of them linear."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))


def xp_of_calls(calls: list[Row], game: "Game") -> int:
    names = {f"agent_call:{call['call_id']}" for call in calls}
    return sum(row["xp"] for row in game.xp_ledger if row["entry_id"] in names)


# --- by agent, user, both, team, day -------------------------------------------------------------------------------
def agent_stats(game: "Game") -> list[Row]:
    """One row per agent with a counted submission or a call."""
    rows = []
    for agent_id in sorted({*ids(game.counted, "agent_id"), *ids(game.calls, "agent_id")}):
        counted = [s for s in game.counted if s["agent_id"] == agent_id]
        ledger = [row for row in game.ledger if row["agent_id"] == agent_id]
        calls = calls_of(game, agent_id=agent_id)
        sums = {**totals(counted, ledger), "xp": xp_of_calls(calls, game), **work(calls)}
        rows.append({"agent_id": agent_id, **sums, "last_active_at": last_active_at(counted, ledger, calls)})
    return rows


def user_stats(game: "Game") -> list[Row]:
    """One row per user with a call, an award of XP or an agent of its own."""
    rows = []
    zone, today = game.rules.timezone, game.day_of(game.as_of)
    for user_id in sorted({*ids(game.calls, "user_id"), *ids(game.xp_ledger, "user_id"), *game.owners.values()}):
        calls = calls_of(game, user_id=user_id)
        active = active_days(calls, game)
        owned = {agent_id for agent_id, owner in game.owners.items() if owner == user_id}
        counted = [s for s in game.counted if s["agent_id"] in owned]
        ledger = [row for row in game.ledger if row["agent_id"] in owned]
        xp = sum(row["xp"] for row in game.xp_ledger if row["user_id"] == user_id)
        rows.append(
            {
                "user_id": user_id,
                **{name: value for name, value in level_row(xp, game.rules).items() if name in LEVEL},
                "achievements": len(game.careers[user_id].earned),
                "n_agents_called": len(ids(calls, "agent_id")),
                "n_agents_succeeded": len(ids([call for call in calls if call["success"]], "agent_id")),
                **work(calls),
                "active_days": len(active),
                "daily_current": run_ending_on(today, active, zone)
                or run_ending_on(day_before(today, zone), active, zone),
                "daily_best": longest_run(active, zone),
                "n_agents_owned": len(owned),
                **totals(counted, ledger),
                "last_active_at": last_active_at(counted, ledger, calls),
            }
        )
    return rows


LEVEL = ("xp", "level", "title", "stars")


def user_agents(game: "Game") -> list[Row]:
    """One row per user and agent called."""
    rows = []
    for user_id, agent_id in sorted({(call["user_id"], call["agent_id"]) for call in game.calls}):
        calls = calls_of(game, user_id=user_id, agent_id=agent_id)
        xp = xp_of_calls(calls, game)
        of = {"user_id": user_id, "agent_id": agent_id, "xp": xp, "level": level_of(xp, game.rules.levels)}
        rows.append(of | work(calls) | {"first_called_at": calls[0]["at"], "last_called_at": calls[-1]["at"]})
    return rows


def team_stats(game: "Game") -> list[Row]:
    """One row per team with a counted submission, an award or a call."""
    rows = []
    for team_id in ids(game.counted + game.ledger + game.calls + game.xp_ledger, "team_id"):
        counted = [s for s in game.counted if s["team_id"] == team_id]
        ledger = [row for row in game.ledger if row["team_id"] == team_id]
        xp_rows = [row for row in game.xp_ledger if row["team_id"] == team_id]
        calls = calls_of(game, team_id=team_id)
        sums = {"n_members": len(ids(ledger, "agent_id")), "n_users": len(ids(xp_rows, "user_id"))}
        sums |= {**totals(counted, ledger), "xp": sum(row["xp"] for row in xp_rows), **work(calls)}
        rows.append({"team_id": team_id, **sums, "last_active_at": last_active_at(counted, ledger, calls)})
    return rows


def agent_days(game: "Game") -> list[Row]:
    """One row per agent and local day with a counted submission, an award or a call."""

    def days(rows: list[Row], column: str) -> set[tuple[str, dt.date]]:
        return {(row["agent_id"], game.day_of(row[column])) for row in rows}

    def on(rows: list[Row], column: str) -> list[Row]:
        return [row for row in rows if (row["agent_id"], game.day_of(row[column])) == (agent_id, day)]

    rows = []
    happened = days(game.counted, "counted_at") | days(game.ledger, "earned_at") | days(game.calls, "at")
    for agent_id, day in sorted(happened):
        sums = totals(on(game.counted, "counted_at"), on(game.ledger, "earned_at"))
        done = {"tasks_completed": sums["tasks_completed"], "rejected": sums["attempts"] - sums["tasks_completed"]}
        calls = on(game.calls, "at")
        worked = {"points": sums["points"], "xp": xp_of_calls(calls, game), "calls": len(calls)}
        rows.append({"agent_id": agent_id, "day": day, **done, **worked})
    return rows


# --- by hour and complexity ----------------------------------------------------------------------------------------
def usage_hours(game: "Game") -> list[Row]:
    """One row per user, weekday and hour of the zone's clock with a call."""

    def place(call: Row) -> tuple[str, int, int]:
        clock = (EPOCH + dt.timedelta(microseconds=call["at"])).astimezone(ZoneInfo(game.rules.timezone))
        return (call["user_id"], clock.isoweekday(), clock.hour)

    rows = []
    for one in sorted({place(call) for call in game.calls}):
        calls = [call for call in game.calls if place(call) == one]
        of = dict(zip(("user_id", "weekday", "hour"), one, strict=True))
        rows.append({**of, **called(calls), "xp": xp_of_calls(calls, game)})
    return rows


def usage_mix(game: "Game") -> list[Row]:
    """One row per agent and complexity of its calls."""
    rows = []
    for agent_id in ids(game.calls, "agent_id"):
        own = calls_of(game, agent_id=agent_id)
        for complexity in COMPLEXITIES:
            if calls := [call for call in own if call["complexity"] == complexity]:
                of = {"agent_id": agent_id, "complexity": complexity or "unknown", **called(calls)}
                rows.append({**of, "calls_share": len(calls) / len(own), "xp": xp_of_calls(calls, game)})
    return sorted(rows, key=lambda row: (row["agent_id"], row["complexity"]))
