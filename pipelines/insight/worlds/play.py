"""The history of a synthetic world: who called whom for what and how it ended, as the game's own tables.

Users choose among the agents alive by popularity x taste x a little skill: each pair (user, agent) is a Poisson stream
of constant rate from the agent's birth on. The category is drawn by the user's mix, tilted to what the agent is good
at; the difficulty by the common mix, tilted by the leanings of agent and user to easy work (`self_selection`).

Here: draws from a world. Not here: its truth (world.py).
"""

import datetime as dt
from collections.abc import Mapping

import numpy as np
import polars as pl

from pipelines.game.calls import AGENT_CALLS
from pipelines.game.contract import Table
from pipelines.game.facts import TASKS
from pipelines.game.records import COMPLEXITIES, DIFFICULTIES
from pipelines.game.submissions import SUBMISSIONS
from pipelines.game.tables import TABLES
from pipelines.insight.worlds.world import FIRST_DAY, N_DIFFICULTIES, Floats, Wholes, World

_DAY_S = 86_400
_MEAN_LAG_S, _LONGEST_LAG_S = 1.5 * _DAY_S, 7 * _DAY_S  # of late verdicts
_TILT = 0.5  # how far an agent gets the categories it is good at
_CALLS, _SUBMISSIONS = 1, 2  # streams of one seed, so that neither table depends on the other's size


def play(world: World) -> pl.DataFrame:
    """The table `agent_calls` as of the world's end: `n_events` rows, all of their verdicts known by then."""
    n, s = np.random.default_rng([world.seed, _CALLS]), world.shape
    activity = n.gamma(2.0, size=s.n_users)
    pull = np.exp(s.taste_pull * world.taste + s.skill_pull * world.skill)
    pair = _drawn(n, activity[:, None] * pull * world.popularity * _life(world), s.n_events)
    user, agent = np.divmod(pair, s.n_agents)
    day = _days(n, world, agent)
    order = np.lexsort((day, user))
    user, agent, day = user[order], agent[order], day[order]

    category = _chosen(n, world.user_mix[user] * np.exp(_TILT * world.own)[agent])
    by_agent = np.asarray(s.difficulty_mix) * _easy(s.self_selection * world.lean)
    difficulty = _chosen(n, by_agent[agent] * _easy(s.self_selection * world.user_lean)[user])
    success = n.random(s.n_events) < world.p_success(user, agent, category, difficulty, day)
    seconds = np.floor(day * _DAY_S).astype(np.int64)
    known = np.minimum(seconds + _lags(n, s.n_events, s.late_verdicts), s.n_days * _DAY_S)
    calls = _numbered("call", seconds)
    duration = np.exp(3 + 0.6 * difficulty + 0.5 * n.standard_normal(s.n_events)).round(1)
    return _filled(
        AGENT_CALLS,
        {
            "call_id": calls,
            "event_id": calls,
            "at": _instants(seconds),
            "known_at": _instants(known),
            "user_id": _texts(world.users, user),
            "agent_id": _texts(world.agents, agent),
            "team_id": _texts(world.teams, world.team_of_user[user]),
            "action_type": pl.repeat("task_completion", s.n_events, eager=True),
            "success": pl.Series(success),
            "success_source": pl.repeat("verdict", s.n_events, eager=True),
            "complexity": _texts(COMPLEXITIES, difficulty),
            "category": _texts(world.categories, category),
            "duration_s": pl.Series(duration),
        },
    ).sort("user_id", "at", "event_id")


def play_submissions(world: World) -> dict[str, pl.DataFrame]:
    """The tables `tasks` and `submissions` as of the world's end: `n_submissions` tries of agents at tasks.

    A try after the agent's first solve is not counted; one whose verdict would come after the end is pending.
    """
    n, s = np.random.default_rng([world.seed, _SUBMISSIONS]), world.shape
    fame = n.gamma(2.0, size=s.n_tasks)
    choice = _easy(s.self_selection * world.lean)[:, world.task_label] * fame
    choice *= (world.popularity * _life(world))[:, None] / choice.sum(axis=1, keepdims=True)
    agent, task = np.divmod(_drawn(n, choice, s.n_submissions), s.n_tasks)
    day = _days(n, world, agent)
    order = np.lexsort((day, agent))
    agent, task, day = agent[order], task[order], day[order]
    solves = n.random(s.n_submissions) < world.p_solve(agent, task, day)
    seconds = np.floor(day * _DAY_S).astype(np.int64)
    judged = seconds + _lags(n, s.n_submissions, s.late_verdicts)
    known = pl.Series(judged < s.n_days * _DAY_S)
    ids = _numbered("submission", seconds)
    owner = world.team_of_user[np.arange(s.n_agents) % s.n_users]
    submissions = pl.DataFrame(
        {
            "submission_id": ids,
            "event_id": ids,
            "agent_id": _texts(world.agents, agent),
            "task_id": _texts(world.tasks, task),
            "problem": _texts(world.categories, world.task_problem[task]),
            "submitted_at": _instants(seconds),
            "judged_at": _instants(judged),
            "solves": pl.Series(solves),
            "team_id": _texts(world.teams, owner[agent]),
            "user_id": _texts(world.users, agent % s.n_users),
        }
    ).with_columns(
        verdict=pl.when(~known)
        .then(pl.lit("pending"))
        .when("solves")
        .then(pl.lit("verified"))
        .otherwise(pl.lit("rejected")),
        judged_at=pl.when(known).then("judged_at"),
        at=pl.when(known).then("judged_at").otherwise("submitted_at"),
        counted_at="submitted_at",
        is_unresolved=pl.lit(value=False),
    )
    submissions = submissions.sort(SUBMISSIONS.sort_by).with_columns(is_solve=pl.col("verdict") == "verified")
    solved_before = (pl.col("is_solve").cum_sum() - pl.col("is_solve")).over("agent_id", "task_id") > 0
    submissions = submissions.with_columns(is_counted=(pl.col("verdict") != "pending") & ~solved_before)
    tasks = {
        "task_id": pl.Series(world.tasks),
        "event_id": pl.Series(world.tasks),
        "at": _instants(np.zeros(s.n_tasks, np.int64)),
        "problem": _texts(world.categories, world.task_problem),
        "task_type": pl.repeat("verify", s.n_tasks, eager=True),
        "difficulty": _texts(DIFFICULTIES, world.task_label),
    }
    return {"tasks": _filled(TASKS, tasks), "submissions": _filled(SUBMISSIONS, submissions.to_dict())}


def tables_of(calls: pl.DataFrame | None = None, **others: pl.DataFrame) -> dict[str, pl.LazyFrame]:
    """All tables of the game by name, empty but those given: `tables_of(play(w), **play_submissions(w))`."""
    given = others if calls is None else {"agent_calls": calls, **others}
    return {name: given[name].lazy() if name in given else table.empty().lazy() for name, table in TABLES.items()}


def _life(world: World) -> Floats:
    """The share of the world's days that each agent lives."""
    life: Floats = 1 - world.born_on / world.shape.n_days
    return life


def _days(n: np.random.Generator, world: World, agent: Wholes) -> Floats:
    born = world.born_on[agent]
    days: Floats = born + n.random(len(agent)) * (world.shape.n_days - born)
    return days


def _easy(lean: Floats) -> Floats:
    """Odds of each difficulty for leanings to easy work: (n, difficulties)."""
    odds: Floats = np.exp(lean[:, None] * (1.5 - np.arange(N_DIFFICULTIES)))
    return odds


def _drawn(n: np.random.Generator, weights: Floats, size: int) -> Wholes:
    """`size` flat indices drawn by weights, ascending: draws in order make the search one walk through memory."""
    upto = weights.ravel().cumsum()
    found = np.searchsorted(upto, np.sort(n.random(size)) * upto[-1], side="right")
    drawn: Wholes = np.minimum(found, len(upto) - 1).astype(np.int64)
    return drawn


def _chosen(n: np.random.Generator, weights: Floats) -> Wholes:
    """One column for each row of weights."""
    upto = weights.cumsum(axis=1)
    chosen: Wholes = (upto[:, :-1] <= (n.random(len(upto)) * upto[:, -1])[:, None]).sum(axis=1)
    return chosen


def _lags(n: np.random.Generator, size: int, late: float) -> Wholes:
    """Seconds from work to verdict: seconds to minutes for most, hours to days for the late ones."""
    lag = n.exponential(60.0, size) + (n.random(size) < late) * n.exponential(_MEAN_LAG_S, size)
    lags: Wholes = np.minimum(lag, _LONGEST_LAG_S).astype(np.int64)
    return lags


def _numbered(word: str, seconds: Wholes) -> pl.Series:
    """Ids in the order of time, of one width: their order as texts is the order of events."""
    rank = np.empty(len(seconds), np.int64)
    rank[np.argsort(seconds, kind="stable")] = np.arange(len(seconds))
    return pl.format(word + "-{}", pl.lit(pl.Series(rank + 10**8)).cast(pl.String)).pipe(pl.select).to_series()


def _texts(words: list[str] | tuple[str, ...], numbers: Wholes) -> pl.Series:
    return pl.Series(words, dtype=pl.String).gather(numbers)


def _instants(seconds: Wholes) -> pl.Series:
    first = dt.datetime.combine(FIRST_DAY, dt.time())
    return pl.Series(np.datetime64(first, "us") + (seconds * 10**6).astype("m8[us]")).dt.replace_time_zone("UTC")


def _filled(table: Table, columns: Mapping[str, pl.Series]) -> pl.DataFrame:
    """A table of these columns; the rest of its contract is null."""
    frame = pl.DataFrame(columns)
    missing = [pl.lit(None, c.dtype).alias(c.name) for c in table.columns if c.name not in frame.columns]
    return table.shape(frame.with_columns(missing))
