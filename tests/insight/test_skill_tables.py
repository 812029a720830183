"""Skill as tables: literal trials in, and what their rows must say of them."""

import datetime as dt
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest

from pipelines.insight.evidence import Evidence
from pipelines.insight.skill import ratings as skill
from pipelines.insight.skill.models import SKILL_MODELS, skill_models
from pipelines.insight.skill.months import AGENT_SKILL_MONTHS, agent_skill_months
from pipelines.insight.skill.ratings import AGENT_SKILL, agent_skill, models_of
from pipelines.insight.skill.work_difficulty import WORK_DIFFICULTY, work_difficulty
from pipelines.insight.worlds.world import WorldShape
from tests.insight.skill_season import Row, calls, evidence, ids_turned_round, played, renamed, tries

DUEL = [*calls("good", "+" * 18 + "-" * 6), *calls("bad", "+" * 6 + "-" * 18), *calls("new", "+", "docs", "simple")]
SMALL = WorldShape(n_agents=8, n_users=6, n_categories=3, n_events=600, n_days=120)


@pytest.fixture(scope="module")
def small() -> Evidence:
    return played(5, SMALL)[1]


def rows_of(held: Evidence) -> dict[tuple[str, str, str | None], Row]:
    frame = agent_skill(held, models_of(held))
    assert AGENT_SKILL.is_kept_by(frame)
    return {(row["agent_id"], row["scope"], row["category"]): row for row in frame.to_dicts()}


def test_without_events_all_tables_of_skill_are_empty() -> None:
    held = evidence()
    models = models_of(held)
    assert models == {}
    for table, frame in (
        (AGENT_SKILL, agent_skill(held, models)), (AGENT_SKILL_MONTHS, agent_skill_months(models)),
        (WORK_DIFFICULTY, work_difficulty(models)), (SKILL_MODELS, skill_models(held, models)),
    ):  # fmt: skip
        assert frame.equals(table.empty())


def test_an_agent_has_a_row_overall_and_one_in_each_category_direct_or_borrowed() -> None:
    found = rows_of(evidence(DUEL))
    told = {key: (row["attempts"], row["successes"], row["evidence"]) for key, row in found.items()}
    assert told == {
        ("bad", "category", "debug"): (24, 6, "direct"), ("bad", "category", "docs"): (0, 0, "borrowed"),
        ("bad", "overall", None): (24, 6, "direct"), ("good", "category", "debug"): (24, 18, "direct"),
        ("good", "category", "docs"): (0, 0, "borrowed"), ("good", "overall", None): (24, 18, "direct"),
        ("new", "category", "debug"): (0, 0, "borrowed"), ("new", "category", "docs"): (1, 1, "direct"),
        ("new", "overall", None): (1, 1, "direct"),
    }  # fmt: skip
    assert [row["is_provisional"] for row in found.values()] == [row["attempts"] < 20 for row in found.values()]
    borrowed = found["good", "category", "docs"]
    assert borrowed["own_logit"] == 0
    assert borrowed["skill_sd"] > found["good", "category", "debug"]["skill_sd"]


def test_where_there_are_too_many_agents_and_categories_only_direct_rows_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = rows_of(evidence(DUEL))
    monkeypatch.setattr(skill, "MOST_BORROWED", 5)  # agents x categories; these are 6
    assert rows_of(evidence(DUEL)) == {key: row for key, row in whole.items() if row["evidence"] == "direct"}


def test_rating_is_skill_in_points_and_its_interval_holds_90_percent() -> None:
    z = NormalDist().inv_cdf(0.95)
    for row in rows_of(evidence(DUEL)).values():
        expected = [1500 + 173.7 * (row["skill_logit"] + side * z * row["skill_sd"]) for side in (-1, 0, 1)]
        assert [row["rating_lo90"], row["rating"], row["rating_hi90"]] == pytest.approx(expected, abs=0.06)


def test_who_succeeds_more_is_rated_higher_and_one_success_is_little_evidence() -> None:
    found = {agent: row for (agent, scope, _), row in rows_of(evidence(DUEL)).items() if scope == "overall"}
    assert found["good"]["rating"] > found["new"]["rating"] > found["bad"]["rating"]
    assert found["good"]["rating_lo90"] > found["bad"]["rating_hi90"]
    assert found["new"]["n_effective"] < 1 < found["good"]["n_effective"] < 24
    assert found["new"]["rating_lo90"] < 1500 < found["new"]["rating_hi90"]


def test_one_more_success_never_lowers_an_agent() -> None:
    before = rows_of(evidence(DUEL))["bad", "overall", None]["skill_logit"]
    for more in (calls("bad", "+", day=3), calls("bad", "+", "docs", "expert"), calls("bad", "+", "new", None)):
        assert rows_of(evidence([*DUEL, *more]))["bad", "overall", None]["skill_logit"] > before


def test_a_trend_is_told_only_of_agents_with_trials_of_late_and_of_earlier() -> None:
    trials = [
        *calls("up", "-" * 20), *calls("up", "+" * 20, day=40), *calls("past", "+-" * 5), *calls("fresh", "+-", day=40),
    ]  # fmt: skip
    held, on_the_first = evidence(trials), evidence(trials, as_of=dt.datetime(2026, 5, 1, 1, tzinfo=dt.UTC))
    found = {agent: row for (agent, scope, _), row in rows_of(held).items() if scope == "overall"}
    assert rows_of(on_the_first)["up", "overall", None]["trend_logit_30d"] > 0
    assert found["up"]["trend_logit_30d"] > 0
    assert found["up"]["trend_lo90"] < found["up"]["trend_logit_30d"] < found["up"]["trend_hi90"]
    assert found["past"]["trend_logit_30d"] is found["fresh"]["trend_lo90"] is None
    assert rows_of(held)["up", "category", "debug"]["trend_logit_30d"] is None


def test_months_tell_trials_skill_and_what_the_average_agent_would_have_had() -> None:
    held = evidence([*calls("up", "-" * 20), *calls("up", "+" * 20, day=40), *calls("old", "+-" * 10)])
    models = models_of(held)
    frame = agent_skill_months(models)
    assert AGENT_SKILL_MONTHS.is_kept_by(frame)
    found = {(row["agent_id"], row["month"]): row for row in frame.to_dicts()}
    march, april = dt.date(2026, 3, 1), dt.date(2026, 4, 1)
    assert [(*key, row["attempts"], row["successes"]) for key, row in found.items()] == [
        ("old", march, 20, 10), ("up", march, 20, 0), ("up", april, 20, 20)
    ]  # fmt: skip
    now = rows_of(held)["up", "overall", None]
    assert found["up", april]["skill_logit"] == pytest.approx(now["skill_logit"], abs=1e-6)
    half = NormalDist().inv_cdf(0.95) * now["skill_sd"]
    assert found["up", april]["hi90"] == pytest.approx(now["skill_logit"] + half, abs=1e-5)
    assert found["up", march]["skill_logit"] < found["up", april]["skill_logit"]
    assert found["up", march]["expected_successes"] == pytest.approx(found["up", april]["expected_successes"])


def test_harder_work_is_told_as_harder_though_good_agents_do_it() -> None:
    held = evidence([
        *calls("star", "+" * 27 + "-" * 13, "debug", "expert"), *calls("star", "+" * 20, "debug", "simple"),
        *calls("poor", "-" * 20, "debug", "expert"), *calls("poor", "+" * 24 + "-" * 16, "debug", "simple"),
    ])  # fmt: skip
    frame = work_difficulty(models_of(held))
    assert WORK_DIFFICULTY.is_kept_by(frame)
    expert, simple = frame.to_dicts()
    assert (expert["difficulty"], expert["attempts"], expert["successes"], expert["n_agents"]) == ("expert", 60, 27, 2)
    assert simple["success_share"] == pytest.approx(44 / 60, abs=1e-6)
    assert simple["ease_logit"] - expert["ease_logit"] > 1.5
    for row in (expert, simple):
        assert row["p_average_lo90"] <= row["p_average"] <= row["p_average_hi90"]


def test_submissions_are_of_a_kind_of_their_own_with_problems_as_categories() -> None:
    tasks = [{"task_id": "a1", "difficulty": "hard"}, {"task_id": "b1", "difficulty": "easy"}]
    held = evidence(DUEL, [*tries("good", "a1", "--+"), *tries("bad", "b1", "+")], tasks)
    models = models_of(held)
    frame = work_difficulty(models).filter(kind="submission")
    assert frame.select("category", "difficulty", "attempts").rows() == [("a", "hard", 3), ("b", "easy", 1)]
    alone = models_of(evidence(DUEL))["call"]
    assert np.array_equal(models["call"].overall().mean, alone.overall().mean)


def test_the_row_of_a_model_says_how_few_there_are() -> None:
    held = evidence([*calls("a", "+-"), *calls("b", "+")])
    frame = skill_models(held, models_of(held))
    assert SKILL_MODELS.is_kept_by(frame)
    row = frame.to_dicts()[0]
    assert (row["n_trials"], row["n_successes"], row["n_agents"], row["n_rated"]) == (3, 2, 2, 0)
    assert row["sentence"] == (
        "3 calls for 1 user: 0 of 2 agents have the 20 from which on a rating is no longer provisional. So few tell "
        "hardly anything of skill: ratings stay near 1500, with wide intervals."
    )


def test_order_of_rows_and_spelling_of_ids_change_nothing(small: Evidence) -> None:
    names = ids_turned_round(small)
    for table in (agent_skill, lambda _, models: agent_skill_months(models)):
        first = table(small, models_of(small)).with_columns(pl.col("agent_id").replace(names))
        other = renamed(small, names)
        again = table(other, models_of(other))
        keys = [name for name, kind in first.schema.items() if not kind.is_float()]
        pairs = first.join(again, on=keys, how="full", nulls_equal=True)
        assert pairs.height == first.height == again.height
        for name in set(first.columns) - set(keys):
            assert (pairs[name] - pairs[f"{name}_right"]).abs().max() < (0.11 if "rating" in name else 2e-6)
