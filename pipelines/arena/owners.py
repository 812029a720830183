"""Whose a record is: only its owner may share it.

The owner of a record is the user that it names, read off the record alone: not the user of the agent's last submission,
as in the game, and never guessed from records of others. So nobody shares what another did with the same agent, and
nobody's records decide whose another one is. A submission that names no user is nobody's, and never leaves. Not here:
who consented (consents.py).
"""

import polars as pl


def owned(records: pl.LazyFrame) -> pl.LazyFrame:
    """Calls or submissions with `owner_id`; null where nobody may share them."""
    return records.with_columns(owner_id=pl.col("user_id"))


def all_owners(*tables: pl.LazyFrame) -> pl.Series:
    """Everybody who owns a record, in order. Tables with `owner_id`."""
    named = pl.concat([table.select(pl.col("owner_id").unique()) for table in tables])
    return named.collect()["owner_id"].drop_nulls().unique().sort()
