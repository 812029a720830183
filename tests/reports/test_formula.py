"""One award of XP with its factors, in a line."""

from typing import Any

import pytest

from pipelines.reports.formula import formula

PLAIN: dict[str, Any] = {
    "xp": 10, "base": 10, "complexity": None, "complexity_factor": 1.0, "quality_factor": 1.0, "speed_factor": 1.0,
    "multiplier": 1.0, "streak_factor": 1.0, "success_factor": 1.0, "success": True, "bonus": 0, "evidence": 0,
}  # fmt: skip
ACHIEVEMENT = {**dict.fromkeys(PLAIN), "xp": 50}


@pytest.mark.parametrize(
    ("award", "text"),
    [
        (PLAIN, "10"),
        ({**PLAIN, "xp": 15, "bonus": 5}, "10 + 5 bonus"),
        (
            {
                **PLAIN, "xp": 27, "complexity": "medium", "complexity_factor": 1.5, "quality_factor": 1.5, "bonus": 5,
            },
            "10 x 1.5 medium x 1.5 quality = 22 + 5 bonus",
        ),
        (
            {
                **PLAIN, "xp": 64, "complexity": "expert", "complexity_factor": 3.0, "quality_factor": 2.0,
                "speed_factor": 1.5, "streak_factor": 2.0, "success_factor": 0.3, "success": False, "evidence": 10,
            },
            "10 x 3 expert x 2 quality x 1.5 speed x 2 streak x 0.3 failed = 54 + 10 evidence",
        ),
        ({**PLAIN, "xp": 8, "speed_factor": 0.8333333}, "10 x 0.8333 speed = 8"),
        ({**PLAIN, "xp": 13, "multiplier": 1.32}, "10 x 1.32 multipliers = 13"),
        ({**PLAIN, "xp": 9, "success_factor": 0.9}, "10 x 0.9 success = 9"),
        ({**PLAIN, "base": 1200, "xp": 1200}, "1,200"),
        ({**PLAIN, "multiplier": 57.0, "xp": 300, "bonus": 2}, "10 x 57 multipliers = 298 (capped) + 2 bonus"),
        (ACHIEVEMENT, ""),
    ],
)  # fmt: skip
def test_factors_are_named_those_of_one_are_left_out_and_what_is_added_stands_apart(award: Any, text: str) -> None:
    assert formula(award) == text
