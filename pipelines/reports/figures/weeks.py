"""An agent week by week: how often it succeeds, beside what its kind of work lets one expect, and how hard the work is.

Weeks are calendar ones from Monday. Not here: trends through them (insight/growth/trends.py), days (activity.py).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from pipelines.game.records import COMPLEXITIES, DIFFICULTIES
from pipelines.game.windows import window_start
from pipelines.insight.evidence import CALL
from pipelines.insight.growth.performance import LEVELS
from pipelines.insight.growth.series import WEEKS
from pipelines.reports.figures.canvas import HEIGHT, KEY, Canvas, Titles, canvas, nothing
from pipelines.reports.figures.rows import HALVES, QUARTERS
from pipelines.reports.figures.style import BLUE, GREY, INK, LINE, OCHRE, SKY, VERMILLION
from pipelines.reports.intervals import wilson
from pipelines.reports.quantities import counted, share, sure
from pipelines.reports.trial_words import TRIALS, tried

MAX_WEEKS = WEEKS  # the last ones, as many as trends are told of
_TALL = HEIGHT + 60  # of both figures, which stand side by side: there are two panels, and a key
_GAP = 0.1  # of the height, between the two panels
_LOWER = 0.36  # of the height, the lower panel
_BAR_MS = 5.6 * 86_400_000  # of a week
_LOOKS = ((SKY, ""), (BLUE, "/"), (OCHRE, "x"), (VERMILLION, "."), (GREY, "-"))
_PANELS = (  # axis, words, colour, dash and sign of the upper and the lower one
    ("y", "success", BLUE, "solid", "circle"),
    ("y2", "beside all agents", VERMILLION, "dot", "diamond"),
)
_SHARES = {"tickvals": QUARTERS, "ticktext": HALVES, "zeroline": False}


def success_by_week(days: pl.DataFrame, kind: str) -> Canvas:
    """Success each week with Wilson's 95 % intervals, and beneath it less what all agents have at the same work.

    `days`: rows of `agent_performance_daily` of one agent and `kind`. What is expected is taken as known, so that
    both panels have the same intervals.
    """
    many = TRIALS[kind].many
    titles = Titles("Success by week", "Week", f"Successful / {many}", "Whiskers: 95 % interval (Wilson)")
    weeks = _weeks(days)
    if not weeks:
        return nothing(titles, f"No {many} yet")
    held = [week for week in weeks if week["n"]]
    ends = {week["start"]: wilson(week["right"], week["n"]) for week in held}
    reach = max(0.1, *(abs(end - w["expected"] / w["n"]) for w in held for end in ends[w["start"]])) * 1.05
    return canvas(
        titles,
        _success_summary(weeks, kind),
        _TALL,
        [_course(weeks, ends, place, kind) for place in range(len(_PANELS))],
        xaxis={**_week_axis(weeks), "anchor": "y2"},
        yaxis={"range": [-0.02, 1.02], "domain": [_LOWER + _GAP, 1], **_SHARES},
        yaxis2=_lower(reach),
    )


def difficulty_by_week(days: pl.DataFrame, kind: str) -> Canvas:
    """Shares of the difficulties among the trials of each week. `days`: as in `success_by_week`."""
    many = TRIALS[kind].many
    titles = Titles("Difficulty of the work by week", "Week", f"Share of the {many}")
    weeks = _weeks(days)
    if not weeks:
        return nothing(titles, f"No {many} yet")
    words = (*(COMPLEXITIES if kind == CALL else DIFFICULTIES), "not said")
    total = sum(week["n"] for week in weeks)
    held = [sum(week["levels"][level] for week in weeks) for level in range(len(words))]
    told = ", ".join(f"{word} {share(n / total)} ({n:,})" for word, n in zip(words, held, strict=True) if n)
    return canvas(
        titles,
        f"Of {tried(total, kind)} in {_span(weeks)}: {told}.",
        _TALL,
        [_level(weeks, level, word, kind) for level, word in enumerate(words) if held[level]],
        barmode="stack",
        showlegend=True,
        legend=KEY,
        xaxis=_week_axis(weeks),
        yaxis={"range": [0, 1], **_SHARES},
    )


def _course(
    weeks: Sequence[dict[str, Any]], ends: Mapping[dt.date, tuple[float, float]], place: int, kind: str
) -> dict[str, Any]:
    """The line of a panel: of the upper one success, of the lower one that less what is expected."""
    axis, name, colour, dash, symbol = _PANELS[place]
    values, below, above, said = [], [], [], []
    for week in weeks:
        expected = week["expected"] / week["n"] if place and week["n"] else 0.0
        low, high = ends.get(week["start"], (0.0, 0.0))
        value = week["right"] / week["n"] if week["n"] else None
        values.append(None if value is None else value - expected)
        below.append(0.0 if value is None else value - low)
        above.append(0.0 if value is None else high - value)
        said.append(_said(week, low, high, kind))
    return {
        "type": "scatter",
        "x": _middles(weeks),
        "y": values,
        "yaxis": axis,
        "name": name,
        "mode": "lines+markers",
        "connectgaps": False,
        "line": {"color": colour, "dash": dash, "width": 1.5},
        "marker": {"symbol": symbol, "size": 8, "color": colour},
        "error_y": {
            "type": "data", "arrayminus": below, "array": above, "color": INK, "thickness": 1.5, "width": 4,
        },
        "cliponaxis": False,
        "customdata": said,
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip


def _level(weeks: Sequence[dict[str, Any]], level: int, word: str, kind: str) -> dict[str, Any]:
    """The bars of one difficulty: its share of the trials of each week."""
    colour, pattern = _LOOKS[level]
    return {
        "type": "bar",
        "x": _middles(weeks),
        "y": [week["levels"][level] / week["n"] if week["n"] else None for week in weeks],
        "width": _BAR_MS,
        "name": word,
        "marker": {"color": colour, "pattern": {"shape": pattern, "size": 6, "fillmode": "overlay"}},
        "customdata": [_level_said(week, level, word, kind) for week in weeks],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _level_said(week: dict[str, Any], level: int, word: str, kind: str) -> str:
    if not week["n"]:
        return ""
    of = f"{week['levels'][level]:,} of {tried(week['n'], kind)}"
    return f"<b>{word}</b><br>{_name(week)}<br>{of}: {share(week['levels'][level] / week['n'])}"


def _weeks(days: pl.DataFrame) -> list[dict[str, Any]]:
    """The last MAX_WEEKS weeks up to the last with a trial, those without between them too: start, n, right, expected,
    levels (counts of the four difficulties and of none said)."""
    whole = (pl.col("expected_successes") * 1_000_000).round().cast(pl.Int64)
    summed = days.group_by(start=window_start(pl.col("day"), "week")).agg(
        pl.col("attempts", "successes", *LEVELS).sum(), expected=whole.sum()
    )
    held = {row["start"]: row for row in summed.to_dicts()}
    if not held:
        return []
    last = max(held)
    n_weeks = min((last - min(held)).days // 7 + 1, MAX_WEEKS)
    weeks = []
    for start in (last - dt.timedelta(weeks=n) for n in reversed(range(n_weeks))):
        row = held.get(start, dict.fromkeys(("attempts", "successes", "expected", *LEVELS), 0))
        levels = [row[level] for level in LEVELS]
        counts = {"n": row["attempts"], "right": row["successes"], "expected": row["expected"] / 1_000_000}
        weeks.append({"start": start, **counts, "levels": [*levels, row["attempts"] - sum(levels)]})
    return weeks


def _said(week: dict[str, Any], low: float, high: float, kind: str) -> str:
    if not week["n"]:
        return ""
    n, expected = week["n"], week["expected"] / week["n"]
    beside = (week["right"] / n - expected) * 100
    return (
        f"<b>{_name(week)}</b><br>{week['right']:,} of {tried(n, kind)}: {share(week['right'] / n)}<br>95 % interval "
        f"{share(low)} to {share(high)}<br>all agents at the same work: {share(expected)}<br>{beside:+.1f} percentage "
        "points beside them"
    )


def _success_summary(weeks: Sequence[dict[str, Any]], kind: str) -> str:
    held = [week for week in weeks if week["n"]]
    ends = [held[0], held[-1]] if len(held) > 1 else held
    told = "; ".join(
        f"{_name(week).lower()} {sure(week['right'] / week['n'], *wilson(week['right'], week['n']), week['n'])}, all "
        f"agents at the same work {share(week['expected'] / week['n'])}"
        for week in ends
    )
    return f"{tried(sum(week['n'] for week in held), kind)} in {_span(weeks)}: {told}."


def _span(weeks: Sequence[dict[str, Any]]) -> str:
    return counted(len(weeks), "week") if len(weeks) < MAX_WEEKS else f"the last {MAX_WEEKS} weeks"


def _name(week: dict[str, Any]) -> str:
    return f"Week of {week['start']:%Y-%m-%d}"


def _middles(weeks: Sequence[dict[str, Any]]) -> list[str]:
    return [f"{week['start'] + dt.timedelta(days=3)}T12:00" for week in weeks]


def _week_axis(weeks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Dates from the first Monday to the last Sunday, named at Mondays, at most six of them."""
    first, last = weeks[0]["start"], weeks[-1]["start"] + dt.timedelta(days=7)
    step = -(-len(weeks) // 5)
    mondays = [week["start"] for week in weeks[::step]]
    return {
        "type": "date",
        "range": [first.isoformat(), last.isoformat()],
        "tickvals": [f"{day + dt.timedelta(days=3)}T12:00" for day in mondays],
        "ticktext": [f"{day:%d %b}" for day in mondays],
        "tickangle": 0,
    }


def _lower(reach: float) -> dict[str, Any]:
    """The axis of the lower panel: percentage points around 0."""
    step = next(step for step in (0.5, 0.2, 0.1, 0.05) if step <= 0.95 * reach)
    ticks = [-step, 0, step]
    return {
        "domain": [0, _LOWER],
        "range": [-reach, reach],
        "tickvals": ticks,
        "ticktext": [f"{tick * 100:+.0f}" if tick else "0" for tick in ticks],
        "title": {"text": "Beside all agents, pp"},
        "zeroline": True,
        "zerolinecolor": LINE,
        "zerolinewidth": 2,
    }
