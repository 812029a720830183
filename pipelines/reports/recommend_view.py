"""How advice looks in a terminal: agents for a user or a team, tasks for an agent.

Not here: what is on it (recommend_page.py, next_task_page.py).
"""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from pipelines.insight.advice.recommend import MIN_DIRECT, MIN_KNOWN
from pipelines.insight.advice.subject_use import NOW_DAYS
from pipelines.insight.skill.trials import ACTIVE_DAYS
from pipelines.reports import profile_view
from pipelines.reports.advice_words import FEW, few_in_all, work_of
from pipelines.reports.calls_part import not_judged
from pipelines.reports.columns import column, table_of
from pipelines.reports.next_task_page import SLOT_NAMES, NextTaskPage
from pipelines.reports.profile_view import part
from pipelines.reports.quantities import chance, counted, percent
from pipelines.reports.recommend_page import CANNOT_KNOW, RecommendPage
from pipelines.reports.terminal import Screen, safe

NARROW = 48  # cells of a screen: on fewer no interval has room beside the longest name of a slot
MOST_OF_TASK = 24  # cells of a task's id that are shown before other columns: those of a contest begin alike
_ABOUT_TASKS = (
    "Tries: of all agents at the task; own here: of this one at the problem. Points: chance times price, what is to be "
    "expected. Chances are measured, points are a game."
)
_SLOTS = {"1": "1", "2": "2", "3": "3", "explore": "worth a try"}


def show_recommendations(page: RecommendPage, screen: Screen) -> None:
    """Show the agents that are advised, kind of work by kind of work, and what nobody can know.

    The reasons of all stand beneath if there is one kind of work; of several, those of the first and of the one drawn.
    """
    screen.say()
    screen.say(page.subject_id, "bold")
    for line in _about(page):
        screen.say(line)
    if page.rows.is_empty():
        screen.say(f"Nobody called an agent in the {ACTIVE_DAYS} days before, so there is none to advise.")
    for kind in page.kinds:
        rows = page.advice(kind)
        if not rows:
            continue
        part(screen, _heading(page, kind), _agents(rows, screen))
        screen.say(_now(page, rows[0]), "dim")
        for row in rows:
            if len(page.kinds) == 1 or row["slot"] in ("1", "explore"):
                screen.say()
                screen.say(row["reason_text"])
    screen.say()
    if not page.rows.is_empty():
        screen.say(_legend(page), "dim")
    screen.say(" ".join(CANNOT_KNOW), "dim")
    profile_view.show_foot(page.reading, screen)


def show_next_tasks(page: NextTaskPage, screen: Screen) -> None:
    """Show which task an agent could try next, and where its calls succeed."""
    screen.say()
    screen.say(page.agent_id, "bold")
    if page.tasks:
        few = ": too few to know it by, so chances lean on what all agents' say" if page.n_submissions < FEW else ""
        screen.say(f"{counted(page.n_submissions, 'submission')} of its own{few}.")
    for slot, heading in SLOT_NAMES.items():
        rows = [row for row in page.tasks if row["slot"] == slot]
        if rows:
            part(screen, heading, _tasks(rows, screen))
    if page.tasks:
        screen.say()
        screen.say(_ABOUT_TASKS, "dim")
    else:
        screen.say(_why_no_task(page))
    if page.skills:
        part(screen, f"As a sub-agent ({counted(page.n_calls, 'call')})", _skills(page.skills, screen))
        least = page.reading.rules.insight.min_attempts
        screen.say(
            "1500 is the average agent; 400 more are odds ten times as good. Not points: measured success. "
            f"Provisional: fewer than {counted(least, 'call')}.",
            "dim",
        )
    screen.say()
    profile_view.show_foot(page.reading, screen)


def _about(page: RecommendPage) -> list[str]:
    n, whose = page.n_calls, "of yours" if page.subject_type == "user" else "of the team"
    calls = counted(n, "call") if n else "No calls"
    if n == page.n_all:
        lines = [f"{calls} {whose}, and none of anybody else."]
    elif n < FEW:
        ways = "your ways" if page.subject_type == "user" else "its ways"
        why = f"too few to know {ways}, so this" if n else "this"
        others = "the only call says" if page.n_all == 1 else f"all {page.n_all:,} calls say"
        lines = [f"{calls} {whose}: {why} is what {others}."]
    else:
        lines = [f"{calls} {whose}, of {page.n_all:,} in all."]
    if few := few_in_all(page.n_all):
        lines.append(few)
    if page.is_of_others and page.kinds:
        lines.append("No such work yet: shown is the work that everybody has most.")
    if page.n_derived:
        lines.append(not_judged(page.n_derived, page.n_all))
    return lines


def _heading(page: RecommendPage, kind: dict[str, Any]) -> str:
    of = "yours" if page.subject_type == "user" else "the team"
    return safe(f"{work_of(kind)} ({counted(kind['calls'], 'call')} of {of})")


def _agents(rows: Sequence[dict[str, Any]], screen: Screen) -> Table:
    width = profile_view.SHORT_BAR
    slots = _SLOTS if screen.width >= NARROW else _SLOTS | {"explore": "try"}
    bars = [Text(_interval_bar(row["p_lo80"], row["p_hi80"], width, screen), style="cyan") for row in rows]
    counts = [f"{row['n_agent']:,} / {row['n_category']:,} / {row['n_own']:,}" for row in rows]
    return table_of(
        screen,
        column("", [slots[row["slot"]] for row in rows]),
        column("agent", [row["agent_id"] for row in rows], least=10),
        column("success", [percent(row["p_success"]) for row in rows], "right"),
        column("80 % interval", [f"{chance(row['p_lo80'])} to {chance(row['p_hi80'])}" for row in rows], "right"),
        column("calls", counts, "right"),
        column("to now", [_lift(row) for row in rows], "right"),
        column("evidence", [row["evidence"] for row in rows]),
        column("0 to 100", bars),
    )


def _interval_bar(low: float, high: float, width: int, screen: Screen) -> str:
    """An interval of shares on a line from 0 to 1, at least one cell long."""
    start = min(int(low * width), width - 1)
    end = max(min(round(high * width), width), start + 1)
    return screen.signs.rest * start + screen.signs.bar * (end - start) + screen.signs.rest * (width - end)


def _lift(row: dict[str, Any]) -> str:
    if row["current_agent_id"] is None:
        return ""
    if row["agent_id"] == row["current_agent_id"]:
        return "in use"
    lift = round(row["lift_pp"])
    is_open = row["lift_lo80"] <= 0 <= row["lift_hi80"]
    return f"{lift:+d}{' ?' if is_open else ''}" if lift else "0 ?"


def _now(page: RecommendPage, row: dict[str, Any]) -> str:
    who = "you" if page.subject_type == "user" else "the team"
    when, agent = f"In the last {NOW_DAYS} days", row["current_agent_id"]
    if agent is None:
        return f"{when} {who} called no agent for this category."
    return f"{when} {who} called {agent} most for this category, or as often as another."


def _legend(page: RecommendPage) -> str:
    whose = "yours" if page.subject_type == "user" else "the team's"
    return (
        "To now: percentage points over the agent in use; with a ? chance may make as much. Calls: the agent's / those "
        f"in this category / {whose}. Evidence: direct from {MIN_DIRECT} calls in this category on, else borrowed from "
        f"other work and other agents; prior with fewer than {MIN_KNOWN} calls."
    )


def _tasks(rows: Sequence[dict[str, Any]], screen: Screen) -> Table:
    return table_of(
        screen,
        column("task", [row["task_id"] for row in rows], least=min(MOST_OF_TASK, screen.width // 3)),
        column("chance", [percent(row["p_solve"]) for row in rows], "right"),
        column("80 % interval", [f"{chance(row['p_lo80'])} to {chance(row['p_hi80'])}" for row in rows], "right"),
        column("tries", [f"{row['n_attempts_task']:,}" for row in rows], "right"),
        column("own here", [f"{row['n_attempts_agent']:,}" for row in rows], "right"),
        column("points", [f"{row['expected_points']:.1f}" for row in rows], "right"),
        column("difficulty", [row["difficulty"] for row in rows]),
        column("problem", [row["problem"] for row in rows]),
    )


def _why_no_task(page: NextTaskPage) -> str:
    if page.n_submissions:
        return "No task is advised: it has solved all there are, or has tried none for long."
    return "It has handed in nothing, so no task is advised."


def _skills(rows: Sequence[dict[str, Any]], screen: Screen) -> Table:
    rows = [row for row in rows if row["attempts"]]  # what is borrowed tells nothing of its own
    names = ["overall" if row["scope"] == "overall" else row["category"] or "no category" for row in rows]
    intervals = [f"{row['rating_lo90']:.0f} to {row['rating_hi90']:.0f}" for row in rows]
    return table_of(
        screen,
        column("at", names, least=10),
        column("rating", [f"{row['rating']:.0f}" for row in rows], "right"),
        column("90 % interval", intervals),
        column("calls", [f"{row['attempts']:,}" for row in rows], "right"),
        column("succeeded", [f"{row['successes']:,}" for row in rows], "right"),
        column("so far", ["provisional" if row["is_provisional"] else "" for row in rows]),
    )
