"""Figures of statistics: each number with its interval and n, provisional ones hollow, who lies outside in words."""

import re
from itertools import accumulate
from math import comb

import polars as pl
import pytest

from pipelines.reports.figures import funnel, item_map, policies, quadrants, ratings, skill_months, skills, trust
from pipelines.reports.figures.rows import part_of_shares
from pipelines.reports.figures.style import as_json
from tests.reports.figures import insight_drawn as drawn

FIGURES, NOTHING = drawn.every_figure(), drawn.nothing_drawn()
MANY = [f"a{number:02}" for number in range(34)]


@pytest.mark.parametrize("kind", FIGURES)
def test_under_the_pointer_stand_an_interval_and_n(kind):
    for series in FIGURES[kind].data:
        for text in _flat(series.customdata):
            assert "90 %" in text or "95 %" in text
            assert any(word in text for word in ("call", "submission", "n = "))
            assert not re.search(r"\b1 (calls|submissions|points)\b", text)


def test_the_order_of_the_rows_does_not_matter(monkeypatch):
    for name in ("board", "skill", "months", "tasks", "bins", "backtest"):  # of coverage it does: they are drawn in it
        monkeypatch.setattr(drawn, name, _reversed(getattr(drawn, name)))
    turned = {kind: as_json(figure) for kind, figure in drawn.every_figure().items()}
    assert turned == {kind: as_json(figure) for kind, figure in FIGURES.items()}


def test_ratings_stand_in_their_order_behind_ranks_that_may_be_shared():
    board = drawn.board(["b", "a", "c", "d"]).reverse()
    figure = ratings.rating_forest(board)
    assert list(figure.layout.yaxis.ticktext) == ["1 · b", "1 · a", "1 · c", "2 · d"]
    settled, provisional = figure.data
    assert (list(settled.x), list(settled.y)) == ([1580, 1568, 1544], [0, 1, 3])
    assert (list(provisional.x), provisional.marker.symbol) == ([1556], "circle-open")
    assert (list(settled.error_x.array), list(settled.error_x.arrayminus)) == ([40, 44, 52], [40, 44, 52])
    assert "c 1,556 (90 %: 1,508 to 1,604), 247 calls, provisional" in figure.layout.meta["summary"]
    assert "Without 3 results, as estimated, d would be rated highest" in settled.customdata[0]


@pytest.mark.parametrize("draw", [ratings.rating_forest, ratings.rank_ladder, ratings.raw_and_adjusted])
def test_of_many_agents_thirty_are_drawn_and_the_rest_is_counted(draw):
    figure = draw(drawn.board(MANY))
    assert len(figure.layout.yaxis.ticktext) == 31
    assert figure.layout.yaxis.ticktext[-1] == "and 4 more in the table"
    assert figure.layout.meta["summary"].endswith("; and 4 more in the table.")


def test_a_ladder_reaches_from_the_best_to_the_worst_rank_and_never_says_that_nothing_is_possible():
    figure = ratings.rank_ladder(drawn.board(["a", "b", "c"]))
    first = figure.data[0]
    ends = [
        (x - down, x + up) for x, down, up in zip(first.x, first.error_x.arrayminus, first.error_x.array, strict=True)
    ]
    assert ends == [(1, 3), (1, 3)]
    certain = drawn.board(["a", "b"]).with_columns(p_top1=pl.Series([1.0, 0.0]))
    labels = [note.text for note in ratings.rank_ladder(certain).layout.annotations]
    assert labels == [">99 %", "<1 %", "to be 1st"]


def test_a_dumbbell_joins_what_was_counted_and_what_is_adjusted():
    figure = ratings.raw_and_adjusted(drawn.board(["a", "b"]))
    between, raw, adjusted = figure.data
    assert list(between.x) == [0.5, 0.82, None, 0.53, 0.82 - 0.02, None]
    assert (list(raw.x), list(adjusted.x)) == ([0.5, 0.53], [0.82, 0.82 - 0.02])
    assert [note.text for note in figure.layout.annotations] == ["7", "127", "calls"]


def test_points_and_skill_are_cut_in_four_and_no_line_joins_them():
    points = pl.DataFrame({"agent_id": ["a", "b", "c", "unrated"], "points": [10, 40, 30, 900]})
    figure = quadrants.points_and_skill(drawn.board(["a", "b", "c"]), points)
    assert {series.mode for series in figure.data} == {"markers+text"}
    lines = [(line.x0, line.y0) for line in figure.layout.shapes]
    assert lines == [(1500, 0), (0, 30)]
    assert "two different things" in figure.layout.meta["summary"]
    assert figure.layout.yaxis.range[0] < 0


def test_cells_without_calls_are_empty_and_say_that_they_are_borrowed():
    rows = [("overall", None, 40, 1550.0), ("category", "x", 30, 1600.0), ("category", "y", 0, 1550.0),
            ("category", None, 2, 1540.0)]  # fmt: skip
    held = pl.DataFrame(rows, schema=["scope", "category", "attempts", "rating"], orient="row").with_columns(
        kind=pl.lit("call"), agent_id=pl.lit("a"), successes=pl.col("attempts") // 2,
        rating_lo90=pl.col("rating") - 50, rating_hi90=pl.col("rating") + 50, is_provisional=pl.col("attempts") < 20,
    )  # fmt: skip
    other = held.filter((pl.col("category") == "y") | (pl.col("scope") == "overall")).with_columns(
        agent_id=pl.lit("b"),
        attempts=pl.lit(25, pl.Int64),
        rating=pl.col("rating") - 100,
        is_provisional=pl.lit(value=False),
    )
    cells, few, none = skills.skill_map(pl.concat([held, other.select(held.columns)])).data
    assert [list(row) for row in cells.z] == [[1600, None, 1540], [None, 1450, None]]
    assert (list(few.x), list(few.y)) == ([2], [0])
    assert sorted(zip(none.x, none.y, strict=True)) == [(0, 1), (1, 0), (2, 1)]
    assert "No calls; borrowed" in cells.customdata[0][1]
    assert "1,550 (90 %: 1,500 to 1,600)" in cells.customdata[0][1]
    assert "(not said)" in cells.customdata[0][2]


def test_months_without_tries_are_gaps_in_the_line_and_in_the_band():
    band, line = skill_months.skill_course(drawn.months("a"), "a").data
    gap = list(line.x).index(None)
    assert (line.x[gap - 1], line.x[gap + 1]) == ("2026-06-01", "2026-08-01")
    assert list(band.x)[:9] == [*line.x[:4], *reversed(line.x[:4]), None]
    alone = skill_months.skill_course(drawn.months("a", 1), "a").data[1]
    assert alone.error_y.array[0] == pytest.approx(0.4 * 173.7)


@pytest.mark.parametrize(("overall", "n"), [(0.5, 1), (0.7, 9), (0.9, 40), (0.03, 200)])
def test_limits_lie_just_below_the_count_at_which_the_sum_of_all_chances_passes_the_tail(overall, n):
    """The oracle: the binomial distribution, added up one by one from either end."""
    chances = [comb(n, right) * overall**right * (1 - overall) ** (n - right) for right in range(n + 1)]
    for level in funnel.LIMITS:
        low, high = (limit * n for limit in funnel.limits(overall, n, level))
        least, most = (
            next(right for right, below in enumerate(accumulate(side)) if below > (1 - level) / 2)
            for side in (chances, reversed(chances))
        )
        assert max(least - 1, 0) <= low <= least
        assert n - most <= high <= min(n - most + 1, n)


def test_limits_go_over_into_those_of_the_normal_distribution_without_a_step():
    for overall in (0.1, 0.5, 0.8):
        for one, other in zip(funnel.limits(overall, 2000, 0.95), funnel.limits(overall, 2001, 0.95), strict=True):
            assert one == pytest.approx(other, abs=0.001)
    assert funnel.limits(1.0, 50, 0.95) == (1.0, 1.0)


def test_who_lies_outside_is_named_in_words():
    held = pl.DataFrame(
        {"kind": "call", "agent_id": ["good", "bad", "one", "most"], "scope": "overall",
         "attempts": [100, 100, 3, 1000], "successes": [95, 61, 0, 800]}
    )  # fmt: skip
    figure = funnel.funnel(held)
    summary = figure.layout.meta["summary"]
    assert "Of 4 agents with 1,203 calls, 79.5 % of them successful, about 0.2 would lie outside" in summary
    assert "Outside 99.8 %, above: good 95.0 % of 100." in summary
    assert "Outside 99.8 %, below: bad 61.0 % of 100." in summary
    assert "Outside 95 %, below: one 0.0 % of 3." in summary
    assert figure.layout.xaxis.type == "log"
    assert [series.name for series in figure.data][2:] == ["within 95 %: 1", "outside 95 %: 1", "outside 99.8 %: 2"]


def test_a_funnel_of_agents_with_equally_many_tries_names_their_number():
    held = drawn.skill(["a", "b", "c"]).with_columns(attempts=pl.lit(21), successes=pl.lit(18))
    assert list(funnel.funnel(held).layout.xaxis.ticktext) == ["21"]


def test_two_agents_make_no_funnel():
    assert funnel.funnel(drawn.skill(["a", "b"])).layout.meta["summary"] == "Too few agents with calls: fewer than 3"


def test_agents_and_tasks_share_one_axis_of_logits_and_mislabelled_tasks_are_ringed():
    figure = item_map.item_map(drawn.skill(["a", "b"], "submission"), drawn.tasks(["s", "t", "u"]))
    ring = figure.data[-1]
    assert (ring.name, list(ring.y)) == ("label does not fit", [-1.7])
    assert {series.yaxis for series in figure.data} == {None}
    values = {series.name: list(series.y) for series in figure.data}
    assert values["agent, provisional"] == [-0.75]
    assert values["agent"] == [-0.5]
    assert (
        "Labels that do not fit: t, labelled hard, -1.70 (90 %: -2.40 to -1.10), 11 submissions."
        in (figure.layout.meta["summary"])
    )


def test_of_many_tasks_those_mislabelled_and_some_from_end_to_end_are_drawn():
    tasks = drawn.tasks(MANY * 3).with_columns(task_id=pl.format("t{}", pl.int_range(pl.len()))).with_columns(
        is_mislabelled=pl.col("task_id") == "t50"
    )  # fmt: skip
    figure = item_map.item_map(drawn.skill(["a"], "submission"), tasks)
    heights = [y for series in figure.data if series.name in ("easy", "medium", "hard", "extreme") for y in series.y]
    assert len(heights) == 30
    assert (min(heights), max(heights)) == (tasks["difficulty_logit"].min(), tasks["difficulty_logit"].max())
    assert "30 of 102 tasks" in figure.layout.xaxis.ticktext


def test_of_predictions_it_is_said_in_how_many_bins_they_held():
    bins = drawn.bins(3).with_columns(lo90=pl.Series([0.0, 0.3, 0.2]), hi90=pl.Series([0.2, 0.4, 0.3]))
    diagonal, dots, counts = trust.reliability(bins).data
    assert trust.reliability(bins).layout.meta["summary"].startswith("In 2 of 3 bins the 90 % interval")
    assert (list(diagonal.x), list(diagonal.y)) == ([0, 1], [0, 1])
    assert list(dots.x) == pytest.approx([0.05, 0.15, 0.25])
    assert (list(counts.y), counts.yaxis) == ([5, 45, 85], "y2")


def test_a_line_marks_what_was_done_and_policies_of_little_support_are_hollow():
    figure = policies.policy_values(drawn.backtest(["ours", "raw_rate", "b", "c", "d", "e", "f", "g"]))
    assert [line.x0 for line in figure.layout.shapes] == [0.69]
    assert list(figure.layout.yaxis.ticktext)[:3] == ["our advice", "what was done", "best raw rate"]
    looks = {
        series.name: (series.marker.symbol, list(series.customdata)) for series in figure.data if series.customdata
    }
    assert looks["our advice"][0] == "square"
    symbol, (said,) = looks["other rules, little support"]
    assert symbol == "circle-open"
    assert (
        said
        == "<b>f</b><br>Value 63.0 % (90 %: 57.0 % to 68.0 %)<br>n = 1,234, effective 20<br>It promised itself 80.0 %"
    )
    assert "inconclusive" in looks["our advice"][1][0]
    assert figure.layout.meta["summary"].startswith("With ours on 1,234 calls of 9 users")


def test_rules_have_the_names_of_the_table_and_their_axis_says_percent_as_the_house_does():
    figure = policies.policy_values(drawn.backtest(["ours", "wilson_by_category"]))
    assert list(figure.layout.yaxis.ticktext)[2] == "best lower bound<br>in the category"
    assert list(figure.layout.xaxis.ticktext) == ["65 %", "70 %", "75 %"]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.61, 0.76, ["65 %", "70 %", "75 %"]),
        (0.0, 1.0, ["0 %", "50 %", "100 %"]),
        (0.5, 0.5, ["50 %"]),
        (0.6553, 0.6554, ["65.5 %"]),
        (0.0, 0.0, ["0 %"]),
        (0.995, 1.0, ["99.6 %", "99.8 %", "100 %"]),
    ],
)
def test_ticks_of_a_part_of_the_shares_are_round_few_and_never_none(low: float, high: float, ticks: list[str]):
    assert part_of_shares(low, high, 4)["ticktext"] == ticks


def test_a_policy_without_an_interval_has_no_bar_and_says_so_and_without_a_value_no_row():
    rows = drawn.backtest(["ours"]).with_columns(lo90=pl.lit(None, pl.Float64), hi90=pl.lit(None, pl.Float64))
    figure = policies.policy_values(rows)
    assert [list(series.error_x.array) for series in figure.data[:2]] == [[0], [0]]
    assert "70.0 % (too little for a 90 % interval)" in figure.data[0].customdata[0]
    untold = policies.policy_values(rows.with_columns(value=pl.lit(None, pl.Float64)))
    assert untold.layout.meta["summary"] == "Too few calls to judge a rule"


def test_coverage_begins_at_zero_and_says_where_there_is_no_interval():
    rows = drawn.covered(["all", "few"]).with_columns(lo90=pl.Series([0.65, None]), hi90=pl.Series([0.75, None]))
    bars, dots, meant = trust.coverage(rows).data
    assert (list(bars.x), list(meant.x)) == ([0.7, 0.71], [0.8, 0.8])
    assert trust.coverage(rows).layout.xaxis.range[0] == 0
    assert dots.error_x.array[1] == 0
    assert (
        "few meant 80.0 %, measured 71.0 % (too little for a 90 % interval), n = 201"
        in (trust.coverage(rows).layout.meta["summary"])
    )


def _flat(held: object) -> list[str]:
    if isinstance(held, str):
        return [held] if held else []
    return [] if held is None else [text for part in held for text in _flat(part)]


def _reversed(make):
    return lambda *given: make(*given).reverse()
