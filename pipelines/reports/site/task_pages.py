"""The page of difficulty: how hard each task is measured to be, whose labels the outcomes contradict, and how hard
kinds of work are, of submissions and of calls.

Not here: the statistics (insight/skill/task_difficulty.py, insight/skill/work_difficulty.py), which task an agent could
try next (agent_skills.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp
from typing import Any

import polars as pl

from pipelines.insight.evidence import CALL, KINDS, SUBMISSION
from pipelines.insight.skill.ratings import AGENT_SKILL, OVERALL
from pipelines.insight.skill.task_difficulty import TASK_DIFFICULTY
from pipelines.reports.figures.item_map import item_map
from pipelines.reports.intervals import wilson
from pipelines.reports.quantities import chance, counted, percent
from pipelines.reports.site.charts import Chart, shown
from pipelines.reports.site.grids import Col, Grid, data_file
from pipelines.reports.site.held import Held, published_before
from pipelines.reports.site.profile_parts import Figure
from pipelines.reports.site.rendering import Page, Renderer
from pipelines.reports.trial_words import TRIALS

PATH, FILE = "tasks.html", "assets/tasks.js"
FIRST_ROWS = 50  # that stand in the page itself
MAX_TASKS = 10_000  # of the table; of more those with the most submissions
MAX_OFF = 40  # tasks whose finding stands on top
MAX_WORK = 30  # kinds of work of calls, and of submissions: those with the most trials
COLUMNS = (
    Col("task", "Task", "text"),
    Col("problem", "Problem", "text"),
    Col("label", "Label", "text", "how hard it is said to be"),
    Col("measured", "Measured", "sure", "difficulty in logits and its 90 % interval; higher is harder"),
    Col("chance", "Chance", "sure", "that the average agent solves it in one try, and its 90 % interval"),
    Col("attempts", "Submissions", "whole", "those that count"),
    Col("agents", "Agents", "whole", "agents that tried it"),
    Col("solved", "Solved by", "whole", "agents that solved it"),
    Col("finding", "Finding", "text"),
)
_HEADINGS = {SUBMISSION: "Kinds of tasks, by counted submissions", CALL: "Kinds of calls"}


@dataclass(frozen=True)
class Works:
    """The kinds of work of one kind of trials: rows of `work_difficulty`, the hardest for the average agent first."""

    kind: str
    heading: str
    first: str
    rows: list[dict[str, Any]]
    n_left: int


def pages(made: Renderer) -> Iterator[Page]:
    """The one page, and the file of its table; also where nothing was measured."""
    held = made.held
    tasks = held.frame("task_difficulty") if held.has("task_difficulty") else TASK_DIFFICULTY.empty()
    table = grid(tasks) if tasks.height else None
    off = tasks.filter("is_mislabelled").sort("q_value", "task_id")
    yield made.page(
        "tasks.html.j2",
        PATH,
        sentence=sentence(held, tasks),
        figures=figures(tasks) if tasks.height else [],
        chart=_chart(held, tasks),
        off=off.head(MAX_OFF).to_dicts(),
        n_off=off.height,
        n_tried=int((tasks["attempts"] > 0).sum()),
        false_flags=f"{held.rules.insight.false_flags * 100:g} %",
        grid=table,
        most=FIRST_ROWS,
        told={"key": PATH, "file": FILE, "badges": {}},
        works=list(works(held.frame("work_difficulty"))) if held.has("work_difficulty") else [],
    )
    if table:
        yield Page(FILE, data_file(PATH, table.for_script()))


def sentence(held: Held, tasks: pl.DataFrame) -> str:
    """How many tasks there are, how many of them were tried, and what that says."""
    if not held.has("task_difficulty"):
        return published_before("measured no difficulty")
    if not held.rules.insight.enabled:
        return "Nothing is measured: the rulebook switches insight off."
    if tasks.is_empty():
        return "No submission was judged, so no task has a measured difficulty."
    n, tried = tasks.height, int((tasks["attempts"] > 0).sum())
    start = f"{counted(n, 'task')}, {tried:,} of them tried. "
    if tried == n:
        return start + "Measured from who solved them and who did not, whatever their labels say."
    rest = "the other one" if n - tried == 1 else f"the other {n - tried:,}"
    return start + (
        f"Measured from who solved them and who did not, whatever their labels say; of {rest} nothing but the label "
        "is known."
    )


def figures(tasks: pl.DataFrame) -> list[Figure]:
    """Tasks and submissions, and how many labels the outcomes contradict."""
    tried = tasks.filter(pl.col("attempts") > 0)
    unsolved, few = int((tried["solved"] == 0).sum()), int((tried["attempts"] < 3).sum())
    return [
        (f"{tried.height:,}", "Tasks tried", f"of {tasks.height:,}"),
        (
            f"{int(tasks['attempts'].sum()):,}",
            "Submissions",
            f"{counted(few, 'task')} with one or two: the label weighs most there",
        ),
        (f"{unsolved:,}", "Tried, and solved by nobody", f"of {tried.height:,}"),
        (f"{int(tasks['is_mislabelled'].sum()):,}", "Labels that outcomes contradict", f"of {tried.height:,}"),
    ]


def grid(tasks: pl.DataFrame) -> Grid:
    """The table: first the tasks whose label is contradicted, then those tried, the hardest first; others last."""
    is_tried = pl.col("attempts") > 0
    kept = tasks.sort("is_mislabelled", "attempts", "task_id", descending=[True, True, False]).head(MAX_TASKS)
    place = pl.when("is_mislabelled").then(pl.col("q_value") - 2).otherwise((~is_tried).cast(pl.Float64))
    rows = kept.sort(place, -pl.col("difficulty_logit"), "task_id").to_dicts()
    values: dict[str, list[Any]] = {
        "task": [row["task_id"] for row in rows],
        "problem": [row["problem"] for row in rows],
        "label": [row["label"] for row in rows],
        "measured": [_measured(row) for row in rows],
        "chance": [_solves(row) for row in rows],
        "attempts": [row["attempts"] for row in rows],
        "agents": [row["n_agents"] for row in rows],
        "solved": [row["solved"] for row in rows],
        "finding": [_finding(row) for row in rows],
    }
    return Grid(COLUMNS, values, tasks.height)


def works(rows: pl.DataFrame) -> Iterator[Works]:
    """Kinds of tasks, then kinds of calls; of many those with the most trials."""
    for kind in reversed(KINDS):
        held = rows.filter(pl.col("kind") == kind)
        if held.height:
            most = held.sort("attempts", "category", "difficulty", descending=[True, False, False]).head(MAX_WORK)
            hardest = most.sort("p_average", "category", "difficulty")
            told = [{**row, "interval": wilson(row["successes"], row["attempts"])} for row in hardest.to_dicts()]
            yield Works(kind, _HEADINGS[kind], TRIALS[kind].field.capitalize(), told, held.height - most.height)


def _chart(held: Held, tasks: pl.DataFrame) -> Chart | None:
    """Agents and tasks on one scale; None where no task was tried."""
    if not (tasks["attempts"] > 0).any():
        return None
    overall = (pl.col("kind") == SUBMISSION) & (pl.col("scope") == OVERALL)
    skills = held.collect(held.table("agent_skill").filter(overall)) if held.has("agent_skill") else AGENT_SKILL.empty()
    return shown(item_map(skills, tasks)) if skills.height else None


def _measured(row: dict[str, Any]) -> list[Any] | None:
    if not row["attempts"]:
        return None
    value = row["difficulty_logit"]
    return [round(value, 3), _signed(value), f"{_signed(row['lo90'])} to {_signed(row['hi90'])}"]


def _signed(logit: float) -> str:
    return f"{logit:+.1f}".replace("-0.0", "0.0").replace("+0.0", "0.0")


def _solves(row: dict[str, Any]) -> list[Any] | None:
    """The median chance of the average agent: the same interval, as chances."""
    if not row["attempts"]:
        return None
    value, low, high = (1 / (1 + exp(row[name])) for name in ("difficulty_logit", "hi90", "lo90"))
    return [round(value, 4), percent(value), f"{chance(low)} to {chance(high)} %"]


def _finding(row: dict[str, Any]) -> str:
    if row["is_mislabelled"]:
        return f"rather {row['suggested_label']}"
    return "nothing against its label" if row["attempts"] else "label only: nobody tried it"
