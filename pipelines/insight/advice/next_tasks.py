"""Which task an agent could try next: for points, for a stretch, for what it would tell, and what nobody has solved.

Here: the table `task_recommendations`. Expected points are a chance times a price: the price is the game's, the chance
is measured without it. Not here: how hard tasks are (skill/task_difficulty.py), which agent to use (recommend.py).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.game.contract import NUMBER, TEXT, WHOLE, Column, Table
from pipelines.game.points import task_awards
from pipelines.game.records import DIFFICULTIES
from pipelines.insight.advice.because import chance
from pipelines.insight.evidence import Evidence
from pipelines.insight.normal import Z_80
from pipelines.insight.skill.estimates import Estimate, sigmoid
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.task_difficulty import tasks_as_coded, tries
from pipelines.insight.skill.terms import HARDNESS
from pipelines.insight.skill.trials import Codes, Numbers

SLOTS = ("expected_points", "stretch", "informative", "unsolved")
PLACES = 3  # of each slot
STRETCH = (0.35, 0.65)  # chances that are neither safe nor hopeless
MAX_CHANCES = 10_000_000  # agents x tasks; of more agents those who tried something last
AT_ONCE = 500_000

TASK_RECOMMENDATIONS = Table(
    name="task_recommendations",
    grain="One row per agent, slot and place: a task that it has not solved and could try next",
    columns=(
        Column("agent_id", TEXT, "the agent"),
        Column("slot", TEXT, "why it is worth a try", words=SLOTS),
        Column("place", WHOLE, "from 1, the best of its slot", low=1, high=PLACES),
        Column("task_id", TEXT, "the task"),
        Column("problem", TEXT, "its problem family"),
        Column("difficulty", TEXT, "how hard it is said to be", words=DIFFICULTIES),
        Column("p_solve", NUMBER, "chance of a verified try", low=0, high=1),
        Column("p_lo80", NUMBER, "lower end of its 80 % interval", low=0, high=1),
        Column("p_hi80", NUMBER, "upper end of it", low=0, high=1),
        Column("expected_points", NUMBER, "chance x points of the task, first-solver bonus included", low=0),
        Column("n_attempts_task", WHOLE, "counted submissions to the task, of all agents", low=0),
        Column("n_attempts_agent", WHOLE, "counted submissions of the agent to tasks of its problem", low=0),
        Column("reason_text", TEXT, "the reason, for a person"),
    ),
    sort_by=("agent_id", "slot", "place"),
)


@dataclass(frozen=True)
class _Tasks:
    """The tasks as arrays, each as long as the frame: ease is the average agent's logit."""

    frame: pl.DataFrame
    ease: Estimate
    kind: Codes  # of work: category x level, a row of `kinds`
    points: Numbers
    is_unsolved: Numbers


@dataclass(frozen=True)
class _Tried:
    """What agents have tried, an element per agent and task, sorted: row of the agent, row of the task, whether it
    was solved.
    """

    row: Codes
    task: Codes
    is_solved: NDArray[np.bool_]

    @classmethod
    def of(cls, tries: pl.DataFrame, agents: Codes) -> "_Tried":
        """Of all known tasks. `tries`: see `_tries`; `agents`: sorted codes."""
        rows = pl.DataFrame({"agent": agents, "row": np.arange(agents.size)})
        tried = tries.join(rows, on="agent").sort("row", "task")
        return cls(*(column.to_numpy() for column in tried.select("row", "task", "is_solved")))

    def of_rows(self, first: int, end: int) -> "_Tried":
        """Of some agents, with their rows counted from 0."""
        part = slice(*np.searchsorted(self.row, [first, end]))
        return _Tried(self.row[part] - first, self.task[part], self.is_solved[part])


def task_recommendations(evidence: Evidence, model: SkillModel | None) -> pl.DataFrame:
    """The best tasks of each slot for every agent that tried something within trials.ACTIVE_DAYS.

    `model`: of submissions; None where there are none.
    """
    if model is None:
        return TASK_RECOMMENDATIONS.empty()
    coded = tasks_as_coded(evidence, model)
    agents = _advised(model, coded.height)
    if not agents.size:
        return TASK_RECOMMENDATIONS.empty()
    tries = _tries(evidence, model, coded)
    tasks, kinds = _tasks(evidence, model, coded, tries)
    tried = _Tried.of(tries, agents)
    step = max(AT_ONCE // max(coded.height, 1), 1)
    starts = range(0, agents.size, step)
    chosen = pl.concat(
        _of_agents(model, tasks, kinds, agents[n : n + step], tried.of_rows(n, n + step)) for n in starts
    )
    if chosen.is_empty():
        return TASK_RECOMMENDATIONS.empty()
    told = chosen.with_columns(
        tasks.frame.select("task_id", "problem", "difficulty", n_attempts_task="n")[chosen["task"]],
        agent_id=model.trials.agents.gather(chosen["agent"]),
    ).join(_experience(model), on=["agent", "problem"], how="left", maintain_order="left")
    told = told.with_columns(pl.col("n_attempts_agent").fill_null(0)).sort("agent_id", "slot", "place")
    return TASK_RECOMMENDATIONS.shape(told.with_columns(reason_text=_reason()))


def _advised(model: SkillModel, n_tasks: int) -> Codes:
    """The agents that are advised, by number."""
    last = model.trials.recent.group_by("agent").agg(pl.col("day").max())
    last = last.sort("day", "agent", descending=[True, False])
    return last.head(MAX_CHANCES // max(n_tasks, 1))["agent"].sort().to_numpy()


def _tries(evidence: Evidence, model: SkillModel, coded: pl.DataFrame) -> pl.DataFrame:
    """Who has tried what: agent (code), task (a row of `coded`), is_solved; also solves too old to be learned from."""
    places = coded.lazy().select("task_id", "context").with_row_index("task")
    tries = model.trials.events.lazy().group_by("agent", "context").agg(is_solved=pl.col("success").max() == 1)
    found = [tries.join(places, on="context").select("agent", "task", "is_solved")]
    if model.trials.since is not None:
        codes = pl.LazyFrame({"agent_id": model.trials.agents}).with_row_index("agent")
        solves = evidence.tables["submissions"].filter(pl.col("is_counted") & (pl.col("verdict") == "verified"))
        known = solves.join(codes, on="agent_id").join(places, on="task_id")
        found.append(known.select(pl.col("agent").cast(pl.Int64), "task", is_solved=pl.lit(value=True)))
    return pl.concat(found).group_by("agent", "task").agg(pl.col("is_solved").any()).collect()


def _tasks(evidence: Evidence, model: SkillModel, coded: pl.DataFrame, tries: pl.DataFrame) -> tuple[_Tasks, Codes]:
    """The tasks, and the kinds of work among them as category x len(HARDNESS) + level."""
    context, category, level = (coded[name].to_numpy() for name in ("context", "category", "level"))
    events = model.trials.events
    n = np.bincount(events["context"], minlength=model.trials.contexts.len())
    is_tried = context >= 0
    is_unsolved = np.ones(context.size, bool)
    is_unsolved[tries.filter("is_solved")["task"].to_numpy()] = False
    worth = task_awards(coded.rename({"points": "task_points"}), evidence.rules.points)
    is_pattern = worth["is_pattern"].to_numpy()
    award = np.where(is_pattern, evidence.rules.points.pattern_insight[0], worth["task_award"].to_numpy())
    ease, own = model.ease(category, level), model.context(context)
    kinds, kind = np.unique(category * HARDNESS.size + level, return_inverse=True)
    frame = coded.with_columns(n=pl.Series(np.where(is_tried, n[context], 0).astype(np.int64)))
    both = Estimate(ease.mean + own.mean, np.sqrt(ease.sd**2 + own.sd**2))
    points = award + np.where(is_unsolved, evidence.rules.points.first_solver, 0)
    return _Tasks(frame, both, kind, points.astype(np.float64), is_unsolved), kinds


def _of_agents(model: SkillModel, tasks: _Tasks, kinds: Codes, agents: Codes, tried: _Tried) -> pl.DataFrame:
    """The choices for some agents: agent, slot, place, task (a row of the tasks), p_solve, p_lo80, p_hi80, expected.

    `tried`: its rows are those of `agents`.
    """
    skill = _skills(model, kinds, agents)
    mean = skill.mean[:, tasks.kind] + tasks.ease.mean
    variance = skill.sd[:, tasks.kind] ** 2 + tasks.ease.sd**2 + model.spreads.pair**2
    is_open = np.ones(mean.shape, bool)
    row, task = tried.row, tried.task
    pair = model.pair(agents[row], tasks.frame["context"].to_numpy()[task])
    mean[row, task] += pair.mean
    variance[row, task] += pair.sd**2 - model.spreads.pair**2
    is_open[row[tried.is_solved], task[tried.is_solved]] = False
    chance = sigmoid(mean / np.sqrt(1 + np.pi / 8 * variance))
    expected = chance * tasks.points
    within = (chance >= STRETCH[0]) & (chance <= STRETCH[1])
    wanted = {
        "expected_points": np.where(is_open, expected, -np.inf),
        "stretch": np.where(is_open & within, expected, -np.inf),
        "informative": np.where(is_open, chance * (1 - chance) * skill.sd[:, tasks.kind] ** 2, -np.inf),
        "unsolved": np.where(is_open & tasks.is_unsolved, chance, -np.inf),
    }
    best = [_best(score) for score in wanted.values()]
    row, task, place = (np.concatenate(part) for part in zip(*best, strict=True))
    slot = np.repeat(SLOTS, [part[0].size for part in best])
    logit = Estimate(mean[row, task], np.sqrt(variance[row, task]))
    low, high = logit.ends(Z_80)
    values = {
        "p_solve": chance[row, task],
        "p_lo80": low,
        "p_hi80": high,
        "expected_points": expected[row, task],
    }
    told = {name: np.round(held, 6) for name, held in values.items()}
    return pl.DataFrame({"agent": agents[row], "slot": slot, "place": place, "task": task, **told})


def _best(score: Numbers) -> tuple[Codes, Codes, Codes]:
    """Row, task and place of the best tasks of each row by a score, which is used up; -inf: not at all.

    Of equals the one with the first id. One look for each place takes a tenth of the time of sorting.
    """
    found = []
    rows = np.arange(score.shape[0])
    for place in range(1, PLACES + 1):
        task = score.argmax(axis=1)
        is_one = np.isfinite(score[rows, task])
        score[rows, task] = -np.inf
        found.append((rows[is_one], task[is_one], np.full(int(is_one.sum()), place)))
    row, task, place_of = (np.concatenate(part) for part in zip(*found, strict=True))
    return row, task, place_of


def _skills(model: SkillModel, kinds: Codes, agents: Codes) -> Estimate:
    """The skill of agents at kinds of work: agent x kind."""
    agent, kind = np.repeat(agents, kinds.size), np.tile(kinds, agents.size)
    category, level = kind // HARDNESS.size, kind % HARDNESS.size
    skill, spot = model.in_category(agent, category, HARDNESS[level]), model.spot(agent, category, level)
    mean, sd = skill.mean + spot.mean, np.sqrt(skill.sd**2 + spot.sd**2)
    return Estimate(mean.reshape(agents.size, kinds.size), sd.reshape(agents.size, kinds.size))


def _experience(model: SkillModel) -> pl.DataFrame:
    """Counted submissions by agent and problem: agent, problem, n_attempts_agent."""
    counted = model.trials.events.group_by("agent", "category").agg(n_attempts_agent=pl.len().cast(pl.Int64))
    return counted.select("agent", "n_attempts_agent", problem=model.trials.categories.gather(counted["category"]))


def _reason() -> pl.Expr:
    """What a row says, of the model's own terms; ids are untrusted and stand in columns of their own."""
    solves = pl.format("{} % (80 %: {} to {})", chance("p_solve"), chance("p_lo80"), chance("p_hi80"))
    price = pl.format("{} points expected", pl.col("expected_points").round(1))
    known = (
        pl.when(pl.col("n_attempts_task") == 0)
        .then(pl.lit("Nobody has tried it, so its label is all there is to go by"))
        .otherwise(pl.format("{} so far, of all agents", tries("n_attempts_task")))
    )
    own = (
        pl.when(pl.col("n_attempts_agent") == 0)
        .then(pl.lit("no try of its own at this problem: judged by its other work"))
        .otherwise(pl.format("{} of its own at this problem", tries("n_attempts_agent")))
    )
    why = pl.col("slot").replace_strict(
        {
            "expected_points": "the most points for the chance",
            "stretch": "neither safe nor hopeless",
            "informative": "its outcome would tell most about the agent",
            "unsolved": "nobody has solved it yet",
        }
    )
    return pl.format("{}: {} to solve it, {}. {}; {}.", why, solves, price, known, own)
