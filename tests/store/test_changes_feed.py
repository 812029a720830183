"""The feed of changes: every change of every generation once, whole lines only, wherever a run was killed."""

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest

from pipelines.engines.recompute import make_current
from pipelines.game.changes.telling import CHANGES
from pipelines.store.changes_feed import FILE, catch_up, lines
from pipelines.store.durable import DiskFault
from pipelines.store.published import Candidate, Generation

AT = dt.datetime(2026, 3, 3, 10, tzinfo=dt.UTC)
TABLES = {"changes": CHANGES}


def made(home: Path, *ids: str, because: str = "Why: ünder the \u202e moon.\n") -> Candidate:
    """A sealed generation with a change for each of the ids."""
    rows = [
        {"change_id": name, "kind": "rank", "subject_type": "agent", "subject_id": f"a\x1b[1m{name}", "about": "points",
         "before": None, "after": 1, "is_correction": False, "event_id": None, "changed_at": AT, "because": because}
        for name in ids
    ]  # fmt: skip
    with Candidate(home, TABLES) as candidate:
        candidate.write("changes", pl.DataFrame(rows, schema=CHANGES.schema))
        candidate.seal({"as_of": "2026-03-03T10:00:00.000000Z", "compared_with": "the-one-before"})
    return candidate


def told(home: Path) -> list[str]:
    return [line["change_id"] for line in lines(home)]


def test_a_line_has_the_generation_and_every_column_in_order(tmp_path: Path) -> None:
    candidate = made(tmp_path, "c1")
    make_current(tmp_path, candidate)
    (line,) = (tmp_path / FILE).read_text("ascii").splitlines()
    assert list(json.loads(line)) == ["generation", "previous_generation", "as_of", *CHANGES.schema]
    assert json.loads(line) == {
        "generation": candidate.id, "previous_generation": "the-one-before", "as_of": "2026-03-03T10:00:00.000000Z",
        "change_id": "c1", "kind": "rank", "subject_type": "agent", "subject_id": "a\x1b[1mc1", "about": "points",
        "before": None, "after": 1, "is_correction": False, "event_id": None, "changed_at": "2026-03-03T10:00:00Z",
        "because": "Why: ünder the \u202e moon.\n",
    }  # fmt: skip


def test_generations_follow_one_another_and_none_is_told_twice(tmp_path: Path) -> None:
    for ids in (("a1", "a2"), (), ("b1",)):
        make_current(tmp_path, made(tmp_path, *ids))
        assert catch_up(tmp_path) == 0
    assert told(tmp_path) == ["a1", "a2", "b1"]


def test_nothing_to_tell_makes_no_file(tmp_path: Path) -> None:
    assert catch_up(tmp_path) == 0
    make_current(tmp_path, made(tmp_path))
    assert not (tmp_path / FILE).exists()
    assert list(lines(tmp_path)) == []


def test_a_run_killed_between_the_switch_and_the_feed_is_caught_up_before_the_next_switch(tmp_path: Path) -> None:
    made(tmp_path, "a1", "a2").publish()
    assert told(tmp_path) == []
    make_current(tmp_path, made(tmp_path, "b1"))
    assert told(tmp_path) == ["a1", "a2", "b1"]


def test_a_feed_cut_at_any_byte_is_whole_again(tmp_path: Path) -> None:
    make_current(tmp_path, made(tmp_path, "a1", "a2", because="é"))
    begins = (tmp_path / FILE).stat().st_size
    make_current(tmp_path, made(tmp_path, "b1", "b2", because="\n"))
    whole = (tmp_path / FILE).read_bytes()
    for n in (*range(0, begins, 37), *range(begins - 40, len(whole) + 1)):
        (tmp_path / FILE).write_bytes(whole[:n])
        catch_up(tmp_path)
        if n >= begins:
            assert (tmp_path / FILE).read_bytes() == whole
        else:  # of the generation before only its whole lines are left
            assert told(tmp_path) in (["b1", "b2"], ["a1", "b1", "b2"], ["a1", "a2", "b1", "b2"])
            assert (tmp_path / FILE).read_bytes().endswith(whole[begins:])


@pytest.mark.parametrize("rest", [b"\0" * 5000, b"\0\0\n", b'{"generation":', b"[1]\n", b"null\n", b"\xff\xfe\n\n\n"])
def test_bytes_that_are_no_line_of_ours_are_cut_off(tmp_path: Path, rest: bytes) -> None:
    make_current(tmp_path, made(tmp_path, "a1"))
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole + rest)
    assert told(tmp_path) == ["a1"]
    assert catch_up(tmp_path) == 0
    assert (tmp_path / FILE).read_bytes() == whole


def test_lines_longer_than_what_is_read_at_once(tmp_path: Path) -> None:
    make_current(tmp_path, made(tmp_path, "a1", "a2", because="x" * 200_000))
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[:-70_000])
    assert catch_up(tmp_path) == 1
    assert (tmp_path / FILE).read_bytes() == whole


def test_of_a_long_feed_only_the_end_is_read(tmp_path: Path) -> None:
    make_current(tmp_path, made(tmp_path, "a1"))
    whole = (tmp_path / FILE).read_bytes()
    with (tmp_path / FILE).open("r+b") as file:
        file.seek(1 << 40)  # a terabyte that is not there: reading it would never end
        file.write(b"\n" + whole)
    assert catch_up(tmp_path) == 0
    make_current(tmp_path, made(tmp_path, "b1"))
    with (tmp_path / FILE).open("rb") as file:
        file.seek((1 << 40) + 1)
        assert [json.loads(line)["change_id"] for line in file] == ["a1", "b1"]


def test_generations_that_are_not_wanted_are_passed_over(tmp_path: Path) -> None:
    for names in (("a1", "a2"), ("b1", "b2")):
        make_current(tmp_path, made(tmp_path, *names))
    ids = {line["generation"] for line in lines(tmp_path)}
    assert len(ids) == 2
    asked = []

    def is_last(generation: str, as_of: str) -> bool:
        asked.append((generation, as_of))
        return generation == max(ids)

    assert [line["change_id"] for line in lines(tmp_path, is_last)] == ["b1", "b2"]
    assert asked == [(name, "2026-03-03T10:00:00.000000Z") for name in (min(ids), max(ids), max(ids))]


def test_a_feed_that_was_moved_away_begins_with_the_last_generation(tmp_path: Path) -> None:
    make_current(tmp_path, made(tmp_path, "a1"))
    (tmp_path / FILE).rename(tmp_path / "yesterday.jsonl")
    make_current(tmp_path, made(tmp_path, "b1"))
    assert told(tmp_path) == ["a1", "b1"]


def test_a_feed_that_cannot_be_written_is_a_sentence_and_stays_for_the_next_run(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir(parents=True)
    candidate = made(tmp_path, "a1")
    with pytest.raises(DiskFault, match=r"^Writing changes.jsonl under .* failed: "):
        make_current(tmp_path, candidate)
    (tmp_path / FILE).rmdir()
    assert Generation.open(tmp_path).id == candidate.id
    make_current(tmp_path, made(tmp_path, "b1"))
    assert told(tmp_path) == ["a1", "b1"]


def test_a_generation_that_is_damaged_has_nothing_to_tell_and_stops_nothing(tmp_path: Path) -> None:
    candidate = made(tmp_path, "a1")
    candidate.publish()
    (candidate.path / "changes.parquet").unlink()
    make_current(tmp_path, made(tmp_path, "b1"))
    assert told(tmp_path) == ["b1"]
