"""Which calls of sub-agents may have other records now: all that a batch of transcripts says something about.

Here: `transcript_touched` (call_id), made from the stage of a batch once it is merged, or from what else changed. Too
many are no fault: a call whose records are as they were keeps them. Not here: making the records anew
(`transcripts_records.py`).
"""

from collections.abc import Iterable
from typing import Final

import duckdb

_BY_STAGE: Final = """
CREATE OR REPLACE TEMP TABLE transcript_touched AS
WITH runs AS (
    SELECT run_id FROM staged_transcript_runs
    UNION SELECT agent_id FROM staged_transcript_results WHERE agent_id IS NOT NULL
    UNION SELECT run_id FROM staged_transcript_tools
    UNION SELECT run_id FROM staged_transcript_messages WHERE run_id <> ''
    UNION SELECT task_id FROM staged_transcript_notes WHERE task_id IS NOT NULL
    -- a message that a session's own rows hold too is not the run's
    UNION SELECT m.run_id FROM transcript_messages m JOIN transcript_said s USING (message_key)
        WHERE s.run_id = '' AND m.run_id <> ''
)
SELECT DISTINCT call_id FROM transcript_calls SEMI JOIN (
    SELECT call_id FROM staged_transcript_calls
    UNION SELECT tool_use_id FROM staged_transcript_results
    UNION SELECT tool_use_id FROM staged_transcript_notes
    UNION SELECT tool_use_id FROM transcript_results r JOIN runs ON r.agent_id = runs.run_id
    UNION SELECT tool_use_id FROM transcript_notes n JOIN runs ON n.task_id = runs.run_id
    UNION SELECT tool_use_id FROM transcript_runs JOIN runs USING (run_id)
    UNION SELECT call_id FROM transcript_calls c JOIN transcript_runs r USING (prompt) JOIN runs USING (run_id)
    UNION SELECT call_id FROM transcript_calls SEMI JOIN staged_transcript_links USING (session_id)
) USING (call_id)
"""
# Which run is whose may hang on the order of all calls with one prompt, and of all that name one run.
_TOGETHER: Final = """
WITH naming AS (
    SELECT tool_use_id AS call_id, agent_id AS run_id FROM transcript_results WHERE agent_id IS NOT NULL
    UNION ALL SELECT tool_use_id, run_id FROM transcript_runs WHERE tool_use_id IS NOT NULL
    UNION ALL SELECT tool_use_id, task_id FROM transcript_notes WHERE tool_use_id IS NOT NULL AND task_id IS NOT NULL
)
INSERT INTO transcript_touched SELECT DISTINCT call_id FROM transcript_calls SEMI JOIN (
    SELECT call_id FROM transcript_calls SEMI JOIN (
        SELECT prompt FROM transcript_calls SEMI JOIN transcript_touched USING (call_id)) USING (prompt)
    UNION SELECT call_id FROM naming SEMI JOIN (
        SELECT run_id FROM naming SEMI JOIN transcript_touched USING (call_id)) USING (run_id)
) USING (call_id) ANTI JOIN transcript_touched USING (call_id)
"""


def touch_by_stage(con: duckdb.DuckDBPyConnection) -> None:
    """The calls that the merged stage says something about."""
    con.execute(_BY_STAGE)
    _touch_together(con)


def touch_by_owner(con: duckdb.DuckDBPyConnection, paths: Iterable[str]) -> None:
    """Add the calls of files whose owner was told anew."""
    con.execute(
        """INSERT INTO transcript_touched SELECT DISTINCT call_id FROM transcript_calls
        WHERE path IN (SELECT unnest(?)) AND call_id NOT IN (FROM transcript_touched)""",
        [list(paths)],
    )
    _touch_together(con)


def touch(con: duckdb.DuckDBPyConnection, call_ids: Iterable[str]) -> None:
    """The calls named, as far as they are known."""
    con.execute(
        """CREATE OR REPLACE TEMP TABLE transcript_touched AS
        SELECT DISTINCT call_id FROM transcript_calls WHERE call_id IN (SELECT unnest(?::VARCHAR[]))""",
        [list(call_ids)],
    )
    _touch_together(con)


def _touch_together(con: duckdb.DuckDBPyConnection) -> None:
    """Add the calls on which those touched hang, until there are none left."""
    while con.execute(_TOGETHER).fetchall()[0][0]:
        pass
