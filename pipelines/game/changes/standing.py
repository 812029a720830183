"""What was earned or lost for good: badges, achievements, levels; and why somebody's standing is another.

Not here: points and XP, from which it follows (points.py, xp.py), places and streaks (places.py).
"""

import polars as pl

from pipelines.game.changes.causes import CAUSE, Causes, known_events
from pipelines.game.changes.table import Side, rows_of, told
from pipelines.game.leaderboards import pair_of

SUBJECT = ["subject_type", "subject_id"]
LEARNED = "What was learned or judged since changes what it rests on."


def reasons_by_subject(causes: Causes, corrections: pl.DataFrame) -> pl.DataFrame:
    """Why the standing of somebody may be another: SUBJECT, why, by_event, at; one row each.

    `corrections`: rows of TOLD. What changed an award comes first, then any record of the subject's own.
    """
    changed = corrections.sort("changed_at", "about", descending=True, nulls_last=True).select(*SUBJECT, *CAUSE)
    own = [causes.of(who).select(pl.lit(who).alias("subject_type"), "subject_id", *CAUSE) for who in ("agent", "user")]
    first = pl.concat([changed, *own]).unique(SUBJECT, keep="first", maintain_order=True)
    return first.rename({"because": "why", "event_id": "by_event", "changed_at": "at"})


def badge_changes(before: Side, after: Side, causes: Causes, reasons: pl.DataFrame) -> pl.DataFrame:
    """Badges and achievements earned or lost: rows of TOLD."""
    key = [*SUBJECT, "badge", "tier"]
    held, now = (rows_of(side.tables["badges"]) for side in (before, after))
    lost = held.join(now, on=key, how="anti", nulls_equal=True).join(reasons, on=SUBJECT, how="left")
    earned = now.join(held, on=key, how="anti", nulls_equal=True).join(reasons, on=SUBJECT, how="left")
    return pl.concat([_earned(earned, before, causes), _lost(lost, after, causes)])


_BADGE = pl.concat_str("badge", "tier", separator=":", ignore_nulls=True)


def _earned(earned: pl.DataFrame, before: Side, causes: Causes) -> pl.DataFrame:
    """A badge of an event that was known before corrects what was said then, unless it came with later work."""
    is_early = pl.col("earned_at") <= before.as_of
    was_known = pl.col("event_id").is_in(known_events(before, earned.filter(is_early)["event_id"]).implode())
    why = pl.col("why").fill_null(causes.general or LEARNED)
    return told(
        earned.with_columns(is_correction=is_early & was_known),
        kind="badge_earned",
        about=_BADGE,
        changed_at=pl.col("earned_at"),
        because=pl.when("is_correction")
        .then(pl.format("Its condition holds now. {}", why))
        .otherwise(pl.format("Earned with event {}.", "event_id")),
    )


def _lost(lost: pl.DataFrame, after: Side, causes: Causes) -> pl.DataFrame:
    """A badge that was earned after the new `as_of` is not lost by a correction."""
    is_cut = pl.col("earned_at") > after.as_of
    why = pl.col("why").fill_null(causes.general or LEARNED)
    return told(
        lost.with_columns(is_cut=is_cut),
        kind="badge_lost",
        about=_BADGE,
        is_correction=~is_cut & (pl.col("why").is_not_null() | pl.lit(causes.cut is None)),
        event_id=pl.when(~is_cut).then("by_event"),
        changed_at=pl.when(~is_cut).then("at").fill_null(after.as_of),
        because=pl.when(is_cut).then(pl.lit(causes.cut)).otherwise(pl.format("Its condition no longer holds. {}", why)),
    )


def level_changes(before: Side, after: Side, causes: Causes, reasons: pl.DataFrame) -> pl.DataFrame:
    """Users, and users with one agent, who stand on another level: rows of TOLD."""
    key = ["scope", "user_id", "agent_id"]
    held, now = (rows_of(side.tables["levels"].select(*key, "xp", "level", "title")) for side in (before, after))
    moved = held.join(now, on=key, how="full", coalesce=True, suffix="_now", nulls_equal=True).with_columns(
        before=pl.col("level").fill_null(1), after=pl.col("level_now").fill_null(1)
    )
    moved = moved.filter(pl.col("before") != pl.col("after"))
    ups = after.tables["level_ups"].filter(pl.col("user_id").is_in(moved["user_id"].unique().implode()))
    ups = ups.select(*key, "event_id", "reached_at", after="level")
    of_users = reasons.filter(pl.col("subject_type") == "user").drop("subject_type").rename({"subject_id": "user_id"})
    moved = moved.join(rows_of(ups), on=[*key, "after"], how="left", nulls_equal=True).join(
        of_users, on="user_id", how="left"
    )
    return _levels(moved, before, after, causes)


def _levels(moved: pl.DataFrame, before: Side, after: Side, causes: Causes) -> pl.DataFrame:
    is_up, has_reason = pl.col("after") > pl.col("before"), pl.col("why").is_not_null()
    is_early = (pl.col("reached_at") <= before.as_of).fill_null(value=False)
    corrects = pl.when(is_up).then(is_early & has_reason).otherwise(has_reason | pl.lit(causes.cut is None))
    xp = pl.format("XP went from {} to {}", pl.col("xp").fill_null(0), pl.col("xp_now").fill_null(0))
    why = pl.col("why").fill_null(causes.general or LEARNED)
    pair = pair_of(pl.col("user_id"), pl.col("agent_id").fill_null(""))
    return told(
        moved,
        kind=pl.when(is_up).then(pl.lit("level_up")).otherwise(pl.lit("level_down")),
        subject_type=pl.col("scope"),
        subject_id=pl.when(pl.col("scope") == "user").then("user_id").otherwise(pair),
        about=pl.col("scope"),
        is_correction=corrects,
        event_id=pl.when(is_up).then("event_id").otherwise("by_event"),
        changed_at=pl.when(is_up).then("reached_at").otherwise("at").fill_null(after.as_of),
        because=pl.when(is_up & ~corrects)
        .then(pl.format("{}: {}.", xp, pl.col("title_now").fill_null("")))
        .otherwise(pl.format("{}. {}", xp, why)),
    )
