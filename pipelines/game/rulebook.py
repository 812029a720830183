"""The rulebook: every number and list of the game, loaded into frozen, validated objects.

Here: the shape of a rulebook, how a user's file lies over the defaults, its fingerprint, and the sentences
that a wrong one earns. Not here: what the rules do (points.py, streaks.py, badges.py, leaderboards.py).
"""

import datetime as dt
import hashlib
import json
import tomllib
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.game.faults import PodiumError

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
Measure = Literal[
    "points",
    "points_per_member",
    "tasks_completed",
    "attempts",
    "accuracy",
    "penalty_minutes",
    "last_solve_minute",
    "reached_at",
]
CALENDAR_WINDOWS = ("all", "day", "week", "month")
KEYED_LISTS = ("badge", "board", "window")


class RulebookError(PodiumError):
    """A rulebook that cannot be used; the message names the file, the key and what is allowed."""


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must be an IANA time zone such as `UTC` or `Europe/Berlin`")
    return name


def _range(ends: tuple[int, int]) -> tuple[int, int]:
    if ends[0] > ends[1]:
        raise ValueError("must be [lowest, highest]")
    return ends


def _slug(text: str) -> str:
    if not text or any(not (c.isascii() and (c.islower() or c.isdigit() or c in "-_.")) for c in text):
        raise ValueError("must be lower-case letters, digits, `-`, `_` and `.`")
    return text


Slug = Annotated[str, AfterValidator(_slug)]
Points = Annotated[int, Field(ge=0, le=10**6)]
PointRange = Annotated[tuple[Points, Points], AfterValidator(_range), Field(strict=False)]
OneOrMany = Annotated[tuple[str, ...], Field(strict=False)]


class _Rules(BaseModel):
    """Frozen, strict (no number in quotes), and closed: an unknown key is a mistake worth a sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class PerfectDayRules(_Rules):
    """What a day without a rejection earns."""

    points: Points
    min_tasks: Annotated[int, Field(ge=1)]


class DifficultyRanges(_Rules):
    """Lowest and highest points of a task, by difficulty."""

    easy: PointRange
    medium: PointRange
    hard: PointRange
    extreme: PointRange


class PointRules(_Rules):
    """What submissions earn (SPEC section 5)."""

    pattern_insight: PointRange
    first_solver: Points
    counterexample: Points
    difficulty: DifficultyRanges
    perfect_day: PerfectDayRules


class StreakRules(_Rules):
    """How forgiving the daily streak is (SPEC section 6)."""

    grace_days: Annotated[int, Field(ge=0, le=366)]
    excused_days: Annotated[tuple[dt.date, ...], Field(strict=False)]

    @model_validator(mode="after")
    def _dates_not_instants(self) -> Self:
        if any(isinstance(day, dt.datetime) for day in self.excused_days):
            raise ValueError("`excused_days` must be dates such as 2026-03-01, without a time")
        return self


class Filters(_Rules):
    """Which submissions a badge, board or window looks at; an empty tuple lets all through."""

    problem: OneOrMany = ()
    task: OneOrMany = ()
    task_type: OneOrMany = ()
    difficulty: OneOrMany = ()
    team: OneOrMany = ()

    @model_validator(mode="before")
    @classmethod
    def _one_is_many(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {k: (v,) if k in Filters.model_fields and isinstance(v, str) else v for k, v in given.items()}


class BadgeRule(Filters):
    """One badge: a metric that reaches a threshold, once and for ever (SPEC section 7)."""

    slug: Slug
    name: str
    metric: Metric
    threshold: Annotated[float, Field(gt=0, strict=False)]
    within_s: Annotated[int, Field(gt=0)] | None = None
    max_s: Annotated[int, Field(ge=0)] | None = None
    min_attempts: Annotated[int, Field(ge=0)] = 0
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


class OrderBy(_Rules):
    """One column of a board's order."""

    measure: Measure
    descending: bool


def _order(lines: tuple[Any, ...]) -> tuple[OrderBy, ...]:
    parsed = []
    for line in lines:
        words = line.split() if isinstance(line, str) else []
        if len(words) != 2 or words[1] not in ("asc", "desc"):
            raise ValueError(f"`{line}` must be a measure and a direction, such as `points desc`")
        parsed.append(OrderBy.model_validate({"measure": words[0], "descending": words[1] == "desc"}))
    return tuple(parsed)


class BoardRule(Filters):
    """One leaderboard (SPEC section 10)."""

    slug: Slug
    name: str
    subject: Literal["agent", "team"] = "agent"
    each: Literal["problem"] | None = None
    scope: Literal["all", "team"] = "all"
    order: tuple[OrderBy, ...]
    windows: OneOrMany = ("all",)
    min_attempts: Annotated[int, Field(ge=0)] = 0
    penalty_minutes: Annotated[int, Field(ge=0)] = 20
    enabled: bool = True

    @model_validator(mode="before")
    @classmethod
    def _read_order(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("order"), list | tuple):
            return {**given, "order": _order(tuple(given["order"]))}
        return given

    @model_validator(mode="after")
    def _fits_subject(self) -> Self:
        if not self.order:
            raise ValueError("`order` needs at least one measure")
        measures = {by.measure for by in self.order}
        if self.subject == "team" and (self.scope == "team" or self.needs_start):
            raise ValueError('a team board has neither `scope = "team"` nor penalty minutes')
        if self.subject == "agent" and "points_per_member" in measures:
            raise ValueError("`points_per_member` is a measure of team boards")
        if self.needs_start and "all" in self.windows:
            raise ValueError("penalty minutes count from the start of a window: leave `all` out of `windows`")
        return self

    @property
    def needs_start(self) -> bool:
        """Whether it counts minutes from the start of its window."""
        return any(by.measure in ("penalty_minutes", "last_solve_minute") for by in self.order)


class WindowRule(Filters):
    """A season or tournament: local dates, both inclusive, or instants, the end exclusive."""

    slug: Slug
    name: str
    start: dt.datetime | dt.date
    end: dt.datetime | dt.date
    enabled: bool = True

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.slug in (*CALENDAR_WINDOWS, "named"):
            raise ValueError(f"`{self.slug}` is a calendar window: choose another slug")
        if isinstance(self.start, dt.datetime) != isinstance(self.end, dt.datetime):
            raise ValueError("`start` and `end` must both be dates or both be instants")
        for end in (self.start, self.end):
            if isinstance(end, dt.datetime) and end.tzinfo is None:
                raise ValueError("an instant needs an offset, such as 2026-03-01T09:00:00Z")
        if self.start > self.end:
            raise ValueError("`start` must not lie after `end`")
        return self


class Rulebook(_Rules):
    """All rules. Equal rulebooks have equal fingerprints, whatever file they came from."""

    version: Literal[1]
    timezone: Annotated[str, AfterValidator(_zone)]
    clock: Literal["submitted_at", "judged_at"]
    points: PointRules
    streaks: StreakRules
    badge: Annotated[tuple[BadgeRule, ...], Field(strict=False)] = ()
    board: Annotated[tuple[BoardRule, ...], Field(strict=False)] = ()
    window: Annotated[tuple[WindowRule, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _references_resolve(self) -> Self:
        _check_requires(self.badge)
        known = {*CALENDAR_WINDOWS, "named", *(window.slug for window in self.window)}
        for board in self.board:
            for window in board.windows:
                if window not in known:
                    raise ValueError(f"board `{board.slug}`: there is no window `{window}`")
        return self

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits of the SHA-256 of all rules, in a canonical spelling."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _check_requires(badges: tuple[BadgeRule, ...]) -> None:
    """Raise if a required badge is unknown or requires itself, however far around."""
    needs: dict[str, set[str]] = {}
    for badge in badges:
        needs.setdefault(badge.slug, set()).update(badge.requires)
    for slug, required in needs.items():
        for other in required - needs.keys():
            raise ValueError(f"badge `{slug}` requires `{other}`, which is not a badge")
    done: set[str] = set()
    while ready := {slug for slug, required in needs.items() if required <= done} - done:
        done |= ready
    if circle := sorted(needs.keys() - done):
        raise ValueError(f"badges {', '.join(circle)} require each other in a circle")


def load_rulebook(path: Path | None = None) -> Rulebook:
    """The default rules, with the file at `path` laid over them. Raises RulebookError with a sentence."""
    merged = tomllib.loads(files("pipelines.game").joinpath("rulebook.toml").read_text("utf-8"))
    if path is not None:
        merged = lay_over(merged, _read_toml(path))
    return parse_rulebook(merged, str(path) if path else "the default rulebook")


def parse_rulebook(content: dict[str, Any], origin: str) -> Rulebook:
    """Validate a rulebook's content; `origin` names it in the sentence of a RulebookError."""
    try:
        book = Rulebook.model_validate(_without_disabled(content))
    except ValidationError as broken:
        raise RulebookError(_sentence(broken, content, origin)) from None
    return book


def _without_disabled(content: dict[str, Any]) -> dict[str, Any]:
    def kept(entries: Any) -> Any:
        if not isinstance(entries, list):
            return entries
        return [e for e in entries if not (isinstance(e, dict) and e.get("enabled") is False)]

    return {key: kept(value) if key in KEYED_LISTS else value for key, value in content.items()}


def lay_over(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`base` with the keys of `over` replacing its own; keyed lists entry by entry, by slug (and tier)."""
    result = dict(base)
    for key, value in over.items():
        held = result.get(key)
        if isinstance(held, dict) and isinstance(value, dict):
            result[key] = lay_over(held, value)
        elif key in KEYED_LISTS and isinstance(value, list) and all(isinstance(e, dict) for e in value):
            entries = {(e.get("slug"), e.get("tier")): e for e in held or []}
            for entry in value:
                name = (entry.get("slug"), entry.get("tier"))
                entries[name] = {**entries.get(name, {}), **entry}
            result[key] = list(entries.values())
        else:
            result[key] = value
    return result


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as fault:
        raise RulebookError(f"The rulebook {path} cannot be read: {fault.strerror}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise RulebookError(f"The rulebook {path} is not valid TOML: {fault}.") from None


def _key(steps: tuple[int | str, ...], content: dict[str, Any]) -> str:
    """The dotted key of a fault, with entries of keyed lists by their slug: `badge[on-fire].threshold`."""
    held: Any = _without_disabled(content)
    key = ""
    for step in steps:
        try:
            held = held[step]
        except (KeyError, IndexError, TypeError):
            held = None
        slug = held.get("slug") if isinstance(step, int) and isinstance(held, dict) else None
        key += f"[{step if slug is None else slug}]" if isinstance(step, int) else f".{step}"
    return key.removeprefix(".")


def _sentence(broken: ValidationError, content: dict[str, Any], origin: str) -> str:
    faults = []
    for fault in broken.errors(include_url=False):
        key = _key(fault["loc"], content) or "as a whole"
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = "this key is not known"
        faults.append(f"`{key}`: {message[:1].lower()}{message[1:]}")
    more = f" (and {len(faults) - 3} more)" if len(faults) > 3 else ""
    return f"The rulebook ({origin}) is not usable. {'; '.join(faults[:3])}{more}."
