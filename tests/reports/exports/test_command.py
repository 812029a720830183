"""`podium export` as people use it."""

import csv
import io
import json
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from pipelines.cli import app
from pipelines.reports.endings import ended
from pipelines.reports.exports.formats import FORMATS


@pytest.fixture
def export(small_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`export(*words)`, called in an empty folder: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = ended(lambda: app(["export", *words, "--home", str(small_home)], standalone_mode=False))
        return code, out.getvalue(), err.getvalue()

    return call


def test_a_file_is_called_after_the_board_and_the_command_says_so(export, tmp_path: Path) -> None:
    code, out, _ = export("--board", "points", "--window", "week")
    assert code == 0
    assert " ".join(out.split()) == "Wrote points-week-2026-03-09.csv: 2 entries of Points, week 9 to 15 March 2026."
    assert [path.name for path in tmp_path.iterdir()] == ["points-week-2026-03-09.csv"]


@pytest.mark.parametrize("form", [name for name in FORMATS if name not in ("png", "pdf")])
def test_every_format_can_be_written(export, tmp_path: Path, form: str) -> None:
    code, out, err = export("--board", "points", "--format", form, "--out", "made", "--top", "1", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["path"] == "made"
    assert (json.loads(out)["format"], json.loads(out)["n_entries"]) == (form, 1)
    assert (tmp_path / "made").stat().st_size > 0


def test_a_file_that_is_there_is_replaced_whole(export, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("old")
    assert export("--board", "points", "--out", "b.csv")[0] == 0
    assert (tmp_path / "b.csv").read_text().startswith("rank,")
    assert [path.name for path in tmp_path.iterdir()] == ["b.csv"]


def test_of_a_link_the_file_it_leads_to_is_written(export, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to("far.csv")
    assert export("--board", "points", "--out", "link.csv")[0] == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "far.csv").read_text().startswith("rank,")


def test_a_pipe_is_written_to_and_stays_a_pipe(export, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert export("--board", "points", "--top", "1", "--out", "pipe")[0] == 0
    assert os.read(reader, 1 << 16).startswith(b"rank,")
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def test_a_pipe_without_a_name_of_its_own_is_written_to(export) -> None:
    reader, writer = os.pipe()
    assert export("--board", "points", "--top", "1", "--out", f"/dev/fd/{writer}")[0] == 0
    assert os.read(reader, 1 << 16).startswith(b"rank,")
    os.close(reader)
    os.close(writer)


def test_a_folder_gets_a_file_of_the_usual_name(export, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert export("--board", "xp-user", "--out", "out")[0] == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["xp-user-all.csv"]


def test_a_text_can_go_to_standard_output(export, tmp_path: Path) -> None:
    code, out, _ = export("--board", "points", "--on", "2026-03-03", "--window", "week", "--out", "-")
    assert code == 0
    assert [row["subject_id"] for row in csv.DictReader(io.StringIO(out, newline=""))] == ["ada", "bob"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "Say which board to export"),
        (["--board", "pionts"], "Did you mean `points`?"),
        (["--board", "points", "--format", "doc"], "There is no format `doc`. There are csv, xlsx, parquet"),
        (["--board", "points", "--format", "xlsx", "--out", "-"], "xlsx is no text"),
        (["--board", "points", "--out", "-", "--json"], "--json tells where a file went"),
        (["--board", "points", "--out", "nowhere/b.csv"], "There is no folder `nowhere`."),
        (["--board", "points", "--out", "nowhere/"], "There is no folder `nowhere`."),
        (["--board", "points", "--window", "year"], "has no window `year`"),
        (["--board", "xp-user", "--format", "ctftime"], "CTFtime knows boards of points only"),
        (["--configured", "--board", "points"], "leave --board and --out - out"),
    ],
)
def test_wrong_use_is_a_sentence_and_writes_nothing(export, tmp_path: Path, words: list[str], part: str) -> None:
    code, out, err = export(*words)
    assert (code, out) == (2, "")
    assert part in err
    assert list(tmp_path.iterdir()) == []


def test_all_that_are_configured_are_written_and_a_fault_ends_with_1(export, small_home: Path, tmp_path: Path) -> None:
    (small_home / "exports.toml").write_text('[[export]]\nboard = "points"\n[[export]]\nboard = "gone"\n')
    code, out, err = export("--configured", "--out", "night")
    (small_home / "exports.toml").unlink()
    assert code == 1
    assert "points-all.csv: 3 entries" in out
    assert err.startswith("podium: gone as csv: There is no board `gone`.")
    assert sorted(path.name for path in (tmp_path / "night").iterdir()) == ["index.json", "points-all.csv"]


def test_configured_exports_go_into_the_home(export, small_home: Path) -> None:
    code, out, _ = export("--configured", "--json")
    assert code == 0
    assert [Path(report["path"]).name for report in json.loads(out)] == [
        "points-all.csv", "points-week.csv", "xp-agent-all.csv", "xp-agent-week.csv",
    ]  # fmt: skip
    assert (small_home / "exports" / "index.json").is_file()
