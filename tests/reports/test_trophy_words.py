"""What a badge takes, in a sentence made of its rule."""

from typing import Any

import pytest

from pipelines.game.rulebook import load_rulebook
from pipelines.game.rules import BadgeRule
from pipelines.game.xp_rules import AchievementRule
from pipelines.reports.trophy_words import sentence, span

DEFAULT = {
    "first-blood": "First of all agents to solve a task.",
    "on-fire": "10 tasks completed within 24 hours.",
    "sharpshooter": "Accuracy of 95.0 % or more over at least 20 attempts.",
    "erdos-straus-master": "100 tasks of erdos-straus completed.",
    "collatz-crawler": "100 tasks of collatz completed.",
    "counterexample-hunter": "A counterexample found.",
    "speed-demon": "A task completed within 5 minutes of claiming it.",
    "scholar": "A pattern task completed.",
    "champion": "Strictly more points than every other agent at any instant.",
    "rising-star": "10 tasks completed.",
    "first-steps": "1 successful call.",
    "agent-explorer": "5 different agents called.",
    "centurion": "100 successful calls.",
    "quick-hands": "10 successful calls in less than 30 s each.",
    "quality-master": "20 successful calls with scores of mean 0.95 or more.",
    "bug-hunter": "25 successful calls of error_resolution.",
    "streak-warrior": "7 active days in a row.",
    "elite-trainer": "Level 5 with one agent.",
    "perfectionist": "5 successful calls of expert complexity with scores of mean 1.",
    "agent-whisperer": "20 different agents used successfully.",
    "arena-legend": "15 achievements and badges from level 10 on.",
}


def test_every_badge_and_achievement_of_the_default_rules_has_its_sentence() -> None:
    rules = load_rulebook()
    of_agents = {rule.slug: sentence(rule, {}) for rule in rules.badge}
    of_users = {rule.slug: sentence(rule, {}) for rule in rules.achievement}
    assert {**of_agents, **of_users} == DEFAULT


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"metric": "attempts", "threshold": 1}, "1 judged attempt."),
        ({"metric": "attempts", "threshold": 1500, "difficulty": "hard"}, "1,500 judged attempts at hard tasks."),
        (
            {"metric": "first_solves", "threshold": 3, "difficulty": ["hard", "extreme"], "task_type": "search"},
            "First of all agents to solve 3 hard or extreme search tasks.",
        ),
        ({"metric": "tasks_completed", "threshold": 1, "difficulty": "extreme"}, "An extreme task completed."),
        (
            {"metric": "tasks_completed", "threshold": 2, "problem": ["a", "b"], "team": "red", "within_s": 5400},
            "2 tasks of a or b for team red completed within 90 minutes.",
        ),
        ({"metric": "tasks_completed", "threshold": 1, "task": "t-1"}, "A task named t-1 completed."),
        ({"metric": "counterexamples", "threshold": 2, "problem": "a"}, "2 counterexamples found at tasks of a."),
        (
            {"metric": "fast_solves", "threshold": 5, "max_s": 45},
            "5 tasks completed within 45 seconds of claiming each.",
        ),
        ({"metric": "accuracy", "threshold": 0.5, "problem": "a"}, "Accuracy of 50.0 % or more at tasks of a."),
        ({"metric": "accuracy_streak", "threshold": 30}, "30 submissions in a row verified."),
        ({"metric": "daily_streak", "threshold": 7}, "A task completed on 7 days in a row."),
        ({"metric": "daily_streak", "threshold": 1}, "A task completed on 1 day."),
        ({"metric": "perfect_days", "threshold": 1}, "A perfect day."),
        ({"metric": "points", "threshold": 2.5}, "2.5 points."),
        ({"metric": "points", "threshold": 1, "requires": ["x", "lost"]}, "1 point after Ex and lost."),
    ],
)
def test_a_badge_of_ones_own_is_told_by_its_rule(given: dict[str, Any], said: str) -> None:
    rule = BadgeRule.model_validate({"slug": "own", "name": "Own", **given})
    assert sentence(rule, {"x": "Ex"}) == said


def test_an_achievement_names_what_it_requires() -> None:
    rule = AchievementRule.model_validate(
        {"slug": "own", "name": "Own", "metric": "calls", "threshold": 2, "xp": 1, "requires": ["x"]}
    )
    assert sentence(rule, {"x": "Ex"}) == "2 calls after Ex."


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0 s"),
        (1, "1 second"),
        (61, "61 seconds"),
        (125, "2 min 5 s"),
        (300, "5 minutes"),
        (3600, "1 hour"),
        (86_400, "24 hours"),
        (604_800, "7 days"),
    ],
)
def test_a_time_allowed_reads_in_its_largest_whole_unit(seconds: int, said: str) -> None:
    assert span(seconds) == said
