"""What the checkup and a run say of the gates of statistics. Not here: the gates (insight/guards.py)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipelines.insight.gates import FAILED, INCONCLUSIVE, PASSED, Gate
from pipelines.insight.guards import GUARDS
from pipelines.reports.findings import Finding
from pipelines.reports.reading import Reading

if TYPE_CHECKING:
    from pipelines.store.generation import Generation


SAID = {PASSED: "passed", INCONCLUSIVE: "undecided yet", FAILED: "failed"}  # a verdict, in a terminal and on the page


def gates(reading: Reading) -> Iterator[Finding]:
    """A finding a gate; none of a season that was published without its table."""
    for guard in GUARDS:
        if reading.has(guard.table):
            gate = guard.gate(reading.collect(reading.table(guard.table)))
            sentence = f"Gate of {gate.name}, {SAID[gate.verdict]}: {gate.sentence}"
            yield Finding("gates", "attention" if gate.verdict == FAILED else "ok", sentence)


def failed_gates(generation: "Generation") -> list[Gate]:
    """The gates of a generation that failed."""
    found = (guard.gate(generation.table(guard.table).collect()) for guard in GUARDS)
    return [gate for gate in found if gate.verdict == FAILED]
