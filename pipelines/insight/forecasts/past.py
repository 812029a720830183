"""The XP of users, and of users with one agent, day by day: their pace, and how long they took to their next levels.

A day is a local date; that of `as_of` counts as a whole one, which makes a pace at most 3 % too low. XP predicts XP
here, and nothing else: a skill is never measured by it. Not here: how sure a forecast is (conformal.py, levels.py).
"""

from dataclasses import dataclass, fields

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.game.levels import begins, level_of
from pipelines.game.windows import local_date
from pipelines.game.xp_rules import LevelRules
from pipelines.insight.evidence import Evidence
from pipelines.insight.forecasts.conformal import Floats, Wholes

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
    ledger = evidence.tables["xp_ledger"].filter(pl.col("xp") > 0)
    day = local_date(pl.col("earned_at").dt.replace_time_zone(None), evidence.rules.timezone)
    ago = (pl.lit(evidence.today) - day).dt.total_days()
    days = ledger.group_by("user_id", "agent_id", ago=ago).agg(pl.col("xp").sum()).collect()
    if days.is_empty():
        return None
    subjects = evidence.tables["levels"].sort("scope", "user_id", "agent_id").with_row_index("subject").collect()
    gains = _Gains.of(days, subjects)
    begins_at = range(0, subjects.height, _CHUNK)
    every = _joined([_chunk(gains, at, min(at + _CHUNK, subjects.height), evidence.rules.levels) for at in begins_at])
    is_now = every.weeks_ago == 0
    return Past(
        subjects,
        is_user=(subjects["scope"] == "user").to_numpy(),
        user=(subjects["user_id"].rank("dense").cast(pl.Int64) - 1).to_numpy(),
        now=every.keep(is_now),
        origins=every.keep(~is_now),
    )


@dataclass(frozen=True)
class _Gains:
    """Awards of XP by subject and day, sorted by subject: days are 1 to `n_days`, today; 0 holds all that is older."""

    subject: Wholes
    day: Wholes
    xp: Wholes
    first_ago: Wholes  # by subject: how many days ago it had its first XP
    n_days: int

    @classmethod
    def of(cls, days: pl.DataFrame, subjects: pl.DataFrame) -> "_Gains":
        """`days`: XP by user_id, agent_id and `ago`, days before today. What has no agent is the user's alone."""
        users = subjects.filter(pl.col("scope") == "user").select("user_id", user="subject")
        pairs = subjects.filter(pl.col("scope") != "user").select("user_id", "agent_id", pair="subject")
        whose = days.select("user_id", "agent_id").unique().join(users, on="user_id")
        whose = whose.join(pairs, on=["user_id", "agent_id"], how="left")  # ids once: joining texts takes longest
        rows = days.join(whose, on=["user_id", "agent_id"], nulls_equal=True).select("user", "pair", "ago", "xp")
        n_days = min(_WEEKS * WEEK + _WARM_UP_DAYS, rows.select(pl.col("ago").max()).item() + 1)
        of_pairs = rows.filter(pl.col("pair").is_not_null()).select("ago", "xp", subject="pair")
        both = pl.concat([of_pairs, rows.select("ago", "xp", subject="user")]).sort("subject").cast(pl.Int64)
        subject, ago, xp = (both[name].to_numpy() for name in ("subject", "ago", "xp"))
        first_ago = np.zeros(subjects.height, dtype=np.int64)
        np.maximum.at(first_ago, subject, ago)
        return cls(subject, np.maximum(n_days - ago, 0), xp, first_ago, n_days)


def _chunk(gains: _Gains, begin: int, end: int, rules: LevelRules) -> Origins:
    """All origins of the subjects from `begin` to `end`, on a table of days by subjects."""
    n_days, n = gains.n_days, end - begin
    low, high = np.searchsorted(gains.subject, [begin, end])
    cell = gains.day[low:high] * n + gains.subject[low:high] - begin
    # sums of whole numbers are exact in doubles, in any order
    sums = np.bincount(cell, weights=gains.xp[low:high], minlength=(n_days + 1) * n)
    xp = sums.astype(np.int64).reshape(n_days + 1, n)
    summed = np.cumsum(xp, axis=0)
    active = np.cumsum(np.vstack([np.zeros_like(xp[:1]), xp[1:] > 0]), axis=0)
    origins = {n_days - week * WEEK: week for week in range(_WEEKS + 1) if n_days - week * WEEK >= 1}
    to_next = dict(zip(origins, _to_next(summed[list(origins)], rules), strict=True))
    pace, parts = np.zeros(n), []
    for day in range(1, n_days + 1):
        pace = _DECAY * pace + (1 - _DECAY) * xp[day]
        if day not in origins:
            continue
        age = np.maximum(day - (n_days - gains.first_ago[begin:end]) + 1, 1)
        every = Origins(
            subject=begin + np.arange(n),
            weeks_ago=np.full(n, origins[day]),
            to_next=to_next[day],
            active=active[day] - active[max(day - RECENT_DAYS, 0)],
            pace=pace / (1 - _DECAY ** np.minimum(age, day)),
            pace_14=(summed[day] - summed[max(day - 14, 0)]) / np.minimum(age, 14),
            pace_own=summed[day] / age,
            waited=_waited(summed, day, summed[day] + to_next[day]),
        )
        parts.append(every.keep(every.is_forecast) if origins[day] else every)
    return _joined(parts)


def _joined(parts: list[Origins]) -> Origins:
    return Origins(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Origins)))


def _to_next(xp: Wholes, rules: LevelRules) -> Wholes:
    """XP from each sum to the next level; 0 at the highest."""
    summed = pl.DataFrame({"xp": xp.ravel()})
    to_next = summed.select(begins(level_of(pl.col("xp"), rules) + 1, rules) - pl.col("xp")).to_series()
    return to_next.fill_null(0).cast(pl.Int64).to_numpy().reshape(xp.shape)


def _waited(summed: Wholes, day: int, goal: Wholes) -> Wholes:
    """Days after `day` until the sums reach `goal`, 1 at least; NEVER where they do not within the days there are."""
    after = summed[day + 1 : day + 1 + HORIZON_DAYS]
    short: Wholes = (after < goal).sum(axis=0)
    return np.where(short < len(after), short + 1, NEVER)
