"""Publishing: readers see a whole generation at any moment, and nobody stands in anybody's way.

The registry here is a small one of this file; the real tables are made and published elsewhere.
"""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.game.contract import DAY, FLAG, INSTANT, NUMBER, TEXT, WHOLE, Column, ContractBroken, Table
from pipelines.game.faults import PodiumError
from pipelines.store.published import Candidate, DamagedGeneration, Generation, NoGeneration, NoSuchTable
from pipelines.store.runlock import RunBusy, run_lock

SCORES = Table(
    name="scores",
    grain="One row per agent",
    columns=(
        Column("agent_id", TEXT, "the agent"),
        Column("points", WHOLE, "its points", low=0),
        Column("reached_at", INSTANT, "when", nullable=True),
    ),
    sort_by=("agent_id",),
)
DAYS = Table(
    name="days",
    grain="One row per day",
    columns=(Column("day", DAY, "the day"), Column("is_open", FLAG, "open"), Column("score", NUMBER, "score")),
    sort_by=("day",),
)
TABLES = {"scores": SCORES, "days": DAYS}


def scores(*rows: tuple[str, int]) -> pl.DataFrame:
    return pl.DataFrame([(*row, None) for row in rows], schema=SCORES.schema, orient="row")


def publish(home: Path, *parts: pl.DataFrame, max_copied_rows: int = 1_000_000) -> Candidate:
    with Candidate(home, TABLES, max_copied_rows=max_copied_rows) as candidate:
        for part in parts:
            candidate.write("scores", part)
        candidate.seal({"as_of": "2026-03-01"})
        candidate.publish()
    return candidate


def published(home: Path) -> list[tuple[str, int]]:
    """The scores a reader sees; everything it could look at must be whole and agree."""
    with Generation.open(home) as generation:
        assert generation.damages() == []
        rows = generation.table("scores").select("agent_id", "points").collect().rows()
        with duckdb.connect(str(generation.path / "podium.duckdb"), read_only=True) as con:
            assert con.sql("SELECT agent_id, points FROM scores").fetchall() == rows
        assert generation.manifest["tables"]["scores"]["n_rows"] == len(rows)
    return rows


def names(home: Path) -> set[str]:
    return {path.name for path in (home / "published" / "generations").iterdir()}


def in_subprocess(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    prelude = (
        "import sys; from pathlib import Path; from tests.store.test_published import *; home = Path(sys.argv[1])\n"
    )
    return subprocess.run(
        [sys.executable, "-c", prelude + code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )


@contextmanager
def duckdb_client(database: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program with the database open read-only: it answers each query that it is given on a line."""
    code = (
        "import duckdb, sys\n"
        "con = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True)\n"
        "for line in sys.stdin: print(con.sql(line).fetchall(), flush=True)"
    )
    client = subprocess.Popen(
        [sys.executable, "-c", code, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert client.stdin is not None
    assert client.stdout is not None
    assert client.stdout.readline() == "open\n"
    yield client
    client.stdin.close()
    client.wait(timeout=10)
    client.stdout.close()


def ask(client: subprocess.Popen[str], query: str) -> str:
    assert client.stdin is not None
    assert client.stdout is not None
    print(query, file=client.stdin, flush=True)
    return client.stdout.readline().strip()


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


def test_a_flipped_bit_is_found(tmp_path: Path) -> None:
    candidate = publish(tmp_path, scores(("a", 1)))
    file = candidate.path / "scores.parquet"
    data = bytearray(file.read_bytes())
    data[20] ^= 1
    file.write_bytes(data)
    with Generation.open(tmp_path) as generation:
        [sentence] = generation.damages()
    assert sentence == f"{file} has been changed: `podium recompute` publishes a whole generation."


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


def test_half_made_candidates_are_swept_when_the_next_one_begins(tmp_path: Path) -> None:
    publish(tmp_path, scores(("a", 1)))
    abandoned = Candidate(tmp_path, TABLES)
    abandoned.write("scores", scores(("a", 2)))
    never_current = Candidate(tmp_path, TABLES)
    never_current.write("scores", scores(("a", 3)))
    never_current.seal({})
    assert not abandoned.path.exists()
    assert published(tmp_path) == [("a", 1)]
    publish(tmp_path, scores(("a", 4)))
    assert never_current.id not in names(tmp_path)
    assert len(names(tmp_path)) == 2
    assert published(tmp_path) == [("a", 4)]


def test_a_candidate_given_up_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Candidate(tmp_path, TABLES):  # as by Ctrl-C
        raise KeyboardInterrupt
    assert names(tmp_path) == set()


class Crash(BaseException):
    """The process ends here: nothing of ours runs any more."""


DURABLE_STEPS = ("fsync", "rename", "replace", "symlink", "unlink", "mkdir", "rmdir")


def crash_at(step: int, home: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Publish, but crash before the step-th change of the directory or sync; whether it got that far."""
    n_steps = 0

    def counted(real):
        def instead(*args, **kwargs):
            nonlocal n_steps
            n_steps += 1
            if n_steps == step:
                raise Crash
            return real(*args, **kwargs)

        return instead

    with monkeypatch.context() as patch:
        for name in DURABLE_STEPS:
            patch.setattr(os, name, counted(getattr(os, name)))
        try:
            candidate = Candidate(home, TABLES, max_copied_rows=1)  # not in a `with`: a crash tidies nothing
            candidate.write("scores", scores(("new", 1)))
            candidate.write("scores", scores(("new", 2)))
            candidate.seal({})
            candidate.publish()
        except Crash:
            return True
    return False


def test_a_crash_at_any_step_leaves_a_whole_generation_and_the_next_run_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    for step in range(1, 200):
        home = tmp_path / str(step)
        for n in range(3):
            publish(home, scores(("old", n)))
        crashed = crash_at(step, home, monkeypatch)
        seen.append(published(home))
        publish(home, scores(("next", 1)))
        assert published(home) == [("next", 1)]
        assert len(names(home)) == 3
        if not crashed:
            break
    old, new = [("old", 2)], [("new", 1), ("new", 2)]
    switch = seen.index(new)
    assert seen == [old] * switch + [new] * (len(seen) - switch)
    assert switch > 15
    assert len(seen) < 199


def test_a_reader_never_finds_the_pointer_missing_or_half_switched(tmp_path: Path) -> None:
    publish(tmp_path, scores(("a", 0)))
    seen: list[int] = []
    faults: list[BaseException] = []
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            try:
                with Generation.open(tmp_path) as generation:
                    seen.append(generation.table("scores").collect()["points"][0])
            except BaseException as fault:  # noqa: BLE001 - whatever a reader meets fails the test
                faults.append(fault)

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(1, 30):
        publish(tmp_path, scores(("a", n)))
    is_over.set()
    reader.join()
    assert faults == []
    assert seen == sorted(seen)
    assert len(set(seen)) > 1


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


WRITE_TOO_MUCH = """
import random, resource
from pipelines.store.database import build_database
many = pl.DataFrame({"agent_id": [f"{n:09}{random.random()}" for n in range(100_000)]})
many = many.with_columns(points=pl.int_range(100_000), reached_at=pl.lit(None, INSTANT))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    publish(home, many)
except PodiumError as fault:
    print(fault)
"""


@pytest.mark.parametrize(("limit", "doing"), [(100_000, "Writing scores"), (3_000_000, "Sealing a generation")])
def test_a_full_disk_is_a_sentence_and_the_old_generation_stays(tmp_path: Path, limit: int, doing: str) -> None:
    publish(tmp_path, scores(("a", 1)))
    ended = in_subprocess(WRITE_TOO_MUCH, tmp_path, limit)
    assert ended.stdout == (
        f"{doing} under {tmp_path} failed: the disk is full, or a file may not grow further. "
        "Free some space and run again. What is published stays whole.\n"
    ), ended.stderr
    assert published(tmp_path) == [("a", 1)]
    assert len(names(tmp_path)) == 1, "the space is given back"


def test_a_full_file_system_is_a_sentence_and_the_old_generation_stays(tmp_path: Path) -> None:
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", tmp_path], capture_output=True).returncode:
        pytest.skip("mounting a small file system takes rights that are not given here")
    try:
        publish(tmp_path, scores(("a", 1)))
        with pytest.raises(PodiumError, match="the disk is full"):
            publish(tmp_path, scores(*((f"{n:06}{os.urandom(16).hex()}", n) for n in range(60_000))))
        assert published(tmp_path) == [("a", 1)]
        publish(tmp_path, scores(("a", 2)))
        assert published(tmp_path) == [("a", 2)]
    finally:
        subprocess.run(["umount", tmp_path], check=True)


AS_NOBODY = """
if os.getuid() == 0: os.setuid(65534)
for attempt in (lambda: run_lock(home).__enter__(), lambda: Candidate(home, TABLES)):
    try:
        attempt()
    except PodiumError as fault:
        print(fault)
"""


def test_a_home_without_rights_is_a_sentence() -> None:
    with tempfile.TemporaryDirectory() as directory:  # pytest's own directories are closed to others
        home = Path(directory)
        home.chmod(0o555)
        ended = in_subprocess(AS_NOBODY, home)
        home.chmod(0o755)
    reason = "it may not be written to. Give yourself the right to write there, or choose another --home."
    assert ended.stdout.splitlines() == [
        f"{doing} under {home} failed: {reason} What is published stays whole."
        for doing in ("Locking the home", "Beginning a generation")
    ], ended.stderr


def test_a_home_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("")
    with pytest.raises(PodiumError, match=r"Locking the home under .* failed: File exists"), run_lock(home):
        pass


def test_a_second_run_is_told_to_wait_and_may_begin_when_the_first_has_ended(tmp_path: Path) -> None:
    with run_lock(tmp_path):
        ended = in_subprocess("with run_lock(home): pass", tmp_path)
        assert f"RunBusy: Another run is at work in {tmp_path} (process {os.getpid()} since " in ended.stderr
        with pytest.raises(RunBusy, match="Wait until it has ended"), run_lock(tmp_path):
            pass
    assert in_subprocess("with run_lock(home): pass", tmp_path).returncode == 0


def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    ended = in_subprocess("run_lock(home).__enter__(); os.kill(os.getpid(), 9)", tmp_path)
    assert ended.returncode == -9
    with run_lock(tmp_path):
        pass
