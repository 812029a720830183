"""`podium forget`: afterwards nothing in the home tells of a person, and the season is as if they had never been."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.arena.conversations import share
from pipelines.arena.keys import Keyring
from pipelines.engines.forgetting import forget, look, pending
from pipelines.engines.local import quiet
from pipelines.game.rulebook import load_rulebook
from pipelines.reports.choices import Misuse
from pipelines.reports.forget_view import faults, is_confirmed, known, owner_asked
from pipelines.reports.shown_anew import show_anew
from pipelines.reports.site.folder import MARK
from pipelines.reports.terminal import screen
from pipelines.settings import settings
from pipelines.store import erasure
from pipelines.store.durable import sha256
from pipelines.store.forgotten import Forgotten, Played
from pipelines.store.published import Generation
from pipelines.store.shelf import clear
from pipelines.store.warehouse import FILE
from tests.end_to_end.seasons import ingest, publish, same, tables
from tests.end_to_end.test_cli import ROOT, failed, podium
from tests.store.forgettable import BLANKED, OWNER, OWNERS, SECRET, logs, write
from tests.store.publishing import publish as publish_scores
from tests.store.publishing import scores

TOLD = {"generation": "g", "previous_generation": None, "as_of": "2026-03-02", "change_id": "i", "changed_at": "x"}
OTHERS_CHANGE = {**TOLD, "subject_type": "agent", "subject_id": "robin", "because": "robin is new."}
OTHERS_AGENT = {**TOLD, "subject_type": "agent", "subject_id": "wren-2", "because": "wren-2 is new, as wren.js was."}
CHANGES = [  # of them two are not the owner's
    {**TOLD, "subject_type": "user", "subject_id": OWNER, "because": "New."},
    {**TOLD, "subject_type": "user_agent", "subject_id": json.dumps(["bob", "only-theirs"]), "because": "New."},
    {**TOLD, "subject_type": "agent", "subject_id": "wren", "because": "New."},
    {**TOLD, "subject_type": "agent", "subject_id": "robin", "because": f"The first solver is now {OWNER}."},
    {**TOLD, "subject_type": "agent", "subject_id": "robin", "because": "The first solver is now wren."},
    OTHERS_CHANGE,
    OTHERS_AGENT,
]

NOTHING = erasure.Survey("ada", {}, (), 0, 0, 0, (), (), is_known=True, is_agent=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A published season of two, with all that a home may hold beside it."""
    place = tmp_path / "home"
    ingest(place, logs(tmp_path / "logs"))
    publish(place)
    assert podium("export", "--configured", "--home", place, cwd=tmp_path).returncode == 0
    write(place / "changes.jsonl", CHANGES)
    saids = [{"type": "consent", "owner_id": owner, "scope": "metrics"} for owner in (OWNER, "bob")]
    write(place / "consents" / "both.jsonl", saids)
    write(place / "consents" / "one.jsonl", saids[:1])
    write(place / "scratch" / "kept.arrow", [SECRET])
    write(place / "arena" / "preview" / "owner.html", [OWNER])
    for owner in (OWNER, "bob"):
        share(place / "arena" / "conversations", write(tmp_path / owner, [f"{SECRET} {owner}"]), owner, "2026-W10")
    owners = pl.DataFrame({"owner_id": [OWNER, "bob"], "scope": "metrics", "since": "k"})
    Keyring.open(tmp_path / "keys", place).pseudonyms(owners)
    return place


def said_in(home: Path) -> Iterator[tuple[Path, str]]:
    """All that a reader could find in the files of a home: bytes, and texts that are packed."""
    for path in (found for found in home.rglob("*") if found.is_file() and not found.is_symlink()):
        yield path, path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            yield path, str(pl.read_parquet(path).select(pl.col(pl.String)).rows())
        elif path.name == FILE:
            with duckdb.connect(path, read_only=True) as con:
                for (table,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                    yield path, str(con.execute(f'FROM "{table}"').fetchall())


def naming(home: Path) -> set[str]:
    """The files of a home that tell of the owner."""
    hidden = ("u-canaryx", "xu-canary")  # others, whose names only begin or end so
    told = ((path, text.replace(hidden[0], "").replace(hidden[1], "")) for path, text in said_in(home))
    return {path.name for path, text in told if OWNER in text.lower() or SECRET in text.lower()}


def test_a_person_is_forgotten_although_it_was_killed_midway(home: Path, tmp_path: Path) -> None:
    assert naming(home) >= {
        FILE,
        "changes.jsonl",
        "both.jsonl",
        "agent_calls.parquet",
        "podium.duckdb",
        "quarantine.parquet",
    }
    old, before = sha256(home / FILE), Generation.open(home).id
    command = [sys.executable, str(ROOT / "tests/end_to_end/forget_killed.py"), str(home), OWNER]
    killed = subprocess.run(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    first, second = killed.stdout.split()
    assert first == old  # before the rename: the old warehouse, byte for byte
    assert second == sha256(home / FILE) != old
    assert erasure.left_of(home, OWNER) == []
    with Generation.open(home) as untouched:
        assert (untouched.id, untouched.damages(), pending(home)) == (before, [], OWNER)

    keys = {"PODIUM_ARENA_KEYS": str(tmp_path / "keys")}
    ended = podium("forget", OWNER, "--yes", "--json", "--home", home, cwd=tmp_path, **keys)
    assert (ended.returncode, ended.stderr) == (0, "")
    [done] = json.loads(ended.stdout)
    assert done["n_records"] == {"agent calls": 3, "submissions": 5, "consents": 1, "transcripts": 0}
    assert [log["n_records"] for log in done["logs"]] == [2, 11]
    assert (done["n_salts_dropped"], done["n_conversations_deleted"], done["n_lines_removed"]) == (1, 1, 7)
    # what is left is a conversation of bob's, whose words are his own
    assert naming(home) == {
        path.name for path in (home / "arena" / "conversations").iterdir() if path.name != "shared.jsonl"
    }
    assert [json.loads(line) for line in (home / "changes.jsonl").read_text().splitlines()] == [
        OTHERS_CHANGE,
        OTHERS_AGENT,
    ]
    assert [path.name for path in (home / "published" / "generations").iterdir()] == [done["generation"]]
    assert {path.name for path in home.iterdir()} == {
        *(FILE, ".lock", "published", "changes.jsonl", "consents", "arena", "scratch", "exports")
    }

    alone = tmp_path / "alone"
    ingest(alone, [write(tmp_path / "log.jsonl", BLANKED)])
    never_there = publish(alone)
    left = tables(Generation.open(home))
    assert same(left, never_there) == []
    assert left["changes"].is_empty()
    assert left["quarantine"]["raw"].to_list() == ["<removed>"] * 4 + ["a line of nobody's that is no JSON"]
    parts = pl.sum_horizontal("n_accepted", "n_duplicates", "n_quarantined", "n_blank")
    assert left["ingested_files"].select(pl.col("n_lines") == parts)["n_lines"].all()
    assert left["ingested_files"]["n_lines"].to_list() == [2, 19, 1]
    assert left["agent_calls"]["description"].to_list() == ["<removed>", "<removed>"]

    again = podium("forget", OWNER, "--yes", "--home", home, cwd=tmp_path, **keys)
    assert failed(again, 2) == "podium: There is no owner `u-canary`. There are bob, robin."
    reports = ingest(home, [tmp_path / "logs" / f"of-{OWNER}" / "log.jsonl", tmp_path / "logs" / "more.csv"])
    # a log of lines is known by its bytes, a table is not
    assert [(report.n_accepted, report.n_duplicates) for report in reports] == [(0, 19), (1, 0)]


def test_a_home_without_a_warehouse_is_not_made_for_it(tmp_path: Path) -> None:
    assert failed(podium("forget", "ada", "--home", "h", cwd=tmp_path), 1).startswith("podium: There is no warehouse")
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_is_left_to_score_nothing_is_published_or_shown(tmp_path: Path) -> None:
    ingest(tmp_path / "home", [write(tmp_path / "log.jsonl", OWNERS[:1])])
    publish_scores(tmp_path / "home", scores((OWNER, 1)))
    for name in (f"report/{MARK}", "report/index.html", "exports/points.csv"):
        write(tmp_path / "home" / name, ["generation g"])
    (tmp_path / "home" / "exports" / "index.json").write_text('{"exports":[{"file":"points.csv"}]}')
    where = settings(tmp_path / "home")
    survey = look(where.home, OWNER)
    with Generation.open(where.home) as read:
        done = forget(where.home, survey, Played(load_rulebook(None), None), Path, lambda: show_anew(where, quiet))
    assert (done.generation_id, len(done.written)) == (None, 2)
    assert done.unfinished == (
        f"The generation {read.id} is open in another process and still tells of the owner: close whatever reads it.",
    )
    assert pending(where.home) == OWNER
    assert not where.report.exists()
    assert list(where.exports.iterdir()) == []
    assert clear(where.home) == []
    assert not read.path.exists()


def test_it_says_what_would_go_and_does_nothing_where_nobody_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.StringIO()
    survey = replace(NOTHING, n_records={"agent calls": 1200, "submissions": 0}, agents=("wren",), files=(("log", 9),))
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(Misuse, match=r"Nothing was changed: .* say --yes"):
        is_confirmed(survey, screen(output), as_json=False)
    lines = [re.sub(" {2,}", "|", line.strip()) for line in output.getvalue().splitlines()]
    assert [line for line in lines if not line.startswith("-")] == [
        "Of `ada` is kept here:",
        "what|how many|what becomes of it",
        "agent calls|1,200|deleted",
        "agents that nobody else uses|1|gone with them",
        "logs with records of the owner: they stay as they are|records",
        "log|9",
    ]


def test_nobody_is_no_owner(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    with pytest.raises(Misuse, match=r"^Name an owner: an id is not empty\.$"):
        owner_asked(" ", settings(tmp_path))


def test_an_agent_that_others_use_is_no_owner() -> None:
    with pytest.raises(Misuse, match=r"`py` is an agent that others use, .* Owners are ada, bob\.$"):
        known(replace(NOTHING, owner_id="py", owners=("ada", "bob"), is_known=False, is_agent=True))


def test_what_could_not_be_done_is_said() -> None:
    survey = NOTHING
    done = Forgotten(survey, None, 0, 0, 0, (), ("It is open.",), (("agents.id", 1),), (), 0)
    assert list(faults(done, "bob")) == [
        "It is open.",
        "The forgetting of `ada` has not ended: mend that, and run `podium forget ada` again.",
        "It was begun before, and `bob` waits for it: nothing of theirs was changed.",
        "The warehouse still names `ada`, in what is not the owner's: agents.id (1).",
    ]
