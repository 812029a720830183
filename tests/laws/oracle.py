"""The oracle: the season of a log, slowly and obviously, from the words of the specification.

Here: what exists at `as_of`, what counts, the points ledger, and `season`, which gives all tables. Streaks and badges
are in oracle_badges.py, agent calls in oracle_calls.py, achievements in oracle_achievements.py, sums in
oracle_work.py, boards in oracle_boards.py. Plain Python, written from the specification alone: nothing of the engine
is imported, so that the two can only agree by both being right. Quadratic is fine.

Rows are dicts with the columns of the published tables (without `rulebook`), sorted by their natural keys; instants
are whole UTC microseconds, dates are dates.
"""

from typing import Any

from tests.laws import oracle_achievements, oracle_badges, oracle_boards, oracle_work
from tests.laws.oracle_calls import calls_at
from tests.laws.oracle_rules import Filters, Rules, last_instant, local_date

Row = dict[str, Any]
JUDGED = ("verified", "rejected")
RULE_ORDER = ("task", "pattern_insight", "counterexample", "first_solver", "perfect_day")
TASK_COLUMNS = (
    *("task_id", "event_id", "at", "problem", "task_type", "difficulty"),
    *("points", "counterexample_points", "title", "extra"),
)
SUBMISSION_COLUMNS = (
    *("submission_id", "event_id", "at", "agent_id", "task_id", "submitted_at", "verdict", "judged_at", "claimed_at"),
    *("found", "awarded_points", "team_id", "user_id", "model", "source", "extra"),
)


def season(records: list[Row], rules: Rules, as_of: int) -> dict[str, list[Row]]:
    """All tables of the game for these accepted records (unique by event_id), as of that instant."""
    tasks = tasks_at(records, as_of)
    submissions = submissions_at(records, tasks, rules, as_of)
    mark_what_counts(submissions)
    ledger = points_ledger(submissions, tasks, rules, as_of)
    game = Game(rules, as_of, tasks, submissions, ledger, calls_at(records, as_of))
    badges = oracle_badges.badges(game)
    game.careers = oracle_achievements.careers(game, badges)
    game.xp_ledger = oracle_achievements.xp_ledger(game)
    return {
        "tasks": sorted(tasks.values(), key=lambda task: task["task_id"]),
        "submissions": sorted(submissions, key=lambda s: (s["agent_id"], s["submitted_at"], s["submission_id"])),
        "agent_calls": game.calls,
        "points_ledger": ledger,
        "xp_ledger": game.xp_ledger,
        "streaks": oracle_badges.streaks(game),
        "badges": badges + oracle_achievements.earned(game),
        "badge_progress": oracle_badges.badge_progress(game, badges) + oracle_achievements.all_progress(game),
        "levels": oracle_achievements.levels(game),
        "level_ups": oracle_achievements.level_ups(game),
        **oracle_work.tables(game),
        "leaderboards": oracle_boards.leaderboards(game),
    }


def default_as_of(records: list[Row]) -> int:
    """`as_of` defaults to the greatest `at` in the log."""
    return max(record["at"] for record in records)


class Game:
    """Everything that has been found out so far, with the questions that are asked of it again and again."""

    def __init__(
        self,
        rules: Rules,
        as_of: int,
        tasks: dict[str, Row],
        submissions: list[Row],
        ledger: list[Row],
        calls: list[Row],
    ):
        self.rules, self.as_of, self.tasks, self.submissions, self.ledger = rules, as_of, tasks, submissions, ledger
        self.counted = sorted((s for s in submissions if s["is_counted"]), key=in_order)
        self.calls = calls
        self.owners = oracle_achievements.owners(self)
        self.careers: dict[str, oracle_achievements.Career] = {}
        self.xp_ledger: list[Row] = []

    def day_of(self, at: int) -> Any:
        return local_date(at, self.rules.timezone)

    def agents(self) -> list[str]:
        """Every agent with a visible submission that is not void."""
        return sorted({s["agent_id"] for s in self.submissions if s["verdict"] != "void"})

    def passes(self, row: Row, filters: Filters) -> bool:
        """Whether a row passes; a perfect_day and a call have no task and pass only filters on teams."""
        task = self.tasks.get(row.get("task_id") or "") or {}
        asked = ((filters.problem, "problem"), (filters.task, "task_id"), (filters.task_type, "task_type"))
        return (
            all(not wanted or task.get(column) in wanted for wanted, column in asked)
            and (not filters.difficulty or task.get("difficulty") in filters.difficulty)
            and (not filters.team or row["team_id"] in filters.team)
        )


# --- sections 2 and 3: what exists, and in which state -------------------------------------------------------------
def newest(records: list[Row]) -> Row:
    """The one in force: greatest `at`, then event_id."""
    return max(records, key=lambda record: (record["at"], record["event_id"]))


def tasks_at(records: list[Row], as_of: int) -> dict[str, Row]:
    """A task exists if its `at` <= as_of; a later record replaces the whole earlier one."""
    known = [r for r in records if r["type"] == "task" and r["at"] <= as_of]
    in_force = {task_id: newest([r for r in known if r["task_id"] == task_id]) for task_id in _ids(known, "task_id")}
    return {task_id: {c: record.get(c) for c in TASK_COLUMNS} for task_id, record in in_force.items()}


def submissions_at(records: list[Row], tasks: dict[str, Row], rules: Rules, as_of: int) -> list[Row]:
    """A submission exists if its submitted_at <= as_of."""
    given = [r for r in records if r["type"] == "submission"]
    states = [
        state_at([r for r in given if r["submission_id"] == submission_id], as_of)
        for submission_id in _ids(given, "submission_id")
    ]
    return [publish(state, tasks, rules) for state in states if state["submitted_at"] <= as_of]


def _ids(records: list[Row], column: str) -> list[str]:
    return sorted({record[column] for record in records})


def state_at(records: list[Row], as_of: int) -> Row:
    """Its newest record known by as_of; if there is none, its oldest, as it was before anybody judged it."""
    known = [record for record in records if record["at"] <= as_of]
    if not known:
        oldest = min(records, key=lambda record: (record["at"], record["event_id"]))
        unjudged = {"verdict": "pending", "judged_at": None, "found": None, "awarded_points": None}
        return {**oldest, **unjudged, "at": oldest["submitted_at"]}
    state = dict(newest(known))
    if state["verdict"] in JUDGED and state.get("judged_at") is None:
        state["judged_at"] = state["at"]
    return state


def publish(state: Row, tasks: dict[str, Row], rules: Rules) -> Row:
    """The row of `submissions`; the instant the clock names is null while there is none."""
    row = {column: state.get(column) for column in SUBMISSION_COLUMNS}
    task = tasks.get(row["task_id"])
    by_judge = row["judged_at"] if row["verdict"] in JUDGED else None
    return row | {
        "problem": task["problem"] if task else None,
        "counted_at": row["submitted_at"] if rules.clock == "submitted_at" else by_judge,
        "is_counted": False,
        "is_unresolved": task is None,
    }


# --- section 4: which submissions count ----------------------------------------------------------------------------
def in_order(submission: Row) -> tuple[int, str]:
    """Order is always (clock, submission_id)."""
    return (submission["counted_at"], submission["submission_id"])


def is_same_try(one: Row, other: Row) -> bool:
    return (one["agent_id"], one["task_id"]) == (other["agent_id"], other["task_id"])


def is_after_a_verified_one(submission: Row, submissions: list[Row]) -> bool:
    """Whether the same agent has a verified submission to the same task before it: then it is a repeat."""
    return any(
        earlier["verdict"] == "verified" and in_order(earlier) < in_order(submission)
        for earlier in submissions
        if is_same_try(earlier, submission)
        and earlier["counted_at"] is not None  # under the clock judged_at, what is not judged has no place
    )


def mark_what_counts(submissions: list[Row]) -> None:
    """Judged submissions count up to and including the first verified one; unresolved ones never."""
    for submission in submissions:
        if submission["verdict"] in JUDGED and not submission["is_unresolved"]:
            submission["is_counted"] = not is_after_a_verified_one(submission, submissions)


def is_pending_and_could_still_count(submission: Row, submissions: list[Row]) -> bool:
    return submission["verdict"] == "pending" and not is_after_a_verified_one(submission, submissions)


# --- section 5: points ---------------------------------------------------------------------------------------------
def points_ledger(submissions: list[Row], tasks: dict[str, Row], rules: Rules, as_of: int) -> list[Row]:
    """One row per award."""
    completed = [s for s in submissions if s["is_counted"] and s["verdict"] == "verified"]
    rows = [row for s in completed for row in awards(s, tasks[s["task_id"]], rules)]
    rows += first_solvers(submissions, completed, rules)
    rows += perfect_days(submissions, completed, rules, as_of)
    return sorted(rows, key=ledger_order)


def ledger_order(row: Row) -> tuple[Any, ...]:
    """By agent and instant; at one instant in the order of submissions, perfect_day last."""
    is_last = row["rule"] == "perfect_day"
    return (row["agent_id"], row["earned_at"], is_last, row["submission_id"] or "", RULE_ORDER.index(row["rule"]))


def award(submission: Row, rule: str, points: int, is_provisional: bool = False) -> Row:
    return {
        "entry_id": f"{rule}:{submission['submission_id']}",
        **{c: submission[c] for c in ("event_id", "agent_id", "team_id", "task_id", "problem", "submission_id")},
        "rule": rule,
        "points": points,
        "earned_at": submission["counted_at"],
        "is_provisional": is_provisional,
    }


def nearest_within(given: int | None, ends: tuple[int, int]) -> int:
    """Absent: the lower end; outside: the nearest end."""
    return ends[0] if given is None else min(max(given, ends[0]), ends[1])


def awards(submission: Row, task: Row, rules: Rules) -> list[Row]:
    """What a completed task earns by itself."""
    if task["task_type"] == "pattern":
        points = nearest_within(submission["awarded_points"], rules.pattern_insight)
        return [award(submission, "pattern_insight", points)]
    rows = [award(submission, "task", nearest_within(task["points"], rules.difficulty[task["difficulty"]]))]
    if is_counterexample(submission, task):
        higher = max(rules.counterexample, task["counterexample_points"] or 0)
        rows.append(award(submission, "counterexample", higher))
    return rows


def is_counterexample(submission: Row, task: Row) -> bool:
    return task["task_type"] == "search" and submission["found"] is True


def first_solvers(submissions: list[Row], completed: list[Row], rules: Rules) -> list[Row]:
    """The first counted verified submission of a task over all agents; provisional while an earlier one is open."""
    rows = []
    for task_id in _ids(completed, "task_id"):
        first = min((s for s in completed if s["task_id"] == task_id), key=in_order)
        is_provisional = rules.clock == "submitted_at" and any(
            in_order(s) < in_order(first) and is_pending_and_could_still_count(s, submissions)
            for s in submissions
            if s["task_id"] == task_id
        )
        rows.append(award(first, "first_solver", rules.first_solver, is_provisional))
    return rows


def perfect_days(submissions: list[Row], completed: list[Row], rules: Rules, as_of: int) -> list[Row]:
    """Enough tasks completed that day and no rejected counted submission, once the day is over."""

    def day_of(submission: Row) -> Any:
        return local_date(submission["counted_at"], rules.timezone)

    rows = []
    for agent_id, day in sorted({(s["agent_id"], day_of(s)) for s in completed}):
        that_day = [
            s for s in submissions if s["agent_id"] == agent_id and s["counted_at"] is not None and day_of(s) == day
        ]
        solved = sorted((s for s in that_day if s["is_counted"] and s["verdict"] == "verified"), key=in_order)
        has_rejected = any(s["is_counted"] and s["verdict"] == "rejected" for s in that_day)
        earned_at = last_instant(day, rules.timezone)
        if len(solved) < rules.perfect_day_min_tasks or has_rejected or earned_at > as_of:
            continue
        is_provisional = rules.clock == "submitted_at" and any(
            is_pending_and_could_still_count(s, submissions) for s in that_day
        )
        row = award(solved[-1], "perfect_day", rules.perfect_day_points, is_provisional)
        of_no_task = {"task_id": None, "problem": None, "submission_id": None}
        rows.append({**row, **of_no_task, "entry_id": f"perfect_day:{agent_id}:{day}", "earned_at": earned_at})
    return rows
