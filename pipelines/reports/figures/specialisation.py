"""What someone is good at: shares that went right by problem, category or complexity, with how sure they are.

Every share has Wilson's 95 % interval and the number it is taken from: few tries prove little. Not here: agents beside
one another (work.py).
"""

from collections.abc import Sequence

import polars as pl

from pipelines.reports.figures.canvas import Canvas, Titles, canvas, nothing, rows_height
from pipelines.reports.figures.rows import BAR, label_right, name_rows, share_axis, share_dots
from pipelines.reports.figures.style import BLUE, cut, plain
from pipelines.reports.intervals import wilson
from pipelines.reports.quantities import counted, share

TOP = 15  # rows: those with the most tries
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
    return share_rows(rows, titles, "attempt", "No counted submissions yet")


def success_by_kind(rows: pl.DataFrame, kind: str = "category") -> Canvas:
    """The share of successful calls in each `kind`, of the rows of `by_kind`."""
    words = kind.replace("_", " ")
    titles = Titles(f"Success by {words}", "Success: successful calls / calls", words.capitalize(), _INTERVALS)
    return share_rows(rows, titles, "call", "No calls yet")


def share_rows(rows: pl.DataFrame, titles: Titles, one: str, empty: str, top: int = TOP) -> Canvas:
    """Bars of shares with their intervals, in the order of `rows`: `name`, `n_right`, `n`; the first `top` of them."""
    shown = rows.filter(pl.col("n") > 0).head(top)
    if shown.is_empty():
        return nothing(titles, empty)
    names, n_right, n = (shown[column].to_list() for column in ("name", "n_right", "n"))
    shares = [right / of for right, of in zip(n_right, n, strict=True)]
    sure = [wilson(right, of) for right, of in zip(n_right, n, strict=True)]
    figure = canvas(titles, _summary(names, n_right, n, titles.x, rows.height), rows_height(len(names)))
    figure.add_bar(
        orientation="h",
        y=list(range(len(names))),
        x=shares,
        width=BAR,
        marker={"color": BLUE, "opacity": 0.35},
        hoverinfo="skip",
        name="",
    )
    said = [
        f"<b>{plain(name)}</b><br>{right:,} of {counted(of, one)}: {share(value)}<br>95 % interval {share(low)} to "
        f"{share(high)}"
        for name, right, of, value, (low, high) in zip(names, n_right, n, shares, sure, strict=True)
    ]
    share_dots(figure, shares, sure, said)
    label_right(figure, [f"{right:,} of {of:,}" for right, of in zip(n_right, n, strict=True)])
    name_rows(figure, names)
    share_axis(figure)
    return figure


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
