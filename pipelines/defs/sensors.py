"""What is watched: the landing folder, one run for all new files; and the generation that readers see.

Not here: which files are whole (folder.py).
"""

import hashlib
import json
import time

import dagster as dg

from pipelines.defs.folder import mark, settled
from pipelines.defs.records import bury_dead_runs
from pipelines.defs.resources import Podium
from pipelines.defs.schedules import nightly, show
from pipelines.reports.site.folder import generation_of
from pipelines.store.runlock import RunBusy, run_lock
from pipelines.store.shelf import pointer_of

EVERY_S = 30


@dg.sensor(
    name="landing_folder",
    job=nightly,
    minimum_interval_seconds=EVERY_S,
    description="New files in the landing folder start one run, once nobody writes to them any more.",
    # Running: to put a file there is to ask for it.
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def landing_folder(context: dg.SensorEvaluationContext, podium: Podium) -> dg.SensorResult | dg.SkipReason:
    """Compare the folder with the last look; the cursor holds a mark a file, the run key stands for the new ones.

    The run takes in what waits when it begins (run.py), so a file whose run failed is tried again with the next.
    """
    bury_dead_runs(context.instance)
    files = {mark(path): path for path in settled(podium.settings.landing, time.time())}
    new = sorted(files.keys() - set(json.loads(context.cursor or "[]")))
    if not new:
        return dg.SkipReason(f"No new file in {podium.settings.landing}.")
    run_key = hashlib.blake2b("".join(new).encode(), digest_size=8).hexdigest()
    request = dg.RunRequest(run_key=run_key, tags={"podium/n_new_files": str(len(new))})
    return dg.SensorResult(run_requests=[request], cursor=json.dumps(sorted(files)))


@dg.sensor(
    name="new_generation",
    job=show,
    minimum_interval_seconds=EVERY_S,
    description="A report that is there is kept up: a generation that it does not show, such as one of "
    "`podium recompute`, is shown.",
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def new_generation(podium: Podium) -> dg.RunRequest | dg.SkipReason:
    """Compare the generation that readers see with that of the report; while a run is at work, it will show its own.

    Without a report nobody has asked for one: a home that publishes with `--no-report` stays without.
    """
    home = podium.settings.home
    pointer = pointer_of(home)
    if not pointer.exists():
        return dg.SkipReason("Nothing is published yet.")
    current, shown = pointer.resolve().name, generation_of(podium.settings.report)
    if shown is None:
        return dg.SkipReason("There is no report yet: the nightly job, the job `show` or `podium report` writes it.")
    if shown == current:
        return dg.SkipReason("The report shows the current generation.")
    try:
        with run_lock(home):
            return dg.RunRequest(run_key=current)
    except RunBusy:
        return dg.SkipReason("A run is at work.")
