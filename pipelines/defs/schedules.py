"""The jobs, and when they run by themselves. Not here: what else starts them (sensors.py)."""

import datetime as dt

import dagster as dg

from pipelines.defs.pages import BUNDLE, EXPORTS, REPORT

JOB = "nightly"
AT_ONE = "0 1 * * *"
MONDAYS_AT_THREE = "0 3 * * 1"  # after the night that closes the week
ZONE = "UTC"  # of the clock on the wall, not of the game's days: those follow the rulebook's `timezone`

nightly = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(BUNDLE),
    description="Take in new files, play the season anew, check it, publish it, write report and exports.",
    executor_def=dg.in_process_executor,  # steps share the lock and the candidate, and a process a step costs seconds
)

show = dg.define_asset_job(
    "show",
    selection=dg.AssetSelection.assets(REPORT, EXPORTS),
    description="Write report and exports of the current generation anew.",
    executor_def=dg.in_process_executor,
)


arena = dg.define_asset_job(
    "arena",
    selection=dg.AssetSelection.assets(BUNDLE),
    description="Write the bundle of all that owners share with the arena, of the current generation.",
    executor_def=dg.in_process_executor,
)


def season_config(as_of: dt.datetime | None) -> dict[str, object]:
    """Run configuration for a season as of an aware instant, or as of the last fact."""
    return {"ops": {"season": {"config": {"as_of": as_of and as_of.astimezone(dt.UTC).isoformat()}}}}


@dg.schedule(
    name="daily",
    job=nightly,
    cron_schedule=AT_ONE,
    execution_timezone=ZONE,
    description="Every night at one; the tick is the instant for which results hold.",
    # Stopped until somebody starts it: a tick as `as_of` ends the streaks of a season that is over, and whether a
    # season is live is its owner's to say. Starting it is one click, and Dagster remembers.
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
def daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Ask for a run as of the tick, however late the run begins."""
    tick = context.scheduled_execution_time
    return dg.RunRequest(run_key=tick.isoformat(), run_config=season_config(tick))


@dg.schedule(
    name="weekly_bundle",
    job=arena,
    cron_schedule=MONDAYS_AT_THREE,
    execution_timezone=ZONE,
    description="Every Monday the bundle for the arena, up to the week that has just ended.",
    default_status=dg.DefaultScheduleStatus.STOPPED,  # that anything leaves by itself is for somebody to say
)
def weekly_bundle(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Ask for a bundle."""
    return dg.RunRequest(run_key=context.scheduled_execution_time.isoformat())
