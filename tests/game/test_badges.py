"""SPEC section 7: badges, each at the exact event that earns it."""

import pytest

from tests.game.calls import unranked
from tests.game.league import instant, pick, rules, task, tried


def series(verdicts, *, every_minutes=60, agent="ann", start="2026-03-02T00:00Z", **task_facts):
    """One try at a task of its own each `every_minutes`."""
    step = every_minutes * 60_000_000
    records = []
    for n, verdict in enumerate(verdicts):
        at = instant(start) + n * step
        records += [task(f"{agent}-{n}", **task_facts), tried(f"{agent}-{n:04}", agent, f"{agent}-{n}", at, verdict)]
    return records


def badge(records, slug, book=None, agent="ann", **more):
    table = unranked(records, book, **more)["badges"]
    return pick(table, "earned_at", "event_id", badge=slug, subject_id=agent)


def at(n, every_minutes=60, start="2026-03-02T00:00Z"):
    return instant(start) + n * every_minutes * 60_000_000


def test_first_blood_goes_to_the_first_solver_of_any_task():
    assert badge(series(["rejected", "verified"]), "first-blood") == [(at(1), "event-ann-0001")]


@pytest.mark.parametrize(("every_minutes", "earned"), [(160, True), (161, False)])
def test_on_fire_is_ten_tasks_with_the_tenth_at_most_24_hours_after_the_first(every_minutes, earned):
    held = badge(series(["verified"] * 12, every_minutes=every_minutes), "on-fire")
    assert held == ([(at(9, every_minutes), "event-ann-0009")] if earned else [])


def test_sharpshooter_needs_20_attempts_and_95_percent_at_one_event():
    assert badge(series(["verified"] * 19), "sharpshooter") == []
    assert badge(series(["verified"] * 25), "sharpshooter") == [(at(19), "event-ann-0019")]
    assert badge(series(["rejected"] + ["verified"] * 19), "sharpshooter") == [(at(19), "event-ann-0019")]
    assert badge(series(["rejected"] * 2 + ["verified"] * 38), "sharpshooter") == [(at(39), "event-ann-0039")]
    assert badge(series(["rejected"] * 2 + ["verified"] * 37), "sharpshooter") == []


def test_a_badge_is_kept_when_the_condition_fails_later():
    assert badge(series(["verified"] * 20 + ["rejected"] * 20), "sharpshooter") == [(at(19), "event-ann-0019")]


@pytest.mark.parametrize(("slug", "problem"), [("erdos-straus-master", "erdos-straus"), ("collatz-crawler", "collatz")])
def test_a_hundred_tasks_of_one_problem(slug, problem):
    solved = series(["verified"] * 101, problem=problem)
    assert badge(solved, slug) == [(at(99), "event-ann-0099")]
    assert badge(series(["verified"] * 100, problem="other"), slug) == []


def test_counterexample_hunter_and_scholar():
    found = [task("t", task_type="search"), tried("s", "ann", "t", "2026-03-02T10:00Z", found=True)]
    assert badge(found, "counterexample-hunter") == [(instant("2026-03-02T10:00Z"), "event-s")]
    assert badge(series(["rejected", "verified"], task_type="pattern"), "scholar") == [(at(1), "event-ann-0001")]


@pytest.mark.parametrize(("claimed", "earned"), [("09:55:00Z", True), ("09:54:59.999999Z", False)])
@pytest.mark.parametrize("clock", ["submitted_at", "judged_at"])
def test_speed_demon_is_five_minutes_from_claim_to_submission_whatever_the_clock(claimed, earned, clock):
    fast = tried("s", "ann", "t", "2026-03-02T10:00Z", claimed_at=f"2026-03-02T{claimed}", at="2026-03-02T18:00Z")
    held = badge([task("t"), fast], "speed-demon", rules(clock=clock))
    when = "2026-03-02T10:00Z" if clock == "submitted_at" else "2026-03-02T18:00Z"
    assert held == ([(instant(when), "event-s")] if earned else [])


def test_rising_star_at_the_tenth_task():
    assert badge(series(["verified"] * 11, every_minutes=6000), "rising-star") == [(at(9, 6000), "event-ann-0009")]


def duel(*tries):
    """Tasks of 10 points without first solver bonus for the two: `zoe` solved them all, first, but is void later."""
    book = rules(points={"first_solver": 0})
    records = [task(f"t{n}", difficulty="medium") for n in range(9)]
    records += [tried(f"s{n}", agent, f"t{n}", f"2026-03-02T{hour}:00Z") for n, (agent, hour) in enumerate(tries)]
    return lambda agent: badge(records, "champion", book, agent)


def test_champion_leads_strictly_and_drawing_level_earns_nothing():
    held = duel(("ann", "10"), ("bob", "11"))
    assert held("ann") == [(instant("2026-03-02T10:00Z"), "event-s0")]
    assert held("bob") == []
    assert duel(("ann", "10"), ("bob", "11"), ("bob", "12"))("bob") == [(instant("2026-03-02T12:00Z"), "event-s2")]


def test_all_rows_of_one_instant_are_applied_together_for_the_champion():
    held = duel(("ann", "10"), ("bob", "10"), ("bob", "11"))
    assert held("ann") == []
    assert held("bob") == [(instant("2026-03-02T11:00Z"), "event-s2")]


def test_a_badge_of_the_known_kinds_needs_no_code():
    book = rules(badge=[
        {"slug": "week", "name": "Week", "metric": "daily_streak", "threshold": 3},
        {"slug": "clean", "name": "Clean", "metric": "perfect_days", "threshold": 1},
        {"slug": "hundred", "name": "Hundred", "metric": "points", "threshold": 30},
        {"slug": "hot", "name": "Hot", "metric": "accuracy_streak", "threshold": 4},
        {"slug": "hard", "name": "Hard", "metric": "attempts", "threshold": 2, "difficulty": "hard"},
    ])  # fmt: skip
    records = series(["verified"] * 6, every_minutes=300)  # 00, 05, 10, 15, 20 on the second, 01 on the third
    records += series(["verified"], start="2026-03-04T00:00Z", agent="ann2") + series(
        ["rejected"] * 2, agent="bob", difficulty="hard"
    )
    midnight = instant("2026-03-03T00:00Z") - 1
    more = {"as_of": instant("2026-03-09T00:00Z")}
    assert badge(records, "hot", book, **more) == [(at(3, 300), "event-ann-0003")]
    assert badge(records, "clean", book, **more) == [(midnight, "event-ann-0004")]
    assert badge(records, "hundred", book, **more) == [(at(2, 300), "event-ann-0002")]
    assert badge(records, "hard", book, "bob", **more) == [(at(1), "event-bob-0001")]
    assert badge(records, "week", book, **more) == []


def test_a_badge_that_requires_others_is_earned_when_the_last_of_them_is():
    book = rules(badge=[
        {"slug": "both", "name": "Both", "metric": "attempts", "threshold": 1, "requires": ["scholar", "rising-star"]},
    ])  # fmt: skip
    pattern = [task("p", task_type="pattern"), tried("p", "ann", "p", "2026-03-05T00:00Z")]
    records = [*series(["verified"] * 10), *pattern]
    assert badge(records[:-2], "both", book) == []
    assert badge(records, "both", book) == [(instant("2026-03-05T00:00Z"), "event-p")]


def test_progress_is_kept_for_every_badge_not_earned():
    table = unranked(series(["verified"] * 4 + ["rejected"]), as_of=instant("2026-03-02T12:00Z"))["badge_progress"]
    progress = {slug: (share, value) for slug, share, value in pick(table, "badge", "progress_share", "value")}
    assert progress["on-fire"] == (0.4, 4.0)
    assert progress["collatz-crawler"] == (0.04, 4.0)
    assert progress["sharpshooter"] == (pytest.approx(0.8 / 0.95 * 0.25), 0.8)
    assert "first-blood" not in progress
