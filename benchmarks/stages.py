"""The stages that are measured, each run in a process of its own by measure.py: `stages.py NAME SEASON HOME`.

Here: calls of Podium's real functions, and the loop over a sample with the comparison of its points. Each prints one
JSON object with what it did and its own clock; imports are not in that clock. Not here: memory and CPU of the process,
which only the one who started it can see.
"""

import datetime as dt
import json
import shutil
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path

import pipelines  # noqa: F401 - before Polars, to which it says how memory is kept  # isort: skip
import polars as pl
from loop import parse, points_by_agent

from pipelines.engines.recompute import recompute, violations
from pipelines.game.rulebook import load_rulebook
from pipelines.insight.tables import PUBLISHED_TABLES
from pipelines.sources.ahead import ahead, made_ahead
from pipelines.store.behind import behind
from pipelines.store.landing import BLOCKS_AT_ONCE, N_READERS, land, micros
from pipelines.store.published import Candidate, Generation
from pipelines.store.reading import Counts, blocks_of, check, keep
from pipelines.store.runlock import run_lock
from pipelines.store.staging import create_stage
from pipelines.store.warehouse import Warehouse

INGESTED_AT = dt.datetime(2027, 1, 1)  # noqa: DTZ001 - naive UTC; after every instant of a generated season
N_SAMPLE = 100_000
Result = dict[str, object]


def reading(season: Path, home: Path) -> Result:
    """Strict reading alone: lines to checked, typed columns in temporary tables, of which nothing is kept."""
    counts = Counts()
    with run_lock(home), Warehouse.open(home) as warehouse:
        create_stage(warehouse.con)
        blocks = ahead(blocks_of(season, "native", {}))
        checked = made_ahead(blocks, partial(check, ingested_at=micros(INGESTED_AT)), N_READERS)
        while some := list(islice(checked, BLOCKS_AT_ONCE)):
            keep(warehouse.con, some, counts)
    if counts.n_accepted != counts.n_lines:
        raise SystemExit(f"the season was not read whole: {counts}")
    return {"lines": counts.n_lines}


def landing(season: Path, home: Path) -> Result:
    """File to committed facts."""
    with run_lock(home), Warehouse.open(home) as warehouse:
        (report,) = land(warehouse, [season], INGESTED_AT)
    if report.error or report.n_accepted != report.n_lines:
        raise SystemExit(f"the season did not land whole: {report}")
    return {"lines": report.n_lines}


def scoring(season: Path, home: Path) -> Result:
    """Facts to a published generation."""
    marks: list[tuple[str, float]] = []

    def mark(stage: str, _done: int, _total: int) -> None:
        marks.append((stage, time.perf_counter()))

    begin = time.perf_counter()
    with run_lock(home):
        generation, _ = recompute(home, load_rulebook(), anew=True, progress=mark)
    spans: dict[str, float] = {}
    for (step, end), (_, start) in zip(marks, [("", begin), *marks], strict=False):
        spans[step] = round(spans.get(step, 0) + end - start, 2)
    spans["checking and publishing"] = round(time.perf_counter() - marks[-1][1], 2)
    rows = {name: table["n_rows"] for name, table in generation.manifest["tables"].items()}
    return {"seconds_by_step": spans, "rows": rows, "seconds": time.perf_counter() - begin}


def rewriting(season: Path, home: Path) -> Result:
    """Every published row read, checked and written anew: what no night can go below that has new rows in every part.

    A fold would also have to score the day, read and write the state it carries, and merge. `untouched` is the share
    of the parts of `submissions` without a submission of the last day, which a fold might keep.
    """
    begin = time.perf_counter()
    with run_lock(home), Generation.open(home) as old, Candidate(home, PUBLISHED_TABLES) as candidate:
        with behind(candidate.write) as write:
            for name, held in old.manifest["tables"].items():
                for file in held["files"]:
                    write(name, pl.read_parquet(old.path / file, glob=False))
        candidate.seal({"as_of": old.manifest["as_of"]})
        with Generation.open_path(candidate.path) as made:
            broken = violations(made)
        seconds = time.perf_counter() - begin
        files = [old.path / file for file in old.manifest["tables"]["submissions"]["files"]]
        last = [pl.scan_parquet(file).select(pl.col("submitted_at").max()).collect().item() for file in files]
        since = max(last) - dt.timedelta(days=1)
    shutil.rmtree(candidate.path)
    if broken:
        raise SystemExit(f"the tables written anew break a law: {broken[0].identity.sentence}")
    return {"seconds": seconds, "parts": len(files), "untouched": sum(at <= since for at in last)}


def both(season: Path, home: Path) -> Result:
    """File to a published generation."""
    begin = time.perf_counter()
    landed = landing(season, home)
    scored = scoring(season, home)
    return {**landed, **scored, "seconds": time.perf_counter() - begin}


def loop(season: Path, home: Path) -> Result:
    """The loop over a sample; its points must be ours, or nothing of this benchmark means anything."""
    sample = _sample(season, home.with_suffix(".sample.jsonl"))
    begin = time.perf_counter()
    with sample.open(encoding="utf-8") as lines:
        records = parse(lines)
    parsed = time.perf_counter()
    theirs = points_by_agent(records)
    end = time.perf_counter()
    landing(sample, home)
    scoring(sample, home)
    with Generation.open(home) as generation:
        stats = generation.table("agent_stats").select("agent_id", "points").collect()
    ours = dict(stats.iter_rows())
    if ours != theirs:
        differ = {a for a in ours.keys() | theirs.keys() if ours.get(a) != theirs.get(a)}
        first = min(differ)
        raise SystemExit(f"{len(differ)} agents differ; {first}: ours {ours.get(first)}, loop {theirs.get(first)}")
    n = sum(record["type"] == "submission" for record in records)
    return {"submissions": n, "agents": len(ours), "points": sum(ours.values()),
            "parsing": parsed - begin, "counting": end - parsed, "seconds": end - begin}  # fmt: skip


def _sample(season: Path, to: Path) -> Path:
    """The first submissions of a season, with the tasks they name."""
    with season.open(encoding="utf-8") as lines:
        tasks, first = {}, []
        for line in lines:
            if not line.startswith('{"type":"task"'):
                first = [line, *islice(lines, N_SAMPLE - 1)]
                break
            tasks[json.loads(line)["task_id"]] = line
    named = {json.loads(line)["task_id"] for line in first}
    to.write_text("".join([*(tasks[name] for name in sorted(named)), *first]), encoding="utf-8")
    return to


ALL = (reading, landing, scoring, rewriting, both, loop)
STAGES: dict[str, Callable[[Path, Path], Result]] = {f.__name__: f for f in ALL}

if __name__ == "__main__":
    _, name, season, home = sys.argv
    Path(home).mkdir(parents=True, exist_ok=True)
    begin = time.perf_counter()
    result = STAGES[name](Path(season), Path(home))
    print(json.dumps({"seconds": time.perf_counter() - begin, **result}))
