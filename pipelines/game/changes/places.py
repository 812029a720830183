"""Places on boards, streaks, and who is there for the first time.

Not here: what was earned (standing.py), how boards are ranked (leaderboards.py).
"""

import polars as pl

from pipelines.game.changes.causes import Causes
from pipelines.game.changes.table import Side, rows_of, told

SUBJECT = ["subject_type", "subject_id"]


def rank_changes(before: Side, after: Side, top: int, causes: Causes, reasons: pl.DataFrame) -> pl.DataFrame:
    """Places on all-time boards over everybody, of those who are or were among the first `top`: rows of TOLD."""
    key = ["board", "subject_id"]
    held, now = (_first(side, [*key, "user_id", "agent_id", "rank", "score"]) for side in (before, after))
    is_near = (pl.col("rank") <= top).fill_null(value=False) | (pl.col("rank_now") <= top).fill_null(value=False)
    moved = held.join(now, on=key, how="full", coalesce=True, suffix="_now").filter(
        is_near & pl.col("rank").ne_missing(pl.col("rank_now"))
    )
    moved = moved.with_columns(subject_type=_subject_type()).join(reasons, on=SUBJECT, how="left")
    fell = (pl.col("score_now").fill_null(0) < pl.col("score")).fill_null(value=False)
    return told(
        moved,
        kind="rank",
        about=pl.col("board"),
        before=pl.col("rank"),
        after=pl.col("rank_now"),
        is_correction=fell & pl.col("why").is_not_null(),
        changed_at=after.as_of,
        because=_of_place(causes, fell),
    )


def _first(side: Side, columns: list[str]) -> pl.DataFrame:
    is_open = (pl.col("window") == "all") & (pl.col("scope") == "all")
    return rows_of(side.tables["leaderboards"].filter(is_open).select(columns))


def _subject_type() -> pl.Expr:
    user, agent = (pl.coalesce(f"{name}_id", f"{name}_id_now").is_not_null() for name in ("user", "agent"))
    return (
        pl.when(user & agent)
        .then(pl.lit("user_agent"))
        .when(user)
        .then(pl.lit("user"))
        .when(agent)
        .then(pl.lit("agent"))
        .otherwise(pl.lit("team"))
    )


def _of_place(causes: Causes, fell: pl.Expr) -> pl.Expr:
    """The score says whether somebody moved, or was moved past; a correction is named where it `fell`."""
    old, new = (_number(pl.col(name)) for name in ("score", "score_now"))
    story = (
        pl.when(pl.col("rank").is_null())
        .then(pl.format("Has a place now, with a score of {}.", new))
        .when(pl.col("rank_now").is_null())
        .then(pl.format("Has no place any more; the score was {}.", old))
        .when(pl.col("score") == pl.col("score_now"))
        .then(pl.format("The score stays {}: others moved.", new))
        .otherwise(pl.format("The score went from {} to {}.", old, new))
    )
    other = pl.coalesce(pl.when(fell).then("why"), pl.lit(causes.general, dtype=pl.String))
    return pl.when(other.is_null()).then(story).otherwise(pl.format("{} {}", story, other))


def _number(score: pl.Expr) -> pl.Expr:
    """A score without a fraction as a whole number, else with four digits after the point."""
    whole = score.cast(pl.Int64)
    return pl.when(whole == score).then(whole.cast(pl.String)).otherwise(score.round(4).cast(pl.String))


def streak_changes(before: Side, after: Side, causes: Causes, reasons: pl.DataFrame) -> pl.DataFrame:
    """Daily runs of agents (completed tasks) and users (active days) that ended, or are the longest: rows of TOLD."""
    runs = pl.concat([_runs(before, after, "agent", "streaks"), _runs(before, after, "user", "user_stats")])
    runs = runs.join(reasons, on=SUBJECT, how="left")
    best, best_now = pl.col("daily_best"), pl.col("daily_best_now")
    shorter, has_reason = best_now < best, pl.col("why").is_not_null()
    why = pl.coalesce("why", pl.lit(causes.general or "What was learned or judged since makes it shorter."))
    broken = pl.format("The run of {} ended; the longest was {}.", _days("daily_current"), _days("daily_best_now"))
    again = pl.format("A run of {} ended, and one of {} began.", _days("daily_current"), _days("daily_current_now"))
    longest = pl.format("The longest run yet: {}, and {} before.", _days("daily_best_now"), _days("daily_best"))
    fell = pl.format("The longest run is {}, not {}. {}", _days("daily_best_now"), _days("daily_best"), why)
    ended = told(
        runs.filter(pl.col("daily_current_now") < pl.col("daily_current")),
        kind="streak_lost",
        about="daily",
        before=pl.col("daily_current"),
        after=pl.col("daily_current_now"),
        is_correction=shorter & (has_reason | pl.lit(causes.cut is None)),
        changed_at=after.as_of,
        because=pl.when(shorter).then(fell).when(pl.col("daily_current_now") > 0).then(again).otherwise(broken),
    )
    record = told(
        runs.filter((best > 0) & (best != best_now)),
        kind="streak_best",
        about="daily",
        before=best,
        after=best_now,
        is_correction=shorter & (has_reason | pl.lit(causes.cut is None)),
        changed_at=after.as_of,
        because=pl.when(shorter).then(fell).otherwise(longest),
    )
    return pl.concat([ended, record])


def _days(column: str) -> pl.Expr:
    n = pl.col(column)
    return pl.when(n == 1).then(pl.lit("1 day")).otherwise(pl.format("{} days", n))


def _runs(before: Side, after: Side, subject: str, table: str) -> pl.DataFrame:
    """The runs of those who had one before: SUBJECT, daily_current, daily_best, and both as they are now."""
    held, now = (
        rows_of(side.tables[table].select(pl.col(f"{subject}_id").alias("subject_id"), "daily_current", "daily_best"))
        for side in (before, after)
    )
    both = held.join(now, on="subject_id", how="left", suffix="_now").with_columns(subject_type=pl.lit(subject))
    return both.with_columns(pl.col("daily_current_now", "daily_best_now").fill_null(0))


def newcomers(before: Side, after: Side) -> pl.DataFrame:
    """Agents, users and teams that were in no table of sums before: rows of TOLD."""
    new = []
    for subject in ("agent", "user", "team"):
        held, now = (
            rows_of(side.tables[f"{subject}_stats"].select(pl.col(f"{subject}_id").alias("subject_id")))
            for side in (before, after)
        )
        new.append(now.join(held, on="subject_id", how="anti").with_columns(subject_type=pl.lit(subject)))
    return told(
        pl.concat(new),
        kind="subject_new",
        is_correction=False,
        changed_at=after.as_of,
        because="Seen for the first time.",
    )
