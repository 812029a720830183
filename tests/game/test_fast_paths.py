"""Each trick of the fast path equals its slow twin: the plain way to say the same thing."""

import datetime as dt
from bisect import bisect_left

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.game import champion, first_solvers, points, runs, submissions, tallies
from pipelines.game.counting import first_within, running_count
from pipelines.game.packing import packed, sorted_rows

SMALL = st.integers(0, 3)
FAR = st.sampled_from([0, 1, 2, 2**40, 2**62, -(2**62)])  # instants that fit one packed number, and that do not
ROWS = st.lists(st.tuples(SMALL, FAR, st.sampled_from("abé")), max_size=12)
EPOCH = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - naive UTC, as inside the game


@given(ROWS)
def test_one_packed_sort_orders_like_a_sort_by_three_columns(rows):
    frame = pl.DataFrame(rows, schema={"group": pl.Int64, "at": pl.Int64, "id": pl.String}, orient="row").unique()
    order = sorted_rows(frame["group"], frame["at"], frame["id"])
    assert frame[order].rows() == sorted(frame.rows())


@given(ROWS, st.integers(0, 2**40))
def test_packed_numbers_compare_as_the_pairs_do_and_keep_groups_apart(rows, margin):
    frame = pl.DataFrame(rows, schema={"group": pl.Int64, "at": pl.Int64, "id": pl.String}, orient="row")
    pairs = frame.select("group", "at").rows()
    numbers = packed(frame["group"], frame["at"], margin).to_list()
    for pair, number in zip(pairs, numbers, strict=True):
        for other, other_number in zip(pairs, numbers, strict=True):
            assert (pair < other) == (number < other_number)
            assert pair[0] >= other[0] or other_number - number > margin


@given(st.lists(st.tuples(SMALL, SMALL, st.booleans()), max_size=20), st.sampled_from([1, 2**31]))
def test_a_repeat_is_whatever_comes_after_a_solve_of_its_agent_and_task(tries, spread):
    tries = sorted(tries, key=lambda one: one[0])
    solved, expected = set(), []
    for agent, task, is_solving in tries:
        expected.append((agent, task) in solved)
        solved |= {(agent, task)} if is_solving else set()
    numbers = pl.DataFrame(
        [(agent * spread, task * spread, is_solving) for agent, task, is_solving in tries],
        schema={"agent": pl.Int64, "task": pl.Int64, "is_solving": pl.Boolean},
        orient="row",
    )  # spread: numbers so far apart that they do not fit into 64 bits
    assert submissions.repeats(*numbers.get_columns()).to_list() == expected


@given(st.lists(st.tuples(SMALL, SMALL, st.integers(0, 9)), max_size=20))
def test_sums_over_runs_are_those_of_a_group_by_over_sorted_rows(rows):
    frame = pl.DataFrame(sorted(rows), schema={"a": pl.Int64, "b": pl.Int64, "n": pl.Int64}, orient="row")
    fast = runs.run_sums(frame, ("a", "b"), {"n": pl.col("n")}, {"last": pl.col("n")})
    slow = frame.group_by("a", "b", maintain_order=True).agg(pl.col("n").sum(), last=pl.col("n").last())
    assert fast.rows() == slow.rows()


@given(st.lists(st.booleans(), max_size=12))
def test_the_value_at_a_start_is_that_of_the_last_row_that_starts(starts):
    frame = pl.DataFrame({"is_start": starts}, schema={"is_start": pl.Boolean})
    fast = frame.select(runs.value_at_start(runs.row_number(), pl.col("is_start"))).to_series().to_list()
    assert fast == [max((at for at in range(n + 1) if starts[at]), default=None) for n in range(len(starts))]


@given(st.lists(st.tuples(SMALL, st.integers(0, 30)), max_size=20), st.integers(0, 12))
def test_a_sliding_window_counts_the_rows_of_a_key_that_are_near_enough(rows, within_s):
    rows = sorted(rows)
    at = [EPOCH + dt.timedelta(seconds=second) for _, second in rows]
    frame = pl.DataFrame(
        {"key": [key for key, _ in rows], "at": at}, schema={"key": pl.UInt32, "at": pl.Datetime("us")}
    )
    counted = running_count(frame, "key", within_s)["value"].to_list()
    assert counted == [
        sum(key == other and 0 <= second - before <= within_s for other, before in rows[: n + 1])
        for n, (key, second) in enumerate(rows)
    ]


@given(st.lists(st.integers(0, 30), max_size=20), st.integers(0, 12))
def test_the_first_row_within_a_window_is_found_as_by_bisection(seconds, within_s):
    seconds = sorted(seconds)
    at = pl.Series([EPOCH + dt.timedelta(seconds=s) for s in seconds], dtype=pl.Datetime("us"))
    found = first_within(pl.Series([0] * len(seconds), dtype=pl.UInt32), at, within_s * 1_000_000)
    assert found.to_list() == [bisect_left(seconds, s - within_s) for s in seconds]


@given(st.lists(st.tuples(st.integers(0, 100), SMALL, st.integers(1, 9)), max_size=20))
def test_rows_without_hope_are_no_new_bests(rows):
    totals = pl.DataFrame(
        [(EPOCH + dt.timedelta(hours=hour), agent, total) for hour, agent, total in rows],
        schema={"earned_at": pl.Datetime("us"), "agent": pl.UInt32, "total": pl.Int64},
        orient="row",
    )
    hopeful = champion.without_hopeless(totals)
    assert champion.new_bests(hopeful).rows() == champion.new_bests(totals).rows()


@given(st.lists(st.tuples(SMALL, st.integers(0, 5), st.sampled_from("abcd")), max_size=20), st.integers(1, 4))
def test_the_first_to_solve_each_task_is_the_least_of_all_whatever_the_buckets(rows, n_buckets):
    rows = sorted(set(rows), key=hash)
    solves = [(task, EPOCH + dt.timedelta(hours=hour), text, 0) for task, hour, text in rows]
    buckets = [
        pl.DataFrame(solves[n::n_buckets], schema=first_solvers.FIRST_SOLVES, orient="row") for n in range(n_buckets)
    ]
    nobody = pl.DataFrame(schema=first_solvers.WAITING)
    race = first_solvers.Race.begun(buckets[0], nobody, 4)
    for bucket in buckets:
        race = race.joined(bucket, nobody)
    first = {task: min((solve for solve in solves if solve[0] == task), default=(None,) * 4) for task in range(4)}
    assert race.solves.rows() == [first[task] for task in range(4)]


@given(st.lists(st.tuples(SMALL, st.integers(0, 40), st.integers(0, 9), st.integers(0, 1)), max_size=20))
def test_an_agents_windows_add_up_by_runs_as_by_groups(rows):
    made = [
        {"agent": agent, "at": EPOCH + dt.timedelta(hours=hour), "points": n, "completed": done, "attempts": 1}
        for agent, hour, n, done in sorted(rows)
    ]
    types = {
        "agent": pl.UInt32,
        "at": pl.Datetime("us"),
        **dict.fromkeys(("points", "completed", "attempts"), pl.Int64),
    }
    frame = pl.DataFrame(made, schema=types).with_columns(is_award=pl.col("completed") > 0)
    for window in (pl.col("at").dt.date(), pl.lit(None, dtype=pl.Date)):
        held = frame.with_columns(window_start=window)
        fast = tallies._agents_by_runs(held)
        n_members = pl.col("is_award").any().cast(pl.Int64)
        slow = held.group_by("window_start", "agent", maintain_order=True).agg(
            **tallies._of_submissions(), n_members=n_members
        )
        assert fast.equals(slow)


@given(st.lists(st.tuples(SMALL, st.integers(0, 60), st.integers(0, 9), st.sampled_from("vrp")), max_size=20))
def test_days_add_up_by_runs_as_by_groups(rows):
    made = [
        {"agent": agent, "day": (EPOCH + dt.timedelta(hours=hour)).date(), "points": n, "is_verified": kind == "v",
         "is_counted": kind != "p", "could_count": kind == "p"}
        for agent, hour, n, kind in sorted(rows)
    ]  # fmt: skip
    flags = dict.fromkeys(("is_verified", "is_counted", "could_count"), pl.Boolean)
    frame = pl.DataFrame(made, schema={"agent": pl.UInt32, "day": pl.Date, "points": pl.Int64, **flags})
    frame = frame.with_row_index("row")
    slow = frame.group_by("agent", "day", maintain_order=True).agg(
        completed=pl.col("is_verified").sum().cast(pl.Int64),
        rejected=(pl.col("is_counted") & ~pl.col("is_verified")).sum().cast(pl.Int64),
        waiting=pl.col("could_count").sum().cast(pl.Int64),
        points=pl.col("points").sum(),
        last_row=pl.when("is_verified").then("row").max(),
    )
    assert points.tally_days(frame).equals(slow)
