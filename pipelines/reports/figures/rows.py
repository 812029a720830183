"""Figures of rows with names, one beneath another: bars of counts, dots of shares with their intervals.

Not here: what they count (specialisation.py, work.py, badges.py, quality.py).
"""

from collections.abc import Sequence

from pipelines.reports.figures.canvas import Canvas
from pipelines.reports.figures.style import BLUE, INK, plain

MAX_NAME = 24  # characters of a row's name
BAR = 0.62  # of the height of a row


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


def share_dots(
    figure: Canvas, shares: Sequence[float], intervals: Sequence[tuple[float, float]], said: Sequence[str]
) -> None:
    """A dot a row at its share, from 0 to 1, with the ends of its interval. `said`: as in `count_bars`."""
    figure.add_scatter(
        y=list(range(len(shares))),
        x=list(shares),
        mode="markers",
        marker={"color": BLUE, "size": 10},
        cliponaxis=False,
        name="",
        error_x={
            "type": "data",
            "array": [high - value for value, (_, high) in zip(shares, intervals, strict=True)],
            "arrayminus": [value - low for value, (low, _) in zip(shares, intervals, strict=True)],
            "color": INK,
            "thickness": 2,
            "width": 5,
        },
        customdata=list(said),
        hovertemplate="%{customdata}<extra></extra>",
    )


def name_rows(figure: Canvas, names: Sequence[str]) -> None:
    """The y axis as rows with names, the first on top."""
    ticks = [plain(name, MAX_NAME) for name in names]
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=ticks,
        range=[len(names) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )


def share_axis(figure: Canvas) -> None:
    """The x axis as shares from 0 to 100 %, a line each quarter; only the half is named between, for narrow pages."""
    named = ["0 %", "", "50 %", "", "100 %"]
    figure.update_xaxes(
        range=[0, 1.02], showgrid=True, tickangle=0, tickvals=[0, 0.25, 0.5, 0.75, 1], ticktext=named, zeroline=False
    )


def label_right(figure: Canvas, labels: Sequence[str]) -> None:
    """A text of ours at the right edge of each row."""
    for place, label in enumerate(labels):
        figure.add_annotation(
            text=label, x=1, xref="paper", xanchor="left", xshift=6, y=place, yanchor="middle", showarrow=False
        )
    figure.update_layout(margin_r=18 + 7 * max(len(label) for label in labels))
