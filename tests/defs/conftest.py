"""A home with a few literal records, and the job run in it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines.defs.launch import UNSHOWN, WHOLE
from pipelines.defs.location import definitions
from pipelines.settings import Settings

TASKS = """\
{"type":"task","event_id":"k1","at":"2026-03-01T00:00:00Z","task_id":"t1","problem":"collatz","task_type":"verify","difficulty":"easy"}
{"type":"task","event_id":"k2","at":"2026-03-01T00:00:00Z","task_id":"t2","problem":"collatz","task_type":"verify","difficulty":"hard"}
"""
SUBMISSIONS = """\
{"type":"submission","event_id":"e1","at":"2026-03-02T10:00:00Z","submission_id":"s1","agent_id":"ada","task_id":"t1","submitted_at":"2026-03-02T10:00:00Z","verdict":"verified"}
{"type":"submission","event_id":"e2","at":"2026-03-02T11:00:00Z","submission_id":"s2","agent_id":"<b>bo|b</b>","task_id":"t1","submitted_at":"2026-03-02T11:00:00Z","verdict":"verified"}
{"type":"submission","event_id":"e3","at":"2026-03-03T09:00:00Z","submission_id":"s3","agent_id":"ada","task_id":"t2","submitted_at":"2026-03-03T09:00:00Z","verdict":"rejected"}
this line is broken
"""


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A home whose landing folder holds two files: two tasks; three submissions and a broken line."""
    return home_in(tmp_path)


def home_in(folder: Path) -> Settings:
    made = Settings(folder / "home")
    made.landing.mkdir(parents=True)
    (made.landing / "tasks.jsonl").write_text(TASKS)
    (made.landing / "submissions.jsonl").write_text(SUBMISSIONS)
    return made


@pytest.fixture
def play(home: Settings) -> Callable[..., dg.ExecuteInProcessResult]:
    """Run the job, or some of its assets, in the home: `play(as_of=..., paths=[...], only=[...])`.

    Unless asked for, report and exports are left out: a test of the season need not draw it.
    """
    return player(home)


def player(home: Settings) -> Callable[..., dg.ExecuteInProcessResult]:
    def run(as_of: str | None = None, paths: list[str] | None = None, only: list[str] | None = None, **podium: Any):
        only = [*WHOLE] if only == ["*"] else only or [*UNSHOWN]
        config = {"home": str(home.home), "is_attended": True, **podium}
        ops = {"landed_files": {"config": {"paths": paths or []}}, "season": {"config": {"as_of": as_of}}}
        return (
            definitions(home)
            .resolve_job_def("nightly")
            .execute_in_process(
                {
                    "ops": {
                        name: op for name, op in ops.items() if name in only or (name == "season" and "tasks" in only)
                    },
                    "resources": {"podium": {"config": config}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                asset_selection=[dg.AssetKey(name) for name in only],
                raise_on_error=False,
            )
        )

    return run
