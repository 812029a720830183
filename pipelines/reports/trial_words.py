"""What trials of each kind are called: how many of them, under which heading, and what divides the work.

Not here: the kinds (insight/evidence.py).
"""

from dataclasses import dataclass

from pipelines.insight.evidence import CALL, SUBMISSION
from pipelines.reports.quantities import counted


@dataclass(frozen=True)
class TrialWords:
    """One trial, many of them, and their heading; one and many of what divides the work."""

    one: str
    many: str
    heading: str
    field: str
    fields: str


TRIALS = {
    CALL: TrialWords("call", "calls", "Agent calls", "category", "categories"),
    SUBMISSION: TrialWords("submission", "submissions", "Counted submissions", "problem", "problems"),
}


def tried(n: int, kind: str) -> str:
    """A number of trials: `1 call`, `1,200 submissions`; of submissions those that count are meant."""
    return counted(n, TRIALS[kind].one)
