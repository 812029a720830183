"""All notebooks, played in one real kernel: on the sample season, and on one whose names mean harm.

Starting a kernel and importing costs more than most notebooks do: so they run one after another in one, and before each
all that the last one left is forgotten.
"""

import datetime as dt
import json
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

from pipelines.analysis.notebooks import notebook_of, scripts
from tests.end_to_end.seasons import ingest, publish
from tests.game.league import task, tried
from tests.reports.shown_season import called
from tests.reports.shown_season import publish as publish_records

ROOT = Path(__file__).parents[2]
NAMES = [script.name for script in scripts()]
OF_HOSTILE = ("03_leaderboards_windows_and_ties", "05_which_sub_agent_earns_its_keep")
HOSTILE = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
PLAYED = [*NAMES, *(f"hostile {name}" for name in OF_HOSTILE)]


def play(folder: Path) -> dict[str, dict]:
    """Every notebook with its outputs, as JSON, by its name in PLAYED; kept in `folder`."""
    kept = folder / "played.json"
    if not kept.exists():
        sample, hostile = folder / "sample", folder / "hostile"
        ingest(sample, sorted((ROOT / "data" / "sample").iterdir()))
        publish(sample)
        publish_records(hostile, hostile_records())
        kept.write_text(json.dumps(_in_one_kernel(sample, hostile)), "utf-8")
    return json.loads(kept.read_text("utf-8"))


def hostile_records() -> list[dict]:
    """Agents whose names are markup: each with three weeks of solved tasks and of calls."""
    records = []
    for place, name in enumerate((HOSTILE, IMAGE, "%{meta.summary} $x$")):
        for day in range(1, 22):
            when = f"2026-03-{day:02}T0{place}:00:00Z"
            records += [
                task(f"t{place}-{day}"),
                tried(f"s{place}-{day}", name, f"t{place}-{day}", when, "rejected" if day % 7 == 3 else "verified"),
                called(
                    f"c{place}-{day}", IMAGE, name, when, duration_s=5.0 + day, input_tokens=100 * day, category=HOSTILE
                ),
            ]
    return records


def _in_one_kernel(sample: Path, hostile: Path) -> dict[str, dict]:
    paths = {script.name: script.path for script in scripts()}
    cells, ends = [], {}
    for name in PLAYED:
        home = hostile if name.startswith("hostile") else sample
        forget = f"%reset -f\nimport os\nos.environ['PODIUM_HOME'] = {str(home)!r}\ndel os"
        cells.append(nbformat.v4.new_code_cell(forget))
        begin = len(cells)
        cells += notebook_of(paths[name.removeprefix("hostile ")]).cells
        ends[name] = (begin, len(cells))
    for number, cell in enumerate(cells):
        cell["id"] = f"all-{number}"
    whole = nbformat.v4.new_notebook(cells=cells)
    transport = Config({"ConnectionFileMixin": {"transport": "ipc"}})
    client = NotebookClient(whole, timeout=300, kernel_name="python3", allow_errors=True, config=transport)
    client.execute(cwd=str(ROOT))
    return {name: {"seconds": _seconds(cells[b:e]), "cells": cells[b:e]} for name, (b, e) in ends.items()}


def _seconds(cells: list) -> float:
    times = [cell.metadata["execution"] for cell in cells if "execution" in cell.metadata]
    instants = [dt.datetime.fromisoformat(at) for time in times for at in time.values()]
    return (max(instants) - min(instants)).total_seconds()
