"""What someone is good at: shares that went right by problem, category or complexity, with how sure they are.

Every share has Wilson's 95 % interval and the number it is taken from: few tries prove little. Not here: agents beside
one another (work.py).
"""

from collections.abc import Sequence

import polars as pl

from pipelines.reports.figures.canvas import Canvas, Titles, canvas, nothing, rows_height
from pipelines.reports.figures.style import BLUE, INK, cut, plain
from pipelines.reports.intervals import wilson
from pipelines.reports.quantities import share

TOP = 15  # rows: those with the most tries
MAX_NAME = 24  # characters of a row's name
UNKNOWN = "(not said)"


def by_problem(submissions: pl.DataFrame) -> pl.DataFrame:
    """Counted submissions by problem, the most first: `name`, `n_right` (tasks completed) and `n` (attempts)."""
    counted = submissions.filter("is_counted")
    return _counted(counted, "problem", pl.col("verdict") == "verified")


def by_kind(calls: pl.DataFrame, kind: str = "category") -> pl.DataFrame:
    """Agent calls by `category`, `complexity` or `action_type`: `name`, `n_right` (successes) and `n` (calls)."""
    return _counted(calls, kind, pl.col("success"))


def accuracy_by_problem(rows: pl.DataFrame) -> Canvas:
    """The accuracy on each problem, of the rows of `by_problem`."""
    titles = Titles("Accuracy by problem", "Accuracy: tasks completed / attempts", "Problem", _INTERVALS)
    return share_rows(rows, titles, "attempts", "No counted submissions yet")


def success_by_kind(rows: pl.DataFrame, kind: str = "category") -> Canvas:
    """The share of successful calls in each `kind`, of the rows of `by_kind`."""
    words = kind.replace("_", " ")
    titles = Titles(f"Success by {words}", "Success: successful calls / calls", words.capitalize(), _INTERVALS)
    return share_rows(rows, titles, "calls", "No calls yet")


def share_rows(rows: pl.DataFrame, titles: Titles, tries: str, empty: str, top: int = TOP) -> Canvas:
    """Bars of shares with their intervals, in the order of `rows`: `name`, `n_right`, `n`; the first `top` of them."""
    shown = rows.filter(pl.col("n") > 0).head(top)
    if shown.is_empty():
        return nothing(titles, empty)
    names, n_right, n = (shown[column].to_list() for column in ("name", "n_right", "n"))
    shares = [right / of for right, of in zip(n_right, n, strict=True)]
    sure = [wilson(right, of) for right, of in zip(n_right, n, strict=True)]
    figure = canvas(titles, _summary(names, n_right, n, titles.x, rows.height), rows_height(len(names)))
    places = list(range(len(names)))
    figure.add_bar(
        orientation="h",
        y=places,
        x=shares,
        width=0.62,
        marker={"color": BLUE, "opacity": 0.35},
        hoverinfo="skip",
        name="",
    )
    figure.add_scatter(
        y=places,
        x=shares,
        mode="markers",
        marker={"color": BLUE, "size": 10},
        cliponaxis=False,
        name="",
        error_x={
            "type": "data",
            "array": [high - value for value, (_, high) in zip(shares, sure, strict=True)],
            "arrayminus": [value - low for value, (low, _) in zip(shares, sure, strict=True)],
            "color": INK,
            "thickness": 2,
            "width": 5,
        },
        customdata=[
            f"<b>{plain(name)}</b><br>{right:,} of {of:,} {tries}: {share(value)}<br>95 % interval {share(low)} to "
            f"{share(high)}"
            for name, right, of, value, (low, high) in zip(names, n_right, n, shares, sure, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    label_right(figure, [f"{right:,} of {of:,}" for right, of in zip(n_right, n, strict=True)])
    name_rows(figure, names)
    share_axis(figure)
    return figure


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


def _counted(rows: pl.DataFrame, by: str, is_right: pl.Expr) -> pl.DataFrame:
    """How many rows and right ones there are of each value, the most first; null is one of them."""
    return (
        rows.group_by(name=pl.col(by).fill_null(UNKNOWN))
        .agg(n_right=is_right.sum().cast(pl.Int64), n=pl.len().cast(pl.Int64))
        .sort(["n", "name"], descending=[True, False])
    )


def _summary(names: Sequence[str], n_right: Sequence[int], n: Sequence[int], what: str, n_rows: int) -> str:
    told = "; ".join(
        f"{cut(name)} {share(right / of)} ({right:,} of {of:,})"
        for name, right, of in zip(names, n_right, n, strict=True)
    )
    left_out = f" {n_rows - len(names):,} with fewer are not shown." if n_rows > len(names) else ""
    return f"{what}. {told}.{left_out}"


_INTERVALS = "Whiskers: 95 % interval (Wilson)"
