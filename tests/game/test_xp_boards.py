"""SPEC section 10: boards of agent calls and their XP."""

import datetime as dt

import pytest

from tests.game.calls import called, only
from tests.game.league import instant, pick, play, task, tried

NINE, TEN, ELEVEN = "2026-03-02T09:00Z", "2026-03-02T10:00Z", "2026-03-02T11:00Z"
ENTRY = ("rank", "subject_id", "score", "reached_at")


def board(records, name, book=None, window="all", columns=ENTRY, **more):
    """Entries of one board, which is played alone: most of the time goes on boards."""
    book = book or only()
    alone = book.model_copy(update={"board": tuple(rule for rule in book.board if rule.slug == name)})
    return pick(play(records, alone, **more)["leaderboards"], *columns, board=name, window=window)


def mine(**keys):
    return only(board=[{"slug": "mine", "name": "Mine", **keys}])


WORKED = [
    called("a", "ann", "py", NINE, team_id="red", project_id="web"),
    called("b", "bob", "py", TEN, team_id="red"),
    called("c", "bob", "js", ELEVEN, base_points=30, project_id="app"),
]


def test_users_agents_and_pairs_stand_by_their_xp():
    assert board(WORKED, "xp-user") == [(1, "bob", 40.0, instant(ELEVEN)), (2, "ann", 10.0, instant(NINE))]
    assert board(WORKED, "xp-agent") == [(1, "js", 30.0, instant(ELEVEN)), (2, "py", 20.0, instant(TEN))]
    columns = ("rank", "subject_id", "user_id", "agent_id", "score")
    assert board(WORKED, "xp-user-agent", columns=columns) == [
        (1, '["bob","js"]', "bob", "js", 30.0), (2, '["ann","py"]', "ann", "py", 10.0),
        (3, '["bob","py"]', "bob", "py", 10.0),
    ]  # fmt: skip


def test_a_project_has_a_ranking_of_its_own():
    columns = ("scope", "scope_id", "rank", "subject_id", "score")
    assert board(WORKED, "project-xp-user", columns=columns) == [
        ("project", "app", 1, "bob", 30.0), ("project", "web", 1, "ann", 10.0),
    ]  # fmt: skip
    assert board(WORKED, "project-xp-agent", columns=columns) == [
        ("project", "app", 1, "js", 30.0), ("project", "web", 1, "py", 10.0),
    ]  # fmt: skip


def test_a_team_has_the_sum_or_the_mean_over_users_with_a_row_of_that_team_in_the_window():
    records = [*WORKED, called("d", "ann", "py", NINE, base_points=15, team_id="blue")]
    columns = ("rank", "subject_id", "score", "n_members")
    assert board(records, "team-xp", columns=columns) == [(1, "red", 20.0, 2), (2, "blue", 15.0, 1)]
    assert board(records, "team-xp-mean", columns=columns) == [(1, "blue", 15.0, 1), (2, "red", 10.0, 2)]


def test_xp_of_achievements_belongs_to_users_and_the_team_of_their_event_and_to_no_agent():
    book = only({"slug": "first", "metric": "successes", "threshold": 1, "xp": 50})
    scores = {name: board(WORKED[:1], name, book, columns=("score",)) for name in ("xp-user", "team-xp", "xp-agent")}
    assert scores == {"xp-user": [60.0], "team-xp": [60.0], "xp-agent": [10.0]}


def test_a_board_of_calls_has_no_columns_of_submissions_and_the_other_way_round():
    records = [task("t"), tried("s", "py", "t", NINE), *WORKED, called("d", "ann", "py", ELEVEN, False, base_points=1)]
    columns = ("points", "tasks_completed", "attempts", "accuracy", "xp", "calls", "success_share", "n_members")
    table = play(records, only())["leaderboards"]
    agent = pick(table, *columns, board="xp-agent", window="all", subject_id="py")
    assert agent == [(None, None, None, None, 20, 3, pytest.approx(2 / 3), None)]
    assert pick(table, *columns, board="points", window="all") == [(10, 1, 1, 1.0, None, None, None, None)]


def test_rows_without_xp_do_not_move_reached_at():
    records = [*WORKED[:1], called("z", "ann", "py", TEN, False, base_points=1)]
    assert board(records, "xp-user") == [(1, "ann", 10.0, instant(NINE))]


def test_equals_share_a_rank_and_stand_in_the_order_of_their_ids():
    records = [called(f"c{n}", user, agent, NINE) for n, (user, agent) in enumerate(
        (("u1", "py"), ("u1!", "py"), ('u"', "py"), ("é", "py"), ("u1", "js"))
    )]  # fmt: skip
    entries = board(records, "xp-user-agent", columns=("rank", "subject_id"))
    assert entries == [
        (1, '["u1!","py"]'), (1, '["u1","js"]'), (1, '["u1","py"]'), (1, '["u\\"","py"]'), (1, '["é","py"]'),
    ]  # fmt: skip


# --- measures ------------------------------------------------------------------------------------------------------
def test_calls_and_successes_are_reached_at_the_last_of_them():
    records = [called("a", "ann", "py", NINE), called("b", "ann", "py", TEN, False, base_points=1)]
    assert board(records, "mine", mine(order=["calls desc"])) == [(1, "py", 2.0, instant(TEN))]
    assert board(records, "mine", mine(order=["successes desc"])) == [(1, "py", 1.0, instant(NINE))]


def test_a_share_of_successes_needs_its_minimum_of_calls_and_is_never_reached():
    records = [called("a", "ann", "py", NINE, False), called("b", "ann", "py", NINE), called("c", "ann", "js", NINE)]
    records += [called(f"d{n}", "ann", "sql", NINE, False) for n in range(2)]
    book = mine(order=["success_share desc", "calls desc"], min_calls=2)
    assert board(records, "mine", book) == [(1, "py", 0.5, None), (2, "sql", 0.0, None)]


# --- windows -------------------------------------------------------------------------------------------------------
def test_weeks_and_months_are_those_of_the_calendar_and_know_the_rank_before():
    records = [
        called("a", "ann", "py", "2026-02-23T09:00Z", base_points=30),
        called("b", "bob", "py", "2026-02-24T09:00Z"),
        called("c", "bob", "py", "2026-03-02T09:00Z"),
    ]
    columns = ("window_start_on", "window_end_on", "rank", "subject_id", "score", "previous_rank", "rank_change")
    monday, march = dt.date(2026, 3, 2), dt.date(2026, 3, 1)
    assert board(records, "xp-user", window="week", columns=columns)[2:] == [
        (monday, dt.date(2026, 3, 8), 1, "bob", 10.0, 2, 1)
    ]
    assert board(records, "xp-user", window="month", columns=columns)[2:] == [
        (march, dt.date(2026, 3, 31), 1, "bob", 10.0, 2, 1)
    ]


def test_the_rank_before_of_all_time_is_that_of_a_week_before_as_of():
    records = [called("a", "ann", "py", NINE, base_points=15), called("b", "bob", "py", NINE),
               called("c", "bob", "py", "2026-03-09T09:00Z")]  # fmt: skip
    columns = ("rank", "subject_id", "previous_rank", "rank_change")
    assert board(records, "xp-user", columns=columns) == [(1, "bob", 2, 1), (2, "ann", 1, -1)]
    earlier = instant("2026-03-09T09:00Z") - 1
    assert board(records, "xp-user", columns=columns, as_of=earlier) == [(1, "ann", None, None), (2, "bob", None, None)]


@pytest.mark.parametrize(
    ("filters", "found"), [({"problem": "collatz"}, []), ({"task": ["t"]}, []), ({"difficulty": "easy"}, []),
                           ({"team": "red"}, ["ann", "bob"]), ({}, ["bob", "ann"])],
)  # fmt: skip
def test_a_named_window_with_filters_on_tasks_lets_no_call_through_and_one_on_teams_does(filters, found):
    cup = {"slug": "cup", "name": "Cup", "start": dt.date(2026, 3, 2), "end": dt.date(2026, 3, 2), **filters}
    assert board(WORKED, "xp-user", only(window=[cup]), window="cup", columns=("subject_id",)) == found
