"""A season of any size as native NDJSON: `python benchmarks/generate.py --rows 1_000_000 --out season.jsonl`.

Here: believable skew, made in chunks of whole columns, so that memory holds one chunk and the same seed gives the same
bytes. For N submissions: N/200 agents by Zipf's law (at most 50,000), N/20 tasks (at most 500,000), 365 days; instants
that tie (also within an agent), 70 % verified, 25 % rejected, 3 % pending, the rest void, 1 % corrected later, retries
and repeats after a solve. Not here: the same season as integer-coded facts (facts.py); the small season that people
look at (pipelines/sources/sample.py), which has days, nights and broken lines.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

CHUNK = 500_000  # submissions: about 500 MB of memory
MOST_AGENTS, MOST_TASKS = 50_000, 500_000  # a larger season is a busier one, not one of more people
DAY_US = 86_400 * 10**6
SPAN_US = 365 * DAY_US
BEGIN_US = 1_735_689_600 * 10**6  # 2025-01-01T00:00:00Z, from which all instants here are counted
PROBLEMS = ("collatz", "erdos-straus", "goldbach", "twin-primes", "sidon-sets", "ramsey", "golomb", "happy-ending")
TYPES = ("compute", "verify", "search", "pattern", "extend")
DIFFICULTIES = ("easy", "medium", "hard", "extreme")
MODELS = ("opal-3", "opal-4", "larch-large", "larch-small", "tern-2")
VERDICTS = ("verified", "rejected", "pending", "void")
VERDICT_SHARES = (0.70, 0.25, 0.03, 0.02)
TIES = 0.02  # of the submissions: same agent, same instant as the one before
CORRECTED = 0.01
FOUND = 0.05  # of the searches
TRIES_A_SPELL = 4  # an agent's time is cut into spells of about so many tries, ...
TASKS_A_SPELL = 3  # ... and in one spell it has so many tasks at hand: hence retries and repeats
SCRAMBLE, ID_SPACE = 7_368_787_813, 10**10  # coprime: numbers to ids without an order, none twice


def generate(rows: int, out: Path, seed: int = 1, n_agents: int | None = None) -> int:
    """Write `rows` submissions (with their corrections and tasks) to `out`; gives back the number of lines."""
    tasks = all_tasks(rows, seed)
    n_lines = tasks.height
    with out.open("wb") as file:
        _write(file, _task_lines(tasks))
        for records in chunks_of_records(rows, seed, tasks, n_agents=n_agents):
            _write(file, _submission_lines(records))
            n_lines += records.height
    return n_lines


def all_tasks(rows: int, seed: int) -> pl.DataFrame:
    """The tasks of a season of `rows` submissions: task (its number), points (null: none of its own), at, and words."""
    return _tasks(min(max(rows // 20, 20), MOST_TASKS), np.random.default_rng([seed, 0]))


def chunks_of_records(
    rows: int, seed: int, tasks: pl.DataFrame, whale: float = 0.0, n_agents: int | None = None
) -> Iterator[pl.DataFrame]:
    """The records of `rows` submissions, a chunk after the other: new ones by instant, then corrections of some.

    Instants are microseconds since BEGIN_US; `event` and `number` are to be `scrambled`. One agent makes the share
    `whale` of all submissions; 0: the share that Zipf's law gives it. `n_agents`: not as many as `count_agents` says.
    """
    reach = _reach(n_agents or count_agents(rows), whale)
    for chunk, first in enumerate(range(0, rows, CHUNK)):
        rng = np.random.default_rng([seed, 1 + chunk])
        frame = _submissions(rng, first, min(CHUNK, rows - first), rows, reach, tasks)
        yield pl.concat([frame, _corrections(rng, frame)])


def count_agents(rows: int) -> int:
    """How many agents a season of `rows` submissions has; not all of them need to have made one."""
    return min(max(rows // 200, 10), MOST_AGENTS)


def _reach(n_agents: int, whale: float) -> np.ndarray:
    """Which share of all submissions the agents up to each number make: Zipf's law with exponent 1."""
    reach = np.cumsum(1 / np.arange(1, n_agents + 1))
    reach = reach / reach[-1]
    return whale + (1 - whale) * (reach - reach[0]) / (1 - reach[0]) if whale else reach


def _tasks(n: int, rng: np.random.Generator) -> pl.DataFrame:
    """One row per task number: how it is said to be; points of its own for half of them, some outside the range."""
    difficulty = rng.choice(4, n, p=(0.4, 0.3, 0.2, 0.1))
    points = np.array([5, 10, 20, 40])[difficulty] + rng.integers(-1, 13, n)
    frame = pl.DataFrame({"task": np.arange(n), "points": points, "at": -rng.integers(0, DAY_US, n)})
    return frame.with_columns(
        problem=_pick(PROBLEMS, rng.zipf(1.6, n) % len(PROBLEMS)),
        task_type=_pick(TYPES, rng.integers(0, len(TYPES), n)),
        difficulty=_pick(DIFFICULTIES, difficulty),
        points=pl.when(pl.Series(rng.random(n) < 0.5)).then("points"),
    )


def _submissions(
    rng: np.random.Generator, first: int, n: int, rows: int, reach: np.ndarray, tasks: pl.DataFrame
) -> pl.DataFrame:
    """Submissions number `first` to `first + n` of the season, in the order of their instants."""
    begin, end = SPAN_US * first // rows, SPAN_US * (first + n) // rows
    at = np.sort(rng.integers(begin, end, n))
    at -= at % np.where(rng.random(n) < 0.5, 10**6, 10**3)  # half the sources know seconds only
    agent = np.searchsorted(reach, rng.random(n), side="right")
    same = np.flatnonzero(rng.random(n - 1) < TIES) + 1
    at[same], agent[same] = at[same - 1], agent[same - 1]
    task = _task_at_hand(rng, agent, at, rows, reach, tasks.height)
    kind = tasks["task_type"].gather(task)
    taken = np.minimum(rng.exponential(40 * 60, n) * 10**6, 30 * DAY_US).astype(np.int64)
    judging = (rng.exponential(90, n) * 10**6).astype(np.int64)
    number = np.arange(first, first + n)
    frame = pl.DataFrame({"number": number, "event": 2 * number, "agent": agent, "task": task, "submitted": at})
    frame = frame.with_columns(
        verdict=_pick(VERDICTS, rng.choice(4, n, p=VERDICT_SHARES)), claimed=pl.Series(at - taken),
        found=pl.when(kind == "search").then(pl.Series(rng.random(n) < FOUND)),
        awarded=pl.when(kind == "pattern").then(pl.Series(rng.integers(20, 56, n))),
        model=_pick(MODELS, agent % len(MODELS)), team=pl.when(pl.Series(agent % 4 != 3)).then(pl.Series(agent % 97)),
    )  # fmt: skip
    judged = pl.when(pl.col("verdict").is_in(["verified", "rejected"])).then(pl.Series(at + judging))
    return frame.with_columns(judged=judged).with_columns(at=pl.coalesce("judged", "submitted"))


def _task_at_hand(
    rng: np.random.Generator, agent: np.ndarray, at: np.ndarray, rows: int, reach: np.ndarray, n_tasks: int
) -> np.ndarray:
    """What each try is at: one of the few tasks that its agent has at hand in this spell; some tasks are popular."""
    tries_a_year = rows * np.diff(reach, prepend=0)
    spell = (at * (tries_a_year / (TRIES_A_SPELL * SPAN_US))[agent]).astype(np.uint64)
    mixed = agent.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + spell * np.uint64(0xBF58476D1CE4E5B9)
    mixed += rng.integers(0, TASKS_A_SPELL, len(agent)).astype(np.uint64) * np.uint64(0x94D049BB133111EB)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):  # splitmix64
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    share = (mixed >> np.uint64(11)).astype(np.float64) / 2**53
    return (share**2 * n_tasks).astype(np.int64)


def _corrections(rng: np.random.Generator, frame: pl.DataFrame) -> pl.DataFrame:
    """Later records of some of the submissions: the other verdict."""
    chosen = np.flatnonzero(rng.random(frame.height) < CORRECTED)
    later = pl.Series(rng.integers(1, 10 * DAY_US, len(chosen)))
    verdict = pl.when(pl.col("verdict") == "verified").then(pl.lit("rejected")).otherwise(pl.lit("verified"))
    again = frame[chosen].with_columns(pl.col("event") + 1, pl.col("at") + later, verdict=verdict)
    return again.with_columns(judged="at").sort("at").select(frame.columns)


def _task_lines(tasks: pl.DataFrame) -> pl.Series:
    return _lines(
        tasks,
        '{"type":"task"', _text("event_id", pl.format("et-{}", _id("task", 8))), _text("at", _instant("at")),
        _text("task_id", pl.format("task-{}", _id("task", 7))), _text("problem", pl.col("problem")),
        _text("task_type", pl.col("task_type")), _text("difficulty", pl.col("difficulty")),
        _bare("points"), "}\n",
    )  # fmt: skip


def _submission_lines(frame: pl.DataFrame) -> pl.Series:
    names = frame.select(
        "found", awarded_points="awarded",
        at=_instant("at"), submitted_at=_instant("submitted"), judged_at=_instant("judged"),
        claimed_at=_instant("claimed"), verdict="verdict", model="model",
        event_id=pl.format("e-{}", _ten_digits("event")), submission_id=pl.format("s-{}", _ten_digits("number")),
        agent_id=pl.format("agent-{}", _id("agent", 6)), task_id=pl.format("task-{}", _id("task", 7)),
        team_id=pl.format("team-{}", "team"),
    )  # fmt: skip
    texts = ("event_id", "at", "submission_id", "agent_id", "task_id", "submitted_at", "verdict", "judged_at",
             "claimed_at", "team_id", "model")  # fmt: skip
    fields = [_text(name, pl.col(name)) for name in texts]
    return _lines(names, '{"type":"submission"', *fields, _bare("found"), _bare("awarded_points"), "}\n")


def _lines(frame: pl.DataFrame, *parts: pl.Expr | str) -> pl.Series:
    exprs = [pl.lit(part) if isinstance(part, str) else part.fill_null("") for part in parts]
    return frame.select(pl.concat_str(exprs)).to_series()


def _text(name: str, value: pl.Expr) -> pl.Expr:
    return pl.format(f',"{name}":"{{}}"', value)


def _bare(name: str) -> pl.Expr:
    return pl.format(f',"{name}":{{}}', pl.col(name))


def _instant(column: str) -> pl.Expr:
    return (pl.col(column) + BEGIN_US).cast(pl.Datetime("us")).dt.to_string("%FT%T%.6fZ")


def _id(column: str, digits: int) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.zfill(digits)


def scrambled(column: str) -> pl.Expr:
    """Numbers without an order in time, none twice; as texts of ten digits they have the same order as numbers."""
    return pl.col(column).cast(pl.Int64) * SCRAMBLE % ID_SPACE


def _ten_digits(column: str) -> pl.Expr:
    return scrambled(column).cast(pl.String).str.zfill(10)


def _pick(words: tuple[str, ...], places: np.ndarray) -> pl.Series:
    return pl.Series(words).gather(pl.Series(places))


def _write(file: BinaryIO, lines: pl.Series) -> None:
    """The lines as they stand in memory, one after another: no Python object a line."""
    for offset in range(0, len(lines), 100_000):
        file.write(lines.slice(offset, 100_000).str.join("").item().encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--agents", type=int, help="not as many as belong to so many submissions")
    chosen = parser.parse_args()
    print(f"{generate(chosen.rows, chosen.out, chosen.seed, chosen.agents):,} lines in {chosen.out}")


if __name__ == "__main__":
    main()
