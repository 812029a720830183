"""Identities of agent calls: what must hold between the XP ledger and every table that shows XP.

Not here: those of submissions and files (identities.py, where all are listed).
"""

import polars as pl

from pipelines.game.identity import Identity, Tables, without_event


def _unique_xp_entries(tables: Tables) -> pl.LazyFrame:
    return tables["xp_ledger"].group_by("entry_id").len().filter(pl.col("len") > 1)


def _xp_events_exist(tables: Tables) -> pl.LazyFrame:
    """Of a call its own record; of an achievement a call's, or the submission's that earned a badge."""
    events = pl.concat([tables["agent_calls"].select("event_id"), tables["submissions"].select("event_id")])
    return without_event(tables["xp_ledger"], events)


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
    return _off_the_xp_ledger(pairs, _of_calls(tables), ["user_id", "agent_id"])


def _user_stats_are_ledger_sums(tables: Tables) -> pl.LazyFrame:
    return _off_the_xp_ledger(tables["user_stats"], tables["xp_ledger"], ["user_id"])


def _of_calls(tables: Tables) -> pl.LazyFrame:
    return tables["xp_ledger"].filter(pl.col("agent_id").is_not_null())


def _agent_xp_is_of_calls(tables: Tables) -> pl.LazyFrame:
    return _off_the_xp_ledger(tables["agent_stats"], _of_calls(tables), ["agent_id"])


def _day_xp_is_of_calls(tables: Tables) -> pl.LazyFrame:
    return _off_the_xp_ledger(_summed(tables["agent_days"], ["agent_id"]), _of_calls(tables), ["agent_id"])


def _pair_xp_is_of_calls(tables: Tables) -> pl.LazyFrame:
    return _off_the_xp_ledger(tables["user_agents"], _of_calls(tables), ["user_id", "agent_id"])


def _hour_xp_is_of_calls(tables: Tables) -> pl.LazyFrame:
    return _off_the_xp_ledger(_summed(tables["usage_hours"], ["user_id"]), _of_calls(tables), ["user_id"])


def _mix_xp_is_of_calls(tables: Tables) -> pl.LazyFrame:
    return _off_the_xp_ledger(_summed(tables["usage_mix"], ["agent_id"]), _of_calls(tables), ["agent_id"])


def _team_xp_is_ledger_sum(tables: Tables) -> pl.LazyFrame:
    of_teams = tables["xp_ledger"].filter(pl.col("team_id").is_not_null())
    return _off_the_xp_ledger(tables["team_stats"], of_teams, ["team_id"])


def _summed(rows: pl.LazyFrame, by: list[str]) -> pl.LazyFrame:
    return rows.group_by(by).agg(pl.col("xp").sum())


def _boards_are_within_xp_ledger(tables: Tables) -> pl.LazyFrame:
    """Of users and of pairs; of agents and teams the ledger's other columns would have to be summed anew."""
    entries = tables["leaderboards"].filter(pl.col("user_id").is_not_null() & pl.col("xp").is_not_null())
    totals = tables["xp_ledger"].group_by("user_id").agg(ledger=pl.col("xp").sum())
    both = entries.select("board", "window", "user_id", "xp").join(totals, on="user_id", how="left")
    return both.filter(pl.col("xp") > pl.col("ledger").fill_null(0))


def _achievements_are_paid(tables: Tables) -> pl.LazyFrame:
    """An achievement (each tier) stands in the ledger once, at its instant and event, and the other way round."""
    by = ["user_id", "rule", "earned_at", "event_id"]
    held = tables["badges"].filter(pl.col("subject_type") == "user")
    rule = pl.format("achievement:{}", "badge")
    earned = held.select("earned_at", "event_id", user_id="subject_id", rule=rule).group_by(by).len("n_earned")
    paid = tables["xp_ledger"].filter(pl.col("agent_id").is_null()).group_by(by).len("n_paid")
    both = earned.join(paid, on=by, how="full", coalesce=True)
    return both.filter(pl.col("n_earned").fill_null(0) != pl.col("n_paid").fill_null(0))


def _level_ups_lead_to_levels(tables: Tables) -> pl.LazyFrame:
    by = ["scope", "user_id", "agent_id"]
    reached = tables["level_ups"].group_by(by).agg(n_ups=pl.len().cast(pl.Int64))
    both = tables["levels"].select(*by, "level").join(reached, on=by, how="full", coalesce=True, nulls_equal=True)
    return both.filter(pl.col("level").fill_null(1) != pl.col("n_ups").fill_null(0) + 1)


XP_IDENTITIES: tuple[Identity, ...] = (
    Identity("unique_xp_entries", "No award of XP stands twice in its ledger", "xp_ledger", _unique_xp_entries),
    Identity("xp_events_exist", "Every award of XP names an event that exists", "xp_ledger", _xp_events_exist),
    Identity("calls_earn_once", "Every call earns once, for its user and agent", "xp_ledger", _calls_earn_once),
    Identity("achievements_are_paid", "Every achievement is paid once", "xp_ledger", _achievements_are_paid),
    Identity(
        "levels_are_ledger_sums", "Levels of users stand on sums of the ledger", "levels", _user_levels_are_ledger_sums
    ),
    Identity(
        "pairs_are_ledger_sums", "Levels of pairs stand on sums of their calls", "levels", _pair_levels_are_ledger_sums
    ),
    Identity("level_ups_lead_to_levels", "Level-ups lead to the levels", "level_ups", _level_ups_lead_to_levels),
    Identity("user_xp_is_ledger_sum", "XP of users is a sum of the ledger", "user_stats", _user_stats_are_ledger_sums),
    Identity("agent_xp_is_of_calls", "XP of agents is that of their calls", "agent_stats", _agent_xp_is_of_calls),
    Identity("day_xp_is_of_calls", "XP of an agent's days adds up to its calls", "agent_days", _day_xp_is_of_calls),
    Identity("pair_xp_is_of_calls", "XP of users with agents is of their calls", "user_agents", _pair_xp_is_of_calls),
    Identity("hour_xp_is_of_calls", "XP of a user's hours adds up to its calls", "usage_hours", _hour_xp_is_of_calls),
    Identity("mix_xp_is_of_calls", "XP of complexities adds up to the calls", "usage_mix", _mix_xp_is_of_calls),
    Identity("team_xp_is_ledger_sum", "XP of teams is a sum of the ledger", "team_stats", _team_xp_is_ledger_sum),
    Identity(
        "boards_are_within_xp_ledger",
        "No board shows more XP of a user than the ledger",
        "leaderboards",
        _boards_are_within_xp_ledger,
    ),
)
