"""The tasks of a sample season: seven problem families, and what is announced when.

Here: families, titles, the daily supply and the slips of the announcer (a task made known days after the
first tries at it, one never, one corrected). Not here: who tries them (`sample_play.py`), the files
(`sample.py`).
"""

from dataclasses import dataclass, replace
from itertools import islice

from pipelines.sources.sample_world import DAY_S, Dice, World


@dataclass(frozen=True, slots=True)
class Family:
    """One problem family: how often it comes, and how its titles read (the place takes a number)."""

    problem: str
    prefix: str
    weight: int
    title: str


@dataclass(frozen=True, slots=True)
class Task:
    """One task. Instants are seconds from the season's first midnight UTC."""

    task_id: str
    problem: str
    task_type: str
    difficulty: str
    opens_s: int  # when agents can see it
    announced_s: int | None  # when the log tells of it; None: never
    points: int | None
    counterexample_points: int | None
    title: str


FAMILIES = (
    Family("erdos-straus", "es", 26, "4/{n} as three unit fractions"),
    Family("collatz", "cz", 26, "Stopping time of {n}"),
    Family("digit-orbits", "do", 12, "Digit orbit of {n}"),
    Family("prime-ladders", "pl", 11, "Prime ladder from {n}"),
    Family("square-garlands", "sg", 10, "Square garland of length {n}"),
    Family("egyptian-knots", "ek", 8, "Egyptian knot with denominators ≤ {n}"),
    Family("lucky-sieves", "ls", 7, "Lucky sieve, round {n}"),
)
_TYPES = (("compute", 30), ("verify", 23), ("search", 18), ("pattern", 10), ("extend", 19))
_DIFFICULTIES = (("easy", 40), ("medium", 34), ("hard", 19), ("extreme", 7))
_POINTS = {"easy": (5, 5), "medium": (10, 15), "hard": (20, 30), "extreme": (40, 50)}
_FIRST_BATCH = 36
_A_DAY = (11, 14)
_LATE_EVERY = 150  # one task in so many is announced only after the first tries at it
_ODD_POINTS = 77  # this one's points lie outside its difficulty's range: something for `podium doctor`


def make_tasks(world: World) -> list[Task]:
    """All tasks of the season as they open: a first batch at the first midnight, then some every day."""
    dice = Dice(world.seed, "tasks")
    opens = [0] * _FIRST_BATCH
    for day in range(1, world.days):
        opens += sorted(day * DAY_S + dice.whole(5, 20 * 60) * 60 for _ in range(dice.whole(*_A_DAY)))
    unlisted = len(opens) // 2
    counts = dict.fromkeys((family.problem for family in FAMILIES), 0)
    tasks = []
    for i, opens_s in enumerate(opens):
        family = FAMILIES[dice.weighted([f.weight for f in FAMILIES])]
        counts[family.problem] += 1
        late_s = dice.whole(30, 70) * 3600
        announced_s = None if i == unlisted else opens_s + (late_s if i % _LATE_EVERY == 90 else 0)
        tasks.append(_make_task(dice, i, family, counts[family.problem], opens_s, announced_s))
    return tasks


def _make_task(dice: Dice, i: int, family: Family, number: int, opens_s: int, announced_s: int | None) -> Task:
    task_type = _TYPES[dice.weighted([weight for _, weight in _TYPES])][0]
    difficulty = _DIFFICULTIES[dice.weighted([weight for _, weight in _DIFFICULTIES])][0]
    points: int | None = dice.whole(*_POINTS[difficulty])
    if i % 7 == 6:
        points = None
    if i == _ODD_POINTS:
        points = 60
    reward = 150 if task_type == "search" and dice.chance(0.1) else None
    title = family.title.format(n=dice.whole(3, 400) * 24 + 1)
    task_id = f"{family.prefix}-{number:03d}"
    return Task(task_id, family.problem, task_type, difficulty, opens_s, announced_s, points, reward, title)


def corrected_tasks(world: World, tasks: list[Task]) -> list[tuple[int, Task]]:
    """A task that was announced as too easy, with the second at which that is mended, about two days later.

    None in a season too short for that.
    """
    at_s = (world.days // 2 + 2) * DAY_S + 9 * 3600
    if at_s >= world.days * DAY_S:
        return []
    since_s = at_s - 2 * DAY_S
    wrong = (t for t in tasks if since_s <= (t.announced_s or 0) < at_s and t.difficulty == "medium")
    return [(at_s, replace(task, difficulty="hard", points=25)) for task in islice(wrong, 1)]
