"""An attacker with both worlds in hand learns no more from a release than is claimed; of three broken ones, more.

The worlds differ in all that one owner did: ten times the cap, in one cell. The attacker sees the sum of that cell and
its margin, which both move, many times drawn as a release draws them, and guesses by a threshold. Clopper-Pearson
bounds of both error rates, with alpha shared out among all comparisons, give what epsilon is at least (Jagielski,
Ullman, Oprea 2020, Auditing Differentially Private Machine Learning). The price is ten times the default: at that,
fewer samples tell half of the noise from the whole.
"""

from collections.abc import Callable, Sequence
from math import inf, log, sqrt

import numpy as np
import pytest

from pipelines.arena import releases
from pipelines.arena.aggregates import clipped, key_set
from pipelines.arena.budget import epsilon_of
from pipelines.arena.noise import noisy, sigma_for
from pipelines.arena.releases import N_VECTORS, drawn
from tests.arena.aggregate_rows import counts, policy

POLICY = policy(release_micro_rho=500_000)
DELTA = 0.1  # where the bounds of so many samples are the nearest to the truth
CLAIMED = epsilon_of(POLICY.aggregates.release_micro_rho, DELTA)
ALPHA = 1e-6  # how often the true mechanism would be found at fault
ATTACKED = [key_set("calls", POLICY.words).rows().index(("python-pro", category)) for category in (None, "testing")]
SPREAD = sqrt(2) * sigma_for(POLICY.aggregates.max_norm, POLICY.aggregates.release_micro_rho, N_VECTORS)
THRESHOLDS = [SPREAD * step / 2 for step in range(-4, 9)]

OTHERS = [(f"p{n:03}", "calls", "2026-10", "other", "testing", n, 2) for n in range(9)]
WITHOUT = counts(*OTHERS)
WITH = counts(*OTHERS, ("victim", "calls", "2026-10", "python-pro", "testing", 300, 0))

Noise = Callable[[Sequence[int], float], list]


def seen(exact, n: int, noise: Noise) -> np.ndarray:
    """What the attacker sees of n releases: the attacked figures together; -inf where one is left out."""
    told: list[list] = []

    def many_times(values: Sequence[int], sigma: float) -> list[int]:
        told.append(noise([values[at] for at in ATTACKED for _ in range(n)], sigma))
        return [0] * len(values)

    drawn(exact, "calls", "2026-10", POLICY, many_times)
    figures = np.array([-inf if figure is None else figure for figure in told[0]], dtype=float)
    return figures.reshape(len(ATTACKED), n).sum(axis=0)


def audited(n: int, noise: Noise = noisy) -> float:
    """Epsilon is at least this, by the attack on n releases of each world."""
    from scipy.stats import beta  # slow to import, and every worker of the tests would

    there, gone = seen(WITH, n, noise), seen(WITHOUT, n, noise)
    alpha = ALPHA / (len(THRESHOLDS) * 2 * 2)
    found = [0.0]
    for threshold in THRESHOLDS:
        above = int((there >= threshold).sum()), int((gone >= threshold).sum())
        for hits, false_alarms in (above, (n - above[1], n - above[0])):
            surely = beta.ppf(alpha, hits, n - hits + 1) if hits else 0.0
            at_most = beta.isf(alpha, false_alarms + 1, n - false_alarms) if false_alarms < n else 1.0
            found.append(log((surely - DELTA) / at_most) if surely > DELTA else 0.0)
    return max(found)


def test_the_release_keeps_what_is_claimed_and_the_attack_sees_most_of_it():
    epsilon = audited(6000)
    assert CLAIMED / 4 < epsilon <= CLAIMED


def test_half_of_the_noise_is_caught():
    assert audited(6000, lambda values, sigma: noisy(values, sigma / 2)) > CLAIMED


def test_a_missing_cap_is_caught(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(releases, "clipped", lambda exact, max_norm: clipped(exact, 10**6))
    assert audited(1000) > CLAIMED


@pytest.mark.parametrize("least", [1, POLICY.aggregates.k])
def test_cells_left_out_for_their_true_count_are_caught(least: int):
    def suppressing(values: Sequence[int], sigma: float) -> list:
        return [told if value >= least else None for value, told in zip(values, noisy(values, sigma), strict=True)]

    assert audited(1000, suppressing) > CLAIMED
