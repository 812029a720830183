"""Consent: by default nobody shares anything, the newest word decides, and a withdrawal ends what was before."""

import datetime as dt

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.arena.consents import EVENTS, in_force, sharing
from pipelines.game.records import CONSENT_SCOPES

DAY = dt.datetime(2026, 3, 1)  # noqa: DTZ001 - naive UTC, as inside
NOW = DAY + dt.timedelta(days=9)


def said(*events: tuple[str, str, bool, int, str | None]) -> pl.DataFrame:
    """Consent records: owner, scope, granted, day, policy version; event ids e0, e1, ... as they come."""
    rows = [(o, s, g, DAY + dt.timedelta(days=d), f"e{n}", v) for n, (o, s, g, d, v) in enumerate(events)]
    return pl.DataFrame(rows, schema=EVENTS, orient="row")


def test_nobody_shares_anything_by_default():
    assert in_force(said(), "1", NOW).rows() == []


def test_a_grant_holds_from_the_first_after_the_last_withdrawal():
    events = said(
        ("ann", "metrics", True, 0, None),
        ("ann", "metrics", True, 1, None),
        ("ann", "metrics", False, 2, None),
        ("ann", "metrics", True, 3, None),
        ("ann", "metrics", True, 4, None),
    )
    assert in_force(events.head(2), "1", NOW).rows() == [("ann", "metrics", "e0")]
    assert in_force(events.head(3), "1", NOW).rows() == []
    assert in_force(events, "1", NOW).rows() == [("ann", "metrics", "e3")]


def test_scopes_and_owners_are_apart():
    events = said(
        ("ann", "metrics", True, 0, None), ("bob", "metrics", True, 0, None), ("ann", "aggregates", True, 0, None),
        ("ann", "metrics", False, 1, None),
    )  # fmt: skip
    assert in_force(events, "1", NOW).rows() == [("ann", "aggregates", "e2"), ("bob", "metrics", "e1")]
    assert sharing(in_force(events, "1", NOW), "metrics").to_list() == ["bob"]


def test_of_one_instant_the_greatest_event_id_decides():
    events = said(("ann", "metrics", False, 0, None), ("ann", "metrics", True, 0, None))
    assert in_force(events, "1", NOW).rows() == [("ann", "metrics", "e1")]
    assert (
        in_force(events.with_columns(event_id=pl.lit("e") + (9 - pl.int_range(pl.len())).cast(str)), "1", NOW).rows()
        == []
    )


def test_a_grant_for_another_version_of_the_policy_is_none_and_ends_the_one_before():
    events = said(("ann", "metrics", True, 0, "1"), ("ann", "metrics", True, 1, "2"))
    assert in_force(events.head(1), "1", NOW).rows() == [("ann", "metrics", "e0")]
    assert in_force(events.head(1), "2", NOW).rows() == []
    assert in_force(events, "1", NOW).rows() == []
    assert in_force(events, "2", NOW).rows() == [("ann", "metrics", "e1")]


def test_a_grant_of_tomorrow_is_none_yet_and_a_withdrawal_counts_as_soon_as_it_is_known():
    events = said(
        ("ann", "metrics", True, 0, None), ("bob", "metrics", True, 12, None), ("ann", "metrics", False, 12, None)
    )
    assert in_force(events.head(2), "1", NOW).rows() == [("ann", "metrics", "e0")]
    assert in_force(events, "1", NOW).rows() == []
    assert in_force(events.head(2), "1", NOW + dt.timedelta(days=9)).height == 2


def test_a_grant_without_a_version_is_for_the_first():
    assert in_force(said(("ann", "metrics", True, 0, None)), "2", NOW).rows() == []


WORDS = st.tuples(st.sampled_from("ab"), st.sampled_from(CONSENT_SCOPES), st.booleans(), st.integers(0, 3), st.none())


@given(st.lists(WORDS, max_size=12), st.randoms())
def test_it_is_what_a_walk_through_the_events_would_say_in_whatever_order_they_come(words, random):
    events = said(*words)
    held: dict[tuple[str, str], str] = {}
    for owner, scope, granted, _, event, _ in sorted(events.iter_rows(), key=lambda row: (row[3], row[4])):
        if granted:
            held.setdefault((owner, scope), event)
        else:
            held.pop((owner, scope), None)
    shuffled = events.sample(fraction=1, shuffle=True, seed=random.randrange(100))
    assert in_force(shuffled, "1", NOW).rows() == [(*key, event) for key, event in sorted(held.items())]
