"""How hard tasks are measured to be: literal tries, and worlds whose truth is known."""

import numpy as np
import polars as pl
import pytest

from pipelines.insight.evidence import SUBMISSION, Evidence
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.task_difficulty import TASK_DIFFICULTY, task_difficulty
from pipelines.insight.skill.trials import Trials
from pipelines.insight.worlds.play import play_submissions, tables_of
from pipelines.insight.worlds.world import World, WorldShape, world
from tests.insight.skill_season import RULES, START, Row, evidence, tries

AGENTS = [f"a{n}" for n in range(9)]


def task(task_id: str, difficulty: str = "medium") -> Row:
    return {"task_id": task_id, "problem": task_id[0], "difficulty": difficulty, "task_type": "verify", "at": START}


def measured(held: Evidence) -> dict[str, Row]:
    frame = task_difficulty(held, SkillModel.of(Trials.of(held, SUBMISSION)))
    assert TASK_DIFFICULTY.is_kept_by(frame)
    return {row["task_id"]: row for row in frame.to_dicts()}


def season(seed: int, **shape: int | float) -> tuple[World, Evidence]:
    made = world(seed, WorldShape(**shape))
    return made, Evidence(tables_of(**play_submissions(made)), RULES, made.as_of)


def test_a_task_on_which_most_fail_is_harder_than_one_that_most_solve() -> None:
    rows = [row for n, agent in enumerate(AGENTS) for row in tries(agent, "p-hard", "-" if n else "+")]
    rows += [row for n, agent in enumerate(AGENTS) for row in tries(agent, "p-easy", "+" if n else "-")]
    said = measured(evidence(submissions=rows, tasks=[task("p-hard"), task("p-easy")]))
    hard, easy = said["p-hard"], said["p-easy"]
    assert hard["difficulty_logit"] > easy["difficulty_logit"]
    assert (hard["attempts"], hard["n_agents"], hard["solved"]) == (9, 9, 1)
    assert (easy["attempts"], easy["n_agents"], easy["solved"]) == (9, 9, 8)
    assert hard["label_logit"] == easy["label_logit"]


def test_a_task_that_nobody_tried_has_the_difficulty_of_its_label_and_says_so() -> None:
    tasks = [task("p1"), task("p2"), task("q1", "hard")]
    said = measured(evidence(submissions=tries("ann", "p1", "-" * 9 + "+"), tasks=tasks))
    for name in ("p2", "q1"):
        row = said[name]
        assert row["difficulty_logit"] == row["label_logit"]
        assert (row["attempts"], row["p_value"], row["q_value"], row["is_mislabelled"]) == (0, None, None, False)
        assert row["sentence"] == "nobody has tried it: this is the difficulty of its label"
    assert said["p2"]["sd"] > said["p1"]["sd"]


def test_without_tasks_there_is_nothing_to_measure() -> None:
    assert measured(evidence(submissions=tries("ann", "p1", "+"))) == {}


@pytest.mark.parametrize("seed", range(3))
def test_measured_difficulties_go_with_the_true_ones_and_intervals_hold_most(seed: int) -> None:
    made, held = season(seed)
    said = task_difficulty(held, SkillModel.of(Trials.of(held, SUBMISSION)))
    off = said["difficulty_logit"].to_numpy() - made.task_difficulty
    off -= off.mean()  # where zero lies is the average agent's to say, and this world's is not quite average
    assert np.corrcoef(said["difficulty_logit"], made.task_difficulty)[0, 1] > 0.85
    assert (np.abs(off) < 1.645 * said["sd"].to_numpy()).mean() > 0.7


def test_tasks_said_to_be_mislabelled_are() -> None:
    """About half of the wrong labels are found where tasks of a label differ little by nature, few where they do."""
    found = true = hits = 0
    for seed in range(4):
        made, held = season(seed, n_submissions=20_000, sd_task=0.2)
        flagged = task_difficulty(held, SkillModel.of(Trials.of(held, SUBMISSION))).filter("is_mislabelled")
        wrong = pl.Series(made.tasks).filter(pl.Series(made.is_mislabelled))
        found, true = found + flagged.height, true + wrong.len()
        hits += flagged["task_id"].is_in(wrong.to_list()).sum()
        assert (flagged["suggested_label"] != flagged["label"]).all()
    assert hits >= 0.9 * found
    assert hits >= 0.4 * true
