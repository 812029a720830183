"""Whose a record is: its own user's, and without one that of the only user of its agent, or the agent's own."""

import polars as pl

from pipelines.arena.owners import all_owners, of_calls, of_submissions, unnamed_owners

CALLS = pl.LazyFrame({"user_id": ["ann", "drone"], "agent_id": ["python-pro", "python-pro"]})


def submissions(*rows: tuple[str, str | None]) -> pl.LazyFrame:
    return pl.LazyFrame(rows, schema={"agent_id": pl.String, "user_id": pl.String}, orient="row")


def owners(*rows: tuple[str, str | None]) -> list[str | None]:
    every = submissions(*rows)
    return of_submissions(every, unnamed_owners(CALLS, every)).collect()["owner_id"].to_list()


def test_a_submission_is_its_own_users_whoever_used_the_agent_last():
    assert owners(("lark", "ann"), ("lark", "bob")) == ["ann", "bob"]


def test_one_without_a_user_is_the_only_users_of_its_agent():
    assert owners(("lark", None), ("lark", "ann"), ("lark", "ann")) == ["ann", "ann", "ann"]


def test_one_without_a_user_is_nobodys_where_its_agent_has_several():
    assert owners(("lark", None), ("lark", "ann"), ("lark", "bob")) == [None, "ann", "bob"]


def test_an_agent_that_no_user_ever_used_is_its_own_owner():
    assert owners(("lark", None), ("lark", None), ("yak", "ann")) == ["lark", "lark", "ann"]


def test_unless_a_user_has_its_name():
    assert owners(("drone", None), ("ann", None), ("bob", None), ("yak", "bob")) == [None, None, None, "bob"]


def test_order_and_other_columns_stay():
    every = submissions(("b", "x"), ("a", None), ("b", "y")).with_row_index("n")
    told = of_submissions(every, unnamed_owners(CALLS, every)).collect()
    assert told.columns == ["n", "agent_id", "user_id", "owner_id"]
    assert told["n"].to_list() == [0, 1, 2]


def test_everybody_who_owns_a_record_is_listed_once():
    every = submissions(("lark", None), ("yak", "ann"), ("yak", "bob"), ("yak", None))
    told = all_owners(of_calls(CALLS), of_submissions(every, unnamed_owners(CALLS, every)))
    assert told.to_list() == ["ann", "bob", "drone", "lark"]
