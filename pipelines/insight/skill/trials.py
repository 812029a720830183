"""Trials: what skill is measured from, one event a row, and counted together for the model.

A trial is a call that has ended or a counted submission; it has an agent, a context (the user who called, the task that
was tried), a category (of a task its problem) and a difficulty. Not here: the model (model.py).
"""

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.game.records import COMPLEXITIES, DIFFICULTIES
from pipelines.game.windows import local_date
from pipelines.insight.evidence import CALL, SUBMISSION, Evidence
from pipelines.insight.keys import packed

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]
LEVELS = {CALL: COMPLEXITIES, SUBMISSION: DIFFICULTIES}
N_LEVELS = 5  # of difficulty: the four words, and none given
NO_LEVEL = 4
ACTIVE_DAYS = 90  # an agent without a trial for so long may be gone: it is not advised
MAX_TRIALS = 2_000_000  # learned from: of more the latest, by whole days; a fit stays within seconds and a gigabyte


@dataclass(frozen=True)
class Trials:
    """Trials of one kind, coded. `events`: one row per trial, columns agent, context, category, level (codes), day,
    known_on (dates), success (0 or 1), sorted.

    `agents`, `contexts`, `categories`: ids by code, sorted; a category may be null, and then is the first.
    `today` is the local date for which skill is asked; `since` that of the first day learned from, if older trials are
    left out.
    """

    kind: str
    agents: pl.Series
    contexts: pl.Series
    categories: pl.Series
    events: pl.DataFrame
    today: dt.date
    since: dt.date | None = None

    @classmethod
    def of(cls, evidence: Evidence, kind: str) -> "Trials":
        """The trials of a kind in the published tables: all, or of more than MAX_TRIALS those of the latest days."""
        rows = _calls(evidence) if kind == CALL else _submissions(evidence)
        held, since = rows.head(MAX_TRIALS + 1).collect(), None
        if held.height > MAX_TRIALS:
            since = _first_day(rows)
            held = (rows if since is None else rows.filter(pl.col("day") >= since)).collect()
        ids = {name: held[name].unique().sort() for name in ("agent", "context", "category")}
        level = pl.col("difficulty").cast(pl.Enum(LEVELS[kind])).to_physical().cast(pl.Int64)
        events = held.select(
            *(_code(name, ids[name]) for name in ids),
            level.fill_null(NO_LEVEL).alias("level"),
            "day",
            "known_on",
            pl.col("success").cast(pl.Int64),
        ).sort(pl.all())
        return cls(kind, ids["agent"], ids["context"], ids["category"], events, evidence.today, since)

    def known_before(self, day: dt.date) -> "Trials":
        """The trials whose outcome was known before a day, for skill as of that day. Codes stay as they are."""
        return replace(self, events=self.events.filter(pl.col("known_on") < day), today=day)

    @cached_property
    def recent(self) -> pl.DataFrame:
        """The events of the last ACTIVE_DAYS days, today's included: whose agents are there to be advised."""
        return self.events.filter(pl.col("day") > self.today - dt.timedelta(days=ACTIVE_DAYS))

    @property
    def n_categories(self) -> int:
        """How many categories there are, none given counted as one."""
        return self.categories.len()

    @cached_property
    def counts(self) -> "Counts":
        """The trials counted together: what the model is fitted to."""
        month = (pl.col("day").dt.year().cast(pl.Int64) * 12 + pl.col("day").dt.month()).alias("month")
        rows = self.events.select("agent", "category", "level", "context", month)
        key = packed(rows)
        order = np.argsort(key, kind="stable")
        first = np.flatnonzero(np.diff(key[order], prepend=-1))
        columns: dict[str, Any] = {column.name: column.to_numpy()[order[first]] for column in rows}
        now, months = self.today.year * 12 + self.today.month, columns.pop("month")
        successes = np.add.reduceat(self.events["success"].to_numpy()[order], first)
        n = np.diff(first, append=order.size)
        return Counts(**columns, age=np.maximum(now - months, 0), n=n, successes=successes)


@dataclass(frozen=True)
class Counts:
    """Counted trials, a row per agent, category, level, context and calendar month, sorted so; all arrays are long.

    `age`: months between the row's and the one of today, 0 for this month. `n`, `successes`: of the trials.
    """

    agent: Codes
    category: Codes
    level: Codes
    context: Codes
    age: Codes
    n: Codes
    successes: Codes


def _first_day(rows: pl.LazyFrame) -> dt.date | None:
    """The first of the latest days that together hold MAX_TRIALS or just more; None if these are all days."""
    days = rows.group_by("day").len().collect().sort("day", descending=True)
    first = days.filter(pl.col("len").cum_sum() >= MAX_TRIALS)["day"][0]
    return first if first > days["day"][-1] else None


def _code(name: str, ids: pl.Series) -> pl.Expr:
    """Texts as their places in `ids`; null, which sorts first, is 0."""
    known = ids.drop_nulls()
    codes = pl.col(name).cast(pl.Enum(known)).to_physical().cast(pl.Int64) + (ids.len() - known.len())
    return codes.fill_null(0)


def _calls(evidence: Evidence) -> pl.LazyFrame:
    zone = evidence.rules.timezone
    return evidence.tables["agent_calls"].select(
        "category",
        "success",
        agent="agent_id",
        context="user_id",
        difficulty="complexity",
        day=_day("at", zone),
        known_on=_day("known_at", zone),
    )


def _submissions(evidence: Evidence) -> pl.LazyFrame:
    zone = evidence.rules.timezone
    difficulty = evidence.tables["tasks"].select("task_id", "difficulty")
    counted = evidence.tables["submissions"].filter("is_counted").join(difficulty, on="task_id", how="left")
    return counted.select(
        "difficulty",
        category="problem",
        success=pl.col("verdict") == "verified",
        agent="agent_id",
        context="task_id",
        day=_day("counted_at", zone),
        known_on=_day("at", zone),
    )


def _day(instant: str, zone: str) -> pl.Expr:
    return local_date(pl.col(instant).dt.replace_time_zone(None), zone)
