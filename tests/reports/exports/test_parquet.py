"""Parquet as another library reads it: types of the published tables, and key-values that say what it is."""

import io

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.reports.exports.parquet_file import parquet_bytes
from pipelines.reports.reading import Reading
from tests.reports.exports.boards import HOSTILE, page


def test_columns_have_the_types_of_the_published_tables(small: Reading) -> None:
    held = pq.read_table(io.BytesIO(parquet_bytes(page(small, "points", "week"))))
    types = {field.name: field.type for field in held.schema}
    assert types["rank"] == pa.int64()
    assert types["subject_id"] == pa.string()
    assert types["score"] == pa.float64()
    assert types["reached_at"] == types["as_of"] == pa.timestamp("us", tz="UTC")
    assert types["window_start_on"] == pa.date32()
    assert types["badges"] == pa.list_(pa.string()) or types["badges"].value_type == pa.string()
    assert held["subject_id"].to_pylist() == ["bob", "eve"]
    assert held["rank_change"].to_pylist() == [1, None]
    assert held["badges"].to_pylist() == [["scholar", "champion", "first-blood"], ["first-blood"]]


def test_the_file_says_what_it_is(small: Reading) -> None:
    told = pq.read_metadata(io.BytesIO(parquet_bytes(page(small, "points", "week")))).metadata
    assert {key.decode(): value.decode() for key, value in told.items()} == {
        "podium.board": "points",
        "podium.name": "Points",
        "podium.window": "week",
        "podium.window_start_on": "2026-03-09",
        "podium.window_end_on": "2026-03-15",
        "podium.timezone": "UTC",
        "podium.as_of": "2026-03-09T12:00:00.250000Z",
        "podium.rulebook": small.fingerprint,
        "podium.generation": small.generation.id,
        "podium.n_entries": "2",
    }


def test_names_are_as_they_are_and_the_bytes_always_the_same(hostile: Reading) -> None:
    made = parquet_bytes(page(hostile))
    assert made == parquet_bytes(page(hostile))
    assert sorted(pq.read_table(io.BytesIO(made))["subject_id"].to_pylist()) == sorted(HOSTILE)
