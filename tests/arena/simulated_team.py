"""Teams made up from a seed: enough of a season for a pseudonym to have something to betray.

Effort is spread as in real teams: most did little, a few did much, by a log-normal law. Not here: what attackers
do with what is told of them (benchmarks/arena_profile_attacks.py).
"""

import datetime as dt
from collections.abc import Iterator
from copy import copy

import numpy as np
import polars as pl

from pipelines.arena.policy import load_policy
from pipelines.game.calls import AGENT_CALLS
from pipelines.game.contract import Table
from pipelines.game.facts import TASKS
from pipelines.game.submissions import SUBMISSIONS
from pipelines.game.tables import TABLES
from pipelines.store.generation import Generation

START = dt.datetime(2024, 9, 2)  # noqa: DTZ001 - naive UTC, a Monday
N_DAYS, DAY_S = 77, 86_400
LAST_DAY = START.date() + dt.timedelta(days=N_DAYS - 1)  # a Sunday
AGENTS = [*load_policy().words.agents[:20], "house-linter", "house-poet"]  # the last two are no public words
COMPLEXITIES = ["simple", "medium", "complex", "expert"]
N_TASKS = 120


class Team(Generation):
    """Tasks, submissions and calls of `n_owners` people over eleven weeks; every other one has a solving agent.

    Another seed, other people: they bear its number. Tasks and agents are the same.
    """

    def __init__(self, n_owners: int, seed: int) -> None:
        dice = np.random.default_rng(seed)
        self.owners = pl.Series("owner_id", [f"u-{seed}-{n:03}" for n in range(n_owners)])
        self._tables = {
            "tasks": _tasks(),
            "submissions": _submissions(self.owners, dice, seed),
            "agent_calls": _calls(self.owners, dice, seed),
        }
        as_of = (START + dt.timedelta(days=N_DAYS + 3)).isoformat() + "Z"
        self.manifest = {"tables": dict.fromkeys(self._tables), "as_of": as_of, "created_at": as_of}

    def table(self, name: str) -> pl.LazyFrame:
        """A table of facts."""
        return self._tables[name].lazy()

    def without(self, owner_id: str) -> "Team":
        """The same team, had one of them never been there."""
        rows = {name: table.filter(pl.col("user_id").ne_missing(owner_id)) for name, table in self._done()}
        return self._with(self.owners.filter(self.owners != owner_id), rows)

    def beside(self, others: "Team") -> "Team":
        """Both as one team, at the same tasks and with the same agents."""
        rows = {name: pl.concat([table, others._tables[name]]) for name, table in self._done()}
        return self._with(pl.concat([self.owners, others.owners]), rows)

    def _done(self) -> Iterator[tuple[str, pl.DataFrame]]:
        return ((name, table) for name, table in self._tables.items() if name != "tasks")

    def _with(self, owners: pl.Series, rows: dict[str, pl.DataFrame]) -> "Team":
        other = copy(self)
        other.owners = owners
        other._tables = {name: rows.get(name, table).sort(TABLES[name].sort_by) for name, table in self._tables.items()}
        return other


def _calls(owners: pl.Series, dice: np.random.Generator, seed: int) -> pl.DataFrame:
    """A few favourite agents each, and a skill of one's own."""
    n_calls = np.clip(dice.lognormal(4, 1, len(owners)), 1, 1500).astype(int)
    user = np.repeat(np.arange(len(owners)), n_calls)
    favourites = dice.dirichlet(np.full(len(AGENTS), 0.1), len(owners)).cumsum(axis=1)
    agent = (favourites[user] < dice.random(len(user))[:, None]).sum(axis=1).clip(0, len(AGENTS) - 1)
    skill, hard = dice.beta(6, 2, len(owners)), dice.choice(4, len(user), p=[0.3, 0.4, 0.2, 0.1])
    return _frame(
        AGENT_CALLS,
        call_id=_named(f"c-{seed}-", len(user)),
        at=_instants(dice, len(user)),
        user_id=owners.gather(user),
        agent_id=pl.Series(AGENTS).gather(agent),
        action_type=pl.Series(["task_completion", "error_resolution"]).gather(dice.integers(0, 2, len(user))),
        success=pl.Series(dice.random(len(user)) < skill[user]),
        complexity=pl.Series(COMPLEXITIES).gather(hard),
        duration_s=pl.Series(dice.lognormal(4, 1, len(user))),
        response_quality=pl.Series(dice.beta(5, 2, len(user))),
    ).with_columns(known_at="at")


def _submissions(owners: pl.Series, dice: np.random.Generator, seed: int) -> pl.DataFrame:
    n_tries = np.clip(dice.lognormal(3, 1, len(owners)), 1, 300).astype(int)
    n_tries[1::2] = 0
    user = np.repeat(np.arange(len(owners)), n_tries)
    skill = dice.beta(4, 3, len(owners))
    return _frame(
        SUBMISSIONS,
        submission_id=_named(f"s-{seed}-", len(user)),
        at=_instants(dice, len(user)),
        agent_id=_named("solver-", len(owners)).gather(user),
        task_id=_named("t-", N_TASKS).gather(dice.integers(0, N_TASKS, len(user))),
        user_id=owners.gather(user).set(pl.Series(dice.random(len(user)) < 0.05), None),  # some name nobody
        verdict=pl.Series(["rejected", "verified"]).gather((dice.random(len(user)) < skill[user]).astype(int)),
        is_counted=False,
        is_unresolved=False,
    ).with_columns(submitted_at="at", judged_at="at")


def _tasks() -> pl.DataFrame:
    return _frame(
        TASKS,
        task_id=_named("t-", N_TASKS),
        at=START,
        problem=pl.Series(["collatz", "erdos-straus", "house-problem", "collatz"] * (N_TASKS // 4)),
        task_type="verify",
        difficulty=pl.Series(["easy", "medium", "hard"] * (N_TASKS // 3)),
    )


def _named(letters: str, n: int) -> pl.Series:
    return pl.Series([f"{letters}{number:06}" for number in range(n)], dtype=pl.String)


def _instants(dice: np.random.Generator, n: int) -> pl.Series:
    """More of them late than early."""
    micros = np.floor(N_DAYS * DAY_S * dice.random(n) ** 0.8) * 1_000_000
    return START + pl.Series(micros.astype(np.int64)).cast(pl.Duration("us"))


def _frame(table: Table, **columns: object) -> pl.DataFrame:
    """A published table of these columns; its first names the event, and what is not told is null."""
    first, *_ = columns.values()
    told = {"event_id": pl.lit(first), **{name: pl.lit(values) for name, values in columns.items()}}
    blank = [pl.lit(None).alias(name) for name in table.schema if name not in told]
    return table.shape(pl.select(**told).with_columns(blank)).sort(table.sort_by)
