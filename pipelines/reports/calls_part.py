"""What agent calls say of an agent or of a user: the work done, who calls whom, when, and the last awards of XP.

Part of the pages of agents and users, as plain data. Not here: how it looks (calls_view.py), the sums (game/work.py).
"""

from typing import Any

import polars as pl

from pipelines.game.calls import SCORES
from pipelines.game.records import COMPLEXITIES
from pipelines.game.work import UNKNOWN, WORK
from pipelines.reports.intervals import wilson
from pipelines.reports.quantities import counted, share
from pipelines.reports.reading import Reading

DERIVED = "derived"  # the source of a success that nobody judged
_TOLD = ("duration_s", "cost_usd", *SCORES)
_OF_CALL = ("call_id", "event_id", "agent_id", "action_type", "complexity", "success", "success_source", "duration_s")


def work(reading: Reading, stats: str, own: pl.Expr) -> dict[str, Any] | None:
    """Sums over the calls of one agent or user, from the table `stats`; None without calls.

    Beside the columns of `work.WORK`: success_low and success_high (95 %), n_derived (calls whose success nobody
    judged), and n_<column> for what only some calls tell.
    """
    rows = reading.collect(reading.table(stats).filter(own).select(c.name for c in WORK))
    found = rows.row(0, named=True) if rows.height else {"calls": 0}
    if not found["calls"]:
        return None
    counts = reading.table("agent_calls").filter(own).select(
        *(pl.col(name).is_not_null().sum().alias(f"n_{name}") for name in _TOLD),
        n_derived=(pl.col("success_source") == DERIVED).sum(),
        last_called_at=pl.col("at").max(),
    )  # fmt: skip
    low, high = wilson(found["successes"], found["calls"])
    return {**found, "success_low": low, "success_high": high, **reading.collect(counts).row(0, named=True)}


def count_derived(calls: pl.LazyFrame) -> pl.LazyFrame:
    """How many of these calls have a success that nobody judged, one number."""
    return calls.select((pl.col("success_source") == DERIVED).sum())


def not_judged(n_derived: int, n_calls: int) -> str:
    """Of how many calls nobody judged the success, as a sentence; empty if all were judged."""
    if not n_derived:
        return ""
    of_it = "all" if n_derived == n_calls else f"{share(n_derived / n_calls)} of the"
    return f"The success of {of_it} {counted(n_calls, 'call')} is derived from how the run ended, not judged."


def pairs(reading: Reading, own: pl.Expr, by: str, top: int) -> tuple[list[dict[str, Any]], int]:
    """Pairs of a user or an agent: those with most of `by`, with level and stars; and how many in all."""
    rows = reading.table("user_agents").filter(own)
    levels = reading.table("levels").filter(own & (pl.col("scope") == "user_agent"))
    first = rows.sort(by, "user_id", "agent_id", descending=[True, False, False]).head(top)
    named = first.join(
        levels.select("user_id", "agent_id", "title", "stars"), on=["user_id", "agent_id"], how="left",
        maintain_order="left",
    )  # fmt: skip
    return reading.collect(named).to_dicts(), reading.collect(rows.select(pl.len())).item()


def mix(reading: Reading, own: pl.Expr) -> list[dict[str, Any]]:
    """The calls of an agent by complexity, the simplest first."""
    order = [*COMPLEXITIES, UNKNOWN]
    rows = reading.collect(reading.table("usage_mix").filter(own).drop("agent_id")).to_dicts()
    return sorted(rows, key=lambda row: order.index(row["complexity"]))


def hours(reading: Reading, own: pl.Expr) -> list[dict[str, Any]]:
    """The calls of a user by weekday and hour."""
    return reading.collect(reading.table("usage_hours").filter(own).drop("user_id")).to_dicts()


def last_awards(reading: Reading, own: pl.Expr, top: int) -> tuple[list[dict[str, Any]], int]:
    """The last awards of XP, newest first, and how many there are.

    Each has the columns of `xp_ledger`; those of calls also what was called for and how it ended, those of achievements
    the `name`.
    """
    ledger = reading.table("xp_ledger").filter(own)
    last = ledger.sort("earned_at", maintain_order=True).tail(top).reverse().drop("rulebook")
    calls = reading.table("agent_calls").filter(own).select(_OF_CALL)
    told = last.join(calls, on=["event_id", "agent_id"], how="left", maintain_order="left")
    names = reading.trophy_names("user")
    return [
        {**row, "name": names.get(slug, slug) if (slug := slug_of(row["rule"])) else None}
        for row in reading.collect(told).to_dicts()
    ], reading.collect(ledger.select(pl.len())).item()


def slug_of(rule: str) -> str:
    """The achievement that a rule of the XP ledger speaks of; empty for that of calls."""
    return rule.removeprefix("achievement:") if rule.startswith("achievement:") else ""
