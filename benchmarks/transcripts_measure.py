"""How fast transcripts are read: `python benchmarks/transcripts_measure.py --bytes 2_000_000_000 [--work DIR]`.

Here: a folder is generated, `podium ingest` and `podium run` read it in fresh processes: all of it, then what 20 new
sessions added, then nothing new. After each run the published calls are held against the account that the generator
kept. A Markdown table comes out; ends with 1 if a command fails, or a figure is not the true one.
Not here: the folder (transcripts.py). This process imports nothing large, for a child's peak begins at its parent's;
hence the comparison runs in a process of its own too (`--check OUT HOME`).
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PACKAGES = ("polars", "duckdb", "pyarrow", "msgspec")
TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")


@dataclass(frozen=True)
class Measured:
    """A process: seconds by the clock and on all cores, imports included, and its peak memory."""

    wall: float
    cpu: float
    peak_gib: float


@dataclass(frozen=True)
class Check:
    """A figure of ours, and the least and the greatest that would be right."""

    what: str
    ours: float | None
    least: float
    most: float

    @property
    def is_right(self) -> bool:
        return self.ours is not None and self.least <= self.ours <= self.most


def main() -> None:
    chosen = _arguments()
    if chosen.check:
        print(json.dumps(check(*chosen.check)))
        return
    chosen.work.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="transcripts-", dir=chosen.work))
    try:
        is_right = measure(chosen, place)
    finally:
        if not chosen.keep:
            shutil.rmtree(place)
    raise SystemExit(0 if is_right else 1)


def measure(chosen: argparse.Namespace, place: Path) -> bool:
    """Generate, run, compare, print. True if all figures were right."""
    out, home = place / "out", place / "home"
    generate = [sys.executable, str(HERE / "transcripts.py"), str(out), "--seed", str(chosen.seed)]
    _timed([*generate, "--sessions", str(chosen.sessions), "--bytes", str(chosen.bytes)], place)
    counts, rows, checks = _counts(out), [], {}
    command = [str(out / "projects"), "--user", "bench", *chosen.option]
    ingested = _podium("ingest", command, place / "ingested", place)
    rows.append(_row("ingest alone: all of it", counts["bytes"], counts["lines"], ingested))
    shutil.rmtree(place / "ingested", ignore_errors=True)
    plan = {"run: all of it": 0, f"run: {chosen.append} new sessions": chosen.append, "run: nothing new": 0}
    for name, n_new in plan.items():
        before = counts if checks else {"bytes": 0, "lines": 0}
        if n_new:
            _timed([*generate, "--append", str(n_new)], place)
            counts = _counts(out)
        measured = _podium("run", command, home, place)
        rows.append(_row(name, counts["bytes"] - before["bytes"], counts["lines"] - before["lines"], measured))
        checks[name] = _checked(out, home, place)
    print(report(counts, rows, checks))
    return all(Check(*of).is_right for found in checks.values() for of in found["checks"])


def report(counts: dict[str, int], rows: list[str], checks: dict[str, dict[str, Any]]) -> str:
    """The results in Markdown."""
    lines = [
        f"{counts['sessions']:,} sessions and {counts['agent_files']:,} files of agents in the end, "
        f"{counts['lines']:,} lines, {counts['bytes'] / 1e9:.2f} GB; {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, "
        + ", ".join(f"{package} {version(package)}" for package in PACKAGES)
        + f"; {time.strftime('%Y-%m-%d')}.",
        "",
        "| command | new MB | wall s | CPU s | peak GiB | MB/s | lines/s |",
        "|---|--:|--:|--:|--:|--:|--:|",
        *rows,
        "",
        "| after | figure | ours | true | |",
        "|---|---|--:|--:|---|",
    ]
    for name, found in checks.items():
        for of in found["checks"]:
            one = Check(*of)
            ours = "not published" if one.ours is None else f"{one.ours:,.0f}"
            true = f"{one.least:,.0f}" + (f" to {one.most:,.0f}" if one.most > one.least else "")
            lines.append(f"| {name} | {one.what} | {ours} | {true} | {'=' if one.is_right else '**differs**'} |")
    lines += [
        "",
        "Tokens have a least and a most: the files of some failed calls are tied to them by their prompt only.",
    ]
    lines += [f"After {name}: {note}" for name, found in checks.items() for note in found["notes"]]
    return "\n".join(lines)


def check(out: Path, home: Path) -> dict[str, Any]:
    """The published calls against the truth: figures, and which calls are missing or should not be there."""
    import polars as pl

    truth = json.loads((out / "truth.json").read_text())["calls"]
    told = {call["call_id"]: call for call in map(json.loads, (out / "truth-calls.jsonl").open())}
    place = home / "published" / "current" / "agent_calls"
    files = sorted(place.rglob("*.parquet")) if place.is_dir() else [place.with_suffix(".parquet")]
    calls = pl.read_parquet(files)
    success = next((name for name in ("success", "is_success", "succeeded") if name in calls.columns), None)
    linked = truth["tokens_finished_by_linked_by"]
    least = {name: truth["tokens_finished"][name] - linked["prompt"][name] for name in TOKENS}
    n_succeeded = int(calls[success].sum()) if success else None
    checks = [
        Check("calls finished", calls.height, truth["finished"], truth["finished"]),
        Check("calls that succeeded", n_succeeded, truth["succeeded"], truth["succeeded"]),
    ]
    if "agent_id" in calls.columns:
        ours = Counter(calls["agent_id"].to_list())
        theirs = Counter(truth["finished_by_agent_type"])
        differ = sum(ours[name] != theirs[name] for name in ours | theirs)
        checks.append(Check("types of agents whose calls differ", differ, 0, 0))
    for name in TOKENS:
        ours = int(calls[name].sum()) if name in calls.columns else None
        checks.append(Check(name, ours, least[name], truth["tokens_finished"][name]))
    return {"checks": [[c.what, c.ours, c.least, c.most] for c in checks], "notes": _notes(calls, told)}


def _notes(calls: Any, told: dict[str, dict[str, Any]]) -> list[str]:
    """Which kinds of calls are missing or too many, where ours carry the ids of their source."""
    column = next((name for name in ("call_id", "event_id") if name in calls.columns), None)
    found = Counter(re.findall(r"toolu_\w{24}", " ".join(map(str, calls[column])))) if column else Counter()
    if not found:
        return []

    def kind(call: dict[str, Any]) -> str:
        return f"{call['ending']} ({call['age']}, told by {call['end_in']})"

    missing = Counter(kind(c) for i, c in told.items() if i not in found and not c["ending"].startswith("pending"))
    extra = Counter(kind(told[i]) for i in found if i in told and told[i]["ending"].startswith("pending"))
    twice = sum(n > 1 for n in found.values())
    notes = [f"missing: {n} {what}" for what, n in missing.most_common()]
    notes += [f"too many: {n} {what}" for what, n in extra.most_common()]
    return notes + ([f"{twice} calls stand there more than once"] if twice else [])


def _checked(out: Path, home: Path, place: Path) -> dict[str, Any]:
    log = place / "check.json"
    _timed([sys.executable, __file__, "--check", str(out), str(home)], place, log)
    return json.loads(log.read_text().splitlines()[-1])


def _podium(name: str, words: list[str], home: Path, place: Path) -> Measured:
    return _timed([sys.executable, "-m", "pipelines.cli", name, *words, "--home", str(home)], place)


def _as_installed() -> dict[str, str]:
    """The environment, with Python's bytecode kept from run to run, as it is wherever Podium is installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _timed(command: list[str], place: Path, log: Path | None = None) -> Measured:
    """Run a command to its end, and measure it. Ends this process if it fails."""
    log = log or place / "log.txt"
    what = " ".join(Path(word).name if os.sep in word else word for word in command[1:])
    print(f"... {what} (load {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)
    with log.open("w") as file:
        begin = time.perf_counter()
        child = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, cwd=HERE.parent, env=_as_installed())
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - begin
    if child.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise SystemExit(f"{what} ended with {child.returncode}:\n{tail}")
    peak = used.ru_maxrss / (1 << 30 if sys.platform == "darwin" else 1 << 20)
    return Measured(wall, used.ru_utime + used.ru_stime, peak)


def _row(name: str, n_bytes: int, n_lines: int, of: Measured) -> str:
    speed = f"{n_bytes / 1e6 / of.wall:,.0f} | {n_lines / of.wall:,.0f}" if n_bytes else " | "
    return f"| {name} | {n_bytes / 1e6:,.0f} | {of.wall:.1f} | {of.cpu:.1f} | {of.peak_gib:.2f} | {speed} |"


def _counts(out: Path) -> dict[str, int]:
    return json.loads((out / "truth.json").read_text())["counts"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=2_000)
    parser.add_argument("--bytes", type=int, default=2_000_000_000)
    parser.add_argument("--append", type=int, default=20, help="sessions that are new for the second run")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--option", action="append", default=[], help="one word more for podium; may be repeated")
    parser.add_argument("--keep", action="store_true", help="leave the folder and the home where they are")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "podium-benchmark",
                        help="where the folder and the homes are made, and removed")  # fmt: skip
    parser.add_argument("--check", nargs=2, type=Path, metavar=("OUT", "HOME"), help="only compare, print JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
