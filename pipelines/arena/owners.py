"""Whose a record is: only its owner may share it.

A call is its user's. A submission is the user's that it names itself, not that of the agent's last one: so nobody
shares what another did with the same agent. One that names no user is that of the only user whom its agent's other
submissions name. Where they name several it is nobody's and never leaves; where they name none it is the agent's own,
whose id then stands for the owner, unless a user has that id. Not here: who consented (consents.py).
"""

import polars as pl

UNNAMED: dict[str, pl.DataType] = {"agent_id": pl.String(), "unnamed_owner_id": pl.String()}


def unnamed_owners(calls: pl.LazyFrame, submissions: pl.LazyFrame) -> pl.DataFrame:
    """Per agent whose its submissions are that name no user: columns of UNNAMED, null for nobody; by agent.

    Both tables whole: whoever is named anywhere counts, whether or not they share anything.
    """
    users = pl.concat([table.select(pl.col("user_id").unique()) for table in (calls, submissions)]).unique()
    named = submissions.group_by("agent_id").agg(
        n_users=pl.col("user_id").n_unique() - pl.col("user_id").has_nulls().cast(pl.UInt32),
        user_id=pl.col("user_id").drop_nulls().min(),
    )
    is_users = pl.col("agent_id").is_in(users.collect()["user_id"].drop_nulls().implode())
    own = (
        pl.when(pl.col("n_users") == 1)
        .then("user_id")
        .when((pl.col("n_users") == 0) & ~is_users)
        .then("agent_id")
        .otherwise(None)
    )
    return named.select("agent_id", unnamed_owner_id=own).sort("agent_id").collect()


def of_submissions(submissions: pl.LazyFrame, unnamed: pl.DataFrame) -> pl.LazyFrame:
    """Submissions with `owner_id`, in their order; null where nobody may share them. `unnamed`: columns of UNNAMED."""
    told = submissions.join(unnamed.lazy(), on="agent_id", how="left", maintain_order="left")
    return told.with_columns(owner_id=pl.coalesce("user_id", "unnamed_owner_id")).drop("unnamed_owner_id")


def of_calls(calls: pl.LazyFrame) -> pl.LazyFrame:
    """Calls with `owner_id`, their user."""
    return calls.with_columns(owner_id=pl.col("user_id"))


def all_owners(calls: pl.LazyFrame, submissions: pl.LazyFrame) -> pl.Series:
    """Everybody who owns a record, in order. Both tables with `owner_id`."""
    named = pl.concat([table.select(pl.col("owner_id").unique()) for table in (calls, submissions)])
    return named.collect()["owner_id"].drop_nulls().unique().sort()
