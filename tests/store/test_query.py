"""Questions in SQL: they read the published tables, and nothing else can be reached through them."""

from pathlib import Path

import duckdb
import pytest

from pipelines.store import published
from pipelines.store.generation import Generation
from pipelines.store.query import QueryRefused, connection, frame, query
from tests.game.league import task, tried
from tests.reports.shown_season import publish


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    records = [
        task("t1"),
        tried("s1", "ada", "t1", "2026-03-01T10:00:00Z"),
        tried("s2", "bob", "t1", "2026-03-01T11:00:00Z"),
    ]
    return publish(tmp_path_factory.mktemp("home"), records)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT agent_id, points FROM agent_stats ORDER BY agent_id",
        "FROM (FROM agent_stats SELECT agent_id, points) ORDER BY agent_id;",
        "-- a remark\nWITH a AS (SELECT * FROM agent_stats) SELECT agent_id, points FROM a ORDER BY ALL",
    ],
)
def test_a_question_is_answered(generation: Generation, text: str) -> None:
    assert query(generation, text) == (["agent_id", "points"], [("ada", 10), ("bob", 5)])


@pytest.mark.parametrize(
    "text",
    ["SHOW TABLES", "DESCRIBE badges", "SUMMARIZE badges", "EXPLAIN SELECT 1", "explain analyze select 1", "VALUES (1)",
     "PIVOT points_ledger ON rule USING sum(points)"],
)  # fmt: skip
def test_other_ways_of_asking_are_answered(generation: Generation, text: str) -> None:
    assert query(generation, text)[1]


def test_at_most_so_many_rows_come_back(generation: Generation) -> None:
    assert len(query(generation, "FROM range(100)", limit=3)[1]) == 3


def test_instants_come_back_in_utc(generation: Generation) -> None:
    rows = query(generation, "SELECT earned_at FROM points_ledger ORDER BY ALL LIMIT 1")[1]
    assert rows[0][0].isoformat() == "2026-03-01T10:00:00+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM badges", "DROP TABLE badges", "CREATE TABLE x AS SELECT 1",
        "INSERT INTO badges SELECT * FROM badges",
        "COPY badges TO 'stolen.csv'", "EXPLAIN ANALYZE COPY badges TO 'stolen.csv'", "ATTACH 'other.db'",
        "SET enable_external_access = true", "PRAGMA enable_profiling", "INSTALL httpfs", "LOAD httpfs",
        "EXPORT DATABASE 'stolen'", "CALL pragma_version()", "CHECKPOINT", "SELECT 1; DROP TABLE badges",
        "", "-- nothing",
        "SELECT * FROM read_text('/etc/hostname')", "FROM '/etc/passwd'", "SELECT * FROM glob('/*')",
        "FROM read_csv('https://example.org/x.csv')", "SELEC 1", "FROM nowhere", "SELECT 1/", "SELECT $1",
        "WITH a AS (SELECT 1) DELETE FROM badges", "FROM generation",
    ],
)  # fmt: skip
def test_whatever_writes_reaches_out_or_is_wrong_is_refused_in_a_sentence(
    generation: Generation, text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(QueryRefused) as refused:
        query(generation, text)
    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)
    assert not list(tmp_path.iterdir())
    assert generation.damages() == []


def test_what_is_published_stays_as_it_was_sealed_and_gains_no_file(generation: Generation) -> None:
    before = sorted(generation.path.rglob("*"))
    query(generation, "SELECT count(*) FROM range(1000000) a, range(10) b")
    assert sorted(generation.path.rglob("*")) == before
    assert generation.damages() == []


def test_large_tables_are_read_where_they_lie_and_nothing_is_written_beside_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "MAX_COPIED_ROWS", 0)
    home = tmp_path / "it's [a] home*"
    generation = publish(home, [task("t1"), tried("s1", "ada", "t1", "2026-03-01T10:00:00Z")])
    assert query(generation, "SELECT agent_id, points FROM agent_stats")[1] == [("ada", 10)]
    assert frame(generation, "SELECT sum(points) AS points FROM points_ledger").rows() == [(10,)]
    with connection(generation, str(tmp_path / "scratch")) as con:
        assert con.sql("SELECT count(*) FROM submissions").fetchall() == [(1,)]
        with pytest.raises(duckdb.PermissionException):
            con.execute("COPY (SELECT 1) TO $1", [str(generation.path / "new.csv")])
    file = str(generation.path / "points_ledger.parquet").replace("'", "''")
    copy = f"COPY (PIVOT badges ON badge USING count(*)) TO '{file}' (FORMAT parquet, USE_TMP_FILE false)"
    for text in (
        copy,
        f"EXPLAIN ANALYZE {copy}",
        f"-- PIVOT\n{copy}",
        f"/* /* */ PIVOT */ {copy}",
        f"-- remark\r{copy}",
        f"WITH a AS (SELECT 1) {copy}",
        f"FROM ({copy})",
    ):
        with pytest.raises(QueryRefused):
            query(generation, text)
    assert generation.damages() == []


@pytest.mark.parametrize(
    "text", ["SELECT 99999999999999999999 AS a", "SELECT INTERVAL 1 DAY", "SELECT union_value(a := 1)"]
)
def test_an_answer_that_no_frame_can_hold_is_a_sentence(generation: Generation, text: str) -> None:
    assert query(generation, text)[1]
    with pytest.raises(QueryRefused, match=r"does not fit into a frame: .*Cast it"):
        frame(generation, text)


def test_a_connection_to_a_damaged_database_is_refused_in_a_sentence(tmp_path: Path) -> None:
    held = publish(tmp_path, [task("t1"), tried("s1", "ada", "t1", "2026-03-01T10:00:00Z")])
    (held.path / "podium.duckdb").write_bytes(b"x")
    with pytest.raises(QueryRefused, match="not a valid DuckDB database"):
        connection(held, str(tmp_path / "scratch"))


def test_questions_and_connections_stand_side_by_side(generation: Generation, tmp_path: Path) -> None:
    with connection(generation, str(tmp_path / "one")) as one, connection(generation, str(tmp_path / "two")) as other:
        assert one.sql("FROM badges").fetchall() == other.sql("FROM badges").fetchall()
        assert query(generation, "FROM badges")[1] == one.sql("FROM badges").fetchall()
