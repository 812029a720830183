"""What happens in a sample season at work, day by day: who sits down when, and asks which sub-agent for what.

Here: days and hours, sittings, kinds of work, choice of the sub-agent. Not here: the people (`sample_team.py`), the
sub-agents (`sample_subagents.py`), how a call ends and what is said of it later (`sample_outcomes.py`), how it is
written down (`sample_call_lines.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from pipelines.game.records import COMPLEXITIES
from pipelines.sources.sample_outcomes import Call, Wish, ended, second_thoughts
from pipelines.sources.sample_subagents import ANY, CATEGORIES, SubAgent
from pipelines.sources.sample_team import Person, Project, make_team
from pipelines.sources.sample_world import DAY_S, Dice, World

EARLIEST_S = -14 * 3600  # where a day of work begins at the earliest, seconds from its midnight UTC

# How much work falls into each hour of the home clock: people sleep, unlike the agents of the competition.
_HOURS = (0, 0, 0, 0, 0, 0, 0, 1, 6, 12, 14, 12, 5, 8, 13, 14, 12, 8, 3, 2, 3, 2, 1, 0)
_MILESTONE = 100  # this call of a person, and each one so many later, is a milestone
_HARD = ("complex", "expert")


@dataclass(slots=True)
class _Desk:
    """Where a person is: the dice of their own, and what they have called so far."""

    person: Person
    dice: Dice
    n_calls: int = 0
    called: set[str] = field(default_factory=set)


def work(world: World) -> Iterator[list[Call]]:
    """All news of the calls begun on each home day, one list a day; corrections of them may lie days ahead.

    Nothing lies before the season's first midnight or beyond its end, and no call of day d before
    d * DAY_S + EARLIEST_S.
    """
    desks = [_Desk(person, Dice(world.seed, f"calls/{person.user_id}")) for person in make_team(world)]
    sessions, numbers = count(1), count(1)
    end_s = world.days * DAY_S
    for day in range(world.days):
        season_share = day / max(1, world.days - 1)
        news: list[Call] = []
        for desk in desks:
            for project, begun_s, n_calls in _sittings(world, desk, day, season_share):
                session, idle_s = f"w{next(sessions)}", begun_s
                for wish in _sitting(desk, desk.person.knows(season_share), project, n_calls):
                    second = idle_s + desk.dice.whole(15, 240)
                    call = ended(desk.dice, wish, next(numbers), second, session, season_share)
                    idle_s = call.at_s
                    if 0 <= call.at_s < end_s:
                        news.append(call)
                        news += (one for one in second_thoughts(desk.dice, call) if one.at_s < end_s)
        yield news


def _sittings(world: World, desk: _Desk, day: int, season_share: float) -> list[tuple[Project, int, int]]:
    """The sittings of a day: project, second of the season at which it begins, number of calls."""
    dice, person, habits = desk.dice, desk.person, desk.person.habits
    is_away = any(low <= season_share <= high for low, high in habits.pauses)
    if not habits.span[0] <= season_share <= habits.span[1] or is_away or dice.chance(habits.rest_share):
        return []
    pace = habits.per_day * (habits.weekend if (world.start.weekday() + day) % 7 >= 5 else 1.0)
    left = int(pace * dice.between(0.6, 1.4) + dice.share())
    if habits.most is not None:
        left = min(left, habits.most - desk.n_calls)
    found = []
    while left > 0:
        n_calls = min(left, dice.whole(2, 7))
        left -= n_calls
        local_s = (dice.weighted(_HOURS) - habits.early_h) * 3600 + dice.whole(0, 3599)
        project = person.projects[0] if dice.chance(0.75) else person.projects[-1]
        found.append((project, day * DAY_S + local_s - person.home_min * 60, n_calls))
    return sorted(found, key=lambda one: one[1])


def _sitting(desk: _Desk, known: tuple[SubAgent, ...], project: Project, n_calls: int) -> Iterator[Wish]:
    """What is asked for in one sitting. What works is tested next, what fails goes to a debugger, now and then."""
    dice, habits = desk.dice, desk.person.habits
    category = ""
    for _ in range(n_calls):
        if category in ("backend", "frontend") and dice.chance(0.3):
            category = "testing"
        elif category == "testing" and dice.chance(0.25):
            category = "debugging"
        elif habits.focus is not None and dice.chance(0.45):
            category = habits.focus
        else:
            category = CATEGORIES[dice.weighted(project.mix)]
        complexity = COMPLEXITIES[dice.weighted(habits.mix)]
        agent = _choose(desk, known, category, complexity)
        yield Wish(desk.person, project, agent, category, complexity, _action(desk, agent, category, complexity))


def _choose(desk: _Desk, known: tuple[SubAgent, ...], category: str, complexity: str) -> SubAgent:
    """Whose trade it is, as far as the person knows: strong ones for what is hard, handy ones for what is simple."""
    dice = desk.dice
    if dice.chance(desk.person.habits.curiosity):
        return dice.pick(known)
    weights = []
    for agent in known:
        weight = 48 if agent.category == category else 16 if agent.also == category else 0
        if agent.category == ANY:
            weight = 12
        if agent.is_strong:
            weight = weight * 4 if complexity in _HARD else weight // 4 if complexity == "simple" else weight // 2
        if agent.is_handy:
            weight = weight // 12 if complexity in _HARD else weight * 3 if complexity == "simple" else weight // 2
        weights.append(weight * 3 if agent.agent_id in desk.person.favourites else weight)
    return known[dice.weighted(weights)]


def _action(desk: _Desk, agent: SubAgent, category: str, complexity: str) -> str:
    """The kind of the call, as a client would name it; `research` is no action that the rulebook knows."""
    dice = desk.dice
    is_new = agent.agent_id not in desk.called
    desk.called.add(agent.agent_id)
    desk.n_calls += 1
    if desk.n_calls % _MILESTONE == 0:
        return "milestone"
    if is_new and desk.n_calls > 1 and dice.chance(0.5):
        return "first_use"
    if dice.chance(0.75 if category == "debugging" else 0.03):
        return "error_resolution"
    if complexity == "expert" and dice.chance(0.2):
        return "complexity_bonus"
    if complexity == "simple" and dice.chance(0.06):
        return "speed_bonus"
    if category == "testing" and dice.chance(0.12):
        return "quality_bonus"
    return "research" if dice.chance(0.05) else "task_completion"
