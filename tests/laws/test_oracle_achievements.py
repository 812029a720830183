"""The oracle against examples computed by hand from the specification, so that the judge has been judged, too.

Here: achievements, each at the exact event that earns it, and boards of agent calls. XP and levels:
test_oracle_calls.py.
"""

import datetime as dt

import pytest

from tests.laws.literal import T0, Row, called, pick, play, solved, task, tried
from tests.laws.oracle_rules import DAY, HOUR, Badge, Board, Rules, Window
from tests.laws.oracle_xp_rules import Achievement


def series(n: int, agents: int = 1, pace: int = 1, **fields: object) -> list[Row]:
    """Calls of one user, one after the other, to so many agents in turn."""
    return [called(f"c{k:03}", "u", f"a{k % agents:02}", T0 + k * pace, **fields) for k in range(n)]


def earned(log: list[Row], slug: str, rules: Rules | None = None) -> list[tuple[object, ...]]:
    return pick(play(log, rules)["badges"], "earned_at", "event_id", badge=slug, subject_type="user", subject_id="u")


def at(k: int, pace: int = 1) -> list[tuple[object, ...]]:
    return [(T0 + k * pace, f"e-c{k:03}-{T0 + k * pace}")]


# --- the list of section 9 -----------------------------------------------------------------------------------------
def test_first_steps_is_one_successful_call() -> None:
    failed = series(1, success=False)
    assert earned(failed, "first-steps") == []
    assert earned([*failed, *series(3)[1:]], "first-steps") == at(1)


def test_agent_explorer_is_five_different_agents_called_with_or_without_success() -> None:
    assert earned(series(9, agents=5, success=False), "agent-explorer") == at(4)
    assert earned(series(9, agents=4), "agent-explorer") == []


def test_centurion_is_a_hundred_successful_calls() -> None:
    assert earned(series(101), "centurion") == at(99)
    assert earned(series(99), "centurion") == []


@pytest.mark.parametrize(("duration_s", "is_quick"), [(29.999999, True), (30, False), (0, False), (None, False)])
def test_quick_hands_is_ten_successful_calls_of_under_30_seconds(duration_s: float | None, is_quick: bool) -> None:
    assert earned(series(10, duration_s=duration_s), "quick-hands") == (at(9) if is_quick else [])


@pytest.mark.parametrize(("scores", "is_good"), [((0.95,), True), ((0.949999,), False), ((1, 0.9), True), ((), False)])
def test_quality_master_is_twenty_successful_calls_each_with_a_mean_of_95(
    scores: tuple[float, ...], is_good: bool
) -> None:
    given = dict(zip(("code_quality", "response_quality"), scores, strict=False))
    assert earned(series(21, **given), "quality-master") == (at(19) if is_good else [])


def test_bug_hunter_is_25_successful_error_resolutions() -> None:
    other = [called("x", "u", "a", T0 - 1)]
    assert earned([*other, *series(25, action_type="error_resolution")], "bug-hunter") == at(24)
    assert earned([*other, *series(24, action_type="error_resolution")], "bug-hunter") == []


def test_streak_warrior_is_earned_by_the_first_success_of_the_seventh_day() -> None:
    log = series(7, pace=DAY)
    failed_before = called("f", "u", "a00", T0 + 6 * DAY - HOUR, False)
    assert earned([*log, failed_before], "streak-warrior") == at(6, DAY)
    assert earned([*log[:3], *log[4:]], "streak-warrior") == []


def test_elite_trainer_is_level_5_with_one_agent_and_xp_of_achievements_does_not_help() -> None:
    log = series(3, bonus_points=490)  # 500 XP each
    assert earned(log, "elite-trainer") == at(1)
    assert earned(series(2, agents=2, bonus_points=900), "elite-trainer") == []


def test_perfectionist_is_five_successful_expert_calls_each_with_a_mean_of_1() -> None:
    assert earned(series(6, complexity="expert", code_quality=1), "perfectionist") == at(4)
    assert earned(series(6, complexity="expert", code_quality=0.999999), "perfectionist") == []
    assert earned(series(6, complexity="complex", code_quality=1), "perfectionist") == []


def test_agent_whisperer_is_twenty_agents_used_successfully() -> None:
    failed = [called("f", "u", "a00", T0 - 1, False)]
    assert earned([*failed, *series(20, agents=20)], "agent-whisperer") == at(19)
    assert earned([*failed, *series(20, agents=20)[1:]], "agent-whisperer") == []


def test_an_achievement_is_a_row_of_the_xp_ledger_with_the_team_of_its_event_and_no_factors() -> None:
    row = play([called("c", "u", "py", T0, team_id="red", project_id="p")])["xp_ledger"][1]
    assert {name: value for name, value in row.items() if value is not None} == {
        "entry_id": "achievement:first-steps:u",
        "rule": "achievement:first-steps",
        "event_id": f"e-c-{T0}",
        "user_id": "u",
        "team_id": "red",
        "project_id": "p",
        "xp": 50,
        "earned_at": T0,
    }


def test_achievements_of_one_event_raise_the_level_that_completes_the_next() -> None:
    chain = (
        Achievement(slug="level", metric="user_level", threshold=2, xp=1),
        Achievement(slug="first", xp=90),
        Achievement(slug="after", requires=("level",), xp=2),
        Achievement(slug="tiers", tier="silver", threshold=2, xp=5),
        Achievement(slug="tiers", tier="bronze", threshold=1, xp=3),
    )
    rows = play(series(2), Rules(achievements=chain))["xp_ledger"]
    of_first = {row[0] for row in pick(rows, "entry_id", earned_at=T0)}
    names = ("level:u", "first:u", "after:u", "tiers/bronze:u")
    assert of_first == {"agent_call:c000", *(f"achievement:{name}" for name in names)}
    assert pick(rows, "entry_id", earned_at=T0 + 1)[1:] == [("achievement:tiers/silver:u",)]


def test_a_sliding_window_looks_at_the_last_minus_the_first() -> None:
    rules = Rules(achievements=(Achievement(slug="hurry", metric="calls", threshold=3, within_s=3600),))
    log = series(3, pace=HOUR // 2)
    assert earned(log, "hurry", rules) == at(2, HOUR // 2)
    late = [*log[:2], called("c002", "u", "a", T0 + HOUR + 1)]
    tables = play(late, rules)
    assert tables["badges"] == []
    assert pick(tables["badge_progress"], "value", "threshold", "progress_share") == [(2.0, 3.0, pytest.approx(2 / 3))]


# --- trophies ------------------------------------------------------------------------------------------------------
TROPHIES = (
    Achievement(slug="first-steps", xp=100),
    Achievement(slug="legend", metric="trophies", threshold=3, min_level=2, xp=2000),
)
TWO = Achievement(slug="two", metric="trophies", threshold=2)
TWO_BADGES = (Badge(slug="first"), Badge(slug="second", threshold=2))


def test_trophies_are_own_achievements_and_badges_of_agents_owned_and_the_last_of_all_conditions_decides() -> None:
    rules = Rules(badges=TWO_BADGES, achievements=TROPHIES)
    log = [task("t"), task("u"), *(tried(f"s{n}", "ada", t, T0 + n, user_id="u") for n, t in enumerate(("t", "u")))]
    by_badge = [*log, called("c", "u", "py", T0 - 1)]
    assert earned(by_badge, "legend", rules) == [(T0 + 1, f"e-s1-{T0 + 1}")]
    by_call = [*log, called("c", "u", "py", T0 + HOUR)]
    assert earned(by_call, "legend", rules) == [(T0 + HOUR, f"e-c-{T0 + HOUR}")]
    assert earned(log, "legend", rules) == []
    ledger = play(by_badge, rules)["xp_ledger"]
    assert pick(ledger, "xp", "team_id", "earned_at")[2:] == [(2000, None, T0 + 1)]


def test_calls_come_before_the_badges_of_their_instant() -> None:
    rules = Rules(
        badges=TWO_BADGES[:1], achievements=(TROPHIES[0], Achievement(slug="two", metric="trophies", threshold=2))
    )
    log = [task("t"), tried("s", "ada", "t", T0, user_id="u"), called("zzz", "u", "py", T0)]
    assert earned(log, "two", rules) == [(T0, f"e-s-{T0}")]


def test_badges_of_one_instant_come_by_event_then_agent_then_slug() -> None:
    rules = Rules(badges=TWO_BADGES[:1], achievements=(TWO,))
    log = [task("t"), task("v"), tried("s2", "ada", "t", T0, user_id="u"), tried("s1", "bo", "v", T0, user_id="u")]
    tables = play(log, rules)
    assert pick(tables["badges"], "event_id", subject_type="user") == [(f"e-s2-{T0}",)]
    assert pick(tables["levels"], "user_id", "scope", "xp") == [("u", "user", 0)]  # a row of 0 XP is an award


def test_the_owner_is_the_user_of_the_last_submission_that_has_one() -> None:
    log = [task("t"), tried("s1", "ada", "t", T0, user_id="u"), tried("s2", "ada", "t", T0 + 1, user_id="v")]
    log += [tried("s3", "ada", "t", T0 + 2), tried("s4", "ada", "t", T0 + 3, "void", user_id="w")]
    rows = play(log)["user_stats"]
    assert pick(rows, "user_id", "n_agents_owned", "points", "xp", "level") == [("v", 1, 10, 0, 1)]
    assert pick(play(log, as_of=T0)["user_stats"], "user_id") == [("u",)]
    late = [*log, tried("s5", "ada", "t", T0 + 4, "pending", user_id="x", known_at=T0 + DAY)]
    assert pick(play(late, as_of=T0 + 4)["user_stats"], "user_id") == [("x",)]  # made by then, as law 5 wants it


def test_progress_is_kept_for_users_with_a_call_or_an_award() -> None:
    log = [task("t"), tried("s", "ada", "t", T0, user_id="owner"), *series(1, success=False)]
    rows = play(log, Rules(achievements=TROPHIES))["badge_progress"]
    columns = ("subject_id", "badge", "value", "threshold", "progress_share")
    assert pick(rows, *columns, subject_type="user") == [
        ("u", "first-steps", 0.0, 1.0, 0.0),
        ("u", "legend", 0.0, 3.0, 0.0),
    ]
    legend = pick(play(series(1), Rules(achievements=TROPHIES))["badge_progress"], "value", "progress_share")
    assert legend == [(1.0, pytest.approx(1 / 3))]


# --- boards --------------------------------------------------------------------------------------------------------
def ranks(log: list[Row], board: str, rules: Rules | None = None, window: str = "all") -> list[tuple[object, ...]]:
    rows = play(log, rules or Rules(achievements=()))["leaderboards"]
    return pick(rows, "scope_id", "rank", "subject_id", "score", "reached_at", board=board, window=window)


def test_users_agents_pairs_teams_and_projects_have_boards_of_xp() -> None:
    log = [called("a", "u", "py", T0, team_id="red", project_id="p"), called("b", "v", "py", T0 + 1, team_id="red")]
    log += [called("c", "v", "js", T0 + 2, base_points=30)]
    assert ranks(log, "xp-user") == [(None, 1, "v", 40.0, T0 + 2), (None, 2, "u", 10.0, T0)]
    assert ranks(log, "xp-agent") == [(None, 1, "js", 30.0, T0 + 2), (None, 2, "py", 20.0, T0 + 1)]
    assert [row[1:3] for row in ranks(log, "xp-user-agent")] == [
        (1, '["v","js"]'),
        (2, '["u","py"]'),
        (3, '["v","py"]'),
    ]
    assert ranks(log, "project-xp-user") == [("p", 1, "u", 10.0, T0)]
    assert ranks(log, "team-xp") == [(None, 1, "red", 20.0, T0 + 1)]
    assert ranks(log, "team-xp-mean") == [(None, 1, "red", 10.0, T0 + 1)]


def test_a_board_of_calls_has_no_columns_of_submissions_and_the_other_way_round() -> None:
    log = [called("a", "u", "ada", T0), called("b", "u", "ada", T0 + 1, False, base_points=1), *solved("ada", T0)]
    rows = play(log)["leaderboards"]
    columns = ("points", "tasks_completed", "attempts", "xp", "calls", "success_share", "reached_at")
    assert pick(rows, *columns, board="xp-agent", window="all") == [(None, None, None, 10, 2, 0.5, T0)]
    assert pick(rows, *columns, board="points", window="all") == [(10, 1, 1, None, None, None, T0)]


def test_achievements_count_for_users_and_the_team_of_their_event_and_for_no_agent() -> None:
    log = [called("a", "u", "py", T0, team_id="red")]
    assert [ranks(log, board, Rules())[0][3] for board in ("xp-user", "team-xp", "xp-agent")] == [60.0, 60.0, 10.0]


def test_a_share_of_successes_needs_a_call_and_its_minimum_and_is_never_reached() -> None:
    sure = Board(slug="sure", order=("success_share desc", "calls desc"), min_calls=2)
    log = [called("a", "u", "py", T0, False), called("b", "u", "py", T0, False), called("c", "u", "js", T0)]
    assert ranks(log, "sure", Rules(boards=(sure,))) == [(None, 1, "py", 0.0, None)]


def test_a_window_with_a_filter_on_tasks_lets_no_call_through_and_one_on_teams_does() -> None:
    day = dt.date(2025, 3, 10)
    log = [called("a", "u", "py", T0, team_id="red"), called("b", "u", "py", T0 + 1)]
    for filters, found in (({"problem": ("collatz",)}, []), ({"team": ("red",)}, [(None, 1, "u", 10.0, T0)])):
        window = Window(slug="cup", **filters, start=day, end=day)
        assert ranks(log, "xp-user", Rules(achievements=(), windows=(window,)), "cup") == found
