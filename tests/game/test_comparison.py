"""Two outcomes side by side: literal rows in, literal rows out, and the laws that any comparison keeps."""

import datetime as dt
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.game.comparison import (
    COMPARED,
    COMPARISONS,
    Comparison,
    compare,
    compare_boards,
    compare_levels,
    compare_streaks,
    compare_totals,
    compare_trophies,
)
from pipelines.game.tables import TABLES
from tests.game.league import instant, rows

Row = dict[str, Any]
COMES, GOES = instant("2026-03-01T10:00:00Z"), instant("2026-03-02T10:00:00Z")


def frame(name: str, *given_rows: Row) -> pl.DataFrame:
    """Rows of a published table, of which only what a comparison looks at is given."""
    schema = TABLES[name].schema
    plain = {c: pl.Int64() if isinstance(t, pl.Datetime) else t for c, t in schema.items()}
    made = pl.DataFrame([{**dict.fromkeys(schema), **row} for row in given_rows], schema=plain)
    return made.with_columns(pl.col(c).cast(t) for c, t in schema.items() if isinstance(t, pl.Datetime))


def entry(subject: str, rank: int, score: float, **more: Any) -> Row:
    return {
        "board": "points",
        "window": "all",
        "scope": "all",
        "subject_id": subject,
        "rank": rank,
        "score": score,
        **more,
    }


def badge(subject: str, slug: str, earned_at: int, tier: str | None = None, subject_type: str = "agent") -> Row:
    return {"subject_type": subject_type, "subject_id": subject, "badge": slug, "tier": tier, "earned_at": earned_at}


def test_an_entry_has_its_place_and_score_of_both_and_climbing_is_positive():
    before = frame("leaderboards", entry("ada", 1, 50), entry("bob", 2, 40))
    after = frame("leaderboards", entry("bob", 1, 60), entry("ada", 2, 50))
    ada, bob = rows(compare_boards(before, after))
    assert (ada["rank_before"], ada["rank_after"], ada["rank_change"]) == (1, 2, -1)
    assert (ada["score_before"], ada["score_after"], ada["score_change"]) == (50, 50, 0)
    assert (bob["subject_id"], bob["rank_change"], bob["score_change"]) == ("bob", 1, 20)


def test_an_entry_of_one_side_only_has_no_change_and_windows_and_scopes_are_kept_apart():
    week = {"window": "week", "window_start_on": dt.date(2026, 3, 2)}
    before = frame("leaderboards", entry("ada", 1, 50), entry("ada", 3, 5, scope="project", scope_id="p"))
    after = frame("leaderboards", entry("ada", 1, 50, **week), entry("ada", 2, 5, scope="project", scope_id="p"))
    found = [
        (r["window"], r["scope_id"], r["rank_before"], r["rank_after"], r["rank_change"])
        for r in rows(compare_boards(before, after))
    ]
    assert found == [("all", None, 1, None, None), ("all", "p", 3, 2, 1), ("week", None, None, 1, None)]


def test_who_is_in_no_table_of_one_side_has_nothing_there():
    before = {kind: frame(f"{kind}_stats") for kind in ("agent", "user", "team")}
    after = {**before, "agent": frame("agent_stats", {"agent_id": "ada", "points": 7, "xp": 3})}
    (ada,) = rows(compare_totals(before, after))
    assert ada == {
        "subject_type": "agent", "subject_id": "ada", "points_before": 0, "points_after": 7, "points_change": 7,
        "xp_before": 0, "xp_after": 3, "xp_change": 3,
    }  # fmt: skip
    assert rows(compare_totals(after, before))[0]["points_change"] == -7


def test_trophies_are_won_lost_earned_earlier_or_later_each_tier_for_itself():
    before = frame(
        "badges", badge("ada", "early", GOES), badge("ada", "gone", COMES), badge("ada", "same", COMES),
        badge("ada", "step", COMES, "bronze"),
    )  # fmt: skip
    after = frame(
        "badges", badge("ada", "early", COMES), badge("ada", "same", COMES), badge("ada", "step", GOES, "bronze"),
        badge("ada", "step", GOES, "silver"), badge("ada", "same", COMES, subject_type="user"),
    )  # fmt: skip
    found = [(r["subject_type"], r["badge"], r["tier"], r["change"]) for r in rows(compare_trophies(before, after))]
    assert found == [
        ("agent", "early", None, "earlier"), ("agent", "gone", None, "lost"), ("agent", "same", None, "same"),
        ("agent", "step", "bronze", "later"), ("agent", "step", "silver", "won"), ("user", "same", None, "won"),
    ]  # fmt: skip


def test_levels_begin_at_1_and_a_pair_is_not_its_user():
    before = frame("levels", {"scope": "user", "user_id": "ann", "level": 3, "title": "Expert"})
    after = frame(
        "levels", {"scope": "user_agent", "user_id": "ann", "agent_id": "pro", "level": 2, "title": "Specialist"}
    )
    found = [
        (r["scope"], r["level_before"], r["level_after"], r["level_change"], r["title_before"])
        for r in rows(compare_levels(before, after))
    ]
    assert found == [("user", 3, 1, -2, "Expert"), ("user_agent", 1, 2, 1, None)]


def test_streaks_are_compared_by_their_days_and_runs():
    before = frame("streaks", {"agent_id": "ada", "daily_current": 0, "daily_best": 3, "accuracy_best": 4})
    after = frame("streaks", {"agent_id": "ada", "daily_current": 5, "daily_best": 5, "accuracy_best": 4})
    (ada,) = rows(compare_streaks(before, after))
    assert (ada["daily_current_change"], ada["daily_best_change"], ada["accuracy_best_change"]) == (5, 2, 0)


names = st.sampled_from(("ada", "bob", "zoë", "Z"))
optional = st.sampled_from((None, "p", "q"))


def tables_of(name: str, keys: dict[str, Any], values: dict[str, Any]) -> st.SearchStrategy[pl.DataFrame]:
    """Frames with at most one row for each of the keys."""
    one = st.fixed_dictionaries({**keys, **values})
    lists = st.lists(one, max_size=8, unique_by=lambda row: tuple(row[key] for key in keys))
    return lists.map(lambda held: frame(name, *held))


whole = st.integers(0, 5)
_STREAKS = ("daily_current", "daily_best", "accuracy_best")
outcomes = st.fixed_dictionaries(
    {
        "leaderboards": tables_of(
            "leaderboards",
            {"board": st.sampled_from(("points", "xp")), "window": st.sampled_from(("all", "season")),
             "scope": st.just("all"), "scope_id": optional, "subject_id": names},
            {"rank": st.integers(1, 5), "score": whole.map(float)},
        ),
        **{
            f"{kind}_stats": tables_of(f"{kind}_stats", {f"{kind}_id": names}, {"points": whole, "xp": whole})
            for kind in ("agent", "user", "team")
        },
        "badges": tables_of(
            "badges",
            {"subject_type": st.sampled_from(("agent", "user")), "subject_id": names, "badge": names, "tier": optional},
            {"earned_at": st.sampled_from((COMES, GOES))},
        ),
        "levels": tables_of(
            "levels", {"scope": st.sampled_from(("user", "user_agent")), "user_id": names, "agent_id": optional},
            {"level": st.integers(1, 5), "title": names},
        ),
        "streaks": tables_of("streaks", {"agent_id": names}, dict.fromkeys(_STREAKS, whole)),
    }
)  # fmt: skip


def sides(made: Comparison) -> dict[str, list[Row]]:
    return {name: rows(getattr(made, name.removeprefix("compared_"))) for name in COMPARISONS}


@given(outcomes)
def test_a_thing_is_no_different_from_itself(outcome):
    assert outcome.keys() == set(COMPARED)
    compared = sides(compare(outcome, outcome))
    assert {name: len(held) for name, held in compared.items() if name != "compared_totals"} == {
        "compared_boards": outcome["leaderboards"].height,
        "compared_trophies": outcome["badges"].height,
        "compared_levels": outcome["levels"].height,
        "compared_streaks": outcome["streaks"].height,
    }
    changes = {row[c] for held in compared.values() for row in held for c in row if c.endswith("change")}
    assert changes <= {0, "same"}


SWAPPED = {"won": "lost", "lost": "won", "earlier": "later", "later": "earlier", "same": "same"}


def swapped(row: Row) -> Row:
    """The row as the other side sees it."""
    names = {
        name: name.replace("_before", "_AFTER").replace("_after", "_before").replace("_AFTER", "_after") for name in row
    }
    turned = {names[name]: value for name, value in row.items()}
    changes = {name: value for name, value in row.items() if name.endswith("_change") and value is not None}
    turned.update({name: -value for name, value in changes.items()})
    return {**turned, "change": SWAPPED[row["change"]]} if "change" in row else turned


@given(outcomes, outcomes)
def test_the_other_way_round_every_change_is_its_opposite(one, other):
    there, back = sides(compare(one, other)), sides(compare(other, one))
    assert {name: [swapped(row) for row in held] for name, held in there.items()} == back


@given(outcomes, outcomes)
def test_every_comparison_keeps_its_contract_in_a_total_order_whatever_order_the_rows_came_in(one, other):
    made = compare(one, other)
    upside_down = compare(*({name: table.reverse() for name, table in side.items()} for side in (one, other)))
    for name, table in COMPARISONS.items():
        held = getattr(made, name.removeprefix("compared_"))
        assert table.is_kept_by(held)
        assert not held.select(table.sort_by).is_duplicated().any()
        assert held.equals(held.sort(table.sort_by))
        assert held.equals(getattr(upside_down, name.removeprefix("compared_")))


@given(outcomes, outcomes)
def test_boards_and_trophies_are_what_looking_each_subject_up_gives(one, other):
    """The slow and obvious way: a dictionary for each side."""

    def by_key(table: pl.DataFrame, keys: tuple[str, ...]) -> dict[tuple[Any, ...], Row]:
        return {tuple(row[key] for key in keys): row for row in rows(table)}

    made = compare(one, other)
    keys = COMPARISONS["compared_boards"].sort_by
    held, new = (by_key(side["leaderboards"], keys) for side in (one, other))
    found = by_key(made.boards, keys)
    assert found.keys() == held.keys() | new.keys()
    for key, row in found.items():
        ranks = [side.get(key, {}).get("rank") for side in (held, new)]
        assert [row["rank_before"], row["rank_after"]] == ranks
        assert row["rank_change"] == (None if None in ranks else ranks[0] - ranks[1])
    keys = COMPARISONS["compared_trophies"].sort_by
    held, new = (by_key(side["badges"], keys) for side in (one, other))
    for key, row in by_key(made.trophies, keys).items():
        when = [side.get(key, {}).get("earned_at") for side in (held, new)]
        said = "won" if when[0] is None else "lost" if when[1] is None else None
        assert row["change"] == (
            said or {-1: "earlier", 0: "same", 1: "later"}[(when[1] > when[0]) - (when[1] < when[0])]
        )
