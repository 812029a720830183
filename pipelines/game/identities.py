"""Identities: what must hold between published tables, whatever the log (SPEC section 11, law 4).

They are looked at before a generation is made current, and stand as blocking checks in Dagster. Not here: those of
XP (xp_identities.py), what one table alone must keep (contract.py).
"""

import polars as pl

from pipelines.game.identity import Identity, Tables, without_event
from pipelines.game.xp_identities import XP_IDENTITIES

__all__ = ["IDENTITIES", "Identity"]


def _unique_entries(tables: Tables) -> pl.LazyFrame:
    counts = tables["points_ledger"].group_by("entry_id").len()
    return counts.filter(pl.col("len") > 1)


def _events_exist(tables: Tables) -> pl.LazyFrame:
    return without_event(tables["points_ledger"], tables["submissions"])


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


def _lines_add_up(tables: Tables) -> pl.LazyFrame:
    parts = pl.sum_horizontal("n_accepted", "n_duplicates", "n_quarantined", "n_blank")
    return tables["ingested_files"].filter(pl.col("n_lines") != parts)


def _awards_have_sources(tables: Tables) -> pl.LazyFrame:
    awards = [tables[ledger].select("entry_id", "event_id") for ledger in ("points_ledger", "xp_ledger")]
    return without_event(pl.concat(awards), tables["event_sources"])


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
    *XP_IDENTITIES,
    Identity(
        "lines_add_up",
        "Lines read are accepted, duplicates, quarantined or blank",
        "ingested_files",
        _lines_add_up,
    ),
    Identity(
        "awards_have_sources",
        "Every award leads to a line of a file",
        "event_sources",
        _awards_have_sources,
    ),
)
