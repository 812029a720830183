"""The model of skill on a world whose truth is known: `python benchmarks/insight_measure.py [--calls N] [--agents N]`.

Calls of a synthetic world are made once; then each rival, in a fresh process, learns from them whom to choose for work
that the world's users have, and is told apart by the true success of its choices. With scikit-learn in the environment
(`uv run --with scikit-learn python ...`) a ridge-penalised logistic regression over the same terms is a rival too.
Not here: the world (pipelines/insight/worlds/world.py), how a process is measured (processes.py).
"""

import argparse
import importlib.util
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from processes import Measured, run, say

N_CONTEXTS = 400
SEED = 1


def main() -> None:
    chosen = _arguments()
    if chosen.rival:
        print(json.dumps(learn(chosen.rival, Path(chosen.calls_file), _shape(chosen))))
        return
    with tempfile.TemporaryDirectory() as folder:
        calls = Path(folder) / "calls.parquet"
        say(f"playing {chosen.calls:,} calls of {chosen.agents:,} agents")
        made(calls, _shape(chosen))
        words = ("--calls", str(chosen.calls), "--agents", str(chosen.agents), "--users", str(chosen.users))
        results = {}
        for rival in RIVALS:
            if rival == "ridge" and importlib.util.find_spec("sklearn") is None:
                say("scikit-learn is not installed: the ridge is left out")
                continue
            say(rival)
            results[rival] = run("insight_measure.py", rival, "--calls-file", str(calls), *words)
        print(report(results))


def made(path: Path, shape: dict[str, int]) -> None:
    """Play the world's calls into a file."""
    from pipelines.insight.worlds.play import play
    from pipelines.insight.worlds.world import WorldShape, world

    play(world(SEED, WorldShape(**shape))).write_parquet(path)


def learn(rival: str, calls: Path, shape: dict[str, int]) -> dict[str, Any]:
    """Let a rival learn and choose: seconds of learning, and the true success of its choices beside the best ones."""
    import numpy as np
    import polars as pl

    from pipelines.game.rulebook import load_rulebook
    from pipelines.insight.evidence import CALL, Evidence
    from pipelines.insight.skill.trials import Trials
    from pipelines.insight.worlds.play import tables_of
    from pipelines.insight.worlds.world import WorldShape, world

    frame = pl.read_parquet(calls)
    truth = world(SEED, WorldShape(**shape))
    evidence = Evidence(tables_of(frame), load_rulebook(), truth.as_of)
    begin = time.perf_counter()
    trials = Trials.of(evidence, CALL)
    choose = RIVALS[rival](trials)
    seconds = time.perf_counter() - begin
    rows = trials.events[np.random.default_rng(SEED).integers(0, trials.events.height, N_CONTEXTS)]
    context, category, level = (rows[name].to_numpy() for name in ("context", "category", "level"))
    of_world = [np.array([int(name.split("-")[1]) - 1 for name in ids]) for ids in (trials.agents, trials.contexts)]
    success = truth.p_all(of_world[1][context], category, level, truth.shape.n_days - 1)
    known = success[:, of_world[0]]
    score = choose(context, category, level)
    best = known[np.arange(N_CONTEXTS), score.argmax(axis=1)].mean()
    return {"seconds": seconds, "choice": best, "oracle": known.max(axis=1).mean(), "random": known.mean()}


def _ours(trials: Any) -> Callable[..., Any]:
    import numpy as np

    from pipelines.insight.skill.model import SkillModel

    model = SkillModel.of(trials)
    n = trials.agents.len()
    model.overall()

    def score(context: Any, category: Any, level: Any) -> Any:
        each = [
            model.success(np.arange(n), *(np.full(n, part[row]) for part in (context, category, level))).p()
            for row in range(context.size)
        ]
        return np.stack(each)

    return score


def _rates(trials: Any) -> Callable[..., Any]:
    """Raw success by agent and kind of work, as a GROUP BY gives it."""
    import numpy as np
    import polars as pl

    rates = trials.events.group_by("agent", "category", "level").agg(pl.col("success").mean())
    table = np.full((trials.agents.len(), trials.n_categories, 5), -1.0)
    table[tuple(rates[name].to_numpy() for name in ("agent", "category", "level"))] = rates["success"].to_numpy()
    return lambda context, category, level: table[:, category, level].T


def _wilson(trials: Any) -> Callable[..., Any]:
    """The Wilson lower bound by agent and category."""
    import numpy as np
    import polars as pl

    counted = trials.events.group_by("agent", "category").agg(pl.len(), pl.col("success").sum())
    place = tuple(counted[name].to_numpy() for name in ("agent", "category"))
    n, p = counted["len"].to_numpy(), counted["success"].to_numpy() / counted["len"].to_numpy()
    z = 1.959963984540054
    table = np.full((trials.agents.len(), trials.n_categories), -1.0)
    table[place] = (p + z * z / (2 * n) - z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)
    return lambda context, category, level: table[:, category].T


def _ridge(trials: Any) -> Callable[..., Any]:
    """scikit-learn's logistic regression over one-hot terms: agent, agent x category, agent x level, cell, user."""
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    a, c, u = trials.agents.len(), trials.n_categories, trials.contexts.len()
    events = trials.events

    def design(agent: Any, category: Any, level: Any, context: Any) -> Any:
        terms = [agent, a + agent * c + category, a + a * c + agent * 5 + level]
        terms += [a + a * c + a * 5 + category * 5 + level, a + a * c + a * 5 + c * 5 + context]
        columns = np.stack(terms, axis=1).ravel()
        rows = np.arange(0, columns.size + 1, len(terms))
        return csr_matrix((np.ones(columns.size), columns, rows), shape=(agent.size, a + a * c + a * 5 + c * 5 + u))

    parts = [events[name].to_numpy() for name in ("agent", "category", "level", "context")]
    fitted = LogisticRegression(C=1.0, max_iter=200).fit(design(*parts), events["success"].to_numpy())

    def score(context: Any, category: Any, level: Any) -> Any:
        every = np.arange(a)
        each = [
            fitted.decision_function(design(every, *(np.full(a, part[row]) for part in (category, level, context))))
            for row in range(context.size)
        ]
        return np.stack(each)

    return score


RIVALS: dict[str, Callable[[Any], Callable[..., Any]]] = {
    "ours": _ours,
    "ridge": _ridge,
    "wilson": _wilson,
    "rates": _rates,
}


def report(results: dict[str, Measured]) -> str:
    """The results in Markdown."""
    ours = results["ours"]
    lines = [
        "| rival | wall s | ours = 1 | CPU s | peak GiB | true success of its choice |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for rival, held in results.items():
        figures = (f"{held.wall:.2f}", f"{held.wall / ours.wall:.2f}", f"{held.cpu:.1f}", f"{held.peak_gib:.2f}")
        lines.append(f"| {rival} | {' | '.join(figures)} | {held.result['choice']:.3f} |")
    best, chance = ours.result["oracle"], ours.result["random"]
    return "\n".join([*lines, "", f"The best choice would succeed in {best:.3f}, a random one in {chance:.3f}."])


def _shape(chosen: argparse.Namespace) -> dict[str, int]:
    return {"n_events": chosen.calls, "n_agents": chosen.agents, "n_users": chosen.users, "n_categories": 8}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rival", nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("--calls-file", help=argparse.SUPPRESS)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--agents", type=int, default=10_000)
    parser.add_argument("--users", type=int, default=1_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
