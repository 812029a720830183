"""What happens in a sample season, day by day: who tries which task, and what the judges say, and when.

Here: working hours, choice of tasks, chances, retries, slow judges and reversed verdicts. Not here: who the
agents are (`sample_world.py`), the tasks (`sample_tasks.py`), how it is written down (`sample.py`).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.sources.sample_tasks import FAMILIES, Task
from pipelines.sources.sample_world import DAY_S, Agent, Dice, World


@dataclass(frozen=True, slots=True)
class News:
    """One fact about a submission as it becomes known. Instants: seconds from the season's first midnight."""

    at_s: int
    submission: int
    agent: Agent
    task: Task
    submitted_s: int
    verdict: str
    judged_s: int | None = None
    claimed_s: int | None = None
    found: bool | None = None
    awarded_points: int | None = None
    is_correction: bool = False


# How much work falls into each hour of the home clock: a morning, a dip at noon, a long tail at night.
_HOURS = (2, 1, 1, 1, 1, 1, 3, 6, 10, 12, 12, 11, 8, 10, 12, 12, 11, 9, 7, 6, 6, 6, 5, 3)
_CHANCE = {"easy": 0.93, "medium": 0.84, "hard": 0.66, "extreme": 0.42}
_WORK_MIN = {"easy": (2, 25), "medium": (5, 60), "hard": (15, 150), "extreme": (40, 300)}
_FOUND_SHARE = 0.015  # of verified searches that end in a counterexample
_RECENT = 45  # an agent looks at so many of a family's newest tasks
_REVERSE_EVERY = 380  # one verified verdict in so many is taken back later
_BACK_EVERY = 3  # and every so many-th of those is given again: the first, the fourth, ...
_VOID_EVERY = 160  # one rejected submission in so many is declared void


@dataclass(slots=True)
class _Play:
    world: World
    dice: Dice
    tasks: dict[str, list[Task]]
    opens: dict[str, list[int]]
    closed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    n_submissions: int = 0
    n_verified: int = 0
    n_rejected: int = 0
    n_reversed: int = 0


def play(world: World, tasks: list[Task]) -> Iterator[list[News]]:
    """All news of the submissions made on each day, one list a day; a verdict in it may lie days ahead.

    Nothing lies beyond the season's end: what would be judged later stays pending.
    """
    by_problem: dict[str, list[Task]] = {family.problem: [] for family in FAMILIES}
    for task in tasks:
        by_problem[task.problem].append(task)
    opens = {problem: [task.opens_s for task in some] for problem, some in by_problem.items()}
    game = _Play(world, Dice(world.seed, "play"), by_problem, opens)
    for day in range(world.days):
        news: list[News] = []
        for agent in world.agents:
            for second in _working_times(game, agent, day):
                news += _turn(game, agent, second)
        yield news


def _working_times(game: _Play, agent: Agent, day: int) -> list[int]:
    dice, world = game.dice, game.world
    if dice.chance(agent.rest_share):
        return []
    season_share = day / max(1, world.days - 1)
    pace = agent.per_day * (agent.form[0] + (agent.form[1] - agent.form[0]) * season_share)
    if (world.start.weekday() + day) % 7 >= 5:
        pace *= agent.weekend
    count = int(pace * dice.between(0.6, 1.4) + dice.share())
    hours_ahead = agent.home_min // 60
    weights = [_HOURS[(hour + hours_ahead) % 24] for hour in range(24)]
    times: list[int] = []
    while len(times) < count:  # sittings of a few submissions each
        second = dice.weighted(weights) * 3600 + dice.whole(0, 3599)
        for _ in range(min(count - len(times), dice.whole(1, 4))):
            times.append(min(second, DAY_S - 1 - dice.whole(0, 900)))
            second += dice.whole(200, 1500)
    return sorted(day * DAY_S + second for second in times)


def _turn(game: _Play, agent: Agent, second: int) -> list[News]:
    """One task taken up at this second: tries until it is verified, given up, or left with a slow judge."""
    dice = game.dice
    task = _choose(game, agent, second)
    if task is None:
        return []
    game.closed[agent.agent_id].add(task.task_id)
    news: list[News] = []
    chance = min(0.985, _CHANCE[task.difficulty] + agent.skill)
    midnight = (second // DAY_S + 1) * DAY_S
    idle_s = task.opens_s  # since when this task could be worked at
    for tries in range(4):
        verdict = "verified" if dice.chance(chance + 0.05 * tries) else "rejected"
        judged_s = second + _judge_takes(dice, task)
        news += _tell(game, agent, task, idle_s, second, judged_s, verdict)
        if verdict == "verified":
            if dice.chance(0.008):  # sent again by mistake, and verified again
                news += _tell(game, agent, task, second, second + 40, judged_s + 60, verdict)
            break
        again = second + dice.whole(6, 75) * 60
        if judged_s >= again or again >= midnight - 900 or dice.chance(0.4):
            break
        idle_s, second = second, again
    return news


def _choose(game: _Play, agent: Agent, second: int) -> Task | None:
    dice, closed = game.dice, game.closed[agent.agent_id]
    for _ in range(3):
        problem = agent.favourite
        if problem is None or dice.chance(0.45):
            problem = FAMILIES[dice.weighted([f.weight for f in FAMILIES])].problem
        n_open = bisect_right(game.opens[problem], second)
        recent = game.tasks[problem][max(0, n_open - _RECENT) : n_open]
        free = [task for task in recent if task.task_id not in closed]
        if agent.is_careful:
            free = [task for task in free if task.difficulty in ("easy", "medium")]
        if free:
            newest_first = dice.share() * dice.share()
            return free[len(free) - 1 - int(newest_first * len(free))]
    return None


def _judge_takes(dice: Dice, task: Task) -> int:
    """Seconds until the verdict: mostly few, sometimes hours; extreme tasks may wait for a second reading."""
    if task.difficulty == "extreme" and dice.chance(0.3):
        return dice.whole(10, 80) * 3600 + dice.whole(0, 3599)
    luck = dice.share()
    if luck < 0.87:
        return dice.whole(2, 75)
    if luck < 0.95:
        return dice.whole(100, 1500)
    if luck < 0.99:
        return dice.whole(3600, 15 * 3600)
    return 400 * DAY_S  # the judge lost it


def _tell(game: _Play, agent: Agent, task: Task, idle_s: int, second: int, judged_s: int, verdict: str) -> list[News]:
    """The news of one submission: pending if the judge is slow, then the verdict, then what became of it."""
    dice, end_s = game.dice, game.world.days * DAY_S
    game.n_submissions += 1
    claimed_s = None
    if dice.chance(0.35):
        work_s = dice.whole(*_WORK_MIN[task.difficulty]) * 60 - dice.whole(0, 59)
        claimed_s = max(idle_s, second - work_s)
    made = (game.n_submissions, agent, task, second)
    is_right = verdict == "verified"
    found = None
    if task.task_type == "search" and is_right and dice.chance(0.4):
        found = dice.chance(_FOUND_SHARE / 0.4)
    awarded = dice.whole(25, 50) if task.task_type == "pattern" and is_right and dice.chance(0.8) else None
    news = []
    if judged_s - second > 900 or judged_s >= end_s:
        news.append(News(second, *made, "pending", claimed_s=claimed_s))
    if judged_s >= end_s:
        return news
    is_spelt_out = bool(news) or dice.chance(0.2)
    known_s = min(end_s - 1, judged_s + (dice.whole(0, 3) if is_spelt_out else 0))
    first = News(known_s, *made, verdict, judged_s if is_spelt_out else None, claimed_s, found, awarded)
    return [*news, first, *_second_thoughts(game, first)]


def _second_thoughts(game: _Play, first: News) -> list[News]:
    """Corrections of a verdict within the season: reversed, now and then reversed back, or declared void."""
    dice, end_s = game.dice, game.world.days * DAY_S

    def later(at_s: int, verdict: str) -> News:
        made = (first.submission, first.agent, first.task, first.submitted_s)
        is_right = verdict == "verified"
        found, awarded = (first.found, first.awarded_points) if is_right else (None, None)
        return News(at_s, *made, verdict, at_s, first.claimed_s, found, awarded, is_correction=True)

    news: list[News] = []
    if first.verdict == "verified":
        game.n_verified += 1
        if game.n_verified % _REVERSE_EVERY == _REVERSE_EVERY // 2:
            game.n_reversed += 1
            undone_s = first.at_s + dice.whole(20, 90) * 3600
            news.append(later(undone_s, "rejected"))
            if game.n_reversed % _BACK_EVERY == 1:
                news.append(later(undone_s + dice.whole(4, 30) * 3600, "verified"))
    else:
        game.n_rejected += 1
        if game.n_rejected % _VOID_EVERY == _VOID_EVERY // 2:
            news.append(later(first.at_s + dice.whole(2, 30) * 3600, "void"))
    return [one for one in news if one.at_s < end_s]
