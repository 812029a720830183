"""How the calls of a sample season are spelt: records of the input contract as lines, and the broken ones.

Here: text only. Not here: what happens (`sample_calls.py`, `sample_outcomes.py`), lines of the competition
(`sample_lines.py`), which file a line goes to (`sample.py`).
"""

from pipelines.game.records import Reason
from pipelines.sources.sample_lines import CALLS, BrokenLine, instant, spelt
from pipelines.sources.sample_outcomes import Call
from pipelines.sources.sample_world import DAY_S, World


def call_line(world: World, call: Call) -> str:
    """The record of one fact about a call. Its first record gives the call its id; corrections name it."""
    wish, usage, extras = call.wish, call.usage, call.extras
    person = wish.person
    response, satisfaction, code = call.scores
    return spelt(
        {
            "type": "agent_call",
            "event_id": f"c{call.number}-{call.version}" if call.is_correction else f"c{call.number}",
            "call_id": f"c{call.number}" if call.is_correction else None,
            "at": instant(world, call.at_s, person.home_min if person.writes_home_time else 0),
            "user_id": person.user_id,
            "agent_id": wish.agent.agent_id,
            "action_type": wish.action_type,
            "success": call.success,
            "complexity": call.complexity,
            "duration_s": call.duration_s,
            "base_points": extras.base_points,
            "bonus_points": extras.bonus_points,
            "multipliers": extras.multipliers,
            "response_quality": response,
            "user_satisfaction": satisfaction,
            "code_quality": code,
            "evidence_type": extras.evidence_type,
            "evidence": extras.evidence,
            "improvement_factor": extras.improvement_factor,
            "category": wish.category,
            "team_id": person.team_id,
            "project_id": wish.project.project_id,
            "session_id": call.session,
            "model": call.model,
            "input_tokens": usage.input_tokens if usage else None,
            "output_tokens": usage.output_tokens if usage else None,
            "cache_read_tokens": usage.cache_read_tokens if usage else None,
            "cache_creation_tokens": usage.cache_creation_tokens if usage else None,
            "tool_uses": usage.tool_uses if usage else None,
            "cost_usd": usage.cost_usd if usage else None,
            "success_source": call.success_source,
        }
    )


def broken_calls(world: World) -> list[BrokenLine]:
    """Lines of a client that was never tried out: each must be refused. In order of time."""
    user_id = next(agent.user_id for agent in world.agents if agent.user_id is not None)
    step = (world.days * DAY_S - 3600) // 6

    def call(number: int, **changes: object) -> str:
        fields: dict[str, object] = {
            "type": "agent_call",
            "event_id": f"xc{number}",
            "at": instant(world, number * step),
            "user_id": user_id,
            "agent_id": "python-pro",
            "action_type": "task_completion",
            "success": True,
        }
        return spelt({**fields, **changes})

    texts = (
        (Reason.MISSING_FIELD, call(1, user_id=None)),  # nobody's call
        (Reason.BAD_VALUE, call(2, success="yes")),
        (Reason.OUT_OF_RANGE, call(3, response_quality=9.5)),  # somebody scores out of ten
        (Reason.NOT_JSON, call(4, cost_usd=float("nan"))),
        (Reason.BAD_TIMESTAMP, call(5, at="yesterday")),
    )
    return [BrokenLine(number * step, CALLS, reason, text) for number, (reason, text) in enumerate(texts, start=1)]
