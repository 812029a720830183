"""Whose a record is: only its owner may share it.

A call is its user's. A submission is the user's that it names itself, not that of the agent's last one: so nobody
shares what another did with the same agent. One that names no user is the agent's own, whose id then stands for the
owner, unless a user has that id: then it is nobody's, and never leaves. Not here: who consented (consents.py).
"""

import polars as pl


def of_submissions(submissions: pl.LazyFrame, users: pl.Series) -> pl.LazyFrame:
    """Submissions with `owner_id`, null where nobody may share them. `users`: every id that is a user's."""
    is_users = pl.col("agent_id").is_in(users.implode())
    return submissions.with_columns(
        owner_id=pl.coalesce("user_id", pl.when(~is_users).then(pl.col("agent_id")).otherwise(None))
    )


def of_calls(calls: pl.LazyFrame) -> pl.LazyFrame:
    """Calls with `owner_id`, their user."""
    return calls.with_columns(owner_id=pl.col("user_id"))


def users_of(calls: pl.LazyFrame, submissions: pl.LazyFrame) -> pl.Series:
    """Every id that a call or submission names as its user, in order."""
    named = pl.concat([table.select(pl.col("user_id").unique()) for table in (calls, submissions)])
    return named.collect()["user_id"].drop_nulls().unique().sort()
