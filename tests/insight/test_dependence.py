"""The design effect: 1 for independent trials, the size of the groups for trials that are copies of one."""

import numpy as np
import polars as pl

from pipelines.insight.doubts.dependence import design_effect


def trials(success: np.ndarray, context: np.ndarray, agent: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame({"agent_id": agent.astype(str), "context": context.astype(str), "success": success})


def test_independent_trials_have_an_effect_of_1_also_if_one_context_holds_most_of_them() -> None:
    rng = np.random.default_rng(1)
    agent = np.repeat(np.arange(150), 40)
    context = np.minimum(rng.geometric(0.6, agent.size), 4)
    told = design_effect(trials(rng.random(agent.size) < 0.7, context, agent))
    assert told is not None
    assert told.low < 1 < told.high
    assert told.high - told.low < 0.4
    assert told.n == 6000


def test_copies_of_one_trial_have_the_effect_of_their_number() -> None:
    rng = np.random.default_rng(2)
    agent, context = np.repeat(np.arange(20), 60), np.tile(np.repeat(np.arange(15), 4), 20)
    once = rng.random((20, 15)) < 0.6
    told = design_effect(trials(once[agent, context], context, agent))
    assert told is not None
    assert told.n_clusters == 300
    assert 3.4 < told.value < 4.6


def test_one_group_or_one_outcome_tells_nothing() -> None:
    one_group = trials(np.array([True, False, True]), np.zeros(3), np.zeros(3))
    one_outcome = trials(np.array([True, True, True]), np.arange(3), np.zeros(3))
    assert design_effect(one_group) is design_effect(one_outcome) is design_effect(one_group.clear()) is None
