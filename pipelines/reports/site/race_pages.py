"""The race: who overtook whom. One page each for points, XP of agents and XP of users, as far as there are any.

Not here: the steps of the race (race_steps.py), the charts (figures/race.py, figures/growth.py).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.reports.figures.growth import daily, growth
from pipelines.reports.figures.race import MAX_WINDOWS, cumulative_race, rank_race
from pipelines.reports.site.charts import shown
from pipelines.reports.site.held import Held
from pipelines.reports.site.race_steps import gathered, leaders, race
from pipelines.reports.site.rendering import Page, Renderer, day

TOP = 10  # who is shown
N_CROSSING = 8  # lines of ranks that cross: more are a tangle
EACH = "week"


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
    """A table of subjects over weeks: the weeks, and of each subject its cells, a score and a rank or None."""

    weeks: list[str]
    rows: list[tuple[str, list[tuple[int, int] | None]]]


def pages(made: Renderer) -> Iterator[Page]:
    """A page for every course that somebody runs; the first always stands at `race.html`, also of an empty season."""
    held = made.held
    run = [(course, days) for course in COURSES if (days := _days(held, course)).height]
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


def _days(held: Held, course: Course) -> pl.DataFrame:
    """Who gained how much on which day: the column of `course.kind`, day, and the measure; nothing after `as_of`."""
    key = f"{course.kind}_id"
    if course.kind == "agent":
        days = held.frame("agent_days").select(key, "day", course.measure)
    else:
        ledger = held.collect(held.table("xp_ledger").select(key, "earned_at", "xp"))
        days = daily(ledger, key, held.rules.timezone)
    return days.filter((pl.col(course.measure) > 0) & (pl.col("day") <= held.today))


def _of(held: Held, course: Course, days: pl.DataFrame) -> dict[str, Any]:
    key = f"{course.kind}_id"
    rows = gathered(days, key, course.measure, EACH)
    table = weeks(rows, held.today)
    first = [name for name, _ in table.rows]
    boards = held.frame("leaderboards").filter(
        (pl.col("board") == course.board) & (pl.col("window") == EACH) & pl.col("scope_id").is_null()
    )
    return {
        "race": race(days, key, course.measure, held.today, TOP),
        "table": table,
        "growth": shown(growth(days, first, course.measure, key=key, until=held.today)),
        "gathered": shown(cumulative_race(days, course.measure, TOP, key=key, each=EACH)),
        "weekly": shown(rank_race(boards, N_CROSSING)) if boards.height else None,
        "by_week": of_board(boards, held.today) if boards.height else None,
        "has_board": course.board in held.boards(),
    }


def weeks(rows: pl.DataFrame, until: dt.date) -> Table:
    """The first TOP of the last week, with what they had at the end of each of the last weeks. `rows`: `gathered`."""
    starts = rows["start"].unique().sort().to_list()[-MAX_WINDOWS:]
    last = leaders(rows.filter(pl.col("start") == starts[-1]), TOP)["subject"]
    shown = rows.filter(pl.col("start").is_in(starts) & pl.col("subject").is_in(last.implode()))
    return _table(shown, last.to_list(), starts, until)


def of_board(entries: pl.DataFrame, until: dt.date) -> Table:
    """The first by the sum of their weeks, with score and rank of each week alone. `entries`: of a weekly board."""
    starts = entries["window_start_on"].unique().sort().to_list()[-MAX_WINDOWS:]
    rows = entries.filter(pl.col("window_start_on").is_in(starts)).select(
        "rank", pl.col("score").cast(pl.Int64), start="window_start_on", subject="subject_id"
    )
    sums = rows.group_by("subject").agg(pl.col("score").sum()).sort("score", "subject", descending=[True, False])
    first = sums["subject"].head(N_CROSSING)
    return _table(rows.filter(pl.col("subject").is_in(first.implode())), first.to_list(), starts, until)


def _table(rows: pl.DataFrame, names: list[str], starts: list[dt.date], until: dt.date) -> Table:
    ends = [min(start + dt.timedelta(days=6), until) for start in starts]
    columns = rows.select("subject", "start", "score", "rank").iter_rows()
    held = {(subject, start): (score, rank) for subject, start, score, rank in columns}
    return Table([day(end) for end in ends], [(name, [held.get((name, start)) for start in starts]) for name in names])
