"""SPEC section 9: achievements of users, each at the exact event that earns it."""

import pytest

from tests.game.calls import DAY, HOUR, called, only, series, unranked
from tests.game.league import instant, pick, task, tried

NOON = "2026-03-02T12:00Z"
TWO_BADGES = [
    *({"slug": slug, "enabled": False} for slug in (
        "on-fire", "sharpshooter", "erdos-straus-master", "collatz-crawler", "counterexample-hunter", "speed-demon",
        "scholar", "champion",
    )),
    {"slug": "rising-star", "threshold": 2},
]  # fmt: skip
FIRST = {"slug": "first", "metric": "successes", "threshold": 1, "xp": 100}


def earned(records, slug, book=None, user="ann", **more):
    table = unranked(records, book, **more)["badges"]
    return pick(table, "earned_at", "event_id", badge=slug, subject_type="user", subject_id=user)


def at(n, every=HOUR):
    return [(instant("2026-03-02T00:00Z") + n * every, f"event-c{n:03}")]


# --- the list ------------------------------------------------------------------------------------------------------
def test_first_steps_is_one_successful_call():
    records = series(3)
    records[0]["success"] = False
    assert earned(records, "first-steps") == at(1)
    assert earned(records[:1], "first-steps") == []


def test_agent_explorer_is_five_different_agents_called_with_success_or_without():
    assert earned(series(9, agents=5, success=False), "agent-explorer") == at(4)
    assert earned(series(9, agents=4), "agent-explorer") == []


def test_centurion_is_a_hundred_successful_calls():
    assert earned(series(101), "centurion") == at(99)
    assert earned(series(99), "centurion") == []


def who_earn(slug, cases):
    """Of users with a series of calls each, the numbers of those that earn an achievement."""
    records = []
    for case, (n, facts) in enumerate(cases):
        who = str(case)
        records += [{**call, "user_id": who, **_own(call, who)} for call in series(n, **facts)]
    return [int(user) for user in pick(unranked(records)["badges"], "subject_id", badge=slug)]


def _own(call, who):
    return {key: who + call[key] for key in ("call_id", "event_id")}


def test_quick_hands_is_ten_successful_calls_of_under_30_seconds():
    assert earned(series(11, duration_s=29.999999), "quick-hands") == at(9)
    lengths = (29.999999, 0.000001, 30.0, 0.0, None)
    assert who_earn("quick-hands", [(11, {"duration_s": duration_s}) for duration_s in lengths]) == [0, 1]


def test_quality_master_is_twenty_successful_calls_each_with_a_mean_of_95_percent():
    assert earned(series(21, code_quality=0.95), "quality-master") == at(19)
    scores = ((0.95,), (0.9499996,), (1.0, 0.9), (0.949999,), ())
    given = [dict(zip(("code_quality", "response_quality"), both, strict=False)) for both in scores]
    assert who_earn("quality-master", [(21, facts) for facts in given]) == [0, 1, 2]


def test_bug_hunter_is_25_successful_error_resolutions():
    assert earned(series(26, action_type="error_resolution"), "bug-hunter") == at(24)
    assert earned(series(24, action_type="error_resolution"), "bug-hunter") == []
    assert earned(series(26), "bug-hunter") == []


def test_streak_warrior_is_earned_by_the_first_successful_call_of_the_seventh_day():
    records = series(8, every=DAY)
    failed = called("failed", "ann", "py", records[6]["at"] - 1, success=False)
    assert earned([*records, failed], "streak-warrior") == at(6, DAY)
    assert earned(records[:6], "streak-warrior") == earned(records[:3] + records[4:], "streak-warrior") == []


def test_elite_trainer_is_level_5_with_one_agent_for_which_xp_of_achievements_does_not_count():
    assert earned(series(3, bonus_points=490), "elite-trainer") == at(1)
    assert earned(series(2, bonus_points=489), "elite-trainer") == []
    assert earned(series(2, agents=2, bonus_points=980), "elite-trainer") == []


def test_perfectionist_is_five_successful_expert_calls_each_with_a_mean_of_1():
    assert earned(series(6, complexity="expert", code_quality=1.0), "perfectionist") == at(4)
    assert earned(series(6, complexity="expert", code_quality=0.999999), "perfectionist") == []
    assert earned(series(6, complexity="complex", code_quality=1.0), "perfectionist") == []


def test_agent_whisperer_is_twenty_agents_used_successfully():
    records = series(21, agents=20)
    assert earned(records, "agent-whisperer") == at(19)
    records[0]["success"] = False
    assert earned(records, "agent-whisperer") == at(20)


# --- XP of achievements --------------------------------------------------------------------------------------------
def test_its_xp_is_a_row_of_the_ledger_with_the_team_and_project_of_its_event():
    records = [called("c", "ann", "py", NOON, team_id="red", project_id="web")]
    _, row = unranked(records)["xp_ledger"]
    assert {name: value for name, value in row.items() if value is not None} == {
        "entry_id": "achievement:first-steps:ann", "rule": "achievement:first-steps", "event_id": "event-c",
        "user_id": "ann", "team_id": "red", "project_id": "web", "xp": 50, "earned_at": instant(NOON),
    }  # fmt: skip


def test_an_achievement_may_complete_another_at_the_same_event():
    level = {"slug": "risen", "metric": "user_level", "threshold": 2, "xp": 5}
    after = {"slug": "after", "metric": "calls", "threshold": 1, "xp": 7, "requires": ["risen"]}
    book = only({**FIRST, "xp": 90}, level, after)
    rows = unranked(series(1), book)["xp_ledger"]
    assert pick(rows, "rule", "xp") == [
        ("agent_call", 10), ("achievement:after", 7), ("achievement:first", 90), ("achievement:risen", 5),
    ]  # fmt: skip


def test_tiers_are_earned_one_by_one_and_the_first_is_enough_for_what_requires_them():
    tiers = [{**FIRST, "tier": tier, "threshold": n, "xp": n} for tier, n in (("bronze", 2), ("silver", 3))]
    after = {"slug": "after", "metric": "calls", "threshold": 1, "xp": 0, "requires": ["first"]}
    tables = unranked(series(3), only(*tiers, after))
    assert pick(tables["badges"], "badge", "tier", "event_id") == [
        ("after", None, "event-c001"), ("first", "bronze", "event-c001"), ("first", "silver", "event-c002"),
    ]  # fmt: skip
    assert "achievement:first/silver:ann" in pick(tables["xp_ledger"], "entry_id")


def test_a_window_slides():
    hurry = {"slug": "hurry", "metric": "calls", "threshold": 3, "within_s": 3600, "xp": 0}
    assert earned(series(3, every=HOUR // 2), "hurry", only(hurry)) == at(2, HOUR // 2)
    late = [*series(2, every=HOUR // 2), called("late", "ann", "py", instant("2026-03-02T01:00Z") + 1)]
    tables = unranked(late, only(hurry))
    assert pick(tables["badge_progress"], "value", "threshold", "progress_share") == [(2.0, 3.0, pytest.approx(2 / 3))]


# --- trophies ------------------------------------------------------------------------------------------------------
LEGEND = {"slug": "legend", "metric": "trophies", "threshold": 3, "min_level": 2, "xp": 2000}
SOLVED = [task("t"), task("u"), tried("s1", "eve", "t", "2026-03-02T10:00Z", user_id="ann"),
          tried("s2", "eve", "u", "2026-03-02T11:00Z", user_id="ann")]  # fmt: skip


def test_trophies_are_own_achievements_and_badges_of_agents_owned_at_the_level_asked_for():
    book = only(FIRST, LEGEND, badge=TWO_BADGES)  # First Blood at ten, Rising Star at eleven
    assert earned([*SOLVED, called("c", "ann", "py", "2026-03-02T09:00Z")], "legend", book) == [
        (instant("2026-03-02T11:00Z"), "event-s2")
    ]
    assert earned([*SOLVED, called("c", "ann", "py", NOON)], "legend", book) == [(instant(NOON), "event-c")]
    assert earned([*SOLVED, called("c", "bob", "py", NOON)], "legend", book, user="bob") == []
    assert earned([*SOLVED, called("c", "ann", "py", NOON)], "legend", only({**FIRST, "xp": 89}, LEGEND)) == []


def test_calls_come_before_the_badges_of_their_instant_and_those_by_event():
    two = {"slug": "two", "metric": "trophies", "threshold": 2, "xp": 0}
    records = [*SOLVED[:3], called("z", "ann", "py", "2026-03-02T10:00Z")]
    assert earned(records, "two", only(FIRST, two, badge=TWO_BADGES)) == [(instant("2026-03-02T10:00Z"), "event-s1")]
    same = [*SOLVED, tried("s0", "bob", "u", "2026-03-02T10:00Z", user_id="ann")]
    assert earned(same, "two", only(two, badge=TWO_BADGES)) == [(instant("2026-03-02T10:00Z"), "event-s1")]


def test_a_user_who_never_called_earns_trophies_by_badges_and_has_a_level_then():
    two = {"slug": "two", "metric": "trophies", "threshold": 2, "xp": 100}
    tables = unranked(SOLVED, only(two, badge=TWO_BADGES))
    assert pick(tables["xp_ledger"], "user_id", "xp", "team_id", "event_id") == [("ann", 100, None, "event-s2")]
    assert pick(tables["levels"], "user_id", "scope", "level") == [("ann", "user", 2)]
    assert pick(tables["user_stats"], "user_id", "achievements", "calls") == [("ann", 1, 0)]
    assert unranked(SOLVED, only(badge=TWO_BADGES))["levels"] == []


def test_the_owner_is_the_user_of_an_agents_last_submission_that_has_one_and_is_not_void():
    later = [tried("s3", "eve", "t", "2026-03-02T12:00Z"),
             tried("s4", "eve", "t", "2026-03-02T13:00Z", "void", user_id="cat")]  # fmt: skip
    handed_on = tried("s2", "eve", "u", "2026-03-02T11:00Z", "pending", user_id="bob")
    assert pick(unranked([*SOLVED, *later])["user_stats"], "user_id", "n_agents_owned") == [("ann", 1)]
    assert pick(unranked([*SOLVED[:3], handed_on, *later])["user_stats"], "user_id", "points") == [("bob", 10)]
    assert pick(unranked([*SOLVED[:3], handed_on], as_of=instant("2026-03-02T10:59Z"))["user_stats"], "user_id") == [
        "ann"
    ]


# --- progress ------------------------------------------------------------------------------------------------------
def test_progress_tells_how_far_each_unearned_one_is():
    records = [*series(4, agents=2, every=DAY, duration_s=10.0), *SOLVED]
    table = unranked(records)["badge_progress"]
    progress = {row["badge"]: (row["value"], row["threshold"]) for row in table if row["subject_type"] == "user"}
    assert progress == {
        "agent-explorer": (2.0, 5.0), "centurion": (4.0, 100.0), "quick-hands": (4.0, 10.0),
        "quality-master": (0.0, 20.0), "bug-hunter": (0.0, 25.0), "streak-warrior": (4.0, 7.0),
        "elite-trainer": (1.0, 5.0), "perfectionist": (0.0, 5.0), "agent-whisperer": (2.0, 20.0),
        "arena-legend": (3.0, 15.0),
    }  # fmt: skip
    assert pick(table, "progress_share", badge="arena-legend") == [pytest.approx(3 / 15 / 10 * 2)]


def test_who_only_owns_agents_has_no_progress():
    assert pick(unranked(SOLVED)["badge_progress"], "badge", subject_type="user") == []
