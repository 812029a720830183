"""The oracle against examples computed by hand from the specification, so that the judge has been judged, too.

Here: badges and boards. What counts, points and streaks: test_oracle.py.
"""

import datetime as dt

import pytest

from tests.laws.literal import T0, Row, pick, play, solved, task, tried
from tests.laws.oracle_boards import wilson_low
from tests.laws.oracle_rules import (
    DAY,
    HOUR,
    MINUTE,
    Badge,
    Board,
    Rules,
    Window,
    instant,
    last_instant,
)


def badges_of(log: list[Row], rules: Rules | None = None, as_of: int | None = None) -> dict[tuple[str, str], int]:
    rows = play(log, rules, as_of)["badges"]
    return {(row["subject_id"], row["badge"]): row["earned_at"] for row in rows}


def test_on_fire_is_ten_tasks_of_which_the_last_is_at_most_24_hours_after_the_first() -> None:
    nine = [T0 + n * HOUR for n in range(9)]
    assert badges_of(solved("ada", *nine, T0 + DAY))["ada", "on-fire"] == T0 + DAY
    assert ("ada", "on-fire") not in badges_of(solved("ada", *nine, T0 + DAY + 1))
    assert badges_of(solved("ada", *nine, T0 + DAY + 1))["ada", "rising-star"] == T0 + DAY + 1


def test_sharpshooter_is_kept_when_accuracy_falls_and_needs_twenty_attempts() -> None:
    log = [*solved("ada", *(T0 + n * HOUR for n in range(19))), task("u"), tried("r", "ada", "u", T0 + 1, "rejected")]
    more = [tried(f"x{n}", "ada", "u", T0 + 30 * HOUR + n, "rejected") for n in range(5)]
    assert badges_of(log + more)["ada", "sharpshooter"] == T0 + 18 * HOUR  # 19 of 20 are 95 %
    assert ("ada", "sharpshooter") not in badges_of(log[:37] + log[-2:] + more)  # 18 of 19, then 18 of 20 and less
    progress = play(log[:-1])["badge_progress"]
    assert pick(progress, "value", "progress_share", badge="sharpshooter") == [(1.0, 0.95)]


def test_nineteen_of_nineteen_and_then_a_rejection_is_sharp_enough() -> None:
    log = solved("ada", *(T0 + n * HOUR for n in range(19)))
    log += [task("u"), tried("r", "ada", "u", T0 + 20 * HOUR, "rejected")]
    assert badges_of(log)["ada", "sharpshooter"] == T0 + 20 * HOUR


def test_speed_demon_looks_at_submitted_at_whatever_the_clock() -> None:
    for claimed_at, is_earned in ((T0 - 5 * MINUTE, True), (T0 - 5 * MINUTE - 1, False), (None, False)):
        log = [task("t"), tried("s", "ada", "t", T0, known_at=T0 + DAY, judged_at=T0 + DAY, claimed_at=claimed_at)]
        for rules, at in ((Rules(), T0), (Rules(clock="judged_at"), T0 + DAY)):
            assert badges_of(log, rules).get(("ada", "speed-demon")) == (at if is_earned else None)


def test_drawing_level_with_the_leader_makes_no_champion() -> None:
    log = solved("ada", T0) + solved("bo", T0 + 1)  # 10 points each
    assert badges_of(log)["ada", "champion"] == T0
    assert ("bo", "champion") not in badges_of(log)
    shares = pick(play(log)["badge_progress"], "progress_share", "value", "threshold", badge="champion")
    assert shares == [(1.0, 10.0, 10.0)]
    together = solved("ada", T0) + solved("bo", T0)
    assert not {badge for _, badge in badges_of(together)} & {"champion"}
    assert badges_of(together + solved("bo", T0 + HOUR, name="u"))["bo", "champion"] == T0 + HOUR


def test_champion_looks_once_all_rows_of_an_instant_are_applied() -> None:
    two = [*solved("ada", T0, T0), *solved("bo", T0, T0)]
    assert not {badge for _, badge in badges_of(two)} & {"champion"}
    last = play([*two, *solved("ada", T0, name="v")])["badges"]
    assert pick(last, "event_id", badge="champion") == [(f"e-v-ada-00-{T0}",)]


def test_a_badge_that_requires_others_is_earned_with_the_last_of_them() -> None:
    chain = (Badge(slug="first"), Badge(slug="third", threshold=3), Badge(slug="both", requires=("third",)))
    log = solved("ada", T0, T0 + HOUR, T0 + 2 * HOUR)
    assert badges_of(log, Rules(badges=chain))["ada", "both"] == T0 + 2 * HOUR
    progress = play(log[:4], Rules(badges=chain), T0 + HOUR)["badge_progress"]
    assert pick(progress, "progress_share", badge="both") == [(1.0,)]


def test_equals_share_a_rank_and_the_next_is_skipped() -> None:
    log = solved("ada", T0, T0 + HOUR) + solved("bo", T0 + HOUR) + solved("cy", T0 + HOUR) + solved("di", T0 + 2 * HOUR)
    rows = play(log)["leaderboards"]
    assert pick(rows, "rank", "subject_id", board="points", window="all") == [
        (1, "ada"),
        (2, "bo"),
        (2, "cy"),
        (4, "di"),
    ]
    assert pick(rows, "rank", "subject_id", "reached_at", board="problem:collatz", window="month")[1:] == [
        (2, "bo", T0 + HOUR),
        (2, "cy", T0 + HOUR),
        (4, "di", T0 + 2 * HOUR),
    ]


def test_previous_rank_is_that_of_the_calendar_window_before_or_of_a_week_ago() -> None:
    rows = play(solved("ada", T0) + solved("bo", T0 + 1, T0 + 7 * DAY))["leaderboards"]
    columns = ("subject_id", "rank", "previous_rank", "rank_change")
    assert pick(rows, *columns, board="points", window="all") == [("bo", 1, None, None), ("ada", 2, 1, -1)]
    week = dt.date(2025, 3, 17)
    assert pick(rows, *columns, board="points", window="week", window_start_on=week) == [("bo", 1, 2, 1)]
    assert pick(rows, *columns, board="points", window="day", window_start_on=week) == [("bo", 1, None, None)]


def test_wilson_lower_bounds_are_those_of_the_textbook() -> None:
    assert wilson_low(0, 10) == 0
    assert wilson_low(10, 10) == pytest.approx(0.7224672001371107)
    assert wilson_low(81, 263) == pytest.approx(0.2553, abs=5e-5)  # Newcombe 1998, table I, method 3


def test_accuracy_boards_need_their_attempts_and_have_no_reached_at() -> None:
    log = [task("t"), tried("r", "ada", "t", T0, "rejected"), tried("s", "ada", "t", T0 + 1), *solved("bo", T0)]
    rules = Rules(boards=(Board(slug="accuracy", order=("accuracy desc", "tasks_completed desc"), min_attempts=2),))
    rows = play(log, rules)["leaderboards"]
    assert pick(rows, "subject_id", "score", "wilson_low", "reached_at") == [("ada", 0.5, wilson_low(1, 2), None)]


def test_a_team_means_over_its_members_with_a_row_in_the_window() -> None:
    log = [task("t", difficulty="hard"), task("u"), task("v")]
    log += [tried("a", "ada", "t", T0, team_id="red"), tried("b", "bo", "u", T0 + 1, team_id="red")]
    log += [tried("c", "cy", "v", T0 + 2, team_id="blue"), tried("d", "di", "v", T0 + 3, "rejected", team_id="blue")]
    rows = play(log)["leaderboards"]
    columns = ("rank", "subject_id", "score", "n_members", "attempts", "reached_at")
    assert pick(rows, *columns, board="team-points-mean", window="all") == [
        (1, "red", 17.5, 2, 2, T0 + 1),
        (2, "blue", 10.0, 1, 2, T0 + 2),
    ]


def test_penalty_minutes_are_those_of_the_contest_rule() -> None:
    cup = Window(
        slug="cup", start=dt.datetime(2025, 3, 10, 9, tzinfo=dt.UTC), end=dt.datetime(2025, 3, 10, 14, tzinfo=dt.UTC)
    )
    order = ("tasks_completed desc", "penalty_minutes asc", "last_solve_minute asc")
    rules = Rules(boards=(Board(slug="icpc", order=order, windows=("cup",)),), windows=(cup,))
    log = [
        task("t"),
        task("u"),
        tried("r", "ada", "t", T0 + MINUTE, "rejected"),
        tried("s", "ada", "t", T0 + 3 * MINUTE - 1),
    ]
    log += [tried("x", "ada", "u", T0 + MINUTE, "rejected"), tried("y", "ada", "u", T0 + 5 * HOUR)]  # too late
    rows = play(log, rules)["leaderboards"]
    assert pick(rows, "subject_id", "score", "penalty_minutes", "window_end_on") == [
        ("ada", 1.0, 22, dt.date(2025, 3, 10))
    ]


def test_named_windows_of_dates_include_both_and_filter() -> None:
    march = Window(slug="spring", start=dt.date(2025, 3, 10), end=dt.date(2025, 3, 11), problem=("goldbach",))
    log = solved("ada", T0, problem="goldbach") + solved(
        "bo", last_instant(dt.date(2025, 3, 11), "UTC"), problem="goldbach"
    )
    log += solved("cy", T0) + solved("di", instant("2025-03-12T00:00Z"), problem="goldbach")
    rows = play(log, Rules(windows=(march,)))["leaderboards"]
    assert pick(rows, "subject_id", "previous_rank", board="points", window="spring") == [("ada", None), ("bo", None)]


def test_rows_without_points_do_not_move_reached_at() -> None:
    easy_is_nothing = Rules(first_solver=0, difficulty={**Rules().difficulty, "easy": (0, 0)})
    log = solved("ada", T0, difficulty="hard") + solved("ada", T0 + HOUR, name="v")
    rows = play(log, easy_is_nothing)["leaderboards"]
    assert pick(rows, "score", "reached_at", board="points", window="all") == [(20.0, T0)]
    assert pick(rows, "score", "reached_at", board="problem:collatz", window="all") == [(2.0, T0 + HOUR)]
