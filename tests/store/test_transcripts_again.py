"""Transcripts of Claude Code in a real warehouse: read twice, grown, in any order, and told anew whose they are."""

import gzip
import random
from pathlib import Path

from pipelines.store import transcripts
from tests.store.transcript_homes import FINISHED, Home, agent_file, ids
from tests.transcript_rows import (
    SESSION,
    agent_rows,
    call,
    completed,
    launched,
    line_of,
    notification,
    notified,
    result,
    row,
    said,
    side,
    tool,
    used,
    write,
)


def test_a_file_that_did_not_change_is_not_read_again(home, session):
    files = [write(session, FINISHED), write(agent_file(session), agent_rows())]
    assert home.counts(*files) == [(2, 2, 0, 0, 0), (4, 4, 0, 0, 0)]
    before = home.state()
    assert home.counts(*files) == []
    assert home.rows("SELECT count(*) FROM ingested_files") == [(2,)]
    assert home.state() == before


def test_a_file_read_again_under_another_name_adds_only_duplicates(home, session, tmp_path):
    home.land(write(session, FINISHED))
    before = home.state()
    assert home.counts(write(tmp_path / "copy.jsonl", FINISHED)) == [(2, 0, 2, 0, 0)]
    assert home.state() == before


def test_a_file_that_grew_is_read_on_from_where_it_ended(home, session):
    home.land(write(session, FINISHED))
    more = [call("t2"), result("t2", told=completed("a2"))]
    assert home.counts(write(session, [*FINISHED, *more])) == [(2, 2, 0, 0, 0)]
    assert ids(home.records()) == ["t1", "t2"]
    assert home.rows("SELECT line FROM agent_call_records ORDER BY event_id") == [(1,), (3,)]


def test_a_half_written_line_is_left_for_the_next_time(home, session):
    last = line_of(FINISHED[1])
    write(session, [FINISHED[0], last[:40]], end="")
    assert home.counts(session) == [(1, 1, 0, 0, 0)]
    assert home.records() == []
    assert home.counts(write(session, [FINISHED[0], last], end="")) == [(1, 1, 0, 0, 0)]
    assert ids(home.records()) == ["t1"]
    assert home.counts(write(session, [FINISHED[0], last, call("t2")])) == [(1, 1, 0, 0, 0)]


def test_a_file_that_was_written_anew_is_read_whole(home, session):
    home.land(write(session, FINISHED))
    assert home.counts(write(session, [call("t2"), *FINISHED, result("t2", told=completed())])) == [(4, 2, 2, 0, 0)]
    assert ids(home.records()) == ["t1", "t2"]


def test_nothing_is_lost_when_a_file_vanishes(home, session):
    home.land(write(session, [call("t1"), result("t1", told=launched())]), write(agent_file(session), agent_rows()))
    agent_file(session).unlink()
    session.unlink()
    home.land(write(session.with_name("later.jsonl"), [notified(notification())]))
    assert home.record()["output_tokens"] == 47


def test_a_compressed_transcript_is_read_like_any_other(home, session):
    packed = session.with_name(session.name + ".gz")
    write(session, FINISHED)
    packed.write_bytes(gzip.compress(session.read_bytes()))
    assert home.counts(packed) == [(2, 2, 0, 0, 0)]
    packed.write_bytes(gzip.compress(session.read_bytes() + line_of(call("t2")).encode() + b"\n"))
    assert home.counts(packed) == [(3, 1, 2, 0, 0)]


def test_a_resumed_session_that_copies_rows_adds_nothing_but_what_is_new(home, session):
    new = "5e551011-0000-4000-8000-000000000002"
    copied = [{**of, "sessionId": new} for of in FINISHED]
    own = [{**call("t2"), "sessionId": new}, {**result("t2", told=completed("a2")), "sessionId": new}]
    home.land(write(session, FINISHED), write(agent_file(session), agent_rows()))
    assert home.counts(write(session.with_name(f"{new}.jsonl"), [*copied, *own])) == [(4, 2, 2, 0, 0)]
    assert [(record["session_id"], record["output_tokens"]) for record in home.records()] == [
        (SESSION, 47),
        (new, None),
    ]


def a_day_of_work(session: Path) -> dict[Path, list]:
    """Calls of every kind: in the foreground, in the background, a side-chain, a copied one, one that goes on."""
    chain = [side(row("user", "c1", "10:00:10", message={"role": "user", "content": "Prompt of t3"}), None, None)]
    chain.append(side(said("c2", "10:00:20", [tool("c-u1")], usage=used(30)), None, "c1"))
    rows = [
        *FINISHED,
        *(call("t2", "09:03:00"), result("t2", "09:03:01", told=launched("a2")), notified(notification("a2"))),
        *(call("t3", "10:00:00"), *chain, result("t3", "10:01:00", told="done")),
        *(call("t4", "11:00:00"), result("t4", "11:00:01", told=launched("a4"))),
        *("", "half a line"),
        said("own", "12:00:00", [], usage=used(11), message="own"),
    ]
    copy = [{**of, "sessionId": "resumed"} if isinstance(of, dict) else of for of in rows[:6]]
    return {
        session: rows,
        session.with_name("resumed.jsonl"): [*copy, said("new", "13:00:00", [], usage=used(12))],
        agent_file(session): agent_rows(),
        agent_file(session, "a2"): agent_rows("a2", "Prompt of t2"),
    }


def test_any_order_of_lines_and_any_split_into_files_and_ingests_leads_to_the_same_state(tmp_path, session):
    whole, day = Home(tmp_path / "whole"), a_day_of_work(session)
    whole.land(*(write(path, rows) for path, rows in day.items()))
    expected = whole.state()
    assert ids(whole.records()) == ["t1", "t2", "t3"]
    for seed in range(6):
        rng = random.Random(seed)
        lines = [line_of(of) for rows in day.values() for of in rows]
        rng.shuffle(lines)
        cuts = sorted(rng.sample(range(len(lines)), 4))
        folder, home = tmp_path / f"in-pieces-{seed}", Home(tmp_path / f"pieces-{seed}")
        pieces = [
            write(folder / f"{n:08d}-0000-4000-8000-000000000000.jsonl", lines[begin:end])
            for n, (begin, end) in enumerate(zip([0, *cuts], [*cuts, None], strict=True))
        ]
        for piece in pieces if seed % 2 else [pieces[:2], pieces[2:]]:
            home.land(*([piece] if isinstance(piece, Path) else piece))
        assert home.state() == expected, seed


def test_a_file_that_grows_line_by_line_leads_to_the_same_state_as_the_whole(tmp_path, session):
    whole, grown, rows = Home(tmp_path / "whole"), Home(tmp_path / "grown"), a_day_of_work(session)[session]
    whole.land(write(session, rows))
    for n in range(0, len(rows) + 1, 3):
        grown.land(write(session, rows[:n], end="" if n % 2 else "\n"))
    grown.land(write(session, rows))
    assert grown.state() == whole.state()


def test_large_files_and_small_batches_change_nothing(tmp_path, session, monkeypatch):
    day = [write(path, rows) for path, rows in a_day_of_work(session).items()]
    whole, parts = Home(tmp_path / "whole"), Home(tmp_path / "parts")
    counts = whole.counts(*day)
    monkeypatch.setattr(transcripts, "ROWS_IN_MEMORY", 3)
    monkeypatch.setattr(transcripts, "BATCH_FILES", 1)
    assert parts.counts(*day) == counts
    assert parts.state() == whole.state()


def test_who_is_told_later_owns_the_calls_from_the_start(home, session):
    write(session, FINISHED)
    home.land(session, account="machine")
    assert (home.record()["user"], home.record()["team"]) == ("machine", None)
    home.land(session, account="machine", user_id="ada", team_id="night-shift")
    assert (home.record()["user"], home.record()["team"]) == ("ada", "night-shift")
    home.land(write(session, [*FINISHED, call("t2"), result("t2", told=completed("a2"))]), account="machine")
    assert [(record["user"], record["team"]) for record in home.records()] == [("ada", "night-shift")] * 2


def test_an_owner_told_anew_leaves_the_runs_of_equal_prompts_where_they_are(home, session):
    asked = {"prompt": "Same"}
    one = [call("t1", "09:00:00", **asked), result("t1", "09:02:00", told="Error: no")]
    other = [call("t2", "09:00:05", **asked), result("t2", "09:03:00", told="Error: no")]
    runs = [write(agent_file(session, of), agent_rows(of, "Same")[: 4 - n]) for n, of in enumerate(("a1", "a2"))]
    later = write(session.with_name("later.jsonl"), other)
    home.land(write(session, one), later, *runs)
    before = home.state()["call_runs"]
    home.land(later, user_id="ada")
    assert home.state()["call_runs"] == before
    assert [record["user"] for record in home.records()] == ["local-user", "ada"]


def test_a_description_is_kept_only_if_that_is_asked_for_be_it_later(home, session):
    write(session, [call("t1", description="Write the docs"), result("t1", told=completed())])
    home.land(session)
    assert home.record()["description"] is None
    assert home.rows("SELECT description FROM transcript_calls") == [(None,)]
    assert home.counts(session, keeps_descriptions=True) == [(2, 0, 2, 0, 0)]
    assert home.record()["description"] == "Write the docs"
    assert home.counts(session, keeps_descriptions=True) == []
