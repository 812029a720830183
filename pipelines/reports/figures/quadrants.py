"""Points and skill beside one another: two different things, and no line is drawn between them.

Points are a game that rewards what was done; a rating is measured. Who has many of the one may have little of the
other. Not here: ratings alone (ratings.py), points alone (growth.py, race.py).
"""

from statistics import median
from typing import Any

import polars as pl

from pipelines.reports.figures.canvas import KEY_PX, Canvas, Titles, canvas, key_below, nothing
from pipelines.reports.figures.ratings import AVERAGE, PROVISIONAL, of_board, rated, tries_of
from pipelines.reports.figures.rows import mark_across, more
from pipelines.reports.figures.style import BLUE, FAINT, INK, cut, plain
from pipelines.reports.figures.work import free_sides
from pipelines.reports.quantities import counted
from pipelines.reports.trial_words import tried

TOP = 30  # agents: those with the most tries
_CORNERS = (("more", "lower"), ("more", "higher"), ("fewer", "lower"), ("fewer", "higher"))


def points_and_skill(board: pl.DataFrame, points: pl.DataFrame, top: int = TOP) -> Canvas:
    """The points of agents against their ratings, cut in four at the average rating and the median of the points.

    `board`: rows of `leaderboard_rated` of one board. `points`: `agent_id` and `points` (`agent_stats`).
    """
    titles = Titles(
        "Points (a game) and skill (measured)",
        f"Rating by {tries_of(board)} ({AVERAGE}: average)",
        "Points",
        of_board(board),
    )
    held = board.join(points.select("agent_id", "points"), on="agent_id", how="inner")
    shown = held.sort(["attempts", "agent_id"], descending=[True, False]).head(top)
    if not (held["points"] != 0).any():
        return nothing(titles, "No agent has both points and a rating yet")
    rows = shown.to_dicts()
    told = "; ".join(
        f"{cut(row['agent_id'])} {counted(row['points'], 'point')}, rating "
        f"{rated(row['score'], row['score_lo90'], row['score_hi90'])}, {tried(row['attempts'], row['kind'])}"
        for row in rows
    )
    left_out = more(held.height - len(rows)) if held.height > len(rows) else ""
    summary = f"Points and ratings, two different things, of {counted(held.height, 'agent')}: {told}"
    figure = canvas(titles, f"{summary}; {left_out}." if left_out else f"{summary}.", 440 + KEY_PX)
    if left_out:
        figure.update_xaxes(title_text=f"{titles.x}<br>{left_out}")
    low, high = (end(AVERAGE, *(row[name] for row in rows)) for end, name in ((min, "score_lo90"), (max, "score_hi90")))
    ends = (low - (high - low) * 0.05 - 5, high + (high - low) * 0.05 + 5)
    points_of = [row["points"] for row in rows]
    low, high, middle = min(0, *points_of), max(0, *points_of), median(points_of)
    bottom, height = low - (high - low) * 0.16, high + (high - low) * 0.16  # room for the words in the corners
    sides = free_sides(
        [(row["score"] - ends[0]) / (ends[1] - ends[0]) for row in rows],
        [(row["points"] - bottom) / (height - bottom) for row in rows],
        [cut(row["agent_id"], 18) for row in rows],
        ("top center", "bottom center", "middle right", "middle left"),  # beside it lies its interval
    )
    _add_agents(figure, rows, sides)
    mark_across(figure, AVERAGE)
    figure.add_shape(
        type="line", x0=0, x1=1, xref="paper", y0=middle, y1=middle, layer="below", line={**_LINE, "dash": "dot"}
    )
    _name_corners(figure)
    key_below(figure)
    figure.update_xaxes(range=list(ends), showgrid=False, nticks=5, tickformat="d", tickangle=0, zeroline=False)
    figure.update_yaxes(range=[bottom, height], showgrid=False, tickformat=",d", nticks=6)
    return figure


def _add_agents(figure: Canvas, rows: list[dict[str, Any]], sides: list[str | None]) -> None:
    """A dot an agent with its interval, those of provisional ratings hollow; its name where there is a side for it."""
    for is_provisional in (False, True):
        at = [place for place, row in enumerate(rows) if row["is_provisional"] == is_provisional]
        chosen = [rows[place] for place in at]
        figure.add_scatter(
            x=[row["score"] for row in chosen],
            y=[row["points"] for row in chosen],
            mode="markers+text",
            text=[plain(rows[place]["agent_id"], 18) if sides[place] else "" for place in at],
            textposition=[sides[place] or "top center" for place in at],
            textfont={"size": 11},
            marker={
                "color": BLUE,
                "size": 10,
                "symbol": "circle-open" if is_provisional else "circle",
                "line": {"width": 2, "color": BLUE},
            },
            name=PROVISIONAL if is_provisional else "agent, rating with 90 % interval",
            error_x={
                "type": "data",
                "array": [row["score_hi90"] - row["score"] for row in chosen],
                "arrayminus": [row["score"] - row["score_lo90"] for row in chosen],
                "color": FAINT,
                "thickness": 1.5,
                "width": 0,
            },
            customdata=[_says(row) for row in chosen],
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
            visible=bool(chosen),
        )


def _name_corners(figure: Canvas) -> None:
    """What it means to be in each quarter, in the corners."""
    for place, (points, rating) in enumerate(_CORNERS):
        right, down = place % 2, place // 2
        figure.add_annotation(
            text=f"{points} points,<br>{rating} rating",
            x=right,
            y=1 - down,
            xref="paper",
            yref="paper",
            xanchor="right" if right else "left",
            yanchor="bottom" if down else "top",
            align="right" if right else "left",
            showarrow=False,
            font={"size": 10},
            opacity=0.75,
        )


def _says(row: dict[str, Any]) -> str:
    return (
        f"<b>{plain(row['agent_id'])}</b>{', provisional' if row['is_provisional'] else ''}"
        f"<br>{counted(row['points'], 'point')}<br>Rating {rated(row['score'], row['score_lo90'], row['score_hi90'])}"
        f"<br>{tried(row['attempts'], row['kind'])}"
    )


_LINE = {"color": INK, "width": 1}
