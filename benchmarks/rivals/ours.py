"""Podium's own scoring on the facts of the benchmark: the engine's two passes over buckets of agents.

Here: facts cut into buckets, as the warehouse would hand them out, and the engine's tables written with their numbers
instead of texts. Not here: any rule; scoring is `pipelines.engines.local.score_agents`, which `podium run` calls.
"""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

import pipelines  # noqa: F401 - before Polars, to which it says how memory is kept  # isort: skip
import polars as pl
from default_game import BADGES, TABLES
from script import play

from pipelines.engines.local import Span, score_agents
from pipelines.game.agents_side import AgentTables, badges_earned
from pipelines.game.facts import Facts, Ids
from pipelines.game.records import DIFFICULTIES, TASK_TYPES, VERDICTS
from pipelines.game.rulebook import load_rulebook
from pipelines.game.season import Season
from pipelines.sources.ahead import ahead
from pipelines.store.buckets import cut

ROWS_A_BUCKET = 2_000_000  # twice as many as of the warehouse's, which have texts beside their numbers
NEEDED = ("submission", "agent", "task", "submitted_at", "claimed_at", "verdict", "found", "awarded_points")
SLUGS = (
    "first-blood", "on-fire", "sharpshooter", "erdos-straus-master", "collatz-crawler", "counterexample-hunter",
    "speed-demon", "scholar", "champion", "rising-star",
)  # fmt: skip
assert len(SLUGS) == len(BADGES)


def score(facts: Path, out: Path) -> None:
    """Cut, score, write."""
    about = json.loads((facts / "facts.json").read_text(encoding="utf-8"))
    rules = load_rulebook()
    rules = rules.model_copy(update={"board": ()})  # the rivals make no boards
    season = Season(rules, dt.datetime.fromisoformat(about["as_of"]), _facts(facts, about))
    writer = Writer(out)
    source = Buckets.cut(facts, about, out / "buckets")
    left = score_agents(source, season, out / "scratch", lambda *_: None, writer.take, n_opening=2)
    writer.write("badges", _badges(badges_earned(left, season)))


@dataclass(frozen=True)
class Buckets:
    """An engine's source: the records in force of each span of agents, as pieces of files beside one another."""

    agent_spans: tuple[Span, ...]
    folder: Path

    @classmethod
    def cut(cls, facts: Path, about: dict[str, int], folder: Path) -> "Buckets":
        """Read each part of the facts once, and deal its rows out."""
        files = sorted((facts / "submissions").iterdir())
        sizes = pl.scan_parquet(files).group_by(rank="agent").agg(n=pl.len()).sort("rank").collect()
        spans = cut(sizes, ROWS_A_BUCKET, about["n_agents"])
        bucket_of = pl.concat(
            pl.repeat(n, last - first + 1, dtype=pl.UInt16, eager=True) for n, (first, last) in enumerate(spans)
        )
        folder.mkdir()
        revised = pl.read_parquet(facts / "revised.parquet")["submission"]
        several = []
        parts = ahead(pl.read_parquet(file, columns=[*NEEDED, "at", "event"]) for file in files)
        for number, part in enumerate(parts):
            is_revised = part["submission"].is_in(revised.implode())
            several.append(part.filter(is_revised))
            _deal(part.filter(~is_revised), bucket_of, folder, number)
        in_force = pl.concat(several).sort("submission", "at", "event").unique("submission", keep="last")
        _deal(in_force, bucket_of, folder, len(files))
        return cls(spans, folder)

    def submissions(self, span: Span) -> pl.DataFrame:
        """One bucket, with the numbers of submissions for both of the engine's ids."""
        pieces = sorted(self.folder.glob(f"{self.agent_spans.index(span)}-*.arrow"))
        records = pl.concat((pl.read_ipc(file) for file in pieces), rechunk=True)
        return records.select(
            "agent", "task", "submitted_at", "claimed_at", "verdict", "found", "awarded_points",
            team=pl.lit(None, dtype=pl.UInt32), submission_id="submission", event_id="submission",
        )  # fmt: skip


def _deal(part: pl.DataFrame, bucket_of: pl.Series, folder: Path, number: int) -> None:
    verdict = pl.col("verdict").cat.to(pl.Enum(VERDICTS))
    records = part.select(*NEEDED).with_columns(verdict, bucket=bucket_of.gather(part["agent"]))
    for (bucket,), piece in records.partition_by("bucket", as_dict=True, include_key=False).items():
        piece.write_ipc(folder / f"{bucket}-{number:05}.arrow")


def _facts(facts: Path, about: dict[str, list[str]]) -> Facts:
    tasks = pl.read_parquet(facts / "tasks.parquet").select(
        "problem",
        "counterexample_points",
        task_points="points",
        task_type=pl.col("task_type").cat.to(pl.Enum(TASK_TYPES)),
        difficulty=pl.col("difficulty").cat.to(pl.Enum(DIFFICULTIES)),
    )
    nobody = pl.Series([], dtype=pl.String)
    return Facts(Ids(nobody, nobody, pl.Series(about["problems"]), nobody, nobody, nobody), tasks)


class Writer:
    """Writes the tables of one bucket after another, each as a file of its own."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._n_written = 0

    def take(self, _: Span, made: AgentTables) -> None:
        """The tables of a bucket, ids as numbers."""
        is_day = pl.col("rule") == "perfect_day"
        earned_by = made.scored.select("task", submission="submission_id")[made.entries["row"]]
        entries = made.entries.with_columns(earned_by).with_columns(
            task=pl.when(~is_day).then("task"), rule=pl.col("rule").to_physical()
        )
        tables = {"points_ledger": entries, "agent_days": made.by_day, "streaks": made.streaks}
        for table, frame in {**tables, "agent_stats": made.totals}.items():
            self.write(table, frame)

    def write(self, table: str, frame: pl.DataFrame) -> None:
        """One part of a table."""
        self._n_written += 1
        file = self._out / f"{table}-{self._n_written:05}.parquet"
        frame.select(TABLES[table]).write_parquet(file, compression="zstd", compression_level=1)


def _badges(earned: pl.DataFrame) -> pl.DataFrame:
    return earned.select(
        "agent", "earned_at", submission="event_id", badge=pl.col("badge").cast(pl.Enum(SLUGS)).to_physical()
    )


if __name__ == "__main__":
    play(score)
