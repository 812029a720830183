"""Whole logs for the laws: small, nasty, and dense enough that every rule of the game happens sometimes.

Here: hypothesis strategies for records of the input contract (already accepted: instants as UTC microseconds) and
an `as_of` that suits them. Not here: agent calls (logs_calls.py), rules (logs_rules.py), what all of it should give
(oracle.py), files and broken lines.
"""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.laws.logs_calls import call_bursts, call_histories
from tests.laws.logs_rules import MIDNIGHTS, PROBLEMS, TEAMS, USERS, offsets, rules_around
from tests.laws.oracle_rules import DAY, HOUR, MINUTE, SECOND, Rules, instant

Row = dict[str, Any]


@dataclass(frozen=True)
class Log:
    """Accepted records, the rules they are played by, and the instant that is asked about."""

    records: list[Row]
    rules: Rules
    as_of: int


TASK_TYPES = ("compute", "verify", "search", "search", "pattern", "extend")
DIFFICULTIES = ("easy", "medium", "hard", "extreme")

agents = st.sampled_from(("ada", "bo", "zoë"))
# Ids in an order of their own: upper case before lower case before the rest, "10" before "9".
prefixes = st.sampled_from(("s", "S", "é"))
delays = st.sampled_from((0, 1, MINUTE, 2 * HOUR, DAY, 3 * DAY))
owners = st.sampled_from((None, None, *USERS, "owner"))
claims = st.sampled_from((None, 0, 4 * MINUTE, 5 * MINUTE, 5 * MINUTE + 1, HOUR))


# --- tasks ---------------------------------------------------------------------------------------------------------
@st.composite
def task_histories(draw: st.DrawFn, task_id: str, midnight: int) -> list[Row]:
    """The records of one task: in time, late, corrected, or never."""
    arrivals = draw(st.lists(st.one_of(st.just(-10 * DAY), offsets), min_size=0, max_size=2))
    if not arrivals and draw(st.integers(0, 3)):
        arrivals = [-10 * DAY]  # most are known from the beginning
    return [draw(task_records(task_id, midnight + offset)) for offset in arrivals]


def task_records(task_id: str, at: int) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {
            "type": st.just("task"),
            "at": st.just(at),
            "task_id": st.just(task_id),
            "problem": st.sampled_from(PROBLEMS),
            "task_type": st.sampled_from(TASK_TYPES),
            "difficulty": st.sampled_from(DIFFICULTIES),
            "points": st.sampled_from((None, 1, 5, 12, 25, 45, 1000)),
            "counterexample_points": st.sampled_from((None, 0, 50, 100, 150)),
            "title": st.sampled_from((None, "A title")),
        }
    )


# --- submissions ---------------------------------------------------------------------------------------------------
@st.composite
def submission_histories(draw: st.DrawFn, submission_id: str, task_ids: list[str], submitted_at: int) -> list[Row]:
    """The records of one submission: open for ever, judged, reversed, void, moved to another team or task."""
    who = {
        "agent_id": draw(agents),
        "task_id": draw(st.sampled_from(task_ids)),
        "team_id": draw(st.sampled_from(TEAMS)),
    }
    verdicts = draw(st.lists(st.sampled_from(("verified", "rejected", "pending", "void")), min_size=1, max_size=3))
    at, records = submitted_at, []
    for verdict in verdicts:
        at += draw(delays)
        who |= draw(corrections(task_ids)) if records else {}
        records.append(draw(submission_records(submission_id, who, submitted_at, verdict, at)))
    return records


def corrections(task_ids: list[str]) -> st.SearchStrategy[Row]:
    """What a later record says differently: mostly only the verdict."""
    return st.one_of(
        st.just({}),
        st.just({}),
        st.fixed_dictionaries({"team_id": st.sampled_from(TEAMS)}),
        st.fixed_dictionaries({"task_id": st.sampled_from(task_ids)}),
        st.fixed_dictionaries({"agent_id": agents}),
    )


@st.composite
def submission_records(draw: st.DrawFn, submission_id: str, who: Row, submitted_at: int, verdict: str, at: int) -> Row:
    is_judged = verdict in ("verified", "rejected")
    judged_at = draw(st.sampled_from((None, submitted_at, (submitted_at + at) // 2, at))) if is_judged else None
    claim = draw(claims)
    return {
        "type": "submission",
        "at": at,
        "submission_id": submission_id,
        "user_id": draw(owners),
        **who,
        "submitted_at": submitted_at,
        "verdict": verdict,
        "judged_at": judged_at,
        "claimed_at": None if claim is None else submitted_at - claim,
        "found": draw(st.sampled_from((None, True, True, False))),
        "awarded_points": draw(st.sampled_from((None, 0, 25, 30, 50, 70))) if is_judged else None,
        "model": None,
        "source": None,
    }


@st.composite
def bursts(draw: st.DrawFn, name: str, midnight: int) -> list[Row]:
    """One agent solves task after task, of its own, at one pace: perfect days, On Fire, long runs without a slip."""
    who = {"agent_id": draw(agents), "team_id": draw(st.sampled_from(TEAMS)), "user_id": draw(owners)}
    start, pace = (
        midnight + draw(offsets),
        draw(st.sampled_from((0, MINUTE, HOUR, 2 * HOUR, 2 * HOUR + 41 * MINUTE, DAY))),
    )
    slips = draw(st.dictionaries(st.integers(0, 11), st.sampled_from(("rejected", "pending")), max_size=2))
    kind = draw(task_records("", midnight - 10 * DAY))
    records: list[Row] = []
    for n in range(draw(st.integers(3, 12))):
        task_id, submitted_at = f"{name}-t{n}", start + n * pace
        records.append({**kind, "task_id": task_id})
        one = {**who, "task_id": task_id}
        verdict = slips.get(n, "verified")
        records.append(draw(submission_records(f"{name}-{n}", one, submitted_at, verdict, submitted_at)))
    return records


def with_event_ids(records: list[Row]) -> list[Row]:
    """Unique event ids whose order has nothing to do with that of the records."""
    return [{"event_id": f"e{(n + 1) * 7919 % 10007}", **record} for n, record in enumerate(records)]


# --- logs ----------------------------------------------------------------------------------------------------------
@st.composite
def logs(draw: st.DrawFn, dense: bool | None = None, max_submissions: int = 25) -> Log:
    """A whole log: tangled submissions to few tasks, agent calls, and (dense) bursts; `dense=None` draws which.

    Every record keeps the input contract (nothing is judged or known before it was submitted); event and submission
    ids are unique; there is at least one submission or call, and sometimes only the one kind.
    """
    zone, begin = draw(st.sampled_from(MIDNIGHTS))
    midnight = instant(begin)
    rules = draw(rules_around(midnight, zone))
    has_tries, has_calls = draw(st.sampled_from(((True, True), (True, True), (True, False), (False, True))))
    dense = draw(st.booleans()) if dense is None else dense
    records = draw(tangles(midnight, dense, max_submissions)) if has_tries else []
    owned = [record for record in records if record.get("user_id")]
    records += draw(talk(midnight, dense)) if has_calls else []
    records += draw(echoes(owned)) if has_calls and dense and owned else []
    return Log(with_event_ids(records), rules, draw(instants_to_ask(records, midnight)))


@st.composite
def tangles(draw: st.DrawFn, midnight: int, dense: bool, max_submissions: int) -> list[Row]:
    """Tasks and submissions to them."""
    task_ids = [f"t{n}" for n in range(draw(st.integers(1, 5)))]
    records = [record for task_id in task_ids for record in draw(task_histories(task_id, midnight))]
    starts = draw(st.lists(st.tuples(prefixes, offsets), min_size=1, max_size=max_submissions))
    for n, (prefix, offset) in enumerate(starts):
        records += draw(submission_histories(f"{prefix}{n}", task_ids, midnight + offset))
    for n in range(draw(st.integers(1, 3)) if dense else 0):
        records += draw(bursts(f"b{n}", midnight))
    return records


@st.composite
def talk(draw: st.DrawFn, midnight: int, dense: bool) -> list[Row]:
    """Agent calls."""
    starts = draw(st.lists(offsets, min_size=1, max_size=12))
    records = [record for n, offset in enumerate(starts) for record in draw(call_histories(n, midnight + offset))]
    for n in range(draw(st.integers(1, 2)) if dense else 0):
        records += draw(call_bursts(100 * (n + 1), midnight))
    return records


@st.composite
def echoes(draw: st.DrawFn, owned: list[Row]) -> list[Row]:
    """A user calls just when agents of its own hand something in: calls and badges of one instant."""
    user_id = draw(st.sampled_from(owned))["user_id"]
    moments = sorted({s["submitted_at"] for s in owned if s["user_id"] == user_id})[:6]
    return [record for n, at in enumerate(moments) for record in draw(call_histories(300 + n, at, user_id))]


def instants_to_ask(records: list[Row], midnight: int) -> st.SearchStrategy[int]:
    """The end of the log, an instant at which something happened or just before, the end of a day, any instant."""
    happened = sorted({r["at"] for r in records} | {r["submitted_at"] for r in records if "submitted_at" in r})
    return st.one_of(
        st.just(happened[-1]),
        st.builds(lambda at, hair: at + hair, st.sampled_from(happened), st.sampled_from((0, -1))),
        st.builds(lambda day, hair: midnight + day * DAY + hair, st.integers(-3, 12), st.sampled_from((0, -1))),
        st.builds(
            lambda at, later: at + later,
            st.sampled_from(happened),
            st.integers(0, 9 * DAY // SECOND).map(SECOND.__mul__),
        ),
    )
