"""The rules of agent calls as data: what a call earns, how XP makes levels, and the achievements (SPEC sections 8, 9).

Not here: what the rules do (xp.py, levels.py, achievements.py), the other rules (rules.py).
"""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pipelines.game.records import COMPLEXITIES
from pipelines.game.rule_shapes import OneOrMany, Rules, Seconds, Slug, one_is_many, words_of

MAX_XP = 10**6
Factor = Annotated[float, Field(ge=0, le=10**6, allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
Xp = Annotated[int, Field(ge=0, le=MAX_XP)]
Threshold = Annotated[float, Field(ge=0, le=10**6, allow_inf_nan=False)]
Step = Annotated[tuple[Threshold, Factor], Field(strict=False)]

AchievementMetric = Literal[
    "calls",
    "successes",
    "agents_called",
    "agents_succeeded",
    "active_days",
    "agent_level",
    "user_level",
    "trophies",
]
COUNTS = ("calls", "successes", "agents_called", "agents_succeeded")


def _rising(steps: tuple[Any, ...]) -> tuple[Any, ...]:
    firsts = [step[0] for step in steps]
    if firsts != sorted(set(firsts)):
        raise ValueError("must rise: each step with a higher first number than the one before")
    return steps


def _level_table(table: tuple[int, ...]) -> tuple[int, ...]:
    if table and (table[0] != 0 or list(table) != sorted(set(table))):
        raise ValueError("must begin with 0, the XP of level 1, and rise")
    return table


Steps = Annotated[tuple[Step, ...], AfterValidator(_rising), Field(strict=False, min_length=1)]


class ByComplexity(Rules):
    """A number for each complexity of a call, and for calls that name none."""

    simple: Factor
    medium: Factor
    complex: Factor
    expert: Factor
    absent: Factor


class QualityRules(Rules):
    """The factor of the mean score: that of the highest step that the mean reaches."""

    steps: Steps
    absent: Factor

    @model_validator(mode="after")
    def _covers_all(self) -> Self:
        if self.steps[0][0] != 0:
            raise ValueError("`steps` must begin at a mean of 0")
        return self


class SpeedRules(Rules):
    """The factor of the time used, as a share of the time expected: that of the first step it does not exceed."""

    expected_s: ByComplexity
    steps: Steps
    slow_slope: Factor  # taken off 1 for each expected time over the expected one
    slow_least: Factor

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if not all(getattr(self.expected_s, name) > 0 for name in ByComplexity.model_fields):
            raise ValueError("`expected_s` must be over 0")
        if self.steps[-1][0] < 1:
            raise ValueError("the last of `steps` must reach 1: only then is slower than expected")
        return self


class EvidenceRules(Rules):
    """The share of a call's own base points that each type of evidence adds."""

    speed_improvement: Rate
    bug_resolution: Rate
    code_quality: Rate
    user_satisfaction: Rate
    complexity_handling: Rate
    innovation: Rate
    max_improvement: Rate


class XpRules(Rules):
    """What agent calls earn (SPEC section 8)."""

    success: Factor
    failure: Factor
    cap: Annotated[int, Field(ge=1, le=10**9)]
    other_action: Xp
    action: dict[str, Xp]
    complexity: ByComplexity
    quality: QualityRules
    speed: SpeedRules
    streak: Steps  # from how many active days in a row on, today included, which factor
    evidence: EvidenceRules


class LevelRules(Rules):
    """How XP makes levels: from step * L * (L - 1) XP on level L, or a table of its own."""

    step: Annotated[int, Field(ge=1, le=MAX_XP)]
    table: Annotated[
        tuple[Annotated[int, Field(ge=0, le=10**12)], ...], AfterValidator(_level_table), Field(strict=False)
    ]
    titles: Annotated[OneOrMany, Field(min_length=1)]
    max_stars: Annotated[int, Field(ge=0, le=100)]


class AchievementRule(Rules):
    """One achievement of users: a metric of their calls that reaches a threshold, and its XP (SPEC section 9)."""

    slug: Slug
    name: str
    metric: AchievementMetric
    threshold: Annotated[int, Field(gt=0, le=10**9)]
    xp: Xp
    action_type: OneOrMany = ()
    complexity: Annotated[OneOrMany, AfterValidator(words_of(COMPLEXITIES))] = ()
    category: OneOrMany = ()
    agent: OneOrMany = ()
    team: OneOrMany = ()
    under_s: Seconds | None = None
    min_quality: Annotated[float, Field(ge=0, le=1)] | None = None
    within_s: Seconds | None = None
    min_level: Annotated[int, Field(ge=1, le=10**9)] = 1
    requires: OneOrMany = ()
    tier: Slug | None = None
    enabled: bool = True

    @model_validator(mode="before")
    @classmethod
    def _one_is_many(cls, given: Any) -> Any:
        return one_is_many(given, ("action_type", "complexity", "category", "agent", "team"))

    @model_validator(mode="after")
    def _keys_fit_metric(self) -> Self:
        if self.has_filters and self.metric not in COUNTS:
            raise ValueError(f"filters on calls go with the metrics {', '.join(COUNTS)}")
        if self.within_s is not None and self.metric not in ("calls", "successes"):
            raise ValueError("`within_s` goes with the metrics calls, successes")
        if self.min_level > 1 and self.metric != "trophies":
            raise ValueError("`min_level` goes with the metric trophies")
        if self.metric == "user_level" and self.threshold < 2:
            raise ValueError("the metric `user_level` has a threshold from 2: everybody begins at level 1")
        return self

    @property
    def has_filters(self) -> bool:
        """Whether it looks at some calls only."""
        lists = (self.action_type, self.complexity, self.category, self.agent, self.team)
        return any(lists) or self.under_s is not None or self.min_quality is not None

    @property
    def key(self) -> str:
        """The slug, with the tier where there is one: unique in a rulebook."""
        return self.slug if self.tier is None else f"{self.slug}:{self.tier}"
