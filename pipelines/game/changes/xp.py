"""XP that changed: of users award by award, of agents, whose calls it is from, added up.

The run of active days multiplies the XP of every call of a day, so one corrected call can change many others: those are
added up, as are awards that only the rules moved. Not here: levels (standing.py), sums (awards.py).
"""

import polars as pl

from pipelines.game.changes.awards import PROGRESS, STREAK, both, n_awards, one_by_one, sentences, sums
from pipelines.game.changes.causes import AS_OF, CAUSE, RULEBOOK, Causes, known_events
from pipelines.game.changes.table import Side, apart, rows_of

KEY = ["entry_id", "user_id", "agent_id"]
CALL = "agent_call:"
CORRECTED = "corrections"
_IS_CALL = pl.col("rule") == "agent_call"


def xp_changes(before: Side, after: Side, causes: Causes) -> pl.DataFrame:
    """All changes of XP: rows of TOLD. Those of users add up to the difference of every user's XP, as do agents'."""
    rows = _with_parts(_differing(before, after), before, after, causes)
    of_users = rows.with_columns(subject_type=pl.lit("user"), subject_id="user_id")
    streak = pl.format("{}: multiplied by another factor, as the run of active days is another.", n_awards())
    users = _totals(before, "user")
    told = sentences(causes, _progress("agent_id", "a call to"))
    told_together = sums(of_users, users, "xp", {STREAK: streak, **told})
    of_agents = rows.filter(_IS_CALL).with_columns(
        subject_type=pl.lit("agent"),
        subject_id="agent_id",
        part=pl.when(pl.col("part").is_in([RULEBOOK, AS_OF, PROGRESS])).then("part").otherwise(pl.lit(CORRECTED)),
    )
    corrected = pl.format("{}: of calls that were corrected, or that rest on such.", n_awards())
    told = sentences(causes, _progress("user_id", "a call by"))
    agents = sums(of_agents, _totals(before, "agent"), "xp", {CORRECTED: corrected, **told})
    return pl.concat([one_by_one(of_users.filter(pl.col("part").is_null()), "xp"), told_together, agents])


def _differing(before: Side, after: Side) -> pl.DataFrame:
    columns = (*KEY, "event_id", "rule", "xp", "earned_at", "streak_factor")
    lost, gained = apart(before.tables["xp_ledger"], after.tables["xp_ledger"], (*KEY, "xp"), columns)
    factors = [frame.select("entry_id", factor="streak_factor") for frame in (lost, gained)]
    plain_lost, plain_gained = (_keyed(frame.drop("streak_factor")) for frame in (lost, gained))
    rows = both(plain_lost, plain_gained, KEY, "xp")
    rows = rows.join(factors[0], on="entry_id", how="left").join(factors[1], on="entry_id", how="left", suffix="_now")
    return rows.with_columns(
        pl.when(_IS_CALL).then("agent_id"),  # which achievements have none of
        call_id=pl.when(_IS_CALL).then(pl.col("entry_id").str.strip_prefix(CALL)),
        has_other_factor=pl.col("factor") != pl.col("factor_now"),
    )


def _keyed(frame: pl.DataFrame) -> pl.DataFrame:
    """Nulls never meet in a join: achievements have no agent."""
    return frame.with_columns(pl.col("agent_id").fill_null(""))


def _totals(before: Side, subject: str) -> pl.DataFrame:
    stats = before.tables[f"{subject}_stats"]
    return rows_of(stats.select(subject_type=pl.lit(subject), subject_id=f"{subject}_id", total="xp"))


def _with_parts(rows: pl.DataFrame, before: Side, after: Side, causes: Causes) -> pl.DataFrame:
    """Add part (to which sum an award belongs; null: it is told by itself), because, event_id, changed_at."""
    own = causes.calls.select("call_id", *CAUSE).rename({"event_id": "by_event"})
    of_user = causes.of("user").rename({"subject_id": "user_id", "because": "because_user", "event_id": "event_user"})
    rows = rows.join(own, on="call_id", how="left").join(of_user.drop("changed_at"), on="user_id", how="left")
    is_earlier, fresh = pl.col("earned_at") <= before.as_of, ~pl.col("was_there")
    late_ones = rows.filter(fresh & is_earlier & ~_IS_CALL)["event_id"]
    was_known = pl.col("event_id").is_in(known_events(before, late_ones).implode())
    takes_back = pl.when(_IS_CALL).then(pl.col("because").is_not_null()).otherwise(was_known)
    has_reason = pl.col("because").is_not_null() | (~_IS_CALL & pl.col("because_user").is_not_null())
    part = (
        pl.when(~pl.col("is_there") & (pl.col("earned_at") > after.as_of))
        .then(pl.lit(AS_OF))
        .when(fresh & (~is_earlier | ~takes_back))
        .then(pl.lit(PROGRESS))
        .when(~has_reason & pl.lit(causes.part is not None))
        .then(pl.lit(causes.part, dtype=pl.String))
        .when(pl.col("because").is_null() & pl.col("has_other_factor"))
        .then(pl.lit(STREAK))
    )
    name = pl.col("entry_id").str.strip_suffix(pl.format(":{}", "user_id")).str.replace(":", " ", literal=True)
    holds = pl.when(pl.col("is_there")).then(pl.lit("holds now")).otherwise(pl.lit("no longer holds"))
    otherwise = pl.format("What was learned or judged since changes it: {} {}.", name, holds)
    of_achievement = pl.when(~_IS_CALL).then(pl.format("{} So {} {}.", "because_user", name, holds))
    return rows.with_columns(
        part=part,
        changed_at=pl.col("changed_at").fill_null(after.as_of),
        because=pl.coalesce("because", of_achievement, otherwise),
        event_id=pl.coalesce("by_event", pl.when(~_IS_CALL).then("event_user"), "event_id"),
    )


def _progress(other: str, words: str) -> pl.Expr:
    """`12 awards, the last: a call to python-pro.`"""
    rule = pl.col("rule").last()
    call = pl.format("{} {}", pl.lit(words), pl.col(other).last())
    last = pl.when(rule == "agent_call").then(call).otherwise(rule)
    begins = pl.when(pl.len() == 1).then(pl.lit("it is")).otherwise(pl.lit("the last"))
    return pl.format("{}, {}: {}.", n_awards(), begins, last)
