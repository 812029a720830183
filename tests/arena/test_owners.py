"""Whose a record is: the user's that it names, and nobody's without one."""

import polars as pl

from pipelines.arena.owners import all_owners, owned


def records(*users: str | None) -> pl.LazyFrame:
    return pl.LazyFrame({"user_id": users, "n": range(len(users))}, schema_overrides={"user_id": pl.String})


def test_a_record_is_its_own_users_and_without_a_user_nobodys():
    told = owned(records("ann", None, "bob")).collect()
    assert told["owner_id"].to_list() == ["ann", None, "bob"]
    assert told["n"].to_list() == [0, 1, 2]


def test_everybody_who_owns_a_record_is_listed_once():
    assert all_owners(owned(records("bob", None)), owned(records("ann", "bob"))).to_list() == ["ann", "bob"]
