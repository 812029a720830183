"""Boards by skill: literal seasons, the fixture of Simpson, small worlds whose truth is known, real refits."""

import numpy as np
import polars as pl
import pytest

from pipelines.insight.evidence import Evidence
from pipelines.insight.skill.boards import LEADERBOARD_RATED, leaderboard_rated
from pipelines.insight.skill.ratings import agent_skill, models_of
from pipelines.insight.worlds.world import WorldShape
from pipelines.reports.intervals import wilson
from tests.insight.skill_season import Row, calls, evidence, ids_turned_round, played, renamed, tries, true_ranks

SMALL = WorldShape(n_agents=8, n_users=8, n_categories=3, n_events=800, n_days=90)
NO_DIFFERENCE = WorldShape(
    n_agents=5, n_users=6, n_categories=2, n_events=500, n_days=60, sd_agent=0, sd_category=0, sd_hard=0, sd_taste=0,
    sd_drift=0,
)  # fmt: skip
SIMPSON = [  # brave is better at simple and at expert work, and has more of the latter
    *calls("brave", "+" * 19 + "-", complexity="simple"),
    *calls("brave", "+" * 32 + "-" * 48, complexity="expert"),
    *calls("smooth", "+" * 64 + "-" * 16, complexity="simple"),
    *calls("smooth", "+" * 4 + "-" * 16, complexity="expert"),
]


def board_of(held: Evidence) -> pl.DataFrame:
    models = models_of(held)
    frame = leaderboard_rated(held, models, agent_skill(held, models))
    assert LEADERBOARD_RATED.is_kept_by(frame)
    return frame


def rows_of(held: Evidence, board: str = "call") -> dict[str, Row]:
    return {row["agent_id"]: row for row in board_of(held).filter(board=board).to_dicts()}


def test_without_events_there_is_no_board() -> None:
    assert board_of(evidence()).equals(LEADERBOARD_RATED.empty())


def test_there_is_a_board_of_each_kind_and_one_of_each_category_or_problem_with_those_who_tried_it() -> None:
    rows = [*calls("a", "+-", "docs"), *calls("b", "+", "debug"), *calls("c", "-", None)]
    found = board_of(evidence(rows, [*tries("a", "x1", "-+"), *tries("b", "y1", "-")]))
    assert {name: part["agent_id"].sort().to_list() for (name,), part in found.group_by("board")} == {
        "call": ["a", "b", "c"], "call:debug": ["b"], "call:docs": ["a"],
        "submission": ["a", "b"], "submission:x": ["a"], "submission:y": ["b"],
    }  # fmt: skip
    assert found["is_provisional"].all()


def test_raw_numbers_stand_beside_the_score() -> None:
    found = rows_of(evidence([*calls("a", "+++-"), *calls("b", "++--++--"), *calls("c", "+-")]))
    told = {
        agent: (row["attempts"], row["successes"], row["raw_accuracy"], row["raw_rank"]) for agent, row in found.items()
    }
    assert told == {"a": (4, 3, 0.75, 1), "b": (8, 4, 0.5, 2), "c": (2, 1, 0.5, 2)}
    assert found["a"]["wilson_low"] == pytest.approx(wilson(3, 4)[0], abs=1e-6)


def test_simpson_is_turned_round_raw_but_not_on_the_same_work() -> None:
    found = rows_of(evidence(SIMPSON))
    brave, smooth = found["brave"], found["smooth"]
    assert (brave["raw_accuracy"], smooth["raw_accuracy"]) == (0.51, 0.68)
    assert (brave["raw_rank"], smooth["raw_rank"]) == (2, 1)
    assert brave["score"] > smooth["score"]
    assert brave["mix_adjusted_accuracy"] > smooth["mix_adjusted_accuracy"]
    assert brave["p_top1"] > 0.8
    # by hand: half of all work is simple and half is expert, so 0.675 and 0.5; drawn a little together
    assert 0.5 < smooth["mix_adjusted_accuracy"] < 0.59 < brave["mix_adjusted_accuracy"] < 0.675
    for row in (brave, smooth):
        assert row["mix_adjusted_lo90"] < row["mix_adjusted_accuracy"] < row["mix_adjusted_hi90"]


def test_ranks_are_shared_where_intervals_overlap() -> None:
    held = evidence(
        [*calls("a", "+" * 60), *calls("b", "+" * 59 + "-"), *calls("z", "-" * 58 + "++"), *calls("new", "+")]
    )
    found = rows_of(held)
    assert {agent: row["rank"] for agent, row in found.items()} == {"a": 1, "b": 1, "new": 1, "z": 4}
    assert found["z"]["rank_hi90"] == 4
    assert (found["a"]["rank_lo90"], found["new"]["rank_lo90"]) == (1, 1)


def test_one_more_success_never_lowers_an_agent() -> None:
    before = rows_of(evidence(SIMPSON))["smooth"]
    after = rows_of(evidence([*SIMPSON, *calls("smooth", "+", complexity="simple", day=2)]))["smooth"]
    for measure in ("score", "p_top1", "mix_adjusted_accuracy", "raw_accuracy", "wilson_low"):
        assert after[measure] > before[measure]


def test_order_of_rows_and_spelling_of_ids_change_nothing() -> None:
    _, held = played(3, SMALL)
    names = ids_turned_round(held)
    first = board_of(held).with_columns(pl.col("agent_id", "fragility_by").replace(names)).sort("board", "agent_id")
    again = board_of(renamed(held, names)).sort("board", "agent_id")
    for name, kind in first.schema.items():
        if kind.is_float():
            assert (first[name] - again[name]).abs().max() < (0.11 if "score" in name else 1e-5)
        elif "rank_" not in name:
            assert first[name].equals(again[name]), name
        else:  # places in draws: a draw may lie on the border
            assert (first[name] - again[name]).abs().max() <= 1


def test_intervals_of_ranks_hold_the_true_rank_in_about_nine_of_ten_cases() -> None:
    held = []
    for seed in range(12):
        truth, season = played(seed, SMALL)
        found = board_of(season).filter(board="call").sort("agent_id")
        place = np.searchsorted(truth.agents, found["agent_id"].to_list())
        rank = true_ranks(truth.true_skill(SMALL.n_days - 1)[place])
        held += ((found["rank_lo90"].to_numpy() <= rank) & (rank <= found["rank_hi90"].to_numpy())).tolist()
    assert 0.85 <= np.mean(held) <= 0.98


def test_identical_agents_have_intervals_that_hold_every_rank() -> None:
    shares = []
    for seed in range(12):
        ends = board_of(played(seed, NO_DIFFERENCE)[1]).filter(board="call").select("rank_lo90", "rank_hi90").rows()
        shares += [low <= rank <= high for low, high in ends for rank in range(1, len(ends) + 1)]
    assert np.mean(shares) >= 0.9


def test_only_the_first_has_a_fragility_and_an_agent_alone_has_none() -> None:
    found = rows_of(evidence(SIMPSON))
    assert found["brave"]["fragility"] >= 1
    assert found["brave"]["fragility_by"] == "smooth"
    assert (found["smooth"]["fragility"], found["smooth"]["fragility_by"]) == (None, None)
    assert rows_of(evidence(calls("a", "+-")))["a"]["fragility"] is None


def test_fragility_is_that_of_real_refits() -> None:
    """The first of three by a success, and by many: results go one after another, and the model is fitted again."""
    near = [*calls("a", "+" * 16 + "-" * 8), *calls("b", "+" * 15 + "-" * 9), *calls("c", "+" * 8 + "-" * 16)]
    far = [*calls("a", "+" * 22 + "-" * 2), *calls("b", "+" * 15 + "-" * 9), *calls("c", "+" * 8 + "-" * 16)]
    for rows in (near, far):
        row = rows_of(evidence(rows))["a"]
        real = min(fewest_by_refits(rows, "a", success=True), fewest_by_refits(rows, "b", success=False))
        assert row["fragility_by"] == "b"
        assert abs(row["fragility"] - real) <= max(1, real / 3)
    assert row["fragility"] > 2


def fewest_by_refits(rows: list[Row], agent: str, *, success: bool) -> int:
    """How many such results of the agent must go before `a` is no longer first."""
    removable = [row for row in rows if row["agent_id"] == agent and row["success"] is success]
    for n_removed in range(1, len(removable) + 1):
        left = [row for row in rows if row not in removable[:n_removed]]
        skill = models_of(evidence(left))["call"].overall().mean
        if skill.argmax() != 0:
            return n_removed
    return 10**6


def test_of_very_many_categories_the_most_tried_have_a_board(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row for n, category in enumerate("abc") for row in calls("ann", "+" * (n + 1), category)]
    monkeypatch.setattr("pipelines.insight.skill.boards.MOST_CATEGORIES", 2)
    assert board_of(evidence(rows))["board"].unique().sort().to_list() == ["call", "call:b", "call:c"]
