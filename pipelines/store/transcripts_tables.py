"""The tables of Claude Code transcripts: observations as they were stored, and how new ones join them.

Here: the tables, the stage on which the observations of a batch of files wait, and the merge. Every table is a set, or
keeps the greatest or least of what was told under a key: rows read again, copied rows and files in any order lead to
the same state. Nothing is taken away when a file vanishes: Claude Code deletes after thirty days. Not here: what rows
say (`sources/claude_code.py`), which files were read how far (`transcripts_files.py`), the records that follow
(`transcripts_records.py`).

`transcript_rows`: per distinct line, by 64 bits of the hash of its uuid and type; type null: not readable.
`transcript_calls`: per call of a sub-agent and file (a resumed session copies rows). `transcript_results`,
`transcript_notes`: what results and notifications told. `transcript_runs`: per run of a sub-agent and session.
`transcript_messages`, `transcript_tools`: per message and run, per use of a tool and run; `run_id` is empty in a
session's own messages. `transcript_links`: rows of side-chains that name no agent; as a run such a row is `@<uuid>`.
`transcript_call_runs`: which runs were found to be a call's.
"""

from dataclasses import astuple
from typing import Final

import duckdb
import pyarrow as pa

from pipelines.sources.claude_code import Observations
from pipelines.store.staging import insert_arrow

_STAGED: Final = {  # the columns of Observations, in their order
    "rows": "file BIGINT, line BIGINT, key VARCHAR, row_type VARCHAR",
    "bad": "file BIGINT, line BIGINT, byte_offset BIGINT, n_bytes BIGINT, reason VARCHAR, sentence VARCHAR",
    "calls": """file BIGINT, line BIGINT, call_id VARCHAR, "at" TIMESTAMP, session_id VARCHAR, project_id VARCHAR,
        agent_type VARCHAR, model VARCHAR, is_background BOOLEAN, version VARCHAR, action_type VARCHAR,
        description VARCHAR, prompt VARCHAR, row_uuid VARCHAR""",
    "results": """tool_use_id VARCHAR, session_id VARCHAR, "at" TIMESTAMP, outcome VARCHAR, agent_id VARCHAR,
        agent_type VARCHAR, duration_ms DOUBLE, tool_uses BIGINT""",
    "notes": """task_id VARCHAR, tool_use_id VARCHAR, session_id VARCHAR, "at" TIMESTAMP, is_notification BOOLEAN,
        outcome VARCHAR, duration_ms DOUBLE, tool_uses BIGINT""",
    "links": """uuid VARCHAR, parent VARCHAR, session_id VARCHAR, "at" TIMESTAMP, prompt VARCHAR""",
    "tools": "tool_use_id VARCHAR, run_id VARCHAR, session_id VARCHAR",
    "messages": """message_id VARCHAR, run_id VARCHAR, session_id VARCHAR, output_tokens BIGINT, input_tokens BIGINT,
        cache_read_tokens BIGINT, cache_creation_tokens BIGINT, is_final BOOLEAN, model VARCHAR""",
    "runs": """run_id VARCHAR, session_id VARCHAR, first_at TIMESTAMP, last_at TIMESTAMP, prompt VARCHAR,
        agent_type VARCHAR, tool_use_id VARCHAR""",
}
_ARROW_TYPES: Final = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "TIMESTAMP": pa.timestamp("us"),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
}
_IN_COLUMNS: Final = ("rows", "bad", "calls", "results", "notes", "links", "tools")
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS transcript_rows (row_key UBIGINT, row_type VARCHAR);
CREATE TABLE IF NOT EXISTS transcript_calls (
    call_id VARCHAR, path VARCHAR, "at" TIMESTAMP, session_id VARCHAR, project_id VARCHAR, agent_type VARCHAR,
    model VARCHAR, is_background BOOLEAN, version VARCHAR, action_type VARCHAR, description VARCHAR, prompt VARCHAR,
    row_uuid VARCHAR, file INTEGER, line BIGINT, is_repeat BOOLEAN
);
CREATE TABLE IF NOT EXISTS transcript_results (
    tool_use_id VARCHAR, session_id VARCHAR, "at" TIMESTAMP, outcome VARCHAR, agent_id VARCHAR, agent_type VARCHAR,
    duration_ms DOUBLE, tool_uses BIGINT
);
CREATE TABLE IF NOT EXISTS transcript_notes (
    task_id VARCHAR, tool_use_id VARCHAR, session_id VARCHAR, "at" TIMESTAMP, is_notification BOOLEAN,
    outcome VARCHAR, duration_ms DOUBLE, tool_uses BIGINT
);
CREATE TABLE IF NOT EXISTS transcript_links (
    uuid VARCHAR, parent VARCHAR, session_id VARCHAR, "at" TIMESTAMP, prompt VARCHAR
);
CREATE TABLE IF NOT EXISTS transcript_tools (tool_key UBIGINT, run_id VARCHAR, session_id VARCHAR);
CREATE TABLE IF NOT EXISTS transcript_messages (
    message_key UBIGINT, run_id VARCHAR, session_id VARCHAR, output_tokens BIGINT, input_tokens BIGINT,
    cache_read_tokens BIGINT, cache_creation_tokens BIGINT, is_final BOOLEAN, model VARCHAR
);
CREATE TABLE IF NOT EXISTS transcript_runs (
    run_id VARCHAR, session_id VARCHAR, first_at TIMESTAMP, last_at TIMESTAMP, prompt VARCHAR,
    agent_type VARCHAR, tool_use_id VARCHAR
);
CREATE TABLE IF NOT EXISTS transcript_call_runs (call_id VARCHAR, run_id VARCHAR, session_id VARCHAR);
"""
# 64 bits of a hash find repeats, they guard no secret.
_MACROS: Final = "CREATE OR REPLACE TEMP MACRO key_of(said) AS (md5_number(said) >> 64)::UBIGINT"
# What was known before the batch, or stands in it before, is a repeat.
_NUMBER_ROWS: Final = """
CREATE OR REPLACE TEMP TABLE transcript_read AS
WITH keyed AS (SELECT file, line, row_type, key_of(concat_ws(chr(31), key, row_type)) AS row_key
               FROM staged_transcript_rows)
SELECT file, line, row_type, k.row_key,
       row_number() OVER (PARTITION BY k.row_key ORDER BY file, line) > 1 OR r.row_key IS NOT NULL AS is_repeat
FROM keyed k LEFT JOIN (SELECT row_key FROM transcript_rows SEMI JOIN keyed USING (row_key)) r USING (row_key)
"""
_MERGES: Final = (
    "INSERT INTO transcript_rows SELECT row_key, row_type FROM transcript_read WHERE NOT is_repeat",
    # A call keeps the line where it was first read. Its description may be kept by a later reading only.
    """CREATE OR REPLACE TEMP TABLE transcript_called AS
    FROM staged_transcript_calls JOIN (SELECT file, path FROM transcript_reading) USING (file)
    JOIN (SELECT file, line, is_repeat FROM transcript_read)
         USING (file, line)
    UNION ALL BY NAME FROM transcript_calls SEMI JOIN staged_transcript_calls USING (call_id)""",
    "DELETE FROM transcript_calls WHERE call_id IN (SELECT call_id FROM staged_transcript_calls)",
    """INSERT INTO transcript_calls BY NAME
    SELECT * EXCLUDE (description, file, line, is_repeat), max(description) AS description, min(file) AS file,
           arg_min(line, (file, line)) AS line, arg_min(is_repeat, (file, line)) AS is_repeat
    FROM transcript_called GROUP BY ALL""",
    """INSERT INTO transcript_results FROM staged_transcript_results
    EXCEPT FROM transcript_results SEMI JOIN staged_transcript_results USING (tool_use_id)""",
    "INSERT INTO transcript_notes FROM staged_transcript_notes EXCEPT FROM transcript_notes",
    """INSERT INTO transcript_links FROM staged_transcript_links
    EXCEPT FROM transcript_links SEMI JOIN staged_transcript_links USING (uuid)""",
    """INSERT INTO transcript_tools
    SELECT key_of(tool_use_id) AS tool_key, run_id, session_id FROM staged_transcript_tools
    EXCEPT FROM transcript_tools SEMI JOIN staged_transcript_tools USING (run_id)""",
    """CREATE OR REPLACE TEMP TABLE transcript_said AS
    SELECT key_of(message_id) AS message_key, * EXCLUDE (message_id) FROM staged_transcript_messages""",
    """INSERT INTO transcript_said BY NAME
    FROM transcript_messages SEMI JOIN transcript_said USING (message_key, run_id, session_id)""",
    """DELETE FROM transcript_messages m USING transcript_said s
    WHERE m.message_key = s.message_key AND m.run_id = s.run_id AND m.session_id = s.session_id""",
    """INSERT INTO transcript_messages BY NAME
    SELECT message_key, run_id, session_id, unnest(greatest_told), is_final, model FROM (
        SELECT message_key, run_id, session_id, bool_or(is_final) AS is_final, max(model) AS model,
               max({'output_tokens': output_tokens, 'input_tokens': input_tokens,
                    'cache_read_tokens': cache_read_tokens, 'cache_creation_tokens': cache_creation_tokens}
               ) AS greatest_told
        FROM transcript_said GROUP BY message_key, run_id, session_id)""",
    """CREATE OR REPLACE TEMP TABLE transcript_ran AS
    FROM staged_transcript_runs UNION ALL BY NAME
    FROM transcript_runs SEMI JOIN staged_transcript_runs USING (run_id, session_id)""",
    """DELETE FROM transcript_runs r USING transcript_ran t
    WHERE r.run_id = t.run_id AND r.session_id = t.session_id""",
    """INSERT INTO transcript_runs BY NAME
    SELECT run_id, session_id, min(first_at) AS first_at, max(last_at) AS last_at, min(prompt) AS prompt,
           min(agent_type) AS agent_type, min(tool_use_id) AS tool_use_id
    FROM transcript_ran GROUP BY run_id, session_id""",
)


def create_transcript_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of observations where they are missing."""
    con.execute(_TABLES)
    con.execute(_MACROS)


def create_stage(con: duckdb.DuckDBPyConnection) -> None:
    """Make the stage of a batch, empty."""
    for name, columns in _STAGED.items():
        con.execute(f"CREATE OR REPLACE TEMP TABLE staged_transcript_{name} ({columns})")


def stage_observations(con: duckdb.DuckDBPyConnection, seen: Observations) -> None:
    """Put what was observed on the stage."""
    rows: dict[str, list[tuple[object, ...]]] = {name: [*getattr(seen, name)] for name in _IN_COLUMNS}
    rows["messages"] = [(*key, *tokens, final, model or None) for key, (tokens, final, model) in seen.messages.items()]
    rows["runs"] = [(*key, *astuple(span)) for key, span in seen.runs.items()]
    for name, held in rows.items():
        if held:
            schema = _schema(name)
            columns = [pa.array(of, kind.type) for of, kind in zip(zip(*held, strict=True), schema, strict=True)]
            table = pa.Table.from_arrays(columns, schema=schema)
            insert_arrow(con, f"INSERT INTO staged_transcript_{name} FROM staged_rows", table)


def _schema(name: str) -> pa.Schema:
    columns = (column.split() for column in _STAGED[name].split(","))
    return pa.schema([(column.strip('"'), _ARROW_TYPES[type_]) for column, type_ in columns])


def number_rows(con: duckdb.DuckDBPyConnection) -> None:
    """Make `transcript_read` of the staged rows: file, line, row_type, row_key, is_repeat."""
    con.execute(_NUMBER_ROWS)


def merge_stage(con: duckdb.DuckDBPyConnection) -> None:
    """Let what is staged join what is stored. `transcript_reading` (file, path) names the files; rows are numbered."""
    for statement in _MERGES:
        con.execute(statement)
