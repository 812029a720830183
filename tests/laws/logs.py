"""Whole logs for the laws: small, nasty, and dense enough that every rule of the game happens sometimes.

Here: hypothesis strategies for records of the input contract (already accepted: instants as UTC microseconds) with
rules and an `as_of` that suit them. Not here: what they should give (oracle.py), files and broken lines.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.laws.oracle_rules import (
    DAY,
    DEFAULT_BADGES,
    DEFAULT_BOARDS,
    EPOCH,
    HOUR,
    MINUTE,
    SECOND,
    Badge,
    Board,
    Rules,
    Window,
    instant,
    local_date,
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Log:
    """Accepted records, the rules they are played by, and the instant that is asked about."""

    records: list[Row]
    rules: Rules
    as_of: int


# A zone, and a local midnight around which something happens there.
MIDNIGHTS = (
    ("UTC", "2025-01-01T00:00+00:00"),  # a year, a month and a week of two years
    ("UTC", "2024-03-01T00:00+00:00"),  # the day after a leap day
    ("Europe/Berlin", "2025-03-31T00:00+02:00"),  # a day of 23 hours, then a new week, then a new month
    ("Europe/Berlin", "2025-10-27T00:00+01:00"),  # a day of 25 hours, then a new week
    ("America/New_York", "2025-11-03T00:00-05:00"),
    ("America/New_York", "2025-03-10T00:00-04:00"),
    ("Pacific/Apia", "2011-12-31T00:00+14:00"),  # 2011-12-30 never was
    ("America/Sao_Paulo", "2018-11-04T01:00-02:00"),  # a day that begins at one o'clock
    ("America/Sao_Paulo", "2018-02-18T00:00-03:00"),  # 23:00 to 24:00 twice the evening before
    ("Asia/Kolkata", "2026-01-01T00:00+05:30"),
)
PROBLEMS = ("erdos-straus", "collatz", "goldbach")
TASK_TYPES = ("compute", "verify", "search", "search", "pattern", "extend")
DIFFICULTIES = ("easy", "medium", "hard", "extreme")
TEAMS = (None, "red", "blue")

agents = st.sampled_from(("ada", "bo", "zoë"))
# Ids in an order of their own: upper case before lower case before the rest, "10" before "9".
prefixes = st.sampled_from(("s", "S", "é"))
# Few different instants, hence many ties; the ends of days; now and then any instant.
offsets = st.one_of(
    st.builds(lambda day, hour: day * DAY + hour * HOUR, st.integers(-3, 3), st.sampled_from((0, 1, 12, 23))),
    st.builds(lambda day, hair: day * DAY + hair, st.integers(-3, 3), st.sampled_from((-1, 0, 1, -HOUR, -HOUR - 1))),
    st.integers(-4 * DAY, 40 * DAY),
)
delays = st.sampled_from((0, 1, MINUTE, 2 * HOUR, DAY, 3 * DAY))
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
        **who,
        "submitted_at": submitted_at,
        "verdict": verdict,
        "judged_at": judged_at,
        "claimed_at": None if claim is None else submitted_at - claim,
        "found": draw(st.sampled_from((None, True, True, False))),
        "awarded_points": draw(st.sampled_from((None, 0, 25, 30, 50, 70))) if is_judged else None,
        "user_id": draw(st.sampled_from((None, "u1"))),
        "model": None,
        "source": None,
    }


@st.composite
def bursts(draw: st.DrawFn, name: str, midnight: int) -> list[Row]:
    """One agent solves task after task, of its own, at one pace: perfect days, On Fire, long runs without a slip."""
    agent_id, team_id = draw(agents), draw(st.sampled_from(TEAMS))
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
        who = {"agent_id": agent_id, "task_id": task_id, "team_id": team_id}
        verdict = slips.get(n, "verified")
        records.append(draw(submission_records(f"{name}-{n}", who, submitted_at, verdict, submitted_at)))
    return records


def with_event_ids(records: list[Row]) -> list[Row]:
    """Unique event ids whose order has nothing to do with that of the records."""
    return [{"event_id": f"e{(n + 1) * 7919 % 10007}", **record} for n, record in enumerate(records)]


# --- rules ---------------------------------------------------------------------------------------------------------
SMALL_BADGES = (
    Badge(slug="first-blood", metric="first_solves"),
    Badge(slug="on-fire", threshold=3, within_s=86_400),
    Badge(slug="sharpshooter", metric="accuracy", threshold=0.75, min_attempts=4),
    Badge(slug="erdos-straus-master", threshold=2, problem=("erdos-straus",)),
    Badge(slug="collatz-crawler", threshold=2, problem=("collatz",)),
    Badge(slug="counterexample-hunter", metric="counterexamples"),
    Badge(slug="speed-demon", metric="fast_solves", max_s=300),
    Badge(slug="scholar", task_type=("pattern",)),
    Badge(slug="champion", metric="leads"),
    Badge(slug="rising-star", threshold=3),
    Badge(slug="stubborn", metric="attempts", threshold=4, within_s=7200),
    Badge(slug="flawless", metric="perfect_days", threshold=1),
    Badge(slug="rich", metric="points", threshold=100),
    Badge(slug="regular", metric="daily_streak", threshold=2),
    Badge(slug="steady", metric="accuracy_streak", threshold=2),
    Badge(slug="careful", metric="accuracy", threshold=0.5, min_attempts=2, difficulty=("easy", "medium")),
    Badge(slug="red-hand", threshold=2, team=("red",)),
    Badge(slug="star-champion", threshold=1, requires=("champion", "rising-star")),
    Badge(slug="scholar-king", metric="leads", requires=("scholar",)),
)
SMALL_BOARDS = (
    *DEFAULT_BOARDS[:2],
    Board(slug="accuracy", order=("accuracy desc", "tasks_completed desc"), min_attempts=2, windows=("all", "month")),
    *DEFAULT_BOARDS[3:],
    Board(
        slug="contest",
        order=("tasks_completed desc", "penalty_minutes asc", "last_solve_minute asc"),
        windows=("named", "week"),
    ),
    Board(slug="hard", difficulty=("hard", "extreme"), windows=("all", "day")),
)


@st.composite
def named_windows(draw: st.DrawFn, midnight: int, zone: str) -> Window:
    """A season of dates or of instants, with filters or without."""
    filters = draw(st.sampled_from(({}, {}, {"problem": PROBLEMS[:2]}, {"task": ("t0", "t1")}, {"team": ("red",)})))
    start, length = midnight + draw(offsets), draw(st.sampled_from((1, HOUR, DAY, 5 * DAY)))
    if draw(st.booleans()):
        begins, ends = (EPOCH + dt.timedelta(microseconds=at) for at in (start, start + length))
        return Window(slug="cup", start=begins, end=ends, **filters)
    return Window(slug="cup", start=local_date(start, zone), end=local_date(start + length, zone), **filters)


@st.composite
def rules_around(draw: st.DrawFn, midnight: int, zone: str) -> Rules:
    """The default rules, or such small numbers that a few submissions reach everything."""
    today = local_date(midnight, zone)
    is_small = draw(st.booleans())
    excused = draw(st.lists(st.integers(-3, 3), max_size=2, unique=True))
    return Rules(
        timezone=zone,
        clock=draw(st.sampled_from(("submitted_at", "judged_at"))),
        grace_days=draw(st.integers(0, 2)),
        excused_days=tuple(sorted(today + dt.timedelta(days=days) for days in excused)),
        perfect_day_min_tasks=draw(st.integers(1, 2)) if is_small else 5,
        badges=SMALL_BADGES if is_small else DEFAULT_BADGES,
        boards=SMALL_BOARDS if is_small else DEFAULT_BOARDS,
        windows=tuple(draw(st.lists(named_windows(midnight, zone), max_size=1))),
    )


# --- logs ----------------------------------------------------------------------------------------------------------
@st.composite
def logs(draw: st.DrawFn, dense: bool | None = None, max_submissions: int = 25) -> Log:
    """A whole log: tangled submissions to few tasks, and (dense) bursts; `dense=None` draws which.

    Every record keeps the input contract (nothing is judged or known before it was submitted); event and submission
    ids are unique; there is at least one submission.
    """
    zone, begin = draw(st.sampled_from(MIDNIGHTS))
    midnight = instant(begin)
    rules = draw(rules_around(midnight, zone))
    task_ids = [f"t{n}" for n in range(draw(st.integers(1, 5)))]
    records = [record for task_id in task_ids for record in draw(task_histories(task_id, midnight))]
    starts = draw(st.lists(st.tuples(prefixes, offsets), min_size=1, max_size=max_submissions))
    for n, (prefix, offset) in enumerate(starts):
        records += draw(submission_histories(f"{prefix}{n}", task_ids, midnight + offset))
    if draw(st.booleans()) if dense is None else dense:
        for n in range(draw(st.integers(1, 3))):
            records += draw(bursts(f"b{n}", midnight))
    return Log(with_event_ids(records), rules, draw(instants_to_ask(records, midnight)))


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
