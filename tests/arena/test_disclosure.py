"""What published figures say together: sizes of groups, and bounds that equal a linear program's."""

from math import sqrt

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.arena.disclosure import drawn_twice, too_few
from pipelines.arena.joint_bounds import WIDTHS, Z, cap_of, known_widths, narrow
from pipelines.arena.leaving import COUNTS
from pipelines.arena.policy import AggregateLimits, load_policy
from pipelines.arena.profile_bounds import KNOWN, Told, known_of
from pipelines.arena.tables import AGENT_STATISTICS, PROFILES, REASONS, USAGE
from tests.arena.group_sizes import k_of
from tests.arena.linear_program import by_linear_program

POLICY = load_policy()
LIMITS = POLICY.aggregates
NOBODY_KNOWN = pl.DataFrame(schema=KNOWN)


def released(*figures: tuple[str | None, int, int], sigma: float, month: str = "2026-10") -> pl.DataFrame:
    """Figures of one agent in one month: category (none: the margin), successes, failures."""
    rows = [("calls", month, "debugger", *figure, sigma) for figure in figures]
    return pl.DataFrame(rows, schema=USAGE.schema, orient="row")


def known(at_most: int) -> pl.DataFrame:
    return pl.DataFrame([("calls", "2026-10", "debugger", at_most)], schema=KNOWN, orient="row")


def limits(**changed: float) -> AggregateLimits:
    return AggregateLimits.model_validate({**LIMITS.model_dump(), **changed})


@pytest.mark.parametrize(
    ("n_people", "n_others", "reason"),
    [
        (9, 9, "few_people"),
        (10, 10, None),
        (10, 9, "few_others"),
        (10, 1, "few_others"),
        (10, 0, None),
        (0, 0, "few_people"),
    ],
)
def test_a_sum_and_what_is_left_without_profiles_are_over_nobody_or_over_k_people(
    n_people: int, n_others: int, reason: str | None
) -> None:
    assert too_few(n_people, n_others, LIMITS) == reason
    assert reason is None or reason in REASONS


def test_behind_each_figure_stand_all_enrolled_and_behind_the_rest_those_without_a_profile() -> None:
    counts = pl.DataFrame(
        [
            ("ada", "calls", "2026-10", "debugger", "data", 3, 0),
            ("bob", "calls", "2026-10", "debugger", "data", 0, 2),
            ("bob", "calls", "2026-10", "debugger", "testing", 0, 0),
            ("cyd", "calls", "2026-10", "debugger", "testing", 1, 0),
        ],
        schema=COUNTS,
        orient="row",
    )
    usage = released(("data", 40, 2), ("testing", -3, 0), (None, 1, 1), sigma=9.0)
    behind = k_of(usage, counts, pl.Series(["ada", "bob", "dot"]), pl.Series(["ada"]))
    assert behind.select("category", "n_people", "n_others", "n_active").rows() == [
        (None, 3, 2, 2),
        ("data", 3, 2, 2),
        ("testing", 3, 2, 0),
    ]


def test_two_releases_of_one_kind_and_month_are_found() -> None:
    october, november = released((None, 1, 1), sigma=9.0), released((None, 1, 1), sigma=9.0, month="2026-11")
    assert drawn_twice(pl.concat([october, november])) == []
    assert drawn_twice(pl.concat([october, november, october.with_columns(successes=pl.lit(7, pl.Int64))])) == [
        ("calls", "2026-10")
    ]


def test_a_sum_told_almost_exactly_bounds_each_owner_by_itself_and_a_margin_by_its_cells() -> None:
    usage = released(("data", 3, 0), ("testing", 5, 0), (None, 8, 1), sigma=0.1)
    reach = Z * 0.1 * sqrt(2)
    widths = known_widths(usage, NOBODY_KNOWN, 2, 30)
    assert widths.columns == list(WIDTHS)
    found = {category: (low, high) for category, low, high in widths.select("category", "low", "high").rows()}
    assert found["data"] == pytest.approx((0, 3 + reach))
    assert found["testing"] == pytest.approx((0, 5 + reach))
    assert found[None] == pytest.approx((0, 8 + 2 * reach))  # less than 9 + reach: the cells say so
    assert narrow(widths, LIMITS) == [("calls", "2026-10")]


def test_when_all_did_all_they_could_the_profiles_of_the_others_tell_of_the_last_one() -> None:
    cap = cap_of(30)
    usage = released(("data", 2 * cap, 0), sigma=0.5)
    [low] = known_widths(usage, known(cap), 1, 30)["low"]
    assert low == pytest.approx(cap - Z * 0.5 * sqrt(2))
    [low] = known_widths(usage, known(cap), 2, 30)["low"]
    assert low == 0


def test_noise_that_makes_nonsense_of_a_figure_leaves_its_owner_hidden() -> None:
    usage = released(("data", -900, -900), (None, 900, 900), sigma=134.0)
    widths = known_widths(usage, NOBODY_KNOWN, 10, 30)
    assert widths["width"].to_list() == [cap_of(30)] * 2
    assert narrow(widths, LIMITS) == []


def test_without_unknown_owners_there_is_nothing_to_bound() -> None:
    assert known_widths(released((None, 1, 1), sigma=0.1), NOBODY_KNOWN, 0, 30).is_empty()


def test_a_cap_below_the_least_width_is_all_that_may_be_known() -> None:
    usage = released(("data", 50, 50), (None, 50, 50), sigma=134.0)
    assert narrow(known_widths(usage, NOBODY_KNOWN, 10, 3), limits(max_norm=3)) == []


@given(
    cells=st.lists(st.tuples(st.integers(-20, 90), st.integers(-20, 90)), min_size=1, max_size=4),
    shift=st.integers(-40, 40),
    n_others=st.integers(1, 3),
    at_most=st.integers(0, 40),
    sigma=st.sampled_from([0.3, 2.0, 9.0]),
)
@example(cells=[(14, 0), (0, 0)], shift=14, n_others=1, at_most=0, sigma=2.0)  # the margin raises a cell's low end
def test_bounds_are_those_of_the_linear_program_over_all_figures(
    cells: list[tuple[int, int]], shift: int, n_others: int, at_most: int, sigma: float
) -> None:
    margin = (sum(s for s, _ in cells) + shift, sum(f for _, f in cells))
    usage = released((None, *margin), *((f"c{i}", *cell) for i, cell in enumerate(cells)), sigma=sigma)
    widths = known_widths(usage, known(at_most), n_others, 20)
    expected = by_linear_program([*cells, margin], n_others, at_most, cap_of(20), sigma)
    found = {row["category"]: (row["low"], row["high"]) for row in widths.to_dicts()}
    for i, ends in enumerate(expected[:-1]):
        assert found[f"c{i}"] == pytest.approx(ends, abs=1e-6)
    assert found[None] == pytest.approx(expected[-1], abs=1e-6)


def told(week: str, calls: dict[tuple[str, str], int], attempts: dict[str, int]) -> Told:
    """A bundle's product a: calls by pseudonym and agent, attempts by pseudonym."""
    profiles = pl.DataFrame({"pseudonym": list(attempts), "attempts": list(attempts.values())})
    pairs = [(pseudonym, agent, n) for (pseudonym, agent), n in calls.items()]
    statistics = pl.DataFrame(pairs, schema=["pseudonym", "agent", "calls"], orient="row")
    assert set(profiles.columns) < set(PROFILES.schema)
    assert set(statistics.columns) < set(AGENT_STATISTICS.schema)
    return Told(week, profiles, statistics)


def test_profiles_bound_a_month_by_the_first_bundle_after_it_less_the_last_before_it() -> None:
    september = told("2026-W39", {("p", "debugger"): 30}, {"p": 10})
    october = told("2026-W44", {("p", "debugger"): 50, ("q", "other"): 5}, {"p": 10, "q": 0})
    november = told("2026-W48", {("p", "debugger"): 70}, {"p": 10, "q": 0})
    found = known_of([september, october, november], ["2026-10", "2026-12"], POLICY)
    bound = {(kind, month, agent): n for kind, month, agent, n in found.rows()}
    grain_up, grain_down = 2, 2  # 5 stands for 3 to 7
    assert bound["calls", "2026-10", "debugger"] == (50 + grain_up) - (30 - grain_down) + grain_up
    assert bound["calls", "2026-10", "other"] == grain_up + (5 + grain_up)
    assert bound["submissions", "2026-10", "debugger"] == (10 + grain_up) - (10 - grain_down) + grain_up
    assert bound["calls", "2026-12", "debugger"] == 2 * cap_of(LIMITS.max_norm)
    assert known_of([], ["2026-10"], POLICY).is_empty()
