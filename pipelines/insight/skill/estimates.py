"""Estimates: means with their standard deviations, in logits, and what they say of probabilities.

Not here: where they come from (model.py).
"""

from dataclasses import dataclass

import numpy as np

from pipelines.insight.skill.trials import Numbers

SMALLEST = 1e-6  # a variance


@dataclass(frozen=True)
class Estimate:
    """Means and standard deviations in logits."""

    mean: Numbers
    sd: Numbers

    def p(self) -> Numbers:
        """The expected probability of success, the uncertainty of the logit averaged out (MacKay 1992)."""
        return sigmoid(self.mean / np.sqrt(1 + np.pi / 8 * self.sd**2))

    def quantile(self, z: float) -> Numbers:
        """The probability of success `z` standard deviations off."""
        return sigmoid(self.mean + z * self.sd)

    def ends(self, z: float) -> tuple[Numbers, Numbers]:
        """Both ends, `z` standard deviations off, of the interval of the probability.

        It reaches to `p` at least: averaging draws that towards one half, near 0 and 1 farther than the ends lie.
        """
        p = self.p()
        return np.minimum(self.quantile(-z), p), np.maximum(self.quantile(z), p)


def sigmoid(logit: Numbers) -> Numbers:
    """1 / (1 + exp(-logit))."""
    return np.asarray(1 / (1 + np.exp(-logit)), np.float64)
