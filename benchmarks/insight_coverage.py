"""How often the intervals of insight hold the truth: `python benchmarks/insight_coverage.py [--seeds N]`.

Worlds whose truth is known are played at several sizes; of every interval that is published the share is told that
holds what it is about. Not here: the world (pipelines/insight/worlds/world.py), coverage on a log of one's own, where
no truth is known (the table recommender_scores).
"""

import argparse
from statistics import fmean
from typing import Any

import numpy as np
import polars as pl

from pipelines.game.rulebook import load_rulebook
from pipelines.insight.evidence import CALL, SUBMISSION, Evidence
from pipelines.insight.normal import Z_80, Z_90
from pipelines.insight.skill.boards import leaderboard_rated
from pipelines.insight.skill.ratings import agent_skill, models_of
from pipelines.insight.skill.task_difficulty import task_difficulty
from pipelines.insight.skill.work_difficulty import work_difficulty
from pipelines.insight.worlds.play import play, play_submissions, tables_of
from pipelines.insight.worlds.world import World, WorldShape, world

SIZES = (300, 1_000, 3_000, 10_000, 30_000)
Held = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=12)
    seeds = parser.parse_args().seeds
    found = {size: [held(world(seed, WorldShape(n_events=size, n_submissions=size))) for seed in range(seeds)]
             for size in SIZES}  # fmt: skip
    names = list(found[SIZES[0]][0])
    print(f"| of intervals, over {seeds} worlds | " + " | ".join(f"{size:,}" for size in SIZES) + " |")
    print("|---|" + "--:|" * len(SIZES))
    for name in names:
        cells = (f"{fmean(each[name] for each in found[size]):.2f}" for size in SIZES)
        print(f"| {name} | {' | '.join(cells)} |")


def held(made: World) -> Held:
    """The shares of intervals of one world that hold the truth."""
    evidence = Evidence(tables_of(play(made), **play_submissions(made)), load_rulebook(), made.as_of)
    models = models_of(evidence)
    skill = agent_skill(evidence, models)
    board = leaderboard_rated(evidence, models, skill).filter(pl.col("board") == CALL)
    day = made.shape.n_days - 1
    of_agent = np.array([made.agents.index(name) for name in board["agent_id"]])
    true = made.true_skill(day)[of_agent]
    rank = np.argsort(np.argsort(-true)) + 1
    return {
        "rating, 90 %": _skill(made, skill, day),
        "rank, 90 %": _share(rank, board["rank_lo90"], board["rank_hi90"]),
        "success on the same mix, 90 %": _mix(made, models[CALL], board, of_agent, day),
        "chance of success, 80 %": _chance(made, models[CALL], day),
        "ease of a kind of work, 90 %": _ease(made, work_difficulty(models), day),
        "difficulty of a task, 90 %": _task(made, task_difficulty(evidence, models[SUBMISSION])),
    }


def _share(truth: Any, low: Any, high: Any) -> float:
    return float(((np.asarray(low) <= truth) & (truth <= np.asarray(high))).mean())


def _skill(made: World, skill: pl.DataFrame, day: int) -> float:
    """Against the agents' own mean: where 0 lies is the world's to say."""
    rows = skill.filter((pl.col("kind") == CALL) & (pl.col("scope") == "overall"))
    true = made.true_skill(day)[[made.agents.index(name) for name in rows["agent_id"]]]
    off = (rows["skill_logit"].to_numpy() - rows["skill_logit"].mean()) - (true - true.mean())
    return float((np.abs(off) <= Z_90 * rows["skill_sd"].to_numpy()).mean())


def _mix(made: World, model: Any, board: pl.DataFrame, of_agent: Any, day: int) -> float:
    events = model.trials.events
    category = np.array([made.categories.index(name) for name in model.trials.categories])[
        events["category"].to_numpy()
    ]
    every = np.random.default_rng(made.seed).integers(0, events.height, 2_000)
    user = np.arange(made.shape.n_users)
    true = [
        made.p_success(user[:, None], agent, category[every], events["level"].to_numpy()[every], day).mean()
        for agent in of_agent
    ]
    return _share(np.array(true), board["mix_adjusted_lo90"], board["mix_adjusted_hi90"])


def _chance(made: World, model: Any, day: int) -> float:
    trials = model.trials
    ids = [np.array([names.index(name) for name in held]) for names, held in (
        (made.agents, trials.agents), (made.users, trials.contexts), (made.categories, trials.categories))]  # fmt: skip
    drawn = np.random.default_rng(made.seed)
    agent, user, category = (drawn.integers(0, each.size, 4_000) for each in ids)
    level = drawn.choice(4, 4_000, p=np.array(made.shape.difficulty_mix) / sum(made.shape.difficulty_mix))
    said = model.success(agent, user, category, level)
    true = made.p_success(ids[1][user], ids[0][agent], ids[2][category], level, day)
    return _share(true, said.quantile(-Z_80), said.quantile(Z_80))


def _ease(made: World, work: pl.DataFrame, day: int) -> float:
    rows = work.filter((pl.col("kind") == CALL) & pl.col("difficulty").is_not_null())
    levels = ["simple", "medium", "complex", "expert"]
    place = [(made.categories.index(category), levels.index(level)) for category, level in
             rows.select("category", "difficulty").iter_rows()]  # fmt: skip
    every, user = np.arange(made.shape.n_agents), np.arange(made.shape.n_users)[:, None]
    logit = [np.log(1 / made.p_success(user, every, *each, day) - 1).mean() * -1 for each in place]
    off = rows["ease_logit"].to_numpy() - np.array(logit)
    return float((np.abs(off) <= Z_90 * rows["ease_sd"].to_numpy()).mean())


def _task(made: World, tasks: pl.DataFrame) -> float:
    off = tasks["difficulty_logit"].to_numpy() - made.task_difficulty
    return float((np.abs(off - off.mean()) <= Z_90 * tasks["sd"].to_numpy()).mean())


if __name__ == "__main__":
    main()
