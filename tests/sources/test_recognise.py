"""Files are recognised by their content; where it tells nothing, by their name."""

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.sources.lines import SourceUnreadable
from pipelines.sources.recognise import kind_of
from tests.sources.packing import PACKINGS

NATIVE = b'{"type":"task","event_id":"e","data":1,"id":2}\n'
UPSERT = b'{"token":"7","id":"a","type":"teams","data":{"id":"a"}}\n'
OP = b'{"id":"wf-3","type":"submissions","op":"create","data":{"id":"1"}}\n'
DELETED = b'{"type":"groups","id":"9","data":null,"token":"8"}\n'


ROW = b'{"type":"user","sessionId":"s","uuid":"u","message":{"role":"user","content":"x"}}\n'


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "native"),
        (b"\n\r\n \n", "native"),
        (NATIVE, "native"),
        (b"\xef\xbb\xbf" + NATIVE, "native"),
        (b"not json\n[]\n17\n" + NATIVE + OP, "native"),
        (b"garbage", "native"),
        (b'{"type":"unheard of"}\n', "native"),
        (UPSERT, "clics"),
        (OP, "clics"),
        (b"\n\n" + DELETED, "clics"),
        (b'{"half a line\n' + UPSERT, "clics"),
        (b"type,event_id,at\n", "csv"),
        (b'\xef\xbb\xbf"event_id";"x";"type"\r\n', "csv"),
        (b"event_id\ttype\n", "csv"),
        (ROW, "claude-code"),
        (b'"no object"\n' + ROW + NATIVE, "claude-code"),
        (b'{"type":"summary","summary":"x","leafUuid":"u"}\n', "claude-code"),
        (b'{"type":"file-history-snapshot","messageId":"m","snapshot":{}}\n', "claude-code"),
        (b'{"type":"started","key":"k","agentId":"a"}\n', "claude-code"),
        (b'{"sessionId":"s","message":{"usage":{}},"costUSD":1}\n', "claude-code"),
        (b'{"type":"system","isSidechain":false}\n', "native"),
        (b'{"call_id":"t1","success":true}\n', "labels"),
        (b'{"type":"agent_call","call_id":"t1"}\n', "native"),
    ],
)
def test_content_tells_the_kind_whatever_the_name_and_the_compression(tmp_path, packing, content, kind):
    for name in ("log", "log.bin"):
        path = tmp_path / name
        path.write_bytes(PACKINGS[packing](content))
        assert kind_of(path) == kind


def test_parquet_is_known_by_its_magic_number(tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "table.csv")
    assert kind_of(tmp_path / "table.csv") == "parquet"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "csv"),
        ("A.CSV.GZ", "csv"),
        ("a.csv.zst", "csv"),
        ("a.tsv", "csv"),
        ("a.parquet", "parquet"),
        ("a.jsonl", "native"),
        ("5e551011-0000-4000-8000-000000000001.jsonl", "claude-code"),
        ("agent-a1.jsonl.gz", "claude-code"),
        ("a.txt", "native"),
    ],
)
def test_where_content_tells_nothing_the_name_does(tmp_path, name, kind):
    (tmp_path / name).write_bytes(b"who,what,when\nada,t1,now\n")
    assert kind_of(tmp_path / name) == kind


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_file_named_like_a_transcript_is_one(tmp_path, content):
    (tmp_path / "agent-a1.jsonl").write_bytes(content)
    assert kind_of(tmp_path / "agent-a1.jsonl") == "claude-code"


def test_a_long_first_line_is_read_whole(tmp_path):
    path = tmp_path / "feed"
    objects = b",".join(b'{"id":"%d"}' % n for n in range(20_000))
    path.write_bytes(b'{"type":"teams","id":null,"token":"1","data":[' + objects + b"]}\n")
    assert path.stat().st_size > 1 << 17
    assert kind_of(path) == "clics"


def test_what_cannot_be_read_gets_a_sentence(tmp_path):
    with pytest.raises(SourceUnreadable, match="No such file or directory"):
        kind_of(tmp_path / "absent")
    with pytest.raises(SourceUnreadable, match="is a folder"):
        kind_of(tmp_path)
    (tmp_path / "cut.gz").write_bytes(gzip.compress(NATIVE)[:-9])
    with pytest.raises(SourceUnreadable, match="truncated or corrupt"):
        kind_of(tmp_path / "cut.gz")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("icpc-wf47-feed", "clics"),
        ("icpc-euc2025", "clics"),
        ("icpc-swerc2022-frozen", "clics"),
    ],
)
def test_real_contest_feeds_are_recognised(real_logs: Path, name, kind):
    feeds = [path for path in sorted((real_logs / name).rglob("*")) if path.suffix in (".ndjson", ".jsonl", ".gz")]
    assert feeds
    assert {kind_of(path) for path in feeds} == {kind}


def test_a_transcript_by_name_is_no_contest_feed_whatever_its_rows_look_like(tmp_path):
    path = tmp_path / "3b0f9f4e-6a5c-4f0e-9d6f-0a1b2c3d4e5f.jsonl"
    path.write_bytes(b'{"type":"bridge","id":"x","data":{"text":"prose"}}\n')
    assert kind_of(path) == "claude-code"
