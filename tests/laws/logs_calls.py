"""Agent calls for the laws: few users, few agents, many ties, and every number at a threshold now and then.

Here: hypothesis strategies for `agent_call` records. Not here: the other records and whole logs (logs.py).
"""

from typing import Any

from hypothesis import strategies as st

from tests.laws.logs_rules import TEAMS, USERS, offsets
from tests.laws.oracle_rules import DAY, HOUR, MINUTE

Row = dict[str, Any]
AGENTS = ("py", "js", "ada")  # the last also solves tasks
EVIDENCE_TYPES = (
    *("speed_improvement", "bug_resolution", "code_quality", "user_satisfaction", "complexity_handling"),
    "innovation",
)
# Shares of what is expected (30, 120, 300 or 600 s): at the thresholds, just over them, and just over but rounded away.
DURATIONS = (
    *(None, None, 0, 0.000001, 15, 15.00001, 15.00002, 22.5, 22.50002, 29.999999, 30, 30.00001, 30.00002, 45, 60),
    *(60.00007, 90, 90.00007, 119.5, 120, 121, 150, 225, 239.9, 240, 300, 450, 600, 601, 1e9),
)
SCORES = (None, None, 0, 0.499999, 0.4999999, 0.5, 0.7, 0.85, 0.9, 0.949999, 0.95, 1.0, 1)
# 100 * 1.15 and 200 * 0.29 lie a hair under the whole number that they are.
MULTIPLIERS = (None, None, [], [1.0], [1.15], [1.1, 1.2], [0.1], [3.0, 0.333], [1.5] * 10, [10.0, 10.0])
COSTS = (None, None, 0, 0.1, 0.25, 0.04523175, 12.5)
tokens = st.sampled_from((None, None, 0, 1, 999, 10**12))
users = st.sampled_from((*USERS, "u1", "u2", "owner"))

FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "user_id": users,
    "agent_id": st.sampled_from(AGENTS),
    "action_type": st.sampled_from(("task_completion", "error_resolution", "milestone", "speed_bonus", "juggling")),
    "success": st.sampled_from((True, True, True, False)),
    "complexity": st.sampled_from((None, "simple", "medium", "complex", "expert", "expert")),
    "duration_s": st.sampled_from(DURATIONS),
    "base_points": st.sampled_from((None, None, 0, 1, 7, 15, 100, 250, 1000)),
    "bonus_points": st.sampled_from((None, None, 0, 9)),
    "multipliers": st.sampled_from(MULTIPLIERS),
    **dict.fromkeys(("response_quality", "user_satisfaction", "code_quality"), st.sampled_from(SCORES)),
    "evidence_type": st.sampled_from((None, *EVIDENCE_TYPES)),
    "evidence": st.sampled_from((None, "", "seen", "seen")),
    "improvement_factor": st.sampled_from((None, None, 0, 0.29, 1.15, 1.9, 2, 3)),
    "category": st.sampled_from((None, "web")),
    "team_id": st.sampled_from(TEAMS),
    "project_id": st.sampled_from((None, "p1", "p2")),
    "session_id": st.sampled_from((None, "s1")),
    "model": st.sampled_from((None, "small")),
    **dict.fromkeys(("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens"), tokens),
    "tool_uses": st.sampled_from((None, 0, 3)),
    "cost_usd": st.sampled_from(COSTS),
    "success_source": st.sampled_from((None, "derived")),
    "description": st.sampled_from((None, "Fix the tests")),
}
call_fields = st.fixed_dictionaries(FIELDS)


@st.composite
def call_histories(draw: st.DrawFn, n: int, at: int, user_id: str | None = None) -> list[Row]:
    """The records of one call (of that user): mostly one; later ones replace it whole, but keep its instant.

    Without a call_id the event_id is the call's name, which a correction then gives as its call_id.
    """
    event_id = f"c{(n + 1) * 7919 % 10007}"
    call_id = draw(st.sampled_from((None, f"call-{n}")))
    said = {**draw(call_fields), **({"user_id": user_id} if user_id else {})}
    records = [{"type": "agent_call", "event_id": event_id, "at": at, "call_id": call_id, **said}]
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2)))):
        at += draw(st.sampled_from((0, 1, HOUR, DAY, 3 * DAY)))
        kept = draw(st.sampled_from((("user_id", "agent_id"), tuple(FIELDS), ("user_id",), ())))
        said = {**draw(call_fields), **{name: records[0][name] for name in kept}}
        said |= draw(st.fixed_dictionaries({"success": st.booleans()}))
        records.append({"type": "agent_call", "at": at, "call_id": call_id or event_id, **said})
    return records


@st.composite
def call_bursts(draw: st.DrawFn, n: int, midnight: int) -> list[Row]:
    """One user works at one pace, mostly with success: runs of days, sliding windows, levels, whole chains."""
    start = midnight + draw(offsets)
    pace = draw(st.sampled_from((0, MINUTE, HOUR, 11 * HOUR, DAY, DAY)))
    usual = draw(call_fields)
    records: list[Row] = []
    for k in range(draw(st.integers(3, 9))):
        own = draw(st.fixed_dictionaries({name: FIELDS[name] for name in ("agent_id", "team_id", "response_quality")}))
        is_slip = draw(st.integers(0, 7)) == 0
        event_id = f"c{(n + k + 1) * 7919 % 10007}"
        call = {**usual, **own, "success": not is_slip, "call_id": None}
        records.append({"type": "agent_call", "event_id": event_id, "at": start + k * pace, **call})
    return records
