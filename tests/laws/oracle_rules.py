"""What the oracle is told: the numbers of the game as plain data, and the calendar of a zone.

Here: `Rules` with the defaults of the specification, the same rules as a rulebook file's content (so that the engine
can be given what the oracle was given), and days of an IANA zone found by looking at its clock. Not here: the game.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from tests.laws.oracle_xp_rules import DEFAULT_ACHIEVEMENTS, Achievement, LevelRules, XpRules

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 24 * 3600 * SECOND
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Filters:
    problem: tuple[str, ...] = ()
    task: tuple[str, ...] = ()
    task_type: tuple[str, ...] = ()
    difficulty: tuple[str, ...] = ()
    team: tuple[str, ...] = ()


@dataclass(frozen=True)
class Badge(Filters):
    slug: str = ""
    metric: str = "tasks_completed"
    threshold: float = 1
    within_s: int | None = None
    max_s: int | None = None
    min_attempts: int = 0
    requires: tuple[str, ...] = ()
    tier: str | None = None


@dataclass(frozen=True)
class Board(Filters):
    slug: str = ""
    order: tuple[str, ...] = ("points desc", "reached_at asc")
    windows: tuple[str, ...] = ("all",)
    subject: str = "agent"
    each: str | None = None
    scope: str = "all"
    min_attempts: int = 0
    min_calls: int = 0
    penalty_minutes: int = 20


@dataclass(frozen=True)
class Window(Filters):
    slug: str = ""
    start: dt.date | dt.datetime = dt.date(2025, 1, 1)
    end: dt.date | dt.datetime = dt.date(2025, 1, 1)


DEFAULT_BADGES = (
    Badge(slug="first-blood", metric="first_solves"),
    Badge(slug="on-fire", threshold=10, within_s=86_400),
    Badge(slug="sharpshooter", metric="accuracy", threshold=0.95, min_attempts=20),
    Badge(slug="erdos-straus-master", threshold=100, problem=("erdos-straus",)),
    Badge(slug="collatz-crawler", threshold=100, problem=("collatz",)),
    Badge(slug="counterexample-hunter", metric="counterexamples"),
    Badge(slug="speed-demon", metric="fast_solves", max_s=300),
    Badge(slug="scholar", task_type=("pattern",)),
    Badge(slug="champion", metric="leads"),
    Badge(slug="rising-star", threshold=10),
)
SPANS = ("all", "week", "month", "named")
DEFAULT_BOARDS = (
    Board(slug="points", windows=("all", "week", "month", "day", "named")),
    Board(
        slug="problem",
        each="problem",
        order=("tasks_completed desc", "points desc", "reached_at asc"),
        windows=("all", "month", "named"),
    ),
    Board(slug="accuracy", order=("accuracy desc", "tasks_completed desc"), min_attempts=20),
    Board(slug="team-points", subject="team", windows=SPANS),
    Board(
        slug="team-points-mean",
        subject="team",
        order=("points_per_member desc", "reached_at asc"),
        windows=SPANS,
    ),
    *(
        Board(slug=slug, subject=subject, scope=scope, order=(measure, "reached_at asc"), windows=SPANS)
        for slug, subject, scope, measure in (
            ("xp-user", "user", "all", "xp desc"),
            ("xp-agent", "agent", "all", "xp desc"),
            ("xp-user-agent", "user_agent", "all", "xp desc"),
            ("project-xp-user", "user", "project", "xp desc"),
            ("project-xp-agent", "agent", "project", "xp desc"),
            ("team-xp", "team", "all", "xp desc"),
            ("team-xp-mean", "team", "all", "xp_per_member desc"),
        )
    ),
)


@dataclass(frozen=True)
class Rules:
    timezone: str = "UTC"
    clock: str = "submitted_at"
    grace_days: int = 0
    excused_days: tuple[dt.date, ...] = ()
    difficulty: dict[str, tuple[int, int]] = field(
        default_factory=lambda: {"easy": (5, 5), "medium": (10, 15), "hard": (20, 30), "extreme": (40, 50)}
    )
    pattern_insight: tuple[int, int] = (25, 50)
    first_solver: int = 5
    counterexample: int = 100
    perfect_day_points: int = 10
    perfect_day_min_tasks: int = 5
    xp: XpRules = field(default_factory=XpRules)
    levels: LevelRules = field(default_factory=LevelRules)
    achievements: tuple[Achievement, ...] = DEFAULT_ACHIEVEMENTS
    badges: tuple[Badge, ...] = DEFAULT_BADGES
    boards: tuple[Board, ...] = DEFAULT_BOARDS
    windows: tuple[Window, ...] = ()


def rulebook_content(rules: Rules) -> dict[str, Any]:
    """The same rules as the content of a whole rulebook file, for `parse_rulebook`."""
    return {
        "version": 1,
        "timezone": rules.timezone,
        "clock": rules.clock,
        "points": {
            "pattern_insight": list(rules.pattern_insight),
            "first_solver": rules.first_solver,
            "counterexample": rules.counterexample,
            "difficulty": {name: list(ends) for name, ends in rules.difficulty.items()},
            "perfect_day": {"points": rules.perfect_day_points, "min_tasks": rules.perfect_day_min_tasks},
        },
        "streaks": {"grace_days": rules.grace_days, "excused_days": list(rules.excused_days)},
        "xp": rules.xp.content(),
        "levels": rules.levels.content(),
        "changes": {"top": 25},
        # statistics have tests of their own (tests/insight): laws of the game do without them
        "insight": {"enabled": False, "min_attempts": 20, "small_group": 5, "false_flags": 0.05, "seed": 1},
        "badge": [_entry(badge) for badge in rules.badges],
        "achievement": [_entry(achievement) for achievement in rules.achievements],
        "board": [_entry(board) for board in rules.boards],
        "window": [_entry(window) for window in rules.windows],
    }


def _entry(rule: Filters | Achievement) -> dict[str, Any]:
    """Only what is given: absent keys are absent in a file, too."""
    held = {name: getattr(rule, name) for name in rule.__dataclass_fields__}
    given = {name: list(v) if isinstance(v, tuple) else v for name, v in held.items() if v not in (None, ())}
    return {"name": held["slug"].title(), **given}


# --- the calendar of a zone ----------------------------------------------------------------------------------------
def micros(moment: dt.datetime) -> int:
    """UTC microseconds since 1970; exact, unlike `timestamp()`."""
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


def instant(text: str) -> int:
    """`2025-03-30T01:00Z` or `2025-03-30T01:00+02:00` as UTC microseconds."""
    return micros(dt.datetime.fromisoformat(text))


@cache
def local_date(at: int, zone: str) -> dt.date:
    """The date that a calendar on a wall in `zone` shows at that instant."""
    return (EPOCH + dt.timedelta(microseconds=at)).astimezone(ZoneInfo(zone)).date()


def _minutes_around(day: dt.date) -> range:
    """Every minute that can belong to a local date: no zone is further than a day from UTC."""
    midnight = micros(dt.datetime.combine(day, dt.time(), dt.UTC))
    return range(midnight - DAY, midnight + 2 * DAY, MINUTE)


def _quarters_first(minutes: range) -> Iterator[int]:
    yield from minutes[::15]
    yield from minutes


@cache
def is_skipped(day: dt.date, zone: str) -> bool:
    """A date that no instant has: the zone crossed the date line."""
    return not any(local_date(minute, zone) == day for minute in _quarters_first(_minutes_around(day)))


@cache
def last_instant(day: dt.date, zone: str) -> int:
    """The last microsecond whose local date is `day` (clocks may go back over midnight: the very last)."""
    minute = next(m for m in reversed(_minutes_around(day)) if local_date(m, zone) == day)
    seconds = range(minute, minute + MINUTE, SECOND)
    return next(s for s in reversed(seconds) if local_date(s, zone) == day) + SECOND - 1


@cache
def first_instant(day: dt.date, zone: str) -> int:
    """The first instant of `day`; of a skipped date, the first one after it."""
    while is_skipped(day, zone):
        day += dt.timedelta(days=1)
    seconds = range(last_instant(day_before(day, zone), zone) + 1 - 2 * HOUR, micros_end(day), SECOND)
    return next(s for s in seconds if local_date(s, zone) == day)


def micros_end(day: dt.date) -> int:
    return _minutes_around(day).stop


def day_before(day: dt.date, zone: str) -> dt.date:
    """The date before it in the calendar of the zone, which has no page for a date it skipped."""
    day -= dt.timedelta(days=1)
    while is_skipped(day, zone):
        day -= dt.timedelta(days=1)
    return day


def period_start(day: dt.date, window: str) -> dt.date:
    """The first date of the calendar day, week (from Monday) or month that `day` lies in."""
    if window == "week":
        return day - dt.timedelta(days=day.weekday())
    return day.replace(day=1) if window == "month" else day


def period_end(start: dt.date, window: str) -> dt.date:
    """The last date, inclusive."""
    if window == "month":
        return period_start(start + dt.timedelta(days=31), "month") - dt.timedelta(days=1)
    return start + dt.timedelta(days=6 if window == "week" else 0)


def period_before(start: dt.date, window: str, zone: str) -> dt.date:
    """Where the calendar window directly before begins."""
    day = day_before(start, zone) if window == "day" else start - dt.timedelta(days=1)
    return period_start(day, window)
