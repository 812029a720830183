"""The slow and obvious rival: one pass over the submissions in plain Python, in the order (clock, submission).

Every rule of the specification stands here as a sentence about what has happened so far; hence it is the oracle of
the others too. Not here: speed; the numbers (default_game.py), the reading of the facts (loop_facts.py).
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path

import default_game as game
import polars as pl
from loop_facts import Facts, Submission
from script import play

INSTANT = pl.Datetime("us")
DTYPES = {"earned_at": INSTANT, "last_active_at": INSTANT, "day": pl.Date(), "daily_last_on": pl.Date(),
          "is_provisional": pl.Boolean()}  # fmt: skip


@dataclass
class Day:
    """What an agent did on a day."""

    tasks_completed: int = 0
    rejected: int = 0
    points: int = 0
    waiting: int = 0
    last_completed: int = 0  # the submission


@dataclass
class Agent:
    """What an agent has done so far."""

    points: int = 0
    tasks_completed: int = 0
    attempts: int = 0
    last_active_at: int = 0
    last_award: int = 0  # the submission of the last row of the ledger
    completed_at: deque[int] = field(default_factory=lambda: deque(maxlen=game.ON_FIRE_TASKS))
    by_problem: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    badges: dict[int, tuple[int, int]] = field(default_factory=dict)
    daily_run: int = 0
    daily_best: int = 0
    daily_last_on: int | None = None
    accuracy_current: int = 0
    accuracy_best: int = 0
    problem_current: int | None = None
    problem_current_length: int = 0
    problem_best: int | None = None
    problem_best_length: int = 0

    def earn(self, badge: int, at: int, submission: int) -> None:
        """A badge is earned once, and kept."""
        self.badges.setdefault(badge, (at, submission))

    def extend_daily_run(self, day: int) -> None:
        """Several tasks of a day never lengthen the run."""
        if self.daily_last_on != day:
            self.daily_run = self.daily_run + 1 if self.daily_last_on == day - 1 else 1
            self.daily_best = max(self.daily_best, self.daily_run)
            self.daily_last_on = day

    def extend_problem_run(self, problem: int) -> None:
        """Of equal runs the one reached first is the best."""
        self.problem_current_length = self.problem_current_length + 1 if problem == self.problem_current else 1
        self.problem_current = problem
        if self.problem_current_length > self.problem_best_length:
            self.problem_best, self.problem_best_length = problem, self.problem_current_length


class Season:
    """The game, played submission by submission."""

    def __init__(self, facts: Facts) -> None:
        self.tasks, self.as_of = facts.tasks, facts.as_of
        self.mastered = {facts.problems.index(name): badge for name, badge in game.MASTERED.items()}
        self.agents: defaultdict[int, Agent] = defaultdict(Agent)
        self.days: defaultdict[tuple[int, int], Day] = defaultdict(Day)  # by agent and day
        self.ledger: list[tuple[int | None, ...]] = []
        self.solved: set[tuple[int, int]] = set()  # agent and task
        self.solved_first: set[int] = set()
        self.is_waited_for: set[int] = set()  # tasks
        self.of_today: dict[int, Day] = {}
        self.rose: set[int] = set()  # agents with an award at this instant
        self.most, self.leaders = 0, set[int]()

    def play(self, submissions: list[Submission]) -> None:
        """All submissions that are not void, in order."""
        for made, before in zip(submissions, [submissions[0], *submissions], strict=False):
            day_before = before.submitted_at // game.DAY_US
            if made.submitted_at // game.DAY_US != day_before:
                self.end_day(day_before, before.submitted_at)
            elif made.submitted_at != before.submitted_at:
                self.end_instant(before.submitted_at)
            self.take(made)
        last_at = submissions[-1].submitted_at
        self.end_day(last_at // game.DAY_US, last_at)

    def take(self, made: Submission) -> None:
        """One submission; repeats after a solve count nowhere."""
        agent, at, day = self.agents[made.agent], made.submitted_at, made.submitted_at // game.DAY_US
        if (made.agent, made.task) in self.solved:
            return
        today = self.of_today[made.agent] = self.days[made.agent, day]
        if made.verdict == game.PENDING:
            today.waiting += 1
            self.is_waited_for.add(made.task)
            return
        agent.attempts += 1
        agent.last_active_at = at
        if made.verdict == game.REJECTED:
            today.rejected += 1
            agent.accuracy_current = 0
        else:
            self.complete(made, agent, today)
        if agent.attempts >= game.SHARP_ATTEMPTS and (
            agent.tasks_completed * 100 >= game.SHARP_PERCENT * agent.attempts
        ):
            agent.earn(game.SHARPSHOOTER, at, made.submission)

    def complete(self, made: Submission, agent: Agent, today: Day) -> None:
        """A task completed: streaks, awards, badges."""
        at, number, task = made.submitted_at, made.submission, self.tasks[made.task]
        self.solved.add((made.agent, made.task))
        agent.tasks_completed += 1
        today.tasks_completed += 1
        today.last_completed = number
        agent.accuracy_current += 1
        agent.accuracy_best = max(agent.accuracy_best, agent.accuracy_current)
        agent.extend_daily_run(at // game.DAY_US)
        agent.extend_problem_run(task.problem)

        if task.task_type == game.PATTERN:
            points = game.INSIGHT_LEAST if made.awarded_points is None else made.awarded_points
            self.award(made, game.PATTERN_INSIGHT, min(max(points, game.INSIGHT_LEAST), game.INSIGHT_MOST))
            agent.earn(game.SCHOLAR, at, number)
        else:
            least, most = (ends[task.difficulty] for ends in (game.LEAST_BY_DIFFICULTY, game.MOST_BY_DIFFICULTY))
            self.award(made, game.TASK, min(max(least if task.points is None else task.points, least), most))
        if task.task_type == game.SEARCH and made.found:
            self.award(made, game.COUNTEREXAMPLE, max(game.COUNTEREXAMPLE_LEAST, task.counterexample_points or 0))
            agent.earn(game.COUNTEREXAMPLE_HUNTER, at, number)
        if made.task not in self.solved_first:
            # before a first solve nobody has solved the task: whatever of it is pending by then could still count
            self.solved_first.add(made.task)
            self.award(made, game.FIRST_SOLVER, game.FIRST_SOLVER_POINTS, made.task in self.is_waited_for)
            agent.earn(game.FIRST_BLOOD, at, number)

        agent.completed_at.append(at)
        if len(agent.completed_at) == game.ON_FIRE_TASKS and at - agent.completed_at[0] <= game.ON_FIRE_US:
            agent.earn(game.ON_FIRE, at, number)
        agent.by_problem[task.problem] += 1
        if task.problem in self.mastered and agent.by_problem[task.problem] == game.MASTER_TASKS:
            agent.earn(self.mastered[task.problem], at, number)
        if made.claimed_at is not None and at - made.claimed_at <= game.FAST_US:
            agent.earn(game.SPEED_DEMON, at, number)
        if agent.tasks_completed == game.RISING_TASKS:
            agent.earn(game.RISING_STAR, at, number)

    def award(self, made: Submission, rule: int, points: int, is_provisional: bool = False) -> None:
        """A row of the ledger for a submission."""
        row = (made.agent, made.task, made.submission, rule, points, made.submitted_at, is_provisional)
        self.write(row, made.submitted_at // game.DAY_US)

    def write(self, row: tuple[int | None, ...], day: int) -> None:
        number, _, submission, _, points, earned_at, _ = row
        self.ledger.append(row)
        agent = self.agents[number]
        agent.points += points
        agent.last_award, agent.last_active_at = submission, earned_at
        self.days[number, day].points += points
        self.rose.add(number)

    def end_day(self, day: int, last_at: int) -> None:
        """Perfect days are earned at the last microsecond of the day, together with what else was earned then."""
        end = (day + 1) * game.DAY_US - 1
        if last_at != end:
            self.end_instant(last_at)
        for number, today in self.of_today.items():
            if today.tasks_completed >= game.PERFECT_DAY_TASKS and not today.rejected and end <= self.as_of:
                row = (number, None, today.last_completed, game.PERFECT_DAY, game.PERFECT_DAY_POINTS, end)
                self.write((*row, today.waiting > 0), day)
        self.end_instant(end)
        self.of_today.clear()

    def end_instant(self, at: int) -> None:
        """Who leads alone, after all rows of the instant? Totals never fall: only one that rose can come to lead."""
        for number in self.rose:
            points = self.agents[number].points
            if points > self.most:
                self.most, self.leaders = points, {number}
            elif points == self.most:
                self.leaders.add(number)
        if len(self.leaders) == 1 and self.leaders <= self.rose:
            (leader,) = self.leaders
            self.agents[leader].earn(game.CHAMPION, at, self.agents[leader].last_award)
        self.rose.clear()


def tables(season: Season) -> dict[str, list[tuple[int | None, ...]]]:
    """The rows of each table, in the columns of game.TABLES."""
    yesterday = season.as_of // game.DAY_US - 1
    agents = season.agents.items()
    return {
        "points_ledger": season.ledger,
        "agent_days": [
            (number, day, of.tasks_completed, of.rejected, of.points)
            for (number, day), of in season.days.items()
            if of.tasks_completed or of.rejected
        ],
        "streaks": [
            (
                number,
                of.daily_run if (of.daily_last_on or 0) >= yesterday else 0,
                of.daily_best,
                of.daily_last_on,
                of.accuracy_current,
                of.accuracy_best,
                of.problem_current,
                of.problem_current_length,
                of.problem_best,
                of.problem_best_length,
            )
            for number, of in agents
        ],
        "agent_stats": [
            (number, of.points, of.tasks_completed, of.attempts, of.last_active_at)
            for number, of in agents
            if of.attempts
        ],
        "badges": [(number, badge, *earned) for number, of in agents for badge, earned in of.badges.items()],
    }


def score(facts: Path, out: Path) -> None:
    """Read, play, write."""
    known = Facts.read(facts)
    season = Season(known)
    season.play(known.submissions)
    for name, rows in tables(season).items():
        schema = {column: DTYPES.get(column, pl.Int64()) for column in game.TABLES[name]}
        frame = pl.DataFrame(rows, schema=dict.fromkeys(schema, pl.Int64), orient="row")
        frame = frame.cast({column: pl.Int32() for column, dtype in schema.items() if dtype == pl.Date()}).cast(schema)
        frame.write_parquet(out / f"{name}.parquet", compression="zstd", compression_level=1)


if __name__ == "__main__":
    play(score)
