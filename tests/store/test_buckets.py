"""Buckets out of a real warehouse: the number of rows in each changes nothing that is published."""

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest

from pipelines.engines.recompute import build
from pipelines.game.rulebook import load_rulebook
from pipelines.store.buckets import cut
from pipelines.store.published import Generation
from tests.end_to_end.seasons import ingest, same, tables

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def sizes(*n_rows: int) -> pl.DataFrame:
    ranks = [rank for rank, n in enumerate(n_rows) if n]
    return pl.DataFrame({"rank": ranks, "n": [n for n in n_rows if n]}, schema={"rank": pl.UInt32, "n": pl.Int64})


@pytest.mark.parametrize(
    ("held", "rows", "spans"),
    [
        (sizes(), 10, ((0, 4),)),
        (sizes(3, 3, 3, 3, 3), 100, ((0, 4),)),
        (sizes(3, 3, 3, 3, 3), 6, ((0, 1), (2, 3), (4, 4))),
        (sizes(0, 9, 0, 1, 0), 5, ((0, 2), (3, 4))),
    ],
)
def test_spans_follow_one_another_and_cover_everybody_also_who_has_no_row(held, rows, spans):
    assert cut(held, rows, 5) == spans


def test_without_anybody_there_is_one_span():
    assert cut(sizes(), 10, 0) == ((0, 0),)


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the tracked sample season is not there")
def test_buckets_of_a_few_rows_publish_what_one_bucket_does(tmp_path):
    ingest(tmp_path, sorted(SAMPLE.iterdir()))
    few, one = (build(tmp_path, load_rulebook(), None, rows_per_bucket=n) for n in (100, 10**9))
    assert same(tables(Generation.open_path(few.path)), tables(Generation.open_path(one.path))) == []


def call(event_id: str, at: str, user_id: str, **more: object) -> str:
    who = {"type": "agent_call", "event_id": event_id, "at": at, "user_id": user_id, "agent_id": "debugger"}
    return json.dumps({**who, "action_type": "task_completion", "success": True, **more}) + "\n"


def test_a_corrected_call_keeps_the_instant_of_its_first_record_and_moves_to_its_new_user(tmp_path):
    log = tmp_path / "calls.jsonl"
    log.write_text(
        call("b", "2026-03-02T10:00:00Z", "zoe", call_id="a")
        + call("a", "2026-03-01T10:00:00Z", "ann")
        + call("c", "2026-03-03T10:00:00Z", "ann", call_id="a", success=False)
    )
    ingest(tmp_path, [log])

    def seen(as_of: dt.datetime | None) -> list[tuple[object, ...]]:
        calls = Generation.open_path(build(tmp_path, load_rulebook(), as_of).path).table("agent_calls").collect()
        return calls.select("call_id", "event_id", "user_id", "success", pl.col("at").dt.day()).rows()

    assert seen(dt.datetime(2026, 3, 1, 12)) == [("a", "a", "ann", True, 1)]  # noqa: DTZ001 - naive UTC
    assert seen(dt.datetime(2026, 3, 2, 12)) == [("a", "b", "zoe", True, 1)]  # noqa: DTZ001
    assert seen(None) == [("a", "c", "ann", False, 1)]
    assert seen(dt.datetime(2026, 2, 28)) == []  # noqa: DTZ001
