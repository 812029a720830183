"""The race as the script draws it: who was among the first after each day (of a long season week, or month).

Of a short season after each step of minutes (figures/spans.py).

Bounded whatever the season: at most MAX_STEPS steps of `top` entries, and names once. Not here: charts of ranks
(figures/race.py), how it moves (static/race.js).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.game.windows import window_end
from pipelines.reports.figures.spans import MINUTES, calendar, column, is_short, on_clock, one, pace, step_of, windows
from pipelines.reports.quantities import counted
from pipelines.reports.site.rendering import day

MAX_STEPS = 120
_LENGTHS = (("day", 1), ("week", 7), ("month", 31))


def gathered(days: pl.DataFrame, key: str, measure: str, each: str, zone: str = "UTC") -> pl.DataFrame:
    """What each had gathered at the end of each day, week or month: columns start, subject, score, rank.

    `days`: daily sums with `key`, `day` and `measure`. `each` may be a step of minutes of the clock of `zone`: then
    `days` hold instants, `at`, and `start` is the instant at which a step ends. Equal scores share a rank. Nobody
    stands in it with nothing. The order of rows is that of subjects and starts.
    """
    start = windows(days, each, zone)
    sums = days.filter(pl.col(measure) > 0).group_by(subject=key, start=start).agg(pl.col(measure).sum())
    starts = calendar(sums["start"], each).to_frame()
    everybody = starts.join(sums.select("subject").unique(), how="cross")
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
        if self.each in MINUTES:
            return f"{counted(len(self.labels), 'step')}, one {self.pace}"
        return counted(len(self.labels), self.each)

    @property
    def one(self) -> str:
        """What a step is called."""
        return one(self.each)

    @property
    def pace(self) -> str:
        """How the steps follow one another."""
        return pace(self.each)

    def for_script(self) -> dict[str, Any]:
        """The same for the script: `first` holds pairs of a name's place and a score, the most first."""
        return {"names": self.names, "labels": self.labels, "first": self.first}


def race(days: pl.DataFrame, key: str, measure: str, until: dt.date, top: int, zone: str = "UTC") -> Race | None:
    """The race of the first `top` from the first day with a gain up to `until`; None if nobody gained anything.

    If `until` is an instant, so are those of `days`.
    """
    when = column(until)
    gained = days.filter((pl.col(measure) > 0) & (pl.col(when) <= until))
    begin = gained[when].min()
    if not isinstance(begin, dt.date):
        return None
    each = step_of(gained, MAX_STEPS, zone) if is_short(until) else _length((until - begin).days + 1)
    shown = leaders(gathered(gained, key, measure, each, zone), top)
    last_first = shown.sort("start", "rank", "subject", descending=[True, False, False])  # neighbours differ in colour
    names = last_first["subject"].unique(maintain_order=True).to_list()
    place = {name: n for n, name in enumerate(names)}
    steps = shown.group_by("start", maintain_order=True).agg("subject", "score")
    first = [
        [(place[name], score) for name, score in zip(subjects, scores, strict=True)]
        for subjects, scores in steps.select("subject", "score").iter_rows()
    ]
    return Race(each, names, labels(steps["start"], each, until, zone)[-MAX_STEPS:], first[-MAX_STEPS:])


def labels(starts: pl.Series, each: str, until: dt.date, zone: str) -> list[str]:
    """When each window of `gathered` ends: `8 Mar 2026`, but not after `until`; of a step also the time of the day."""
    if each in MINUTES:
        return [f"{day(end)}, {end:%H:%M}" for end in (on_clock(start, zone) for start in starts)]
    ends = starts.to_frame("start").select(pl.min_horizontal(window_end(pl.col("start"), each), pl.lit(until)))
    return [day(end) for end in ends.to_series()]


def _length(n_days: int) -> str:
    return next((name for name, length in _LENGTHS if n_days <= length * MAX_STEPS), "month")
