"""Lines through short series are least squares over trials, and their intervals hold where days differ."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.insight.growth.slopes import Series, flagged, slopes

DAY = st.tuples(st.integers(0, 60), st.integers(1, 6), st.floats(0, 1))


def _series(rows: list[tuple[int, float, float, float]]) -> Series:
    of, at, n, right = (np.array(column) for column in zip(*rows, strict=True))
    return Series(of, at * 1.0, n * 1.0, right * 1.0, right * 1.0)


@given(st.lists(DAY, min_size=10, max_size=20, unique_by=lambda day: day[0]))
def test_the_slope_is_that_of_least_squares_over_single_trials(days):
    rows = [(0, at, n, round(n * share)) for at, n, share in sorted(days)]
    found = slopes(_series(rows), 1, np.array([0.01])).slope[0]
    at = np.repeat([row[1] for row in rows], [row[2] for row in rows])
    hit = np.concatenate([np.arange(n) < right for _, _, n, right in rows]) * 1.0
    assert np.isnan(found) or np.isclose(found, np.polyfit(at, hit, 1)[0], atol=1e-9)


def test_twenty_of_twenty_are_not_taken_for_certainty():
    line = slopes(_series([(0, day, 1, 1) for day in range(20)]), 1, np.array([21 / 22**2]))
    assert line.slope[0] == 0
    assert line.high[0] - line.low[0] > 0.01


def test_where_one_day_holds_the_line_nothing_is_told():
    line = slopes(_series([(0, 0, 3, 0), *((0, day, 9, 5 + day % 3) for day in range(50, 60))]), 1, np.array([0.2]))
    assert np.isnan([line.slope[0], line.low[0], line.p_value[0]]).all()


def _world(n_series: int, trend: float, seed: int) -> Series:
    """Thirty days each; success by day is .7 give or take, which makes trials of one day alike."""
    rng = np.random.default_rng(seed)
    of = np.repeat(np.arange(n_series), 30)
    at = np.tile(np.arange(30.0), n_series)
    n = 1.0 + rng.poisson(9, len(of))
    share = np.clip(0.7 + rng.normal(0, 0.15, len(of)) + trend * (at - 14.5), 0.02, 0.98)
    right = rng.binomial(n.astype(int), share) * 1.0
    return Series(of, at, n, right, right)


def test_intervals_cover_where_days_differ_and_those_of_independent_trials_would_not():
    world = _world(1500, 0.0, 7)
    line = slopes(world, 1500, np.full(1500, 1e-6))
    covered = ((line.low <= 0) & (line.high >= 0)).mean()
    n, share = world.n.reshape(1500, 30), (world.total.reshape(1500, 30)).sum(1) / world.n.reshape(1500, 30).sum(1)
    away = np.arange(30) - (n * np.arange(30)).sum(1, keepdims=True) / n.sum(1, keepdims=True)
    naive = 1.96 * np.sqrt(share * (1 - share) / (n * away**2).sum(1))
    assert 0.93 <= covered <= 0.975
    assert (np.abs(line.slope) <= naive).mean() < 0.9


def test_of_a_thousand_agents_that_do_not_change_hardly_any_is_flagged_and_those_that_do_are_found():
    same, better = _world(1000, 0.0, 3), _world(50, 0.02, 4)
    both = Series(*(np.concatenate([a, b]) for a, b in zip(_columns(same), _columns(better, 1000), strict=True)))
    told = flagged(slopes(both, 1050, np.full(1050, 0.01)).p_value, np.zeros(1050, dtype=int), 0.05)
    assert told[1000:].mean() > 0.8
    assert told[:1000].sum() <= 0.15 * told.sum()


def test_families_are_judged_apart_and_unknown_slopes_never_flagged():
    p_values = np.array([0.03, np.nan, 0.03, *np.linspace(0.2, 1, 20)])
    families = np.array([0, 0, *[1] * 21])
    assert flagged(p_values, families, 0.05).tolist() == [True] + [False] * 22


def _columns(series: Series, first: int = 0) -> list:
    return [series.of + first, series.at, series.n, series.total, series.squares]
