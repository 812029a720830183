"""SPEC sections 4 and 5: which submissions count, and what they earn."""

import pytest

from tests.game.calls import unranked
from tests.game.league import instant, pick, rules, task, tried

DAY = "2026-03-02T"


def ledger(*records, **more):
    entries = unranked(list(records), **more)["points_ledger"]
    return [(e["agent_id"], e["rule"], e["points"], e["submission_id"], e["is_provisional"]) for e in entries]


def test_judged_submissions_count_up_to_and_including_the_first_verified_one():
    table = unranked([
        task("t"),
        tried("s1", "ann", "t", DAY + "10:00Z", "rejected"),
        tried("s2", "ann", "t", DAY + "11:00Z"),
        tried("s3", "ann", "t", DAY + "12:00Z"),
        tried("s4", "ann", "t", DAY + "13:00Z", "rejected"),
    ])  # fmt: skip
    assert pick(table["submissions"], "submission_id", "is_counted") == [
        ("s1", True), ("s2", True), ("s3", False), ("s4", False),
    ]  # fmt: skip
    assert pick(table["agent_stats"], "tasks_completed", "attempts", "accuracy") == [(1, 2, 0.5)]


def test_pending_void_and_unresolved_submissions_never_count():
    table = unranked([
        task("t"),
        tried("s1", "ann", "t", DAY + "10:00Z", "pending"),
        tried("s2", "ann", "t", DAY + "11:00Z", "void"),
        tried("s3", "ann", "unheard-of", DAY + "12:00Z"),
    ])  # fmt: skip
    assert pick(table["submissions"], "submission_id", "is_counted", "is_unresolved") == [
        ("s1", False, False), ("s2", False, False), ("s3", False, True),
    ]  # fmt: skip
    assert table["points_ledger"] == []


def by_case(cases, rule):
    """A case is a task and what is said of its submission, each solved by an agent of its own: the points of each."""
    records = []
    for case, (facts, verdict) in enumerate(cases):
        agent = f"a{case:02}"
        records += [task(agent, **facts), tried(agent, agent, agent, DAY + "10:00Z", **verdict)]
    found = {agent: points for agent, named, points, *_ in ledger(*records) if named == rule}
    assert len(found) == len(cases)
    return [found[agent] for agent in sorted(found)]


def test_a_task_earns_its_own_points_within_the_range_of_its_difficulty():
    cases = [
        ("easy", None, 5), ("easy", 1, 5), ("easy", 9, 5),
        ("medium", None, 10), ("medium", 12, 12), ("medium", 16, 15),
        ("hard", None, 20), ("hard", 30, 30), ("hard", 31, 30), ("hard", 19, 20),
        ("extreme", None, 40), ("extreme", 45, 45), ("extreme", 1000, 50),
    ]  # fmt: skip
    tasks = [({"difficulty": difficulty, "points": own}, {}) for difficulty, own, _ in cases]
    assert by_case(tasks, "task") == [points for *_, points in cases]


def test_a_pattern_task_earns_awarded_points_instead_of_task_points():
    pattern = {"task_type": "pattern", "difficulty": "extreme", "points": 45}
    cases = [(None, 25), (10, 25), (33, 33), (50, 50), (51, 50)]
    tasks = [(pattern, {"awarded_points": awarded}) for awarded, _ in cases]
    assert by_case(tasks, "pattern_insight") == [points for _, points in cases]
    assert ledger(task("t", **pattern), tried("s", "ann", "t", DAY + "10:00Z")) == [
        ("ann", "pattern_insight", 25, "s", False), ("ann", "first_solver", 5, "s", False),
    ]  # fmt: skip


def test_a_counterexample_earns_a_hundred_or_the_tasks_own_if_that_is_higher():
    cases = [(None, 100), (40, 100), (250, 250)]
    tasks = [({"task_type": "search", "counterexample_points": own}, {"found": True}) for own, _ in cases]
    assert by_case(tasks, "counterexample") == [points for _, points in cases]


def test_nothing_found_or_no_search_task_is_no_counterexample():
    entries = ledger(
        task("search", task_type="search"), task("compute"),
        tried("s1", "ann", "search", DAY + "10:00Z", found=False),
        tried("s2", "ann", "compute", DAY + "11:00Z", found=True),
    )  # fmt: skip
    assert {rule for _, rule, *_ in entries} == {"task", "first_solver"}


def test_the_first_solver_is_the_first_of_all_agents_and_equal_clocks_go_by_submission_id():
    entries = ledger(
        task("t"),
        tried("s2", "ann", "t", DAY + "10:00Z"),
        tried("s1", "bob", "t", DAY + "10:00Z"),
        tried("s0", "cat", "t", DAY + "10:01Z"),
    )  # fmt: skip
    assert [(agent, sub) for agent, rule, _, sub, _ in entries if rule == "first_solver"] == [("bob", "s1")]


def test_a_first_is_provisional_while_an_earlier_submission_that_could_still_count_is_pending():
    solved = [task("t"), tried("s5", "ann", "t", DAY + "12:00Z")]
    earlier = tried("s1", "bob", "t", DAY + "11:00Z", "pending")
    later = tried("s9", "bob", "t", DAY + "13:00Z", "pending")
    assert ledger(*solved, earlier)[1] == ("ann", "first_solver", 5, "s5", True)
    assert ledger(*solved, later)[1] == ("ann", "first_solver", 5, "s5", False)


def test_a_pending_try_after_the_agents_own_solve_keeps_no_first_open():
    entries = ledger(
        task("t"),
        tried("s1", "bob", "t", DAY + "09:00Z"),
        tried("s2", "bob", "t", DAY + "10:00Z", "pending"),
        tried("s3", "ann", "t", DAY + "11:00Z"),
    )  # fmt: skip
    assert ("bob", "first_solver", 5, "s1", False) in entries


def test_under_the_clock_judged_at_order_follows_the_judges_and_nothing_is_provisional():
    entries = ledger(
        task("t"),
        tried("s1", "ann", "t", DAY + "10:00Z", at=DAY + "15:00Z"),
        tried("s2", "bob", "t", DAY + "11:00Z", at=DAY + "12:00Z"),
        tried("s0", "cat", "t", DAY + "09:00Z", "pending"),
        rules=rules(clock="judged_at"),
    )  # fmt: skip
    assert [e for e in entries if e[1] == "first_solver"] == [("bob", "first_solver", 5, "s2", False)]


def five_solves(day=DAY, **more):
    return [task(f"t{n}") for n in range(5)] + [
        tried(f"s{n}", "ann", f"t{n}", f"{day}10:0{n}:00Z", team_id=f"team{n}") for n in range(5)
    ]


def test_a_perfect_day_is_earned_at_its_last_microsecond_with_the_last_submissions_event_and_team():
    table = unranked(five_solves(), as_of=instant("2026-03-03T00:00Z"))["points_ledger"]
    columns = ("entry_id", "event_id", "team_id", "task_id", "problem", "submission_id", "points", "earned_at")
    assert pick(table, *columns, rule="perfect_day") == [
        ("perfect_day:ann:2026-03-02", "event-s4", "team4", None, None, None, 10, instant("2026-03-03T00:00Z") - 1)
    ]


def test_a_perfect_day_waits_until_as_of_has_reached_its_end():
    end = instant("2026-03-03T00:00Z") - 1
    assert pick(unranked(five_solves(), as_of=end - 1)["points_ledger"], "rule", rule="perfect_day") == []
    assert pick(unranked(five_solves(), as_of=end)["points_ledger"], "rule", rule="perfect_day") == ["perfect_day"]


def test_a_rejection_or_a_fifth_task_missing_spoils_the_perfect_day():
    as_of = instant("2026-03-09T00:00Z")
    rejected = [*five_solves(), task("x"), tried("sx", "ann", "x", DAY + "20:00Z", "rejected")]
    assert pick(unranked(rejected, as_of=as_of)["points_ledger"], "rule", rule="perfect_day") == []
    assert pick(unranked(five_solves()[:-1], as_of=as_of)["points_ledger"], "rule", rule="perfect_day") == []


@pytest.mark.parametrize("task_id", ["known", "never-announced"])
def test_a_perfect_day_is_provisional_while_a_try_of_that_day_is_pending_even_at_an_unknown_task(task_id):
    records = [*five_solves(), task("known"), tried("sx", "ann", task_id, DAY + "20:00Z", "pending")]
    table = unranked(records, as_of=instant("2026-03-09T00:00Z"))["points_ledger"]
    assert pick(table, "is_provisional", rule="perfect_day") == [True]


def test_a_reversed_verdict_takes_the_points_and_the_first_away():
    verified = tried("s1", "ann", "t", DAY + "10:00Z")
    other = tried("s2", "bob", "t", DAY + "11:00Z")
    reversal = tried("s1", "ann", "t", DAY + "10:00Z", "rejected", event_id="later", at="2026-03-04T00:00Z")
    records = [task("t"), verified, other, reversal]
    assert ledger(*records) == [("bob", "task", 5, "s2", False), ("bob", "first_solver", 5, "s2", False)]
    before = unranked(records, as_of=instant("2026-03-03T00:00Z"))
    assert pick(before["points_ledger"], "agent_id", rule="first_solver") == ["ann"]


def test_a_submission_whose_verdict_came_after_as_of_is_pending_and_known_from_its_own_instant():
    late = tried("s", "ann", "t", DAY + "10:00Z", at="2026-03-05T00:00Z", judged_at="2026-03-04T00:00Z")
    table = unranked([task("t"), late], as_of=instant("2026-03-03T00:00Z"))
    columns = ("verdict", "at", "judged_at", "is_counted")
    assert pick(table["submissions"], *columns) == [("pending", instant(DAY + "10:00Z"), None, False)]
