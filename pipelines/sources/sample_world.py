"""The invented world of a sample season: its dice, and who plays with which gifts and habits.

Here: names, agents, teams, users, models and the home hours they keep. Not here: the tasks
(`sample_tasks.py`), what happens day by day (`sample_play.py`) and the files (`sample.py`). Every topic has
dice of its own, so a later kind of record can be added without moving a byte of those that are there.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import isqrt
from typing import TypeVar

T = TypeVar("T")

DAY_S = 86_400

WORDS = (
    "abacus", "addend", "axiom", "bound", "cipher", "coset", "cube", "cusp", "delta", "digit", "divisor",
    "factor", "field", "figure", "fraction", "gap", "golden", "ideal", "index", "integer", "kernel",
    "lattice", "lemma", "limit", "matrix", "median", "modulo", "norm", "octal", "orbit", "order", "parity",
    "period", "pivot", "prime", "proof", "quotient", "radix", "remainder", "residue", "root", "series",
    "sieve", "sigma", "square", "surd", "tally", "theta",
)  # fmt: skip
ANIMALS = (
    "badger", "bat", "beaver", "bison", "crane", "cricket", "curlew", "dove", "eel", "egret", "falcon",
    "ferret", "finch", "fox", "gecko", "hare", "heron", "ibex", "jay", "kite", "lark", "lynx", "marten",
    "mole", "moth", "newt", "orca", "otter", "owl", "perch", "pika", "quail", "raven", "robin", "seal",
    "shrew", "snipe", "stoat", "swift", "tern", "toad", "vole", "wren", "yak",
)  # fmt: skip
TEAMS = ("night-shift", "long-division", "odd-ones", "tidy-margins", "carry-the-one", "quiet-lemmas")
OWNERS = (
    "amber", "birch", "cinder", "dune", "ember", "fennel", "gorse", "hazel", "indigo", "juniper", "kelp",
    "linden", "maple", "nettle", "ochre", "pumice", "quartz", "rowan", "sorrel", "thistle", "umber",
    "vetch", "willow", "yarrow",
)  # fmt: skip
MODELS = ("orrery-2", "orrery-2-mini", "tarn-large", "wicket-1")
HOMES_MIN = (-480, -300, -180, 0, 60, 60, 120, 330, 480, 540)


class Dice:
    """Draws that fall the same on every machine.

    `random()` is the one method whose sequence Python promises to keep from version to version, and only sums
    and products are taken of it: logarithms and powers may differ in the last bit from one C library to the
    next.
    """

    def __init__(self, seed: int, topic: str) -> None:
        self.share = random.Random(f"{seed}/{topic}").random  # noqa: S311 - a game's dice, no secret

    def chance(self, share: float) -> bool:
        """Whether something that happens in this share of cases happens now."""
        return self.share() < share

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self.share() * (high - low + 1))

    def between(self, low: float, high: float) -> float:
        """A number from low up to high."""
        return low + self.share() * (high - low)

    def pick(self, things: Sequence[T]) -> T:
        """One of them, each as likely."""
        return things[int(self.share() * len(things))]

    def weighted(self, weights: Sequence[int]) -> int:
        """An index, each as likely as its weight says."""
        left = int(self.share() * sum(weights))
        for i, weight in enumerate(weights):
            left -= weight
            if left < 0:
                return i
        return len(weights) - 1

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """All of them in another order (Fisher and Yates)."""
        out = list(things)
        for i in range(len(out) - 1, 0, -1):
            j = int(self.share() * (i + 1))
            out[i], out[j] = out[j], out[i]
        return out


@dataclass(frozen=True, slots=True)
class Agent:
    """One invented agent: who it is, when it works and how good it is."""

    agent_id: str
    user_id: str | None
    team_id: str | None
    model: str | None
    home_min: int  # its home clock, minutes ahead of UTC
    writes_home_time: bool  # its own instants carry the home offset instead of Z
    per_day: float  # submissions on an ordinary day
    form: tuple[float, float]  # what per_day is multiplied by on the first and on the last day
    rest_share: float  # of days off
    weekend: float  # what per_day is multiplied by on Saturday and Sunday
    skill: float  # added to the chance of a verified verdict
    is_careful: bool  # leaves hard and extreme tasks alone and checks twice
    favourite: str | None  # the problem family it looks at first


@dataclass(frozen=True, slots=True)
class World:
    """Who plays, from which day on, for how long."""

    seed: int
    start: date
    days: int
    agents: tuple[Agent, ...]


@dataclass(frozen=True, slots=True)
class _Habits:
    per_day: float
    form: tuple[float, float]
    rest_share: float
    weekend: float
    skill: float
    is_careful: bool = False
    favourite: str | None = None


# Those at the top: a leader who tires, a pursuer who warms up, a steady one, and one fast and careless.
_FRONT = (
    _Habits(8.8, (1.2, 0.75), 0.02, 0.8, 0.05, favourite="erdos-straus"),
    _Habits(7.3, (0.75, 1.3), 0.0, 1.0, 0.05, favourite="collatz"),
    _Habits(7.7, (1.0, 1.0), 0.05, 0.8, 0.08),
    _Habits(7.3, (1.0, 0.95), 0.08, 1.3, -0.1, favourite="digit-orbits"),
)
_CASUAL_FORMS = ((1.0, 1.0), (1.0, 1.0), (1.7, 0.1), (0.1, 1.8), (0.6, 1.4))


def build_world(*, agents: int, days: int, seed: int, start: date) -> World:
    """The players: a few very active (the square root of all), a quarter regular, the rest casual."""
    dice = Dice(seed, "agents")
    names = agent_names(agents, Dice(seed, "names"))
    teams = dice.shuffled(TEAMS)[: max(1, min(len(TEAMS), agents // 2))]
    owners = dice.shuffled(OWNERS)
    n_owners = max(1, agents * 3 // 5)
    n_front, n_regular = max(1, isqrt(agents)), agents // 4
    made = []
    for i, name in enumerate(names):
        if i < n_front:
            habits = _FRONT[i % len(_FRONT)]
        else:
            habits = _regular(dice, i) if i < n_front + n_regular else _casual(dice)
        owner = i % n_owners
        made.append(
            Agent(
                agent_id=name,
                user_id=None if i % 9 == 8 else _owner_id(owners, owner),
                team_id=None if i % 8 == 7 else teams[i % len(teams)],
                model=dice.pick(MODELS) if i % 3 else None,
                home_min=dice.pick(HOMES_MIN),
                writes_home_time=i % 5 == 4,
                per_day=habits.per_day,
                form=habits.form,
                rest_share=habits.rest_share,
                weekend=habits.weekend,
                skill=habits.skill,
                is_careful=habits.is_careful,
                favourite=habits.favourite,
            )
        )
    return World(seed, start, days, tuple(made))


def agent_names(count: int, dice: Dice) -> list[str]:
    """Distinct invented names, a word and an animal; words repeat only when all of them are used."""
    words, animals = dice.shuffled(WORDS), dice.shuffled(ANIMALS)
    n = len(words)  # 48 words and 44 animals: (i + i // n) walks through all 2112 pairs, for 49 and 44 share no factor
    return [f"{words[i % n]}-{animals[(i + i // n) % len(animals)]}" for i in range(count)]


def _owner_id(owners: list[str], number: int) -> str:
    lap, i = divmod(number, len(owners))
    return f"u-{owners[i]}" if lap == 0 else f"u-{owners[i]}-{lap + 1}"


def _regular(dice: Dice, i: int) -> _Habits:
    per_day, rest, weekend = dice.between(1.2, 4.6), dice.between(0.02, 0.3), dice.between(0.3, 1.2)
    form = (dice.between(0.7, 1.3), dice.between(0.7, 1.3))
    if i % 3 == 0:
        return _Habits(per_day, form, rest, weekend, 0.4, is_careful=True)
    return _Habits(per_day, form, rest, weekend, dice.between(-0.15, 0.1))


def _casual(dice: Dice) -> _Habits:
    luck = dice.share()
    per_day = 0.15 + 1.0 * luck * luck
    return _Habits(per_day, dice.pick(_CASUAL_FORMS), 0.3, dice.between(0.2, 2.0), dice.between(-0.25, 0.05))
