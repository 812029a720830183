"""Reasons of awards: why a rule gave as much as it gave, and the line of a log that it goes back to.

For any number of awards of any number of agents or users at once: every table is asked once. Not here: the sentences
(award_words.py), pages (explain_page.py).
"""

import polars as pl

from pipelines.game.windows import local_date
from pipelines.reports.award_words import because_of_points, because_of_xp
from pipelines.reports.reading import Reading

_OF_TASK = ("task_id", "difficulty", "counterexample_points")
_OF_CALL = ("event_id", "user_id", "agent_id", "action_type", "complexity", "success", "base_points")


def reasons_of(reading: Reading, awards: pl.DataFrame) -> pl.DataFrame:
    """Why each award was given, and the line it goes back to: columns because, path, line; a row an award, in order.

    `awards`: rows of `points_ledger` or of `xp_ledger`, not mixed. `because` is part of a sentence and holds other
    people's words. `path` and `line` are null where the season was published before there were sources.
    """
    if "xp" in awards.columns:
        achievements = {
            f"achievement:{rule.slug}" + (f"/{rule.tier}" if rule.tier else ""): rule
            for rule in reading.rules.achievement
        }
        told = [because_of_xp(row, achievements) for row in _with_calls(reading, awards).iter_rows(named=True)]
    else:
        beside = _with_days(reading, _with_solvers(reading, _with_tasks(reading, awards)))
        told = [because_of_points(row, reading.rules.points) for row in beside.iter_rows(named=True)]
    because = pl.Series("because", told, dtype=pl.String).to_frame()
    return pl.concat([because, sources_of(reading, awards["event_id"])], how="horizontal")


def sources_of(reading: Reading, events: pl.Series) -> pl.DataFrame:
    """Where records stand: columns path, line, a row an event, in order; null for events that are not known."""
    wanted = events.rename("event_id").to_frame()
    if not reading.has("event_sources"):
        unknown = {"path": pl.lit(None, dtype=pl.String), "line": pl.lit(None, dtype=pl.Int64)}
        return wanted.with_columns(**unknown).drop("event_id")
    known = reading.table("event_sources").filter(pl.col("event_id").is_in(events.unique().implode()))
    places = reading.collect(known.select("event_id", "path", "line"))
    return wanted.join(places, on="event_id", how="left", maintain_order="left").select("path", "line")


def _beside(awards: pl.DataFrame, more: pl.DataFrame, *on: str) -> pl.DataFrame:
    return awards.join(more, on=on, how="left", maintain_order="left")


def _with_tasks(reading: Reading, awards: pl.DataFrame) -> pl.DataFrame:
    """Adds difficulty, task_points, counterexample_points, and the judge's awarded_points of pattern tasks."""
    tasks = reading.table("tasks").select(*_OF_TASK, task_points="points")
    judged = awards.filter(pl.col("rule") == "pattern_insight")["submission_id"]
    submissions = reading.table("submissions").filter(pl.col("submission_id").is_in(judged.implode()))
    awarded = reading.collect(submissions.select("submission_id", "awarded_points"))
    held = tasks.filter(pl.col("task_id").is_in(awards["task_id"].unique().drop_nulls().implode()))
    return _beside(_beside(awards, reading.collect(held), "task_id"), awarded, "submission_id")


def _with_solvers(reading: Reading, awards: pl.DataFrame) -> pl.DataFrame:
    """Adds, of first solvers, n_solvers and next_at: how many agents solved the task, and when the second one did."""
    asked = awards.filter(pl.col("rule") == "first_solver")["task_id"].unique()
    solves = reading.table("submissions").filter(pl.col("is_counted") & (pl.col("verdict") == "verified"))
    by_task = solves.filter(pl.col("task_id").is_in(asked.implode())).group_by("task_id")
    counted = by_task.agg(
        n_solvers=pl.len().cast(pl.Int64), next_at=pl.col("counted_at").sort().get(1, null_on_oob=True)
    )
    return _beside(awards, reading.collect(counted), "task_id")


def _with_days(reading: Reading, awards: pl.DataFrame) -> pl.DataFrame:
    """Adds the local `day` of an award, and of perfect days n_completed."""
    day = local_date(pl.col("earned_at").dt.replace_time_zone(None), reading.rules.timezone)
    dated = awards.with_columns(day=day)
    perfect = dated.filter(pl.col("rule") == "perfect_day").select("agent_id", "day").unique()
    days = reading.table("agent_days").select("agent_id", "day", n_completed="tasks_completed")
    held = days.join(perfect.lazy(), on=["agent_id", "day"], how="semi")
    return _beside(dated, reading.collect(held), "agent_id", "day")


def _with_calls(reading: Reading, awards: pl.DataFrame) -> pl.DataFrame:
    """Adds action_type, complexity, success and base_points of calls."""
    events = awards.filter(pl.col("rule") == "agent_call")["event_id"]
    calls = reading.table("agent_calls").select(_OF_CALL).filter(pl.col("event_id").is_in(events.implode()))
    return _beside(awards, reading.collect(calls), "event_id", "user_id", "agent_id")
