"""Publishing: what was written is what readers find, and only what keeps its contract."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.game.contract import TEXT, ContractBroken
from pipelines.store.published import Candidate, Generation
from tests.store.publishing import TABLES, ask, duckdb_client, names, publish, published, scores


def test_what_was_written_is_what_readers_find(tmp_path: Path) -> None:
    publish(tmp_path, scores(("a", 1), ("b", 2)))
    assert published(tmp_path) == [("a", 1), ("b", 2)]


def test_one_part_is_a_file_and_several_are_a_folder_of_parts_in_order(tmp_path: Path) -> None:
    publish(tmp_path, scores(("a", 1)))
    assert (tmp_path / "published/current/scores.parquet").is_file()
    publish(tmp_path, scores(("a", 1)), scores(("b", 2)), scores(("c", 3)))
    folder = tmp_path / "published/current/scores"
    assert sorted(p.name for p in folder.iterdir()) == [f"part-0000{n}.parquet" for n in range(3)]
    assert not (tmp_path / "published/current/scores.parquet").exists()
    assert published(tmp_path) == [("a", 1), ("b", 2), ("c", 3)]


def test_empty_tables_have_typed_files(tmp_path: Path) -> None:
    publish(tmp_path, scores())
    for name, table in TABLES.items():
        frame = pl.read_parquet(tmp_path / f"published/current/{name}.parquet")
        assert frame.is_empty()
        assert dict(frame.schema) == table.schema
    with duckdb.connect(str(tmp_path / "published/current/podium.duckdb"), read_only=True) as con:
        assert con.sql("SELECT column_name, column_type FROM (DESCRIBE days)").fetchall() == [
            ("day", "DATE"),
            ("is_open", "BOOLEAN"),
            ("score", "DOUBLE"),
        ]


@pytest.mark.parametrize("max_copied_rows", [0, 1_000_000], ids=["views", "tables"])
def test_any_client_opens_the_database_read_only_and_finds_every_table(tmp_path: Path, max_copied_rows: int) -> None:
    home = tmp_path / "a [b-c]* 'home'"
    publish(home, scores(("a", 1)), scores(("b", 2)), max_copied_rows=max_copied_rows)
    current = home / "published" / "current"
    assert [p.name for p in current.iterdir() if "wal" in p.name or "tmp" in p.name or "half" in p.name] == []
    with duckdb_client(current / "podium.duckdb") as client:
        assert ask(client, "SELECT table_name FROM information_schema.tables ORDER BY 1") == "[('days',), ('scores',)]"
        assert ask(client, "SELECT agent_id, points FROM scores") == "[('a', 1), ('b', 2)]"
        assert ask(client, "SELECT count(*) FROM days") == "[(0,)]"


def test_older_duckdb_clients_can_read_the_database(tmp_path: Path) -> None:
    publish(tmp_path, scores(("a", 1)))
    with duckdb.connect(str(tmp_path / "published/current/podium.duckdb"), read_only=True) as con:
        tags = con.sql("SELECT tags FROM duckdb_databases() WHERE database_name = 'podium'").fetchall()[0][0]
    assert tags["storage_version"].startswith("v1.0.0")


def test_the_manifest_keeps_what_it_is_told_and_adds_rows_and_checksums(tmp_path: Path) -> None:
    candidate = publish(tmp_path, scores(("a", 1)), scores(("b", 2)))
    with Generation.open(tmp_path) as generation:
        assert generation.manifest["as_of"] == "2026-03-01"
        assert generation.manifest["generation"] == generation.id == candidate.id
        assert generation.manifest["tables"] == {
            "scores": {"n_rows": 2, "files": ["scores/part-00000.parquet", "scores/part-00001.parquet"]},
            "days": {"n_rows": 0, "files": ["days.parquet"]},
        }
        assert set(generation.manifest["files"]) == {
            *("scores/part-00000.parquet", "scores/part-00001.parquet", "days.parquet", "podium.duckdb")
        }


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (scores(("a", -1)), r"column points, check greater_than_or_equal_to\(0\), found '-1' in row 0"),
        (scores(("a", 1)).with_columns(agent_id=pl.lit(None, TEXT)), "column agent_id, check not_nullable"),
        (scores(("a", 1)).with_columns(points=pl.lit("1")), "column points, check dtype"),
        (scores(("a", 1)).select("points", "agent_id", "reached_at"), "check column_ordered"),
        (scores(("a", 1)).drop("points"), "check column_in_dataframe, found 'points'"),
    ],
    ids=["bound", "null", "type", "order", "missing"],
)
def test_a_broken_contract_is_a_sentence_and_publishes_nothing(
    tmp_path: Path, frame: pl.DataFrame, sentence: str
) -> None:
    publish(tmp_path, scores(("a", 1)))
    with pytest.raises(ContractBroken, match=f"^scores breaks its contract, and nothing was published: .*{sentence}"):
        publish(tmp_path, scores(("a", 2)), frame)
    assert published(tmp_path) == [("a", 1)]
    assert len(names(tmp_path)) == 1


def test_parts_out_of_order_and_unknown_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractBroken, match="not in the order of agent_id"):
        publish(tmp_path, scores(("b", 1)), scores(("a", 1)))
    with pytest.raises(ContractBroken, match="scoers is not one of the published tables"):
        Candidate(tmp_path, TABLES).write("scoers", scores())


def test_a_candidate_that_lacks_a_refused_part_cannot_be_sealed(tmp_path: Path) -> None:
    candidate = Candidate(tmp_path, TABLES)
    with pytest.raises(ContractBroken):
        candidate.write("scores", scores(("a", -1)))
    with pytest.raises(RuntimeError, match="lacks a part"):
        candidate.seal({})
