"""Who is good, and how sure that is: ratings, places and shares, each with its 90 % interval and its n.

All of it is measured by a model (`insight/skill/ratings.py`, `insight/skill/boards.py`), and none of it is points.
Frames are rows of `leaderboard_rated` of one board. Not here: one agent by itself (skills.py), ratings beside points
(quadrants.py).
"""

from collections.abc import Sequence
from typing import Any

import polars as pl

from pipelines.insight.skill.ratings import AVERAGE_RATING
from pipelines.reports.figures.canvas import KEY_PX, Canvas, Titles, canvas, key_below, nothing, rows_height
from pipelines.reports.figures.rows import (
    Sign,
    interval_dots,
    label_right,
    mark_across,
    more,
    name_rows,
    share_axis,
)
from pipelines.reports.figures.style import BLUE, VERMILLION, cut, plain
from pipelines.reports.quantities import counted, percent, share
from pipelines.reports.trial_words import TRIALS, tried

TOP = 30  # rows: those rated highest
MAX_NAME = 20  # characters of rank and name: a phone needs its width for the intervals
AVERAGE = round(AVERAGE_RATING)
PROVISIONAL = "provisional: few tries so far"
_NONE = "No agent is rated yet"
Row = dict[str, Any]


def rating_forest(board: pl.DataFrame, top: int = TOP) -> Canvas:
    """The ratings of the agents with their intervals, the highest first, each behind its shared rank."""
    titles = Titles(
        f"Skill ratings by {tries_of(board)}",
        f"Rating ({AVERAGE}: average)",
        "Rank and agent",
        of_board(board),
    )
    rows = _highest(board, "score", top)
    if not rows:
        return nothing(titles, _NONE)
    figure = _rows_figure(titles, _summary(titles, rows, board.height, _rating), rows, board.height)
    mark_across(figure, AVERAGE)
    _add(figure, rows, "rating, 90 % interval", "score", "score_lo90", "score_hi90")
    key_below(figure)
    figure.update_xaxes(showgrid=True, tickangle=0, nticks=5, tickformat="d", zeroline=False)
    return figure


def rank_ladder(board: pl.DataFrame, top: int = TOP) -> Canvas:
    """Between which places each agent lies with 90 % certainty, and how likely it is the best of all."""
    titles = Titles(f"Ranks by {tries_of(board)}, and how sure they are", "Rank", "Rank and agent", of_board(board))
    rows = _highest(board, "score", top)
    if not rows:
        return nothing(titles, _NONE)
    summary = _summary(titles, rows, board.height, _place)
    figure = _rows_figure(titles, summary, rows, board.height, [percent(row["p_top1"]) for row in rows], "to be 1st")
    for place, row in enumerate(rows):
        row["place"] = min(max(place + 1, row["rank_lo90"]), row["rank_hi90"])
    _add(figure, rows, "place by rating, 90 % interval", "place", "rank_lo90", "rank_hi90")
    key_below(figure)
    worst = max(row["rank_hi90"] for row in rows)
    step = next(n * 10**zeros for zeros in range(9) for n in (1, 2, 5) if n * 10**zeros * 5 >= worst)
    ticks = sorted({1, *range(step, worst + 1, step)} - ({2} if step == 2 else set()))
    figure.update_xaxes(range=[0.4, worst + 0.6], tickvals=ticks, tickangle=0, showgrid=True, zeroline=False)
    return figure


def raw_and_adjusted(board: pl.DataFrame, top: int = TOP) -> Canvas:
    """The share of successes as counted beside that on the same mix of work for all, the highest adjusted first."""
    titles = Titles(f"Success of {tries_of(board)}, counted and adjusted", "Success", "Rank and agent", of_board(board))
    rows = _highest(board, "mix_adjusted_accuracy", top)
    if not rows:
        return nothing(titles, _NONE)
    figure = _rows_figure(titles, _summary(titles, rows, board.height, _shares), rows, board.height)
    figure.add_scatter(
        x=[x for row in rows for x in (row["raw_accuracy"], row["mix_adjusted_accuracy"], None)],
        y=[y for place in range(len(rows)) for y in (place, place, None)],
        mode="lines",
        line={"color": _BETWEEN, "width": 6},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=[row["raw_accuracy"] for row in rows],
        y=list(range(len(rows))),
        mode="markers",
        marker={"color": VERMILLION, "size": 9, "symbol": "square-open", "line": {"width": 2}},
        cliponaxis=False,
        name="as counted",
        customdata=[_says(row) for row in rows],
        hovertemplate="%{customdata}<extra></extra>",
    )
    columns = ("mix_adjusted_accuracy", "mix_adjusted_lo90", "mix_adjusted_hi90")
    _add(figure, rows, "on the same mix, 90 % interval", *columns)
    key_below(figure)
    share_axis(figure)
    return figure


def tries_of(rows: pl.DataFrame) -> str:
    """What n counts in these rows, which are of one kind of trials."""
    return TRIALS[rows["kind"][0]].many if rows.height else "tries"


def of_board(board: pl.DataFrame) -> str:
    """Of which board the rows are, for a subtitle."""
    if board.is_empty():
        return ""
    kind, category = board.select("kind", "category").row(0)
    of = TRIALS[kind].heading
    return of if category is None else f"{of}: {plain(category)}"


def rated(value: float, low: float, high: float) -> str:
    """A rating with its interval, in words."""
    return f"{value:,.0f} (90 %: {low:,.0f} to {high:,.0f})"


def share_within(value: float, low: float | None, high: float | None) -> str:
    """A share with its 90 % interval, in words; where there is too little for an interval, that is said."""
    if low is None or high is None:
        return f"{share(value)} (too little for a 90 % interval)"
    return f"{share(value)} (90 %: {share(low)} to {share(high)})"


def _highest(board: pl.DataFrame, column: str, top: int) -> list[Row]:
    held = board.filter(pl.col(column).is_not_null())
    return held.sort([column, "attempts", "agent_id"], descending=[True, True, False]).head(top).to_dicts()


def _rows_figure(
    titles: Titles, summary: str, rows: Sequence[Row], n_rows: int, labels: Sequence[str] = (), heading: str = ""
) -> Canvas:
    """A canvas with names and, at the right, n or other labels."""
    left_out = n_rows - len(rows)
    figure = canvas(titles, summary, KEY_PX + rows_height(len(rows) + bool(left_out)))
    name_rows(figure, [f"{row['rank']} · {row['agent_id']}" for row in rows], left_out, MAX_NAME)
    figure.update_yaxes(showgrid=True)
    label_right(figure, labels or [f"{row['attempts']:,}" for row in rows], heading or TRIALS[rows[0]["kind"]].many)
    return figure


def _add(figure: Canvas, rows: Sequence[Row], words: str, value: str, low: str, high: str) -> None:
    """Dots with intervals, those of provisional agents hollow."""
    for is_provisional, sign in ((False, Sign(words)), (True, Sign(PROVISIONAL, BLUE, "circle-open"))):
        at = [place for place, row in enumerate(rows) if row["is_provisional"] == is_provisional]
        if at:
            shown = [rows[place] for place in at]
            intervals = [(row[low], row[high]) for row in shown]
            interval_dots(figure, at, [row[value] for row in shown], intervals, [_says(row) for row in shown], sign)


def _says(row: Row) -> str:
    lines = [
        f"<b>{plain(row['agent_id'])}</b>{', provisional' if row['is_provisional'] else ''}",
        f"Rating {_rating(row)}",
        f"Rank {_place(row)}",
        f"The best: {percent(row['p_top1'])}, among the first three: {percent(row['p_top3'])}",
        f"Success on the same mix: {_adjusted(row)}",
        f"As counted: {share(row['raw_accuracy'])} of {tried(row['attempts'], row['kind'])}, rank {row['raw_rank']}",
    ]
    if row["fragility"] is not None:
        fewer = counted(row["fragility"], "result")
        lines.append(f"Without {fewer}, as estimated, {plain(row['fragility_by'], 20)} would be rated highest")
    return "<br>".join(lines)


def _rating(row: Row) -> str:
    return rated(row["score"], row["score_lo90"], row["score_hi90"])


def _place(row: Row) -> str:
    return f"{row['rank']:,} (90 %: {row['rank_lo90']:,} to {row['rank_hi90']:,})"


def _adjusted(row: Row) -> str:
    return share_within(row["mix_adjusted_accuracy"], row["mix_adjusted_lo90"], row["mix_adjusted_hi90"])


def _shares(row: Row) -> str:
    return f"{share(row['raw_accuracy'])} as counted, {_adjusted(row)} on the same mix"


def _summary(titles: Titles, rows: Sequence[Row], n_rows: int, value: Any) -> str:
    told = "; ".join(
        f"{cut(row['agent_id'])} {value(row)}, {tried(row['attempts'], row['kind'])}"
        f"{', provisional' if row['is_provisional'] else ''}"
        for row in rows
    )
    left_out = f"; {more(n_rows - len(rows))}" if n_rows > len(rows) else ""
    return f"{titles.title} of {counted(n_rows, 'agent')}: {told}{left_out}."


_BETWEEN = "rgba(120,125,134,0.35)"  # the line between the two shares of an agent
