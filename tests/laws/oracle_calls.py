"""The oracle's agent calls: which exist and in what order, what each earns factor by factor, and levels (section 8).

Here: calls in force, days and runs of success, XP of one call, levels of a sum of XP. Not here: XP event by event and
achievements (oracle_achievements.py), sums over calls (oracle_work.py).
"""

import datetime as dt
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any

from tests.laws.oracle_rules import Rules, day_before
from tests.laws.oracle_xp_rules import LevelRules, Steps, XpRules

if TYPE_CHECKING:
    from tests.laws.oracle import Game

Row = dict[str, Any]
SCORES = ("response_quality", "user_satisfaction", "code_quality")
TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")
GIVEN = (
    *("event_id", "user_id", "agent_id", "action_type", "success", "success_source", "complexity", "duration_s"),
    *("base_points", "bonus_points", "multipliers", *SCORES, "evidence_type", "improvement_factor"),
    *("category", "team_id", "project_id", "session_id", "model", *TOKENS, "tool_uses", "cost_usd", "description"),
    "extra",
)
FACTORS = (
    *("base", "complexity_factor", "quality_factor", "speed_factor", "multiplier", "streak_factor", "success_factor"),
    *("bonus", "evidence"),
)


# --- which calls there are, and in what order ----------------------------------------------------------------------
def in_order(call: Row) -> tuple[int, str]:
    """Calls in the order (at, event_id); a corrected call sorts by the event id in force."""
    return (call["at"], call["event_id"])


def calls_at(records: list[Row], as_of: int) -> list[Row]:
    """A call exists if its `at` <= as_of; a later record replaces the whole earlier one, but keeps its instant."""
    known = [r for r in records if r["type"] == "agent_call" and r["at"] <= as_of]
    rows = []
    for call_id in sorted({call_id_of(record) for record in known}):
        history = sorted((r for r in known if call_id_of(r) == call_id), key=in_order)
        first, newest = history[0], history[-1]
        state = {column: newest.get(column) for column in GIVEN} | {"evidence_text": newest.get("evidence")}
        rows.append({"call_id": call_id, **state, "at": first["at"], "known_at": newest["at"]})
    return sorted(rows, key=lambda call: (call["user_id"], *in_order(call)))


def call_id_of(record: Row) -> str:
    """call_id (default: event_id)."""
    return str(record["event_id"] if record.get("call_id") is None else record["call_id"])


def calls_of(game: "Game", **who: str) -> list[Row]:
    """The calls of a user, of an agent, of a team, or of several of these, in order."""
    return sorted((c for c in game.calls if all(c[key] == value for key, value in who.items())), key=in_order)


# --- days ----------------------------------------------------------------------------------------------------------
def active_days(calls: list[Row], game: "Game") -> set[dt.date]:
    """An active day has a successful call."""
    return {game.day_of(call["at"]) for call in calls if call["success"]}


def run_ending_on(day: dt.date, active: set[dt.date], zone: str) -> int:
    """How many active days in a row end with that day; skipped dates break no run, and there is no grace."""
    length = 0
    while day in active:
        length, day = length + 1, day_before(day, zone)
    return length


def longest_run(active: set[dt.date], zone: str) -> int:
    return max((run_ending_on(day, active, zone) for day in active), default=0)


# --- XP of one call ------------------------------------------------------------------------------------------------
def rounded(number: float) -> float:
    """To 6 decimals, half to even: of the double, scaled by 10^6."""
    return round(number * 1e6) / 1e6


def mean_score(call: Row) -> float | None:
    """Mean of the scores given, rounded; none given: None."""
    given = [call[name] for name in SCORES if call[name] is not None]
    return rounded(sum(given) / len(given)) if given else None


def from_step(value: float, steps: Steps) -> float:
    """The factor of the last step that the value reaches."""
    return [factor for first, factor in steps if value >= first][-1]


def xp_of(call: Row, active: set[dt.date], game: "Game") -> Row:
    """Every factor, and the XP that they make."""
    rules, zone = game.rules.xp, game.rules.timezone
    n = 1 + run_ending_on(day_before(game.day_of(call["at"]), zone), active, zone)
    mean = mean_score(call)
    base = call["base_points"] or rules.action.get(call["action_type"], rules.other_action)
    factors = {
        "complexity_factor": rules.complexity[call["complexity"] or "absent"],
        "quality_factor": rules.quality_absent if mean is None else from_step(mean, rules.quality),
        "speed_factor": speed_factor(call, rules),
        "multiplier": prod(call["multipliers"] or [], start=1.0),
        "streak_factor": from_step(n, ((0, 1.0), *rules.streak)),
        "success_factor": rules.success if call["success"] else rules.failure,
    }
    product = rounded(min(prod(factors.values(), start=base), rules.cap))
    added = {"bonus": call["bonus_points"] or 0, "evidence": evidence_xp(call, rules)}
    return {"xp": int(product) + sum(added.values()), "base": base, **factors, **added}


def speed_factor(call: Row, rules: XpRules) -> float:
    """Only with a duration > 0: the first step that used / expected does not exceed; slower: down a slope."""
    used, expected = call["duration_s"], rules.expected_s[call["complexity"] or "absent"]
    if not used:
        return 1.0
    share = rounded(used / expected)
    for most, factor in rules.speed:
        if share <= most:
            return factor
    return max(rules.slow_least, 1 - rules.slow_slope * (used - expected) / expected)


def evidence_xp(call: Row, rules: XpRules) -> int:
    """Needs type and text: a share of the record's own base points, and of that what things improved by."""
    if not call["evidence_type"] or not call["evidence_text"]:
        return 0
    points = int(rounded((call["base_points"] or 0) * rules.evidence[call["evidence_type"]]))
    if call["improvement_factor"] is None:
        return points
    return int(rounded(points * min(call["improvement_factor"], rules.max_improvement)))


def ledger_row(call: Row, active: set[dt.date], game: "Game") -> Row:
    """The award of a call."""
    names = ("event_id", "user_id", "agent_id", "team_id", "project_id")
    row = {"entry_id": f"agent_call:{call['call_id']}", **{name: call[name] for name in names}}
    return row | {"rule": "agent_call", "earned_at": call["at"], **xp_of(call, active, game)}


# --- levels --------------------------------------------------------------------------------------------------------
def begins(level: int, rules: LevelRules) -> int | None:
    """The XP from which on a level is held; past the end of a table there is none."""
    if not rules.table:
        return rules.step * level * (level - 1)
    return rules.table[level - 1] if level <= len(rules.table) else None


@cache
def level_of(xp: int, rules: LevelRules) -> int:
    """Climbed one by one, as long as the next level is reached."""
    level = 1
    while (following := begins(level + 1, rules)) is not None and following <= xp:
        level += 1
    return level


def level_row(xp: int, rules: Rules) -> Row:
    level = level_of(xp, rules.levels)
    following = begins(level + 1, rules.levels)
    return {
        "xp": xp,
        "level": level,
        "title": rules.levels.titles[min(level, len(rules.levels.titles)) - 1],
        "stars": min(level - 1, rules.levels.max_stars),
        "level_xp": begins(level, rules.levels),
        "xp_to_next": None if following is None else following - xp,
    }
