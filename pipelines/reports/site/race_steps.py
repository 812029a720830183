"""The race as the script draws it: who was among the first after each day (of a long season week, or month).

Bounded whatever the season: at most MAX_STEPS steps of `top` entries, and names once. Not here: charts of ranks
(figures/race.py), how it moves (static/race.js).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.game.windows import window_end, window_start
from pipelines.reports.quantities import counted
from pipelines.reports.site.rendering import day

MAX_STEPS = 120
_EVERY = {"day": "1d", "week": "1w", "month": "1mo"}
_LENGTHS = (("day", 1), ("week", 7), ("month", 31))


def gathered(days: pl.DataFrame, key: str, measure: str, each: str) -> pl.DataFrame:
    """What each had gathered at the end of each day, week or month: columns start, subject, score, rank.

    `days`: daily sums with `key`, `day` and `measure`. Equal scores share a rank. Nobody stands in it with nothing. The
    order of rows is that of subjects and starts.
    """
    start = window_start(pl.col("day"), each)
    sums = days.filter(pl.col(measure) > 0).group_by(subject=key, start=start).agg(pl.col(measure).sum())
    calendar = sums.select(
        pl.date_range(pl.col("start").min(), pl.col("start").max(), _EVERY[each]).alias("start")
        if sums.height
        else pl.col("start")
    )
    everybody = calendar.join(sums.select("subject").unique(), how="cross")
    scores = everybody.join(sums, on=["subject", "start"], how="left").sort("subject", "start")
    summed = scores.with_columns(score=pl.col(measure).fill_null(0).cum_sum().over("subject"))
    ranked = summed.filter(pl.col("score") > 0).with_columns(
        rank=pl.col("score").rank("min", descending=True).over("start").cast(pl.Int64)
    )
    return ranked.select("start", "subject", "score", "rank")


def leaders(rows: pl.DataFrame, top: int) -> pl.DataFrame:
    """The first `top` of every start, in order; of equals the first by name. `rows`: `gathered`."""
    ordered = rows.filter(pl.col("rank") <= top).sort("start", "rank", "subject")
    return ordered.filter(pl.int_range(pl.len()).over("start") < top)


@dataclass(frozen=True)
class Race:
    """The steps of a race: how long one is; names, who leads now first; of each step its label and the first."""

    each: str
    names: list[str]
    labels: list[str]
    first: list[list[tuple[int, int]]]

    @property
    def spoken(self) -> str:
        """How many steps of which length."""
        return counted(len(self.labels), self.each)

    def for_script(self) -> dict[str, Any]:
        """The same for the script: `first` holds pairs of a name's place and a score, the most first."""
        return {"names": self.names, "labels": self.labels, "first": self.first}


def race(days: pl.DataFrame, key: str, measure: str, until: dt.date, top: int) -> Race | None:
    """The race of the first `top` from the first day with a gain up to `until`; None if nobody gained anything."""
    gained = days.filter((pl.col(measure) > 0) & (pl.col("day") <= until))
    begin = gained["day"].min()
    if not isinstance(begin, dt.date):
        return None
    n_days = (until - begin).days + 1
    each = next((name for name, length in _LENGTHS if n_days <= length * MAX_STEPS), "month")
    shown = leaders(gathered(gained, key, measure, each), top)
    last_first = shown.sort("start", "rank", "subject", descending=[True, False, False])  # neighbours differ in colour
    names = last_first["subject"].unique(maintain_order=True).to_list()
    place = {name: n for n, name in enumerate(names)}
    steps = shown.group_by("start", maintain_order=True).agg("subject", "score")
    ends = steps.select(pl.min_horizontal(window_end(pl.col("start"), each), pl.lit(until))).to_series()
    first = [
        [(place[name], score) for name, score in zip(subjects, scores, strict=True)]
        for subjects, scores in steps.select("subject", "score").iter_rows()
    ]
    return Race(each, names, [day(end) for end in ends][-MAX_STEPS:], first[-MAX_STEPS:])
