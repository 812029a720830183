"""The gates of statistics as checks that stop nothing: what has not shown that it works is told, and published.

Not here: the gates (insight/guards.py), how their results look (verdicts.py), the checks that do stand between a season
and its publication (checks.py).
"""

from collections.abc import Iterator

import dagster as dg

from pipelines.defs.faults import told_plainly
from pipelines.defs.run import Run
from pipelines.defs.verdicts import gate_verdicts
from pipelines.insight.guards import GUARDS

SPECS = [dg.AssetCheckSpec(guard.name, asset=guard.table, description=guard.asks) for guard in GUARDS]


@dg.multi_asset_check(
    name="gates",
    description="Whether statistics have shown on this log that they may be trusted. Nothing is withheld if not.",
    specs=SPECS,
)
def gates(run: dg.ResourceParam[Run]) -> Iterator[dg.AssetCheckResult]:
    """Ask all gates of what this run has made, or, on their own, of the current generation."""
    with told_plainly(run):
        results = gate_verdicts(run.made())
    yield from results
