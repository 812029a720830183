"""Readers and runs do not stand in each other's way: the last three generations stay, and held ones."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.store.published import DamagedGeneration, Generation, NoGeneration, NoSuchTable
from tests.store.publishing import ask, duckdb_client, names, publish, published, scores


def test_a_flipped_bit_is_found(tmp_path: Path) -> None:
    candidate = publish(tmp_path, scores(("a", 1)))
    file = candidate.path / "scores.parquet"
    data = bytearray(file.read_bytes())
    data[20] ^= 1
    file.write_bytes(data)
    with Generation.open(tmp_path) as generation:
        [sentence] = generation.damages()
    assert sentence == f"{file} has been changed: `podium recompute --anew` publishes a whole generation."


def test_before_anything_is_published_readers_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoGeneration, match=r"Nothing is published in .* yet: `podium run PATH`"):
        Generation.open(tmp_path)


def test_an_unknown_table_and_an_unreadable_manifest_are_sentences(tmp_path: Path) -> None:
    candidate = publish(tmp_path, scores())
    with Generation.open(tmp_path) as generation, pytest.raises(NoSuchTable, match="the tables are scores, days"):
        generation.table("scoers")
    (candidate.path / "manifest.json").write_text("{")
    with pytest.raises(DamagedGeneration, match="podium recompute"):
        Generation.open(tmp_path)


def test_the_last_three_generations_stay(tmp_path: Path) -> None:
    ids = [publish(tmp_path, scores(("a", n))).id for n in range(5)]
    assert names(tmp_path) == set(ids[2:])
    assert ids == sorted(ids)
    assert published(tmp_path) == [("a", 4)]


def test_a_held_generation_outlives_later_ones_and_is_removed_once_it_is_free(tmp_path: Path) -> None:
    first = publish(tmp_path, scores(("a", 1)), scores(("b", 1)))
    held = Generation.open(tmp_path)
    lazy = held.table("scores").select("points")
    later = [publish(tmp_path, scores(("a", n))).id for n in range(2, 7)]
    assert lazy.collect().rows() == [(1,), (1,)]
    assert names(tmp_path) == {first.id, *later[-3:]}
    held.close()
    last = publish(tmp_path, scores(("a", 7))).id
    assert names(tmp_path) == {*later[-2:], last}


@pytest.mark.parametrize("max_copied_rows", [0, 1_000_000], ids=["views", "tables"])
def test_an_open_duckdb_client_and_runs_do_not_disturb_each_other(tmp_path: Path, max_copied_rows: int) -> None:
    first = publish(tmp_path, scores(("a", 1)), scores(("b", 1)), max_copied_rows=max_copied_rows)
    with duckdb_client(tmp_path / "published/current/podium.duckdb") as client:
        later = [publish(tmp_path, scores(("a", n))).id for n in range(2, 7)]
        assert ask(client, "SELECT agent_id, points FROM scores") == "[('a', 1), ('b', 1)]"
        assert names(tmp_path) == {first.id, *later[-3:]}
    last = publish(tmp_path, scores(("a", 7))).id
    assert names(tmp_path) == {*later[-2:], last}


def test_an_open_file_of_a_reader_without_a_hold_can_be_read_after_its_generation_is_gone(tmp_path: Path) -> None:
    first = publish(tmp_path, scores(("a", 1)))
    with (first.path / "scores.parquet").open("rb") as file:
        for n in range(2, 6):
            publish(tmp_path, scores(("a", n)))
        assert first.id not in names(tmp_path)
        assert pl.read_parquet(file)["points"].to_list() == [1]
