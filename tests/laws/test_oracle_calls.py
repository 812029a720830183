"""The oracle against examples computed by hand from the specification, so that the judge has been judged, too.

Here: which calls there are, XP, levels. Achievements and boards of calls: test_oracle_achievements.py.
"""

import pytest

from tests.laws.literal import T0, Row, called, pick, play
from tests.laws.oracle_calls import begins, level_of, rounded
from tests.laws.oracle_rules import DAY, HOUR, Rules, instant
from tests.laws.oracle_xp_rules import LevelRules

NO_ACHIEVEMENTS = Rules(achievements=())


def daily(n: int, user_id: str = "u", agent_id: str = "py", start: int = T0, **fields: object) -> list[Row]:
    """A call a day."""
    return [called(f"{user_id}-{agent_id}-{k:03}", user_id, agent_id, start + k * DAY, **fields) for k in range(n)]


def xp_of(**fields: object) -> int:
    return play([called("c", "u", "py", T0, **fields)], NO_ACHIEVEMENTS)["xp_ledger"][0]["xp"]


# --- XP of one call ------------------------------------------------------------------------------------------------
def test_the_worked_example_of_33_xp_with_every_factor() -> None:
    fields = {"complexity": "medium", "duration_s": 120, "response_quality": 0.9, "code_quality": 0.85}
    log = [called("c", "u", "py", T0, base_points=15, team_id="red", project_id="p", **fields)]
    assert play(log, NO_ACHIEVEMENTS)["xp_ledger"] == [
        {
            "entry_id": "agent_call:c",
            "event_id": f"e-c-{T0}",
            "user_id": "u",
            "agent_id": "py",
            "team_id": "red",
            "project_id": "p",
            "rule": "agent_call",
            "earned_at": T0,
            "xp": 33,
            "base": 15,
            "complexity_factor": 1.5,
            "quality_factor": 1.5,
            "speed_factor": 1.0,
            "multiplier": 1.0,
            "streak_factor": 1.0,
            "success_factor": 1.0,
            "bonus": 0,
            "evidence": 0,
        }
    ]


@pytest.mark.parametrize(("success", "xp"), [(True, 180), (False, 54)])
def test_the_worked_examples_of_180_and_54_xp_on_the_thirtieth_day(success: bool, xp: int) -> None:
    scores = dict.fromkeys(("response_quality", "user_satisfaction", "code_quality"), 1)
    last = called("last", "u", "py", T0 + 29 * DAY, success, complexity="expert", duration_s=100, **scores)
    rows = play([*daily(29), last], NO_ACHIEVEMENTS)["xp_ledger"]
    assert pick(rows, "xp", "streak_factor", entry_id="agent_call:last") == [(xp, 2.0)]


@pytest.mark.parametrize(
    ("fields", "xp"),
    [
        ({"action_type": "milestone"}, 100),
        ({"action_type": "milestone", "base_points": 0}, 100),
        ({"action_type": "milestone", "base_points": 7}, 7),
        ({"action_type": "juggling"}, 10),
        ({"complexity": "expert"}, 30),
        ({"success": False}, 3),
        ({"success": False, "bonus_points": 9}, 12),
        ({"multipliers": [1.5, 2]}, 30),
        ({"multipliers": []}, 10),
        ({"base_points": 1, "success": False}, 0),
    ],
)
def test_base_complexity_multipliers_and_success(fields: Row, xp: int) -> None:
    assert xp_of(**fields) == xp


@pytest.mark.parametrize(
    ("scores", "factor"),
    [
        ((), 1.0),
        ((0.9,), 2.0),
        ((0.899999,), 1.5),
        ((0.8999996,), 2.0),  # the mean is rounded to six decimals before it is compared
        ((0.9, 0.9, 0.9), 2.0),  # whose mean is a hair off in binary
        ((1.0, 0.4), 1.5),
        ((0.5,), 1.0),
        ((0.499999,), 0.7),
        ((0,), 0.7),
    ],
)
def test_the_mean_of_the_scores_given_has_steps(scores: tuple[float, ...], factor: float) -> None:
    given = dict(zip(("code_quality", "response_quality", "user_satisfaction"), scores, strict=False))
    rows = play([called("c", "u", "py", T0, **given)], NO_ACHIEVEMENTS)["xp_ledger"]
    assert pick(rows, "quality_factor") == [(factor,)]


@pytest.mark.parametrize(
    ("complexity", "duration_s", "factor"),
    [
        (None, None, 1.0),
        (None, 0, 1.0),
        (None, 60, 1.5),  # 120 s are expected
        (None, 60.00001, 1.5),
        (None, 60.001, 1.25),
        ("simple", 15, 1.5),
        ("simple", 22.5, 1.25),
        ("simple", 30, 1.0),
        ("simple", 45, 0.9),
        ("simple", 60, 0.8),
        ("simple", 10**9, 0.8),
        ("complex", 226, 1.0),
        ("expert", 450, 1.25),
    ],
)
def test_speed_is_measured_against_what_its_complexity_lets_expect(
    complexity: str | None, duration_s: float | None, factor: float
) -> None:
    log = [called("c", "u", "py", T0, complexity=complexity, duration_s=duration_s)]
    assert pick(play(log, NO_ACHIEVEMENTS)["xp_ledger"], "speed_factor") == [(pytest.approx(factor),)]


@pytest.mark.parametrize(
    ("fields", "evidence"),
    [
        ({"evidence_type": "innovation", "evidence": "seen", "base_points": 99}, 79),
        ({"evidence_type": "innovation", "evidence": "seen"}, 0),  # of the points as given
        ({"evidence_type": "innovation", "evidence": "", "base_points": 99}, 0),
        ({"evidence_type": "innovation", "base_points": 99}, 0),
        ({"evidence": "seen", "base_points": 99}, 0),
        ({"evidence_type": "innovation", "evidence": "seen", "base_points": 99, "improvement_factor": 1.5}, 118),
        ({"evidence_type": "innovation", "evidence": "seen", "base_points": 99, "improvement_factor": 3}, 158),
        ({"evidence_type": "innovation", "evidence": "seen", "base_points": 99, "improvement_factor": 0}, 0),
        ({"evidence_type": "user_satisfaction", "evidence": "seen", "base_points": 15}, 3),  # not 2.9999...
    ],
)
def test_evidence_needs_type_and_text_and_is_added_in_full(fields: Row, evidence: int) -> None:
    rows = play([called("c", "u", "py", T0, False, **fields)], NO_ACHIEVEMENTS)["xp_ledger"]
    assert pick(rows, "evidence") == [(evidence,)]
    assert xp_of(success=False, **fields) == evidence + rounded((fields.get("base_points") or 10) * 0.3) // 1


def test_the_product_is_capped_and_what_is_added_is_not() -> None:
    assert xp_of(base_points=10**6, multipliers=[10] * 10, bonus_points=10**6) == 10**9 + 10**6


def test_rounding_is_half_to_even_of_the_scaled_double() -> None:
    assert [rounded(x) for x in (0.0000005, 0.0000015, 0.0000025, 2.9999999)] == [0.0, 0.000002, 0.000002, 3.0]
    assert xp_of(multipliers=[2.9999999], base_points=1) == 3
    assert xp_of(multipliers=[2.9999989], base_points=1) == 2


# --- runs of active days -------------------------------------------------------------------------------------------
def test_the_streak_factor_rises_with_the_run_that_ends_yesterday_the_same_for_every_call_of_a_day() -> None:
    rows = play(daily(31), NO_ACHIEVEMENTS)["xp_ledger"]
    factors = [row["streak_factor"] for row in rows]
    assert factors == [1.0] * 2 + [1.1] * 4 + [1.3] * 7 + [1.5] * 16 + [2.0] * 2
    again = [
        *daily(3),
        called("again", "u", "js", T0 + 2 * DAY + HOUR),
        called("early", "u", "js", T0 + 2 * DAY - HOUR),
    ]
    assert pick(play(again, NO_ACHIEVEMENTS)["xp_ledger"], "streak_factor")[2:] == [(1.1,)] * 3


def test_a_failure_makes_no_day_active_but_is_paid_by_the_run_before_it() -> None:
    log = [*daily(2), called("f", "u", "py", T0 + 2 * DAY, False), called("s", "u", "py", T0 + 3 * DAY)]
    assert pick(play(log, NO_ACHIEVEMENTS)["xp_ledger"], "streak_factor") == [(1.0,), (1.0,), (1.1,), (1.0,)]


def test_a_date_the_zone_skipped_breaks_no_run_of_active_days() -> None:
    """Samoa had no 30 December 2011: the day before the 31st is the 29th."""
    days = [instant(f"2011-12-{day}Z") for day in ("28T22:00", "29T22:00", "31T05:00")]  # 28, 29 and 31 there, too
    log = [called(f"c{n}", "u", "py", at) for n, at in enumerate(days)]
    tables = play(log, Rules(timezone="Pacific/Apia"))
    assert pick(tables["xp_ledger"], "streak_factor", rule="agent_call") == [(1.0,), (1.0,), (1.1,)]
    assert pick(tables["user_stats"], "active_days", "daily_current", "daily_best") == [(3, 3, 3)]
    assert pick(play(log)["user_stats"], "daily_current", "daily_best") == [(1, 2)]  # not so in Greenwich


def test_the_rulebooks_grace_is_for_submissions_only() -> None:
    log = [called("a", "u", "py", T0), called("b", "u", "py", T0 + 2 * DAY)]
    assert pick(play(log, Rules(grace_days=2))["user_stats"], "daily_current", "daily_best") == [(1, 1)]


# --- which calls there are -----------------------------------------------------------------------------------------
def test_a_corrected_call_is_replaced_whole_and_keeps_its_instant() -> None:
    log = [called("c", "u", "py", T0, bonus_points=5), called("c", "v", "js", T0, known_at=T0 + DAY, team_id="red")]
    columns = ("call_id", "event_id", "at", "known_at", "user_id", "agent_id", "bonus_points", "team_id")
    later = play(log)
    assert pick(later["agent_calls"], *columns) == [("c", f"e-c-{T0 + DAY}", T0, T0 + DAY, "v", "js", None, "red")]
    assert pick(later["xp_ledger"], "user_id", "earned_at", "xp", rule="agent_call") == [("v", T0, 10)]
    before = play(log, as_of=T0 + DAY - 1)
    assert pick(before["agent_calls"], *columns) == [("c", f"e-c-{T0}", T0, T0, "u", "py", 5, None)]
    assert play(log, as_of=T0 - 1)["agent_calls"] == []


def test_the_event_id_of_a_record_without_call_id_is_the_calls_name() -> None:
    first = {**called("c", "u", "py", T0), "call_id": None, "event_id": "first"}
    second = {**called("first", "u", "py", T0, False, known_at=T0 + 1), "event_id": "second"}
    rows = play([first, second])["agent_calls"]
    assert pick(rows, "call_id", "event_id", "at", "success") == [("first", "second", T0, False)]


def test_calls_of_one_instant_stand_in_the_order_of_the_event_ids_in_force() -> None:
    log = [{**called(one, "u", "py", T0), "event_id": event_id} for one, event_id in (("x", "e10"), ("y", "e9"))]
    assert pick(play(log)["xp_ledger"], "entry_id", rule="agent_call") == [("agent_call:x",), ("agent_call:y",)]
    log.append({**called("x", "u", "py", T0, known_at=T0 + 1), "event_id": "e99"})
    assert pick(play(log)["xp_ledger"], "entry_id", rule="agent_call") == [("agent_call:y",), ("agent_call:x",)]


# --- levels --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("level", "xp", "title", "stars"),
    [
        (1, 0, "Recruit", 0),
        (2, 100, "Specialist", 1),
        (3, 300, "Expert", 2),
        (4, 600, "Master", 3),
        (5, 1000, "Elite", 4),
        (6, 1500, "Legend", 5),
        (7, 2100, "Legend", 5),
    ],
)
def test_each_level_begins_at_its_xp_and_not_one_before(level: int, xp: int, title: str, stars: int) -> None:
    assert begins(level, LevelRules()) == xp
    assert level_of(xp, LevelRules()) == level
    assert xp == 0 or level_of(xp - 1, LevelRules()) == level - 1
    log = [called("c", "u", "py", T0, success=False, base_points=1, bonus_points=xp)]
    columns = ("scope", "agent_id", "xp", "level", "title", "stars", "level_xp", "xp_to_next")
    levels = play(log, NO_ACHIEVEMENTS)["levels"]
    row = (xp, level, title, stars, xp, 100 * level)
    assert pick(levels, *columns) == [("user", None, *row), ("user_agent", "py", *row)]


def test_a_table_may_replace_the_formula_and_ends_with_its_last_level() -> None:
    rules = Rules(achievements=(), levels=LevelRules(table=(0, 10, 25), titles=("Low", "High"), max_stars=1))
    log = [called(f"c{n}", "u", "py", T0 + n) for n in range(3)]
    columns = ("xp", "level", "title", "stars", "level_xp", "xp_to_next")
    assert pick(play(log[:1], rules)["levels"], *columns, scope="user") == [(10, 2, "High", 1, 10, 15)]
    assert pick(play(log, rules)["levels"], *columns, scope="user") == [(30, 3, "High", 1, 25, None)]


def test_one_level_up_a_level_passed_with_its_instant_and_event() -> None:
    log = [called("a", "u", "py", T0, bonus_points=80), called("b", "u", "js", T0 + 1, bonus_points=600)]
    rows = play(log, NO_ACHIEVEMENTS)["level_ups"]  # 90, then 700 XP
    first = f"e-b-{T0 + 1}"
    assert pick(rows, "scope", "agent_id", "level", "reached_at", "event_id") == [
        *(("user", None, level, T0 + 1, first) for level in (2, 3, 4)),
        *(("user_agent", "js", level, T0 + 1, first) for level in (2, 3, 4)),
    ]


def test_xp_of_achievements_raises_the_user_and_never_a_pair() -> None:
    tables = play([called("a", "u", "py", T0, bonus_points=40)])  # 50 XP, and First Steps' 50
    assert pick(tables["levels"], "scope", "xp", "level") == [("user", 100, 2), ("user_agent", 50, 1)]
    assert pick(tables["level_ups"], "scope", "level", "event_id") == [("user", 2, f"e-a-{T0}")]
