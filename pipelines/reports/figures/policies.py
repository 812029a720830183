"""What advice is worth: the share of successes had a policy chosen, with its interval and how much stands behind it.

Frames are rows of `recommender_backtest` of one kind of trials. Not here: how values are measured
(`insight/backtests/recommender.py`), whether predictions hold (trust.py).
"""

from typing import Any

import polars as pl

from pipelines.insight.backtests.policies import LOGGED
from pipelines.insight.backtests.recommender import LEAST_EVIDENCE
from pipelines.insight.backtests.words import NAMES
from pipelines.reports.figures.canvas import KEY_PX, Canvas, Titles, canvas, key_below, nothing, rows_height
from pipelines.reports.figures.ratings import share_within, tries_of
from pipelines.reports.figures.rows import (
    MAX_NAME,
    Sign,
    interval_dots,
    label_right,
    mark_across,
    name_rows,
    part_of_shares,
)
from pipelines.reports.figures.style import BLUE, INK, VERMILLION, cut, plain
from pipelines.reports.quantities import share

Row = dict[str, Any]
_ROW = 1.4  # of the usual height of a row: names have two lines
_KINDS = (("our advice", True, "square", VERMILLION), ("other rules", False, "circle", BLUE))


def policy_values(backtest: pl.DataFrame) -> Canvas:
    """The value of each policy, the highest first: the share of successes had it chosen, doubly robust.

    `backtest`: rows of `recommender_backtest` of one kind. Values that rest on fewer than LEAST_EVIDENCE effective
    trials are hollow; a line marks what was done in the log.
    """
    titles = Titles(f"Values of rules for {tries_of(backtest)}", "Expected success", "Rule")
    if backtest.is_empty():
        return nothing(titles, "No rule could be judged yet")
    rows = backtest.filter(pl.col("value").is_not_null()).sort(["value", "policy"], descending=[True, False]).to_dicts()
    if not rows:
        return nothing(titles, f"Too few {tries_of(backtest)} to judge a rule")
    height = KEY_PX + rows_height(round(_ROW * len(rows)))
    figure = canvas(titles, " ".join(cut(row["sentence"], 400) for row in rows), height)
    for words, is_ours, symbol, colour in _KINDS:
        for is_little, sign in (
            (False, Sign(words, colour, symbol)),
            (True, Sign(f"{words}, little support", colour, f"{symbol}-open")),
        ):
            at = [n for n, row in enumerate(rows) if row["is_ours"] == is_ours and _is_little(row) == is_little]
            if at:
                shown = [rows[place] for place in at]
                values, said = [row["value"] for row in shown], [_says(row) for row in shown]
                interval_dots(figure, at, values, [_ends(row) for row in shown], said, sign)
    for row in rows:
        if row["policy"] == LOGGED:
            _mark_logged(figure, row["value"])
    name_rows(figure, [row["policy"] for row in rows])
    figure.update_yaxes(ticktext=[_in_two_lines(row["policy"]) for row in rows])
    label_right(figure, ["–" if row["ess"] is None else f"{row['ess']:,.0f}" for row in rows], "eff. n")
    key_below(figure)
    figure.update_yaxes(showgrid=True)
    ends = [end for row in rows for end in (*_ends(row), row["value"])]
    low, high = max(min(ends), 0), min(max(ends), 1)
    figure.update_xaxes(showgrid=True, tickangle=0, zeroline=False, **part_of_shares(low, high, 5))
    return figure


def _name(policy: str) -> str:
    """The policy as the table beside the figure names it."""
    return NAMES.get(policy, policy)


def _in_two_lines(policy: str) -> str:
    """Its name for a phone: without what all begin with, and broken before the place where it looks."""
    name = _name(policy).removeprefix("the agent ").removeprefix("of the ")
    return "<br>".join(plain(part, MAX_NAME) for part in name.replace(" in the ", "\nin the ").split("\n"))


def _is_little(row: Row) -> bool:
    return row["ess"] is not None and row["ess"] < LEAST_EVIDENCE


def _ends(row: Row) -> tuple[float, float]:
    """Of too few users there is no interval, and no bar is drawn."""
    return (row["value"], row["value"]) if row["lo90"] is None else (row["lo90"], row["hi90"])


def _says(row: Row) -> str:
    effective = "" if row["ess"] is None else f", effective {row['ess']:,.0f}"
    lines = [
        f"<b>{plain(_name(row['policy']))}</b>",
        f"Value {share_within(row['value'], row['lo90'], row['hi90'])}",
        f"n = {row['n']:,}{effective}",
    ]
    if row["claimed"] is not None:
        lines.append(f"It promised itself {share(row['claimed'])}")
    if row["verdict"] is not None:
        lines.append(f"Beside the best simple rule: {plain(row['verdict'])}")
    return "<br>".join(lines)


def _mark_logged(figure: Canvas, value: float) -> None:
    """A line across at what was done, with its words in the key."""
    mark_across(figure, value)
    figure.add_scatter(
        x=[None],
        y=[None],
        mode="lines",
        line={"color": INK, "width": 1, "dash": "dot"},
        hoverinfo="skip",
        name=NAMES[LOGGED],
    )
