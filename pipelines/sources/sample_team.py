"""The people of a sample season who own its agents and call sub-agents at work.

Here: their teams, projects and habits. They are the owners in `sample_world.py`, in that order, at the home hours of
their first agent. Not here: the sub-agents (`sample_subagents.py`), what people do day by day (`sample_calls.py`).
"""

from dataclasses import dataclass, replace

from pipelines.sources.sample_subagents import ANY, SUBAGENTS, SubAgent
from pipelines.sources.sample_world import Agent, Dice, World


@dataclass(frozen=True, slots=True)
class Project:
    """One project: the weight of each kind of work in it, in the order of CATEGORIES."""

    project_id: str
    mix: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Habits:
    """How somebody works with sub-agents. A share of the season is 0 on its first day and 1 on its last."""

    per_day: float  # calls on an ordinary day
    rest_share: float  # share of days off
    weekend: float  # what per_day is multiplied by on Saturday and Sunday
    mix: tuple[int, int, int, int]  # simple, medium, complex and expert work
    span: tuple[float, float] = (0.0, 1.0)  # from when to when, in shares of the season
    pauses: tuple[tuple[float, float], ...] = ()  # away, likewise
    most: int | None = None  # no more calls than this
    early_h: int = 0  # begins so many hours before the others, or later if negative
    focus: str | None = None  # the kind of work that is mostly theirs
    reach: int = 14  # so many sub-agents, and their favourites, are known to them
    curiosity: float = 0.05  # share of calls for which any of these is taken
    rates: float = 0.25  # share of calls that are scored
    briefing: float = 0.0  # added to the chance of success: who asks well is served well
    is_alone: bool = False  # works in no team
    is_plain: bool = False  # the client reports neither tokens nor money, and not always the rest


@dataclass(frozen=True, slots=True)
class Person:
    """One person at work."""

    user_id: str
    team_id: str | None
    home_min: int  # the home clock, minutes ahead of UTC
    writes_home_time: bool
    projects: tuple[Project, ...]  # the first is the main one
    known: tuple[SubAgent, ...]  # the sub-agents that they call, in the order in which they get to know them
    favourites: frozenset[str]  # those called more often than others
    habits: Habits

    def knows(self, season_share: float) -> tuple[SubAgent, ...]:
        """The sub-agents known by then: some from the beginning, all after two thirds of the time they are there."""
        low, high = self.habits.span
        learned = min(1.0, max(0.0, season_share - low) / (high - low) * 1.5)
        return self.known[: max(5, int(len(self.known) * (0.3 + 0.7 * learned)))]


_MIXES = (
    (9, 2, 4, 5, 4, 2, 3, 2),
    (4, 10, 1, 4, 3, 1, 2, 3),
    (3, 1, 11, 2, 3, 1, 2, 3),
    (3, 1, 1, 2, 5, 5, 9, 2),
)
_NAMES = ("harbour", "lantern", "orchard", "quarry", "signalbox", "tidemill", "ropeway", "weathervane")
_OWN = Project("driftwood", (5, 5, 2, 2, 3, 0, 1, 4))

_CHARACTERS: tuple[Habits | None, ...] = (
    # never stops but for one day early on, asks for everything and scores most of what comes back
    Habits(10.5, 0.0, 0.7, (26, 34, 24, 16), pauses=((0.17, 0.18),), reach=26, curiosity=0.2, rates=0.6, briefing=0.04),
    # takes the hard things, at weekends for an hour at most
    Habits(10.0, 0.04, 0.15, (10, 28, 36, 26), focus="backend", reach=25, curiosity=0.15, rates=0.55, briefing=0.05),
    # works at weekends
    Habits(0.6, 0.1, 16.0, (25, 45, 25, 5), focus="frontend", reach=13, curiosity=0.05, rates=0.1),
    # mends what is broken, before the others are up, with two breaks
    Habits(8.0, 0.03, 0.8, (20, 45, 30, 5), pauses=((0.32, 0.36), (0.7, 0.75)), early_h=3, focus="debugging",
           rates=0.12),
    # many small things, quickly
    Habits(8.5, 0.08, 0.3, (74, 22, 4, 0), focus="documentation", reach=9, rates=0.1, is_plain=True),
    # began with a will and stopped weeks ago
    Habits(11.5, 0.04, 0.9, (30, 45, 20, 5), span=(0.0, 0.4), focus="security", rates=0.25),
    # tries everything once
    Habits(6.0, 0.15, 0.2, (35, 45, 17, 3), focus="data", reach=26, curiosity=0.5, rates=0.2),
    # trusts dear sub-agents, through a client that reports little
    Habits(7.0, 0.1, 0.15, (25, 45, 25, 5), early_h=-2, focus="infrastructure", reach=15, rates=0.05, briefing=-0.06,
           is_plain=True),
    # came late, with much to do
    Habits(9.0, 0.05, 0.4, (35, 40, 20, 5), span=(0.62, 1.0), focus="testing", reach=11, rates=0.4),
    # works alone, at night, now and then
    Habits(4.0, 0.45, 1.2, (30, 40, 25, 5), early_h=-5, focus="frontend", reach=10, is_alone=True, is_plain=True),
    # called once
    Habits(1.0, 0.0, 1.0, (100, 0, 0, 0), span=(0.5, 1.0), most=1),
    # now and then
    Habits(1.6, 0.7, 0.3, (50, 40, 10, 0), reach=7, rates=0.0),
    None,  # has agents in the competition and calls nobody
    None,
)  # fmt: skip
_TRUSTS_DEAR = 7  # the character that does


def make_team(world: World) -> tuple[Person, ...]:
    """The people who call sub-agents, from the owners of the world's agents."""
    owned: dict[str, list[Agent]] = {}
    for agent in world.agents:
        if agent.user_id is not None:
            owned.setdefault(agent.user_id, []).append(agent)
    teams = list(dict.fromkeys(agent.team_id for agent in world.agents if agent.team_id is not None))
    teams = teams[: max(1, len(teams) * 2 // 3)]  # the others of the competition are teams of play only
    people = []
    for i, (user_id, agents) in enumerate(owned.items()):
        dice = Dice(world.seed, f"person/{user_id}")
        habits = _CHARACTERS[i] if i < len(_CHARACTERS) else _drawn(dice)
        if habits is not None:
            people.append(_person(dice, i, user_id, agents, teams, habits))
    return tuple(people)


def _person(dice: Dice, i: int, user_id: str, agents: list[Agent], teams: list[str], habits: Habits) -> Person:
    there = [agent.team_id for agent in agents if agent.team_id in teams]
    team = None if habits.is_alone or not teams else there[0] if there else teams[i % len(teams)]
    projects: tuple[Project, ...] = (_OWN,)
    if team is not None:
        place = teams.index(team)
        both = tuple(Project(_NAMES[(2 * place + k) % len(_NAMES)], _MIXES[(place + k) % len(_MIXES)]) for k in (0, 1))
        projects = both if i % 2 else both[::-1]
    liked = [one for one in SUBAGENTS if one.category == habits.focus]
    if i == _TRUSTS_DEAR:
        liked = [one for one in SUBAGENTS if one.is_mediocre and one.model == "tarn-large"]
    liked += [one for one in SUBAGENTS if one.category == ANY]
    known = list(dict.fromkeys([*liked, *dice.shuffled(SUBAGENTS)[: habits.reach]]))
    return Person(
        user_id=user_id,
        team_id=team,
        home_min=agents[0].home_min,
        writes_home_time=agents[0].writes_home_time,
        projects=projects,
        known=tuple(known),
        favourites=frozenset(one.agent_id for one in [*liked[:-1], *known[len(liked) : len(liked) + 2]]),
        habits=habits,
    )


def _drawn(dice: Dice) -> Habits | None:
    """Somebody of a larger season: most are like one of the characters but the first two, paler or keener."""
    model = dice.pick(_CHARACTERS[2:])
    return None if model is None else replace(model, per_day=model.per_day * dice.between(0.4, 1.1))
