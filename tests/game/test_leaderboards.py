"""SPEC section 10: boards, ties, windows and rank changes."""

import pytest

from tests.game.calls import NO_BOARDS
from tests.game.league import instant, pick, play, rules, task, tried

ENTRY = ("rank", "subject_id", "score")
BOOK = rules(points={"first_solver": 0}, board=[held for held in NO_BOARDS if held["slug"] != "points"])


def board(table, name="points", window="all", columns=ENTRY, **where):
    return pick(table["leaderboards"], *columns, board=name, window=window, **where)


def league(*solves, **more):
    """(agent, task, instant) of completed tasks; tasks are easy (5 points) and firsts earn nothing here."""
    records = [task(name) for name in sorted({name for _, name, _ in solves})]
    records += [tried(f"s{n:03}", agent, name, at) for n, (agent, name, at) in enumerate(solves)]
    return play(records, more.pop("book", BOOK), **more)


def test_the_points_board_orders_by_points_and_then_by_who_reached_them_earlier():
    table = league(
        ("ann", "a", "2026-03-02T10:00Z"), ("bob", "a", "2026-03-02T09:00Z"),
        ("cat", "a", "2026-03-02T08:00Z"), ("cat", "b", "2026-03-02T11:00Z"),
    )  # fmt: skip
    assert board(table) == [(1, "cat", 10.0), (2, "bob", 5.0), (3, "ann", 5.0)]


def test_entries_equal_in_every_ordering_column_share_a_rank_and_the_next_is_skipped():
    same = "2026-03-02T10:00Z"
    table = league(("dan", "a", "2026-03-02T11:00Z"), ("cat", "a", same), ("bob", "a", same),
                   ("ann", "a", "2026-03-02T09:00Z"))  # fmt: skip
    assert [(rank, who) for rank, who, _ in board(table)] == [(1, "ann"), (2, "bob"), (2, "cat"), (4, "dan")]


def test_a_zero_point_row_does_not_move_reached_at():
    book = rules(points={"first_solver": 0, "difficulty": {"easy": [0, 0]}})
    records = [task("hard", difficulty="hard"), task("easy")]
    records += [tried("s1", "ann", "hard", "2026-03-02T10:00Z"), tried("s2", "ann", "easy", "2026-03-02T12:00Z")]
    assert board(play(records, book), columns=("points", "reached_at")) == [(20, instant("2026-03-02T10:00Z"))]
    assert board(play([records[1], records[3]], book)) == []  # an entry needs a score above 0


def test_every_day_week_and_month_has_its_board_with_its_dates():
    table = league(("ann", "a", "2026-02-28T10:00Z"), ("ann", "b", "2026-03-01T10:00Z"))
    dates = ("window_start_on", "window_end_on", "score")
    shown = {
        w: [(str(a), str(b), s) for a, b, s in board(table, window=w, columns=dates)] for w in ("day", "week", "month")
    }
    assert shown == {
        "day": [("2026-02-28", "2026-02-28", 5.0), ("2026-03-01", "2026-03-01", 5.0)],
        "week": [("2026-02-23", "2026-03-01", 10.0)],
        "month": [("2026-02-01", "2026-02-28", 5.0), ("2026-03-01", "2026-03-31", 5.0)],
    }


def test_previous_rank_is_that_of_the_calendar_window_directly_before():
    table = league(
        ("ann", "a", "2026-03-02T10:00Z"), ("bob", "b", "2026-03-02T11:00Z"),
        ("bob", "c", "2026-03-09T10:00Z"), ("cat", "d", "2026-03-09T11:00Z"),
        ("bob", "e", "2026-03-23T10:00Z"),
    )  # fmt: skip
    columns = ("window_start_on", "subject_id", "rank", "previous_rank", "rank_change")
    weeks = [(str(day), *rest) for day, *rest in board(table, window="week", columns=columns)]
    assert weeks == [
        ("2026-03-02", "ann", 1, None, None), ("2026-03-02", "bob", 2, None, None),
        ("2026-03-09", "bob", 1, 2, 1), ("2026-03-09", "cat", 2, None, None),
        ("2026-03-23", "bob", 1, None, None),
    ]  # fmt: skip


def test_the_all_time_board_compares_with_itself_a_week_before_as_of():
    table = league(
        ("ann", "a", "2026-03-02T10:00Z"), ("bob", "b", "2026-03-02T11:00Z"), ("bob", "c", "2026-03-09T12:00Z"),
        as_of=instant("2026-03-09T11:00Z") + 3_600_000_000,
    )  # fmt: skip
    assert board(table, columns=("subject_id", "rank", "previous_rank", "rank_change")) == [
        ("bob", 1, 2, 1), ("ann", 2, 1, -1),
    ]  # fmt: skip


def test_the_board_of_a_problem_orders_by_tasks_and_counts_only_that_problem():
    records = [task("a"), task("b", difficulty="extreme"), task("c"), task("x", problem="other", difficulty="extreme")]
    records += [
        tried("s1", "ann", "a", "2026-03-02T10:00Z"), tried("s2", "ann", "c", "2026-03-02T11:00Z"),
        tried("s3", "bob", "b", "2026-03-02T12:00Z"), tried("s4", "bob", "x", "2026-03-02T13:00Z"),
        tried("s5", "bob", "c", "2026-03-02T14:00Z", "rejected"),
    ]  # fmt: skip
    table = play(records)
    columns = ("subject_id", "score", "points", "tasks_completed", "attempts", "reached_at")
    assert board(table, "problem:collatz", columns=columns) == [
        ("ann", 2.0, 20, 2, 2, instant("2026-03-02T11:00Z")), ("bob", 1.0, 45, 1, 2, instant("2026-03-02T12:00Z")),
    ]  # fmt: skip
    assert board(table, "problem:other") == [(1, "bob", 1.0)]


def test_the_accuracy_board_needs_twenty_attempts_and_shows_the_wilson_bound():
    records = []
    for agent, n in (("ann", 20), ("bob", 19)):
        for i in range(n):
            records += [task(f"{agent}{i}")]
            verdict = "verified" if i else "rejected"
            records += [tried(f"{agent}{i:02}", agent, f"{agent}{i}", f"2026-03-02T10:{i:02}Z", verdict)]
    ((rank, agent, score, wilson, reached),) = board(
        play(records), "accuracy", columns=(*ENTRY, "wilson_low", "reached_at")
    )
    assert (rank, agent, score, reached) == (1, "ann", 0.95, None)
    assert wilson == pytest.approx(0.763869, abs=1e-6)  # statsmodels' proportion_confint(19, 20, method="wilson")


def team_season():
    solves = [("ann", "red", 1), ("bob", "red", 1), ("cat", "blue", 3), ("dan", None, 5)]
    records = []
    for agent, team, n in solves:
        for i in range(n):
            at = f"2026-03-02T1{i}:0{len(records) % 10}Z"
            records += [task(f"{agent}{i}"), tried(f"{agent}{i}", agent, f"{agent}{i}", at, team_id=team)]
    teams = [held for held in NO_BOARDS if not held["slug"].startswith("team-points")]
    return play(records, rules(points={"first_solver": 0}, board=teams), as_of=instant("2026-03-02T20:00Z"))


def test_teams_are_ordered_by_sum_and_by_mean_per_member():
    table = team_season()
    columns = ("rank", "subject_id", "score", "n_members", "agent_id")
    assert board(table, "team-points", columns=columns) == [(1, "blue", 15.0, 1, None), (2, "red", 10.0, 2, None)]
    assert board(table, "team-points-mean", columns=columns) == [(1, "blue", 15.0, 1, None), (2, "red", 5.0, 2, None)]
    assert pick(table["team_stats"], "team_id", "n_members", "points") == [("blue", 1, 15), ("red", 2, 10)]


def test_a_named_window_of_local_dates_or_instants_filters_the_ledger():
    import datetime as dt

    spring = {"slug": "spring", "name": "Spring", "start": dt.date(2026, 3, 2), "end": dt.date(2026, 3, 3)}
    cup = {"slug": "cup", "name": "Cup", "start": dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC),
           "end": dt.datetime(2026, 3, 4, tzinfo=dt.UTC), "task": "b"}  # fmt: skip
    book = rules(points={"first_solver": 0}, window=[spring, cup])
    table = league(
        ("ann", "a", "2026-03-01T23:59:59.999999Z"), ("ann", "b", "2026-03-02T00:00:00Z"),
        ("bob", "b", "2026-03-03T23:59:59.999999Z"), ("cat", "b", "2026-03-04T00:00:00Z"),
        ("bob", "c", "2026-03-02T10:00Z"), book=book,
    )  # fmt: skip
    assert board(table, window="spring") == [(1, "bob", 10.0), (2, "ann", 5.0)]
    columns = ("subject_id", "previous_rank", "window_start_on", "window_end_on")
    assert board(table, window="cup", columns=columns) == [("bob", None, dt.date(2026, 3, 2), dt.date(2026, 3, 3))]


def test_penalty_minutes_are_whole_minutes_to_each_solve_and_twenty_per_rejection_before_it():
    import datetime as dt

    day = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    book = rules(
        window=[{"slug": "final", "name": "Final", "start": day, "end": day + dt.timedelta(hours=5)}],
        board=[{
            "slug": "contest", "name": "Contest", "windows": ["final"],
            "order": ["tasks_completed desc", "penalty_minutes asc", "last_solve_minute asc"],
        }],
    )  # fmt: skip
    records = [task("a"), task("b"), task("c")]
    records += [
        tried("s1", "ann", "a", "2026-03-02T09:10:59Z", "rejected"), tried("s2", "ann", "a", "2026-03-02T09:30:59Z"),
        tried("s3", "ann", "b", "2026-03-02T10:00:00Z", "rejected"), tried("s4", "bob", "a", "2026-03-02T09:50:30Z"),
        tried("s5", "cat", "a", "2026-03-02T09:29:00Z"), tried("s6", "cat", "c", "2026-03-02T09:59:59.999999Z"),
    ]  # fmt: skip
    entries = board(play(records, book), "contest", "final", ("rank", "subject_id", "score", "penalty_minutes"))
    assert entries == [(1, "cat", 2.0, 29 + 59), (2, "ann", 1.0, 30 + 20), (3, "bob", 1.0, 50)]


def test_a_board_of_scope_team_ranks_within_each_team():
    book = rules(board=[{"slug": "inside", "name": "Inside", "scope": "team", "order": ["points desc"]}])
    records = []
    for agent, team, n in (("ann", "red", 2), ("bob", "red", 1), ("cat", "blue", 1)):
        for i in range(n):
            records += [
                task(f"{agent}{i}"),
                tried(f"{agent}{i}", agent, f"{agent}{i}", f"2026-03-02T1{i}:00Z", team_id=team),
            ]
    entries = board(play(records, book), "inside", columns=("scope", "scope_id", "rank", "subject_id"))
    assert entries == [("team", "blue", 1, "cat"), ("team", "red", 1, "ann"), ("team", "red", 2, "bob")]


def test_a_wilson_bound_is_the_same_to_the_last_bit_for_any_number_of_buckets():
    """Of buckets with one agent each Polars once divided by the attempts, all equal, as by one number."""
    records = [task("t1"), task("t2")]
    for agent, first in (("ada", "verified"), ("bo", "rejected"), ("zoë", "rejected")):
        records.append(tried(f"{agent}-1", agent, "t1", "2026-01-02T10:00:00Z", first))
        records.append(tried(f"{agent}-2", agent, "t2", "2026-01-02T11:00:00Z"))
    one, *others = (play(records, BOOK, buckets=n)["leaderboards"] for n in (1, 2, 3))
    assert all(entry["wilson_low"] for entry in one if entry["subject_id"] == "ada")
    assert {entry["subject_id"] for entry in one} == {"ada", "bo", "zoë"}
    assert others == [one, one]
