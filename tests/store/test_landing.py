"""SPEC section 2: what becomes of the lines of a file, in a real warehouse."""

import datetime as dt
import gzip
import hashlib
import json
import os
import random
from pathlib import Path

import polars as pl
import pytest

from pipelines.game.records import RECORDS, Kind, Reason
from pipelines.store.landing import land
from pipelines.store.retrying import retry
from pipelines.store.warehouse import Warehouse, WarehouseBusy
from tests.sources.packing import PACKINGS

NOW = dt.datetime(2026, 6, 1)  # noqa: DTZ001 - naive UTC, as the store takes it
TASK = {"type": "task", "event_id": "t1", "at": "2026-01-01T00:00:00Z", "task_id": "a", "problem": "collatz",
        "task_type": "compute", "difficulty": "easy"}  # fmt: skip
TRY = {"type": "submission", "event_id": "e1", "at": "2026-01-02T00:00:00Z", "submission_id": "s1", "agent_id": "ann",
       "task_id": "a", "submitted_at": "2026-01-02T00:00:00Z", "verdict": "verified"}  # fmt: skip


def lines(*records):
    return "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def write(home, name, content):
    path = home.parent / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def landed(home, *paths, now=NOW, **more):
    """(accepted, duplicates, quarantined, blank) of each file."""
    with Warehouse.open(home) as warehouse:
        reports = land(warehouse, paths, now, **more)
    for report in reports:
        parts = (report.n_accepted, report.n_duplicates, report.n_quarantined, report.n_blank)
        assert report.error or report.n_lines == sum(parts)
    return [(r.n_accepted, r.n_duplicates, r.n_quarantined, r.n_blank) for r in reports]


def query(home, sql):
    with Warehouse.open(home) as warehouse:
        return warehouse.con.sql(sql).fetchall()


HOSTILE = [
    (Reason.OVERSIZED, '{"type":"' + "x" * (1 << 20) + '"}'),
    (Reason.NOT_JSON, '{"type":"task",}'),
    (Reason.NOT_AN_OBJECT, "[1]"),
    (Reason.DUPLICATE_KEY, '{"type":"task","more":{"a":1,"a":1}}'),
    (Reason.UNKNOWN_TYPE, '{"type":"tusk"}'),
    (Reason.MISSING_FIELD, '{"type":"task"}'),
    (Reason.BAD_TIMESTAMP, lines(TASK | {"at": "2026-01-01T00:00:00"}).strip()),
    (Reason.BAD_VALUE, lines(TASK | {"points": "10"}).strip()),
    (Reason.OUT_OF_RANGE, lines(TASK | {"points": 1001}).strip()),
    (Reason.TIME_TRAVEL, lines(TRY | {"at": "2026-01-01T00:00:00Z"}).strip()),
    (Reason.FROM_THE_FUTURE, lines(TASK | {"event_id": "f", "at": "2026-06-02T00:00:00.000001Z"}).strip()),
    (Reason.CONFLICTING_DUPLICATE, lines(TASK | {"problem": "goldbach"}).strip()),
]


def test_one_hostile_file_has_a_line_of_quarantine_for_every_reason_with_its_place(home):
    content = lines(TASK, *(line for _, line in HOSTILE), "", TRY)
    assert landed(home, write(home, "hostile.jsonl", content)) == [(2, 0, len(HOSTILE), 1)]
    rows = query(home, "SELECT reason, line, byte_offset, raw FROM quarantine ORDER BY line")
    assert [reason for reason, *_ in rows] == [reason for reason, _ in HOSTILE] == list(Reason)
    assert [line for _, line, *_ in rows] == list(range(2, len(HOSTILE) + 2))
    for (_, _, offset, raw), (reason, line) in zip(rows, HOSTILE, strict=True):
        assert content.encode()[offset:].startswith(line.encode()[:100])
        assert raw == (line[:4096] if reason is Reason.OVERSIZED else line)


def test_the_same_file_again_changes_nothing_but_the_duplicates(home):
    path = write(home, "log.jsonl", lines(TASK, TRY, "nonsense", ""))
    assert landed(home, path) == [(2, 0, 1, 1)]
    facts = query(home, "SELECT * FROM submission_records"), query(home, "SELECT * FROM quarantine")
    assert landed(home, path) == [(0, 3, 0, 1)]
    assert (query(home, "SELECT * FROM submission_records"), query(home, "SELECT * FROM quarantine")) == facts


@pytest.mark.parametrize("packing", PACKINGS)
def test_the_manifest_has_the_hash_and_the_size_of_the_file_as_it_lies_on_the_disk(home, packing):
    content = lines(TASK, *(TRY | {"event_id": f"e{n}"} for n in range(999))).encode()
    path = write(home, "log", PACKINGS[packing](content))
    other = write(home, "other", bytes(reversed(path.read_bytes()[1:])) + b"\n")  # as many bytes, all of them bad
    assert landed(home, path, path)[0][0] == 1000
    if packing == "plain":
        assert landed(home, other)[0][0] == 0
    rows = query(home, "SELECT path, content_sha256, n_bytes FROM ingested_files ORDER BY file")
    assert {name for name, *_ in rows} <= {str(path), str(other)}
    for name, *content in rows:
        held = Path(name).read_bytes()
        assert content == [hashlib.sha256(held).hexdigest(), len(held)]


def test_a_file_that_has_grown_adds_only_what_is_new(home):
    path = write(home, "log.jsonl", lines(TASK, TRY))
    landed(home, path)
    write(home, "log.jsonl", lines(TASK, TRY, TRY | {"event_id": "e2", "submission_id": "s2"}))
    assert landed(home, path) == [(1, 2, 0, 0)]


def test_a_record_again_in_another_spelling_is_a_duplicate_and_extra_fields_make_it_another(home):
    again = json.dumps(dict(reversed(TRY.items())), indent=None, separators=(" ,", " : "))
    again = again.replace("2026-01-02T00:00:00Z", "2026-01-02T01:00:00.000000+01:00").replace("ann", "\\u0061nn")
    path = write(home, "log.jsonl", lines(TRY, again, TRY | {"team_id": None}, TRY | {"more": 1}))
    assert landed(home, path) == [(1, 2, 1, 0)]
    assert query(home, "SELECT line, reason FROM quarantine") == [(4, "conflicting_duplicate")]


def test_event_ids_are_one_name_space_over_types_and_files_and_the_first_stored_stays(home):
    first = write(home, "first.jsonl", lines(TASK))
    second = write(home, "second.jsonl", lines(TRY | {"event_id": "t1"}, TASK))
    assert landed(home, first, second) == [(1, 0, 0, 0), (0, 1, 1, 0)]
    assert query(home, "SELECT raw FROM quarantine") == [(lines(TRY | {"event_id": "t1"}).strip(),)]


FULL = {
    "task": TASK | {"points": 7, "counterexample_points": 200, "title": "Größe|1:x"},
    "submission": TRY
    | {
        "at": "2026-01-02T00:00:01Z",
        "judged_at": "2026-01-02T00:00:00Z",
        "claimed_at": "2026-01-01T00:00:00.5Z",
        "found": True,
        "awarded_points": 30,
    }
    | {"team_id": "reds", "user_id": "u", "model": "m", "source": "s"},
    "agent_call": {"type": "agent_call", "event_id": "c", "at": "2026-01-02T00:00:00Z", "user_id": "u"}
    | {"agent_id": "ann", "action_type": "milestone", "success": True, "call_id": "k", "complexity": "expert"}
    | {"duration_s": 0.1, "base_points": 3, "bonus_points": 4, "multipliers": [1.5, 2], "response_quality": 0.7}
    | {"user_satisfaction": 0.8, "code_quality": 1, "evidence_type": "innovation", "evidence": "e", "category": "x"}
    | {"improvement_factor": 2.25, "team_id": "reds", "project_id": "p", "session_id": "q", "model": "m"}
    | {"input_tokens": 10**12, "output_tokens": 1, "cache_read_tokens": 2, "cache_creation_tokens": 3, "tool_uses": 4}
    | {"cost_usd": 0.30000000000000004, "success_source": "told", "description": "d"},
    "consent": {"type": "consent", "event_id": "n", "at": "2026-01-02T00:00:00Z", "owner_id": "u"}
    | {"scope": "metrics", "granted": False, "policy_version": "1"},
}


def other(field, value):
    """Another value of the same kind."""
    match field.kind:
        case Kind.FLAG:
            return not value
        case Kind.WHOLE | Kind.NUMBER:
            return value - 1 if value >= 1 else value / 2
        case Kind.NUMBERS:
            return [*value, 1]
        case Kind.INSTANT:  # the same in another fraction of the second
            return value.replace(".5Z", "Z") if "." in value else value.replace("Z", ".1Z")
        case Kind.WORD:
            return next(word for word in field.words if word != value)
    return value + "x"


@pytest.mark.parametrize("kind", RECORDS)
def test_a_stored_record_is_known_again_by_every_one_of_its_fields(home, kind):
    full = FULL[kind]
    assert full.keys() == {"type", *(field.name for field in RECORDS[kind])}
    again = dict(reversed(full.items()))
    spelled_otherwise = json.dumps(again, ensure_ascii=True).replace("00:00:00Z", "01:00:00+01:00")
    first = write(home, "first.jsonl", lines(full))
    assert landed(home, first, write(home, "same.jsonl", lines(again, spelled_otherwise))) == [
        (1, 0, 0, 0),
        (0, 2, 0, 0),
    ]
    fields = [field for field in RECORDS[kind] if field.name not in ("event_id", "at", "submitted_at")]
    changed = [full | {field.name: other(field, full[field.name])} for field in fields] + [full | {"more": 1}]
    changed += [full | {field.name: None} for field in fields if not field.required]
    assert landed(home, write(home, "changed.jsonl", lines(*changed))) == [(0, 0, len(changed), 0)]
    assert query(home, "SELECT DISTINCT reason FROM quarantine") == [("conflicting_duplicate",)]


def test_a_later_record_of_a_submission_marks_it_as_revised(home):
    later = TRY | {"event_id": "e2", "at": "2026-01-03T00:00:00Z", "verdict": "rejected"}
    other = TRY | {"event_id": "e3", "submission_id": "s2"}
    landed(home, write(home, "a.jsonl", lines(TRY, other)))
    assert query(home, "FROM revised_submissions") == []
    landed(home, write(home, "b.jsonl", lines(later)))
    assert query(home, "FROM revised_submissions") == [("s1",)]


def test_unknown_fields_are_kept(home):
    landed(home, write(home, "log.jsonl", lines(TRY | {"prose": "hm", "deep": {"b": [1], "a": None}})))
    assert query(home, "SELECT extra FROM submission_records") == [('{"deep":{"a":null,"b":[1]},"prose":"hm"}',)]


def test_csv_and_parquet_land_as_the_same_records_do_as_lines(home, tmp_path):
    made = [
        TRY | {"event_id": f"e{n}", "submission_id": f"s{n}", "found": n == 1, "awarded_points": n} for n in range(3)
    ]
    frame = pl.DataFrame(made)
    frame.write_csv(tmp_path / "log.csv")
    frame.write_parquet(tmp_path / "log.parquet")
    facts = []
    for name in ("log.csv", "log.parquet", write(home, "log.jsonl", lines(*made)).name):
        assert landed(tmp_path / name[4:], tmp_path / name) == [(3, 0, 0, 0)]
        facts.append(query(tmp_path / name[4:], "SELECT * EXCLUDE (line) FROM submission_records ORDER BY event_id"))
    assert facts[0] == facts[1] == facts[2]


def test_columns_of_a_table_are_renamed_on_demand(home):
    header = ",".join("when" if name == "at" else name for name in TRY)
    path = write(home, "log.csv", header + "\n" + ",".join(TRY.values()) + "\n")
    assert landed(home, path, rename={"when": "at"}) == [(1, 0, 0, 0)]


def test_a_file_that_cannot_be_read_to_its_end_changes_nothing_and_the_others_land(home):
    whole = gzip.compress(lines(TASK, *(TRY | {"event_id": f"e{n}"} for n in range(50_000))).encode())
    torn = write(home, "torn.jsonl.gz", whole[:-20])
    good = write(home, "good.jsonl", lines(TASK))
    with Warehouse.open(home) as warehouse:
        first, missing, second = land(warehouse, [torn, home / "nowhere.jsonl", good], NOW)
        assert warehouse.n_records() == {"task": 1, "submission": 0, "agent_call": 0, "consent": 0}
    assert "torn.jsonl.gz" in first.error
    assert "nowhere.jsonl" in missing.error
    assert second.error is None
    assert query(home, "SELECT path FROM ingested_files") == [(str(good),)]
    assert query(home, "FROM quarantine") == []


def test_lines_from_the_future_are_offered_again_and_move_with_the_counts_of_their_file(home):
    soon = TRY | {"event_id": "soon", "at": "2026-06-03T00:00:00Z"}
    late = TASK | {"event_id": "late", "at": "2027-01-01T00:00:00Z"}
    frame = pl.DataFrame([soon | {"event_id": "cell", "submission_id": "s9"}])
    frame.write_csv(home.parent / "soon.csv")
    paths = [write(home, "log.jsonl", lines(soon, late, soon)), home.parent / "soon.csv"]
    assert landed(home, *paths) == [(0, 0, 3, 0), (0, 0, 1, 0)]
    with Warehouse.open(home) as warehouse:
        assert retry(warehouse, NOW) == 0
        assert retry(warehouse, dt.datetime(2026, 6, 4)) == 3  # noqa: DTZ001 - naive UTC
        assert retry(warehouse, dt.datetime(2026, 6, 4)) == 0  # noqa: DTZ001 - naive UTC
    counts = "SELECT n_lines, n_accepted, n_duplicates, n_quarantined FROM ingested_files ORDER BY file"
    assert query(home, counts) == [(3, 1, 1, 1), (1, 1, 0, 0)]
    assert query(home, "SELECT event_id FROM submission_records ORDER BY ALL") == [("cell",), ("soon",)]
    assert query(home, "SELECT line, reason FROM quarantine") == [(2, "from_the_future")]


def test_a_second_process_is_told_that_the_warehouse_is_busy(home):
    import subprocess
    import sys

    code = f"""
from pathlib import Path
from pipelines.store.warehouse import Warehouse, WarehouseBusy
from tests.sources.packing import PACKINGS
try:
    with Warehouse.open(Path({str(home)!r})): pass
except WarehouseBusy as fault: print(fault)
"""
    with Warehouse.open(home):
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "open in another process" in told.stdout
    assert issubclass(WarehouseBusy, Exception)


def test_nothing_in_the_warehouse_can_reach_out_of_the_home(home):
    with Warehouse.open(home) as warehouse, pytest.raises(Exception, match="file system operations are disabled"):
        warehouse.con.execute("COPY (SELECT 1) TO '/tmp/out.csv'")


def mutated(content: bytes, dice: random.Random) -> bytes:
    """A file with a few random wounds: bytes flipped, cut out, doubled, lines swapped, ends torn off."""
    data = bytearray(content)
    for _ in range(dice.randint(1, 6)):
        at, size = dice.randrange(len(data) + 1), dice.randrange(1, 40)
        match dice.randrange(5):
            case 0:
                data[at : at + size] = dice.randbytes(size)
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = data[at : at + size * 20]
            case 3:
                data[at:at] = dice.choice(
                    [b"\n", b"\x00", b"\xff", b"\xe2\x80\xae", b"\\ud800", b'"', b"{", b"1e999", b"NaN"]
                )
            case 4:
                data = data[: max(1, at)]
    return bytes(data)


@pytest.mark.parametrize("batch", range(4))
def test_in_every_mutated_file_each_line_is_accounted_for(home, batch):
    """PODIUM_MUTATIONS=2000 for the long run."""
    n_files = int(os.environ.get("PODIUM_MUTATIONS", "80")) // 4
    dice = random.Random(batch)
    records = [TASK, *(TRY | {"event_id": f"e{n}", "submission_id": f"s{n % 7}", "points": n} for n in range(12))]
    content = lines(*records, "", {"type": "consent", "event_id": "c"}).encode()
    packed = [content, gzip.compress(content), lines(",".join(TRY), ",".join(TRY.values())).encode()]
    feed = lines(
        *({"type": "teams", "id": f"{n}", "token": f"t{n}", "data": {"id": f"{n}"}} for n in range(9))
    ).encode()
    paths = [write(home, f"m{n}", mutated(dice.choice([*packed, feed]), dice)) for n in range(n_files)]
    with Warehouse.open(home) as warehouse:
        reports = land(warehouse, paths, NOW)
        assert [report.path for report in reports] == paths
        n_rows = warehouse.con.sql("SELECT count(*) FROM quarantine").fetchall()[0][0]
    for report in reports:
        parts = (report.n_accepted, report.n_duplicates, report.n_quarantined, report.n_blank)
        assert report.n_lines == sum(parts)
    assert n_rows == sum(report.n_quarantined for report in reports)
    assert any(report.n_quarantined for report in reports)


def test_every_type_of_record_has_a_table():
    assert set(RECORDS) == {"task", "submission", "agent_call", "consent"}


def test_a_pipe_and_a_file_whose_name_is_no_text_are_refused_at_once_and_the_others_land(home, tmp_path):
    os.mkfifo(tmp_path / "pipe.jsonl")
    odd = tmp_path / os.fsdecode(b"odd\xff.jsonl")
    odd.write_text(lines(TASK))
    good = write(home, "good.jsonl", lines(TASK))
    with Warehouse.open(home) as warehouse:
        pipe, unnamed, landed_ = land(warehouse, [tmp_path / "pipe.jsonl", odd, good], NOW)
    assert "pipe.jsonl" in pipe.error
    assert "not UTF-8" in unnamed.error
    assert landed_.error is None


def test_the_calendar_needs_a_day_before_and_after_every_instant(home):
    ends = ("0001-12-31T23:59:59Z", "0002-01-01T00:00:00Z", "9998-12-31T23:59:59Z", "9999-01-01T00:00:00Z")
    tries = [TRY | {"event_id": f"e{n}", "submission_id": f"s{n}", "claimed_at": at} for n, at in enumerate(ends[:2])]
    assert landed(home, write(home, "log.jsonl", lines(*tries))) == [(1, 0, 1, 0)]
    assert query(home, "SELECT line, reason FROM quarantine") == [(1, "bad_timestamp")]


def test_quarantine_is_read_in_parts_of_bounded_size_and_in_order(home, monkeypatch):
    monkeypatch.setattr("pipelines.store.warehouse.PART_BYTES", 1000)
    landed(home, write(home, "log.jsonl", lines(*(f"nonsense {n} " + "x" * 300 for n in range(20)))))
    with Warehouse.open(home) as warehouse:
        parts = list(warehouse.quarantine())
    assert len(parts) > 3
    assert pl.concat(parts)["line"].to_list() == list(range(1, 21))
