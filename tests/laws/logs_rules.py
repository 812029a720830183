"""Zones, moments and rules for the laws: what generated logs happen around, and what they are played by.

Here: hypothesis strategies for instants and rules. Not here: records (logs.py, logs_calls.py).
"""

import datetime as dt

from hypothesis import strategies as st

from tests.laws.oracle_rules import (
    DAY,
    DEFAULT_BADGES,
    DEFAULT_BOARDS,
    EPOCH,
    HOUR,
    Badge,
    Board,
    Rules,
    Window,
    local_date,
)
from tests.laws.oracle_xp_rules import DEFAULT_ACHIEVEMENTS, Achievement, LevelRules, XpRules

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
TEAMS = (None, "red", "blue")
USERS = ("u1", "u2", "u1!")  # the last lies between the others; as JSON text before both

# Few different instants, hence many ties; the ends of days; now and then any instant.
offsets = st.one_of(
    st.builds(lambda day, hour: day * DAY + hour * HOUR, st.integers(-3, 3), st.sampled_from((0, 1, 12, 23))),
    st.builds(lambda day, hair: day * DAY + hair, st.integers(-3, 3), st.sampled_from((-1, 0, 1, -HOUR, -HOUR - 1))),
    st.integers(-4 * DAY, 40 * DAY),
)


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
    Badge(slug="rising-star", tier="silver", threshold=5),
    Badge(slug="rising-star", tier="bronze", threshold=3),
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
SMALL_ACHIEVEMENTS = (
    Achievement(slug="first-steps", xp=50),
    Achievement(slug="agent-explorer", metric="agents_called", threshold=2, xp=10),
    Achievement(slug="centurion", tier="bronze", threshold=2, xp=15),
    Achievement(slug="centurion", tier="silver", threshold=4, xp=25),
    Achievement(slug="centurion", tier="gold", threshold=6, xp=35, requires=("collector",)),
    Achievement(slug="quick-hands", threshold=2, xp=20, under_s=30),
    Achievement(slug="quality-master", threshold=2, xp=25, min_quality=0.95),
    Achievement(slug="bug-hunter", threshold=2, xp=30, action_type=("error_resolution",)),
    Achievement(slug="streak-warrior", metric="active_days", threshold=3, xp=40),
    Achievement(slug="elite-trainer", metric="agent_level", threshold=3, xp=50),
    Achievement(slug="perfectionist", threshold=1, xp=75, complexity=("expert",), min_quality=1.0),
    Achievement(slug="agent-whisperer", metric="agents_succeeded", threshold=2, xp=100),
    Achievement(slug="arena-legend", metric="trophies", threshold=5, min_level=2, xp=200),
    Achievement(slug="collector", metric="trophies", threshold=3, xp=5),
    Achievement(slug="hoarder", tier="bronze", metric="trophies", threshold=2, xp=1),
    Achievement(slug="hoarder", tier="silver", metric="trophies", threshold=4, min_level=3, xp=2),
    Achievement(slug="hurry", metric="calls", threshold=3, within_s=3600, xp=5),
    Achievement(slug="day-of-success", threshold=3, within_s=86_400, xp=5),
    Achievement(slug="risen", metric="user_level", threshold=3),
    Achievement(slug="climber", metric="user_level", threshold=5, xp=60, requires=("risen", "hoarder")),
    Achievement(slug="chain", threshold=1, xp=7, requires=("centurion", "collector")),
    Achievement(slug="red-caller", metric="calls", threshold=2, xp=5, team=("red",)),
    Achievement(slug="friend", metric="calls", threshold=2, xp=5, agent=("ada", "py")),
    Achievement(slug="web", metric="agents_called", threshold=2, xp=5, category=("web",)),
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
    Board(slug="calls", order=("calls desc", "success_share desc"), windows=("all", "day")),
    Board(
        slug="pairs",
        subject="user_agent",
        order=("successes desc", "xp desc", "reached_at asc"),
        windows=("week", "named"),
        min_calls=2,
    ),
    Board(slug="sure", scope="project", order=("success_share desc", "calls desc"), min_calls=2),
    Board(slug="red-xp", subject="user", team=("red",), order=("xp desc", "success_share asc")),
    Board(slug="xp-in-team", subject="user", scope="team", order=("xp desc", "reached_at asc"), windows=("day",)),
)
QUICK = XpRules(cap=30_000, streak=((2, 1.1), (3, 1.3), (4, 1.5), (6, 2.0)))
LEVELS = (
    LevelRules(),
    LevelRules(step=5),
    LevelRules(table=(0, 20, 60, 200, 1000), titles=("Low", "High"), max_stars=2),
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
    all_boards = SMALL_BOARDS if is_small else DEFAULT_BOARDS
    boards = tuple(board for board in all_boards if draw(st.integers(0, 2)) == 0)  # most of the time goes there
    excused = draw(st.lists(st.integers(-3, 3), max_size=2, unique=True))
    return Rules(
        timezone=zone,
        clock=draw(st.sampled_from(("submitted_at", "judged_at"))),
        grace_days=draw(st.integers(0, 2)),
        excused_days=tuple(sorted(today + dt.timedelta(days=days) for days in excused)),
        perfect_day_min_tasks=draw(st.integers(1, 2)) if is_small else 5,
        xp=QUICK if is_small else XpRules(),
        levels=draw(st.sampled_from(LEVELS)),
        badges=SMALL_BADGES if is_small else DEFAULT_BADGES,
        achievements=SMALL_ACHIEVEMENTS if is_small else DEFAULT_ACHIEVEMENTS,
        boards=boards or all_boards[:1],
        windows=tuple(draw(st.lists(named_windows(midnight, zone), max_size=1))),
    )
