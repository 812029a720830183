"""How far sums over users could have come out otherwise: a bootstrap over users, whole, with Poisson counts.

What one user did hangs together, so users are drawn and not events (Davison and Hinkley, "Bootstrap Methods", 1997,
section 3.8; Poisson counts: Chamandy et al., "Estimating uncertainty for massive data streams", 2012). Not here: what
the numbers are.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.insight.skill.trials import Codes, Numbers

N_DRAWS = 500
N_FOLDS = 5
LEAST_USERS = 10  # with fewer a bootstrap over users has nothing to draw from; then their days are drawn
LEAST_GROUPS = 5  # with fewer there is no interval
_AT_ONCE = 4_000_000  # draws x groups
_DIGITS = 9  # of sums, in whose order groups are drawn: their last bits may depend on the machine


@dataclass(frozen=True)
class Groups:
    """What is drawn: `place` of each row; `n`; whether they are days of users, because there are few of these."""

    place: Codes
    n: int
    n_users: int
    are_days: bool

    @classmethod
    def of(cls, user: Codes, day: Codes) -> "Groups":
        """Users, or with fewer than LEAST_USERS their days."""
        users, place = np.unique(user, return_inverse=True)
        if users.size >= LEAST_USERS:
            return cls(place, users.size, users.size, are_days=False)
        days = day - day.min(initial=0)
        keys, place = np.unique(user * (int(days.max(initial=0)) + 1) + days, return_inverse=True)
        return cls(place, keys.size, users.size, are_days=True)

    def folds(self, facts: Codes) -> Codes:
        """A fold of each row, the same for all of a group: every fifth group, in the order of the sums of `facts`
        (rows x whole numbers), which must not depend on how ids are spelt.
        """
        n_rows = np.bincount(self.place, minlength=self.n)
        sums = np.column_stack([n_rows, *(np.bincount(self.place, column, self.n) for column in facts.T)])
        fold = np.empty(self.n, np.int64)
        fold[np.lexsort(sums.T[::-1])] = np.arange(self.n) % N_FOLDS
        return fold[self.place]

    def draws(self, columns: Numbers, seed: int) -> Numbers | None:
        """Means over rows (rows x columns) as they could have come out: (draws x columns); None with few groups.

        Groups are drawn in the order of their sums, so that neither ids nor the order of rows move anything: groups of
        equal sums are exchangeable.
        """
        if self.n < LEAST_GROUPS:
            return None
        n_rows = np.bincount(self.place, minlength=self.n).astype(np.float64)
        sums = np.column_stack([n_rows, *(np.bincount(self.place, column, self.n) for column in columns.T)])
        sums = sums[np.lexsort(sums.round(_DIGITS).T[::-1])]
        rng = np.random.default_rng(seed)
        step = max(1, _AT_ONCE // N_DRAWS)
        total = np.zeros((N_DRAWS, sums.shape[1]))
        for begin in range(0, self.n, step):
            part = sums[begin : begin + step]
            total += rng.poisson(1.0, (N_DRAWS, len(part))) @ part
        held = total[total[:, 0] > 0]
        return np.asarray(held[:, 1:] / held[:, :1], np.float64)


def ends_90(draws: Numbers) -> tuple[float, float]:
    """The 5th and the 95th percentile."""
    low, high = np.quantile(draws, [0.05, 0.95])
    return float(low), float(high)
