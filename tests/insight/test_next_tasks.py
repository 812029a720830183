"""Which task to try next: literal tries in, rows out, and a slow look at every task beside the fast one."""

import datetime as dt

import numpy as np
import polars as pl

from pipelines.game.rulebook import load_rulebook
from pipelines.insight.advice.next_tasks import TASK_RECOMMENDATIONS, task_recommendations
from pipelines.insight.evidence import SUBMISSION, Evidence
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.trials import ACTIVE_DAYS, Trials
from pipelines.insight.worlds.play import play_submissions, tables_of
from pipelines.insight.worlds.world import WorldShape, world
from tests.insight.skill_season import AS_OF, RULES, evidence, tries
from tests.insight.test_task_difficulty import task

TASKS = [task("p1", "easy"), task("p2"), task("p3", "hard"), task("q1", "extreme")]


def advised(held: Evidence) -> pl.DataFrame:
    frame = task_recommendations(held, SkillModel.of(Trials.of(held, SUBMISSION)))
    assert TASK_RECOMMENDATIONS.is_kept_by(frame)
    assert frame.equals(frame.sort(TASK_RECOMMENDATIONS.sort_by))
    return frame


def chosen(frame: pl.DataFrame, agent: str, slot: str) -> list[str]:
    return frame.filter((pl.col("agent_id") == agent) & (pl.col("slot") == slot))["task_id"].to_list()


def test_what_an_agent_has_solved_is_not_advised_to_it_but_what_it_failed_at_is() -> None:
    frame = advised(evidence(submissions=tries("ann", "p1", "+") + tries("ann", "p2", "-"), tasks=TASKS))
    assert set(frame["task_id"]) == {"p2", "p3", "q1"}


def test_the_unsolved_are_those_that_no_agent_has_solved() -> None:
    rows = tries("ann", "p1", "+") + tries("bob", "p2", "-")
    frame = advised(evidence(submissions=rows, tasks=TASKS))
    assert set(chosen(frame, "bob", "unsolved")) == {"p2", "p3", "q1"}
    assert "p1" in chosen(frame, "bob", "expected_points") + chosen(frame, "bob", "stretch")


def test_expected_points_are_the_chance_times_the_price_with_the_bonus_of_the_first() -> None:
    frame = advised(evidence(submissions=tries("ann", "p1", "+") + tries("bob", "p1", "-"), tasks=TASKS))
    price = {"p1": 5, "p2": 10 + 5, "p3": 20 + 5, "q1": 40 + 5}
    for task_id, chance, expected in frame.select("task_id", "p_solve", "expected_points").iter_rows():
        assert abs(expected - chance * price[task_id]) < 1e-4


def test_an_agent_that_has_paused_for_long_is_not_advised() -> None:
    held = evidence(submissions=tries("ann", "p1", "-"), tasks=TASKS, as_of=AS_OF + dt.timedelta(days=ACTIVE_DAYS))
    assert advised(held).is_empty()


def test_reasons_say_what_is_known_and_name_nobody() -> None:
    frame = advised(evidence(submissions=tries("ann", "p1", "-"), tasks=[task("p1"), task("q1", "extreme")]))
    assert frame.filter(pl.col("reason_text").str.contains("ann")).is_empty()
    (known,) = frame.filter((pl.col("task_id") == "p1") & (pl.col("slot") == "unsolved"))["reason_text"]
    assert "1 try so far, of all agents; 1 try of its own at this problem" in known
    unknown = frame.filter(pl.col("task_id") == "q1")["reason_text"][0]
    assert "Nobody has tried it, so its label is all there is to go by" in unknown
    assert "no try of its own at this problem: judged by its other work" in unknown


def test_the_fast_choice_is_that_of_a_look_at_every_task_of_every_agent() -> None:
    made = world(4, WorldShape(n_agents=6, n_tasks=40, n_categories=3, n_submissions=500))
    held = Evidence(tables_of(**play_submissions(made)), load_rulebook(), made.as_of)
    model = SkillModel.of(Trials.of(held, SUBMISSION))
    frame = task_recommendations(held, model)
    events = model.trials.events
    contexts, tasks = list(model.trials.contexts), held.tables["tasks"].collect()
    for number, agent in enumerate(model.trials.agents):
        expected = {}
        for name, problem, difficulty in tasks.select("task_id", "problem", "difficulty").iter_rows():
            tried = events.filter(pl.col("context") == contexts.index(name)) if name in contexts else events.clear()
            if tried.filter((pl.col("agent") == number) & (pl.col("success") == 1)).height:
                continue
            context = contexts.index(name) if name in contexts else -1
            level = ["easy", "medium", "hard", "extreme"].index(difficulty)
            place = [
                np.array([held]) for held in (number, context, list(model.trials.categories).index(problem), level)
            ]
            price = [5, 10, 20, 40][level] + (0 if tried["success"].sum() else RULES.points.first_solver)
            expected[name] = float(model.success(*place).p()[0]) * price
        best = sorted(expected, key=lambda name: (-expected[name], name))[:3]
        assert chosen(frame, agent, "expected_points") == best


def test_what_was_solved_too_long_ago_to_be_learned_from_is_solved_all_the_same(monkeypatch) -> None:
    late = [{**row, "at": row["at"] + dt.timedelta(days=9), "counted_at": row["counted_at"] + dt.timedelta(days=9)}
            for row in tries("ann", "p2", "-")]  # fmt: skip
    held = evidence(submissions=tries("ann", "p1", "+") + late, tasks=TASKS)
    monkeypatch.setattr("pipelines.insight.skill.trials.MAX_TRIALS", 1)
    model = SkillModel.of(Trials.of(held, SUBMISSION))
    assert model.trials.events.height == 1
    frame = task_recommendations(held, model)
    assert set(frame["task_id"]) == {"p2", "p3", "q1"}
