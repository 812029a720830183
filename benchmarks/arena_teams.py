"""Teams whose truth is known: sample seasons, landed and published, of which so many people share everything.

Here: from a size and a seed to what the arena works on. Not here: what is left of the truth (arena_utility.py).
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.arena import aggregates, owners
from pipelines.arena.periods import last_closed_day
from pipelines.arena.policy import Policy
from pipelines.engines.recompute import recompute
from pipelines.engines.subseason import SubSeason, among
from pipelines.game.calls import AGENT_CALLS
from pipelines.game.rulebook import load_rulebook
from pipelines.game.rules import Rulebook
from pipelines.game.submissions import SUBMISSIONS
from pipelines.game.windows import end_of
from pipelines.sources.sample import write_season
from pipelines.store.generation import Generation
from pipelines.store.landing import land
from pipelines.store.replay import scan
from pipelines.store.warehouse import Warehouse

N_AGENTS = {5: 10, 20: 40, 200: 420}  # of a sample season in which at least so many people take part
N_DAYS = 110  # until 15 November 2026
LANDED_AT = dt.datetime(2027, 1, 1)  # noqa: DTZ001 - naive UTC; after every instant of the season


@dataclass(frozen=True)
class Team:
    """A published season, and the people of it who share everything."""

    generation: Generation
    rules: Rulebook
    people: pl.Series
    policy: Policy

    @classmethod
    def of(cls, n_people: int, seed: int, policy: Policy, work: Path) -> "Team":
        """The first people, by id, of the sample season of a seed. Statistics are left out: nothing of them leaves."""
        logs, home = work / f"logs-{n_people}-{seed}", work / f"home-{n_people}-{seed}"
        write_season(logs, agents=N_AGENTS[n_people], days=N_DAYS, seed=seed)
        with Warehouse.open(home) as warehouse:
            land(warehouse, sorted(logs.iterdir()), LANDED_AT)
        rules = load_rulebook()
        rules = rules.model_copy(update={"insight": rules.insight.model_copy(update={"enabled": False})})
        generation, _ = recompute(home, rules)
        named = scan(generation, AGENT_CALLS).select("user_id"), scan(generation, SUBMISSIONS).select("user_id")
        people = pl.concat(named).collect()["user_id"].drop_nulls().unique().sort().head(n_people)
        if people.len() < n_people:
            raise SystemExit(f"the season of seed {seed} has only {people.len()} people: raise N_AGENTS")
        return cls(generation, rules, people, policy)

    @property
    def as_of(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.generation.manifest["as_of"]).replace(tzinfo=None)

    @property
    def months(self) -> list[str]:
        """The months that are due."""
        return aggregates.months_to_release(self.as_of, self.rules.timezone, self.policy.aggregates)

    def counts(self) -> pl.DataFrame:
        """What each person did in the months that are due, exact: columns of COUNTS."""
        calls, submissions = (owners.owned(scan(self.generation, table)) for table in (AGENT_CALLS, SUBMISSIONS))
        return aggregates.monthly_counts(
            calls, submissions, self.people, self.months, self.policy.words, self.rules.timezone
        )

    def played_alone(self) -> tuple[SubSeason, dt.date]:
        """The season among these people alone, up to the end of the last closed week, and that week's Sunday."""
        last = last_closed_day(self.as_of, self.rules.timezone)
        return among(self.generation, self.rules, self.people, end_of(last, self.rules.timezone)), last
