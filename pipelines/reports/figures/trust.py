"""Whether to trust what is predicted: reliability of probabilities, coverage of intervals.

Not here: how they are measured (`insight/backtests/calibration.py`), whether the checks pass, what advice is worth
(policies.py).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import polars as pl

from pipelines.insight.forecasts.conformal import HIGH, LOW
from pipelines.reports.figures.canvas import KEY_PX, Canvas, Titles, canvas, key_below, nothing, rows_height
from pipelines.reports.figures.ratings import share_within, tries_of
from pipelines.reports.figures.rows import (
    BAR,
    PERCENTS,
    QUARTERS,
    Sign,
    interval_dots,
    label_right,
    more,
    name_rows,
    share_axis,
)
from pipelines.reports.figures.style import BLUE, INK, SKY, VERMILLION, cut, plain
from pipelines.reports.quantities import counted, share

TOP = 30  # rows
FORETOLD = HIGH - LOW  # the share that the range of a forecast is meant to hold
Row = dict[str, Any]


def reliability(bins: pl.DataFrame) -> Canvas:
    """The measured share of successes against the predicted one, a dot a bin with its 90 % interval; beneath it n.

    `bins`: rows of `recommender_calibration` of one kind and model. On the diagonal a prediction is right.
    """
    titles = Titles(
        f"Predicted and measured success of {tries_of(bins)}", "Predicted chance of success", "Measured share"
    )
    held = bins.filter(pl.col("n") > 0).sort("predicted", "bin").to_dicts()
    if not held:
        return nothing(titles, "No predictions have met their results yet")
    inside = sum(row["lo90"] <= row["predicted"] <= row["hi90"] for row in held)
    told = "; ".join(
        f"predicted {share(row['predicted'])}, measured {share_within(row['observed'], row['lo90'], row['hi90'])}, "
        f"n = {row['n']:,}"
        for row in held
    )
    summary = (
        f"In {inside} of {counted(len(held), 'bin')} the 90 % interval of what was measured holds what was predicted: "
        f"{told}."
    )
    figure = canvas(titles, summary, 460 + KEY_PX)
    _add_bins(figure, held)
    key_below(figure)
    ticks = {"tickvals": QUARTERS, "ticktext": PERCENTS}
    figure.update_layout(
        xaxis={"range": [-0.03, 1.03], "anchor": "y2", "showgrid": True, "tickangle": 0, "zeroline": False, **ticks},
        yaxis={"range": [-0.02, 1.02], "domain": [0.3, 1], "zeroline": False, **ticks},
        yaxis2={"domain": [0, 0.22], "title": {"text": "n"}, "rangemode": "tozero", "nticks": 3, "tickformat": ",d"},
    )
    return figure


def _add_bins(figure: Canvas, held: Sequence[Row]) -> None:
    """The diagonal, a dot a bin with its interval, and in the lower panel its n."""
    x = [row["predicted"] for row in held]
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": INK, "width": 1.5, "dash": "dot"}, hoverinfo="skip",
        name="prediction = measure",
    )  # fmt: skip
    figure.add_scatter(
        x=x,
        y=[row["observed"] for row in held],
        mode="markers",
        marker={"color": BLUE, "size": 9},
        error_y={
            "type": "data",
            "array": [row["hi90"] - row["observed"] for row in held],
            "arrayminus": [row["observed"] - row["lo90"] for row in held],
            "color": INK,
            "thickness": 2,
            "width": 5,
        },
        customdata=[_bin_says(row) for row in held],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
        name="measured, 90 % interval",
    )
    figure.add_bar(
        x=x,
        y=[row["n"] for row in held],
        width=_width(x),
        yaxis="y2",
        marker={"color": SKY},
        customdata=[_bin_says(row) for row in held],
        hovertemplate="%{customdata}<extra></extra>",
        name="n",
        showlegend=False,
    )


def coverage(measured: pl.DataFrame, top: int = TOP) -> Canvas:
    """How often intervals held what came, beside how often they were meant to.

    `measured`: in the order of the rows `name`, `nominal` and `measured` (shares), `lo90`, `hi90` (of the measured
    one; null where nothing can be said) and `n`.
    """
    titles = Titles("Coverage of intervals", "Share that held", "Intervals")
    held = measured.filter(pl.col("n") > 0)
    rows = held.head(top).to_dicts()
    if not rows:
        return nothing(titles, "No intervals have met what they foretold yet")
    left_out = held.height - len(rows)
    told = "; ".join(
        f"{cut(row['name'])} meant {share(row['nominal'])}, measured "
        f"{share_within(row['measured'], row['lo90'], row['hi90'])}, n = {row['n']:,}"
        for row in rows
    )
    rest = f"; {more(left_out)}" if left_out else ""
    figure = canvas(titles, f"Coverage: {told}{rest}.", KEY_PX + rows_height(len(rows) + bool(left_out)))
    figure.add_bar(
        orientation="h",
        y=list(range(len(rows))),
        x=[row["measured"] for row in rows],
        width=BAR,
        marker={"color": BLUE, "opacity": 0.35},
        hoverinfo="skip",
        name="measured, 90 % interval",
    )
    said = [_coverage_says(row) for row in rows]
    interval_dots(
        figure, range(len(rows)), [row["measured"] for row in rows], [_ends(row) for row in rows],
        said, Sign("", BLUE),
    )  # fmt: skip
    figure.data[-1].showlegend = False
    figure.add_scatter(
        x=[row["nominal"] for row in rows],
        y=list(range(len(rows))),
        mode="markers",
        marker={"symbol": "line-ns", "size": 20, "line": {"width": 3, "color": VERMILLION}},
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
        name="meant",
    )
    name_rows(figure, [row["name"] for row in rows], left_out)
    label_right(figure, [f"{row['n']:,}" for row in rows], "n")
    key_below(figure)
    share_axis(figure)
    return figure


def _width(x: Sequence[float]) -> float:
    """As wide as bars of n can be without touching; no wider than a tenth, and never a hair."""
    gaps = [right - left for left, right in pairwise(x)]
    return max(min([0.08, *(0.9 * gap for gap in gaps)]), 0.012)


def _bin_says(row: Row) -> str:
    measured = share_within(row["observed"], row["lo90"], row["hi90"])
    return f"Predicted {share(row['predicted'])}<br>Measured {measured}<br>n = {row['n']:,}"


def _coverage_says(row: Row) -> str:
    meant = f"Meant {share(row['nominal'])}<br>Measured {share_within(row['measured'], row['lo90'], row['hi90'])}"
    return f"<b>{plain(row['name'])}</b><br>{meant}<br>n = {row['n']:,}"


def _ends(row: Row) -> tuple[float, float]:
    """Where there is no interval, no bar is drawn."""
    low, high = (row["measured"] if row[end] is None else row[end] for end in ("lo90", "hi90"))
    return low, high
