"""How agents were chosen, as far as a log shows: the chance of each agent to be called by a user for a category.

Whoever wrote the log did not write down these chances, so they are estimated from what was known before (propensity
scores; Rosenbaum and Rubin, Biometrika 70, 1983). Not here: what they weigh (doubly_robust.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.insight.keys import place_of
from pipelines.insight.skill.trials import Codes, Numbers

GROUPS = ((), ("category",), ("context",), ("context", "category"))  # from all calls to those most like the asked one
PRIORS = (3.0, 10.0, 30.0, 100.0)  # calls that the wider group's habit is worth beside one's own
Asked = Mapping[str, Codes]


@dataclass(frozen=True)
class LoggedPolicy:
    """Shares of agents: a user's in a category, drawn to the user's in all, that to the category's, that to all users'.

    Each level is the mean of a Dirichlet whose prior is the level above, worth `prior` calls (MacKay and Bauman Peto,
    Natural Language Engineering 1, 1995).
    """

    events: Asked
    n_agents: int
    prior: float

    @classmethod
    def of(cls, events: pl.DataFrame, n_agents: int) -> "LoggedPolicy":
        """By known events (see Trials), at least one, of so many agents; the prior is the one of PRIORS that foretells
        each of them best from all the others.
        """
        held = {name: np.asarray(events[name].to_numpy(), np.int64) for name in ("context", "category", "agent")}
        tallies = _tallies(held, held)
        likely = [float(np.log(_shares(tallies, n_agents, prior, left_out=1)).sum()) for prior in PRIORS]
        return cls(held, n_agents, PRIORS[int(np.argmax(likely))])

    def chance(self, context: Codes, category: Codes, agent: Codes) -> Numbers:
        """The chance that the agent of each row was called, given who asked and for which category."""
        asked = {"context": context, "category": category, "agent": agent}
        return _shares(_tallies(self.events, asked), self.n_agents, self.prior)


def _tallies(held: Asked, asked: Asked) -> list[tuple[Numbers, Numbers]]:
    """For each of GROUPS: how many held events agree with each asked one in it, and in the agent as well."""
    return [(_tally(held, asked, group), _tally(held, asked, (*group, "agent"))) for group in GROUPS]


def _tally(held: Asked, asked: Asked, names: tuple[str, ...]) -> Numbers:
    known, wanted = np.zeros(held["agent"].size, np.int64), np.zeros(asked["agent"].size, np.int64)
    for name in names:
        size = int(max(held[name].max(), asked[name].max(initial=0))) + 1
        known, wanted = known * size + held[name], wanted * size + asked[name]
    keys, n = np.unique(known, return_counts=True)
    place = place_of(keys, wanted)
    return np.where(place >= 0, n[place], 0).astype(np.float64)


def _shares(tallies: list[tuple[Numbers, Numbers]], n_agents: int, prior: float, left_out: int = 0) -> Numbers:
    share: Numbers = np.full(tallies[0][0].size, 1 / n_agents)
    for n, n_agent in tallies:
        share = (n_agent - left_out + prior * share) / (n - left_out + prior)
    return share
