"""What advice is worth: the share of successes had a policy chosen, with its interval and how much stands behind it.

Frames are rows of `recommender_backtest` of one kind of trials. Not here: how values are measured
(`insight/backtest.py`), whether predictions hold (trust.py).
"""

from typing import Any

import polars as pl

from pipelines.reports.figures.canvas import KEY_PX, Canvas, Titles, canvas, key_below, nothing, rows_height
from pipelines.reports.figures.ratings import share_within, tries_of
from pipelines.reports.figures.rows import Sign, interval_dots, label_right, mark_across, more, name_rows
from pipelines.reports.figures.style import BLUE, INK, VERMILLION, cut, plain

TOP = 30  # rows
MIN_SUPPORT = 50  # effective tries behind a policy's value: with fewer it is inconclusive
LOGGED = "logged"  # the policy that chose what the log holds
Row = dict[str, Any]


def policy_values(backtest: pl.DataFrame) -> Canvas:
    """The value of each policy, the highest first: the share of successes had it chosen, doubly robust.

    `backtest`: rows of `recommender_backtest` of one kind. Values with little support (MIN_SUPPORT effective tries) are
    hollow; a line marks what was done in the log.
    """
    titles = Titles(f"Values of policies for {tries_of(backtest)}", "Success had it chosen", "Policy")
    held = backtest.filter(pl.col("value").is_not_null() & (pl.col("n") > 0))
    rows = held.sort(["value", "policy"], descending=[True, False]).head(TOP).to_dicts()
    if not rows:
        return nothing(titles, "No policy could be judged yet")
    told = "; ".join(f"{cut(row['policy'])} {_value(row)}, {_support(row)}" for row in rows)
    ours = "".join(f" {cut(row['verdict'], 200)}" for row in rows if row["is_ours"] and row["verdict"])
    left_out = held.height - len(rows)
    rest = f"; {more(left_out)}" if left_out else ""
    figure = canvas(
        titles,
        f"Share of successes had a policy chosen: {told}{rest}.{ours}",
        KEY_PX + rows_height(len(rows) + bool(left_out)),
    )
    logged = [row["value"] for row in rows if row["policy"] == LOGGED]
    for value in logged:
        mark_across(figure, value)
    for words, is_ours, symbol, colour in (
        ("our advice", True, "square", VERMILLION),
        ("other policies", False, "circle", BLUE),
    ):
        for little in (False, True):
            chosen = [
                place for place, row in enumerate(rows)
                if row["is_ours"] == is_ours and (row["ess"] is not None and row["ess"] < MIN_SUPPORT) == little
            ]  # fmt: skip
            if chosen:
                shown = [rows[place] for place in chosen]
                sign = Sign(
                    f"{words}, little support" if little else words, colour, f"{symbol}-open" if little else symbol
                )
                intervals = [(row["lo90"], row["hi90"]) for row in shown]
                said = [_policy_says(row) for row in shown]
                interval_dots(figure, chosen, [row["value"] for row in shown], intervals, said, sign)
    if logged:
        _explain_line(figure, "as it was done")
    name_rows(figure, [row["policy"].replace("_", " ") for row in rows], left_out)
    label_right(figure, ["–" if row["ess"] is None else _whole(row["ess"]) for row in rows], "eff. n")
    key_below(figure)
    figure.update_yaxes(showgrid=True)
    figure.update_xaxes(showgrid=True, tickangle=0, nticks=5, tickformat=".0%", zeroline=False)
    return figure


def _value(row: Row) -> str:
    return share_within(row["value"], row["lo90"], row["hi90"])


def _support(row: Row) -> str:
    return f"n = {row['n']:,}" + (f", effective {_whole(row['ess'])}" if row["ess"] is not None else "")


def _whole(n: float) -> str:
    return f"{n:,.0f}"


def _policy_says(row: Row) -> str:
    lines = [f"<b>{plain(row['policy'])}</b>", f"Value {_value(row)}", _support(row)]
    if row["verdict"]:
        lines.append(plain(row["verdict"], 120))
    return "<br>".join(lines)


def _explain_line(figure: Canvas, words: str) -> None:
    """The line of `mark_across` in the key."""
    figure.add_scatter(
        x=[None], y=[None], mode="lines", line={"color": INK, "width": 1, "dash": "dot"}, hoverinfo="skip", name=words
    )
