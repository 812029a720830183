"""What a gate says: whether a method has shown on the data at hand that it may be trusted. Not here: any gate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["passed", "inconclusive", "failed"]
PASSED: Verdict = "passed"
INCONCLUSIVE: Verdict = "inconclusive"
FAILED: Verdict = "failed"


@dataclass(frozen=True)
class Gate:
    """One verdict: `failed` only where it is shown to be worse than it may be; too little data is `inconclusive`."""

    name: str
    verdict: Verdict
    sentence: str
    figures: Mapping[str, float]

    @property
    def is_idle(self) -> bool:
        """Whether there was nothing at all to judge: a log of another kind, rather than one that is too short."""
        return self.figures.get("n") == 0
