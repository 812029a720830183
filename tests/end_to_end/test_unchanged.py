"""A recomputation of what has not changed does nothing; whatever may have changed it, it is done."""

import datetime as dt
import json
from pathlib import Path

import pytest

from pipelines.engines import unchanged
from pipelines.engines.recompute import recompute
from pipelines.game.rulebook import load_rulebook
from pipelines.store.landing import land
from pipelines.store.warehouse import Warehouse

NOW = dt.datetime(2026, 4, 1)  # noqa: DTZ001 - naive UTC, as inside
RULES = load_rulebook().model_copy(update={"board": (), "badge": (), "achievement": ()})  # what is made matters little
TASK = {
    "type": "task", "event_id": "t", "at": "2026-03-01T00:00:00Z", "task_id": "t", "problem": "p",
    "task_type": "compute", "difficulty": "easy",
}  # fmt: skip


def read(home: Path, *records: dict[str, object]) -> None:
    log = home.with_name("log.jsonl")
    log.write_text("".join(json.dumps(record) + "\n" for record in records))
    with Warehouse.open(home) as warehouse:
        land(warehouse, [log], NOW)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    read(made, TASK)
    recompute(made, RULES)
    return made


def is_new(home: Path, *args: object, **options: bool) -> bool:
    return recompute(home, *(args or (RULES,)), **options)[1]  # type: ignore[arg-type]


def test_nothing_is_done_twice(home: Path) -> None:
    assert not is_new(home)
    assert not is_new(home)
    assert len(list((home / "published/generations").iterdir())) == 1


def test_it_is_done_all_the_same_when_asked_for(home: Path) -> None:
    assert is_new(home, anew=True)


def test_a_new_record_or_the_same_file_again_is_a_change(home: Path) -> None:
    read(home, TASK)  # the accounts of files are published too
    assert is_new(home)
    assert not is_new(home)
    read(home, {**TASK, "event_id": "u", "task_id": "u"})
    assert is_new(home)


def test_other_rules_and_another_instant_are_changes(home: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("[points]\nfirst_solver = 6\n")
    assert is_new(home, load_rulebook(rules))
    assert is_new(home, RULES)
    assert is_new(home, RULES, dt.datetime(2026, 3, 2))  # noqa: DTZ001
    assert not is_new(home, RULES, dt.datetime(2026, 3, 2))  # noqa: DTZ001


def test_another_program_is_a_change(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchanged, "program", lambda: "another")
    assert is_new(home)


@pytest.mark.parametrize("spoil", ["a table is gone", "a table grew", "the manifest is no JSON", "facts not moved in"])
def test_what_is_not_whole_is_made_again(home: Path, spoil: str) -> None:
    current = home / "published" / "current"
    match spoil:
        case "a table is gone":
            (current / "tasks.parquet").unlink()
        case "a table grew":
            with (current / "tasks.parquet").open("ab") as file:
                file.write(b"!")
        case "the manifest is no JSON":
            (current / "manifest.json").write_text("{")
        case _:
            (home / "warehouse.duckdb.wal").touch()
    assert is_new(home)


def test_a_home_that_was_moved_is_published_again(home: Path) -> None:
    elsewhere = home.rename(home.with_name("elsewhere"))
    assert is_new(elsewhere)
    assert not is_new(elsewhere)
