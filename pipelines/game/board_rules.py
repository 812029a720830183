"""The rules of boards and windows (SPEC section 10), as data. Not here: how boards are made (leaderboards.py)."""

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from pipelines.game.rule_shapes import Filters, OneOrMany, Rules, Slug

Measure = Literal[
    "points",
    "points_per_member",
    "tasks_completed",
    "attempts",
    "accuracy",
    "penalty_minutes",
    "last_solve_minute",
    "xp",
    "xp_per_member",
    "calls",
    "successes",
    "success_share",
    "reached_at",
]
OF_CALLS = ("xp", "xp_per_member", "calls", "successes", "success_share")
CALENDAR_WINDOWS = ("all", "day", "week", "month")


class OrderBy(Rules):
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
    subject: Literal["agent", "user", "user_agent", "team"] = "agent"
    each: Literal["problem"] | None = None
    scope: Literal["all", "team", "project"] = "all"
    order: tuple[OrderBy, ...]
    windows: Annotated[OneOrMany, Field(min_length=1)] = ("all",)
    min_attempts: Annotated[int, Field(ge=0, le=10**9)] = 0
    min_calls: Annotated[int, Field(ge=0, le=10**9)] = 0
    penalty_minutes: Annotated[int, Field(ge=0, le=10**6)] = 20
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
        if self.order[0].measure == "reached_at":
            raise ValueError("`reached_at` breaks ties: the first of `order` is the score, and must be another measure")
        measures = {by.measure for by in self.order}
        if self.subject == "team" and (self.scope == "team" or self.needs_start):
            raise ValueError('a team board has neither `scope = "team"` nor penalty minutes')
        for mean in ("points_per_member", "xp_per_member"):
            if self.subject != "team" and mean in measures:
                raise ValueError(f"`{mean}` is a measure of team boards")
        if len({measure in OF_CALLS for measure in measures - {"reached_at"}}) > 1:
            raise ValueError("points and XP are two currencies: order by measures of submissions, or by those of calls")
        self._fits_currency()
        if self.needs_start and "all" in self.windows:
            raise ValueError("penalty minutes count from the start of a window: leave `all` out of `windows`")
        return self

    def _fits_currency(self) -> None:
        if self.is_of_calls and (self.each or self.min_attempts):
            raise ValueError("`each` and `min_attempts` go with boards of submissions")
        if self.is_of_calls and any((self.problem, self.task, self.task_type, self.difficulty)):
            raise ValueError("calls belong to no task: of the filters a board of calls takes only `team`")
        wants_calls = self.subject in ("user", "user_agent") or self.scope == "project" or self.min_calls > 0
        if wants_calls and not self.is_of_calls:
            raise ValueError("users, projects and `min_calls` go with boards of calls, such as `xp desc`")

    @property
    def is_of_calls(self) -> bool:
        """Whether it ranks by agent calls and their XP, not by submissions and their points."""
        return any(by.measure in OF_CALLS for by in self.order)

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
            raise ValueError(f"`{self.slug}` is a calendar window or another word of ours: choose another slug")
        if isinstance(self.start, dt.datetime) != isinstance(self.end, dt.datetime):
            raise ValueError("`start` and `end` must both be dates or both be instants")
        for end in (self.start, self.end):
            if isinstance(end, dt.datetime) and end.tzinfo is None:
                raise ValueError("an instant needs an offset, such as 2026-03-01T09:00:00Z")
        if self.start > self.end:
            raise ValueError("`start` must not lie after `end`")
        if self.start == self.end and isinstance(self.end, dt.datetime):
            raise ValueError("`end` is exclusive: it must lie after `start`")
        if not (self.start.year >= 1000 and self.end.year <= 9000):
            raise ValueError("a window lies within the years 1000 to 9000")
        return self

    @field_validator("start", "end")
    @classmethod
    def _in_utc(cls, end: dt.datetime | dt.date) -> dt.datetime | dt.date:
        """One instant has one spelling, so that equal rulebooks have equal fingerprints."""
        return end.astimezone(dt.UTC) if isinstance(end, dt.datetime) and end.tzinfo else end
