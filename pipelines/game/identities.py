"""Identities: what must hold between published tables, whatever the log (SPEC section 11, law 4).

Each yields the rows that break it, so that a violation can be shown and not only counted. They are looked at before
a generation is made current, and stand as blocking checks in Dagster. Not here: what one table alone must keep
(contract.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

Tables = Mapping[str, pl.LazyFrame]


@dataclass(frozen=True)
class Identity:
    """A law between tables: its name, its sentence, the table it guards, and the query for rows that break it."""

    name: str
    sentence: str
    guards: str
    violations: Callable[[Tables], pl.LazyFrame]


def _unique_entries(tables: Tables) -> pl.LazyFrame:
    counts = tables["points_ledger"].group_by("entry_id").len()
    return counts.filter(pl.col("len") > 1)


def _events_exist(tables: Tables) -> pl.LazyFrame:
    events = tables["submissions"].select("event_id")
    return tables["points_ledger"].select("entry_id", "event_id").join(events, on="event_id", how="anti")


def _one_first_solver(tables: Tables) -> pl.LazyFrame:
    firsts = tables["points_ledger"].filter(pl.col("rule") == "first_solver").group_by("task_id").len()
    return firsts.filter(pl.col("len") > 1)


def _ledger_totals(tables: Tables) -> pl.LazyFrame:
    return tables["points_ledger"].group_by("agent_id").agg(ledger=pl.col("points").sum())


def _off_the_ledger(points: pl.LazyFrame, tables: Tables) -> pl.LazyFrame:
    """The agents whose `points` are not the sum of their awards, also those that only one side knows."""
    both = points.join(_ledger_totals(tables), on="agent_id", how="full", coalesce=True)
    return both.filter(pl.col("points").fill_null(0) != pl.col("ledger").fill_null(0))


def _stats_are_ledger_sums(tables: Tables) -> pl.LazyFrame:
    return _off_the_ledger(tables["agent_stats"].select("agent_id", "points"), tables)


def _days_are_ledger_sums(tables: Tables) -> pl.LazyFrame:
    return _off_the_ledger(tables["agent_days"].group_by("agent_id").agg(pl.col("points").sum()), tables)


def _boards_are_within_ledger(tables: Tables) -> pl.LazyFrame:
    entries = tables["leaderboards"].filter(pl.col("agent_id").is_not_null())
    entries = entries.select("board", "window", "agent_id", "points")
    both = entries.join(_ledger_totals(tables), on="agent_id", how="left")
    return both.filter(pl.col("points") > pl.col("ledger").fill_null(0))


def _attempts_are_counted(tables: Tables) -> pl.LazyFrame:
    counted = tables["submissions"].filter("is_counted").group_by("agent_id").agg(counted=pl.len().cast(pl.Int64))
    both = tables["agent_stats"].select("agent_id", "attempts").join(counted, on="agent_id", how="full", coalesce=True)
    return both.filter(pl.col("attempts").fill_null(0) != pl.col("counted").fill_null(0))


def _unique_xp_entries(tables: Tables) -> pl.LazyFrame:
    return tables["xp_ledger"].group_by("entry_id").len().filter(pl.col("len") > 1)


def _xp_events_exist(tables: Tables) -> pl.LazyFrame:
    """Of a call its own record; of an achievement a call's, or the submission's that earned a badge."""
    events = pl.concat([tables["agent_calls"].select("event_id"), tables["submissions"].select("event_id")])
    return tables["xp_ledger"].select("entry_id", "event_id").join(events, on="event_id", how="anti")


def _calls_earn_once(tables: Tables) -> pl.LazyFrame:
    earned = tables["xp_ledger"].filter(pl.col("rule") == "agent_call").select("event_id", "user_id", "agent_id")
    both = (
        tables["agent_calls"]
        .select("event_id", "user_id", "agent_id", is_call=pl.lit(value=True))
        .join(earned.with_columns(is_award=pl.lit(value=True)), on=["event_id", "user_id", "agent_id"], how="full")
    )
    return both.filter(pl.col("is_call").is_null() | pl.col("is_award").is_null())


def _off_the_xp_ledger(xp: pl.LazyFrame, rows: pl.LazyFrame, by: list[str]) -> pl.LazyFrame:
    """Those whose `xp` is not the sum of their rows, also those that only one side knows."""
    both = xp.select(*by, "xp").join(
        rows.group_by(by).agg(ledger=pl.col("xp").sum()), on=by, how="full", coalesce=True, nulls_equal=True
    )
    return both.filter(pl.col("xp").fill_null(0) != pl.col("ledger").fill_null(0))


def _user_levels_are_ledger_sums(tables: Tables) -> pl.LazyFrame:
    users = tables["levels"].filter(pl.col("scope") == "user")
    return _off_the_xp_ledger(users, tables["xp_ledger"], ["user_id"])


def _pair_levels_are_ledger_sums(tables: Tables) -> pl.LazyFrame:
    pairs = tables["levels"].filter(pl.col("scope") == "user_agent")
    of_calls = tables["xp_ledger"].filter(pl.col("agent_id").is_not_null())
    return _off_the_xp_ledger(pairs, of_calls, ["user_id", "agent_id"])


def _user_stats_are_ledger_sums(tables: Tables) -> pl.LazyFrame:
    return _off_the_xp_ledger(tables["user_stats"], tables["xp_ledger"], ["user_id"])


def _agent_xp_is_of_calls(tables: Tables) -> pl.LazyFrame:
    of_calls = tables["xp_ledger"].filter(pl.col("agent_id").is_not_null())
    return _off_the_xp_ledger(tables["agent_stats"], of_calls, ["agent_id"])


def _achievements_are_paid(tables: Tables) -> pl.LazyFrame:
    """An achievement earned stands in the ledger once, with each tier that is earned, and the other way round."""
    by = ["user_id", "rule"]
    held = tables["badges"].filter(pl.col("subject_type") == "user")
    earned = held.select(user_id="subject_id", rule=pl.format("achievement:{}", "badge")).group_by(by).len("n_earned")
    paid = tables["xp_ledger"].filter(pl.col("agent_id").is_null()).group_by(by).len("n_paid")
    both = earned.join(paid, on=by, how="full", coalesce=True)
    return both.filter(pl.col("n_earned").fill_null(0) != pl.col("n_paid").fill_null(0))


def _level_ups_lead_to_levels(tables: Tables) -> pl.LazyFrame:
    by = ["scope", "user_id", "agent_id"]
    reached = tables["level_ups"].group_by(by).agg(n_ups=pl.len().cast(pl.Int64))
    both = tables["levels"].select(*by, "level").join(reached, on=by, how="full", coalesce=True, nulls_equal=True)
    return both.filter(pl.col("level") != pl.col("n_ups").fill_null(0) + 1)


def _lines_add_up(tables: Tables) -> pl.LazyFrame:
    parts = pl.sum_horizontal("n_accepted", "n_duplicates", "n_quarantined", "n_blank")
    return tables["ingested_files"].filter(pl.col("n_lines") != parts)


IDENTITIES: tuple[Identity, ...] = (
    Identity("unique_entries", "No award stands twice in the ledger", "points_ledger", _unique_entries),
    Identity("events_exist", "Every award names an event that exists", "points_ledger", _events_exist),
    Identity("one_first_solver", "A task has at most one first solver", "points_ledger", _one_first_solver),
    Identity("stats_are_ledger_sums", "Totals are sums of the ledger", "agent_stats", _stats_are_ledger_sums),
    Identity("attempts_are_counted", "Attempts are the submissions that count", "agent_stats", _attempts_are_counted),
    Identity("days_are_ledger_sums", "The days of an agent add up to its ledger", "agent_days", _days_are_ledger_sums),
    Identity(
        "boards_are_within_ledger",
        "No board shows more points than the ledger",
        "leaderboards",
        _boards_are_within_ledger,
    ),
    Identity("unique_xp_entries", "No award of XP stands twice in its ledger", "xp_ledger", _unique_xp_entries),
    Identity("xp_events_exist", "Every award of XP names an event that exists", "xp_ledger", _xp_events_exist),
    Identity("calls_earn_once", "Every call earns once, for its user and agent", "xp_ledger", _calls_earn_once),
    Identity("achievements_are_paid", "Every achievement is paid once", "xp_ledger", _achievements_are_paid),
    Identity("levels_are_ledger_sums", "XP of users is a sum of the ledger", "levels", _user_levels_are_ledger_sums),
    Identity("pairs_are_ledger_sums", "XP of pairs is a sum of their calls", "levels", _pair_levels_are_ledger_sums),
    Identity("level_ups_lead_to_levels", "Level-ups lead to the levels", "level_ups", _level_ups_lead_to_levels),
    Identity("user_xp_is_ledger_sum", "XP of users is a sum of the ledger", "user_stats", _user_stats_are_ledger_sums),
    Identity("agent_xp_is_of_calls", "XP of agents is that of their calls", "agent_stats", _agent_xp_is_of_calls),
    Identity(
        "lines_add_up",
        "Lines read are accepted, duplicates, quarantined or blank",
        "ingested_files",
        _lines_add_up,
    ),
)
