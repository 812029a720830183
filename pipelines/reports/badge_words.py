"""What a badge or an achievement takes, as a sentence: `10 tasks completed within 24 hours.`

Made from the rule alone, so that a badge of somebody's own rulebook is told as well as ours. Not here: the words of
achievements inside other sentences (trophy_words.py), when a condition held (game/badges.py, game/achievements.py).
"""

from collections.abc import Mapping

from pipelines.game.rules import BadgeRule
from pipelines.game.xp_rules import AchievementRule
from pipelines.reports.quantities import duration, number, share
from pipelines.reports.trophy_words import condition

_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def sentence(rule: BadgeRule | AchievementRule, names: Mapping[str, str]) -> str:
    """The condition of a badge or an achievement. `names`: what those that it may require are called, by slug."""
    required = tuple(names.get(slug, slug) for slug in rule.requires)
    if isinstance(rule, AchievementRule):
        words = condition(rule.model_copy(update={"requires": required}))
    else:
        words = _badge(rule, required)
    return f"{words[0].upper()}{words[1:]}."


def _badge(rule: BadgeRule, required: tuple[str, ...]) -> str:
    words = [_reached(rule)]
    if rule.metric == "leads":
        words.append("at any instant")
    if rule.within_s is not None:
        words.append(f"within {span(rule.within_s)}")
    if rule.min_attempts:
        words.append(f"over at least {_many(rule.min_attempts, 'attempt')}")
    if required:
        words.append(f"after {' and '.join(required)}")
    return " ".join(words)


def _reached(rule: BadgeRule) -> str:
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
