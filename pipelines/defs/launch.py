"""The same job from a terminal: in this process, recorded where the web UI looks, silent but for what it returns.

Not here: what the command line prints (commands/), where Dagster keeps its records (records.py), what the steps do
(run.py).
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from sqlalchemy.exc import SQLAlchemyError

from pipelines.defs.location import definitions
from pipelines.defs.pages import EXPORTS, LANDED, PUBLISHED, REPORT, SEASON
from pipelines.defs.records import bury_dead_runs, cause_of, instance_here, process_tags
from pipelines.defs.run import Run
from pipelines.defs.schedules import JOB
from pipelines.engines.local import Progress, quiet
from pipelines.settings import Settings
from pipelines.store.landing import FileReport

LANDING_ONLY = (LANDED,)
SEASON_ONLY = (*SEASON, PUBLISHED)
UNSHOWN = (*LANDING_ONLY, *SEASON_ONLY)
WHOLE = (*UNSHOWN, REPORT, EXPORTS)


@dataclass(frozen=True)
class Outcome:
    """What came of a run: what each file gave, which generation was published, why it failed if it did.

    `note`: a sentence if the run was recorded nowhere although it should have been.
    """

    run_id: str
    files: tuple[FileReport, ...] = ()
    generation_id: str | None = None
    failure: str | None = None
    note: str | None = None


def launch(
    settings: Settings,
    paths: Sequence[Path] = (),
    as_of: str | None = None,
    progress: Progress = quiet,
    *,
    transcript_options: Mapping[str, object] | None = None,
    only: Sequence[str] = (),
) -> Outcome:
    """Run the job on a home: land files and folders (none: what waits in the landing folder), play, check, publish,
    write report and exports.

    `as_of`: RFC 3339 with offset. `transcript_options`: see transcripts_files.TranscriptOptions. `only`: LANDING_ONLY,
    SEASON_ONLY or UNSHOWN instead of the whole job. What goes wrong in the run is not raised: `failure` is its
    sentence. Takes the lock of the home.
    """
    config = run_config(settings, paths, as_of, only or WHOLE, transcript_options)
    run_id = str(uuid.uuid4())
    instance, note = instance_here()
    try:
        with instance, Run(settings, is_attended=True, progress=progress) as run:
            bury_dead_runs(instance)
            job = definitions(settings, run).resolve_job_def(JOB)
            result = job.execute_in_process(
                config,
                instance,
                asset_selection=[dg.AssetKey(name) for name in only] or None,
                raise_on_error=False,
                tags=process_tags(),
                run_id=run_id,
            )
            sentence = None if result.success else failure(result)
            return Outcome(run_id, tuple(run.reports), run.published_id, sentence, note)
    except (SQLAlchemyError, OSError) as fault:
        sentence = f"The run could not be recorded ({cause_of(fault)}). Mend that and run again."
        return Outcome(run_id, failure=sentence)


def run_config(
    settings: Settings,
    paths: Sequence[Path],
    as_of: str | None,
    steps: Sequence[str],
    transcript_options: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """The run's configuration, complete, so that the web UI shows what was asked for."""
    rulebook = str(settings.rulebook) if settings.rulebook else None
    podium = {"home": str(settings.home), "rulebook": rulebook, "is_attended": True}
    named = {"paths": [str(path) for path in paths], "transcript_options": dict(transcript_options or {})}
    landing = {LANDED: {"config": named}}
    season = {"season": {"config": {"as_of": as_of}}}
    return {
        "ops": (landing if LANDED in steps else {}) | (season if PUBLISHED in steps else {}),
        "resources": {"podium": {"config": podium}},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},  # the terminal is the command's, not Dagster's
    }


def failure(result: dg.ExecuteInProcessResult) -> str:
    """The sentence at the root of a run that failed."""
    for verdict in result.get_asset_check_evaluations():
        if verdict.blocking and not verdict.passed:
            return f"Nothing was published. {verdict.description} This is a fault of Podium: please report it."
    for event in result.get_step_failure_events():
        told = event.step_failure_data.user_failure_data
        if told is not None and told.description:
            return told.description
    return f"The run {result.run_id} stopped before its first step: `dagster dev` shows why. Nothing was changed."
