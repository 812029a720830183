"""Figures of statistics of a season: the rows of their tables, or a sentence that says what is missing."""

from types import SimpleNamespace

import polars as pl
import pytest

from pipelines.analysis.season_figures import SeasonFigures
from pipelines.game.rulebook import load_rulebook
from pipelines.reports.choices import Misuse
from tests.reports.figures import insight_drawn as drawn

NAMES = ["a", "b", "c", "d"]
IN_C = drawn.board(["b", "c"]).with_columns(board=pl.lit("call:debugging"), category=pl.lit("debugging"))
TABLES = {
    "leaderboard_rated": pl.concat([drawn.board(NAMES), drawn.board(["x"], "submission"), IN_C]),
    "agent_skill": pl.concat([drawn.skill(NAMES), drawn.skill(["x", "y"], "submission")]),
    "agent_skill_months": pl.concat([drawn.months("a"), drawn.months("b", 2)]),
    "task_difficulty": drawn.tasks(["t", "u"]),
    "recommender_calibration": pl.concat([drawn.bins(3).with_columns(model=pl.lit("base")), drawn.bins(2)]),
    "recommender_backtest": drawn.backtest(["ours", "raw_rate"]),
    "recommender_scores": pl.DataFrame(
        {"kind": ["call", "call"], "coverage_nominal": [0.8, None], "coverage": [0.75, None],
         "coverage_lo90": [0.7, None], "coverage_hi90": [0.8, None], "n_coverage": [90, None]}
    ),
    "forecast_backtest": pl.DataFrame(
        {"calibration_group": ["all", "all", "user_agent, under 7 days"],
         "measure": ["coverage_80", "pinball", "coverage_80"], "value": [0.83, 2.5, 1.0], "lo90": [0.8, 2.0, 1.0],
         "hi90": [0.86, 3.0, 1.0], "n": [300, 300, 4]}
    ),
    "agent_stats": pl.DataFrame({"agent_id": [*NAMES, "x"], "points": [1, 2, 3, 4, 5]}),
    "submissions": pl.DataFrame({"agent_id": ["x"]}),
}  # fmt: skip


def figures(tables=TABLES):
    """The figures of a season that has these tables."""
    reading = SimpleNamespace(
        rules=load_rulebook(),
        table=lambda name: tables[name].lazy(),
        collect=lambda frame: frame.collect(),
    )
    return SeasonFigures(reading)


DRAW = figures()


def test_a_board_is_of_one_kind_and_of_all_work_or_one_category():
    assert list(DRAW.rating_forest().layout.yaxis.ticktext) == ["1 · a", "1 · b", "1 · c", "2 · d"]
    assert list(DRAW.rank_ladder("submission").layout.yaxis.ticktext) == ["1 · x"]
    assert list(DRAW.raw_and_adjusted("call", "debugging").layout.yaxis.ticktext) == ["1 · b", "1 · c"]


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (DRAW.points_and_skill, "of 1 agent: x 5 points"),
        (lambda: DRAW.skill_map("submission"), "Ratings of 2 agents"),
        (lambda: DRAW.skill_course("b"), "Rating of b in 2 months"),
        (lambda: DRAW.skill_course("x", "submission"), "No month with a rating yet"),
        (DRAW.funnel, "Of 4 agents"),
        (DRAW.item_map, "Skills of 2 agents and difficulties of 2 tasks"),
        (DRAW.reliability, "of 2 bins"),
        (lambda: DRAW.reliability("call", "base"), "of 3 bins"),
        (lambda: DRAW.reliability("submission"), "No predictions"),
        (DRAW.coverage, "success at calls meant 80.0 %, measured 75.0 % (90 %: 70.0 % to 80.0 %), n = 90"),
        (DRAW.coverage, "all forecasts meant 80.0 %, measured 83.0 % (90 %: 80.0 % to 86.0 %), n = 300"),
        (DRAW.coverage, "with agent, under 7 days meant 80.0 %, measured 100.0 % (too little for a 90 % interval)"),
        (DRAW.policy_values, "With ours on 1,234 calls"),
    ],
)
def test_a_figure_takes_its_rows(draw, said):
    assert said in draw().layout.meta["summary"]


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: DRAW.rating_forest("calls"), "There is no kind `calls`. Did you mean `call`?"),
        (lambda: DRAW.rating_forest("call", "debuging"), "Did you mean `debugging`?"),
        (lambda: DRAW.rank_ladder("submission", "geometry"), "There is no problem `geometry`"),
        (lambda: DRAW.skill_course("nobody"), "There is no agent `nobody`"),
        (lambda: DRAW.reliability("call", "bose"), "Did you mean `base`?"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(draw, sentence):
    with pytest.raises(Misuse, match=sentence):
        draw()
