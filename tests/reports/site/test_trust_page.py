"""The page on whether advice works: verdicts, values, predictions and ranges; old seasons, short ones, and none."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.game.rules import Rulebook
from pipelines.insight.backtests.calibration import RECOMMENDER_CALIBRATION
from pipelines.insight.backtests.recommender import RECOMMENDER_BACKTEST
from pipelines.insight.backtests.scores import RECOMMENDER_SCORES
from pipelines.insight.forecasts.backtest import FORECAST_BACKTEST
from pipelines.reports.coverage_rows import without_a_point
from pipelines.reports.site import trust_pages
from pipelines.reports.site.held import Held
from pipelines.reports.site.trust_pages import coverage_chart, forecasts, policies
from pipelines.store.generation import Generation
from tests.game.calls import NO_BOARDS
from tests.game.league import rules, task
from tests.reports.figures.insight_drawn import bins
from tests.reports.shown_season import called, publish
from tests.reports.site.rendered import held_of, pages_of, words

RULES = rules(board=NO_BOARDS)
CANNOT = (
    "What would have been.", "Verdicts still to come.", "Whether a name is one agent.", "What our own advice does.",
    "Whether what was declared is so.", "Much from little.",
)  # fmt: skip


def backtest() -> pl.DataFrame:
    """`recommender_backtest`: ours is better, the most used agent is open by few effective calls."""
    told = {"kind": "call", "n": 900, "n_origins": 6, "n_users": 11, "lo90": 0.8, "hi90": 0.9}
    said: list[tuple[str, float, float, float | None, float | None, str | None]] = [
        ("ours", 0.88, 98.0, 0.86, 0.05, "better"),
        ("most_used", 0.81, 12.0, 0.84, -0.02, "inconclusive"),
        ("wilson_by_category", 0.83, 104.0, 0.92, None, None),
        ("logged", 0.79, 900.0, None, -0.04, "worse"),
    ]
    rows = [
        told
        | {"policy": policy, "value": value, "ess": ess, "claimed": claimed, "diff": diff, "verdict": verdict}
        | {"diff_lo90": None if diff is None else diff - 0.01, "diff_hi90": None if diff is None else diff + 0.01}
        | {"is_ours": policy == "ours", "is_best_baseline": diff is None}
        | {"sentence": f"Of {policy} so much was to be expected."}
        for policy, value, ess, claimed, diff, verdict in said
    ]
    return pl.DataFrame(rows, schema=RECOMMENDER_BACKTEST.schema)


def scores(**ours: Any) -> pl.DataFrame:
    """`recommender_scores` of calls, with other figures of ours."""
    told = {"kind": "call", "n": 900, "n_origins": 6, "n_groups": 11, "ece": 0.02, "ece_null95": 0.03, "brier": 0.13,
            "brier_lo90": 0.12, "brier_hi90": 0.14, "log_loss": 0.42, "sentence": "Chances came true."}  # fmt: skip
    gain = {"brier_gain": 0.01, "brier_gain_lo90": 0.005, "brier_gain_hi90": 0.015}
    cover = {"coverage_nominal": 0.8, "coverage": 0.78, "coverage_lo90": 0.7, "coverage_hi90": 0.83, "n_coverage": 108}
    rows = [told | gain | {"model": "base_rate"}, told | cover | {"model": "ours"} | ours]
    return pl.DataFrame(rows, schema=RECOMMENDER_SCORES.schema)


def forecast(group: str, coverage: tuple[float, float | None, float | None] | None = (0.9, 0.8, 0.95)) -> pl.DataFrame:
    """`forecast_backtest` of a group."""
    told = {"pinball": (1.4, 1.1, 1.7), "pinball_gain": (1.2, 0.7, 1.7), "within_14_said": (0.4, 0.3, 0.5),
            "within_14_came": (0.5, 0.4, 0.6), "pinball_last_14_days": (2.6, 2.0, 3.0),
            "pinball_own_mean": (2.7, 2.1, 3.1)}  # fmt: skip
    held = told if coverage is None else told | {"coverage_80": coverage}
    rows = [(group, name, *ends, 287, 11) for name, ends in held.items()]
    return pl.DataFrame(rows, schema=FORECAST_BACKTEST.schema, orient="row")


@pytest.fixture(scope="module")
def two_calls(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    calls = [called(f"c{n}", "ann", agent, f"2026-03-02T0{n}:00:00Z") for n, agent in enumerate(("lark", "owl"))]
    return publish(tmp_path_factory.mktemp("two"), calls, rules=RULES, has_insight=True)


def page_of(held: Held) -> str:
    (page,) = pages_of(trust_pages.pages, held).values()
    return page


def held_with(season: Generation, **other: pl.DataFrame) -> Held:
    frames = {
        "recommender_backtest": backtest(),
        "recommender_scores": scores(),
        "recommender_calibration": bins(10).with_columns(model=pl.lit("ours")),
        "forecast_backtest": pl.concat([forecast("all"), forecast("user, under 7 days", None)]),
    }
    return held_of(season, RULES, **{**frames, **other})


def test_gates_stand_with_their_verdicts_and_sentences(two_calls: Generation) -> None:
    told = words(page_of(held_with(two_calls, recommender_scores=scores(ece=0.2))))
    assert "passed On calls past, advice is worth more than the best rule that needs no model." in told
    assert "Of ours so much was to be expected." in told
    assert "failed Predicted chances of success come true, and are better than raw rates." in told
    assert "passed What was forecast of levels came within its range as often as was said." in told


def test_values_stand_with_intervals_n_and_effective_n(two_calls: Generation) -> None:
    told = words(page_of(held_with(two_calls)))
    assert "Our advice ours 88.0 % 80.0 % to 90.0 % +5.0 +4.0 to +6.0 better 900 11 users 98 86.0 %" in told
    assert "The agent used most most used 81.0 % 80.0 % to 90.0 % -2.0 -3.0 to -1.0 inconclusive 900" in told
    assert "12 few 84.0 %" in told  # effective calls
    assert "in the category best simple rule wilson by category 83.0 % 80.0 % to 90.0 % – the bar" in told
    assert [row["policy"] for row in policies(backtest())] == ["ours", "wilson_by_category", "most_used", "logged"]


def test_predictions_stand_with_scores_beside_plain_rates_and_figures_are_drawn(two_calls: Generation) -> None:
    page = page_of(held_with(two_calls))
    told = words(page)
    assert "Predicted and measured success of calls Chances came true." in told
    assert "Our model 0.020 chance: 0.030 0.130 0.120 to 0.140 – 0.420 900 6 days" in told
    assert "One rate for all 0.020 chance: 0.030 0.130 0.120 to 0.140 +0.0100 +0.0050 to +0.0150" in told
    assert page.count("data-chart=") == 3  # values, reliability, coverage
    assert "One rate for all is seldom far off and still tells no agent from another" in told


def test_forecasts_stand_by_group_and_coverage_is_drawn_of_what_has_come_due(two_calls: Generation) -> None:
    told = words(page_of(held_with(two_calls)))
    assert "All 90.0 % 80.0 % to 95.0 % n = 287 40.0 % 50.0 % 40.0 % to 60.0 % 1.40 +1.20 +0.70 to +1.70 287" in told
    assert "User, under 7 days – 40.0 %" in told
    drawn = coverage_chart(scores(), pl.concat([forecast("all"), forecast("user, under 7 days", None)]))
    assert drawn is not None
    assert drawn.summary == (
        "Coverage: success at calls meant 80.0 %, measured 78.0 % (90 %: 70.0 % to 83.0 %), n = 108; all forecasts "
        "meant 80.0 %, measured 90.0 % (90 %: 80.0 % to 95.0 %), n = 287."
    )


def test_groups_are_in_the_order_of_what_they_look_ahead() -> None:
    groups = ["user, over 21 days", "user_agent, under 7 days", "all", "user, under 7 days"]
    told = [row["name"] for row in forecasts(pl.concat([forecast(group) for group in groups]))]
    assert told == ["all", "user, under 7 days", "user, over 21 days", "user with one agent, under 7 days"]


def test_cases_that_are_all_alike_make_no_interval_of_no_width() -> None:
    (row,) = forecasts(forecast("all", (0.0, 0.0, 0.0)))
    assert (row["coverage"]["lo90"], row["coverage"]["hi90"]) == (None, None)
    kept = {"lo90": 0.1, "hi90": 0.2}
    assert without_a_point(kept) == kept


def test_two_calls_are_told_in_sentences_without_charts(two_calls: Generation) -> None:
    page = page_of(held_of(two_calls, RULES))
    told = words(page)
    assert told.count("undecided yet ") == 3
    assert told.count("failed ") == 0
    assert "Too few calls for a backtest of advice: 120 needed, 2 there." in told
    assert "No forecast of a level has come due yet, so none can be held against what came." in told
    assert "data-chart" not in page
    assert "<table" not in page
    assert [said for said in CANNOT if said not in told] == []


@pytest.mark.parametrize(
    ("has_insight", "book", "sentence"),
    [
        (False, RULES, "tested neither advice nor forecasts: podium recompute publishes it anew"),
        (True, rules(board=NO_BOARDS, insight={"enabled": False}), "the rulebook switches insight off"),
        (True, RULES, "Nothing has been predicted yet: there are neither calls nor judged submissions."),
    ],
)
def test_where_nothing_is_tested_the_page_says_why_and_what_cannot_be_known(
    tmp_path: Path, has_insight: bool, book: Rulebook, sentence: str
) -> None:
    told = words(page_of(held_of(publish(tmp_path, [task("a")], rules=book, has_insight=has_insight), book)))
    assert sentence in told
    assert [said for said in CANNOT if said not in told] == []


def test_tables_of_these_tests_keep_their_contracts() -> None:
    assert RECOMMENDER_BACKTEST.is_kept_by(backtest().sort("policy"))
    assert RECOMMENDER_SCORES.is_kept_by(scores())
    assert FORECAST_BACKTEST.is_kept_by(forecast("all").sort("measure"))
    assert set(RECOMMENDER_CALIBRATION.schema) == set(bins(1).columns)
