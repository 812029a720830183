"""The skill of one agent month by month: its rating with the 90 % band and n. Not here: all time (ratings.py)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from pipelines.insight.skill.ratings import RATING_PER_LOGIT
from pipelines.reports.figures.canvas import KEY, KEY_PX, Canvas, Titles, canvas, nothing
from pipelines.reports.figures.ratings import AVERAGE, rated, tries_of
from pipelines.reports.figures.style import BLUE, INK, cut, plain
from pipelines.reports.quantities import counted
from pipelines.reports.trial_words import tried

MAX_NAMED = 8  # months at the axis, for a phone


def skill_course(months: pl.DataFrame, agent_id: str) -> Canvas:
    """The rating of one agent in each month with its 90 % band; months without tries are gaps.

    `months`: rows of `agent_skill_months` of one kind and this agent.
    """
    titles = Titles(
        f"Skill month by month, from {tries_of(months)}",
        "Month",
        f"Rating ({AVERAGE}: average)",
        plain(agent_id),
    )
    held = months.filter((pl.col("agent_id") == agent_id) & (pl.col("attempts") > 0)).sort("month")
    if held.is_empty():
        return nothing(titles, "No month with a rating yet")
    rows = [_as_rating(row) for row in held.to_dicts()]
    told = "; ".join(
        f"{row['month']:%Y-%m} {rated(row['rating'], row['low'], row['high'])}, {tried(row['attempts'], row['kind'])}"
        for row in rows
    )
    average = {
        "type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": AVERAGE, "y1": AVERAGE, "layer": "below",
        "line": {"color": INK, "width": 1, "dash": "dot"},
    }  # fmt: skip
    first, last = rows[0]["month"], rows[-1]["month"]
    air, every = dt.timedelta(days=15), -(-(_count(last) - _count(first) + 1) // MAX_NAMED)
    dates = {
        "type": "date", "range": [(first - air).isoformat(), (last + air).isoformat()], "tick0": first.isoformat(),
        "dtick": f"M{every}", "tickformat": "%b\n%Y", "tickangle": 0,
    }  # fmt: skip
    return canvas(
        titles,
        f"Rating of {cut(agent_id)} in {counted(len(rows), 'month')}: {told}.",
        360 + KEY_PX,
        _series(_runs(rows)),
        shapes=[average],
        showlegend=True,
        legend=KEY,
        xaxis=dates,
        yaxis={"tickformat": "d", "zeroline": False},
    )


def _series(runs: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The band of 90 % and the line in it, both broken between runs."""
    band = {
        "type": "scatter",
        "x": [x for run in runs for x in (*_dates(run), *reversed(_dates(run)), None)],
        "y": [y for run in runs for y in (*(r["high"] for r in run), *(r["low"] for r in reversed(run)), None)],
        "fill": "toself",
        "fillcolor": _BAND,
        "mode": "none",
        "hoverinfo": "skip",
        "name": "90 % interval",
    }
    line = {
        "type": "scatter",
        "x": [x for run in runs for x in (*_dates(run), None)],
        "y": [y for run in runs for y in (*(row["rating"] for row in run), None)],
        "mode": "lines+markers",
        "line": {"color": BLUE, "width": 2},
        "marker": {"color": BLUE, "size": 8},
        "error_y": {
            "type": "data",
            "array": [y for run in runs for y in (*(_alone(run, row["high"] - row["rating"]) for row in run), 0)],
            "arrayminus": [y for run in runs for y in (*(_alone(run, row["rating"] - row["low"]) for row in run), 0)],
            "color": INK,
            "thickness": 2,
            "width": 5,
        },
        "customdata": [says for run in runs for says in (*(_month_says(row) for row in run), "")],
        "hovertemplate": "%{customdata}<extra></extra>",
        "name": "rating in the month",
    }
    return [band, line]


def _as_rating(row: dict[str, Any]) -> dict[str, Any]:
    scaled = {
        name: AVERAGE + RATING_PER_LOGIT * row[of]
        for name, of in (("rating", "skill_logit"), ("low", "lo90"), ("high", "hi90"))
    }
    return {**row, **scaled}


def _runs(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Months that follow one another without a gap."""
    runs: list[list[dict[str, Any]]] = []
    for row in rows:
        follows = runs and _count(row["month"]) == _count(runs[-1][-1]["month"]) + 1
        if follows:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _count(month: dt.date) -> int:
    return month.year * 12 + month.month


def _dates(run: list[dict[str, Any]]) -> list[str]:
    return [row["month"].isoformat() for row in run]


def _alone(run: list[dict[str, Any]], arm: float) -> float:
    """A month between gaps has no band to be seen, so its interval is a bar."""
    return arm if len(run) == 1 else 0


def _month_says(row: Mapping[str, Any]) -> str:
    within = rated(row["rating"], row["low"], row["high"])
    return (
        f"<b>{row['month']:%B %Y}</b><br>Rating {within}<br>{row['successes']:,} of "
        f"{tried(row['attempts'], row['kind'])} successful<br>The average agent at the same work: "
        f"{row['expected_successes']:,.1f} expected"
    )


_BAND = "rgba(31,147,201,0.22)"
