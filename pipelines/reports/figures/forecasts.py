"""When the next level comes, drawn: a fan ahead of the XP gathered so far, and the ranges of many in rows.

Rows are those of `level_forecasts` (`insight/forecasts/levels.py`); a range holds 80 %, and none is drawn beyond 60
days. Not here: how often such ranges hold (trust.py).
"""

import datetime as dt
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from pipelines.game.xp_rules import LevelRules
from pipelines.insight.forecasts.past import HORIZON_DAYS, LEAST_ACTIVE
from pipelines.insight.forecasts.words import BEYOND, FORECAST, NO_FORECAST
from pipelines.reports.figures.canvas import (
    KEY_PX,
    LABEL_PX,
    Canvas,
    Titles,
    canvas,
    dates,
    key_below,
    nothing,
    pixels,
    rows_height,
    rule_lines,
)
from pipelines.reports.figures.growth import growth_with_levels, level_lines, with_room
from pipelines.reports.figures.rows import Sign, interval_dots, name_rows
from pipelines.reports.figures.spans import is_short
from pipelines.reports.figures.style import INK, VERMILLION, cut, plain
from pipelines.reports.quantities import counted

TOP = 25  # rows: those whose level comes first
PAST_DAYS = 90  # of a long past, what is drawn before the fan
_MAX_NAME = 18  # characters of a name, beside which stands the level
_LINE = 36  # characters of a line under the pointer
_FAN = "rgba(31,147,201,0.28)"
_OPEN_ENDED = "the range has no end within 60 days"
Row = Mapping[str, Any]


def growth_with_forecast(
    days: pl.DataFrame, subject: str, rules: LevelRules, forecast: Row | None, *, until: dt.date, key: str = "user_id"
) -> Canvas:
    """The XP of a user (or of a pair), its levels, and ahead of it a fan: when it reaches the next one.

    `days`, `until`: as for `growth_with_levels`, which is drawn alone of a season told in minutes and where there is no
    forecast. The sides of the fan are straight for want of knowing better: only where they end is forecast.
    """
    figure = growth_with_levels(days, subject, rules, key=key, until=until)
    if forecast is None or not figure.data:
        return figure
    title, summary = figure.layout.meta["title"], f"{figure.layout.meta['summary']} {forecast['sentence']}"
    if forecast["status"] != NO_FORECAST and not is_short(until):
        title = "XP gathered, and when the next level comes"
        figure.layout.title.text = title
        _add_fan(figure, forecast, until)
        _look_ahead(figure, forecast, rules, until)
    figure.update_layout(meta={"title": title, "summary": summary})
    return figure


def _add_fan(figure: Canvas, forecast: Row, until: dt.date) -> None:
    xp, goal = forecast["xp"], forecast["xp"] + forecast["xp_to_next"]
    low, middle, high = (forecast[f"days_p{share}"] for share in (10, 50, 90))
    corners = [(0.0, xp), (low or HORIZON_DAYS, goal), (high or HORIZON_DAYS, goal)]
    if high is None:
        corners.append((HORIZON_DAYS, xp))  # XP does not fall: below there is nothing
    figure.add_scatter(
        x=[_ahead(until, day) for day, _ in corners],
        y=[height for _, height in corners],
        mode="none",
        fill="toself",
        fillcolor=_FAN,
        hoverinfo="skip",
    )
    if middle is not None:
        figure.add_scatter(
            x=[_ahead(until, 0), _ahead(until, middle)],
            y=[xp, goal],
            mode="lines+markers",
            line={"color": VERMILLION, "width": 2, "dash": "dot"},
            marker={"symbol": "diamond", "size": [0, 9], "color": VERMILLION},
            hovertemplate=f"{_sentence(forecast)}<extra></extra>",
        )


def _look_ahead(figure: Canvas, forecast: Row, rules: LevelRules, until: dt.date) -> None:
    """Axes that reach to the end of the fan; of a long past they show its end alone, or the fan could not be seen."""
    line, ahead = figure.data[0], int(forecast["days_p90"] or HORIZON_DAYS) + 1
    first, top = dt.date.fromisoformat(line.x[0]), figure.layout.yaxis.range[1]
    begin = max(first, until - dt.timedelta(days=max(PAST_DAYS, 2 * ahead)))
    figure.layout.xaxis.range = dates(begin, until + dt.timedelta(days=ahead))["range"]
    if begin == first:
        return
    bottom = max(height for at, height in zip(line.x, line.y, strict=True) if at <= begin.isoformat())
    room = (top - bottom) * LABEL_PX / pixels(figure)
    levels = [held for held in level_lines(forecast["xp"], rules) if held[1] >= bottom]
    for what, drawn in rule_lines([(at, f"Level {level}") for level, at in with_room(levels, room)]).items():
        figure.layout[what] = drawn
    figure.update_yaxes(range=[bottom - (top - bottom) * 0.03, forecast["xp"] + forecast["xp_to_next"] + room])


def next_levels(forecasts: pl.DataFrame, key: str = "user_id", top: int = TOP) -> Canvas:
    """When each reaches its next level: the range of 80 % with its middle, the soonest first; or why there is none.

    `forecasts`: rows of `level_forecasts` of one scope. `key`: user_id, or of one user's agents agent_id.
    """
    what = "User" if key == "user_id" else "Agent"
    titles = Titles("When the next level comes", "Days from now", f"{what} (next level)", _RANGES)
    order = [pl.col("status").replace_strict({FORECAST: 0, BEYOND: 1, NO_FORECAST: 2}), "days_p50", "days_p10"]
    told = forecasts.sort([*order, pl.col("active_days_28").neg(), key], nulls_last=True)
    rows = told.head(top).to_dicts()
    if not rows:
        return nothing(titles, "No level to forecast yet")
    n_more = told.height - len(rows)
    figure = canvas(titles, _summary(rows, told, key), rows_height(len(rows) + bool(n_more)) + KEY_PX)
    _add_ranges(figure, rows)
    _add_reasons(figure, rows)
    name_rows(figure, [_name(row, key) for row in rows], n_more)
    key_below(figure)
    ticks = [0, 7, 14, 30, 60]
    figure.update_xaxes(range=[0, HORIZON_DAYS + 2], tickvals=ticks, tickangle=0, showgrid=True, zeroline=False)
    return figure


_RANGES = "Dots: as likely sooner as later. Lines: 80 %"


def _add_ranges(figure: Canvas, rows: Sequence[Row]) -> None:
    """Dots with their ranges; of those that lie beyond the middle alone the part of the range within 60 days."""
    places = [place for place, row in enumerate(rows) if row["status"] == FORECAST]
    if places:
        middles = [rows[place]["days_p50"] for place in places]
        ranges = [(rows[place]["days_p10"], rows[place]["days_p90"] or HORIZON_DAYS) for place in places]
        said = [_says(rows[place]) for place in places]
        interval_dots(figure, places, middles, ranges, said, Sign("middle, and range of 80 %"))
    beyond = [place for place, row in enumerate(rows) if row["status"] == BEYOND]
    for place in beyond:
        figure.add_shape(
            type="line", x0=rows[place]["days_p10"] or HORIZON_DAYS, x1=HORIZON_DAYS, y0=place, y1=place,
            line={"color": INK, "width": 2},
        )  # fmt: skip
    open_ended = [place for place, row in enumerate(rows) if row["status"] != NO_FORECAST and row["days_p90"] is None]
    if open_ended:
        figure.add_scatter(
            x=[HORIZON_DAYS] * len(open_ended),
            y=open_ended,
            mode="markers",
            marker={"symbol": "triangle-right", "size": 10, "color": VERMILLION},
            cliponaxis=False,
            name=_OPEN_ENDED,
            customdata=[_says(rows[place]) for place in open_ended],
            hovertemplate="%{customdata}<extra></extra>",
        )


def _add_reasons(figure: Canvas, rows: Sequence[Row]) -> None:
    """Where there is no forecast, why."""
    refused = [place for place, row in enumerate(rows) if row["status"] == NO_FORECAST]
    if refused:
        figure.add_scatter(
            x=[0.6] * len(refused),
            y=refused,
            mode="text",
            text=[f"no forecast: {_why_not(rows[place])}" for place in refused],
            textposition="middle right",
            textfont={"size": 11},
            customdata=[_says(rows[place]) for place in refused],
            hovertemplate="%{customdata}<extra></extra>",
            showlegend=False,
        )


def _why_not(row: Row) -> str:
    if row["next_level"] is None:
        return "highest level"
    if row["active_days_28"] < LEAST_ACTIVE:
        return f"{counted(row['active_days_28'], 'active day')} in 28"
    return "too short a past"


def _name(row: Row, key: str) -> str:
    level = "" if row["next_level"] is None else f" ({row['next_level']})"
    return f"{cut(row[key], _MAX_NAME)}{level}"


def _says(row: Row) -> str:
    who = plain(row["user_id"]) if row["agent_id"] is None else f"{plain(row['user_id'])} with {plain(row['agent_id'])}"
    return f"<b>{who}</b><br>{_sentence(row)}"


def _sentence(row: Row) -> str:
    """A forecast in words, for under the pointer: in lines that a phone has room for."""
    return "<br>".join(plain(line) for line in textwrap.wrap(row["sentence"], _LINE))


def _ahead(until: dt.date, days: float) -> str:
    at = dt.datetime.combine(until, dt.time()) + dt.timedelta(hours=round(24 * days))
    return at.isoformat()


def _summary(rows: Sequence[Row], every: pl.DataFrame, key: str) -> str:
    counts = dict(every.group_by("status").len().rows())
    told = " ".join(f"{cut(row[key])}: {row['sentence']}" for row in rows[:3])
    n_none = counts.get(NO_FORECAST, 0)
    return (
        f"Of {every.height:,} {counts.get(FORECAST, 0):,} have a forecast within 60 days, "
        f"{counts.get(BEYOND, 0):,} one beyond, {n_none:,} none. {told}"
    )
