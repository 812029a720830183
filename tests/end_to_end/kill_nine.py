"""Kill a run at random moments, and see that readers never meet half a generation. Run by hand:

    python tests/end_to_end/kill_nine.py --rounds 100 --seed 1 --home DIR -- podium run LOGS --home DIR

COMMAND is any program that publishes into DIR (also told to it as PODIUM_HOME) and that may be run again. DIR must not
exist, or be empty: the logs stand elsewhere. COMMAND runs twice undisturbed, on an empty home and on what it left; then
each round starts it and sends SIGKILL to its process group at a moment drawn uniformly from that duration. Some
rounds begin on an empty home and are followed by an undisturbed run: so the other rounds, which begin on what the round
before left, have a generation to break. After each, one must be there if one was there before, with every file's
checksum as in the manifest, `podium.duckdb` opening read-only, and as many rows in each table as the manifest says.
Every undisturbed run, and one at the very end, must give the tables of the first.

This checker reads files as any outsider would and imports nothing of Podium: a fault there cannot hide itself here.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

# These tell of the readings of files, which a killed run repeats: SPEC section 11 leaves them out too.
NOT_COMPARED = ("quarantine", "ingested_files", "event_sources", "data_quality", "changes")


@dataclass
class Ended:
    """How one start of the command ended."""

    seconds: float
    is_killed: bool
    fault: str | None  # of a command that ended by itself, but not well


def start(command: list[str], home: Path, kill_after: float | None) -> Ended:
    """Run the command; kill its process group after so many seconds unless it has ended by then."""
    with tempfile.TemporaryFile() as output:
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PODIUM_HOME": str(home)},
            start_new_session=True,
        )
        try:
            process.wait(timeout=kill_after)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        seconds = time.monotonic() - began
        is_killed = process.returncode == -signal.SIGKILL
        if is_killed or process.returncode == 0:
            return Ended(seconds, is_killed, None)
        output.seek(0)
        tail = output.read().decode(errors="replace")[-2000:].strip()
        return Ended(seconds, False, f"the command ended with exit code {process.returncode}: {tail}")


def empty(home: Path) -> None:
    """Take away what the command made: `home` was absent or empty when this began."""
    if home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True)


def faults_of(generation: Path) -> list[str]:
    """What a reader would find wrong in a generation; nothing if it is whole."""
    try:
        manifest = json.loads((generation / "manifest.json").read_bytes())
    except (OSError, ValueError) as fault:
        return [f"manifest.json cannot be read: {fault}"]
    faults = []
    for name, sealed in manifest["files"].items():
        try:
            found = hashlib.sha256((generation / name).read_bytes()).hexdigest()
        except OSError as fault:
            found = str(fault)
        if found != sealed["sha256"]:
            faults.append(f"{name} is not as sealed: {found}")
    listed = {*manifest["files"], "manifest.json"}
    here = {path.relative_to(generation).as_posix() for path in generation.rglob("*") if path.is_file()}
    faults += [f"{name} is in no manifest" for name in sorted(here - listed)]
    return faults + faults_of_rows(generation, manifest["tables"])


def faults_of_rows(generation: Path, tables: dict[str, dict]) -> list[str]:
    """Tables that have other rows than the manifest says, in the database or in Parquet."""
    faults = []
    try:
        with duckdb.connect(str(generation / "podium.duckdb"), read_only=True) as con:
            held = {name for (name,) in con.execute("SELECT table_name FROM information_schema.tables").fetchall()}
            if held != set(tables):
                faults.append(f"podium.duckdb has the tables {sorted(held)}, the manifest {sorted(tables)}")
            for name in sorted(held & set(tables)):
                n_rows = con.table(name).count("*").fetchall()[0][0]
                n_read = sum(
                    pl.scan_parquet(file).select(pl.len()).collect().item() for file in files_of(generation, name)
                )
                if not n_rows == n_read == tables[name]["n_rows"]:
                    faults.append(
                        f"{name}: {n_rows} rows in podium.duckdb, {n_read} in Parquet, not as in the manifest"
                    )
    except (duckdb.Error, pl.exceptions.PolarsError, OSError) as fault:
        faults.append(f"a table cannot be read: {fault}")
    return faults


def files_of(generation: Path, table: str) -> list[Path]:
    """The Parquet files of a table, in order."""
    folder = generation / table
    return sorted(folder.iterdir()) if folder.is_dir() else [generation / f"{table}.parquet"]


def differing(one: Path, other: Path) -> list[str]:
    """The tables of two generations that are not equal: columns, types, rows and their order."""
    names = [set(json.loads((path / "manifest.json").read_bytes())["tables"]) for path in (one, other)]
    return [
        name
        for name in sorted((names[0] | names[1]) - set(NOT_COMPARED))
        if name not in names[0] & names[1] or not rows_of(one, name).equals(rows_of(other, name))
    ]


def rows_of(generation: Path, table: str) -> pl.DataFrame:
    """A table as a frame; its types as a first column's name, so that equal values of other types differ."""
    frame = pl.concat([pl.read_parquet(file) for file in files_of(generation, table)])
    return frame.with_columns(pl.lit(0).alias(str(frame.schema)))


def look(home: Path, is_expected: bool) -> tuple[str, list[str]]:
    """The current generation's name and its faults, as a reader meets them now."""
    current = home / "published" / "current"
    if not current.is_symlink():
        return "nothing", ["the published generation is gone"] if is_expected else []
    return current.resolve().name, faults_of(current.resolve())


def measure(command: list[str], home: Path) -> tuple[float, list[str]]:
    """One undisturbed run: its seconds and what is wrong with what it published."""
    ended = start(command, home, None)
    if ended.fault or ended.is_killed:
        return ended.seconds, [ended.fault or "an undisturbed run was killed by somebody else"]
    return ended.seconds, look(home, is_expected=True)[1]


def recover(command: list[str], home: Path, never_disturbed: Path) -> list[str]:
    """An undisturbed run over whatever a kill left: what is wrong or other than if nothing had happened."""
    _, faults = measure(command, home)
    current = (home / "published" / "current").resolve()
    return faults or [f"{name} differs" for name in differing(never_disturbed, current)]


def rounds(told: argparse.Namespace, home: Path, spans: dict[str, float], never_disturbed: Path) -> list[str]:
    """Kill the command so many times, one line each; the faults that were found."""
    all_faults: list[str] = []
    n_killed = n_half = n_switched = 0
    for n in range(1, told.rounds + 1):
        state = "fresh" if (n - 1) % told.fresh_every == 0 else "again"
        if state == "fresh":
            empty(home)
        before = look(home, is_expected=False)[0]
        moment = random.uniform(0, spans[state])
        ended = start(told.command, home, moment)
        after, faults = look(home, is_expected=before != "nothing")
        faults += [ended.fault] if ended.fault else []
        half = [path.name for path in home.glob("published/generations/*.partial")]
        if state == "fresh":
            faults += [f"the run after it: {fault}" for fault in recover(told.command, home, never_disturbed)]
        n_killed += ended.is_killed
        n_half += bool(half)
        n_switched += ended.is_killed and after != before
        how = f"killed after {ended.seconds:6.3f} s" if ended.is_killed else f"ended  after {ended.seconds:6.3f} s"
        seen = "nothing yet" if after == "nothing" else f"{after} ({'new' if after != before else 'same'})"
        print(
            f"round {n:3}  {state}  {how} of {spans[state]:.3f}  readers see {seen}, "
            f"{len(half)} half made: {'; '.join(faults) or 'no fault'}",
            flush=True,
        )
        all_faults += faults
    print(
        f"{told.rounds} rounds: {n_killed} killed ({n_half} left a half-made generation, {n_switched} came after the "
        f"switch), {told.rounds - n_killed} ended before the signal; {len(all_faults)} faults"
    )
    return all_faults


def main() -> int:
    """Read the command line, measure, kill, compare; exit code 1 if a fault was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path, required=True, help="where the command publishes; absent or empty")
    parser.add_argument("--fresh-every", type=int, default=4, metavar="N", help="each N-th round has an empty home")
    parser.add_argument("command", nargs="+", help="after --")
    told = parser.parse_args()
    home: Path = told.home.absolute()
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        parser.error(f"{home} must not exist or be empty: it is emptied many times")
    random.seed(told.seed)
    empty(home)
    with tempfile.TemporaryDirectory() as kept:
        spans: dict[str, float] = {}
        faults: list[str] = []
        spans["fresh"], faults = measure(told.command, home)
        if not faults:
            never_disturbed = Path(shutil.copytree((home / "published/current").resolve(), Path(kept) / "generation"))
            spans["again"], faults = measure(told.command, home)
        if faults:
            print(f"Undisturbed, too, it fails: {'; '.join(faults)}")
            return 1
        print(f"undisturbed: {spans['fresh']:.3f} s on an empty home, {spans['again']:.3f} s again")
        faults = rounds(told, home, spans, never_disturbed)
        at_the_end = recover(told.command, home, never_disturbed)
        print(f"the run after them, undisturbed: {'; '.join(at_the_end) or 'the tables of a run never disturbed'}")
    return 1 if faults or at_the_end else 0


if __name__ == "__main__":
    sys.exit(main())
