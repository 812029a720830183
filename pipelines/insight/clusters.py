"""Means and medians of numbers that come in clusters, such as all forecasts of one user, with intervals of 90 %.

Many numbers of one user say less than as many of different ones; the intervals here count users. Nothing is drawn at
random. A cluster is a whole number from 0. Not here: what the numbers are.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.insight.forecasts.conformal import Floats, Wholes
from pipelines.insight.normal import Z_90


@dataclass(frozen=True)
class Estimate:
    """A number with an interval of 90 %, which is unknown (None) with fewer than two clusters."""

    value: float
    low: float | None
    high: float | None
    n: int
    n_clusters: int


def mean(numbers: Floats, cluster: Wholes) -> Estimate:
    """The mean, by the variance of a ratio of cluster totals (Cochran, "Sampling Techniques", 1977, section 11.8)."""
    value = float(numbers.mean())
    error, n_clusters = _error(numbers - value, cluster)
    if error is None:
        return Estimate(value, None, None, len(numbers), n_clusters)
    return Estimate(value, value - error, value + error, len(numbers), n_clusters)


def median(numbers: Floats, cluster: Wholes) -> Estimate:
    """The median, with the quantiles at the ends of the interval of its rank (Woodruff, JASA 1952)."""
    value = float(np.median(numbers))
    is_below = (numbers <= value).astype(np.float64)
    error, n_clusters = _error(is_below - float(is_below.mean()), cluster)
    if error is None:
        return Estimate(value, None, None, len(numbers), n_clusters)
    low, high = np.quantile(numbers, np.clip([0.5 - error, 0.5 + error], 0, 1))
    return Estimate(value, float(low), float(high), len(numbers), n_clusters)


def _error(residuals: Floats, cluster: Wholes) -> tuple[float | None, int]:
    """Half the width of an interval of 90 % of a mean, by Student's t, and the number of clusters."""
    totals = np.bincount(cluster, weights=residuals)[np.bincount(cluster) > 0]
    n_clusters = len(totals)
    if n_clusters < 2:
        return None, n_clusters
    variance = float((totals**2).sum()) * n_clusters / (n_clusters - 1) / len(residuals) ** 2
    return _t90(n_clusters - 1) * variance**0.5, n_clusters


def _t90(degrees: int) -> float:
    """Student's t of 95 %, from the normal's (Abramowitz and Stegun 26.7.5); within .02 from three degrees on."""
    z = Z_90
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / degrees + second / degrees**2 + third / degrees**3
