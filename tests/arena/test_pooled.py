"""Usage over publishers: sums, shares and success of noisy figures, with intervals that hold what is true."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.arena.arena_tables import AGENT_USAGE
from pipelines.arena.pooled import agent_usage, too_noisy
from pipelines.arena.tables import USAGE
from pipelines.insight.normal import Z_90
from pipelines.insight.proportions import wilson_ends

A, B, C, D = (letter * 32 for letter in "abcd")
SIGMA = 134.0  # of a release under the policy of the program
MARGINS = [  # publisher, month, agent, successes, failures
    (A, "2026-10", "debugger", 900, 100),
    (A, "2026-10", "Plan", 300, -40),
    (A, "2026-11", "debugger", 800, 200),
    (A, "2026-11", "Plan", -20, 10),
    (B, "2026-10", "debugger", 500, 500),
    (B, "2026-10", "sql-expert", 60, 30),
]


def usage(rows, sigma: float = SIGMA, kind: str = "calls", category: str | None = None) -> pl.DataFrame:
    told = pl.DataFrame(rows, ["publisher", "month", "agent", "successes", "failures"], orient="row")
    held = told.with_columns(kind=pl.lit(kind), category=pl.lit(category, pl.String), sigma=pl.lit(sigma))
    return held.select("publisher", *USAGE.schema)


def one(frame: pl.DataFrame, **key: str | None) -> dict[str, object]:
    return frame.row(
        by_predicate=pl.all_horizontal(pl.col(name).eq_missing(held) for name, held in key.items()), named=True
    )


def test_figures_of_publishers_are_added_by_month_and_over_all_months():
    pooled = agent_usage(usage(MARGINS))
    assert pooled.select("period", "agent", "n_publishers", "successes", "failures", "attempts").rows() == [
        ("2026-10", "Plan", 1, 300, -40, 260),
        ("2026-10", "debugger", 2, 1400, 600, 2000),
        ("2026-10", "sql-expert", 1, 60, 30, 90),
        ("2026-11", "Plan", 1, -20, 10, -10),
        ("2026-11", "debugger", 1, 800, 200, 1000),
        ("all", "Plan", 1, 280, -30, 250),
        ("all", "debugger", 2, 2200, 800, 3000),
        ("all", "sql-expert", 1, 60, 30, 90),
    ]
    assert AGENT_USAGE.is_kept_by(pooled)


def test_attempts_have_an_interval_of_the_noise_of_all_their_figures():
    held = one(agent_usage(usage(MARGINS)), period="all", agent="debugger")
    assert held["sigma"] == pytest.approx(SIGMA * 3**0.5)
    assert held["attempts_lo90"] == pytest.approx(3000 - Z_90 * SIGMA * 6**0.5)
    assert held["attempts_hi90"] == pytest.approx(3000 + Z_90 * SIGMA * 6**0.5)


def test_attempts_below_nothing_are_told_with_an_interval_from_nothing():
    held = one(agent_usage(usage(MARGINS)), period="2026-11", agent="Plan")
    assert (held["attempts"], held["attempts_lo90"]) == (-10, 0)
    assert held["attempts_hi90"] == pytest.approx(Z_90 * SIGMA * 2**0.5 - 10)


def test_what_is_not_clear_of_noise_is_not_told_and_says_so():
    pooled = agent_usage(usage(MARGINS))
    debugger, expert = (one(pooled, period="all", agent=agent) for agent in ("debugger", "sql-expert"))
    assert (expert["success_share"], expert["success_share_lo90"], expert["why_no_success"]) == (
        None,
        None,
        "lost_in_noise",
    )
    assert (debugger["success_share"], debugger["why_no_success"]) == (pytest.approx(2200 / 3000), None)
    alone = one(agent_usage(usage(MARGINS[-1:])), period="all", agent="sql-expert")
    assert (alone["attempts_share"], alone["why_no_share"]) == (None, "lost_in_noise")


def test_two_standard_deviations_of_noise_are_clear_of_it():
    rows = [(A, "2026-10", "below", 300, 70), (A, "2026-10", "above", 300, 85)]  # 1.95 and 2.03 of them
    pooled = agent_usage(usage(rows)).filter(pl.col("period") == "all")
    assert pooled.select("agent", "why_no_success").rows() == [("above", None), ("below", "lost_in_noise")]


def test_without_noise_success_has_wilsons_interval_and_shares_are_exact():
    held = one(
        agent_usage(usage([(A, "2026-10", "Plan", 90, 10), (A, "2026-10", "debugger", 200, 100)], 0)),
        agent="Plan",
        period="all",
    )
    low, high = wilson_ends(np.array([90.0]), np.array([100.0]), Z_90)
    assert (held["success_share_lo90"], held["success_share_hi90"]) == (
        pytest.approx(low[0], abs=1e-6),
        pytest.approx(high[0], abs=1e-6),
    )
    assert [held[f"attempts_share{end}"] for end in ("", "_lo90", "_hi90")] == [0.25, 0.25, 0.25]


def test_ends_of_success_are_where_noise_and_chance_together_are_just_not_rejected():
    successes, failures, noise = 700, 150, SIGMA**2
    held = one(agent_usage(usage([(A, "2026-10", "Plan", successes, failures)])), period="all")
    share = np.linspace(0, 1, 100_001)
    n = successes + failures
    distance = (successes - share * n) ** 2
    is_held = distance <= Z_90**2 * (noise * (share**2 + (1 - share) ** 2) + n * share * (1 - share))
    assert held["success_share_lo90"] == pytest.approx(share[is_held].min(), abs=2e-5)
    assert held["success_share_hi90"] == pytest.approx(share[is_held].max(), abs=2e-5)


def test_ends_of_a_share_are_where_noise_is_just_not_rejected():
    held = one(agent_usage(usage(MARGINS)), period="all", agent="Plan")
    part, total, noise, noise_of_total = 250, 3340, 4 * SIGMA**2, 12 * SIGMA**2
    share = np.linspace(0, 1, 100_001)
    variance = noise * (1 - share) ** 2 + share**2 * (noise_of_total - noise)
    is_held = (part - share * total) ** 2 <= Z_90**2 * variance
    assert held["attempts_share"] == pytest.approx(part / total, abs=1e-6)
    assert held["attempts_share_lo90"] == pytest.approx(share[is_held].min(), abs=2e-5)
    assert held["attempts_share_hi90"] == pytest.approx(share[is_held].max(), abs=2e-5)


def test_intervals_hold_what_is_true_nine_times_in_ten():
    draws, n, share = 2000, 900, 0.8
    random = np.random.default_rng(7)
    successes = random.binomial(n, share, draws)
    noisy = [np.rint(figure + random.normal(0, SIGMA, draws)).astype(int) for figure in (successes, n - successes)]
    rows = zip([A] * draws, ["2026-10"] * draws, (f"agent {k}" for k in range(draws)), *noisy, strict=True)
    pooled = agent_usage(usage(list(rows))).filter(pl.col("period") == "all")
    misses = pooled.select(
        attempts=~pl.lit(n).is_between("attempts_lo90", "attempts_hi90"),
        success=~pl.lit(share).is_between("success_share_lo90", "success_share_hi90").fill_null(value=True),
    )
    assert misses["attempts"].mean() == pytest.approx(0.1, abs=0.02)
    assert 0.03 < misses["success"].mean() < 0.12


def test_categories_are_of_their_own_and_shares_are_within_them():
    margins = usage([(A, "2026-10", "Plan", 50, 50)], 0)
    cells = [
        usage([(A, "2026-10", "Plan", n, 0), (A, "2026-10", "debugger", 30, 0)], 0, category=c)
        for c, n in (("backend", 70), ("data", 10))
    ]
    pooled = agent_usage(pl.concat([margins, *cells]))
    told = pooled.filter(pl.col("period") == "all").select("category", "agent", "attempts_share").rows()
    assert told == [
        (None, "Plan", 1.0),
        ("backend", "Plan", 0.7),
        ("backend", "debugger", 0.3),
        ("data", "Plan", 0.25),
        ("data", "debugger", 0.75),
    ]


def noisy(*told: tuple[str, str, float, int]) -> list[tuple[str, str]]:
    """Which releases have too much noise: of publisher, month, sigma and number of agents."""
    rows = [usage([(who, month, f"agent {k}", 9, 9) for k in range(n)], float(sigma)) for who, month, sigma, n in told]
    return too_noisy(pl.concat(rows)).select("publisher", "month").rows()


def test_of_several_publishers_one_with_more_than_five_times_the_usual_noise_is_left_out():
    others = [(A, "2026-10", 100, 4), (B, "2026-10", 140, 4), (D, "2026-10", 120, 4)]
    assert noisy(*others, (C, "2026-10", 650, 4)) == []  # the median is 130
    assert noisy(*others, (C, "2026-10", 651, 4)) == [(C, "2026-10")]
    assert noisy(*others, (C, "2026-10", 0.1, 4)) == []
    assert noisy(*others, (C, "2026-09", 1e10, 4)) == [(C, "2026-09")]  # though alone in its month


def test_noise_of_many_figures_together_is_too_much_as_well():
    others = [(A, "2026-10", 100, 4), (B, "2026-10", 100, 4)]
    assert noisy(*others, (C, "2026-10", 100, 100)) == []
    assert noisy(*others, (C, "2026-10", 100, 101)) == [(C, "2026-10")]


def test_many_months_of_one_publisher_do_not_make_its_noise_the_usual_one():
    months = [(C, f"2025-{month:02}", 1e6, 1) for month in range(1, 13)]
    assert noisy(*months, (A, "2026-10", 134, 1), (B, "2026-10", 134, 1)) == [(C, month) for _, month, *_ in months]


def test_where_nobody_can_say_what_is_usual_nobody_is_left_out():
    assert noisy((A, "2026-10", 1e9, 4)) == noisy((A, "2026-10", 1e9, 4), (B, "2026-10", 0, 4)) == []
    assert noisy((A, "2026-10", 0, 1), (B, "2026-10", 0, 1), (C, "2026-10", 3, 1)) == []  # of whole numbers
    assert too_noisy(usage(MARGINS).clear()).is_empty()


def test_sums_never_wrap_whatever_and_however_many_publishers_tell():
    most = 2**62  # beyond the bounds, in the place of millions of rows
    rows = usage([(A, "2026-10", agent, most, sign * most) for agent, sign in (("Plan", 1), ("debugger", -1))], 1e9)
    pooled = agent_usage(pl.concat([rows] * 3)).filter(pl.col("period") == "all")
    assert pooled.select("agent", "successes", "failures", "attempts").rows() == [
        ("Plan", 2**53 - 1, 2**53 - 1, 2**53 - 1),
        ("debugger", 2**53 - 1, 1 - 2**53, 0),
    ]
    assert AGENT_USAGE.is_kept_by(pooled)


FIGURE = st.one_of(st.integers(-500, 5000), st.integers(-(10**12), 10**12))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([A, B]), st.sampled_from(["2026-09", "2026-10"]), st.sampled_from("abc"), FIGURE, FIGURE
        ),
        unique_by=lambda row: row[:3],
    ),
    st.one_of(st.floats(0, 1e10), st.sampled_from([0.0, 1e-300, SIGMA])),
)
def test_whatever_is_told_within_its_bounds_keeps_the_contract(rows, sigma):
    pooled = agent_usage(usage(rows, sigma) if rows else usage(MARGINS).clear())
    assert AGENT_USAGE.is_kept_by(pooled)
    exact = {(agent, month): 0 for _, month, agent, *_ in rows}
    for _, month, agent, right, _ in rows:
        exact[agent, month] += right
    months = pooled.filter(pl.col("period") != "all")
    assert {(row["agent"], row["period"]): row["successes"] for row in months.to_dicts()} == exact


def test_the_order_of_rows_changes_nothing_and_no_rows_are_none():
    rows = usage(MARGINS)
    assert agent_usage(rows.reverse()).equals(agent_usage(rows))
    assert agent_usage(rows.clear()).equals(AGENT_USAGE.empty())
