"""The model of skill beside a slow, dense one, and the laws that it must keep."""

import numpy as np
import polars as pl
import pytest

from pipelines.insight.evidence import CALL
from pipelines.insight.skill.estimates import Estimate
from pipelines.insight.skill.fit import LEVEL_SPREAD
from pipelines.insight.skill.model import NOBODY, SkillModel
from pipelines.insight.skill.terms import HARDNESS
from pipelines.insight.skill.trials import Trials
from pipelines.insight.worlds.world import WorldShape
from tests.insight.dense_model import DenseModel
from tests.insight.skill_season import calls, evidence, ids_turned_round, played, renamed

SMALL = WorldShape(n_agents=5, n_users=4, n_categories=3, n_events=250, n_days=100)


def model_of(held) -> SkillModel:
    return SkillModel.of(Trials.of(held, CALL))


@pytest.fixture(scope="module")
def fitted() -> SkillModel:
    return model_of(played(2, SMALL)[1])


@pytest.fixture(scope="module")
def dense(fitted: SkillModel) -> DenseModel:
    return DenseModel(fitted.trials, fitted.spreads, fitted.fit.shape.n_months)


def test_the_terms_are_those_of_a_dense_solution(fitted: SkillModel, dense: DenseModel) -> None:
    shape, terms = fitted.fit.shape, fitted.fit.terms
    assert shape.n_months == 4
    for name, place in dense.names.items():
        match name:
            case ("skill", agent, month):
                found = terms.skill[agent, month]
            case ("tilt", agent):
                found = terms.tilt[agent]
            case ("level", level):
                found = terms.level[level]
            case ("own", agent, category):
                link = (shape.link_agent == agent) & (shape.link_category == category)
                (found,) = terms.own[link]
            case ("cell", category, level):
                (found,) = terms.cell[(shape.cell_category == category) & (shape.cell_level == level)]
            case ("context", context):
                found = terms.context[context]
        assert abs(found - dense.terms[place]) < 0.05, name


def test_the_certainty_of_an_agent_is_that_of_its_whole_block(fitted: SkillModel, dense: DenseModel) -> None:
    """Skill in a category on hard work: a sum of four terms, whose variance needs every covariance among them."""
    months = fitted.fit.shape.n_months
    for agent, category in ((0, 0), (1, 2), (4, 1)):
        block = [("skill", agent, month) for month in range(months)] + [("tilt", agent)]
        block += [name for name in dense.names if name[0] == "own" and name[1] == agent]
        lean = np.array([float(name in (("skill", agent, 0), ("own", agent, category))) for name in block])
        lean[months] = HARDNESS[3]
        expected = np.sqrt(lean @ dense.given_the_rest(block) @ lean)
        found = fitted.in_category(np.array([agent]), np.array([category]), HARDNESS[3])
        assert 0.995 * expected < found.sd[0] < 1.05 * expected  # what the fit leaves out comes on top


def test_overall_skill_is_that_in_each_category_weighed_by_the_mix_of_all_trials(fitted: SkillModel) -> None:
    agents, categories = np.arange(5), np.arange(3)
    parts = [fitted.in_category(agents, np.full(5, category)).mean for category in categories]
    assert np.allclose(fitted.overall().mean, fitted.mix @ np.stack(parts))
    assert fitted.mix.sum() == pytest.approx(1)


def test_order_of_rows_and_names_of_agents_do_not_matter() -> None:
    held = played(3, SMALL)[1]
    names = ids_turned_round(held)
    one, other = model_of(held), model_of(renamed(held, names))
    place = [list(other.trials.agents).index(names[agent]) for agent in one.trials.agents]
    assert np.allclose(one.overall().mean, other.overall().mean[place], atol=1e-9)
    assert np.allclose(one.overall().sd, other.overall().sd[place], atol=1e-9)


def test_the_same_calls_give_the_same_bytes() -> None:
    held = played(3, SMALL)[1]
    one, other = model_of(held), model_of(renamed(held, {}))
    assert one.overall().mean.tobytes() == other.overall().mean.tobytes()
    assert one.pairs.mean.tobytes() == other.pairs.mean.tobytes()


def test_of_an_unknown_agent_context_and_kind_of_work_there_is_only_the_prior() -> None:
    model = model_of(evidence(calls("ann", "+++-")))
    nobody, alien = np.array([NOBODY]), np.array([7])
    assert model.context(nobody).mean[0] == model.pair(np.array([0]), nobody).mean[0] == 0
    assert model.context(nobody).sd[0] == model.spreads.context
    assert model.ease(alien, np.array([1])).mean[0] == model.fit.terms.level[1]
    assert model.own(np.array([0]), alien).sd[0] == pytest.approx(model.spreads.category)


def test_nothing_is_known_of_a_level_without_trials_but_that_it_is_no_world_apart() -> None:
    model = model_of(evidence(calls("ann", "++-" * 100) + calls("ann", "+-" * 20, "docs", "expert")))
    never, known = (model.ease(np.array([0]), np.array([level])).sd[0] for level in (0, 1))
    assert never == pytest.approx(np.hypot(LEVEL_SPREAD, model.spreads.cell))
    assert known < 0.5 * never
    elsewhere = model.ease(np.array([1]), np.array([1])).sd[0]  # medium, but no medium debugging
    assert known < elsewhere < never


def test_a_category_without_trials_tells_nothing_of_another_agent() -> None:
    """Codes of agents and categories are looked up as one number: that of the last one may be another's first."""
    rows = [(agent, category) for agent in ("ann", "bob") for category in ("debug", "docs")]
    model = model_of(evidence([row for place, (agent, category) in enumerate(rows)
                               for row in calls(agent, "+" * (9 * place) + "-" * 12, category)]))  # fmt: skip
    agents, beyond = np.arange(2), np.full(2, model.trials.n_categories)
    terms, found = model.fit.terms, model.in_category(agents, beyond, HARDNESS[1])
    assert found.mean.tolist() == (terms.skill[:, 0] + terms.tilt * HARDNESS[1]).tolist()
    assert np.allclose(model.own(agents, beyond).mean, 0)
    spot = model.spot(agents, beyond, np.ones(2, np.int64))
    assert spot.mean.tolist() == [0, 0]
    assert spot.sd == pytest.approx(model.spreads.spot)


@pytest.mark.parametrize("marks", ["+", "-", "+++", "-" * 40, "+" * 400])
def test_however_few_or_one_sided_the_trials_all_is_finite(marks: str) -> None:
    model = model_of(evidence(calls("ann", marks, None, None)))
    place = np.array([0])
    success = model.success(place, place, place, np.array([4]))
    for number in (success.mean, success.sd, model.overall().mean, model.overall().sd):
        assert np.isfinite(number).all()
    assert 0.005 < success.p()[0] < 0.999


def test_an_interval_holds_its_probability_however_near_to_one_it_lies() -> None:
    for mean, sd in ((8.5, 1.7), (0.3, 0.4), (-8.5, 1.7)):
        estimate = Estimate(np.array([mean]), np.array([sd]))
        low, high = estimate.ends(1.2816)
        assert low <= estimate.p() <= high
        assert low <= estimate.quantile(-1.2816) < estimate.quantile(1.2816) <= high


def test_a_pause_makes_an_agent_less_sure_and_leaves_its_skill() -> None:
    both = calls("old", "++-+" * 10, day=0) + calls("new", "++-+" * 10, day=45)
    skill = model_of(evidence(both)).overall()
    old, new = 1, 0
    assert skill.sd[old] > skill.sd[new]
    assert abs(skill.mean[old] - skill.mean[new]) < 0.1


def test_what_was_not_known_yet_is_not_learned_from() -> None:
    late = [{**row, "known_at": row["at"].replace(month=4)} for row in calls("ann", "+" * 30)]
    trials = Trials.of(evidence(late + calls("ann", "-" * 5)), CALL)
    before = trials.known_before(late[0]["at"].date().replace(day=20))
    assert before.events["success"].to_list() == [0] * 5
    assert before.agents.equals(trials.agents)
    assert trials.events.filter(pl.col("success") == 1).height == 30


def test_of_too_many_trials_the_latest_days_are_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    held = evidence([row for day in range(6) for row in calls("ann", "+-+-", day=day)])
    monkeypatch.setattr("pipelines.insight.skill.trials.MAX_TRIALS", 10)
    trials = Trials.of(held, CALL)
    assert trials.events.height == 12  # whole days
    assert str(trials.since) == "2026-03-05"
    assert trials.events["day"].min() == trials.since
    monkeypatch.setattr("pipelines.insight.skill.trials.MAX_TRIALS", 24)
    assert Trials.of(held, CALL).since is None
