"""SPEC section 8: levels, titles, stars, and one level-up for every level passed."""

from tests.game.calls import called, only, unranked
from tests.game.league import instant, pick

NOON = "2026-03-02T12:00Z"
STATE = ("xp", "level", "title", "stars", "level_xp", "xp_to_next")


def with_xp(xp, call_id="c", agent="py", when=NOON, user="ann"):
    """A call of exactly so much XP: a failure worth nothing, and a bonus."""
    return called(call_id, user, agent, when, success=False, base_points=1, bonus_points=xp)


def test_each_level_begins_at_its_xp_and_not_one_before():
    begins = [
        (1, 0, "Recruit", 0), (2, 100, "Specialist", 1), (3, 300, "Expert", 2), (4, 600, "Master", 3),
        (5, 1000, "Elite", 4), (6, 1500, "Legend", 5), (7, 2100, "Legend", 5), (141, 987_000, "Legend", 5),
    ]  # fmt: skip
    amounts = {amount for _, xp, *_ in begins for amount in (xp, xp - 1) if amount >= 0}
    levels = unranked([with_xp(xp, f"c{xp}", user=f"with {xp}") for xp in amounts], only())["levels"]
    for level, xp, title, stars in begins:
        state = (xp, level, title, stars, xp, 100 * level)
        of_it = pick(levels, "scope", "agent_id", *STATE, user_id=f"with {xp}")
        assert of_it == [("user", None, *state), ("user_agent", "py", *state)]
        if level > 1:
            just_before = pick(levels, "level", "xp_to_next", user_id=f"with {xp - 1}", scope="user")
            assert just_before == [(level - 1, 1)]


def test_a_table_may_replace_the_formula_and_its_last_level_has_none_after_it():
    book = only(levels={"table": [0, 10, 25], "titles": ["Low", "High"], "max_stars": 1})
    states = [
        (9, 1, "Low", 0, 0, 1),
        (10, 2, "High", 1, 10, 15),
        (25, 3, "High", 1, 25, None),
        (9999, 3, "High", 1, 25, None),
    ]
    records = [with_xp(xp, f"c{xp}", user=f"with {xp:04}") for xp, *_ in states]
    assert pick(unranked(records, book)["levels"], *STATE, scope="user") == states


def test_there_is_one_level_up_a_level_passed_with_its_instant_and_event():
    records = [with_xp(90, "a"), with_xp(610, "b", "js", "2026-03-02T13:00Z")]
    ups = unranked(records, only())["level_ups"]
    did_it = (instant("2026-03-02T13:00Z"), "event-b")
    assert pick(ups, "scope", "agent_id", "level", "reached_at", "event_id") == [
        *(("user", None, level, *did_it) for level in (2, 3, 4)),
        *(("user_agent", "js", level, *did_it) for level in (2, 3, 4)),
    ]


def test_calls_of_one_instant_pass_levels_in_the_order_of_their_event_ids():
    records = [with_xp(60, "b"), with_xp(60, "a")]
    assert pick(unranked(records, only())["level_ups"], "event_id", scope="user") == ["event-b"]


def test_xp_of_an_achievement_raises_the_user_and_never_a_pair():
    tables = unranked([called("c", "ann", "py", NOON, bonus_points=40)])  # 50 XP, and the 50 of First Steps
    assert pick(tables["levels"], "scope", "xp", "level") == [("user", 100, 2), ("user_agent", 50, 1)]
    assert pick(tables["level_ups"], "scope", "level", "event_id") == [("user", 2, "event-c")]


def test_a_user_has_a_level_of_its_own_with_every_agent():
    records = [with_xp(300, "a"), with_xp(100, "b", "js"), with_xp(99, "c", "sql")]
    levels = unranked(records, only())["levels"]
    assert pick(levels, "agent_id", "level", scope="user_agent") == [("js", 2), ("py", 3), ("sql", 1)]
    assert pick(levels, "xp", "level", scope="user") == [(499, 3)]
