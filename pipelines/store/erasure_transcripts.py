"""Which observations of transcripts are those of an owner who is forgotten, and the records of the others made anew.

A file is its user's. Observations bear the name of a session, not of a file: a session is the owner's if only files of
theirs are called after it or hold calls of it. What a session's own messages cost bears no name at all; it stays, as
hashes and numbers, as long as there are transcripts of others. Not here: the views made of this (erasure_tables.py).
"""

from typing import Final

import duckdb

from pipelines.store.transcripts_records import derive_calls
from pipelines.store.transcripts_touched import touch

OWN_TRANSCRIPTS: Final = """
CREATE TEMP TABLE own_paths AS
    SELECT path FROM old.transcript_files WHERE user_id = getvariable('owner');
CREATE TEMP TABLE other_paths AS
    SELECT path FROM old.transcript_files WHERE user_id IS DISTINCT FROM getvariable('owner');
CREATE TEMP TABLE sessions_of_paths AS
    SELECT path, session_id FROM old.transcript_calls
    UNION SELECT path, regexp_extract(path, '([^/]+)/subagents/[^/]+$', 1) FROM old.transcript_files
    UNION SELECT path, regexp_extract(path, '([^/]+)[.]jsonl[^/]*$', 1) FROM old.transcript_files;
CREATE TEMP TABLE own_sessions AS
    SELECT session_id FROM sessions_of_paths SEMI JOIN own_paths USING (path) WHERE session_id <> ''
    EXCEPT SELECT session_id FROM sessions_of_paths SEMI JOIN other_paths USING (path);
CREATE TEMP TABLE own_calls AS
    SELECT call_id FROM old.transcript_calls SEMI JOIN own_paths USING (path)
    EXCEPT SELECT call_id FROM old.transcript_calls ANTI JOIN own_paths USING (path);
CREATE TEMP TABLE own_side_runs AS
    SELECT '@' || uuid AS run_id FROM old.transcript_links SEMI JOIN own_sessions USING (session_id)
    EXCEPT SELECT '@' || uuid FROM old.transcript_links ANTI JOIN own_sessions USING (session_id);
"""
_ANY_LEFT: Final = "EXISTS (FROM other_paths)"
_OF_OTHERS: Final = f"{_ANY_LEFT} AND coalesce(session_id NOT IN (FROM own_sessions), true)"
_RUN_OF_OTHERS: Final = f"{_OF_OTHERS} AND coalesce(run_id NOT IN (FROM own_side_runs), true)"
_END_OF_OTHERS: Final = f"{_OF_OTHERS} AND coalesce(tool_use_id NOT IN (FROM own_calls), true)"
_CALL_OF_OTHERS: Final = "coalesce(call_id NOT IN (FROM own_calls), true)"
KEPT_TRANSCRIPTS: Final = {  # table -> which of its rows stay; never null
    "transcript_files": "path NOT IN (FROM own_paths)",
    "transcript_calls": "path NOT IN (FROM own_paths)",
    "transcript_rows": _ANY_LEFT,
    "transcript_links": _OF_OTHERS,
    "transcript_results": _END_OF_OTHERS,
    "transcript_notes": _END_OF_OTHERS,
    "transcript_runs": _END_OF_OTHERS,
    "transcript_tools": _RUN_OF_OTHERS,
    "transcript_messages": _RUN_OF_OTHERS,
    "transcript_call_runs": _CALL_OF_OTHERS,
    "transcript_labels": _CALL_OF_OTHERS,
    "transcript_refusals": _CALL_OF_OTHERS,
    "transcript_records": "event_id IN (SELECT event_id FROM kept_agent_call_records)",
}


def derive_anew(con: duckdb.DuckDBPyConnection, ingested_at: int) -> None:
    """Make the records of all calls that are left anew: without the owner's files some may be told otherwise.

    `con`: the new warehouse. `ingested_at` in UTC microseconds.
    """
    calls = con.execute("SELECT DISTINCT call_id FROM transcript_calls").fetchall()
    con.begin()
    touch(con, [call_id for (call_id,) in calls])
    derive_calls(con, ingested_at)
    con.commit()
