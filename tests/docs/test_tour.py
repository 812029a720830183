"""The tour, followed to the letter: every block of it in one shell, in a folder like a clone of the project."""

import os
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import ROOT, examples

TOUR = ROOT / "docs" / "tour.md"
FETCHING = "python3 -m pip install --quiet uv && python3 -m uv run "  # what this test has been given already
ACTIVATING = "source .venv/bin/activate\n"
END = "--- end of a block ---"
NEEDS_TRANSCRIPTS = "~/.claude/projects"


def test_the_tour_can_be_followed_to_the_letter_and_shows_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sample").symlink_to(ROOT / "data" / "sample")
    said = follow(blocks(), tmp_path)
    board, explained, apart, compared, corrected, exported, frame = said[2:]
    for shown in ("Points: all time", "fraction-ibex", "data/demo/published/current/podium.duckdb", "podium agent"):
        assert shown in said[0]
    assert {path.name for path in (tmp_path / "data").iterdir()} - {".dagster"} == {"demo", "sample"}
    assert (tmp_path / "data/demo/report/index.html").is_file()
    assert "4,382" in board
    assert "submissions-2026-11.jsonl:757" in explained
    assert "23 above octal-dove" in apart
    assert "5 -> 20" in compared
    assert "fraction-ibex lost Counterexample Hunter" in corrected
    assert "The first solver of task ek-032 is now divisor-jay" in " ".join(corrected.split())
    assert "octal-dove" in (tmp_path / "data/demo/report/changes.html").read_text("utf-8")
    assert (tmp_path / "data/demo/changes.jsonl").is_file()
    assert (tmp_path / "points.xlsx").is_file()
    assert "counterexample" in exported
    assert "octal-dove" in frame.split("shape:")[1]


def blocks() -> list[tuple[str, str]]:
    """The tour's blocks: in which language, and what; without the last one, which needs transcripts of one's own."""
    told = [(example.info, example.text) for example in examples(TOUR)]
    assert NEEDS_TRANSCRIPTS in told[-1][1]
    return told[:-1]


def follow(told: list[tuple[str, str]], folder: Path) -> list[str]:
    """What each block printed, all of them in one shell."""
    script = ""
    for language, text in told:
        own = text.replace(FETCHING, "").replace(ACTIVATING, "").replace("/tmp/", f"{folder}/")
        script += own if language == "bash" else f"python - <<'PROGRAM'\n{own}PROGRAM\n"
        script += f"echo {END}\n"
    found = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    environment = {name: value for name, value in os.environ.items() if name != "PODIUM_HOME"} | found
    command = ["bash", "-euc", script]
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, (result.stdout[-1000:], result.stderr)
    return result.stdout.split(f"{END}\n")[:-1]
