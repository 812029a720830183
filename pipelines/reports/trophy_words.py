"""What a badge or an achievement takes, in words: `10 tasks completed within 24 hours`.

Made from the rule alone, so that one of somebody's own rulebook is told as well as ours. Not here: when a condition
held (game/badges.py, game/achievements.py), how far somebody has come (trophies_part.py).
"""

from collections.abc import Mapping

from pipelines.game.rules import BadgeRule
from pipelines.game.xp_rules import AchievementRule
from pipelines.reports.quantities import duration, number, share

_CALLS = {
    "calls": ("call", "calls"),
    "successes": ("successful call", "successful calls"),
    "agents_called": ("agent called", "different agents called"),
    "agents_succeeded": ("agent used successfully", "different agents used successfully"),
    "active_days": ("active day", "active days in a row"),
    "trophies": ("achievement or badge", "achievements and badges"),
}
_LEVELS = {"agent_level": "level {} with one agent", "user_level": "level {}"}
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def sentence(rule: BadgeRule | AchievementRule, names: Mapping[str, str]) -> str:
    """The condition of a badge or an achievement. `names`: what those that it may require are called, by slug."""
    words = condition(rule, names)
    return f"{words[0].upper()}{words[1:]}."


def condition(rule: BadgeRule | AchievementRule, names: Mapping[str, str] | None = None) -> str:
    """The same as part of a sentence. Names in it are the rulebook's; those without one in `names` are slugs."""
    words = _of_calls(rule) if isinstance(rule, AchievementRule) else _of_tasks(rule)
    if rule.requires:
        words.append(f"after {' and '.join((names or {}).get(slug, slug) for slug in rule.requires)}")
    return " ".join(words)


def _of_calls(rule: AchievementRule) -> list[str]:
    words = [_reached(rule)]
    words += [f"of {' or '.join(rule.complexity)} complexity"] if rule.complexity else []
    words += [f"of {' or '.join(kind)}" for kind in (rule.action_type, rule.category) if kind]
    words += [f"of agent {' or '.join(rule.agent)}"] if rule.agent else []
    words += [f"for team {' or '.join(rule.team)}"] if rule.team else []
    words += [f"in less than {duration(rule.under_s)} each"] if rule.under_s is not None else []
    words += [f"with scores of mean {_at_least(rule.min_quality)}"] if rule.min_quality is not None else []
    words += [f"within {span(rule.within_s)}"] if rule.within_s is not None else []
    words += [f"from level {rule.min_level} on"] if rule.min_level > 1 else []
    return words


def _at_least(mean: float) -> str:
    return "1" if mean == 1 else f"{number(mean)} or more"


def _reached(rule: AchievementRule) -> str:
    if rule.metric in _LEVELS:
        return _LEVELS[rule.metric].format(rule.threshold)
    one, many = _CALLS[rule.metric]
    return f"{rule.threshold:,} {one if rule.threshold == 1 else many}"


def _of_tasks(rule: BadgeRule) -> list[str]:
    words = [_solved(rule)]
    words += ["at any instant"] if rule.metric == "leads" else []
    words += [f"within {span(rule.within_s)}"] if rule.within_s is not None else []
    words += [f"over at least {_many(rule.min_attempts, 'attempt')}"] if rule.min_attempts else []
    return words


def _solved(rule: BadgeRule) -> str:
    n = rule.threshold
    tasks, at_tasks = _many(n, _task(rule), "a"), _where(rule)
    said = {
        "tasks_completed": f"{tasks}{at_tasks} completed",
        "attempts": f"{_many(n, 'judged attempt')}{_at(rule)}",
        "first_solves": f"first of all agents to solve {tasks}{at_tasks}",
        "counterexamples": f"{_many(n, 'counterexample', 'a')} found{_at(rule)}",
        "fast_solves": f"{tasks}{at_tasks} completed within {span(rule.max_s or 0)} of claiming "
        f"{'it' if n == 1 else 'each'}",
        "accuracy": f"accuracy of {share(n)} or more{_at(rule)}",
        "accuracy_streak": f"{_many(n, 'submission')} in a row verified",
        "daily_streak": f"a task completed on {_many(n, 'day')}{'' if n == 1 else ' in a row'}",
        "perfect_days": _many(n, "perfect day", "a"),
        "points": _many(n, "point"),
        "leads": "strictly more points than every other agent",
    }
    return said[rule.metric]


def _task(rule: BadgeRule) -> str:
    """What kind of task: `hard pattern task`."""
    kinds = [" or ".join(kind) for kind in (rule.difficulty, rule.task_type) if kind]
    return " ".join([*kinds, "task"])


def _at(rule: BadgeRule) -> str:
    """The filters behind what is not called a task: ` at hard tasks of collatz`."""
    return f" at {_task(rule)}s{_where(rule)}" if rule.has_filters else ""


def _where(rule: BadgeRule) -> str:
    words = [f" of {' or '.join(rule.problem)}"] if rule.problem else []
    words += [f" named {' or '.join(rule.task)}"] if rule.task else []
    words += [f" for team {' or '.join(rule.team)}"] if rule.team else []
    return "".join(words)


def _many(n: float, what: str, one: str = "1") -> str:
    """So many things; of a single one `one` is said instead of the number."""
    if n == 1:
        return f"{'an' if one == 'a' and what[0] in 'aeiou' else one} {what}"
    return f"{number(n)} {what}s"


def span(seconds: int) -> str:
    """A time allowed, in words, in its largest whole unit; a day is 24 hours, for any 24 will do."""
    if seconds == 86_400:
        return "24 hours"
    for unit, name in _UNITS:
        if seconds and seconds % unit == 0:
            n = seconds // unit
            if unit == 1 and n >= 120:
                break
            return f"{n:,} {name}{'' if n == 1 else 's'}"
    return duration(seconds)
