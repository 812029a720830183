"""How finely time is told: a season in its days, weeks and months, a short one (a contest of hours) in minutes.

Here: which season is short, what was gained at which instant, and windows and steps as charts and tables count them.
A frame of gains has a column `day` (local dates), or of a short season `at` (instants, naive UTC); `until`, to which it
goes, is a date or an instant accordingly. Not here: what is drawn of them (growth.py, race.py).
"""

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.game.windows import TICK, local_day, window_start

SHORT_DAYS = 3  # a season whose gains fall on no more local days is short
MINUTES = {"5 minutes": 5, "10 minutes": 10, "15 minutes": 15, "30 minutes": 30, "hour": 60, "2 hours": 120,
           "4 hours": 240}  # fmt: skip
_DATES = {"day": "1d", "week": "1w", "month": "1mo"}
_LEAST_WAIT = dt.timedelta(minutes=10)


def until_of(first: dt.datetime | None, last: dt.datetime | None, as_of: dt.datetime, zone: str) -> dt.date:
    """How far charts go: the local date of `as_of`, of a short season an instant. All instants are naive UTC.

    `first`, `last`: of all gains of the measure, None if there are none. A short season ends at `as_of`, or with its
    last gain if nothing has been gained since then for more than a quarter of its length.
    """
    if first is None or last is None or (local_day(last, zone) - local_day(first, zone)).days >= SHORT_DAYS:
        return local_day(as_of, zone)
    return as_of if as_of - last <= max((last - first) / 4, _LEAST_WAIT) else last


def is_short(until: dt.date) -> bool:
    """Whether time is told in minutes up to `until`."""
    return isinstance(until, dt.datetime)


def column(until: dt.date) -> str:
    """The column of gains that says when: `at` or `day`."""
    return "at" if is_short(until) else "day"


def by_instant(ledger: pl.DataFrame, key: str) -> pl.DataFrame:
    """Sums of a ledger by `key` and instant: `key`, `at`, `points` or `xp`, sorted. Rows without a key are nobody's."""
    measure = "xp" if "xp" in ledger.columns else "points"
    gained = ledger.filter(pl.col(key).is_not_null() & (pl.col(measure) > 0))
    instants = gained.group_by(key, at=pl.col("earned_at").dt.replace_time_zone(None))
    return instants.agg(pl.col(measure).sum()).sort(key, "at")


def on_clock(when: dt.date, zone: str) -> dt.date:
    """A date as it is; an instant as the clock of `zone` shows it."""
    if not isinstance(when, dt.datetime):
        return when
    return when.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def windows(gains: pl.DataFrame, each: str, zone: str) -> pl.Expr:
    """Of each gain its window: the first date of a day, week or month, or the instant (UTC) at which a step ends.

    Steps are counted off the clock of `zone` at the first gain: one of 30 minutes ends at full and half hours there.
    What is gained at the end of a step belongs to it.
    """
    if each not in MINUTES:
        return window_start(pl.col("day"), each)
    first = gains["at"].min()
    if not isinstance(first, dt.datetime):
        return pl.col("at")
    ahead = first.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).utcoffset() or dt.timedelta()
    begin = (pl.col("at") + ahead - TICK).dt.truncate(f"{MINUTES[each]}m")
    return begin + dt.timedelta(minutes=MINUTES[each]) - ahead


def calendar(starts: pl.Series, each: str) -> pl.Series:
    """All windows from the first to the last of `starts`, in order, also those in which nothing happened."""
    held = starts.unique().sort()
    if held.is_empty():
        return held
    if each in MINUTES:
        return pl.datetime_range(held[0], held[-1], f"{MINUTES[each]}m", time_unit="us", eager=True).alias(starts.name)
    if each in _DATES:
        return pl.date_range(held[0], held[-1], _DATES[each], eager=True).alias(starts.name)
    return held


def step_of(gains: pl.DataFrame, most: int, zone: str) -> str:
    """The shortest step of which at most `most` lie between the first gain and the last, else the longest one."""
    ends = gains.select(pl.col("at").min().alias("first"), pl.col("at").max().alias("last")).unpivot(value_name="at")
    for each in MINUTES:
        if calendar(ends.select(windows(ends, each, zone)).to_series(), each).len() <= most:
            return each
    return list(MINUTES)[-1]


def pace(each: str) -> str:
    """How a text says it: `week by week`, `every 5 minutes`."""
    return f"every {each}" if each in MINUTES else f"{each} by {each}"


def one(each: str) -> str:
    """What a text calls one of them: `week`, `step`."""
    return "step" if each in MINUTES else each
