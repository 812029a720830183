"""Figures of rows with names, one beneath another: bars of counts, dots of shares with their intervals.

Not here: what they count (specialisation.py, work.py, badges.py, quality.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from pipelines.reports.figures.canvas import Canvas
from pipelines.reports.figures.style import BLUE, INK, plain

MAX_NAME = 24  # characters of a row's name
BAR = 0.62  # of the height of a row
QUARTERS = [0, 0.25, 0.5, 0.75, 1]
PERCENTS = ["0 %", "25 %", "50 %", "75 %", "100 %"]
HALVES = ["0 %", "", "50 %", "", "100 %"]  # the quarters, for narrow pages
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def count_bars(figure: Canvas, counts: Sequence[int], colour: str, said: Sequence[str]) -> None:
    """A bar a row. `said`: what stands under the pointer, with names made plain."""
    figure.add_bar(
        orientation="h",
        y=list(range(len(counts))),
        x=list(counts),
        width=BAR,
        marker={"color": colour},
        customdata=list(said),
        hovertemplate="%{customdata}<extra></extra>",
    )


@dataclass(frozen=True)
class Sign:
    """How dots of one kind look, and what they are called in the key."""

    words: str = ""
    colour: str = BLUE
    symbol: str = "circle"


def share_dots(
    figure: Canvas, shares: Sequence[float], intervals: Sequence[tuple[float, float]], said: Sequence[str]
) -> None:
    """A dot a row at its share, from 0 to 1, with the ends of its interval. `said`: as in `count_bars`."""
    interval_dots(figure, range(len(shares)), shares, intervals, said, Sign())


def interval_dots(
    figure: Canvas,
    rows: Sequence[int],
    values: Sequence[float],
    intervals: Sequence[tuple[float, float]],
    said: Sequence[str],
    sign: Sign,
) -> None:
    """Dots at `values` in these rows, counted from the top, each with the ends of its interval."""
    figure.add_scatter(
        y=list(rows),
        x=list(values),
        mode="markers",
        marker={"color": sign.colour, "size": 10, "symbol": sign.symbol, "line": {"width": _edge(sign)}},
        cliponaxis=False,
        name=sign.words,
        error_x={
            "type": "data",
            "array": [high - value for value, (_, high) in zip(values, intervals, strict=True)],
            "arrayminus": [value - low for value, (low, _) in zip(values, intervals, strict=True)],
            "color": INK,
            "thickness": 2,
            "width": 5,
        },
        customdata=list(said),
        hovertemplate="%{customdata}<extra></extra>",
    )


def name_rows(figure: Canvas, names: Sequence[str], n_more: int = 0, longest: int = MAX_NAME) -> None:
    """The y axis as rows with names, the first on top; beneath them how many more a table has."""
    ticks = [plain(name, longest) for name in names]
    if n_more:
        ticks.append(more(n_more))
    figure.update_yaxes(
        tickvals=list(range(len(ticks))),
        ticktext=ticks,
        range=[len(ticks) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )


def share_axis(figure: Canvas) -> None:
    """The x axis as shares from 0 to 100 %, a line each quarter; only the half is named between, for narrow pages."""
    figure.update_xaxes(range=[0, 1.02], showgrid=True, tickangle=0, tickvals=QUARTERS, ticktext=HALVES, zeroline=False)


def part_of_shares(low: float, high: float, most: int) -> dict[str, list[float] | list[str]]:
    """Round ticks from `low` to `high`, both shares, at most `most`; no format of Plotly's has `80 %`."""
    step = next((step for step in _STEPS if floor(high / step) - ceil(low / step) < most), 1)
    ticks = [round(n * step, 3) for n in range(ceil(low / step), floor(high / step) + 1)] or [low]
    return {"tickvals": ticks, "ticktext": [f"{tick * 100:.3g} %" for tick in ticks]}


def more(n_more: int) -> str:
    """What stands for rows that are not drawn."""
    return f"and {n_more:,} more in the table"


def mark_across(figure: Canvas, x: float) -> None:
    """A thin line from top to bottom: what the rows are to be seen against."""
    figure.add_shape(
        type="line", x0=x, x1=x, y0=0, y1=1, yref="paper", layer="below", line={"color": INK, "width": 1, "dash": "dot"}
    )


def label_right(figure: Canvas, labels: Sequence[str], heading: str = "") -> None:
    """A text of ours at the right edge of each row; `heading` stands beneath them, in the line of the axis' title."""
    at_right = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "showarrow": False}
    for place, label in enumerate(labels):
        figure.add_annotation(text=label, y=place, yanchor="middle", **at_right)
    if heading:
        figure.add_annotation(text=heading, y=0, yref="paper", yanchor="top", yshift=-20, **at_right)
    figure.update_layout(margin_r=18 + 7 * max(len(label) for label in [heading, *labels]))


def _edge(sign: Sign) -> int:
    """How thick the edge of a sign is: what is hollow has to be seen."""
    return 2 if sign.symbol.endswith("-open") else 0
