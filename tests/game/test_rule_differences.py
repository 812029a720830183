"""What differs between two rulebooks, key by key, and rules laid over by a few keys."""

import datetime as dt

import pytest
from hypothesis import given

from pipelines.game.rule_differences import Difference, content_of, differences, overlaid
from pipelines.game.rulebook import RulebookError, load_rulebook, parse_rulebook
from tests.laws.logs import logs
from tests.laws.oracle_rules import rulebook_content

DEFAULT = load_rulebook()


def told(over):
    return [(d.key, d.kind) for d in differences(DEFAULT, overlaid(DEFAULT, over))]


def test_a_changed_key_is_told_with_both_values_under_its_dotted_name():
    changed = overlaid(DEFAULT, {"points": {"first_solver": 20, "perfect_day": {"points": 0}}})
    assert differences(DEFAULT, changed) == [
        Difference("points.first_solver", 5, 20, "changed"),
        Difference("points.perfect_day.points", 10, 0, "changed"),
    ]


def test_entries_are_known_by_their_slug_and_tier_wherever_they_stand():
    tiers = [{"slug": "step", "name": "Step", "tier": tier, "metric": "points", "threshold": 5} for tier in "ab"]
    assert told({"badge": tiers}) == [("badge[step:a]", "added"), ("badge[step:b]", "added")]
    assert told({"badge": [{"slug": "on-fire", "threshold": 5}]}) == [("badge[on-fire].threshold", "changed")]
    assert told({"board": [{"slug": "points", "enabled": False}]}) == [("board[points]", "removed")]
    assert told({"xp": {"action": {"review": 7}}}) == [("xp.action.review", "added")]
    turned = parse_rulebook({**content_of(DEFAULT), "badge": content_of(DEFAULT)["badge"][::-1]}, "turned round")
    assert differences(DEFAULT, turned) == []


def test_the_order_of_a_board_is_told_as_a_file_spells_it():
    (order,) = differences(DEFAULT, overlaid(DEFAULT, {"board": [{"slug": "accuracy", "order": ["accuracy asc"]}]}))
    assert (order.key, order.after) == ("board[accuracy].order", ["accuracy asc"])
    assert order.before == ["accuracy desc", "tasks_completed desc"]


def test_what_is_laid_over_must_be_usable_and_leaves_the_rules_as_they_are():
    with pytest.raises(RulebookError, match=r"\(what is laid over it\).*`points.first_solver`"):
        overlaid(DEFAULT, {"points": {"first_solver": -1}})
    window = {"slug": "w", "name": "W", "start": dt.date(2026, 1, 1), "end": dt.date(2026, 1, 2)}
    overlaid(DEFAULT, {"window": [window]})
    assert load_rulebook() == DEFAULT


@given(logs(max_submissions=1), logs(max_submissions=1))
def test_rulebooks_differ_in_a_key_exactly_if_their_fingerprints_do_and_the_content_says_all(one, other):
    rules, others = (parse_rulebook(rulebook_content(log.rules), "drawn") for log in (one, other))
    assert parse_rulebook(content_of(rules), "again") == rules
    assert overlaid(rules, {}) == rules
    assert (differences(rules, others) == []) == (rules.fingerprint == others.fingerprint)
    swapped = [(d.key, d.after, d.before) for d in differences(others, rules)]
    assert sorted(swapped, key=str) == sorted([(d.key, d.before, d.after) for d in differences(rules, others)], key=str)
