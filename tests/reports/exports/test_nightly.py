"""The exports of every night: what is asked for, what becomes of faults, and the index of what is there."""

import hashlib
import json
from pathlib import Path

import pytest

from pipelines.reports.exports.configured import ConfiguredExport, ExportsFault, configured_exports
from pipelines.reports.exports.nightly import write_exports
from pipelines.reports.reading import Reading
from tests.docs.pages import all_examples


def asked(home: Path, text: str, reading: Reading) -> tuple[ConfiguredExport, ...]:
    (home / "exports.toml").write_text(text)
    return configured_exports(home, reading)


def test_each_is_written_in_its_formats_and_the_index_says_what_is_there(small: Reading, tmp_path: Path) -> None:
    configured = asked(
        tmp_path,
        '[[export]]\nboard = "points"\nwindow = "week"\nformat = ["csv", "json"]\n'
        '[[export]]\nboard = "xp-user"\nformat = "xlsx"\nname = "users"\ntop = 1\n',
        small,
    )
    told: list[tuple[str, int, int]] = []
    reports = write_exports(small, configured, tmp_path / "out", lambda *step: told.append(step))
    assert [report.fault for report in reports] == [None, None, None]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "index.json", "points-week.csv", "points-week.json", "users.xlsx",
    ]  # fmt: skip
    index = json.loads((tmp_path / "out" / "index.json").read_text())
    assert (index["generation"], index["rulebook"], index["faults"]) == (small.generation.id, small.fingerprint, [])
    made = (tmp_path / "out" / "points-week.csv").read_bytes()
    assert index["exports"][0] == {
        "file": "points-week.csv", "board": "points", "window": "week", "window_start_on": "2026-03-09",
        "window_end_on": "2026-03-15", "scope_id": None, "format": "csv", "n_entries": 2, "n_bytes": len(made),
        "sha256": hashlib.sha256(made).hexdigest(),
    }  # fmt: skip
    assert index["exports"][2]["n_entries"] == 1
    assert (told[0], told[-1]) == (("writing exports", 0, 3), ("writing exports", 3, 3))


def test_one_that_fails_keeps_no_other_back(small: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODIUM_CHROMIUM", "/there/is/none")
    configured = [
        ConfiguredExport(board="gone"),
        ConfiguredExport(board="points", window="year"),
        ConfiguredExport(board="points", format=("png", "csv")),
        ConfiguredExport(board="xp-user", format=("ctftime",)),
        ConfiguredExport(board="points", format=("csv",)),
    ]
    faults = [report.fault or "" for report in write_exports(small, configured, tmp_path)]
    assert [fault[:40] for fault in faults] == [
        "There is no board `gone`. There are poin",
        "The board `points` has no window `year`:",
        "PNG and PDF are made by Chromium, which ",
        "",
        "CTFtime knows boards of points only, and",
        "points-all.csv is the name of two export",
    ]
    index = json.loads((tmp_path / "index.json").read_text())
    assert [entry["file"] for entry in index["exports"]] == ["points-all.csv"]
    assert len(index["faults"]) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.json", "points-all.csv"]


def test_a_fault_of_ours_is_told_too(small: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("pipelines.reports.exports.nightly.write_export", broken)
    (report,) = write_exports(small, [ConfiguredExport(board="points")], tmp_path)
    assert report.fault == "A fault of Podium's own (KeyError): please report it."


def test_the_same_season_gives_the_same_bytes(small: Reading, tmp_path: Path) -> None:
    configured = [ConfiguredExport(board="points", format=("csv", "xlsx", "parquet", "json", "md", "svg", "ctftime"))]
    for folder in ("a", "b"):
        write_exports(small, configured, tmp_path / folder)
    files = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}
    assert len(files) == 8


def test_what_nobody_asks_for_any_more_is_removed_and_nothing_else(small: Reading, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_exports(small, [ConfiguredExport(board="points"), ConfiguredExport(board="xp-user")], out)
    (out / "mine.csv").write_text("mine")
    index = json.loads((out / "index.json").read_text())
    (tmp_path / "other.csv").write_text("theirs")
    index["exports"].append({"file": "../other.csv"})
    (out / "index.json").write_text(json.dumps(index))
    write_exports(small, [ConfiguredExport(board="points")], out)
    assert sorted(path.name for path in out.iterdir()) == ["index.json", "mine.csv", "points-all.csv"]
    assert (tmp_path / "other.csv").exists()


def test_without_a_file_a_few_boards_are_written_as_csv(small: Reading, tmp_path: Path) -> None:
    configured = configured_exports(tmp_path, small)
    assert [(entry.board, entry.window, entry.format) for entry in configured] == [
        ("points", "all", ("csv",)),
        ("points", "week", ("csv",)),
        ("xp-agent", "all", ("csv",)),
        ("xp-agent", "week", ("csv",)),
    ]
    assert asked(tmp_path, "", small) == ()


def test_the_example_of_the_page_is_understood(small: Reading, tmp_path: Path) -> None:
    (example,) = all_examples("toml exports")
    assert [(entry.board, entry.name) for entry in asked(tmp_path, example.text, small)] == [
        ("points", None),
        ("project-xp-user", "atlas-top-ten"),
    ]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[[export", "is not valid TOML"),
        ("[[export]]\n", "[[export]] 1, `board`: is missing"),
        ('[[export]]\nboard = "points"\nboards = 1\n', "[[export]] 1, `boards`: this key is not known"),
        ('[[export]]\nboard = "points"\nformat = "doc"\n', "`doc` is none of csv, xlsx, parquet"),
        ('[[export]]\nboard = "points"\nformat = []\n', "[[export]] 1, `format`"),
        ('[[export]]\nboard = "points"\ntop = 0\n', "[[export]] 1, `top`"),
        ('[[export]]\nboard = "points"\nname = "../x"\n', "[[export]] 1, `name`: must be lower-case letters"),
        ('[[export]]\nboard = "points"\nname = ".."\n', "[[export]] 1, `name`: must begin with"),
        ('[exports]\nboard = "points"\n', "`exports`: this key is not known"),
    ],
)
def test_a_wrong_file_is_told_by_entry_and_key(small: Reading, tmp_path: Path, text: str, part: str) -> None:
    with pytest.raises(ExportsFault) as fault:
        asked(tmp_path, text, small)
    assert part in str(fault.value)
    assert str(tmp_path / "exports.toml") in str(fault.value)
