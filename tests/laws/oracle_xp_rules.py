"""What the oracle is told about agent calls: XP, levels and achievements as plain data (SPEC sections 8 and 9).

Here: the defaults of the specification, and the same as a rulebook file's content. Not here: what the rules do.
"""

from dataclasses import dataclass, field
from typing import Any

Steps = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class XpRules:
    action: dict[str, int] = field(
        default_factory=lambda: {
            "task_completion": 10,
            "error_resolution": 20,
            "speed_bonus": 5,
            "quality_bonus": 15,
            "complexity_bonus": 25,
            "streak_bonus": 10,
            "first_use": 50,
            "milestone": 100,
        }
    )
    other_action: int = 10
    complexity: dict[str, float] = field(
        default_factory=lambda: {"simple": 1.0, "medium": 1.5, "complex": 2.0, "expert": 3.0, "absent": 1.0}
    )
    quality: Steps = ((0.0, 0.7), (0.5, 1.0), (0.7, 1.5), (0.9, 2.0))  # from a mean on
    quality_absent: float = 1.0
    expected_s: dict[str, float] = field(
        default_factory=lambda: {"simple": 30.0, "medium": 120.0, "complex": 300.0, "expert": 600.0, "absent": 120.0}
    )
    speed: Steps = ((0.5, 1.5), (0.75, 1.25), (1.0, 1.0))  # up to a share of the expected time
    slow_slope: float = 0.2
    slow_least: float = 0.8
    streak: Steps = ((1, 1.0), (3, 1.1), (7, 1.3), (14, 1.5), (30, 2.0))  # from so many days on
    success: float = 1.0
    failure: float = 0.3
    cap: int = 10**9  # of the product
    evidence: dict[str, float] = field(
        default_factory=lambda: {
            "speed_improvement": 0.3,
            "bug_resolution": 0.5,
            "code_quality": 0.4,
            "user_satisfaction": 0.2,
            "complexity_handling": 0.6,
            "innovation": 0.8,
        }
    )
    max_improvement: float = 2.0

    def content(self) -> dict[str, Any]:
        """The part [xp] of a rulebook file."""
        speed = {"steps": _lists(self.speed), "expected_s": self.expected_s}
        return {
            "success": self.success,
            "failure": self.failure,
            "cap": self.cap,
            "other_action": self.other_action,
            "action": self.action,
            "complexity": self.complexity,
            "quality": {"steps": _lists(self.quality), "absent": self.quality_absent},
            "speed": {**speed, "slow_slope": self.slow_slope, "slow_least": self.slow_least},
            "streak": _lists(self.streak),
            "evidence": {**self.evidence, "max_improvement": self.max_improvement},
        }


def _lists(steps: Steps) -> list[list[float]]:
    return [list(step) for step in steps]


@dataclass(frozen=True)
class LevelRules:
    step: int = 50
    table: tuple[int, ...] = ()
    titles: tuple[str, ...] = ("Recruit", "Specialist", "Expert", "Master", "Elite", "Legend")
    max_stars: int = 5

    def content(self) -> dict[str, Any]:
        """The part [levels] of a rulebook file."""
        return {
            "step": self.step,
            "table": list(self.table),
            "titles": list(self.titles),
            "max_stars": self.max_stars,
        }


@dataclass(frozen=True)
class Achievement:
    slug: str = ""
    metric: str = "successes"
    threshold: int = 1
    xp: int = 0
    action_type: tuple[str, ...] = ()
    complexity: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    under_s: int | None = None
    min_quality: float | None = None
    within_s: int | None = None
    min_level: int = 1
    requires: tuple[str, ...] = ()
    tier: str | None = None


DEFAULT_ACHIEVEMENTS = (
    Achievement(slug="first-steps", threshold=1, xp=50),
    Achievement(slug="agent-explorer", metric="agents_called", threshold=5, xp=100),
    Achievement(slug="centurion", threshold=100, xp=150),
    Achievement(slug="quick-hands", threshold=10, xp=200, under_s=30),
    Achievement(slug="quality-master", threshold=20, xp=250, min_quality=0.95),
    Achievement(slug="bug-hunter", threshold=25, xp=300, action_type=("error_resolution",)),
    Achievement(slug="streak-warrior", metric="active_days", threshold=7, xp=400),
    Achievement(slug="elite-trainer", metric="agent_level", threshold=5, xp=500),
    Achievement(slug="perfectionist", threshold=5, xp=750, complexity=("expert",), min_quality=1.0),
    Achievement(slug="agent-whisperer", metric="agents_succeeded", threshold=20, xp=1000),
    Achievement(slug="arena-legend", metric="trophies", threshold=15, min_level=10, xp=2000),
)
