"""The asset that leaves the house: the signed bundle for the arena.

Not here: what is in a bundle (engines/sharing.py), when it is made (schedules.py), what the web UI shows (pages.py).
"""

from collections.abc import Iterator

import dagster as dg

from pipelines.defs.faults import told_plainly
from pipelines.defs.pages import BUNDLE, OWNERS, PUBLISHED, bundle_page
from pipelines.defs.run import Run


@dg.asset(
    name=BUNDLE,
    description="The signed bundle of all that owners share with the arena. It leaves only when somebody hands it on.",
    group_name="arena",
    owners=OWNERS,
    kinds={"json"},
    deps=[PUBLISHED],
)
def arena_bundle(run: dg.ResourceParam[Run]) -> Iterator[dg.MaterializeResult[None]]:
    """Write the bundle of the current generation; if nothing has changed, the last one stands."""
    with told_plainly(run):
        exported = run.leave()
    yield bundle_page(exported)
