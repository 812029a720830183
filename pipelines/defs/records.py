"""Dagster's own records of runs: where a terminal writes them, who ran, and runs that ended without a word.

Not here: running (launch.py). What the records hold of a season is names and counts, never a line of a log.
"""

import os
import socket
from pathlib import Path

import dagster as dg
from dagster._core.instance.ref import InstanceRef  # the one way to read dagster.yaml and change one thing of it
from sqlalchemy.exc import SQLAlchemyError

CONFIGURATION = Path("dagster.yaml")
PROCESS_TAG = "podium/process"


def instance_here() -> tuple[dg.DagsterInstance, str | None]:
    """Dagster's records as `dagster.yaml` in the working directory says, and a sentence if they cannot be kept.

    Without that file, or if they cannot be kept, the run is recorded nowhere: its season matters more.
    Output is not captured: a command's progress belongs on the terminal while it runs.
    """
    if not CONFIGURATION.is_file():
        return dg.DagsterInstance.ephemeral(), None
    uncaptured = {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}
    try:
        return dg.DagsterInstance.from_ref(InstanceRef.from_dir(".", overrides={"compute_logs": uncaptured})), None
    except (OSError, SQLAlchemyError, dg.DagsterError) as fault:
        sentence = f"The run will not show in the web UI: {CONFIGURATION} could not be followed ({cause_of(fault)})."
        return dg.DagsterInstance.ephemeral(), sentence


def cause_of(fault: Exception) -> str:
    """What went wrong with the records, in the words of the database or the system."""
    return str(getattr(fault, "orig", None) or fault).partition("\n")[0]


def process_tags() -> dict[str, str]:
    """Who runs: shown in the web UI, and how a later run knows that this one is dead."""
    return {"podium/launched_by": "command line", PROCESS_TAG: f"{os.getpid()}@{socket.gethostname()}"}


def bury_dead_runs(instance: dg.DagsterInstance) -> None:
    """Mark runs of killed processes of this machine as failed: nobody else would, and the queue waits for them."""
    unfinished = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED])
    for run in instance.get_runs(unfinished):
        number, _, host = run.tags.get(PROCESS_TAG, "").partition("@")
        if host == socket.gethostname() and not _is_alive(int(number)):
            instance.report_run_failed(run, "The process of this run ended without a word: it was stopped or killed.")


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
