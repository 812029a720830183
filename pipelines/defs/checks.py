"""The blocking checks between making a season and publishing it: one contract a table (of insight's
tables together one check), and the identities.

Not here: how a check looks (verdicts.py).
"""

from collections.abc import Iterator

import dagster as dg

from pipelines.defs.faults import told_plainly
from pipelines.defs.pages import INSIGHT
from pipelines.defs.run import Run
from pipelines.defs.verdicts import verdicts
from pipelines.game.identities import IDENTITIES
from pipelines.game.tables import TABLES

SPECS = [
    *(
        dg.AssetCheckSpec("contract", asset=name, blocking=True, description="The files hold what the contract says.")
        for name in (*TABLES, INSIGHT)
    ),
    *(
        dg.AssetCheckSpec(identity.name, asset=identity.guards, blocking=True, description=f"{identity.sentence}.")
        for identity in IDENTITIES
    ),
]


@dg.multi_asset_check(
    name="season_checks",
    description="Reads the candidate back and looks it over. If a check fails, nothing is published.",
    specs=SPECS,
)
def season_checks(run: dg.ResourceParam[Run]) -> Iterator[dg.AssetCheckResult]:
    """Look over what this run has made, or, on their own, the current generation."""
    with told_plainly(run):
        results = verdicts(run.made())
    if all(result.passed for result in results):
        run.approve()
    yield from results
