"""The normal distribution, for arrays: what the standard library has for one number. Not here: what is normal."""

from statistics import NormalDist

import numpy as np

from pipelines.insight.skill.trials import Numbers

Z_80, Z_90 = NormalDist().inv_cdf(0.9), NormalDist().inv_cdf(0.95)  # both ends of intervals of 80 and of 90 %


def normal_share(z: Numbers) -> Numbers:
    """P(a standard normal < z), absolute error < 1e-7 (Abramowitz and Stegun 1964, 26.2.17)."""
    t = 1 / (1 + 0.2316419 * np.abs(z))
    poly = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    tail = poly * np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    return np.asarray(np.where(z > 0, 1 - tail, tail), np.float64)
