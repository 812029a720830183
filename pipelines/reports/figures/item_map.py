"""Agents and tasks on one scale: who would solve what one time in two.

A Wright map (Wright and Stone, "Best Test Design", 1979): skill and difficulty are logits of one model, so an agent as
high as a task solves it with a chance of one half, and one logit above it with a chance of .73. Not here: the model
(`insight/skill/ratings.py`, `insight/skill/task_difficulty.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.game.records import DIFFICULTIES
from pipelines.insight.evidence import SUBMISSION
from pipelines.insight.skill.ratings import AVERAGE_RATING, OVERALL, RATING_PER_LOGIT
from pipelines.reports.figures.canvas import KEY_PX, Canvas, Titles, canvas, key_below, nothing
from pipelines.reports.figures.rows import more
from pipelines.reports.figures.style import BLUE, FAINT, GREEN, LINE, OCHRE, PURPLE, SKY, VERMILLION, cut, plain
from pipelines.reports.figures.work import free_sides
from pipelines.reports.quantities import counted
from pipelines.reports.trial_words import tried

TOP = 30  # agents: those with the most submissions; tasks: those mislabelled, and others evenly from easy to hard
MAX_LABEL = 14  # characters of a name beside its sign
_SIGNS = dict(
    zip(
        DIFFICULTIES,
        ((SKY, "triangle-down"), (GREEN, "square"), (OCHRE, "diamond"), (PURPLE, "triangle-up")),
        strict=True,
    )
)
_AGENTS, _TASKS = (0.02, 0.44), (0.56, 0.98)  # of the width


@dataclass(frozen=True)
class _Point:
    """An agent or a task: of which kind it is, where it stands, and what it says."""

    kind: str
    x: float
    value: float
    low: float
    high: float
    says: str
    name: str = ""
    is_marked: bool = False


def item_map(skills: pl.DataFrame, tasks: pl.DataFrame, top: int = TOP) -> Canvas:
    """Skills of agents at the left, difficulties of tasks at the right, with 90 % intervals, on one axis of logits.

    `skills`: rows of `agent_skill` of submissions; those of scope overall are taken. `tasks`: rows of
    `task_difficulty`; those that somebody tried are taken. Tasks whose label does not fit have a ring and their name.
    """
    axes = ("Agents, by skill, and tasks, by difficulty", "Logits (0: the average agent)")
    titles = Titles("Agents and tasks on one scale", *axes)
    overall, attempted = skills.filter(pl.col("scope") == OVERALL), tasks.filter(pl.col("attempts") > 0)
    if overall.is_empty() or attempted.is_empty():
        return nothing(titles, "No tasks with submissions yet")
    agents, shown = _most_tried(overall, top), _spread(attempted, top)
    points = [_agent(row, x) for row, x in zip(agents, _across(len(agents), _AGENTS), strict=True)]
    points += [_task(row, x) for row, x in zip(shown, _across(len(shown), _TASKS), strict=True)]
    figure = canvas(titles, _summary(agents, overall.height, shown, attempted), 500 + KEY_PX)
    low, high = min(0, *(point.low for point in points)) - 0.3, max(0, *(point.high for point in points)) + 0.3
    across, up = [point.x for point in points], [(point.value - low) / (high - low) for point in points]
    sides = free_sides(across, up, [cut(point.name, MAX_LABEL) for point in points])
    signs = {"agent": (BLUE, "circle"), "agent, provisional": (BLUE, "circle-open"), **_SIGNS}
    for kind, sign in signs.items():
        at = [place for place, point in enumerate(points) if point.kind == kind]
        if at:
            _add(figure, [points[place] for place in at], [sides[place] for place in at], sign)
    _ring(figure, [point for point in points if point.is_marked])
    figure.add_shape(
        type="line", x0=0.5, x1=0.5, y0=0, y1=1, yref="paper", layer="below", line={"color": LINE, "width": 1}
    )
    key_below(figure)
    counts = [_counts("agents", len(agents), overall.height), _counts("tasks", len(shown), attempted.height)]
    middles = [sum(ends) / 2 for ends in (_AGENTS, _TASKS)]
    figure.update_xaxes(range=[0, 1], tickvals=middles, ticktext=counts, zeroline=False, tickangle=0)
    figure.update_yaxes(range=[low, high], nticks=8)
    return figure


def _most_tried(overall: pl.DataFrame, top: int) -> list[dict[str, Any]]:
    """Agents by skill, with the ends of its interval in logits."""
    busiest = overall.sort(["attempts", "agent_id"], descending=[True, False]).head(top)
    low, high = ((pl.col(f"rating_{end}90") - AVERAGE_RATING) / RATING_PER_LOGIT for end in ("lo", "hi"))
    return busiest.with_columns(low=low, high=high).sort("skill_logit", "agent_id").to_dicts()


def _spread(tasks: pl.DataFrame, top: int) -> list[dict[str, Any]]:
    """Tasks by difficulty: those surest to be mislabelled, and of the others as many as there is room for, evenly."""
    marked = tasks.filter("is_mislabelled").sort("q_value", "task_id").head(top)
    others = tasks.filter(~pl.col("is_mislabelled")).sort("difficulty_logit", "task_id")
    room = top - marked.height
    if others.height > room:
        others = others[[round(step * (others.height - 1) / max(room - 1, 1)) for step in range(room)]]
    return pl.concat([marked, others]).sort("difficulty_logit", "task_id").to_dicts()


def _across(n: int, ends: tuple[float, float]) -> list[float]:
    low, high = ends
    return [low + (high - low) * (place + 0.5) / n for place in range(n)]


def _agent(row: dict[str, Any], x: float) -> _Point:
    kind = "agent, provisional" if row["is_provisional"] else "agent"
    says = (
        f"<b>{plain(row['agent_id'])}</b><br>Skill {_within(row['skill_logit'], row['low'], row['high'])}"
        f"<br>{row['successes']:,} of {tried(row['attempts'], SUBMISSION)} successful"
    )
    return _Point(kind, x, row["skill_logit"], row["low"], row["high"], says, row["agent_id"])


def _task(row: dict[str, Any], x: float) -> _Point:
    is_marked = row["is_mislabelled"]
    better = f", better {row['suggested_label']}" if row["suggested_label"] else ""
    says = (
        f"<b>{plain(row['task_id'])}</b><br>Difficulty {_difficulty(row)}<br>Labelled {row['label']}"
        f"{f': does not fit{better}' if is_marked else ''}<br>{row['solved']:,} of {counted(row['n_agents'], 'agent')} "
        f"solved it, in {tried(row['attempts'], SUBMISSION)}"
    )
    name = row["task_id"] if is_marked else ""
    return _Point(row["label"], x, row["difficulty_logit"], row["lo90"], row["hi90"], says, name, is_marked)


def _add(figure: Canvas, points: Sequence[_Point], sides: Sequence[str | None], sign: tuple[str, str]) -> None:
    colour, symbol = sign
    figure.add_scatter(
        x=[point.x for point in points],
        y=[point.value for point in points],
        mode="markers+text",
        text=[plain(point.name, MAX_LABEL) if side else "" for point, side in zip(points, sides, strict=True)],
        textposition=[side or "top center" for side in sides],
        textfont={"size": 10},
        marker={"color": colour, "symbol": symbol, "size": 9, "line": {"width": 2 * symbol.endswith("-open")}},
        error_y={
            "type": "data",
            "array": [point.high - point.value for point in points],
            "arrayminus": [point.value - point.low for point in points],
            "color": FAINT,
            "thickness": 1.5,
            "width": 0,
        },
        customdata=[point.says for point in points],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
        name=points[0].kind,
    )


def _ring(figure: Canvas, points: Sequence[_Point]) -> None:
    if points:
        figure.add_scatter(
            x=[point.x for point in points],
            y=[point.value for point in points],
            mode="markers",
            marker={"symbol": "circle-open", "size": 18, "color": VERMILLION, "line": {"width": 2}},
            hoverinfo="skip",
            name="label does not fit",
        )


def _within(value: float, low: float, high: float) -> str:
    return f"{value:+.2f} (90 %: {low:+.2f} to {high:+.2f})"


def _difficulty(row: dict[str, Any]) -> str:
    return _within(row["difficulty_logit"], row["lo90"], row["hi90"])


def _counts(words: str, n_shown: int, n: int) -> str:
    return f"{n:,} {words}" if n_shown == n else f"{n_shown:,} of {n:,} {words}"


def _summary(
    agents: Sequence[dict[str, Any]], n_agents: int, shown: Sequence[dict[str, Any]], attempted: pl.DataFrame
) -> str:
    best, marked = agents[-1], [row for row in shown if row["is_mislabelled"]]
    rest = int(attempted["is_mislabelled"].sum()) - len(marked)
    named = "; ".join(map(_told, marked)) + (f"; {more(rest)}" if rest else "")
    skill = f"{_within(best['skill_logit'], best['low'], best['high'])}, {tried(best['attempts'], SUBMISSION)}"
    fits = f"Labels that do not fit: {named}." if marked else "No label is found not to fit."
    return (
        f"Skills of {counted(n_agents, 'agent')} and difficulties of {counted(attempted.height, 'task')} in logits; an "
        f"agent as high as a task solves it one time in two. The highest skill: {cut(best['agent_id'])} {skill}. "
        f"The easiest task: {_told(shown[0])}; the hardest: {_told(shown[-1])}. {fits}"
    )


def _told(row: dict[str, Any]) -> str:
    return f"{cut(row['task_id'])}, labelled {row['label']}, {_difficulty(row)}, {tried(row['attempts'], SUBMISSION)}"
