"""What an achievement takes, in words: `25 successful calls of error_resolution`.

Not here: when it was taken (game/achievements.py), how far somebody has come (trophies_part.py).
"""

from pipelines.game.xp_rules import AchievementRule
from pipelines.reports.quantities import duration, number

_ONE_AND_MANY = {
    "calls": ("call", "calls"),
    "successes": ("successful call", "successful calls"),
    "agents_called": ("agent called", "different agents called"),
    "agents_succeeded": ("agent used successfully", "different agents used successfully"),
    "active_days": ("active day", "active days in a row"),
    "trophies": ("achievement or badge", "achievements and badges"),
}
_LEVELS = {"agent_level": "level {} with one agent", "user_level": "level {}"}


def condition(rule: AchievementRule) -> str:
    """The condition of an achievement as part of a sentence. Names in it are the rulebook's."""
    words = [_reached(rule)]
    words += [f"of {' or '.join(rule.complexity)} complexity"] if rule.complexity else []
    words += [f"of {' or '.join(kind)}" for kind in (rule.action_type, rule.category) if kind]
    words += [f"of agent {' or '.join(rule.agent)}"] if rule.agent else []
    words += [f"for team {' or '.join(rule.team)}"] if rule.team else []
    words += [f"in less than {duration(rule.under_s)} each"] if rule.under_s is not None else []
    words += [f"with scores of mean {_at_least(rule.min_quality)}"] if rule.min_quality is not None else []
    words += [f"within {duration(rule.within_s)}"] if rule.within_s is not None else []
    words += [f"from level {rule.min_level} on"] if rule.min_level > 1 else []
    words += [f"after {' and '.join(rule.requires)}"] if rule.requires else []
    return " ".join(words)


def _at_least(share: float) -> str:
    return "1" if share == 1 else f"{number(share)} or more"


def _reached(rule: AchievementRule) -> str:
    if rule.metric in _LEVELS:
        return _LEVELS[rule.metric].format(rule.threshold)
    one, many = _ONE_AND_MANY[rule.metric]
    return f"{rule.threshold:,} {one if rule.threshold == 1 else many}"
