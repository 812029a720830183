"""SPEC sections 2 and 8: which agent calls there are, and the XP of each, factor by factor."""

import pytest

from tests.game.calls import DAY, HOUR, NO_BOARDS, called, only, series
from tests.game.league import instant, pick, play, rules

NOON = "2026-03-02T12:00Z"


def ledger(records, book=None, **more):
    return play(records, book or only(board=NO_BOARDS), **more)["xp_ledger"]


def each(column, fields_of_calls):
    """That column of the ledger for calls of one instant with these fields."""
    calls = [called(f"c{n:03}", "ann", "py", NOON, **fields) for n, fields in enumerate(fields_of_calls)]
    return pick(ledger(calls), column)


def earns(**fields):
    return each("xp", [fields])[0]


# --- the worked examples -------------------------------------------------------------------------------------------
def test_base_15_medium_in_120_seconds_with_qualities_of_90_and_85_percent_earns_33_xp():
    fields = {"complexity": "medium", "duration_s": 120, "response_quality": 0.9, "code_quality": 0.85}
    assert ledger([called("c", "ann", "py", NOON, base_points=15, team_id="red", project_id="web", **fields)]) == [
        {
            "entry_id": "agent_call:c", "event_id": "event-c", "user_id": "ann", "agent_id": "py", "team_id": "red",
            "project_id": "web", "rule": "agent_call", "xp": 33, "earned_at": instant(NOON), "base": 15,
            "complexity_factor": 1.5, "quality_factor": 1.5, "speed_factor": 1.0, "multiplier": 1.0,
            "streak_factor": 1.0, "success_factor": 1.0, "bonus": 0, "evidence": 0,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(("success", "xp"), [(True, 180), (False, 54)])
def test_an_expert_call_of_quality_1_in_100_seconds_on_the_thirtieth_day_earns_180_xp_and_failed_54(success, xp):
    scores = dict.fromkeys(("response_quality", "user_satisfaction", "code_quality"), 1.0)
    at = instant("2026-03-02T00:00Z") + 29 * DAY
    last = called("last", "ann", "py", at, success, complexity="expert", duration_s=100, **scores)
    assert pick(ledger([*series(29, every=DAY), last]), "xp", entry_id="agent_call:last") == [xp]


# --- factors -------------------------------------------------------------------------------------------------------
def test_the_base_is_that_of_the_action():
    bases = {
        "task_completion": 10, "error_resolution": 20, "speed_bonus": 5, "quality_bonus": 15, "complexity_bonus": 25,
        "streak_bonus": 10, "first_use": 50, "milestone": 100, "juggling": 10,
    }  # fmt: skip
    assert each("base", [{"action_type": word} for word in bases]) == list(bases.values())
    assert each("xp", [{"action_type": word} for word in bases]) == list(bases.values())


def test_base_points_take_its_place_if_they_are_given_and_more_than_0():
    points = (7, 0, None)
    assert each("base", [{"action_type": "milestone", "base_points": given} for given in points]) == [7, 100, 100]


def test_complexity_multiplies():
    words = ("simple", "medium", "complex", "expert", None)
    assert each("complexity_factor", [{"complexity": word} for word in words]) == [1.0, 1.5, 2.0, 3.0, 1.0]


def test_the_mean_of_the_scores_given_has_steps_and_is_rounded_to_six_decimals_before():
    names = ("response_quality", "user_satisfaction", "code_quality")
    factors = {
        (): 1.0, (0.9,): 2.0, (0.899999,): 1.5, (0.7,): 1.5, (0.699999,): 1.0, (0.5,): 1.0, (0.499999,): 0.7,
        (0.0,): 0.7, (1.0, 0.4): 1.5, (0.9, 0.9, 0.9): 2.0, (0.8999996,): 2.0,
    }  # fmt: skip
    assert each("quality_factor", [dict(zip(names, scores, strict=False)) for scores in factors]) == [*factors.values()]


@pytest.mark.parametrize(("complexity", "expected"), [("simple", 30), ("medium", 120), ("complex", 300),
                                                      ("expert", 600), (None, 120)])  # fmt: skip
def test_speed_is_measured_against_what_its_complexity_lets_expect(complexity, expected):
    shares = (0.5, 0.5000004, 0.501, 0.75, 0.751, 1.0, 1.5, 2.0, 1000.0)
    factors = each("speed_factor", [{"complexity": complexity, "duration_s": share * expected} for share in shares])
    assert factors == pytest.approx([1.5, 1.5, 1.25, 1.25, 1.0, 1.0, 0.9, 0.8, 0.8])


def test_without_a_duration_there_is_no_speed():
    assert each("speed_factor", [{"duration_s": None}, {"duration_s": 0.0}]) == [1.0, 1.0]


def test_multipliers_multiply():
    given = [{"multipliers": factors} for factors in (None, [], [1.5, 2.0], [0.1])]
    assert each("multiplier", given) == [1.0, 1.0, 3.0, 0.1]
    assert each("xp", given) == [10, 10, 30, 1]


def test_the_product_is_rounded_to_six_decimals_and_then_truncated():
    factors = ([2.9999999], [2.9999989])
    assert each("xp", [{"multipliers": given, "base_points": 1} for given in factors]) == [3, 2]
    assert earns(base_points=1, success=False) == 0


def test_the_product_is_capped_at_a_thousand_million_and_what_is_added_is_not():
    assert earns(base_points=10**6, multipliers=[10.0] * 10, bonus_points=10**6) == 10**9 + 10**6


# --- what is added -------------------------------------------------------------------------------------------------
def test_evidence_adds_a_share_of_the_base_points_given():
    points = {
        "speed_improvement": 29, "bug_resolution": 49, "code_quality": 39, "user_satisfaction": 19,
        "complexity_handling": 59, "innovation": 79,
    }  # fmt: skip
    given = [{"evidence_type": word, "evidence": "seen"} for word in points]
    assert each("evidence", [{"base_points": 99, **fields} for fields in given]) == list(points.values())
    assert each("evidence", [{"action_type": "milestone", **fields} for fields in given]) == [0] * 6


def test_evidence_needs_type_and_text():
    given = [{"evidence_type": "innovation"}, {"evidence": "seen"}, {"evidence_type": "innovation", "evidence": ""}]
    assert each("evidence", [{"base_points": 99, **fields} for fields in given]) == [0, 0, 0]


def test_what_improved_counts_up_to_twice():
    given = {"evidence_type": "innovation", "evidence": "seen", "base_points": 99}
    factors = (0.0, 0.5, 1.5, 2.0, 3.0)
    assert each("evidence", [{**given, "improvement_factor": factor} for factor in factors]) == [0, 39, 118, 158, 158]


def test_bonus_and_evidence_are_added_in_full_to_failures_too():
    given = {"evidence_type": "innovation", "evidence": "seen", "base_points": 100, "bonus_points": 7}
    assert earns(success=False, **given) == 30 + 7 + 80


# --- runs of active days -------------------------------------------------------------------------------------------
def test_the_streak_factor_rises_with_the_run_of_active_days_that_ends_yesterday():
    factors = pick(ledger(series(31, every=DAY)), "streak_factor")
    assert factors == [1.0] * 2 + [1.1] * 4 + [1.3] * 7 + [1.5] * 16 + [2.0] * 2


def test_it_is_the_same_for_every_call_of_a_day():
    again = called("again", "ann", "js", "2026-03-04T23:59Z")
    assert pick(ledger([*series(3, every=DAY), again]), "streak_factor")[2:] == [1.1, 1.1]


def test_a_failure_makes_no_day_active_but_is_paid_by_the_run_before_it():
    records = series(4, every=DAY)
    records[2]["success"] = False
    assert pick(ledger(records), "streak_factor") == [1.0, 1.0, 1.1, 1.0]


def test_grace_and_excused_days_are_for_submissions_alone():
    records = series(5, every=DAY)
    del records[2]
    book = only(board=NO_BOARDS, streaks={"grace_days": 2})
    assert pick(ledger(records, book), "streak_factor") == [1.0] * 4


def test_a_date_that_the_zone_skipped_breaks_no_run():
    """Samoa had no 30 December 2011: the three calls finish there on the 28th, 29th and 31st."""
    whens = ("2011-12-28T22:00Z", "2011-12-29T22:00Z", "2011-12-31T05:00Z")
    records = [called(f"c{n}", "ann", "py", when) for n, when in enumerate(whens)]
    assert pick(ledger(records, only(board=NO_BOARDS, timezone="Pacific/Apia")), "streak_factor") == [1.0, 1.0, 1.1]
    assert pick(ledger(records), "streak_factor") == [1.0, 1.0, 1.0]


# --- which calls there are, and their order ------------------------------------------------------------------------
def test_a_corrected_call_is_replaced_whole_and_keeps_the_instant_of_its_first_record():
    first = called("c", "ann", "py", NOON, bonus_points=5)
    second = called("c", "bob", "js", "2026-03-05T12:00Z", event_id="late", team_id="red")
    columns = ("call_id", "event_id", "at", "known_at", "user_id", "agent_id", "bonus_points", "team_id")
    tables = play([first, second], only(board=NO_BOARDS))
    state = ("c", "late", instant(NOON), instant("2026-03-05T12:00Z"), "bob", "js", None, "red")
    assert pick(tables["agent_calls"], *columns) == [state]
    assert pick(tables["xp_ledger"], "user_id", "earned_at", "xp") == [("bob", instant(NOON), 10)]
    before = play([first, second], only(board=NO_BOARDS), as_of=instant("2026-03-05T12:00Z") - 1)
    state = ("c", "event-c", instant(NOON), instant(NOON), "ann", "py", 5, None)
    assert pick(before["agent_calls"], *columns) == [state]


def test_a_call_known_later_than_as_of_does_not_exist():
    tables = play([*series(1), called("later", "bob", "py", NOON)], as_of=instant(NOON) - 1)
    assert pick(tables["agent_calls"], "user_id") == pick(tables["user_stats"], "user_id") == ["ann"]


def test_without_a_call_id_the_event_id_is_the_name_of_the_call():
    records = [called(None, "ann", "py", NOON, event_id="one"), called("one", "ann", "py", NOON, event_id="two")]
    assert pick(ledger(records), "entry_id", "event_id") == [("agent_call:one", "two")]


def test_calls_of_one_instant_stand_in_the_order_of_the_event_ids_in_force():
    records = [called("x", "ann", "py", NOON, event_id="e10"), called("y", "ann", "py", NOON, event_id="e9")]
    assert pick(ledger(records), "entry_id") == ["agent_call:x", "agent_call:y"]
    records.append(called("x", "ann", "py", instant(NOON) + HOUR, event_id="e99"))
    assert pick(ledger(records), "entry_id") == ["agent_call:y", "agent_call:x"]


def test_every_number_of_xp_is_the_rulebooks():
    book = rules(board=NO_BOARDS, xp={"other_action": 3, "failure": 1.0, "action": {"juggling": 40}})
    rows = ledger([called("a", "ann", "py", NOON, action_type="singing"),
                   called("b", "ann", "py", NOON, False, action_type="juggling")], book)  # fmt: skip
    assert pick(rows, "xp", rule="agent_call") == [3, 40]
