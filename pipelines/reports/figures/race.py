"""Who is ahead of whom, week after week: ranks inside each window, and ranks by all that was gathered until then.

Not here: what they gathered (growth.py), how ranks are made (`game/leaderboards.py`).
"""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from pipelines.game.windows import window_start
from pipelines.reports.figures.canvas import HEIGHT, Canvas, Titles, add_line, canvas, date_axis, label_ends, nothing
from pipelines.reports.figures.growth import UNITS
from pipelines.reports.figures.style import MAX_SERIES, cut

TOP = 8
MAX_WINDOWS = 60  # the last ones: more ranks than that cannot be told apart
EACH = {"day": "Day", "week": "Week, by its Monday", "month": "Month, by its first day"}


def rank_race(entries: pl.DataFrame, top: int = TOP) -> Canvas:
    """The ranks on one board in each of its calendar windows: lines that cross, with gaps where one had no entry.

    `entries`: rows of `leaderboards` of one board, one kind of window (day, week or month) and one scope. Shown are
    the `top` with the largest sum of scores over the windows; ranks are those of the board, over all its entries.
    """
    each = entries["window"][0] if entries.height else "week"
    titles = Titles(f"Ranks of the leaders, {each} by {each}", EACH.get(each, "From"), "Rank")
    starts = sorted(entries["window_start_on"].drop_nulls().unique().to_list())[-MAX_WINDOWS:]
    if not starts:
        return nothing(titles, "No ranks yet")
    shown = entries.filter(pl.col("window_start_on").is_in(starts))
    sums = (
        shown.group_by("subject_id").agg(pl.col("score").sum()).sort(["score", "subject_id"], descending=[True, False])
    )
    return _bumps(shown, sums["subject_id"].to_list(), top, starts, titles, each)


def cumulative_race(
    days: pl.DataFrame, measure: str = "points", top: int = TOP, *, key: str = "agent_id", each: str = "week"
) -> Canvas:
    """The ranks by all that was gathered up to the end of each week (or day, month) of the rulebook's calendar.

    `days`: daily sums with `key`, `day` and `measure`. Equal sums share a rank. Shown are the `top` of the last week.
    """
    unit = UNITS[measure]
    titles = Titles(f"Ranks by {unit} gathered so far", EACH[each], "Rank", f"At the end of each {each}")
    gained = days.filter(pl.col(measure) > 0)
    if gained.is_empty():
        return nothing(titles, f"No {unit} yet")
    sums = gained.group_by(key, window_start(pl.col("day"), each).alias("start")).agg(pl.col(measure).sum())
    step = {"day": "1d", "week": "1w", "month": "1mo"}[each]
    calendar = sums.select(pl.date_range(pl.col("start").min(), pl.col("start").max(), step).alias("start"))
    entries = (
        calendar.join(sums.select(key).unique(), how="cross")
        .join(sums, on=["start", key], how="left")
        .sort(key, "start")
        .with_columns(score=pl.col(measure).fill_null(0).cum_sum().over(key))
        .filter(pl.col("score") > 0)
        .with_columns(rank=pl.col("score").rank("min", descending=True).over("start"))
        .select("rank", "score", subject_id=key, window_start_on="start")
    )
    final = entries.filter(pl.col("window_start_on") == pl.col("window_start_on").max()).sort(
        ["score", "subject_id"], descending=[True, False]
    )
    return _bumps(entries, final["subject_id"].to_list(), top, calendar["start"].to_list()[-MAX_WINDOWS:], titles, each)


def _bumps(
    entries: pl.DataFrame, leaders: Sequence[str], top: int, starts: Sequence[dt.date], titles: Titles, each: str
) -> Canvas:
    """One line a leader over all `starts`; None, a gap, where it has no entry."""
    shown = leaders[: min(top, MAX_SERIES)]
    rows = (
        entries.filter(pl.col("subject_id").is_in(list(shown))).select("subject_id", "window_start_on", "rank").rows()
    )
    ranks = {(subject, at): rank for subject, at, rank in rows}
    lines = {subject: [ranks.get((subject, at)) for at in starts] for subject in shown}
    worst = max(rank for line in lines.values() for rank in line if rank is not None)
    figure = canvas(titles, _summary(lines, starts, each), max(HEIGHT, 150 + 20 * min(int(worst), 20)))
    for place, (subject, line) in enumerate(lines.items()):
        add_line(figure, place, subject, starts, line, "%{x|%d %b %Y}<br>rank %{y}", "linear")
    figure.update_traces(marker_maxdisplayed=0, marker_size=9)
    date_axis(figure, starts[0], starts[-1])
    ends = [(subject, [rank for rank in line if rank is not None][-1]) for subject, line in lines.items()]
    label_ends(figure, ends, 0.5, worst + 0.5, downwards=True)
    if len(starts) <= 8:
        named = starts[:: -(-len(starts) // 4)]
        names = [f"{at:%d %b}" for at in named]
        figure.update_xaxes(tickvals=[at.isoformat() for at in named], ticktext=names)
    figure.update_yaxes(dtick=max(1, -(-int(worst) // 20)), tick0=1, zeroline=False)
    return figure


def _summary(lines: dict[str, list[int | None]], starts: Sequence[dt.date], each: str) -> str:
    told = "; ".join(
        f"{cut(subject)}: {', '.join('none' if rank is None else str(rank) for rank in line[-6:])}"
        for subject, line in lines.items()
    )
    return f"Ranks in the last {min(len(starts), 6)} of {len(starts)} {each}s, up to that of {starts[-1]}. {told}."
