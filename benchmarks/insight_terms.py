"""What each term of the model of skill is worth: the model with it left out, in worlds whose truth is known.

    python benchmarks/insight_terms.py [--seeds 12]

Terms are left out by holding their spread near zero, so that the code measured is the code that ships. Prints a
Markdown table for each kind of world. Not here: the model (pipelines/insight), what it must show
(tests/insight/test_gates.py).
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import polars as pl

from pipelines.game.rulebook import load_rulebook
from pipelines.insight.backtests.policies import OURS, Work, chosen
from pipelines.insight.evidence import CALL, SUBMISSION, Evidence
from pipelines.insight.skill import leftovers
from pipelines.insight.skill import spreads as skill_spreads
from pipelines.insight.skill import terms as skill_terms
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.terms import Spreads
from pipelines.insight.skill.trials import Trials
from pipelines.insight.worlds.play import play, play_submissions, tables_of
from pipelines.insight.worlds.world import WorldShape, world

NOTHING = 1e-3  # a spread in logits
HALF_LIFE_MONTHS = 60 / 30.4
N_WORKS = 500
FIGURES = ("first choice", "claimed - true", "RMSE of p", "coverage of 80 %", "tau of skill")
WORLDS = {
    "3,000 calls": (CALL, WorldShape(n_events=3_000)),
    "30,000 calls": (CALL, WorldShape()),
    "30,000 calls, agents drift three times as fast": (CALL, WorldShape(sd_drift=0.45)),
    "30,000 calls, not additive": (CALL, WorldShape(is_additive=False)),
    "8,000 submissions at 200 tasks": (SUBMISSION, WorldShape()),
}
WITHOUT: Mapping[str, tuple[str, ...]] = {
    "all terms": (),
    "no user, no task": ("context",),
    "no walk from month to month": ("step",),
    "half-life of 60 days, no walk": ("step",),
    "no tilt to easy or hard work": ("tilt",),
    "no agent x category": ("category",),
    "no leftovers (agent x kind of work, agent x user or task)": ("spot", "pair"),
    "agents alone": ("context", "step", "tilt", "category", "spot", "pair"),
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=12)
    n_seeds = parser.parse_args().seeds
    for title, (kind, shape) in WORLDS.items():
        print(f"\n{title}, means of {n_seeds} seeds:\n")
        print(f"| model | {' | '.join(FIGURES)} |\n|---|{'--:|' * len(FIGURES)}")
        for name, terms in WITHOUT.items():
            weigh = decayed if "half-life" in name else as_it_is
            with left_out(terms):
                rows = [measured(seed, kind, shape, terms, weigh) for seed in range(n_seeds)]
            print(f"| {name} | {' | '.join(f'{figure:.3f}' for figure in np.mean(rows, axis=0))} |")


@contextmanager
def left_out(terms: tuple[str, ...]) -> Iterator[None]:
    """Hold the spreads of some terms near zero."""
    caps, guess = skill_terms.CAPS, skill_terms.GUESS
    none = dict.fromkeys(terms, NOTHING)
    skill_spreads.CAPS, small = replace(caps, **none), replace(guess, **none)
    skill_spreads.GUESS = leftovers.GUESS = small
    try:
        yield
    finally:
        skill_spreads.CAPS = caps
        skill_spreads.GUESS = leftovers.GUESS = guess


def as_it_is(trials: Trials) -> Trials:
    """All trials weigh the same."""
    return trials


def decayed(trials: Trials) -> Trials:
    """A trial of two months ago weighs half as much as one of today."""
    counts = trials.counts
    weight = 0.5 ** (counts.age / HALF_LIFE_MONTHS)
    known = replace(trials)
    known.__dict__["counts"] = replace(counts, n=counts.n * weight, successes=counts.successes * weight)
    return known


def measured(
    seed: int, kind: str, shape: WorldShape, terms: tuple[str, ...], weigh: Callable[[Trials], Trials]
) -> list[float]:
    """FIGURES of one world."""
    w = world(seed, shape)
    tables = tables_of(play(w)) if kind == CALL else tables_of(**play_submissions(w))
    trials = weigh(Trials.of(Evidence(tables, load_rulebook(), w.as_of), kind))
    model = SkillModel.of(trials, start=replace(Spreads(), **dict.fromkeys(terms, NOTHING)))
    contexts = w.users if kind == CALL else w.tasks
    pairs = ((trials.agents, w.agents), (trials.contexts, contexts), (trials.categories, w.categories))
    agents, places, categories = (np.array([ids.index(word) for word in words]) for words, ids in pairs)
    late = trials.events.filter(pl.col("day") >= pl.col("day").max() - pl.duration(days=30))
    drawn = late[np.random.default_rng(seed).integers(0, late.height, N_WORKS)]
    work = Work(*(drawn[name].to_numpy() for name in ("context", "category", "level")))
    day = shape.n_days - 1
    born = np.flatnonzero(w.is_born(day)[agents])
    if kind == CALL:
        truth = w.p_all(places[work.context], categories[work.category], work.level, day)[:, agents]
    else:
        truth = w.p_solve(agents, places[work.context][:, None], day)
    choice = chosen(model, work, born)[OURS]
    of_choice = truth[np.arange(N_WORKS), choice.agent]
    row = np.repeat(np.arange(N_WORKS), born.size)
    told = model.success(np.tile(born, N_WORKS), work.context[row], work.category[row], work.level[row])
    true, z = truth[:, born].ravel(), NormalDist().inv_cdf(0.9)
    i, j = np.triu_indices(len(agents), 1)
    skill, rated = w.true_skill(day)[agents], model.overall().mean
    return [
        float(of_choice.mean()),
        float((choice.claimed - of_choice).mean()),
        float(np.sqrt(((told.p() - true) ** 2).mean())),
        float(((told.quantile(-z) <= true) & (true <= told.quantile(z))).mean()),
        float((np.sign(skill[i] - skill[j]) * np.sign(rated[i] - rated[j])).mean()),
    ]


if __name__ == "__main__":
    main()
