"""How fast, and how lean: `python benchmarks/measure.py --rows 10_000_000 [--work DIR]`.

Here: a season is generated (once), each stage runs in a fresh process, and a Markdown table comes out, with wall and
CPU seconds and peak memory as the system counts them. Ends with 1 if a stage fails, or the loop's points are not ours.
Not here: what the stages do (stages.py), the season (generate.py), how a process is measured (processes.py). This
process imports nothing large, for a child's peak begins at its parent's.
"""

import argparse
import os
import platform
import shutil
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from processes import Measured, run, say

PACKAGES = ("polars", "duckdb", "pyarrow", "pandera")


def main() -> None:
    chosen = _arguments()
    chosen.work.mkdir(parents=True, exist_ok=True)
    season = chosen.work / f"season-{chosen.rows}-{chosen.seed}.jsonl"
    if not season.exists():
        half = season.with_suffix(".half")
        say(f"generating {chosen.rows:,} submissions")
        run("generate.py", "--rows", str(chosen.rows), "--seed", str(chosen.seed), "--out", str(half))
        half.replace(season)
    homes = Path(tempfile.mkdtemp(prefix="homes-", dir=chosen.work))
    try:
        first, second, third = homes / "apart", homes / "together", homes / "loop"
        plan = [("reading", homes / "read"), ("landing", first), ("scoring", first), ("rewriting", first),
                ("both", second), ("loop", third)]  # fmt: skip
        measured = {}
        for name, home in plan:
            say(f"{name} (load {os.getloadavg()[0]:.1f})")
            measured[name] = run("stages.py", name, str(season), str(home))
            done = measured[name]
            say(f"{name}: {done.wall:.1f} s, CPU {done.cpu:.1f} s, {done.peak_gib:.2f} GiB")
            if name == "rewriting":
                shutil.rmtree(first)
        print(report(chosen.rows, season.stat().st_size, measured))
    finally:
        shutil.rmtree(homes)


def report(rows: int, n_bytes: int, measured: dict[str, Measured]) -> str:
    """The results in Markdown."""
    loop = measured["loop"].result
    scale = rows / loop["submissions"]
    lines = [
        f"{rows:,} submissions in {measured['both'].result['lines']:,} lines of NDJSON ({n_bytes / 1e9:.1f} GB); "
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        + ", ".join(f"{package} {version(package)}" for package in PACKAGES)
        + f"; {time.strftime('%Y-%m-%d')}.",
        "",
        "| stage | wall s | CPU s | peak GiB | submissions/s | wall, loop = 1 |",
        "|---|--:|--:|--:|--:|--:|",
        _row("strict reading alone", rows, measured["reading"], loop["parsing"] * scale),
        _row("landing: NDJSON to facts", rows, measured["landing"], loop["parsing"] * scale),
        _row("recompute: facts to published tables", rows, measured["scoring"], loop["counting"] * scale),
        _row("of that, at least, on a night with new rows", rows, measured["rewriting"], loop["counting"] * scale),
        _row("both, in one process", rows, measured["both"], loop["seconds"] * scale),
        _loop_row(f"the loop: reading (scaled from {loop['submissions']:,})", rows, loop["parsing"] * scale),
        _loop_row("the loop: points only (scaled)", rows, loop["counting"] * scale),
        "",
        f"On the sample both give the same points to each of {loop['agents']:,} agents, {loop['points']:,} in all.",
        "",
        "Recompute by step, wall s: " + _listed(measured["scoring"].result["seconds_by_step"]) + ".",
        "",
        "Of {parts} parts of submissions {untouched} have no submission of the last day.".format(
            **measured["rewriting"].result
        ),
        "",
        "Rows published: " + _listed(measured["scoring"].result["rows"]) + ".",
    ]
    return "\n".join(lines)


def _row(stage: str, rows: int, of: Measured, loop_s: float) -> str:
    cells = (
        f"{of.wall:.1f}",
        f"{of.cpu:.1f}",
        f"{of.peak_gib:.2f}",
        f"{rows / of.wall:,.0f}",
        f"{of.wall / loop_s:.2f}",
    )
    return f"| {stage} | {' | '.join(cells)} |"


def _loop_row(stage: str, rows: int, seconds: float) -> str:
    return f"| {stage} | {seconds:.1f} | | | {rows / seconds:,.0f} | 1 |"


def _listed(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:,}" for name, value in values.items())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="submissions; 10_000_000 needs 12 GB of disk")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "podium-benchmark",
                        help="where the season stays and homes are made and removed")  # fmt: skip
    return parser.parse_args()


if __name__ == "__main__":
    main()
