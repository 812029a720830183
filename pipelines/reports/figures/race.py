"""Who is ahead of whom, week after week: ranks inside each window, and ranks by all that was gathered until then.

Not here: what they gathered (growth.py), how ranks are made (`game/leaderboards.py`).
"""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from pipelines.reports.figures.canvas import HEIGHT, Canvas, Titles, add_line, canvas, date_axis, label_ends, nothing
from pipelines.reports.figures.growth import UNITS
from pipelines.reports.figures.spans import MINUTES, calendar, on_clock, pace, windows
from pipelines.reports.figures.style import MAX_SERIES, cut

TOP = 8
MAX_WINDOWS = 60  # the last ones: more ranks than that cannot be told apart
EACH = {"day": "Day", "week": "Week, by its Monday", "month": "Month, by its first day"}
_FEW = 20  # windows: of more the signs of a phone's width would be one band


def rank_race(entries: pl.DataFrame, top: int = TOP) -> Canvas:
    """The ranks on one board in each of its calendar windows: lines that cross, with gaps where one had no entry.

    `entries`: rows of `leaderboards` of one board, one kind of window (day, week or month) and one scope. Shown are
    the `top` with the largest sum of scores over the windows; ranks are those of the board, over all its entries.
    """
    each = entries["window"][0] if entries.height else "week"
    titles = Titles(f"Ranks of the leaders, {each} by {each}", EACH.get(each, "From"), "Rank")
    held = entries["window_start_on"].drop_nulls()
    if held.is_empty():
        return nothing(titles, "No ranks yet")
    starts = _calendar(held, each)
    shown = entries.filter(pl.col("window_start_on").is_in(starts))
    sums = shown.group_by("subject_id").agg(pl.col("score").sum())
    leaders = sums.sort(["score", "subject_id"], descending=[True, False])["subject_id"].head(_n_lines(top)).to_list()
    rows = shown.filter(pl.col("subject_id").is_in(leaders)).select("subject_id", "window_start_on", "rank").rows()
    ranks = {(subject, at): rank for subject, at, rank in rows}
    return _bumps({subject: [ranks.get((subject, at)) for at in starts] for subject in leaders}, starts, titles, each)


def cumulative_race(
    days: pl.DataFrame,
    measure: str = "points",
    top: int = TOP,
    *,
    key: str = "agent_id",
    each: str = "week",
    zone: str = "UTC",
) -> Canvas:
    """The ranks by all that was gathered up to the end of each week (or day, month) of the rulebook's calendar.

    `days`: daily sums with `key`, `day` and `measure`. Equal sums share a rank, over all that have gathered anything by
    then. Shown are the `top` of the last week. `each` may be a step of minutes (spans.MINUTES): `days` then hold
    instants (`spans.by_instant`), and the axis shows the clock of `zone`.
    """
    unit = UNITS[measure]
    titles = Titles(f"Ranks by {unit} gathered so far", EACH.get(each, f"Time ({zone})"), "Rank", _paced(each))
    gained = days.filter(pl.col(measure) > 0).select(
        key, pl.col(measure).cast(pl.Int64), start=windows(days, each, zone)
    )
    if gained.is_empty():
        return nothing(titles, f"No {unit} yet")
    starts = _calendar(gained["start"], each)
    # One row for each subject, one column for each window that is shown; what was gained before them is in the first.
    gains = (
        gained.with_columns(pl.col("start").clip(starts[0]).cast(pl.String))
        .pivot("start", index=key, values=measure, aggregate_function="sum")
        .with_columns(pl.exclude(key).fill_null(0))
    )
    sums = gains.select(key, score=pl.sum_horizontal(pl.exclude(key)), place=pl.int_range(pl.len()))
    leaders = sums.sort(["score", key], descending=[True, False]).head(_n_lines(top))
    lines: dict[str, list[int | None]] = {subject: [] for subject in leaders[key]}
    so_far = pl.zeros(gains.height, dtype=pl.Int64, eager=True)
    for start in pl.Series(starts).cast(pl.String):
        if start in gains.columns:
            so_far = so_far + gains[start]
        for line, score in zip(lines.values(), so_far.gather(leaders["place"]), strict=True):
            line.append(int((so_far > score).sum()) + 1 if score else None)
    return _bumps(lines, [on_clock(start, zone) for start in starts], titles, each)


def _calendar(starts: pl.Series, each: str) -> list[dt.date]:
    """All windows from the first start to the last, also those in which nothing happened; of many the last ones."""
    return calendar(starts, each).tail(MAX_WINDOWS).to_list()


def _paced(each: str) -> str:
    return pace(each).capitalize() if each in MINUTES else f"At the end of each {each}"


def _n_lines(top: int) -> int:
    return max(1, min(top, MAX_SERIES))


def _bumps(lines: dict[str, list[int | None]], starts: Sequence[dt.date], titles: Titles, each: str) -> Canvas:
    """One line a leader over all `starts`; None, a gap, where it has no place."""
    worst = max(rank for line in lines.values() for rank in line if rank is not None)
    figure = canvas(titles, _summary(lines, starts, each), max(HEIGHT, 150 + 20 * min(worst, 20)))
    seen = "%d %b %Y, %H:%M" if each in MINUTES else "%d %b %Y"
    for place, (subject, line) in enumerate(lines.items()):
        add_line(figure, place, subject, starts, line, f"%{{x|{seen}}}<br>rank %{{y}}", "linear")
    few = len(starts) <= _FEW
    figure.update_traces(marker_maxdisplayed=0, marker_size=9 if few else 5, line_width=2 if few else 1)
    date_axis(figure, starts[0], starts[-1])
    ends = [(subject, [rank for rank in line if rank is not None][-1]) for subject, line in lines.items()]
    label_ends(figure, ends, 0.5, worst + 0.5, downwards=True)
    if len(starts) <= 8 and each not in MINUTES:
        named = starts[:: -(-len(starts) // 4)]
        names = [f"{at:%d %b}" for at in named]
        figure.update_xaxes(tickvals=[at.isoformat() for at in named], ticktext=names)
    figure.update_yaxes(dtick=max(1, -(-worst // 20)), tick0=1, zeroline=False)
    return figure


def _summary(lines: dict[str, list[int | None]], starts: Sequence[dt.date], each: str) -> str:
    told = "; ".join(
        f"{cut(subject)}: {', '.join('none' if rank is None else str(rank) for rank in line[-6:])}"
        for subject, line in lines.items()
    )
    if each in MINUTES:
        steps = f"the last {min(len(starts), 6)} of {len(starts)} steps, {pace(each)} up to {starts[-1]:%Y-%m-%d %H:%M}"
        return f"Ranks at {steps}. {told}."
    return f"Ranks in the last {min(len(starts), 6)} of {len(starts)} {each}s, up to that of {starts[-1]}. {told}."
