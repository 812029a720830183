"""What each owner puts into the aggregates: the months, the counts, the cap, the public keys."""

import datetime as dt
from math import isqrt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.arena.aggregates import clipped, key_set, monthly_counts, months_to_release
from pipelines.arena.leaving import COUNTS
from tests.arena.aggregate_rows import NO_CALLS, calls, counts, policy, tries

WORDS = policy().words


def of(calls_: pl.LazyFrame, tries_: pl.LazyFrame, owners: list[str], months: list[str], zone: str = "UTC") -> list:
    frame = monthly_counts(calls_, tries_, pl.Series(owners, dtype=pl.String), months, WORDS, zone)
    assert frame.schema == COUNTS
    return frame.rows()


def test_calls_and_tries_are_counted_per_owner_month_agent_and_category():
    worked = calls(
        ("ann", "python-pro", "testing", True, "2026-10-01T00:00"),
        ("ann", "python-pro", "testing", True, "2026-10-31T23:59"),
        ("ann", "python-pro", "testing", False, "2026-10-05T12:00"),
        ("ann", "python-pro", "testing", True, "2026-09-30T23:59"),
        ("bob", "python-pro", "testing", True, "2026-11-01T00:00"),
    )
    tried = tries(
        ("bob", "python-pro", "t1", "collatz", "rejected", "2026-10-02T00:00", True),
        ("bob", "python-pro", "t1", "collatz", "verified", "2026-10-03T00:00", True),
    )
    assert of(worked, tried, ["ann", "bob"], ["2026-10", "2026-11"]) == [
        ("ann", "calls", "2026-10", "python-pro", "testing", 2, 1),
        ("bob", "calls", "2026-11", "python-pro", "testing", 1, 0),
        ("bob", "submissions", "2026-10", "python-pro", "collatz", 1, 1),
    ]


def test_words_that_may_not_leave_are_other_and_so_is_no_word():
    worked = calls(
        ("ann", "secret-agent", "testing", True, "2026-10-01T00:00"),
        ("ann", "other", "secret", True, "2026-10-01T00:00"),
        ("ann", "python-pro", None, False, "2026-10-01T00:00"),
        ("ann", "python-pro", "collatz", False, "2026-10-01T00:00"),
    )
    tried = tries(("ann", "solver-7", "t1", "testing", "rejected", "2026-10-02T00:00", True))
    assert of(worked, tried, ["ann"], ["2026-10"]) == [
        ("ann", "calls", "2026-10", "other", "other", 1, 0),
        ("ann", "calls", "2026-10", "other", "testing", 1, 0),
        ("ann", "calls", "2026-10", "python-pro", "other", 0, 2),
        ("ann", "submissions", "2026-10", "other", "other", 0, 1),
    ]


def test_the_month_is_that_of_the_zone_of_the_rulebook():
    worked = calls(
        ("ann", "python-pro", "testing", True, "2026-10-31T22:59"), ("ann", "x", "y", True, "2026-10-31T23:00")
    )
    assert [row[2:4] for row in of(worked, tries(), ["ann"], ["2026-10", "2026-11"], "Europe/Berlin")] == [
        ("2026-10", "python-pro"), ("2026-11", "other"),
    ]  # fmt: skip


def test_whoever_is_not_named_changes_nothing():
    worked = calls(("ann", "python-pro", "testing", True, "2026-10-01T00:00"))
    tried = tries(
        ("eve", "python-pro", "t1", "collatz", "verified", "2026-10-01T00:00", True),
        (None, "python-pro", "t1", "collatz", "verified", "2026-10-01T01:00", False),
        ("ann", "python-pro", "t1", "collatz", "rejected", "2026-10-02T00:00", False),
        ("ann", "python-pro", "t1", "collatz", "verified", "2026-10-03T00:00", False),
        ("ann", "python-pro", "t1", "collatz", "verified", "2026-10-04T00:00", False),
    )
    told = of(worked, tried, ["ann"], ["2026-10"])
    assert told[1:] == [("ann", "submissions", "2026-10", "python-pro", "collatz", 1, 1)]
    assert told == of(worked, tried.filter(pl.col("owner_id") == "ann"), ["ann"], ["2026-10"])
    assert of(worked, tried, [], ["2026-10"]) == []


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from("vrp?"), st.integers(1, 28)), max_size=40)
)
def test_where_agents_are_not_shared_what_counts_is_what_the_season_counts(rows: list[tuple[int, int, str, int]]):
    verdicts = {"v": "verified", "r": "rejected", "p": "pending", "?": "rejected"}
    solved: set[tuple[int, int]] = set()
    told, expected = [], [0, 0]
    for owner, task, letter, day in sorted(rows, key=lambda row: row[3]):
        known = letter != "?"
        is_counted = letter in "vr" and (owner, task) not in solved
        if letter == "v":
            solved.add((owner, task))
        expected[letter == "r"] += is_counted
        problem, task_id = ("collatz", f"t{task}") if known else (None, f"unknown{task}")
        at = f"2026-10-{day:02}T00:00"
        told.append((f"o{owner}", f"agent-of-{owner}", task_id, problem, verdicts[letter], at, is_counted))
    frame = monthly_counts(NO_CALLS, tries(*told), pl.Series(["o0", "o1", "o2"]), ["2026-10"], WORDS, "UTC")
    assert [frame["successes"].sum(), frame["failures"].sum()] == expected


def test_an_owner_within_the_cap_is_told_as_they_are_and_the_margins_beside():
    exact = counts(
        ("ann", "calls", "2026-10", "python-pro", "other", 2, 0),
        ("ann", "calls", "2026-10", "python-pro", "testing", 1, 2),
    )
    assert clipped(exact, 5).rows() == [
        ("ann", "calls", "2026-10", "python-pro", None, 3, 2),
        ("ann", "calls", "2026-10", "python-pro", "other", 2, 0),
        ("ann", "calls", "2026-10", "python-pro", "testing", 1, 2),
    ]


def test_an_owner_over_the_cap_is_scaled_down_by_kind_and_month_and_margins_and_cells_apart():
    exact = counts(
        ("ann", "calls", "2026-10", "python-pro", "other", 30, 0),
        ("ann", "calls", "2026-10", "python-pro", "testing", 0, 40),
        ("ann", "calls", "2026-11", "python-pro", "other", 3, 4),
        ("ann", "submissions", "2026-10", "other", "other", 300, 1),
        ("bob", "calls", "2026-10", "other", "other", 0, 49),
    )
    assert clipped(exact, 30).rows() == [
        ("ann", "calls", "2026-10", "python-pro", None, 18, 24),  # norm 50 -> 30
        ("ann", "calls", "2026-10", "python-pro", "other", 18, 0),
        ("ann", "calls", "2026-10", "python-pro", "testing", 0, 24),
        ("ann", "calls", "2026-11", "python-pro", None, 3, 4),
        ("ann", "calls", "2026-11", "python-pro", "other", 3, 4),
        ("ann", "submissions", "2026-10", "other", None, 29, 0),
        ("ann", "submissions", "2026-10", "other", "other", 29, 0),
        ("bob", "calls", "2026-10", "other", None, 0, 30),  # 49 * (30 / 49) is not 30 in floating point
        ("bob", "calls", "2026-10", "other", "other", 0, 30),
    ]


def test_a_row_of_which_nothing_is_left_is_left_out():
    exact = counts(("ann", "calls", "2026-10", "a", "x", 10**6, 0), ("ann", "calls", "2026-10", "b", "x", 1, 0))
    assert clipped(exact, 30)["agent"].unique().to_list() == ["a"]


figures = st.one_of(st.integers(0, 40), st.integers(0, 10**9))
vectors = st.dictionaries(
    st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), st.tuples(figures, figures), min_size=1
)


@given(vectors, st.integers(1, 50))
def test_no_owner_moves_the_sums_further_than_the_cap_and_no_more_is_taken_than_must_be(vector, max_norm: int):
    exact = counts(*(("ann", "calls", "2026-10", *cell, *both) for cell, both in vector.items()))
    capped = clipped(exact, max_norm)
    margins = {agent: [sum(both[i] for (a, _), both in vector.items() if a == agent) for i in (0, 1)] for agent in "ab"}
    for is_margin, whole in ((True, margins), (False, vector)):
        given_ = [figure for both in whole.values() for figure in both]
        rows = capped.filter(pl.col("category").is_null() == is_margin)
        told = [*rows["successes"], *rows["failures"]]
        square = sum(figure**2 for figure in given_)
        assert sum(figure**2 for figure in told) <= max_norm**2
        kept = given_ if square <= max_norm**2 else [isqrt(x**2 * max_norm**2 // square) for x in given_]
        assert sorted(filter(None, told)) == sorted(filter(None, kept))
        scaled = [(x, y) for x, y in zip(given_, kept, strict=True) if y < x]
        assert all(y**2 * square <= x**2 * max_norm**2 < (y + 1) ** 2 * square for x, y in scaled)


def test_the_cap_is_not_applied_twice():
    capped = clipped(counts(("ann", "calls", "2026-10", "a", "x", 3, 4)), 30)
    with pytest.raises(ValueError, match="must not be applied twice"):
        clipped(capped, 30)


def test_the_keys_are_all_pairs_of_public_words_and_other_with_a_margin_for_each_agent():
    words = policy({"agents": ["zoo", "Plan"], "categories": ["testing"], "problems": []}).words
    assert key_set("calls", words).rows() == [
        ("Plan", None), ("Plan", "other"), ("Plan", "testing"),
        ("other", None), ("other", "other"), ("other", "testing"),
        ("zoo", None), ("zoo", "other"), ("zoo", "testing"),
    ]  # fmt: skip
    assert key_set("submissions", words)["category"].unique(maintain_order=True).to_list() == [None, "other"]


@pytest.mark.parametrize(
    ("as_of", "zone", "months"),
    [
        ("2026-12-03T23:59:59.999999", "UTC", ["2026-09", "2026-10"]),
        ("2026-12-04T00:00", "UTC", ["2026-10", "2026-11"]),
        ("2026-12-03T22:59", "Europe/Berlin", ["2026-09", "2026-10"]),
        ("2026-12-03T23:00", "Europe/Berlin", ["2026-10", "2026-11"]),
        ("2027-01-31T12:00", "UTC", ["2026-11", "2026-12"]),
        ("2027-01-01T12:00", "Asia/Tokyo", ["2026-10", "2026-11"]),
    ],
)
def test_a_month_is_released_when_it_is_over_and_verdicts_have_settled(as_of: str, zone: str, months: list[str]):
    limits = policy(months_back=2, settle_days=3).aggregates
    assert months_to_release(dt.datetime.fromisoformat(as_of), zone, limits) == months


def test_without_days_to_settle_a_month_is_released_right_after_its_end():
    limits = policy(months_back=3, settle_days=0).aggregates
    assert months_to_release(dt.datetime.fromisoformat("2026-03-01T00:00"), "UTC", limits) == [
        "2025-12",
        "2026-01",
        "2026-02",
    ]
