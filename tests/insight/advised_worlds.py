"""Synthetic worlds seen by those who advise: the model fitted to a world, and the truth in the codes of the model."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.game.rulebook import load_rulebook
from pipelines.insight.backtests.policies import Work
from pipelines.insight.evidence import CALL, Evidence
from pipelines.insight.skill.trials import Codes, Numbers, Trials
from pipelines.insight.worlds.play import play, tables_of
from pipelines.insight.worlds.world import FIRST_DAY, World, WorldShape, world

RULES = load_rulebook()


@dataclass(frozen=True)
class AdvisedWorld:
    """A world, the evidence of its calls, their trials, and which number in the world each code is."""

    world: World
    evidence: Evidence
    trials: Trials
    agents: Codes
    users: Codes
    categories: Codes

    @classmethod
    def of(cls, seed: int, shape: WorldShape) -> "AdvisedWorld":
        w = world(seed, shape)
        evidence = Evidence(tables_of(play(w)), RULES, w.as_of)
        trials = Trials.of(evidence, CALL)
        pairs = ((trials.agents, w.agents), (trials.contexts, w.users), (trials.categories, w.categories))
        places = (np.array([ids.index(word) for word in words]) for words, ids in pairs)
        return cls(w, evidence, trials, *places)

    def success(self, work: Work, agent: Codes, day: Codes) -> Numbers:
        """The true probability of success."""
        context, category = self.users[work.context], self.categories[work.category]
        return self.world.p_success(context, self.agents[agent], category, work.level, day)

    def last_work(self, n: int) -> Work:
        """Kinds of work of the last 30 days, so many drawn."""
        late = self.trials.events.filter(pl.col("day") >= pl.col("day").max() - pl.duration(days=30))
        rows = late[np.random.default_rng(self.world.seed).integers(0, late.height, n)]
        return Work(*(rows[name].to_numpy() for name in ("context", "category", "level")))


def days(events: pl.DataFrame) -> Codes:
    """Days of the world on which events were."""
    return (events["day"].to_numpy() - np.datetime64(FIRST_DAY, "D")).astype(np.int64)
