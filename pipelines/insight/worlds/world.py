"""A synthetic world whose truth is known: what every statistic of insight is tried on (ANALYTICS, "Proof that ships").

    logit P(success | user u, agent a, category c, difficulty d, day t)
        = base[c, d] + skill[a] + own[a, c] + hard[a, d] + taste[u, a] + user[u] + drift[a, month of t] + twist[a, c, d]

    base[c, d]  = mean_logit + N(0, sd_work) + difficulty_step * (1.5 - d) + N(0, sd_cell)
    skill[a]    ~ N(0, sd_agent)          own[a, c]  ~ N(0, sd_category)       hard[a, d] = N(0, sd_hard) * (d - 1.5)
    taste[u, a] ~ N(0, sd_taste)          user[u]    ~ N(0, sd_user)      drift: a walk of N(0, sd_drift) a month from 0
    twist       = 0 in an additive world; else N(0, sd_twist), for some agents a cliff on the two hardest levels, and in
                  every third category there the order of skill turned round

A task has its own difficulty: its logit is -base[its problem, its true level] + N(0, sd_task); a few tasks bear a label
two levels off. Difficulties run from 0 (simple, easy) to 3 (expert, extreme); days and months from the world's first.

Selection, which is what misleads raw rates: each agent has a leaning to easy work, `lean` ~ N(0, 1), correlated with
its popularity (`popular_is_easy`) and against its skill (`good_get_hard`: hard work is routed to good agents), while
popularity itself is unrelated to skill. With `self_selection` 0 all agents get the same mix of work.

Means of 24 seeds at the defaults: a random agent succeeds with .61, the best one with .91, the one of the best raw rate
with .76; raw rates have a Kendall tau of .34 with true skill, and of about 0 in worlds of the shape STRONG_SELECTION.

Here: the truth. Not here: the history that people live in such a world (play.py), nor anything the game reads.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.game.faults import PodiumError

Floats = NDArray[np.float64]
Wholes = NDArray[np.int64]

FIRST_DAY = dt.date(2026, 1, 1)  # a month's first, so that months of the world are months of the calendar
N_DIFFICULTIES = 4  # as the game has
_LEVELS = np.arange(N_DIFFICULTIES) - 1.5  # centred: what is added along it moves no agent's mean


@dataclass(frozen=True)
class WorldShape:
    """Sizes, spreads (standard deviations in logits) and dials of a world; defaults give ANALYTICS's figures."""

    n_agents: int = 25
    n_users: int = 40
    n_teams: int = 8
    n_categories: int = 6
    n_tasks: int = 200
    n_events: int = 30_000
    n_submissions: int = 8_000
    n_days: int = 180
    mean_logit: float = 0.15
    difficulty_step: float = 1.0
    difficulty_mix: tuple[float, float, float, float] = (0.34, 0.30, 0.22, 0.14)
    sd_agent: float = 0.8
    sd_work: float = 0.4
    sd_cell: float = 0.25
    sd_category: float = 0.8
    sd_hard: float = 0.5
    sd_taste: float = 0.3
    sd_user: float = 0.4
    sd_drift: float = 0.15
    sd_task: float = 0.6
    mislabelled: float = 0.05  # share of tasks
    late_verdicts: float = 0.1  # share of verdicts that come hours to days after the work
    births: float = 0.25  # share of agents born after the first tenth of the world's days
    self_selection: float = 1.0
    popular_is_easy: float = 0.5
    good_get_hard: float = 0.75
    skill_pull: float = 0.1  # how far users choose by an agent's true skill
    taste_pull: float = 1.5  # and by how well they fare with it themselves
    is_additive: bool = True
    sd_twist: float = 0.8
    cliffs: float = 0.3  # share of agents
    cliff: float = 2.5  # logits lost there

    def __post_init__(self) -> None:
        """Refuse what no world can have."""
        sizes = (self.n_agents, self.n_users, self.n_teams, self.n_categories, self.n_tasks, self.n_days)
        if min(sizes) < 1 or min(self.n_events, self.n_submissions) < 0:
            raise PodiumError("a world needs at least one agent, user, team, category, task and day, and no count < 0")
        if self.good_get_hard**2 + self.popular_is_easy**2 > 1:
            raise PodiumError("the squares of good_get_hard and popular_is_easy may add up to at most 1")


STRONG_SELECTION = WorldShape(
    self_selection=2.5, difficulty_step=1.1, mean_logit=0.12, good_get_hard=0.85, popular_is_easy=0.45
)  # the best agents get the hard work and look like the others: raw rates tell nothing of skill


@dataclass(frozen=True, eq=False)
class World:
    """The truth. Agents, users, categories and tasks are numbers, rows of the lists of ids, which are sorted.

    Shapes: skill, popularity, lean, born_on (A); own (A, C); hard (A, D); taste (U, A); user, team_of_user (U); drift
    (A, months); base (C, D); twist (A, C, D); task_* (tasks): problem (a category), label and level (difficulties:
    said and true), deviation (logits, higher is harder).
    """

    shape: WorldShape
    seed: int
    agents: list[str]
    users: list[str]
    teams: list[str]
    categories: list[str]
    tasks: list[str]
    base: Floats
    skill: Floats
    own: Floats
    hard: Floats
    taste: Floats
    user: Floats
    drift: Floats
    twist: Floats
    popularity: Floats
    lean: Floats
    born_on: Wholes
    team_of_user: Wholes
    user_lean: Floats
    user_mix: Floats
    task_problem: Wholes
    task_label: Wholes
    task_level: Wholes
    task_deviation: Floats

    @property
    def as_of(self) -> dt.datetime:
        """The instant after the last day (aware, UTC): by then every verdict of a call is known."""
        midnight = dt.datetime.combine(FIRST_DAY, dt.time(), dt.UTC)
        return midnight + dt.timedelta(days=self.shape.n_days)

    @property
    def task_difficulty(self) -> Floats:
        """The true difficulty of each task, logits: 0 is a task that the average agent solves half of the time."""
        return self.task_deviation - self.base[self.task_problem, self.task_level]

    @property
    def is_mislabelled(self) -> NDArray[np.bool_]:
        """Of each task: whether its label is not its level."""
        return np.asarray(self.task_label != self.task_level)

    def p_success(
        self, user: ArrayLike, agent: ArrayLike, category: ArrayLike, difficulty: ArrayLike, day: ArrayLike
    ) -> Floats:
        """The true P(success) of calls; numbers and days (whole or not) broadcast against each other."""
        u, a, c, d = (np.asarray(x) for x in (user, agent, category, difficulty))
        logit = self.base[c, d] + self.skill[a] + self.own[a, c] + self.hard[a, d] + self.taste[u, a] + self.user[u]
        return sigmoid(logit + self.drift[a, month_of(day)] + self.twist[a, c, d])

    def p_all(self, user: ArrayLike, category: ArrayLike, difficulty: ArrayLike, day: ArrayLike) -> Floats:
        """The true P(success) of every agent in n contexts: (n, agents). Of the unborn too: see `is_born`."""
        u, c, d, t = (np.atleast_1d(np.asarray(x))[:, None] for x in (user, category, difficulty, day))
        return self.p_success(u, np.arange(self.shape.n_agents), c, d, t)

    def p_solve(self, agent: ArrayLike, task: ArrayLike, day: ArrayLike) -> Floats:
        """The true P(verified) of a try at a task: no user, and the task's true level whatever its label says."""
        a, k = np.asarray(agent), np.asarray(task)
        c, d = self.task_problem[k], self.task_level[k]
        logit = self.skill[a] + self.own[a, c] + self.hard[a, d] + self.drift[a, month_of(day)] + self.twist[a, c, d]
        return sigmoid(logit - self.task_difficulty[k])

    def true_skill(self, day: float, category: int | None = None) -> Floats:
        """Each agent's mean logit on a day over equal shares of all difficulties and users, and of all categories.

        With `category`: within that one. Shape (agents,).
        """
        if category is None:
            place = (self.base.mean(), self.own.mean(axis=1), self.twist.mean(axis=(1, 2)))
        else:
            place = (self.base[category].mean(), self.own[:, category], self.twist[:, category].mean(axis=1))
        agent = self.skill + self.hard.mean(axis=1) + self.taste.mean(axis=0) + self.drift[:, month_of(day)]
        skill: Floats = sum(place, agent + self.user.mean())
        return skill

    def is_born(self, day: ArrayLike) -> NDArray[np.bool_]:
        """Whether each agent may be called on that day: (agents,) or (n, agents)."""
        return np.asarray(np.asarray(day)[..., None] >= self.born_on)


def sigmoid(logit: Floats) -> Floats:
    """The inverse of the logit."""
    p: Floats = 1 / (1 + np.exp(-logit))
    return p


def month_of(day: ArrayLike) -> Wholes:
    """The calendar month of days of the world, 0 for its first."""
    days = np.asarray(day).astype(np.int64) + np.datetime64(FIRST_DAY, "D")
    months: Wholes = (days.astype("M8[M]") - np.datetime64(FIRST_DAY, "M")).astype(np.int64)
    return months


def world(seed: int, shape: WorldShape = WorldShape()) -> World:
    """The world of a seed. Of one seed and the same sizes, worlds with other spreads differ in scale, not in draws."""
    n, s = np.random.default_rng(seed), shape
    a_, u_, c_, d_ = s.n_agents, s.n_users, s.n_categories, N_DIFFICULTIES
    skill, chance, fad, slope = n.standard_normal((4, a_))
    lean = (
        -s.good_get_hard * skill
        + s.popular_is_easy * fad
        + np.sqrt(1 - s.good_get_hard**2 - s.popular_is_easy**2) * chance
    )
    base = s.mean_logit + s.sd_work * n.standard_normal((c_, 1)) - s.difficulty_step * _LEVELS
    base = base + s.sd_cell * n.standard_normal((c_, d_))
    own = s.sd_category * n.standard_normal((a_, c_))
    taste, user = s.sd_taste * n.standard_normal((u_, a_)), s.sd_user * n.standard_normal(u_)
    steps = s.sd_drift * n.standard_normal((a_, int(month_of(s.n_days))))
    late, born = n.random(a_) < s.births, n.uniform(0.1, 0.9, a_)
    label, problem = n.integers(0, d_, s.n_tasks), n.integers(0, c_, s.n_tasks)
    wrong = n.random(s.n_tasks) < s.mislabelled
    return World(
        shape=s,
        seed=seed,
        agents=_ids("agent", a_),
        users=_ids("user", u_),
        teams=_ids("team", s.n_teams),
        categories=_ids("category", c_),
        tasks=_ids("task", s.n_tasks),
        base=base,
        skill=s.sd_agent * skill,
        own=own,
        hard=s.sd_hard * slope[:, None] * _LEVELS,
        taste=taste,
        user=user,
        drift=np.hstack([np.zeros((a_, 1)), steps.cumsum(axis=1)]),
        popularity=np.exp(fad),
        lean=lean,
        born_on=np.where(late, np.floor(born * s.n_days), 0).astype(np.int64),
        team_of_user=n.integers(0, s.n_teams, u_),
        user_lean=0.4 * n.standard_normal(u_),
        user_mix=n.dirichlet(np.full(c_, 2.0), u_),
        task_problem=problem,
        task_label=label,
        task_level=np.where(wrong, (label + 2) % d_, label),
        task_deviation=s.sd_task * n.standard_normal(s.n_tasks),
        twist=_twist(n, s, s.sd_agent * skill),
    )


def _twist(n: np.random.Generator, s: WorldShape, skill: Floats) -> Floats:
    """What an additive model cannot say, (agents, categories, difficulties): drawn last, so that the rest is equal."""
    twist = np.zeros((s.n_agents, s.n_categories, N_DIFFICULTIES))
    if s.is_additive:
        return twist
    twist += s.sd_twist * n.standard_normal(twist.shape)
    twist[:, :, 2:] -= s.cliff * (n.random(s.n_agents) < s.cliffs)[:, None, None]
    twist[:, ::3, 2:] -= 2 * skill[:, None, None]
    return twist


def _ids(word: str, n: int) -> list[str]:
    width = len(str(n))
    return [f"{word}-{number:0{width}}" for number in range(1, n + 1)]
