"""A season as integer-coded facts: `python benchmarks/facts.py --rows 1_000_000 --out DIR [--whale 0.5]`.

Here: the world of generate.py, the same submissions by the same seed, as Parquet with numbers in place of ids: what
the rivals of the scoring benchmark read. In DIR:

submissions/part-*.parquet  one row a record, in order of arrival: event, submission, at, agent, task, team,
    submitted_at, claimed_at, verdict (its place in FACT_VERDICTS), found, awarded_points
tasks.parquet    one row a task, its number is the number of the row: problem (its place in the sorted names),
    task_type and difficulty (their places in TYPES and DIFFICULTIES), points, counterexample_points
revised.parquet  submission: those with more than one record
facts.json       rows, n_records, seed, whale, as_of (the greatest `at`), problems, n_agents, n_tasks

Numbers of events and submissions have the order of the ids they stand for. Memory holds one part; the same seed gives
the same bytes. Not here: the rules of the game, and who plays by them (rivals/).
"""

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl
from generate import BEGIN_US, DIFFICULTIES, PROBLEMS, TYPES, all_tasks, chunks_of_records, count_agents, scrambled

CHUNKS_A_PART = 8  # of 500,000 submissions each
FACT_VERDICTS = ("pending", "verified", "rejected", "void")
RECORDS = {
    "event": pl.Int64(), "submission": pl.Int64(), "at": pl.Datetime("us"), "agent": pl.UInt32(), "task": pl.UInt32(),
    "team": pl.UInt32(), "submitted_at": pl.Datetime("us"), "claimed_at": pl.Datetime("us"), "verdict": pl.UInt8(),
    "found": pl.Boolean(), "awarded_points": pl.Int16(),
}  # fmt: skip
TASKS = {
    "problem": pl.UInt32(), "task_type": pl.UInt8(), "difficulty": pl.UInt8(), "points": pl.Int64(),
    "counterexample_points": pl.Int64(),
}  # fmt: skip


def generate_facts(rows: int, out: Path, seed: int = 1, whale: float = 0.0) -> None:
    """Write the facts of `rows` submissions into the folder `out`, made for them."""
    tasks = all_tasks(rows, seed)
    chunks = chunks_of_records(rows, seed, tasks, whale)
    about = {"rows": rows, "seed": seed, "whale": whale, "problems": sorted(PROBLEMS), "n_agents": count_agents(rows)}
    write_facts(out, _coded_tasks(tasks), map(_coded, chunks), about)


def write_facts(out: Path, tasks: pl.DataFrame, chunks: Iterable[pl.DataFrame], about: dict[str, object]) -> None:
    """Write tasks (columns of TASKS) and chunks of records (of RECORDS, and `is_correction`: not the first of its
    submission), with what else is known about them.
    """
    (out / "submissions").mkdir(parents=True)
    _write(tasks.select(TASKS.keys()).cast(TASKS), out / "tasks.parquet")
    n_records, last_at, revised = 0, [], []
    for number, part in enumerate(_parts(chunks)):
        _write(part.select(RECORDS.keys()).cast(RECORDS), out / "submissions" / f"part-{number:05}.parquet")
        n_records += part.height
        last_at.append(part["at"].max())
        revised.append(part.filter(pl.col("is_correction"))["submission"].unique())
    _write(pl.concat(revised).unique().sort().to_frame(), out / "revised.parquet")
    as_of = max(last_at).isoformat(timespec="microseconds")
    facts = {**about, "n_tasks": tasks.height, "n_records": n_records, "as_of": as_of}
    (out / "facts.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _coded_tasks(tasks: pl.DataFrame) -> pl.DataFrame:
    return tasks.select(
        "points", problem=_place("problem", sorted(PROBLEMS)), task_type=_place("task_type", TYPES),
        difficulty=_place("difficulty", DIFFICULTIES), counterexample_points=pl.lit(None),
    )  # fmt: skip


def _coded(records: pl.DataFrame) -> pl.DataFrame:
    return records.select(
        "agent", "task", "team", "found", at=_instant("at"), submitted_at=_instant("submitted"),
        claimed_at=_instant("claimed"), awarded_points="awarded", verdict=_place("verdict", FACT_VERDICTS),
        event=scrambled("event"), submission=scrambled("number"), is_correction=pl.col("event") % 2 == 1,
    )  # fmt: skip


def _instant(column: str) -> pl.Expr:
    return (pl.col(column) + BEGIN_US).cast(pl.Datetime("us"))


def _place(column: str, words: Iterable[str]) -> pl.Expr:
    return pl.col(column).replace_strict({word: place for place, word in enumerate(words)}, return_dtype=pl.UInt32)


def _parts(chunks: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    held: list[pl.DataFrame] = []
    for chunk in chunks:
        held.append(chunk)
        if len(held) == CHUNKS_A_PART:
            yield pl.concat(held)
            held = []
    if held:
        yield pl.concat(held)


def _write(frame: pl.DataFrame, file: Path) -> None:
    frame.write_parquet(file, compression="zstd", compression_level=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="a folder that is not there yet")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--whale", type=float, default=0.0, help="the share of all submissions that one agent makes")
    chosen = parser.parse_args()
    generate_facts(chosen.rows, chosen.out, chosen.seed, chosen.whale)
    print(f"{chosen.rows:,} submissions in {chosen.out}")


if __name__ == "__main__":
    main()
