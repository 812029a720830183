"""The race: who overtook whom. One page each for points, XP of agents and XP of users, as far as there are any.

Not here: the steps of the race (race_steps.py), the charts (figures/race.py, figures/growth.py).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.reports.figures.growth import growth
from pipelines.reports.figures.race import MAX_WINDOWS, cumulative_race, rank_race
from pipelines.reports.figures.spans import is_short, one, pace, step_of
from pipelines.reports.site.charts import shown
from pipelines.reports.site.gains import gains_of
from pipelines.reports.site.held import Held
from pipelines.reports.site.race_steps import gathered, labels, leaders, race
from pipelines.reports.site.rendering import Page, Renderer

TOP = 10  # who is shown
N_CROSSING = 8  # lines of ranks that cross: more are a tangle
EACH = "week"
N_STEPS = 12  # of a short season, in the chart of ranks and its table: signs of more would be one band on a phone


@dataclass(frozen=True)
class Course:
    """What is raced for: the page, how it is called, whose it is, the measure, and the board of the weeks."""

    path: str
    name: str
    kind: str
    measure: str
    unit: str
    board: str


COURSES = (
    Course("race.html", "Points of agents", "agent", "points", "points", "points"),
    Course("race-xp-agent.html", "XP of agents", "agent", "xp", "XP", "xp-agent"),
    Course("race-xp-user.html", "XP of users", "user", "xp", "XP", "xp-user"),
)


@dataclass(frozen=True)
class Table:
    """A table of subjects over weeks or shorter windows: when they end, and of each subject a score and a rank or None.

    `pace`: how they follow one another, `each`: what one of them is called.
    """

    pace: str
    each: str
    ends: list[str]
    rows: list[tuple[str, list[tuple[int, int] | None]]]


def pages(made: Renderer) -> Iterator[Page]:
    """A page for every course that somebody runs; the first always stands at `race.html`, also of an empty season."""
    held = made.held
    run = [(course, days) for course in COURSES if (days := gains_of(held, f"{course.kind}_id", course.measure)).height]
    paths = {course: "race.html" if n == 0 else course.path for n, (course, _) in enumerate(run)}
    if not run:
        yield made.page("race.html.j2", "race.html", course=None)
    for course, days in run:
        yield made.page(
            "race.html.j2",
            paths[course],
            courses=[(path, other.name) for other, path in paths.items()],
            course=course,
            **_of(held, course, days),
        )


def _of(held: Held, course: Course, days: pl.DataFrame) -> dict[str, Any]:
    key, until, zone = f"{course.kind}_id", held.until(course.measure), held.rules.timezone
    each = step_of(days, N_STEPS, zone) if is_short(until) else _each(days)
    table = so_far(gathered(days, key, course.measure, each, zone), each, until, zone)
    first = [name for name, _ in table.rows]
    boards = held.frame("leaderboards").filter(
        (pl.col("board") == course.board) & (pl.col("window") == EACH) & pl.col("scope_id").is_null()
    )
    has_weeks = boards["window_start_on"].n_unique() > 1
    return {
        "race": race(days, key, course.measure, until, TOP, zone),
        "table": table,
        "growth": shown(growth(days, first, course.measure, key=key, until=until, zone=zone)),
        "gathered": shown(cumulative_race(days, course.measure, TOP, key=key, each=each, zone=zone)),
        "weekly": shown(rank_race(boards, N_CROSSING)) if has_weeks else None,
        "by_week": of_board(boards, held.today) if has_weeks else None,
        "has_board": course.board in held.boards(),
    }


def _each(days: pl.DataFrame) -> str:
    """Weeks, if gains fall into more than one of them, else days."""
    return EACH if days["day"].dt.truncate("1w").n_unique() > 1 else "day"


def so_far(rows: pl.DataFrame, each: str, until: dt.date, zone: str) -> Table:
    """The first TOP of the last window, with what they had at the end of each of the last ones. `rows`: `gathered`."""
    starts = rows["start"].unique().sort().tail(MAX_WINDOWS)
    last = leaders(rows.filter(pl.col("start") == starts[-1]), TOP)["subject"]
    shown = rows.filter(pl.col("start").is_in(starts.implode()) & pl.col("subject").is_in(last.implode()))
    return _table(shown, last.to_list(), starts, each, labels(starts, each, until, zone))


def of_board(entries: pl.DataFrame, until: dt.date) -> Table:
    """The first by the sum of their weeks, with score and rank of each week alone. `entries`: of a weekly board."""
    starts = entries["window_start_on"].unique().sort().tail(MAX_WINDOWS)
    rows = entries.filter(pl.col("window_start_on").is_in(starts.implode())).select(
        "rank", pl.col("score").cast(pl.Int64), start="window_start_on", subject="subject_id"
    )
    sums = rows.group_by("subject").agg(pl.col("score").sum()).sort("score", "subject", descending=[True, False])
    first = sums["subject"].head(N_CROSSING)
    shown = rows.filter(pl.col("subject").is_in(first.implode()))
    return _table(shown, first.to_list(), starts, EACH, labels(starts, EACH, until, "UTC"))


def _table(rows: pl.DataFrame, names: list[str], starts: pl.Series, each: str, ends: list[str]) -> Table:
    columns = rows.select("subject", "start", "score", "rank").iter_rows()
    held = {(subject, start): (score, rank) for subject, start, score, rank in columns}
    cells = [(name, [held.get((name, start)) for start in starts]) for name in names]
    return Table(pace(each), one(each), ends, cells)
