"""The model of skill solved slowly and obviously: one dense Newton step after another over all terms at once."""

from typing import Any

import numpy as np

from pipelines.insight.skill.fit import LEVEL_SPREAD
from pipelines.insight.skill.terms import HARDNESS, Spreads
from pipelines.insight.skill.trials import N_LEVELS, Trials

Array = np.ndarray[Any, Any]


class DenseModel:
    """All terms in one vector, found for given spreads; `name` gives a term's place, and rows are single trials."""

    def __init__(self, trials: Trials, spreads: Spreads, n_months: int) -> None:
        events = trials.events
        now = trials.today.year * 12 + trials.today.month
        ages = [min(now - (day.year * 12 + day.month), n_months - 1) for day in events["day"]]
        rows = list(zip(*(events[name] for name in ("agent", "category", "level", "context")), ages, strict=True))
        names: dict[tuple[Any, ...], int] = {}
        for agent in range(trials.agents.len()):
            for month in range(n_months):
                names["skill", agent, month] = len(names)
            names["tilt", agent] = len(names)
        for level in range(N_LEVELS):
            names["level", level] = len(names)
        for agent, category, level, context, _ in rows:
            for name in (("own", agent, category), ("cell", category, level), ("context", context)):
                names.setdefault(name, len(names))
        design = np.zeros((len(rows), len(names)))
        for n, (agent, category, level, context, age) in enumerate(rows):
            for name in (
                ("skill", agent, age), ("own", agent, category), ("level", level),
                ("cell", category, level), ("context", context),
            ):  # fmt: skip
                design[n, names[name]] = 1
            design[n, names["tilt", agent]] = HARDNESS[level]
        success = events["success"].to_numpy()
        mean = np.log((success.sum() + 1) / (len(success) - success.sum() + 1))
        self.names = names
        prior, centre = _prior(names, spreads, n_months, mean)
        self.terms = centre.copy()
        for _ in range(50):
            p = 1 / (1 + np.exp(-design @ self.terms))
            self.precision = design.T @ (design * (p * (1 - p))[:, None]) + prior
            self.terms += np.linalg.solve(self.precision, design.T @ (success - p) - prior @ (self.terms - centre))

    def given_the_rest(self, held: list[tuple[Any, ...]]) -> Array:
        """The covariance of some terms, all others taken as known."""
        places = [self.names[name] for name in held]
        return np.asarray(np.linalg.inv(self.precision[np.ix_(places, places)]))


def _prior(names: dict[tuple[Any, ...], int], spreads: Spreads, n_months: int, mean: float) -> tuple[Array, Array]:
    prior, centre = np.zeros((len(names), len(names))), np.zeros(len(names))
    alone = {"tilt": spreads.tilt, "own": spreads.category, "cell": spreads.cell, "context": spreads.context}
    for name, place in names.items():
        if name[0] == "level":
            prior[place, place], centre[place] = LEVEL_SPREAD**-2, mean
        elif name[0] != "skill":
            prior[place, place] = alone[name[0]] ** -2
        elif name[2] == 0:
            prior[place, place] += spreads.agent**-2
        else:
            newer = names["skill", name[1], name[2] - 1]
            for one, other, sign in ((place, place, 1), (newer, newer, 1), (place, newer, -1), (newer, place, -1)):
                prior[one, other] += sign * spreads.step**-2
    return prior, centre
