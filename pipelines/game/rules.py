"""The rules as data: a whole rulebook, frozen and validated, and its fingerprint.

Not here: boards and windows (board_rules.py), XP and achievements (xp_rules.py), reading files and the sentences that
a wrong one earns (rulebook.py), what the rules do (points.py, streaks.py, badges.py, leaderboards.py).
"""

import datetime as dt
import hashlib
import json
from contextlib import suppress
from functools import cached_property
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
from pydantic import AfterValidator, Field, model_validator

from pipelines.game.board_rules import CALENDAR_WINDOWS, BoardRule, WindowRule
from pipelines.game.rule_shapes import Filters, OneOrMany, Rules, Seconds, Slug, check_requires
from pipelines.game.xp_rules import AchievementRule, LevelRules, XpRules

Metric = Literal[
    "tasks_completed",
    "attempts",
    "first_solves",
    "counterexamples",
    "fast_solves",
    "accuracy",
    "accuracy_streak",
    "daily_streak",
    "perfect_days",
    "points",
    "leads",
]
KEYED_LISTS = ("badge", "achievement", "board", "window")


def _zone(name: str) -> str:
    """A zone that both the system's database and Polars' own know."""
    with suppress(pl.exceptions.PolarsError, ZoneInfoNotFoundError, ValueError, OSError):
        ZoneInfo(name)
        if pl.select(pl.lit(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)).dt.convert_time_zone(name)).height:
            return name
    raise ValueError("must be an IANA time zone such as `UTC` or `Europe/Berlin`")


def _range(ends: tuple[int, int]) -> tuple[int, int]:
    if ends[0] > ends[1]:
        raise ValueError("must be [lowest, highest]")
    return ends


Points = Annotated[int, Field(ge=0, le=10**6)]
PointRange = Annotated[tuple[Points, Points], AfterValidator(_range), Field(strict=False)]


class PerfectDayRules(Rules):
    """What a day without a rejection earns."""

    points: Points
    min_tasks: Annotated[int, Field(ge=1)]


class DifficultyRanges(Rules):
    """Lowest and highest points of a task, by difficulty."""

    easy: PointRange
    medium: PointRange
    hard: PointRange
    extreme: PointRange


class PointRules(Rules):
    """What submissions earn (SPEC section 5)."""

    pattern_insight: PointRange
    first_solver: Points
    counterexample: Points
    difficulty: DifficultyRanges
    perfect_day: PerfectDayRules


class StreakRules(Rules):
    """How forgiving the daily streak is (SPEC section 6)."""

    grace_days: Annotated[int, Field(ge=0, le=366)]
    excused_days: Annotated[tuple[dt.date, ...], Field(strict=False)]

    @model_validator(mode="after")
    def _dates_not_instants(self) -> Self:
        if any(isinstance(day, dt.datetime) for day in self.excused_days):
            raise ValueError("`excused_days` must be dates such as 2026-03-01, without a time")
        return self


class ChangeRules(Rules):
    """What is told of a generation beside the one before (the table `changes`)."""

    top: Annotated[int, Field(ge=1, le=10**6)]


class InsightRules(Rules):
    """How skill is measured and told of (pipelines/insight); nothing here moves points or XP."""

    enabled: bool
    min_attempts: Annotated[int, Field(ge=1, le=10**6)]
    small_group: Annotated[int, Field(ge=2, le=10**6)]
    false_flags: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]


class BadgeRule(Filters):
    """One badge: a metric that reaches a threshold, once and for ever (SPEC section 7)."""

    slug: Slug
    name: str
    metric: Metric
    threshold: Annotated[float, Field(gt=0, le=10**12, allow_inf_nan=False)]
    within_s: Seconds | None = None
    max_s: Seconds | None = None
    min_attempts: Annotated[int, Field(ge=0, le=10**9)] = 0
    requires: OneOrMany = ()
    tier: Slug | None = None
    enabled: bool = True

    @model_validator(mode="after")
    def _keys_fit_metric(self) -> Self:
        counts = ("tasks_completed", "attempts", "first_solves", "counterexamples", "fast_solves")
        if self.within_s is not None and self.metric not in counts:
            raise ValueError(f"`within_s` goes with the metrics {', '.join(counts)}")
        if (self.metric == "fast_solves") != (self.max_s is not None):
            raise ValueError("`max_s` goes with the metric `fast_solves`, and that metric needs it")
        if self.metric == "leads" and self.threshold != 1:
            raise ValueError("the metric `leads` has the threshold 1: leading once is enough")
        if self.min_attempts and self.metric != "accuracy":
            raise ValueError("`min_attempts` goes with the metric `accuracy`")
        if self.metric in ("leads", "points", "perfect_days", "daily_streak", "accuracy_streak") and self.has_filters:
            raise ValueError(f"the metric `{self.metric}` takes no filters")
        return self

    @property
    def has_filters(self) -> bool:
        """Whether the badge looks at some submissions only."""
        return any(getattr(self, name) for name in Filters.model_fields)

    @property
    def key(self) -> str:
        """The slug, with the tier where there is one: unique in a rulebook."""
        return self.slug if self.tier is None else f"{self.slug}:{self.tier}"


class Rulebook(Rules):
    """All rules. Equal rulebooks have equal fingerprints, whatever file they came from."""

    version: Literal[1]
    timezone: Annotated[str, AfterValidator(_zone)]
    clock: Literal["submitted_at", "judged_at"]
    points: PointRules
    streaks: StreakRules
    xp: XpRules
    levels: LevelRules
    changes: ChangeRules
    insight: InsightRules
    badge: Annotated[tuple[BadgeRule, ...], Field(strict=False)] = ()
    achievement: Annotated[tuple[AchievementRule, ...], Field(strict=False)] = ()
    board: Annotated[tuple[BoardRule, ...], Field(strict=False)] = ()
    window: Annotated[tuple[WindowRule, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _references_resolve(self) -> Self:
        check_requires(self.badge, "badge")
        check_requires(self.achievement, "achievement")
        known = {*CALENDAR_WINDOWS, "named", *(window.slug for window in self.window)}
        for board in self.board:
            for window in board.windows:
                if window not in known:
                    raise ValueError(f"board `{board.slug}`: there is no window `{window}`")
        return self

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits of the SHA-256 of all rules, in a canonical spelling."""
        return self._fingerprint_without(set())

    @cached_property
    def game_fingerprint(self) -> str:
        """The same of the rules that points and XP follow: how skill is measured moves neither."""
        return self._fingerprint_without({"insight"})

    def _fingerprint_without(self, left_out: set[str]) -> str:
        content = self.model_dump(mode="json", exclude=left_out)
        for name in KEYED_LISTS:  # in whatever order the entries stand
            content[name] = sorted(content[name], key=lambda entry: (entry["slug"], entry.get("tier") or ""))
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]
