"""A board of points as the scoreboard feed of CTFtime, for competitions that report their results there.

The format is that of https://ctftime.org/json-scoreboard-feed: `tasks`, and `standings` with `pos`, `team`, `score`,
`taskStats` (points and Unix time of each solved task) and `lastAccept`. Not here: the board as our own JSON
(formats.py).
"""

import json
from typing import Any

import polars as pl

from pipelines.reports.board_company import Asked, awards_behind
from pipelines.reports.board_page import BoardPage
from pipelines.reports.choices import Misuse, quoted


def ctftime_text(page: BoardPage) -> str:
    """The whole file, in ASCII as CTFtime asks: other signs as `\\uXXXX`.

    Points of `perfect_day` belong to no task: they are in `score` alone. Raises Misuse for a board that does not rank
    agents or teams by points.
    """
    measure = page.rule.order[0].measure if page.rule else "points"
    if page.is_of_calls or measure != "points":
        raise Misuse(
            f"CTFtime knows boards of points only, and {quoted(page.board)} ranks by {measure.replace('_', ' ')}: "
            "export points, or team-points."
        )
    solved = _solved(page)
    standings = [_standing(row, solved.get(row["subject_id"], {})) for row in page.entries.iter_rows(named=True)]
    tasks = sorted({task for stats in solved.values() for task in stats})
    return json.dumps({"tasks": tasks, "standings": standings}, indent=1) + "\n"


def _solved(page: BoardPage) -> dict[str, dict[str, dict[str, int]]]:
    """By subject and task: the points of all its awards in the window, and when the first was earned (Unix seconds)."""
    asked = Asked(page.board, page.rule, page.window, page.scope_id)
    awards = awards_behind(page.entries, asked, page.reading).filter(pl.col("task_id").is_not_null())
    sums = awards.group_by("subject_id", "task_id").agg(
        points=pl.col("points").sum(), time=pl.col("earned_at").min().dt.epoch("s")
    )
    found: dict[str, dict[str, dict[str, int]]] = {}
    for subject, task, points, time in page.reading.collect(sums.sort("subject_id", "task_id")).iter_rows():
        found.setdefault(subject, {})[task] = {"points": points, "time": time}
    return found


def _standing(row: dict[str, Any], solved: dict[str, dict[str, int]]) -> dict[str, object]:
    standing = {"pos": row["rank"], "team": row["subject_id"], "score": row["points"], "taskStats": solved}
    if solved:
        standing["lastAccept"] = max(stat["time"] for stat in solved.values())
    return standing
