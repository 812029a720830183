"""Whose rows go from the warehouse, what is found as a name, and what is refused before anything is touched."""

import json
import unicodedata
from pathlib import Path

import duckdb
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.store import erasure
from pipelines.store.erasure_lines import files_that_name, forget_changes
from pipelines.store.erasure_names import Name
from pipelines.store.erasure_tables import KEPT, UnknownTable
from pipelines.store.warehouse import FILE, Warehouse
from tests.end_to_end.seasons import ingest
from tests.store.forgettable import OWNER, OWNERS, write
from tests.store.test_feeds import feed
from tests.store.transcript_homes import FINISHED, Home, agent_file
from tests.transcript_rows import SESSION, agent_rows, call, completed, result
from tests.transcript_rows import write as write_rows

OTHER_SESSION = "9therone-0000-4000-8000-000000000002"
IDS = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="<>"), min_size=3, max_size=12)


@pytest.mark.parametrize(
    ("owner", "text", "is_named"),
    [
        ("ada", "ada", True),
        ("ada", "Ask Ada!", True),
        ("ada", "/home/ada/log.jsonl", True),
        ("ada", "ada_1", True),
        ("ada", r'{"note":"first\nada"}', True),
        ("ada", r'{"note":"\u0061d\u0041"}', True),
        ("ada", "Canada adam ada2", False),
        ("zo\u00eb", "of zoe\u0308", True),
        ("zo\u00eb", r'"zo\u00EB"', True),
        ("a.b", "axb", False),
        ("\U0001f426-7", r"\ud83d\uDC26-7", True),
        ("@ada", "mail@ada", True),
        ("al", "al is here", False),
        ("al", '{"user_id":"al"}', True),
        ("al", "/logs/al/x", True),
    ],
)
def test_an_owner_is_found_as_a_word_however_a_log_may_spell_it(owner: str, text: str, *, is_named: bool) -> None:
    query = "SELECT regexp_matches($text, $pattern, 'i')"
    with duckdb.connect() as con:
        assert con.execute(query, {"text": text, "pattern": Name(owner).in_sql}).fetchall() == [(is_named,)]


@given(IDS, st.sampled_from(("NFC", "NFD")), st.sampled_from((" ", "/", "\n", "-", ".")))
def test_every_id_is_found_in_every_spelling_in_texts_and_in_bytes(owner: str, form: str, between: str) -> None:
    owner = unicodedata.normalize("NFC", owner)
    said = unicodedata.normalize(form, f"x{between}{owner}{between}x")
    name = Name(owner)
    texts = [said, json.dumps(said), json.dumps(said, ensure_ascii=False)]
    assert pc.match_substring_regex(texts, name.exactly_in_sql).to_pylist() == [True] * 3  # RE2, as in DuckDB
    assert [name.is_in_bytes(text.encode()) for text in texts] == [True] * 3
    assert name.is_in(said)


def test_every_table_of_the_warehouse_has_a_rule_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    ingest(tmp_path, [write(tmp_path / "log.jsonl", OWNERS[:1])])
    assert erasure.survey(tmp_path, OWNER).n_records["agent calls"] == 1
    with Warehouse.open(tmp_path) as warehouse:
        tables = warehouse.con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
        warehouse.con.execute("CREATE TABLE diaries (page VARCHAR)")
    assert {name for (name,) in tables} == set(KEPT)
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(UnknownTable, match="`diaries`"):
        erasure.write_anew(tmp_path, OWNER)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_team_of_a_contest_and_a_log_in_the_landing_folder_that_bears_the_name_are_refused(tmp_path: Path) -> None:
    of_feed = write(tmp_path / "feed.ndjson", feed())
    landed = write(tmp_path / "landing" / f"{OWNER}.jsonl", OWNERS[:1])
    ingest(tmp_path, [of_feed, landed])
    for owner, why in (("Ada", "the feed of a contest"), (OWNER, "lies in the landing folder")):
        with pytest.raises(erasure.NotForgettable, match=f"{why}.* Nothing was changed"):
            erasure.survey(tmp_path, owner)


def observed(home: Home) -> dict[str, list[tuple]]:
    """All that was observed but for hashes of rows, which bear no name."""
    tables = ("results", "notes", "links", "tools", "messages", "runs", "call_runs", "records")
    with Warehouse.open(home.place) as warehouse:
        return {
            name: warehouse.con.execute(
                f"SELECT COLUMNS(lambda c: c NOT IN ('digest', 'file')) FROM transcript_{name} ORDER BY ALL"
            ).fetchall()
            for name in tables
        }


def test_transcripts_of_an_owner_go_and_those_of_others_are_told_as_if_alone(tmp_path: Path) -> None:
    folder = tmp_path / "projects"
    own = write_rows(folder / f"{SESSION}.jsonl", FINISHED)
    run = write_rows(agent_file(own), agent_rows())
    copied = [*FINISHED, call("t2", "09:01:00", description=f"Ask {OWNER}"), result("t2", told=completed("a2"))]
    other = write_rows(folder / f"{OTHER_SESSION}.jsonl", [{**row, "sessionId": OTHER_SESSION} for row in copied])
    label = {"call_id": "t2", "evidence_type": "innovation", "evidence": f"{OWNER} said", "category": "docs"}
    labels = write(tmp_path / "labels.jsonl", [{**label, "by": [{"who": OWNER}]}])
    both, alone = Home(tmp_path / "both"), Home(tmp_path / "alone")
    broken = tmp_path / f"{OWNER}.jsonl.gz"
    broken.write_bytes(b"\x1f\x8b cut off")
    both.land(own, run, broken, user_id=OWNER)
    both.land(other, labels, user_id="bob", keeps_descriptions=True)
    assert [record["user"] for record in both.records()] == [OWNER, "bob"]
    erasure.write_anew(both.place, OWNER)
    erasure.put_in_place(both.place)
    alone.land(other, labels, user_id="bob", keeps_descriptions=True)
    assert observed(both) == observed(alone)
    assert [(r["user"], r["description"], r["evidence"]) for r in both.records()] == [
        ("bob", "Write the docs", None),
        ("bob", "<removed>", "<removed>"),
    ]
    [(said,)] = both.rows("SELECT said FROM transcript_labels")
    assert json.loads(said) == {"evidence_type": "innovation", "evidence": "<removed>", "category": "docs"}
    paths = both.rows("SELECT path FROM ingested_files ORDER BY file")
    assert paths == [("<removed>",), ("<removed>",), (str(other),), (str(labels),)]
    assert erasure.left_of(both.place, OWNER) == []
    [(path, sentence)] = both.rows("SELECT path, sentence FROM unreadable_files")
    assert path == str(tmp_path / "<removed>.jsonl.gz")
    assert sentence.startswith(path)
    both.land()  # every account still balances


def test_a_line_that_never_became_one_is_looked_at_as_text(tmp_path: Path) -> None:
    (tmp_path / "changes.jsonl").write_text(f"[1]\nof {OWNER}\nhalf a li")
    (tmp_path / "note.txt").write_bytes(b"\xff of u-canar\\u0079")
    assert files_that_name(tmp_path, OWNER) == [tmp_path / "changes.jsonl", tmp_path / "note.txt"]
    assert files_that_name(tmp_path, "li") == []
    assert forget_changes(tmp_path, OWNER, {}) == 1
    assert (tmp_path / "changes.jsonl").read_text() == "[1]\nhalf a li"
