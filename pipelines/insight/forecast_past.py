"""The XP of users, and of users with one agent, day by day: their pace, and how long they took to their next levels.

A day is a local date; that of `as_of` counts as a whole one, which makes a pace at most 3 % too low. XP predicts XP
here, and nothing else: a skill is never measured by it. Not here: how sure a forecast is (conformal.py, forecast.py).
"""

from dataclasses import dataclass, fields

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.game.levels import begins, level_of
from pipelines.game.windows import local_date
from pipelines.game.xp_rules import LevelRules
from pipelines.insight.conformal import Floats, Wholes
from pipelines.insight.evidence import Evidence

HALF_LIFE_DAYS = 21.0  # of a day's XP in the pace
HORIZON_DAYS = 60  # nothing is said of later
RECENT_DAYS, LEAST_ACTIVE = 28, 2  # who was active on fewer of them has no pace to go by
WEEK = 7  # forecasts of the past stand on the weekday of `as_of`: weekends lie before them as they lie before it
YARDSTICK_WEEKS = 26  # how old a forecast may be that others are measured by
_WEEKS = 2 * YARDSTICK_WEEKS  # the backtest measures forecasts of the last half year, by those of the half before
_WARM_UP_DAYS = 84  # four half-lives: what was earned before the first origin moves its pace by 6 %
_CHUNK = 4096  # subjects at a time: 45 MB
NEVER = 10**6  # days to a level that was not reached by `as_of`
_DECAY = 0.5 ** (1 / HALF_LIFE_DAYS)


@dataclass(frozen=True)
class Origins:
    """Days at whose end a next level could be forecast, one an element.

    `subject`: row of `Past.subjects`. `to_next`: XP (0 at the highest level). `pace`: XP a day, weighted by age,
    beside that of the last 14 days and that since the first XP. `waited`: days until the level was reached, or NEVER.
    """

    subject: Wholes
    weeks_ago: Wholes
    to_next: Wholes
    active: Wholes
    pace: Floats
    pace_14: Floats
    pace_own: Floats
    waited: Wholes

    def keep(self, which: NDArray[np.bool_]) -> "Origins":
        """Those of `which` alone."""
        return Origins(*(getattr(self, field.name)[which] for field in fields(self)))

    @property
    def is_forecast(self) -> NDArray[np.bool_]:
        """Where there is a next level, and a pace to go by."""
        return (self.to_next > 0) & (self.active >= LEAST_ACTIVE)


@dataclass(frozen=True)
class Past:
    """`subjects`: rows of `levels` in its order by scope; `now`: one origin each; `origins`: weeks ago, with a pace."""

    subjects: pl.DataFrame
    is_user: NDArray[np.bool_]
    user: Wholes
    now: Origins
    origins: Origins


def past_of(evidence: Evidence) -> Past | None:
    """The past of everybody with a level; None if nobody has any XP."""
    subjects = evidence.tables["levels"].sort("scope", "user_id", "agent_id").with_row_index("subject").collect()
    ledger = evidence.tables["xp_ledger"].filter(pl.col("xp") > 0)
    day = local_date(pl.col("earned_at").dt.replace_time_zone(None), evidence.rules.timezone)
    ago = (pl.lit(evidence.today) - day).dt.total_days()
    days = ledger.group_by("user_id", "agent_id", ago=ago).agg(pl.col("xp").sum()).collect()
    if subjects.is_empty() or days.is_empty():
        return None
    n_days = min(_WEEKS * WEEK + _WARM_UP_DAYS, int(days["ago"].max()) + 1)  # type: ignore[arg-type]
    gains = _gains(days, subjects, n_days)
    parts = [
        _chunk(gains, begin, min(begin + _CHUNK, subjects.height), n_days, evidence.rules.levels)
        for begin in range(0, subjects.height, _CHUNK)
    ]
    every = _joined(parts)
    user = subjects.select(pl.col("user_id").rank("dense") - 1).to_series().cast(pl.Int64).to_numpy()
    is_now = every.weeks_ago == 0
    return Past(
        subjects,
        (subjects["scope"] == "user").to_numpy(),
        user,
        every.keep(is_now),
        every.keep(~is_now),
    )


@dataclass(frozen=True)
class _Gains:
    """XP by subject and day, sorted by subject; `day` 0 holds all that is older than the days looked at."""

    subject: Wholes
    day: Wholes
    xp: Wholes
    first_ago: Wholes  # by subject: how many days ago it had its first XP


def _gains(days: pl.DataFrame, subjects: pl.DataFrame, n_days: int) -> _Gains:
    of_users = days.with_columns(agent_id=pl.lit(None, dtype=pl.String), scope=pl.lit("user"))
    of_pairs = days.filter(pl.col("agent_id").is_not_null()).with_columns(scope=pl.lit("user_agent"))
    key = ["scope", "user_id", "agent_id"]
    rows = pl.concat([of_users.select(of_pairs.columns), of_pairs])
    rows = rows.join(subjects.select("subject", *key), on=key, nulls_equal=True)
    rows = rows.with_columns(day=pl.max_horizontal(n_days - pl.col("ago"), 0))
    sums = rows.group_by("subject", "day").agg(pl.col("xp").sum(), pl.col("ago").max()).sort("subject", "day")
    first = np.zeros(subjects.height, dtype=np.int64)
    np.maximum.at(first, sums["subject"].to_numpy(), sums["ago"].to_numpy())
    subject, day, xp = (sums[name].cast(pl.Int64).to_numpy() for name in ("subject", "day", "xp"))
    return _Gains(subject, day, xp, first)


def _chunk(gains: _Gains, begin: int, end: int, n_days: int, rules: LevelRules) -> Origins:
    """All origins of the subjects from `begin` to `end`, on a table of days by subjects."""
    low, high = np.searchsorted(gains.subject, [begin, end])
    xp = np.zeros((n_days + 1, end - begin), dtype=np.int64)
    xp[gains.day[low:high], gains.subject[low:high] - begin] = gains.xp[low:high]
    summed = np.cumsum(xp, axis=0)
    active = np.cumsum(np.vstack([np.zeros_like(xp[:1]), xp[1:] > 0]), axis=0)
    weeks = [week for week in range(_WEEKS + 1) if n_days - week * WEEK >= 1]
    ends = {n_days - week * WEEK: week for week in weeks}
    pace, parts = np.zeros(end - begin), []
    for day in range(1, n_days + 1):
        pace = _DECAY * pace + (1 - _DECAY) * xp[day]
        if day not in ends:
            continue
        age = np.maximum(day - (n_days - gains.first_ago[begin:end]) + 1, 1)
        weight = 1 - _DECAY ** np.minimum(age, day)
        to_next = _to_next(summed[day], rules)
        waited = _waited(summed, day, summed[day] + to_next)
        every = Origins(
            begin + np.arange(end - begin),
            np.full(end - begin, ends[day]),
            to_next,
            active[day] - active[max(day - RECENT_DAYS, 0)],
            pace / weight,
            (summed[day] - summed[max(day - 14, 0)]) / np.minimum(age, 14),
            summed[day] / age,
            waited,
        )
        parts.append(every.keep(every.is_forecast) if ends[day] else every)
    return _joined(parts)


def _joined(parts: list[Origins]) -> Origins:
    return Origins(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Origins)))


def _to_next(xp: Wholes, rules: LevelRules) -> Wholes:
    """XP from each sum to the next level; 0 at the highest."""
    summed = pl.DataFrame({"xp": xp})
    to_next = summed.select(begins(level_of(pl.col("xp"), rules) + 1, rules) - pl.col("xp")).to_series()
    return to_next.fill_null(0).cast(pl.Int64).to_numpy()


def _waited(summed: Wholes, day: int, goal: Wholes) -> Wholes:
    """Days after `day` until the sums reach `goal`, 1 at least; NEVER where they do not within the days there are."""
    after = summed[day + 1 : day + 1 + HORIZON_DAYS]
    short: Wholes = (after < goal).sum(axis=0)
    return np.where(short < len(after), short + 1, NEVER)
