"""Trials in the order in which they were made."""

from pipelines.insight.doubts.trial_order import trials_in_order
from pipelines.insight.evidence import CALL, SUBMISSION
from tests.insight.skill_season import calls, evidence, tries

EARLY, LATE = calls("a", "+-", "debug", "medium"), calls("b", "-", None, None, day=1)


def test_calls_are_told_by_user_the_oldest_first() -> None:
    rows = [{**row, "event_id": f"e{number}"} for number, row in enumerate([*LATE, *EARLY])]
    found = trials_in_order(evidence(rows).tables, CALL)
    assert found.drop("at").rows() == [
        ("a", "ann", "debug", "medium", True, "e1"), ("a", "ann", "debug", "medium", False, "e2"),
        ("b", "ann", None, None, False, "e0"),
    ]  # fmt: skip
    assert found["at"].is_sorted()


def test_counted_tries_are_told_by_task_with_its_difficulty_if_it_is_known() -> None:
    made = [*tries("a", "p1", "-+"), {**tries("a", "p1", "+")[0], "is_counted": False}, *tries("b", "q1", "+")]
    rows = [{**row, "event_id": f"e{number}"} for number, row in enumerate(made)]
    found = trials_in_order(evidence((), rows, [{"task_id": "p1", "difficulty": "hard"}]).tables, SUBMISSION)
    assert found.drop("at").rows() == [
        ("a", "p1", "p", "hard", False, "e0"), ("b", "q1", "q", None, True, "e3"), ("a", "p1", "p", "hard", True, "e1"),
    ]  # fmt: skip
