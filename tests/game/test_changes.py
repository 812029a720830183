"""What changed between two seasons, and why: a verdict reversed, a bonus moved, other rules, an earlier instant."""

from typing import Any

from tests.game.calls import NO_BOARDS, called, series
from tests.game.changed import NO_BADGES, changed
from tests.game.league import instant, pick, rules, task, tried

DAY = "2026-03-02T"
BUT_POINTS = [board for board in NO_BOARDS if board["slug"] != "points"]
TASK = task("t")
ADA = tried("s1", "ada", "t", DAY + "10:00Z", event_id="e1")
BOB = tried("s2", "bob", "t", DAY + "11:00Z", event_id="e2")
REVERSED = tried("s1", "ada", "t", DAY + "10:00Z", "rejected", event_id="e99", at=DAY + "12:00Z")
SINCE_99 = "The verdict of submission s1 was verified and is rejected since event e99."
BOB_IS_FIRST = f"{SINCE_99} The first solver of task t is now bob."


def awards(told: list[dict[str, Any]], *, is_correction: bool = True) -> list[Any]:
    """Points that moved: who, the award, before and after, why."""
    columns = ("subject_id", "about", "before", "after", "because")
    moved = [row for row in told if row["kind"].startswith("points_")]
    return pick(moved, *columns, is_correction=is_correction)


def test_a_reversed_verdict_takes_points_and_the_bonus_goes_to_the_next():
    told = changed([TASK, ADA, BOB], [TASK, ADA, BOB, REVERSED])
    assert awards(told) == [
        ("bob", "first_solver:s2", 0, 5, BOB_IS_FIRST),
        ("ada", "first_solver:s1", 5, 0, BOB_IS_FIRST),
        ("ada", "task:s1", 5, 0, SINCE_99),
    ]
    assert awards(told, is_correction=False) == []
    of_points = [row for row in told if row["kind"].startswith("points_")]
    assert pick(of_points, "event_id", "changed_at") == [("e99", instant(DAY + "12:00Z"))] * 3


def test_the_same_reversal_moves_badges_places_and_runs_each_with_its_reason():
    told = changed([TASK, ADA, BOB], [TASK, ADA, BOB, REVERSED], rules=rules(board=BUT_POINTS))
    assert pick(told, "subject_id", "about", "because", kind="badge_lost", is_correction=True) == [
        ("ada", "champion", f"Its condition no longer holds. {SINCE_99}"),
        ("ada", "first-blood", f"Its condition no longer holds. {SINCE_99}"),
    ]
    assert pick(told, "subject_id", "about", "because", kind="badge_earned", is_correction=True) == [
        ("bob", "champion", f"Its condition holds now. {BOB_IS_FIRST}"),
        ("bob", "first-blood", f"Its condition holds now. {BOB_IS_FIRST}"),
    ]
    assert pick(told, "subject_id", "before", "after", "because", kind="rank", about="points") == [
        ("ada", 1, None, f"Has no place any more; the score was 10. {SINCE_99}"),
        ("bob", 2, 1, "The score went from 5 to 10."),
    ]
    assert pick(told, "before", "after", "because", kind="streak_best", subject_id="ada") == [
        (1, 0, f"The longest run is 0 days, not 1 day. {SINCE_99}"),
    ]


def test_a_reversal_that_is_reversed_gives_back_what_was_taken():
    back = tried("s1", "ada", "t", DAY + "10:00Z", event_id="e100", at=DAY + "13:00Z")
    told = changed([TASK, ADA, BOB, REVERSED], [TASK, ADA, BOB, REVERSED, back])
    why = "The verdict of submission s1 was rejected and is verified since event e100."
    assert awards(told) == [
        ("ada", "first_solver:s1", 0, 5, f"{why} The first solver of task t is now ada."),
        ("ada", "task:s1", 0, 5, why),
        ("bob", "first_solver:s2", 5, 0, f"{why} The first solver of task t is now ada."),
    ]


def test_an_earlier_solve_learned_late_takes_the_bonus_and_its_own_points_are_progress():
    told = changed([TASK, BOB], [TASK, BOB, ADA])
    overtaken = "Submission s1 of ada, learned or judged since, comes before s2: the first solver of task t is now ada."
    assert awards(told) == [
        ("ada", "first_solver:s1", 0, 5, overtaken),
        ("bob", "first_solver:s2", 5, 0, overtaken),
    ]
    assert awards(told, is_correction=False) == [
        ("ada", None, 5, 10, "1 award (1 for earlier work, learned or judged since), it is: task for s1."),
    ]


def test_a_verdict_that_comes_in_is_progress_and_no_correction():
    pending = tried("s1", "ada", "t", DAY + "10:00Z", "pending", event_id="e0")
    judged = tried("s1", "ada", "t", DAY + "10:00Z", event_id="e1", at=DAY + "12:00Z")
    told = changed([TASK, pending, tried("s9", "zoe", "u", DAY + "11:00Z")], [TASK, pending, judged])
    assert pick(told, "before", "after", kind="points_gained", is_correction=False) == [(0, 10)]
    assert [row for row in told if row["is_correction"]] == []


def test_progress_is_one_row_an_agent_from_total_to_total_with_the_last_award():
    more = [task("u"), tried("s3", "ada", "u", DAY + "13:00Z"), tried("s4", "ada", "v", DAY + "14:00Z"), task("v")]
    told = changed([TASK, ADA], [TASK, ADA, *more])
    assert awards(told, is_correction=False) == [("ada", None, 10, 30, "4 awards, the last: task for s4.")]


def test_corrections_and_progress_of_one_agent_lead_from_its_old_total_to_its_new_one():
    told = changed([TASK, ADA], [TASK, ADA, REVERSED, task("u"), tried("s3", "ada", "u", DAY + "13:00Z")])
    moved = [row["after"] - row["before"] for row in told if row["kind"].startswith("points_") and row["is_correction"]]
    assert sum(moved) == -10
    assert pick(told, "before", "after", kind="points_gained", is_correction=False) == [(0, 10)]


def test_other_points_of_a_task_are_told_award_by_award_with_the_record_that_says_so():
    hard = task("t", difficulty="hard", points=20)
    other = task("t", difficulty="hard", points=25, event_id="k2", at=DAY + "12:00Z")
    assert awards(changed([hard, ADA], [hard, ADA, other])) == [
        ("ada", "task:s1", 20, 25, "The points of task t were 20 and are 25 since event k2."),
    ]


def test_an_earlier_try_that_counts_makes_the_later_one_a_repeat():
    first, later = tried("s1", "ada", "t", DAY + "10:00Z", "rejected"), tried("s2", "ada", "t", DAY + "11:00Z")
    turned = tried("s1", "ada", "t", DAY + "10:00Z", event_id="e9", at=DAY + "12:00Z")
    why = "The verdict of submission s1 was rejected and is verified since event e9."
    told = awards(changed([TASK, first, later], [TASK, first, later, turned]))
    assert {(entry, new - old) for _, entry, old, new, _ in told} == {
        ("task:s1", 5), ("first_solver:s1", 5), ("task:s2", -5), ("first_solver:s2", -5),
    }  # fmt: skip
    assert all(because.startswith(why) for *_, because in told)


def test_a_perfect_day_ends_with_the_rejection_that_was_none_before():
    day = [task(f"t{n}") for n in range(6)]
    tries = [tried(f"s{n}", "ada", f"t{n}", f"{DAY}1{n}:00Z") for n in range(6)]
    later = tried("z", "bob", "t0", "2026-03-03T09:00Z")
    turned = tried("s5", "ada", "t5", DAY + "15:00Z", "rejected", event_id="e9", at="2026-03-03T10:00Z")
    told = awards(changed([*day, *tries, later], [*day, *tries, later, turned]))
    why = "The verdict of submission s5 was verified and is rejected since event e9."
    ends = f"{why} So 2026-03-02 is no perfect day any more."
    assert ("ada", "perfect_day:ada:2026-03-02", 10, 0, ends) in told


def test_by_the_judges_clock_a_perfect_day_is_that_of_the_verdicts():
    day, late = [task(f"t{n}") for n in range(6)], "2026-03-03T"
    tries = [tried(f"s{n}", "ada", f"t{n}", f"{DAY}1{n}:00Z", at=f"{late}1{n}:00Z") for n in range(6)]
    later = tried("z", "bob", "t0", "2026-03-05T09:00Z")
    turned = tried("s5", "ada", "t5", DAY + "15:00Z", "rejected", event_id="e9", at=late + "16:00Z")
    by_judge = rules(clock="judged_at", board=NO_BOARDS)
    why = "The verdict of submission s5 was verified and is rejected since event e9."
    told = awards(changed([*day, *tries, later], [*day, *tries, later, turned], rules=by_judge))
    ends = f"{why} So 2026-03-03 is no perfect day any more."
    assert ("ada", "perfect_day:ada:2026-03-03", 10, 0, ends) in told
    back = why.replace("verified and is rejected", "rejected and is verified")
    told = awards(changed([*day, *tries, later, turned], [*day, *tries, later], rules=by_judge))
    assert (
        "ada",
        "perfect_day:ada:2026-03-03",
        0,
        10,
        f"{back.replace('e9', 'event-s5')} So 2026-03-03 is a perfect day.",
    ) in told


def test_other_rules_are_told_in_sum_not_award_by_award():
    new, old = rules(points={"first_solver": 7}, board=NO_BOARDS), rules(board=NO_BOARDS)
    told = changed([TASK, ADA, BOB], [TASK, ADA, BOB], rules=new, rules_before=old)
    why = f"The rules changed from {old.fingerprint} to {new.fingerprint}."
    assert awards(told) == [("ada", "rulebook", 10, 12, f"{why} 1 award: gone, new or worth something else.")]


def test_an_earlier_instant_takes_away_what_was_earned_after_it_and_corrects_nothing():
    told = changed([TASK, ADA, BOB], [TASK, ADA, BOB], as_of=(None, instant(DAY + "10:30Z")))
    why = "The season is looked at as of 2026-03-02 10:30:00 UTC, earlier than before (2026-03-02 11:00:00 UTC)."
    assert awards(told, is_correction=False) == [
        ("bob", "as_of", 5, 0, f"{why} 1 award: earned after that, or resting on what was."),
    ]
    assert [row for row in told if row["is_correction"]] == []


def test_a_call_that_turns_out_a_failure_costs_xp_and_levels_with_its_reason():
    calls = series(4, base_points=50)
    turned = called("c003", "ann", "a00", "2026-03-02T03:00Z", False, base_points=50, event_id="e9")
    turned["at"] = instant("2026-03-02T09:00Z")
    told = changed(calls, [*calls, turned])
    why = "Call c003 was a success and is a failure since event e9."
    assert pick(told, "about", "before", "after", "because", kind="xp_lost", subject_type="user") == [
        ("agent_call:c003", 50, 15, why),
    ]  # fmt: skip
    assert pick(told, "before", "after", "is_correction", kind="xp_lost", subject_type="agent") == [(200, 165, True)]


def test_xp_of_the_day_is_one_row_a_user_and_one_an_agent_with_the_last_call():
    told = changed(series(1), series(3, agents=2))
    assert pick(told, "subject_type", "subject_id", "before", "after", "because", kind="xp_gained") == [
        ("agent", "a00", 10, 20, "1 award, it is: a call by ann."),
        ("agent", "a01", 0, 10, "1 award, it is: a call by ann."),
        ("user", "ann", 60, 80, "2 awards, the last: a call to a00."),
    ]


def test_a_level_is_lost_with_the_xp_that_made_it():
    calls = series(2, base_points=50)
    turned = {**called("c001", "ann", "a00", "2026-03-02T09:00Z", False, base_points=50), "event_id": "e9"}
    told = changed(calls, [*calls, turned])
    why = "Call c001 was a success and is a failure since event e9."
    assert pick(told, "subject_id", "before", "after", "because", kind="level_down", about="user_agent") == [
        ('["ann","a00"]', 2, 1, f"XP went from 100 to 65. {why}"),
    ]  # fmt: skip


def test_calls_after_one_that_ended_a_run_are_added_up():
    days = [called(f"c{n}", "ann", "a", f"2026-03-0{n}T10:00Z", base_points=100) for n in range(2, 6)]
    turned = {**called("c3", "ann", "a", "2026-03-06T10:00Z", False, base_points=100), "event_id": "e9"}
    told = changed(days, [*days, turned])
    assert pick(told, "about", "because", kind="xp_lost", subject_type="user", about="streak_factor") == [
        ("streak_factor", "2 awards: multiplied by another factor, as the run of active days is another."),
    ]  # fmt: skip


def test_who_is_seen_for_the_first_time_is_said_once():
    told = changed([TASK, ADA], [TASK, ADA, tried("s2", "bob", "t", DAY + "11:00Z", team_id="red")])
    assert pick(told, "subject_type", "subject_id", kind="subject_new") == [("agent", "bob"), ("team", "red")]


def test_a_run_that_ends_and_one_that_is_the_longest_yet():
    tasks = [task(f"t{n}") for n in range(4)]
    two = [tried("s0", "ada", "t0", "2026-03-02T10:00Z"), tried("s1", "ada", "t1", "2026-03-03T10:00Z")]
    third = tried("s2", "ada", "t2", "2026-03-04T10:00Z")
    told = changed([*tasks, *two], [*tasks, *two, third])
    assert pick(told, "before", "after", "because", kind="streak_best") == [
        (2, 3, "The longest run yet: 3 days, and 2 days before."),
    ]  # fmt: skip
    told = changed([*tasks, *two], [*tasks, *two, tried("s3", "bob", "t3", "2026-03-09T10:00Z")])
    assert pick(told, "subject_id", "before", "after", "because", kind="streak_lost") == [
        ("ada", 2, 0, "The run of 2 days ended; the longest was 2 days."),
    ]  # fmt: skip


def test_places_are_told_of_the_first_alone():
    one = rules(board=BUT_POINTS, badge=NO_BADGES, changes={"top": 1})
    told = changed([TASK, ADA, BOB], [TASK, ADA, BOB, REVERSED], rules=one)
    assert pick(told, "subject_id", kind="rank", about="points") == ["ada", "bob"]
    third = [TASK, ADA, BOB, tried("s3", "cem", "t", DAY + "11:30Z")]
    told = changed(third, [*third, tried("s4", "dan", "t", DAY + "11:40Z")], rules=one)
    assert pick(told, "subject_id", kind="rank") == []


def test_a_change_told_twice_has_one_id_and_the_next_one_another():
    logs = [TASK, ADA, BOB], [TASK, ADA, BOB, REVERSED]
    ids = [row["change_id"] for row in changed(*logs)]
    assert ids == [row["change_id"] for row in changed(*logs)]
    later = [row["change_id"] for row in changed(*logs, as_of=(None, instant(DAY + "13:00Z")))]
    assert not set(ids) & set(later)
