"""How fast scoring is, and against whom: `python benchmarks/scoring.py --rows 1_000_000 [--rivals a,b] [--work DIR]`.

Here: facts are made (once), the rivals score them in fresh processes, turn by turn, all tables of all rivals are held
against those of the first, and a Markdown table comes out. Ends with 1 if a rival fails, or one row of a table is not
the same. Not here: the facts (facts.py), the rivals (rivals/), the comparison (same_tables.py, a process of its own,
for this one imports nothing large: a child's peak begins at its parent's).
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from processes import HERE, Measured, run, say

PACKAGES = ("polars", "duckdb", "pyarrow")
OURS = "ours"


@dataclass(frozen=True)
class Rival:
    """A script of rivals/: how the table calls it, up to how many rows it is asked unless named, its tables."""

    name: str
    title: str
    most_rows: int | None = None
    makes_tables: bool = True


RIVALS = (
    Rival(OURS, "Podium"),
    Rival("duckdb_sql", "hand-tuned SQL of DuckDB"),
    Rival("polars_lazy", "lazy frames of Polars", most_rows=20_000_000),
    Rival("python_loop", "a loop in plain Python", most_rows=2_000_000),
    Rival("physical_limit", "read, sort once, write: no tables", makes_tables=False),
)


def main() -> None:
    chosen = _arguments()
    rivals = _chosen_rivals(chosen.rivals, chosen.rows)
    facts = _facts(chosen.work, chosen.rows, chosen.seed, chosen.whale)
    outs = Path(tempfile.mkdtemp(prefix="tables-", dir=chosen.work))
    try:
        measured: dict[str, list[Measured]] = {rival.name: [] for rival in rivals}
        for turn in range(chosen.repeat):
            for rival in rivals:
                shutil.rmtree(outs / rival.name, ignore_errors=True)
                say(f"{rival.name}, {turn + 1} of {chosen.repeat} (load {os.getloadavg()[0]:.1f})")
                done = run(f"rivals/{rival.name}.py", str(facts), str(outs / rival.name))
                say(f"{rival.name}: {done.wall:.2f} s, CPU {done.cpu:.2f} s, {done.peak_gib:.2f} GiB")
                measured[rival.name].append(done)
        n_rows = _compare([rival for rival in rivals if rival.makes_tables], outs)
    finally:
        shutil.rmtree(outs)
    about = json.loads((facts / "facts.json").read_text(encoding="utf-8"))
    print(report(about, chosen.repeat, {rival: measured[rival.name] for rival in rivals}, n_rows))


def report(about: dict, turns: int, measured: dict[Rival, list[Measured]], n_rows: dict[str, int]) -> str:
    """The results in Markdown: medians, and how many times the seconds of ours (or else of the first)."""
    yardstick = next((rival for rival in measured if rival.name == OURS), next(iter(measured)))
    whale = f", one agent made {about['whale']:.0%} of them" if about["whale"] else ""
    called = "ours" if yardstick.name == OURS else yardstick.name
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    season = (
        f"{about['rows']:,} submissions in {about['n_records']:,} records{whale}, {about['n_agents']:,} agents, "
        f"{about['n_tasks']:,} tasks"
    )
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}"
    lines = [
        f"{season}; {machine}; {time.strftime('%Y-%m-%d')}; medians of {turns}.",
        "",
        f"| rival | wall s | CPU s | peak GiB | wall s a million | wall, {called} = 1 | CPU, {called} = 1 |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for rival, done in measured.items():
        wall, cpu = _median(done, "wall"), _median(done, "cpu")
        ratios = wall / _median(measured[yardstick], "wall"), cpu / _median(measured[yardstick], "cpu")
        cells = (
            f"{wall:.2f}",
            f"{cpu:.2f}",
            f"{_median(done, 'peak_gib'):.2f}",
            f"{wall / about['rows'] * 1e6:.3f}",
            *(f"{ratio:.2f}" for ratio in ratios),
        )
        lines.append(f"| {rival.title} (`{rival.name}`) | {' | '.join(cells)} |")
    if n_rows:
        rows = ", ".join(f"{table} {n:,}" for table, n in n_rows.items())
        lines += ["", f"Row for row the same with all that make tables: {rows}."]
    return "\n".join(lines)


def _median(done: Sequence[Measured], figure: str) -> float:
    return median(getattr(one, figure) for one in done)


def _compare(rivals: list[Rival], outs: Path) -> dict[str, int]:
    """Rows by table; ends this process with 1, after showing rows, if two rivals differ."""
    n_rows, differ = {}, False
    for other in rivals[1:]:
        say(f"comparing {rivals[0].name} and {other.name}")
        result = run("same_tables.py", str(outs / rivals[0].name), str(outs / other.name)).result
        n_rows = result["rows"]
        for difference in result["differences"]:
            differ = True
            print(difference, file=sys.stderr)
    if differ:
        raise SystemExit("The rivals do not agree: their seconds mean nothing.")
    return n_rows


def _facts(work: Path, rows: int, seed: int, whale: float) -> Path:
    """The folder of the facts, made if it is missing."""
    work.mkdir(parents=True, exist_ok=True)
    facts = work / f"facts-{rows}-{seed}{f'-whale-{whale}' if whale else ''}"
    if not facts.exists():
        say(f"making facts of {rows:,} submissions")
        half = facts.with_name(f"{facts.name}.half")
        shutil.rmtree(half, ignore_errors=True)
        run("facts.py", "--rows", str(rows), "--seed", str(seed), "--whale", str(whale), "--out", str(half))
        half.replace(facts)
    return facts


def _chosen_rivals(names: str | None, rows: int) -> list[Rival]:
    """Those named; else those that are there and not too slow or large for so many rows."""
    if names is None:
        fit = [rival for rival in RIVALS if rival.most_rows is None or rows <= rival.most_rows]
        return [rival for rival in fit if (HERE / "rivals" / f"{rival.name}.py").exists()]
    known = {rival.name: rival for rival in RIVALS}
    unknown = set(names.split(",")) - known.keys()
    if unknown:
        raise SystemExit(f"No rival is called {', '.join(sorted(unknown))}; there are {', '.join(known)}.")
    return [known[name] for name in names.split(",")]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="submissions")
    parser.add_argument("--rivals", help="names with commas between, the first of which is the one to compare with")
    parser.add_argument("--repeat", type=int, default=3, help="turns; each rival once a turn")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--whale", type=float, default=0.0, help="the share of all submissions that one agent makes")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "podium-benchmark",
                        help="where the facts stay and tables are made and removed")  # fmt: skip
    return parser.parse_args()


if __name__ == "__main__":
    main()
