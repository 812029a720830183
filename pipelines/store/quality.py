"""How good the data is: figures out of the warehouse, a source at a time, for the published tables of that name.

Here: the queries. All count distinct things, so that reading a log twice changes none of them. Not here: the contracts
(`game/quality.py`), and the observations of transcripts (`transcripts_tables.py`).
"""

from typing import Final

import duckdb
import polars as pl

from pipelines.game.quality import DATA_QUALITY, ROW_TYPES
from pipelines.game.records import RECORDS
from pipelines.sources.claude_code import COMPACTION
from pipelines.sources.claude_code_rows import KNOWN_TYPES
from pipelines.store.schema import record_table
from pipelines.store.transcripts import SOURCE as TRANSCRIPTS
from pipelines.store.transcripts import create_tables
from pipelines.store.transcripts_labels import SOURCE as LABELS
from pipelines.store.unreadable import create_unreadable_table
from pipelines.store.warehouse import Warehouse

_PER_FILE: Final = " UNION ALL ".join(
    f"""SELECT '{kind}' AS row_type, file, count(*) AS n, min("at") AS first_at, max("at") AS last_at
    FROM {record_table(kind)} GROUP BY file"""  # noqa: S608 - our own names
    for kind in RECORDS
)
_RECORDS: Final = f"""
CREATE OR REPLACE TEMP TABLE records_of_sources AS
SELECT source, row_type, sum(n)::BIGINT AS n_rows, min(first_at) AS first_at, max(last_at) AS last_at
FROM ({_PER_FILE}) JOIN ingested_files USING (file) GROUP BY ALL
"""  # noqa: S608 - our own names
_MESSAGES: Final = """
CREATE OR REPLACE TEMP TABLE distinct_messages AS
SELECT message_key, unnest(told), is_final FROM (
    SELECT message_key, bool_or(is_final) AS is_final,
           max({'output_tokens': output_tokens, 'input_tokens': input_tokens,
                'cache_read_tokens': cache_read_tokens, 'cache_creation_tokens': cache_creation_tokens}) AS told
    FROM transcript_messages GROUP BY message_key)
"""
# A run of a side-chain that names no agent is known by its first row.
_RUNS: Final = """
CREATE OR REPLACE TEMP TABLE distinct_runs AS
WITH seen AS (
    SELECT run_id, session_id FROM transcript_runs WHERE NOT starts_with(run_id, $compaction)
    UNION SELECT DISTINCT '@' || uuid, '' FROM transcript_links l
        WHERE parent IS NULL OR parent NOT IN (SELECT uuid FROM transcript_links)
)
SELECT s.*, EXISTS (FROM transcript_call_runs c WHERE c.run_id = s.run_id AND c.session_id = s.session_id) AS is_called
FROM seen s
"""
_FILES: Final = """
WITH files AS (
    SELECT source, count(DISTINCT path) AS n_files, sum(n_accepted)::BIGINT AS n_accepted
    FROM ingested_files GROUP BY source
), unreadable AS (
    SELECT source, count(*) AS n FROM unreadable_files GROUP BY source
), bad AS (
    SELECT source, count(DISTINCT (q.path, q.line, q.reason)) AS n
    FROM quarantine q JOIN ingested_files USING (file) GROUP BY source
), calls AS (
    SELECT source, count(DISTINCT coalesce(call_id, event_id)) AS n,
           avg((success_source IS NOT DISTINCT FROM 'derived')::INTEGER) AS derived_share
    FROM agent_call_records JOIN ingested_files USING (file) GROUP BY source
), spans AS (
    SELECT source, min(first_at) AS first_at, max(last_at) AS last_at FROM records_of_sources GROUP BY source
)
SELECT source, coalesce(n_files, 0) AS n_files, coalesce(u.n, 0) AS n_unreadable_files,
       coalesce(n_accepted, 0) + coalesce(b.n, 0) AS n_lines, coalesce(b.n, 0) AS n_quarantined,
       c.n AS n_calls, derived_share AS derived_success_share, first_at, last_at
FROM files FULL JOIN unreadable u USING (source) LEFT JOIN bad b USING (source) LEFT JOIN calls c USING (source)
LEFT JOIN spans USING (source) ORDER BY source
"""
_TRANSCRIPTS: Final = """
SELECT
    (SELECT count(*) FROM transcript_files) AS n_files,
    (SELECT count(*) FROM transcript_rows) AS n_lines,
    (SELECT count(*) FROM transcript_rows WHERE row_type IS NULL)
        + (SELECT count(DISTINCT (file, line)) FROM transcript_refusals) AS n_quarantined,
    (SELECT count(DISTINCT call_id) FROM transcript_calls) AS n_calls,
    (SELECT count(DISTINCT call_id) FROM transcript_calls ANTI JOIN transcript_records USING (call_id)
        ANTI JOIN transcript_refusals USING (call_id)) AS n_pending_calls,
    (SELECT count(*) FROM distinct_runs) AS n_runs,
    (SELECT avg(is_called::INTEGER) FROM distinct_runs) AS attributed_share,
    (SELECT count(*) FROM distinct_messages) AS n_messages,
    (SELECT coalesce(sum(input_tokens), 0)::BIGINT FROM distinct_messages) AS input_tokens,
    (SELECT coalesce(sum(output_tokens), 0)::BIGINT FROM distinct_messages) AS output_tokens,
    (SELECT coalesce(sum(cache_read_tokens), 0)::BIGINT FROM distinct_messages) AS cache_read_tokens,
    (SELECT coalesce(sum(cache_creation_tokens), 0)::BIGINT FROM distinct_messages) AS cache_creation_tokens,
    (SELECT sum(output_tokens) FILTER (NOT is_final) / nullif(sum(output_tokens), 0) FROM distinct_messages
        ) AS low_reliability_token_share,
    (SELECT min(nullif(first_at, '')::TIMESTAMPTZ)::TIMESTAMP FROM transcript_files) AS first_at,
    (SELECT max(nullif(last_at, '')::TIMESTAMPTZ)::TIMESTAMP FROM transcript_files) AS last_at
"""
_ROW_TYPES: Final = """
SELECT source, row_type, true AS is_known, n_rows FROM records_of_sources WHERE source <> $transcripts
UNION ALL
SELECT $transcripts, row_type, row_type IN (SELECT unnest($known::VARCHAR[])), count(*)
FROM transcript_rows WHERE row_type IS NOT NULL GROUP BY row_type
UNION ALL
SELECT $labels, 'label', true, count(*) FROM transcript_labels HAVING count(*) > 0
"""


def data_quality(warehouse: Warehouse) -> pl.DataFrame:
    """The published table `data_quality`: one row per source of which a file was read or could not be."""
    con = _prepared(warehouse)
    con.execute(_MESSAGES)
    con.execute(_RUNS, {"compaction": COMPACTION})
    frame: pl.DataFrame = con.sql(_FILES).pl()
    own: pl.DataFrame = con.sql(_TRANSCRIPTS).pl()
    missing = [pl.lit(None, own.schema[name]).alias(name) for name in own.columns if name not in frame.columns]
    others = frame.filter(pl.col("source") != TRANSCRIPTS).with_columns(missing)
    transcripts = frame.filter(pl.col("source") == TRANSCRIPTS).drop(set(own.columns) & set(frame.columns))
    joined = pl.concat([others, transcripts.join(own, how="cross")], how="diagonal_relaxed")
    return DATA_QUALITY.shape(joined.sort("source"))


def row_types(warehouse: Warehouse) -> pl.DataFrame:
    """The published table `row_types`: how many distinct rows of which type each source has."""
    con = _prepared(warehouse)
    values = {"transcripts": TRANSCRIPTS, "labels": LABELS, "known": sorted(KNOWN_TYPES)}
    frame: pl.DataFrame = con.sql(_ROW_TYPES, params=values).pl()
    return ROW_TYPES.shape(frame.sort("source", "row_type"))


def _prepared(warehouse: Warehouse) -> duckdb.DuckDBPyConnection:
    """The connection, with all tables that the queries name."""
    con = warehouse.con
    create_tables(con)
    create_unreadable_table(con)
    con.execute(_RECORDS)
    return con
