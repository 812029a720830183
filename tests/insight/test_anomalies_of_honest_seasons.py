"""Three hundred honest agents: hardly a flag, whether their habits are alike or lie apart."""

import numpy as np
import polars as pl
import pytest

from pipelines.insight.review.anomalies import LOOKED
from tests.insight.anomaly_season import NO_DIFFICULTY, NO_SKILL, START, queue, task

N = 300
N_TASKS = 120
N_SEASONS = 5
COMPLEXITIES = np.array(["simple", "medium", "complex", "expert"])


def instants(minutes):
    return pl.Series(minutes * 60e6).cast(pl.Int64).cast(pl.Duration("us")) + START


def honest(seed, apart):
    """A season in which nobody does anything on purpose. `apart`: how far habits lie from one another, in logits."""
    draw = np.random.default_rng(seed)
    sessions = np.repeat(np.arange(N), draw.integers(8, 16, N))  # of which each agent has some, uneven in length
    begins = draw.uniform(0, 86_400, len(sessions))
    length = 1 + draw.negative_binomial(1, 1 / (1 + draw.gamma(1.5, 1, N)[sessions]))
    agent, start = np.repeat(sessions, length), np.repeat(begins, length)
    n = len(agent)
    tasks, at = draw.integers(0, N_TASKS, n), start + draw.uniform(0, 30, n)
    taste = draw.dirichlet(np.ones(4) / (0.01 + apart**2 / 3), N).cumsum(axis=1)
    verifier = (draw.random((n, 1)) > taste[agent]).sum(axis=1).clip(0, 3)
    is_right = draw.random(n) < 0.7
    answer = np.where(is_right, tasks, 1000 + draw.integers(0, 3, n))  # wrong ones are often the same, too
    speed = 4 + draw.normal(0, apart / 3, N)[agent] + draw.normal(0, 1, n)
    names = [f"s{i}" for i in range(n)]
    extra = [f'{{"verifier_id":"v{v}","answer":{a}}}' for v, a in zip(verifier, answer, strict=True)]
    handed_in = instants(at)
    submissions = pl.DataFrame(
        {
            "submission_id": names, "event_id": names, "submitted_at": handed_in, "at": handed_in,
            "agent_id": np.char.add("a", agent.astype(str)), "task_id": np.char.add("t", tasks.astype(str)),
            "problem": np.char.add("p", (tasks % 4).astype(str)), "team_id": np.char.add("m", (agent % 20).astype(str)),
            "verdict": np.where(is_right, "verified", "rejected"), "extra": extra, "is_counted": np.full(n, True),
            "claimed_at": handed_in - pl.Series(np.exp(speed) * 1e6).cast(pl.Int64).cast(pl.Duration("us")),
        }
    )  # fmt: skip
    user = np.repeat(np.arange(N), draw.integers(15, 45, N))
    called, kind = user * 7 % 3, draw.integers(0, 4, len(user))
    generous, quick = draw.normal(0, apart, N)[user], draw.normal(0, apart / 3, N)[user]
    call_names = [f"c{i}" for i in range(len(user))]
    calls = pl.DataFrame(
        {
            "call_id": call_names, "event_id": call_names, "at": instants(draw.uniform(0, 86_400, len(user))),
            "user_id": np.char.add("u", user.astype(str)), "agent_id": np.char.add("g", called.astype(str)),
            "complexity": COMPLEXITIES[kind], "duration_s": np.exp(3 + kind / 2 + quick + draw.normal(0, 1, len(user))),
            "response_quality": np.where(draw.random(len(user)) < 1 / (1 + np.exp(-generous)), 1.0, 0.8),
        }
    )  # fmt: skip
    difficulty = draw.normal(0, 1.5, N_TASKS)
    labels = np.array(["easy", "medium", "hard"])[np.arange(N_TASKS) % 3]
    measured = [(f"t{i}", difficulty[i], 0.3, 0.0) for i in range(N_TASKS)]
    skills = [("submission", f"a{a}", "overall", None, skill) for a, skill in enumerate(draw.normal(1, 1, N))]
    return {
        "submissions": submissions,
        "calls": calls,
        "tasks": [task(f"t{i}", f"p{i % 4}", labels[i]) for i in range(N_TASKS)],
        "task_difficulty": pl.DataFrame(measured, schema=NO_DIFFICULTY.schema, orient="row"),
        "agent_skill": pl.DataFrame(skills, schema=NO_SKILL.schema, orient="row"),
    }


@pytest.mark.parametrize("apart", [0.0, 0.5])
def test_honest_seasons_have_hardly_a_flag(apart):
    seasons = [queue(**honest(seed, apart)) for seed in range(N_SEASONS)]
    detectors = pl.concat(detectors for _, detectors in seasons)
    assert (detectors["status"] == LOOKED).all()
    assert (detectors["n_tested"] >= 50).all()
    n_with_any = detectors.filter(pl.col("n_flagged") > 0).height
    assert n_with_any <= 0.05 * detectors.height + 1, pl.concat(flags for flags, _ in seasons).to_dicts()
