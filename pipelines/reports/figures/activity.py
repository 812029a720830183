"""When things happen: a map of weekday and hour, and a calendar of days.

Days and hours are those of the rulebook's zone. Not here: how much was gathered by when (growth.py).
"""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from pipelines.game.windows import local_date, local_hour
from pipelines.reports.figures.canvas import Canvas, Titles, canvas, nothing
from pipelines.reports.figures.style import HEAT, OCHRE
from pipelines.reports.quantities import counted

_SCALE = {"thickness": 10, "outlinewidth": 0, "tickformat": ",d", "nticks": 4}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MAX_WEEKS = 53  # of a calendar: the last ones
_ONE = {
    "calls": "call",
    "tasks_completed": "task completed",
    "points": "point",
    "xp": "XP",
    "submissions": "submission",
}
OF_DAYS = ("tasks_completed", "points", "xp", "calls")  # what a calendar of `agent_days` can show
_MANY = {"tasks_completed": "tasks completed", "xp": "XP"}
_LONG = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def by_hour(instants: pl.Series, zone: str, measure: str = "calls") -> pl.DataFrame:
    """How many instants (UTC) fall into each weekday and hour of a zone: `weekday` 1 to 7, `hour`, `measure`."""
    at = pl.col("at").dt.replace_time_zone(None)
    hours = instants.drop_nulls().to_frame("at")
    return (
        hours.select(weekday=local_date(at, zone).dt.weekday().cast(pl.Int64), hour=local_hour(at, zone).cast(pl.Int64))
        .group_by("weekday", "hour")
        .agg(pl.len().cast(pl.Int64).alias(measure))
        .sort("weekday", "hour")
    )


def hour_map(hours: pl.DataFrame, measure: str = "calls", *, zone: str) -> Canvas:
    """How much of `measure` falls into each hour of the week.

    `hours`: rows of `usage_hours` (of one user or of many, which are summed up), or what `by_hour` makes.
    """
    titles = Titles(f"{_capital(_many(measure))} by weekday and hour", f"Hour of the day ({zone})", "Weekday")
    sums = hours.group_by("weekday", "hour").agg(pl.col(measure).sum())
    held = {(weekday, hour): n for weekday, hour, n in sums.select("weekday", "hour", measure).rows() if n}
    if not held:
        return nothing(titles, f"No {_many(measure)} yet")
    (weekday, hour), most = min(held.items(), key=lambda cell: (-cell[1], cell[0]))
    figure = canvas(
        titles,
        f"{_said(sum(held.values()), measure)} in all; the most, {most:,}, on {_LONG[weekday - 1]}s from {hour}:00 to "
        f"{hour}:59, by the clock of {zone}.",
        300,
    )
    figure.add_heatmap(
        x=list(range(24)),
        y=list(range(7)),
        z=[[held.get((day + 1, hour), 0) for hour in range(24)] for day in range(7)],
        customdata=[[f"{_LONG[day]} {hour}:00 to {hour}:59" for hour in range(24)] for day in range(7)],
        colorscale=HEAT,
        zmin=0,
        zmax=most,
        xgap=2,
        ygap=2,
        hovertemplate=f"%{{customdata}}<br>%{{z:,}} {_many(measure)}<extra></extra>",
        colorbar=_SCALE,
    )
    hours_named = list(range(0, 24, 4))
    names = [f"{hour}:00" for hour in hours_named]
    figure.update_xaxes(tickvals=hours_named, ticktext=names, zeroline=False, tickangle=0)
    figure.update_yaxes(
        tickvals=list(range(7)), ticktext=list(WEEKDAYS), range=[6.5, -0.5], showgrid=False, zeroline=False
    )
    return figure


def calendar(
    days: pl.DataFrame, measure: str = "tasks_completed", *, until: dt.date, run: Sequence[dt.date] = ()
) -> Canvas:
    """What was done on each day, a column a week and a row a weekday, up to the local date of `as_of`.

    `days`: rows of `agent_days` of one agent (or daily sums: `day` and `measure`). `run`: days that get a dot, those
    of a streak, say (`streak_days`).
    """
    titles = Titles(f"{_capital(_many(measure))} day by day", "Week, by its Monday", "Weekday", _dotted(run))
    held = {day: n for day, n in days.group_by("day").agg(pl.col(measure).sum()).rows() if n}
    if not held:
        return nothing(titles, f"No {_many(measure)} yet")
    mondays = _mondays(min(held), max(until, *held))
    first = mondays[0]
    shown = {day: n for day, n in held.items() if day >= first}
    if not shown:
        return nothing(titles, f"No {_many(measure)} in the last {MAX_WEEKS} weeks")
    best = min(shown, key=lambda day: (-shown[day], day))
    summary = (
        f"{_said(sum(shown.values()), measure)} on {counted(len(shown), 'day')} from {min(shown)} to {until}; "
        f"the most, {shown[best]:,}, on {best}."
    )
    figure = canvas(titles, f"{summary} {_dotted(run)}".strip(), 280)
    weeks = [[monday + dt.timedelta(days=weekday) for monday in mondays] for weekday in range(7)]
    figure.add_heatmap(
        x=list(range(len(mondays))),
        y=list(range(7)),
        z=[[None if day > until else shown.get(day, 0) for day in row] for row in weeks],
        customdata=[[f"{day:%a} {day.day} {day:%b %Y}" for day in row] for row in weeks],
        colorscale=HEAT,
        zmin=0,
        zmax=shown[best],
        xgap=3,
        ygap=3,
        hovertemplate=f"%{{customdata}}<br>%{{z:,}} {_many(measure)}<extra></extra>",
        colorbar=_SCALE,
    )
    dots = [day for day in run if day >= first]
    figure.add_scatter(
        x=[(day - first).days // 7 for day in dots],
        y=[day.weekday() for day in dots],
        mode="markers",
        marker={"symbol": "circle", "size": 7, "color": OCHRE, "line": {"width": 1.5, "color": "#ffffff"}},
        hoverinfo="skip",
        name="days of the streak",
    )
    named = list(range(0, len(mondays), -(-len(mondays) // 6)))
    names = [f"{mondays[week].day} {mondays[week]:%b}" for week in named]
    figure.update_xaxes(tickvals=named, ticktext=names, zeroline=False, tickangle=0)
    figure.update_yaxes(
        tickvals=list(range(7)), ticktext=list(WEEKDAYS), range=[6.5, -0.5], showgrid=False, zeroline=False
    )
    return figure


def streak_days(days: pl.DataFrame, length: int, last_on: dt.date | None) -> list[dt.date]:
    """The days of a run of completed tasks: the last `length` days with one, up to `last_on` (`streaks`)."""
    if not length or last_on is None:
        return []
    done = days.filter((pl.col("tasks_completed") > 0) & (pl.col("day") <= last_on))["day"].unique().sort()
    return done.tail(length).to_list()


def _mondays(first: dt.date, last: dt.date) -> list[dt.date]:
    """The Mondays of the weeks from the first date to the last; of many weeks the last MAX_WEEKS."""
    begin, end = (day - dt.timedelta(days=day.weekday()) for day in (first, last))
    n_weeks = min((end - begin).days // 7 + 1, MAX_WEEKS)
    return [end - dt.timedelta(weeks=back) for back in reversed(range(n_weeks))]


def _dotted(run: Sequence[dt.date]) -> str:
    return f"Dots: the streak of {counted(len(run), 'day')} up to {run[-1]}" if run else ""


def _many(measure: str) -> str:
    return _MANY.get(measure, f"{_ONE[measure]}s")


def _said(n: int, measure: str) -> str:
    return counted(n, _ONE[measure], _many(measure))


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
