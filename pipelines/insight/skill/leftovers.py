"""What the fit leaves out: agents at single kinds of work, and agents with single contexts, by moments.

Not here: the fit (fit.py), what is said of an agent with it (model.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from pipelines.insight.keys import place_of
from pipelines.insight.skill.estimates import SMALLEST, Estimate, sigmoid
from pipelines.insight.skill.terms import GUESS, Fit
from pipelines.insight.skill.trials import N_LEVELS, Codes, Numbers, Trials


@dataclass(frozen=True)
class Leftover:
    """What one kind of group adds to what the fit explains: of groups with trials by sorted `key`, and the spread."""

    key: Codes
    mean: Numbers
    variance: Numbers
    spread: float

    def estimate(self, key: Codes) -> Estimate:
        """Of asked groups; of one without trials nothing is known but the spread."""
        place = place_of(self.key, key)
        is_known = place >= 0
        variance = np.where(is_known, self.variance[place], self.spread**2)
        return Estimate(np.where(is_known, self.mean[place], 0), np.sqrt(variance))


def leftovers(trials: Trials, found: Fit) -> tuple[Leftover, Leftover]:
    """Spots (agent x cell), and of what these leave pairs (agent x context)."""
    counts, shape, certainty = trials.counts, found.shape, found.certainty
    p = sigmoid(found.terms.logits(shape))
    n, successes = counts.n.astype(np.float64), counts.successes.astype(np.float64)
    rows = _Rows(successes - n * p, n * p * (1 - p), successes * (1 - p) ** 2 + (n - successes) * p**2, p * (1 - p))
    spot = (counts.agent * trials.n_categories + counts.category) * N_LEVELS + counts.level
    spots, added = _leftover(spot, rows, lambda first: _of_links_on_average(found, first), GUESS.spot)
    of_agents = certainty.covariance[:, :-1, :-1].mean(axis=(1, 2))
    rows = replace(rows, residual=rows.residual - rows.weight * added)
    pair = counts.agent * shape.n_contexts + counts.context
    pairs, _ = _leftover(
        pair, rows, lambda first: of_agents[shape.agent[first]] + certainty.context[shape.context[first]], GUESS.pair
    )
    return spots, pairs


@dataclass(frozen=True)
class _Rows:
    """What the fit leaves of each row: its residual and weight, the sum of squares of its trials' own residuals, and
    the weight of one trial.
    """

    residual: Numbers
    weight: Numbers
    squares: Numbers
    one: Numbers


def _of_links_on_average(found: Fit, rows: Codes) -> Numbers:
    """The posterior variance of an agent's skill at the kind of work of some rows, over all months on average."""
    certainty, shape = found.certainty, found.shape
    link = shape.link[rows]
    lean = np.full((rows.size, shape.n_months + 1), 1 / shape.n_months)
    lean[:, -1] = shape.hardness[rows]
    lean -= certainty.weight[link] / certainty.own[link][:, None]
    variance = np.einsum("as,ast,at->a", lean, certainty.covariance[shape.agent[rows]], lean) + 1 / certainty.own[link]
    return np.asarray(variance, np.float64)


def _leftover(key_of: Codes, rows: _Rows, shared: Callable[[Codes], Numbers], guess: float) -> tuple[Leftover, Numbers]:
    """What groups of rows add, and the same row by row.

    The variance by moments: the residuals of two trials of one group go together by w x w x (variance - shared) on
    average, where `shared` is the posterior variance of the terms that they have in common: so much the fit has taken
    for itself. EM diverges here, for most groups have hardly any trials. The moment has a sampling variance of 2 / sum
    of w x w, and is drawn towards the square of `guess`, which is taken to be as uncertain as it is large. `shared` is
    asked for the first row of each group.
    """
    key, first, place = np.unique(key_of, return_index=True, return_inverse=True)
    residual, weight = np.bincount(place, rows.residual), np.bincount(place, rows.weight)
    together = weight**2 - np.bincount(place, rows.weight * rows.one)
    products = residual**2 - np.bincount(place, rows.squares) + shared(first) * together
    doubt = 2 / guess**4
    variance = (float(products.sum()) + doubt * guess**2) / (float(together.sum()) + doubt)
    variance = max(variance, SMALLEST)
    precision = weight + 1 / variance
    found = Leftover(key, residual / precision, 1 / precision, float(np.sqrt(variance)))
    return found, found.mean[place]
