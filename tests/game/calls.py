"""Literal agent calls, beside the tasks and submissions of league.py."""

from typing import Any

from pipelines.game.rulebook import load_rulebook
from pipelines.game.rules import Rulebook
from tests.game.league import instant, play, rules

Row = dict[str, Any]
NO_BOARDS = [{"slug": board.slug, "enabled": False} for board in load_rulebook().board]  # most of the time goes there
HOUR, DAY = 3_600_000_000, 86_400_000_000


def called(call_id: str, user_id: str, agent_id: str, when: str | int, success: bool = True, **more: Any) -> Row:
    """An `agent_call` record: unless said otherwise a completed task, which earns 10 XP."""
    at = instant(when) if isinstance(when, str) else when
    who = {"call_id": call_id, "user_id": user_id, "agent_id": agent_id, "action_type": "task_completion"}
    return {"type": "agent_call", "event_id": f"event-{call_id}", "at": at, **who, "success": success, **more}


def series(n: int, *, every: int = HOUR, agents: int = 1, start: str = "2026-03-02T00:00Z", **more: Any) -> list[Row]:
    """Calls c000, c001, ... of the user `ann`, to so many agents in turn."""
    return [called(f"c{k:03}", "ann", f"a{k % agents:02}", instant(start) + k * every, **more) for k in range(n)]


def unranked(records: list[Row], rules: Rulebook | None = None, as_of: int | None = None) -> dict[str, list[Row]]:
    """A season played by these rules, or the default ones, without their boards: for what no board has a part in."""
    return play(records, (rules or load_rulebook()).model_copy(update={"board": ()}), as_of)


def only(*achievements: Row, **over: Any) -> Rulebook:
    """The default rules with these achievements in place of the default ones."""
    off = [{"slug": achievement.slug, "enabled": False} for achievement in load_rulebook().achievement]
    return rules(achievement=[*off, *({"name": "Mine", **achievement} for achievement in achievements)], **over)
