"""The local engine: bucket after bucket in this process, memory bounded by the largest bucket.

Here: the order of the stages and where a bucket waits between the two passes. Not here: what a stage does
(game/season.py), where tables go (the sink).
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

import polars as pl

from pipelines.game import points
from pipelines.game.season import ClosedBucket, OpenBucket, Season, close_bucket, finish, open_bucket

Sink = Callable[[str, pl.DataFrame], None]
Progress = Callable[[str, int, int], None]


class Source(Protocol):
    """Where buckets come from: each frame holds all submissions of some agents, in ascending ranges of agents."""

    def buckets(self) -> Iterable[pl.DataFrame]:
        """The buckets, each once."""


def quiet(stage: str, done: int, total: int) -> None:
    """Report no progress."""


def score(
    source: Source, n_buckets: int, season: Season, sink: Sink, scratch: Path, progress: Progress = quiet
) -> None:
    """Run the whole game over `source` and hand every table, part by part and in order, to `sink`.

    `scratch`: a folder of ours; what a killed run left there is removed. With one bucket nothing is written to it.
    """
    shelf = _Shelf(scratch, keep=n_buckets == 1)
    solves, waiting = pl.DataFrame(schema=points.FIRST_SOLVES), pl.DataFrame(schema=points.WAITING)
    agents: list[pl.DataFrame] = []
    for n, bucket in enumerate(source.buckets(), start=1):
        opened: OpenBucket = open_bucket(bucket, season)
        sink("submissions", opened.published)
        agents.append(opened.agents)
        solves = points.earliest(pl.concat([solves, opened.solves]))
        waiting = points.earliest(pl.concat([waiting, opened.waiting]))
        shelf.put(opened.scored)
        del bucket, opened  # or a bucket would stay in memory while the next one is made
        progress("counting submissions", n, n_buckets)
    firsts = points.first_solves(solves, waiting, season.facts.tasks.height)
    closed: list[ClosedBucket] = []
    for n, (counted, seen) in enumerate(zip(shelf.take(), agents, strict=True), start=1):
        bucket_result = close_bucket(counted, seen, firsts, season)
        for name, part in bucket_result.tables.items():
            sink(name, part)
        bucket_result.tables.clear()
        closed.append(bucket_result)
        progress("scoring agents", n, n_buckets)
    for name, part in finish(closed, season):
        sink(name, part)
    progress("ranking boards", 1, 1)


class _Shelf:
    """Keeps counted buckets between the passes: one in memory, several as Arrow files in the scratch folder."""

    def __init__(self, folder: Path, *, keep: bool) -> None:
        self._folder, self._keep = folder, keep
        for left in folder.glob("counted-*.arrow"):  # by a run that was killed
            left.unlink()
        self._frames: list[pl.DataFrame] = []
        self._paths: list[Path] = []

    def put(self, frame: pl.DataFrame) -> None:
        if self._keep:
            self._frames.append(frame)
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"counted-{len(self._paths):05}.arrow"
        frame.write_ipc(path)
        self._paths.append(path)

    def take(self) -> Iterator[pl.DataFrame]:
        while self._frames:
            yield self._frames.pop(0)
        for path in self._paths:
            yield pl.read_ipc(path)
            path.unlink()
