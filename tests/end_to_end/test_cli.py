"""`podium` as people use it: processes, exit codes, sentences, and nothing half done."""

import io
import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from pipelines.cli import app
from pipelines.reports.endings import ended

ROOT = Path(__file__).parents[2]
PODIUM = (sys.executable, "-m", "pipelines.cli")
COMMANDS = (
    "demo",
    "run",
    "ingest",
    "recompute",
    "board",
    "agent",
    "user",
    "recommend",
    "explain",
    "compare",
    "changes",
    "export",
    "report",
    "notebook",
    "quarantine",
    "sql",
    "doctor",
    "consent grant",
    "consent revoke",
    "consent show",
    "arena preview",
    "arena export",
    "arena verify",
    "arena merge",
    "arena budget",
    "arena rotate",
    "arena share",
    "arena unshare",
    "forget",
    "sample",
)
LOG = """\
{"type":"task","event_id":"k1","at":"2026-03-01T08:00:00Z","task_id":"t1","problem":"collatz","task_type":"compute","difficulty":"easy"}
{"type":"submission","event_id":"e1","at":"2026-03-01T10:00:00Z","submission_id":"s1","agent_id":"ada","task_id":"t1","submitted_at":"2026-03-01T10:00:00Z","verdict":"verified"}
{"type":"submission","event_id":"e2","at":"2026-03-02T10:00:00Z","submission_id":"s2","agent_id":"bob","task_id":"t1","submitted_at":"2026-03-02T10:00:00Z","verdict":"verified"}

this is no JSON
"""
CALLS = """\
{"type":"agent_call","event_id":"c1","at":"2026-03-01T11:00:00Z","user_id":"ann","agent_id":"python-pro","action_type":"task_completion","success":true}
"""


@dataclass(frozen=True)
class Ended:
    returncode: int
    stdout: str
    stderr: str


def podium(*words: str | Path, cwd: Path, **variables: str) -> Ended:
    """A command, in this process: imports are paid once. What only a process can show has tests of its own."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(stdout), redirect_stderr(stderr):
        patch.chdir(cwd)
        for name in ("PODIUM_HOME", "PODIUM_TRACEBACK"):
            patch.delenv(name, raising=False)
        for name, value in variables.items():
            patch.setenv(name, value)
        code = ended(lambda: app([*map(str, words)], standalone_mode=False))
    return Ended(code, stdout.getvalue(), stderr.getvalue())


def podium_process(*words: str, cwd: Path, **variables: str) -> Ended:
    """A command as a shell starts it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_")}
    result = subprocess.run(
        [*PODIUM, *words], cwd=cwd, env={**kept, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return Ended(result.returncode, result.stdout, result.stderr)


def failed(result: Ended, code: int) -> str:
    """The one sentence on standard error of a command that ended with `code`."""
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert re.match(r"podium: .*[.?]$", lines[0]), lines[0]
    return lines[0]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a small season in it; tests only read it."""
    place = tmp_path_factory.mktemp("season")
    (place / "log.jsonl").write_text(LOG)
    (place / "calls.jsonl").write_text(CALLS)
    result = podium("run", "--no-report", "log.jsonl", "calls.jsonl", "--home", "home", cwd=place)
    assert result.returncode == 0, result.stderr
    return place / "home"


def test_help_is_quick_and_imports_no_heavy_library() -> None:
    heavy = ["dagster", "pandera", "polars", "duckdb", "plotly", "pyarrow", "numpy"]
    script = (
        "import sys; from pipelines import cli\n"
        f"for words in [[], ['consent'], ['arena'], *(name.split() for name in {COMMANDS})]:\n"
        "    code = cli.ended(lambda: cli.app([*words, '--help'], standalone_mode=False))\n"
        f"    print('HEAVY', [name for name in {heavy} if name in sys.modules], code)\n"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.count("Usage:") == len(COMMANDS) + 3
    assert set(re.findall("HEAVY.*", result.stdout)) == {"HEAVY [] 0"}


def test_every_command_and_option_is_documented_with_an_example_that_is_understood() -> None:
    text = (ROOT / "docs" / "commands.md").read_text()
    sections = dict(re.findall(r"^## podium ([\w ]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    group: Any = typer.main.get_command(app)
    commands = dict(leaves(group))
    assert list(sections) == list(COMMANDS)
    assert sorted(commands) == sorted(COMMANDS)
    for name, command in commands.items():
        for option in {word for made in command.params for word in made.opts if word.startswith("--")} - {"--help"}:
            assert f"`{option}" in sections[name], f"{name} {option} is not documented"
        example = re.search(rf"^```\npodium {name} ?(.*)\n```$", sections[name], re.MULTILINE)
        assert example, f"{name} has no example"
        command.make_context(name, shlex.split(example[1]))


def leaves(group: Any, *before: str) -> Iterator[tuple[str, Any]]:
    """All commands below a group, by their words."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, *before, name)
        else:
            yield " ".join([*before, name]), command


def test_the_demo_makes_its_season_anew_where_the_tracked_one_is_not_at_hand(tmp_path: Path) -> None:
    result = podium("demo", "--home", "there", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "fraction-ibex" in result.stdout


def test_a_run_tells_what_became_of_every_line_and_what_was_published(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(LOG)
    result = podium("run", "--no-report", "log.jsonl", "--json", cwd=tmp_path, PODIUM_HOME="here")
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    counts = [told["files"][0][f"n_{name}"] for name in ("lines", "accepted", "duplicates", "quarantined", "blank")]
    assert counts == [5, 3, 0, 1, 1]
    assert told["published"]["n_rows"]["points_ledger"] == 3
    assert (tmp_path / "here" / "published" / "current" / "podium.duckdb").exists()


def test_a_run_of_nothing_says_so(tmp_path: Path) -> None:
    assert "nothing to score" in failed(podium("run", cwd=tmp_path), 1).lower()


def test_as_of_cuts_the_season(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(LOG)
    podium("run", "--no-report", "log.jsonl", "--as-of", "2026-03-01", cwd=tmp_path)
    assert ranked(tmp_path / "data") == [(1, "ada", 10)]
    assert podium("recompute", "--as-of", "2026-03-02T10:00:00Z", cwd=tmp_path).returncode == 0
    assert ranked(tmp_path / "data") == [(1, "ada", 10), (2, "bob", 5)]


def test_another_rulebook_gives_other_points(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(LOG)
    (tmp_path / "rules.toml").write_text("[points]\nfirst_solver = 7\n")
    assert podium("run", "--no-report", "log.jsonl", "--rulebook", "rules.toml", cwd=tmp_path).returncode == 0
    assert ranked(tmp_path / "data") == [(1, "ada", 12), (2, "bob", 5)]


def ranked(home: Path) -> list[tuple[Any, ...]]:
    told = json.loads(podium("board", "points", "--json", cwd=home, PODIUM_HOME=str(home)).stdout)
    return [(entry["rank"], entry["subject_id"], entry["points"]) for entry in told["entries"]]


def test_ingesting_publishes_nothing_and_a_recompute_does(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(LOG)
    result = podium("ingest", "log.jsonl", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "Nothing is published" in failed(podium("board", "points", cwd=tmp_path), 1)
    refused = json.loads(podium("quarantine", "--json", cwd=tmp_path).stdout)
    assert refused["counts"] == {"not_json": 1}
    assert podium("recompute", cwd=tmp_path).returncode == 0
    assert ranked(tmp_path / "data") == [(1, "ada", 10), (2, "bob", 5)]


def test_columns_of_a_table_can_be_named_as_ours(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "type,event_id,at,submission_id,who,task_id,submitted_at,verdict\n"
        "submission,e1,2026-03-01T10:00:00Z,s1,ada,t1,2026-03-01T10:00:00Z,verified\n"
    )
    result = podium("ingest", "log.csv", "--map", "who=agent_id", "--json", cwd=tmp_path)
    assert json.loads(result.stdout)["files"][0]["n_accepted"] == 1


def test_lines_from_the_future_are_offered_again(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(LOG.replace("2026-03-02", "2999-03-02"))
    told = json.loads(podium("ingest", "log.jsonl", "--json", cwd=tmp_path).stdout)
    assert told["files"][0]["n_quarantined"] == 2
    assert json.loads(podium("ingest", "--retry", "--json", cwd=tmp_path).stdout)["n_taken_on_retry"] == 0


def test_a_file_that_cannot_be_read_is_named_and_the_others_count(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(LOG)
    (tmp_path / "torn.jsonl.gz").write_bytes(b"\x1f\x8b\x08\x00torn")
    for command, *options in (["ingest"], ["run", "--no-report"]):
        result = podium(command, *options, "torn.jsonl.gz", "log.jsonl", "--home", command, cwd=tmp_path)
        assert "torn.jsonl.gz" in failed(result, 1)
        assert "log.jsonl" in result.stdout
    assert ranked(tmp_path / "run") == [(1, "ada", 10), (2, "bob", 5)]


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (["board", "point"], 2, "Did you mean `points`"),
        (["board", "points", "--window", "year"], 2, "it has all, day, week, month"),
        (["board", "points", "--window", "week", "--on", "soon"], 2, "is no date"),
        (["board"], 2, "Missing argument"),
        (["board", "points", "--top", "0"], 2, "--top"),
        (["bord"], 2, "No such command"),
        (["board", "points", "--frob"], 2, "No such option"),
        (["agent", "adda"], 2, "Did you mean `ada`"),
        (["agent", "pyton-pro"], 2, "Did you mean `python-pro`"),
        (["user", "an"], 2, "Did you mean `ann`"),
        (["user"], 2, "Missing argument"),
        (["board", "project-xp-user", "--scope-id", "web"], 2, "There is no project `web`"),
        (["agent", "\x1b[31m\u202e"], 2, r"`\x1b[31m\u202e`"),
        (["quarantine", "--reason", "bad"], 2, "There is no reason `bad`"),
        (["sql", "DROP TABLE badges"], 1, "Only questions are answered"),
        (["sql", "FROM nowhere"], 1, "nowhere"),
        (["recompute", "--as-of", "yesterday"], 2, "write one with its offset"),
        (["run", "--as-of", "2026-13-01"], 2, "write one with its offset"),
        (["run", "nosuch.jsonl"], 2, "There is no file or folder `nosuch.jsonl`"),
        (["run", "--rulebook", "nosuch.toml"], 2, "There is no rulebook `nosuch.toml`"),
        (["ingest"], 2, "Nothing to read"),
        (["ingest", "--map", "a"], 2, ""),
        (["sample", "--out", "."], 1, "already holds"),
        (["sample"], 2, "--out"),
    ],
)
def test_wrong_use_is_one_sentence_and_an_exit_code(home: Path, words: list[str], code: int, part: str) -> None:
    assert part in failed(podium(*words, cwd=home, PODIUM_HOME=str(home)), code)


def test_a_wrong_rulebook_is_told_by_its_key(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(LOG)
    (tmp_path / "rules.toml").write_text('timezone = "Mars/Olympus"\n')
    for words in (["run", "--no-report", "log.jsonl"], ["recompute"]):
        assert "`timezone`" in failed(podium(*words, "--rulebook", "rules.toml", cwd=tmp_path), 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_told(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(LOG)
    (tmp_path / "locked").mkdir(mode=0o500)
    assert "locked" in failed(podium("run", "--no-report", "log.jsonl", "--home", "locked/home", cwd=tmp_path), 1)


def test_a_home_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(LOG)
    for words in (["run", "--no-report", "log.jsonl"], ["ingest", "log.jsonl"], ["recompute"]):
        failed(podium(*words, "--home", "log.jsonl", cwd=tmp_path), 1)


@pytest.mark.parametrize(
    "words",
    [
        ["board", "points"], ["board", "xp-user"], ["agent", "ada"], ["agent", "python-pro"], ["user", "ann"],
        ["quarantine"], ["sql", "FROM badges"], ["doctor"],
    ],
)  # fmt: skip
def test_whatever_a_machine_may_read_is_json(home: Path, words: list[str]) -> None:
    result = podium(*words, "--json", "--home", home, cwd=home)
    assert result.returncode == 0, result.stderr
    json.loads(result.stdout)
    assert result.stdout.isascii()


def test_instants_for_machines_are_rfc_3339(home: Path) -> None:
    rows = json.loads(
        podium("sql", "SELECT earned_at FROM points_ledger ORDER BY ALL", "--json", "--home", home, cwd=home).stdout
    )
    assert [row["earned_at"] for row in rows][:1] == ["2026-03-01T10:00:00Z"]


def test_output_that_nobody_looks_at_is_plain_ascii(home: Path) -> None:
    for words in (
        ["board", "points"], ["board", "xp-user-agent"], ["agent", "ada"], ["agent", "python-pro"], ["user", "ann"],
        ["quarantine"], ["doctor"],
    ):  # fmt: skip
        result = podium(*words, "--home", home, cwd=home)
        assert result.returncode == 0, result.stderr
        assert result.stdout.isascii()


def test_wrong_use_of_a_process_shows_in_its_exit_code(home: Path, tmp_path: Path) -> None:
    failed(podium_process("board", "nowhere", "--home", str(home), cwd=tmp_path), 2)
    failed(podium_process("board", "points", "--home", "nowhere", cwd=tmp_path), 1)
    assert podium_process(cwd=tmp_path).returncode == 2


def on_a_terminal(words: list[str], home: Path, **variables: str) -> str:
    """What a terminal receives."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PODIUM, *words, "--home", str(home)],
        cwd=ROOT, stdout=theirs, stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "PYTHONUTF8": "1", **variables},
    )  # fmt: skip
    os.close(theirs)
    received = b""
    try:
        while chunk := os.read(ours, 4096):
            received += chunk
    except OSError:  # the other end is closed
        pass
    assert process.wait(60) == 0
    os.close(ours)
    return received.decode()


def test_a_terminal_gets_colours_unless_it_does_not_want_them(home: Path) -> None:
    colourful = on_a_terminal(["board", "points"], home)
    assert "\x1b[" in colourful
    assert "●" in colourful
    assert on_a_terminal(["board", "points"], home, NO_COLOR="1").isascii()


def test_a_reader_that_has_seen_enough_ends_a_command_quietly(home: Path) -> None:
    command = f"{shlex.join(PODIUM)} sql \"SELECT repeat('x', 90) FROM range(3000)\" --limit 0 --home {home} | head -1"
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_that_cannot_be_written_is_a_failure(home: Path) -> None:
    command = f"{shlex.join(PODIUM)} board points --json --home {home} > /dev/full"
    result = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "No space left" in failed(Ended(result.returncode, "", result.stderr), 1)


def test_ctrl_c_ends_with_a_sentence_and_leaves_nothing_half_published(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data" / "sample", tmp_path / "logs")
    process = subprocess.Popen(
        [*PODIUM, "run", "--no-report", "logs"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    waited_until = time.monotonic() + 60
    while not (tmp_path / "data" / "warehouse.duckdb").exists() and time.monotonic() < waited_until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert stderr.strip() == "podium: Stopped. What is published stays whole; the next run begins anew."
    assert not (tmp_path / "data" / "published" / "current").exists()
    assert podium("run", "--no-report", "logs", cwd=tmp_path).returncode == 0


def test_a_second_run_at_the_same_time_is_told_to_wait(home: Path, tmp_path: Path) -> None:
    from pipelines.store.runlock import run_lock

    (tmp_path / "log.jsonl").write_text(LOG)
    with run_lock(tmp_path / "home"):
        for words in (["run", "--no-report", "log.jsonl"], ["ingest", "log.jsonl"], ["recompute"]):
            assert "Another run is at work" in failed(podium(*words, "--home", "home", cwd=tmp_path), 1)


def test_an_unexpected_fault_is_one_sentence_that_can_be_asked_for_more(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "home", symlinks=True)
    manifest = tmp_path / "home" / "published" / "current"
    manifest = manifest.resolve() / "manifest.json"
    told = json.loads(manifest.read_text())
    del told["rules"]["board"][0]["order"]
    manifest.write_text(json.dumps(told))
    assert "(KeyError): please report it" in failed(podium("board", "points", "--home", "home", cwd=tmp_path), 1)
    more = podium("board", "points", "--home", "home", cwd=tmp_path, PODIUM_TRACEBACK="1")
    assert "Traceback" in more.stderr


def test_a_sample_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    for out in ("a", "b"):
        result = podium("sample", "--agents", "3", "--days", "4", "--seed", "5", "--out", out, "--json", cwd=tmp_path)
        assert json.loads(result.stdout)["n_records"] > 0
    assert {p.name: p.read_bytes() for p in (tmp_path / "a").iterdir()} == {
        p.name: p.read_bytes() for p in (tmp_path / "b").iterdir()
    }
