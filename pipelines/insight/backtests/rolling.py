"""Days past on which advice is given anew, with what was known by then, and what came after each (rolling origins).

Tashman, Int. J. Forecasting 16, 2000. Here: the days, what was known, what is tested. Not here: what advice was worth
(recommender.py), whether predictions held (calibration.py).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import polars as pl

from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.terms import Spreads
from pipelines.insight.skill.trials import ACTIVE_DAYS, Codes, Trials

N_ORIGINS = 6
LEAST_TRIALS = 120  # of a kind, for a backtest: twenty for each origin, half of them before the first
LEAST_KNOWN = 30  # trials known before an origin: with fewer nothing is advised that could be tested
TESTED_DAYS = 180  # of the latest: what worked years ago is not asked, and no window is much longer than a month
MOST_TESTED = 20_000  # trials; of more, every second, third, ...
MOST_KNOWN = 200_000  # trials that an origin learns from, the latest ones: bounds the time of a backtest


@dataclass(frozen=True)
class Origin:
    """A day past: `model` is fitted to what was known before `day`; `tested` are events (see Trials) from then on,
    before `until`. `n_came`: how many there were, of which `tested` may be a part.
    """

    day: dt.date
    until: dt.date
    model: SkillModel
    tested: pl.DataFrame
    n_came: int

    @property
    def known(self) -> Trials:
        """The trials known before the day."""
        return self.model.trials

    @cached_property
    def candidates(self) -> Codes:
        """The agents that might have been advised: those with trials lately, sorted."""
        return np.unique(self.column("agent", self.known.recent))

    def column(self, name: str, events: pl.DataFrame | None = None) -> Codes:
        """A column of whole numbers, of the tested events unless others are named."""
        return np.asarray((self.tested if events is None else events)[name].to_numpy(), np.int64)


@dataclass(frozen=True)
class Rolling:
    """The origins of the trials of a kind, the earliest first; `n_trials` of the whole log."""

    kind: str
    n_trials: int
    n_contexts: int
    n_agents: int
    origins: tuple[Origin, ...]

    @classmethod
    def of(cls, trials: Trials) -> "Rolling":
        """At most N_ORIGINS origins over the latter half of the trials; none where there are too few."""
        sizes = (trials.events.height, trials.contexts.len(), trials.agents.len())
        return cls(trials.kind, *sizes, tuple(_origins(trials)))

    @property
    def is_told(self) -> bool:
        """Whether there is anything to judge by."""
        return bool(self.origins)

    def why_not(self, what: str) -> str:
        """Why there is nothing to judge by, in a sentence; `what` is wanted."""
        trials = "calls" if self.kind == "call" else "counted submissions"
        if self.n_trials < LEAST_TRIALS:
            return f"Too few {trials} for {what}: {LEAST_TRIALS} needed, {self.n_trials} there."
        return (
            f"Nothing to hold {what} against: no day of the latter half has {LEAST_KNOWN} {trials} with known outcome "
            f"before it, some of them in the last {ACTIVE_DAYS} days, and others after it (n = {self.n_trials:,})."
        )


def _origins(trials: Trials) -> Iterator[Origin]:
    if trials.events.height < LEAST_TRIALS:
        return
    days = _days(trials)
    every = -(-trials.events.filter(pl.col("day") >= days[0]).height // MOST_TESTED)
    spreads: Spreads | None = None
    for day, until in pairwise(days):
        known = trials.known_before(day)
        came = trials.events.filter((pl.col("day") >= day) & (pl.col("day") < until))
        if known.events.height < LEAST_KNOWN or came.is_empty() or known.recent.is_empty():
            continue  # after a pause of all agents there is nobody to be advised
        model = SkillModel.of(_latest(known), start=spreads)
        spreads = model.fit.spreads
        yield Origin(day, until, model, _thinned(came, every), came.height)


def _thinned(came: pl.DataFrame, every: int) -> pl.DataFrame:
    """Every second, third, ... event, in an order that does not depend on how ids are spelt."""
    if every == 1:
        return came
    days = pl.col("day").to_physical().cast(pl.Int64)
    facts = [days.sum().over(name) for name in ("agent", "context", "category")]  # hardly ever the same of two
    return came.sort("day", "level", "success", *facts, maintain_order=True).gather_every(every).sort(pl.all())


def _days(trials: Trials) -> list[dt.date]:
    """The first day of each window, each with about as many trials, and the day after the last."""
    days = trials.events["day"].sort()
    last: dt.date = days[-1]
    earliest = last - dt.timedelta(days=TESTED_DAYS)
    half = max(days.len() // 2, int(days.search_sorted(earliest)))
    places = half + (days.len() - half) * np.arange(N_ORIGINS) // N_ORIGINS
    firsts: list[dt.date] = days.gather(places).unique().sort().to_list()
    return [*firsts, last + dt.timedelta(days=1)]


def _latest(known: Trials) -> Trials:
    """The latest MOST_KNOWN trials and whatever else is of the first of their days."""
    if known.events.height <= MOST_KNOWN:
        return known
    first = known.events["day"].sort(descending=True)[MOST_KNOWN - 1]
    return Trials(
        known.kind, known.agents, known.contexts, known.categories,
        known.events.filter(pl.col("day") >= first), known.today,
    )  # fmt: skip
