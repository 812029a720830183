"""From ids to pseudonyms: rows as a bundle holds them, and in the house who stands behind each.

Not here: how a pseudonym is made (pseudonyms.py), which rows there are (profiles.py).
"""

from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.arena.consents import ACHIEVEMENTS, CONVERSATIONS, METRICS, sharing
from pipelines.arena.leaving import IDENTITIES
from pipelines.arena.pseudonyms import Pseudonyms
from pipelines.arena.tables import BUNDLE_TABLES


def named(table: str, rows: pl.DataFrame, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """Rows of a table with `owner_id` (and `agent_id`), if it has any, under pseudonyms: as its contract wants them."""
    if "owner_id" not in rows.columns:
        return in_order(table, [rows])
    scope = ACHIEVEMENTS if table == "achievements" else METRICS
    owners = pseudonyms.owners(scope, rows["owner_id"])
    whoever = pseudonyms.agents(scope, rows["owner_id"], rows["agent_id"]) if "agent_id" in rows.columns else owners
    return in_order(table, [rows.with_columns(pseudonym=whoever, owner_pseudonym=owners)])


def in_order(table: str, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The rows of all parts as one table of the bundle, in its order."""
    contract = BUNDLE_TABLES[table]
    return pl.concat([contract.shape(part) for part in parts]).sort(contract.sort_by, nulls_last=False)


def identities(rows: Mapping[str, pl.DataFrame], consents: pl.DataFrame, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """Who stands behind each pseudonym, columns of IDENTITIES: whoever shares a scope that has one, agents on boards.

    `rows`: tables with `owner_id` and `agent_id`. `consents`: columns of consents.IN_FORCE.
    """
    whole = [
        pl.DataFrame({"owner_id": sharing(consents, scope)}).with_columns(
            pl.lit(None, dtype=pl.String).alias("agent_id"), scope=pl.lit(scope)
        )
        for scope in (METRICS, ACHIEVEMENTS, CONVERSATIONS)
    ]
    boards = rows["leaderboard_entries"].drop_nulls("agent_id").select("owner_id", "agent_id").unique()
    parts = [*whole, boards.with_columns(scope=pl.lit(METRICS))]
    told = [
        part.with_columns(pseudonym=pseudonyms.agents(scope, part["owner_id"], part["agent_id"]))
        for part, scope in zip(parts, (METRICS, ACHIEVEMENTS, CONVERSATIONS, METRICS), strict=True)
    ]
    return pl.concat([frame.select(IDENTITIES.keys()) for frame in told]).sort("owner_id", "scope", "agent_id")
