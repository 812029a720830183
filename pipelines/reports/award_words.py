"""Why an award is what it is: one sentence an award, from the rule that gave it.

A row holds the columns of its ledger and those that `reasons.py` puts beside them. Sentences hold words of strangers
(names of actions): whoever shows them makes them safe, as all text. Not here: where those columns come from
(reasons.py), the rules themselves (game/points.py, game/xp.py).
"""

from typing import Any

from pipelines.game.rules import PointRules
from pipelines.game.xp_rules import AchievementRule
from pipelines.reports import quantities
from pipelines.reports.formula import formula
from pipelines.reports.trophy_words import condition

Row = dict[str, Any]
Achievements = dict[str, AchievementRule]  # by the award's rule, with the tier behind a slash where there is one


def because_of_points(row: Row, rules: PointRules) -> str:
    """Why a submission, or a day, earned these points."""
    words = {
        "task": _task,
        "pattern_insight": _pattern,
        "first_solver": _first,
        "counterexample": _counterexample,
        "perfect_day": _perfect_day,
    }
    return words[row["rule"]](row, rules)


def because_of_xp(row: Row, achievements: Achievements) -> str:
    """Why a call, or an achievement, earned this XP."""
    if row["rule"] == "agent_call":
        return _call(row)
    rule = achievements.get(row["entry_id"].rpartition(":" + row["user_id"])[0])
    if rule is None:  # the rulebook has lost it since
        return f"the achievement {row['rule'].partition(':')[2]}"
    tier = f" ({rule.tier})" if rule.tier else ""
    return f"the achievement {rule.name}{tier}: {condition(rule)}"


def _task(row: Row, rules: PointRules) -> str:
    low, high = getattr(rules.difficulty, row["difficulty"])
    kind, own = f"{row['difficulty']} task", row["task_points"]
    if own is None:
        return f"{kind} without points of its own, so {low}, the least of its kind"
    if low <= own <= high:
        return f"{kind}, {own} points of its own"
    return f"{kind}, whose own {own} points lie outside {low} to {high}, so the nearest end"


def _pattern(row: Row, rules: PointRules) -> str:
    (low, high), judged = rules.pattern_insight, row["awarded_points"]
    if judged is None:
        return f"pattern task, for which the judge awarded no number, so {low}, the least"
    if low <= judged <= high:
        return f"pattern task, for which the judge awarded {judged}"
    return f"pattern task, for which the judge awarded {judged}, outside {low} to {high}, so the nearest end"


def _first(row: Row, _: PointRules) -> str:
    pending = "; an earlier try is not judged yet" if row["is_provisional"] else ""
    if row["n_solvers"] == 1:
        return f"first to solve it, and so far the only one{pending}"
    ahead = (row["next_at"] - row["earned_at"]).total_seconds()
    before = f"{quantities.duration(ahead)} before the next" if ahead else "at the same instant, by the submission's id"
    return f"first of {row['n_solvers']:,} agents to solve it, {before}{pending}"


def _counterexample(row: Row, rules: PointRules) -> str:
    own = row["counterexample_points"]
    if own is not None and own > rules.counterexample:
        return f"found a counterexample, for which this task gives {own} instead of {rules.counterexample}"
    return "found a counterexample in a search"


def _perfect_day(row: Row, _: PointRules) -> str:
    pending = "; a try of that day is not judged yet" if row["is_provisional"] else ""
    return f"{row['n_completed']:,} completed and none rejected on {row['day']}{pending}"


def _call(row: Row) -> str:
    ended = "succeeded" if row["success"] else "failed"
    base = " with a base of its own" if row["base_points"] else ""
    return f"{row['action_type']}{base}, {ended}: {formula(row)}"
