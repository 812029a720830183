"""All definitions for one home, put together. Not here: which home (pipelines/definitions.py, launch.py)."""

import dagster as dg

from pipelines.defs.assets import landed_files, published_generation, season
from pipelines.defs.checks import season_checks
from pipelines.defs.gates import gates
from pipelines.defs.leaving import arena_bundle
from pipelines.defs.resources import Podium, run_of_this_home
from pipelines.defs.run import Run
from pipelines.defs.schedules import arena, daily, nightly, show, weekly_bundle
from pipelines.defs.sensors import landing_folder, new_generation
from pipelines.defs.showing import exports, report_site
from pipelines.settings import Settings


def definitions(settings: Settings, run: Run | None = None) -> dg.Definitions:
    """The code location: what `dagster dev` shows and what `launch` runs, with a `run` of its own."""
    return dg.Definitions(
        assets=[landed_files, season, published_generation, report_site, exports, arena_bundle],
        asset_checks=[season_checks, gates],
        jobs=[nightly, show, arena],
        schedules=[daily, weekly_bundle],
        sensors=[landing_folder, new_generation],
        resources={"podium": Podium.at(settings), "run": run or run_of_this_home},
        executor=dg.in_process_executor,
    )
