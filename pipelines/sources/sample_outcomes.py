"""How the calls of a sample season end: success, duration, tokens, money, scores; and what is corrected later.

Here: chances and sizes. Not here: who asks for what and when (`sample_calls.py`), how it is written down
(`sample_call_lines.py`).
"""

from dataclasses import dataclass, replace

from pipelines.sources.sample_subagents import ANY, CODE, PRICES, SubAgent
from pipelines.sources.sample_team import Person, Project
from pipelines.sources.sample_world import Dice


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a sub-agent."""

    person: Person
    project: Project
    agent: SubAgent
    category: str
    complexity: str
    action_type: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run used up, as a client reports it."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_creation_tokens: int | None
    tool_uses: int
    cost_usd: float


@dataclass(frozen=True, slots=True)
class Extras:
    """What few calls carry."""

    base_points: int | None = None
    bonus_points: int | None = None
    multipliers: tuple[float, ...] | None = None
    evidence_type: str | None = None
    evidence: str | None = None
    improvement_factor: float | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One fact about a call as it becomes known: first its end, then perhaps corrections (`version` 2, 3)."""

    at_s: int  # seconds from the season's first midnight
    number: int
    wish: Wish
    session: str
    model: str
    success: bool
    success_source: str | None
    complexity: str | None
    duration_s: float | None
    scores: tuple[float | None, float | None, float | None]  # response, satisfaction, code
    usage: Usage | None
    extras: Extras
    version: int = 1

    @property
    def is_correction(self) -> bool:
        """Whether it replaces an earlier record of the call."""
        return self.version > 1


_CHANCE = {"simple": 0.93, "medium": 0.87, "complex": 0.77, "expert": 0.66}
_TYPICAL_S = {"simple": 26.0, "medium": 90.0, "complex": 230.0, "expert": 480.0}
_UNSCORED = (None, None, None)
_ASIDE = 0.2  # what a sub-agent loses where it is asked for something that is not its trade
_EVIDENCE = (
    ("speed_improvement", "the nightly import takes {a} s, was {b} s"),
    ("bug_resolution", "{a} failing tests pass again"),
    ("code_quality", "complexity of the parser down from {b} to {a}"),
    ("user_satisfaction", "{a} of {b} testers prefer it"),
    ("complexity_handling", "{b} call sites moved, {a} by hand"),
    ("innovation", "one index instead of {a} tables"),
)


def ended(dice: Dice, wish: Wish, number: int, begun_s: int, session: str, season_share: float) -> Call:
    """The call as it ended, begun at a second of the season."""
    agent, habits = wish.agent, wish.person.habits
    model = agent.later_model if agent.later_model and season_share > 0.5 else agent.model
    derived = None if habits.is_plain else "derived"
    if dice.chance(0.008):  # it never began: nothing used, nothing said, as if it had not been called
        used = None if habits.is_plain else Usage(0, 0, 0, None, 0, 0)
        none = Extras()
        return Call(begun_s, number, wish, session, model, False, derived, wish.complexity, 0, _UNSCORED, used, none)
    duration_s = _TYPICAL_S[wish.complexity] * agent.pace * lognormal(dice, 0.45)
    if dice.chance(0.012):  # stopped by hand on the way
        success, source, duration_s = False, derived, duration_s * dice.between(0.1, 0.8)
        scores: tuple[float | None, float | None, float | None] = _UNSCORED
    else:
        success = dice.chance(_success_chance(wish, season_share))
        duration_s *= 1.0 if success else 1.35
        scores = _scores(dice, wish, success) if dice.chance(habits.rates) else _UNSCORED
        source = "verdict" if scores != _UNSCORED or dice.chance(0.1) else derived
    duration_s = round(duration_s, 1)
    says_duration = not habits.is_plain or dice.chance(0.8)
    return Call(
        at_s=begun_s + int(duration_s) + 1,
        number=number,
        wish=wish,
        session=session,
        model=model,
        success=success,
        success_source=source,
        complexity=None if habits.is_plain and dice.chance(0.2) else wish.complexity,
        duration_s=duration_s if says_duration else None,
        scores=scores,
        usage=None if habits.is_plain else _usage(dice, model, duration_s),
        extras=_extras(dice) if success else Extras(),
    )


def lognormal(dice: Dice, spread: float) -> float:
    """A factor whose logarithm is spread about 0 by `spread`, near enough.

    From three throws and four squarings, (1 + z/16)^16 for e^z: powers and logarithms of a C library may differ in the
    last bit from machine to machine.
    """
    factor = 1.0 + spread * (dice.between(-1, 1) + dice.between(-1, 1) + dice.between(-1, 1)) / 16
    for _ in range(4):
        factor *= factor
    return factor


def _success_chance(wish: Wish, season_share: float) -> float:
    agent = wish.agent
    is_at_home = agent.category in (wish.category, ANY)
    aside = 0.0 if is_at_home else 0.03 if wish.category == agent.also else _ASIDE
    drifted = agent.drift * (int(season_share > 0.5) if agent.later_model else season_share)
    skill = agent.skill + drifted + wish.person.habits.briefing - aside
    return min(0.99, _CHANCE[wish.complexity] + skill)


def _scores(dice: Dice, wish: Wish, success: bool) -> tuple[float | None, float | None, float | None]:
    """Scores in steps of a twentieth: of the answer always, the others now and then."""
    centre, spread = (0.9, 0.15) if wish.agent.skill < 0.05 else (0.97, 0.1)
    if wish.agent.is_mediocre:
        centre, spread = 0.7, 0.25
    if not success:
        centre, spread = 0.35, 0.3

    def score() -> float:
        value = centre + spread * (dice.share() + dice.share() - 1)
        return int(min(1.0, max(0.0, value)) * 20 + 0.5) / 20

    code = score() if wish.category in CODE and dice.chance(0.35) else None
    return score(), score() if dice.chance(0.4) else None, code


def _usage(dice: Dice, model: str, duration_s: float) -> Usage:
    read, written = dice.whole(300, 4000), 40 + int(duration_s * dice.between(15, 40))
    tool_uses = int(duration_s / dice.between(6, 14))
    from_cache = tool_uses * dice.whole(5000, 12000)
    into_cache = dice.whole(2000, 20000) if dice.chance(0.25) else None
    price = PRICES[model]
    cost = (read + 0.1 * from_cache + 1.25 * (into_cache or 0)) * price.read + written * price.written
    return Usage(read, written, from_cache, into_cache, tool_uses, round(cost / 1e6, 4))


def _extras(dice: Dice) -> Extras:
    luck = dice.share()
    if luck < 0.015:
        evidence_type, text = dice.pick(_EVIDENCE)
        few = dice.whole(2, 9)
        factor = dice.whole(4, 12) / 4 if dice.chance(0.6) else None
        return Extras(dice.whole(15, 60), None, None, evidence_type, text.format(a=few, b=few * 3), factor)
    if luck < 0.025:
        return Extras(bonus_points=dice.whole(1, 5) * 5)
    if luck < 0.032:
        return Extras(multipliers=dice.pick(((1.5,), (2,), (1.2, 1.1), (0.5,))))
    return Extras()


def second_thoughts(dice: Dice, call: Call) -> list[Call]:
    """Corrections: a verdict found wrong, now and then found right after all, or scores that somebody gives late."""
    luck = dice.share()
    later_s = call.at_s + dice.whole(1, 40) * 3600
    if luck < 0.006:  # what had been thought a success was none, or the other way round
        other = replace(
            call, at_s=later_s, version=2, success=not call.success, success_source="verdict", scores=_UNSCORED,
            extras=Extras(),
        )  # fmt: skip
        back = replace(call, at_s=later_s + dice.whole(2, 30) * 3600, version=3, success_source="verdict")
        return [other, back] if dice.chance(0.25) else [other]
    if luck < 0.012 and call.duration_s:
        scores = _scores(dice, call.wish, call.success)
        return [replace(call, at_s=later_s, version=2, success_source="verdict", scores=scores)]
    return []
