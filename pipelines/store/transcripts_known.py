"""All that is known of the touched calls of sub-agents, collected from the tables of observations.

Here: which of several copies of a call, a result or a notification counts, which runs are a call's, and the sums over
a run's own rows. All choices are by content, never by the order of reading. Not here: what follows from it
(`sources/claude_code_calls.py`), whose a run is that nothing names (`sources/claude_code_chains.py`).

A run of the call's session goes before one of the same name elsewhere: short ids may come twice. A run is one call's,
so that no token counts twice: of two that name it (an agent that was taken up again) that of its session, then the
earlier one.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import duckdb
import pyarrow as pa

from pipelines.sources.claude_code import COMPACTION, SIDE
from pipelines.sources.claude_code_calls import Ending, KnownCall, Work
from pipelines.sources.claude_code_chains import Caller, Candidate, Link, chains, match
from pipelines.store.staging import insert_arrow

Place = tuple[int, int, bool]  # file, line, whether that line was a repeat

_CALLED: Final = """
CREATE OR REPLACE TEMP TABLE call_rows AS
    SELECT c.*, f.user_id, f.team_id
    FROM transcript_calls c SEMI JOIN transcript_touched USING (call_id) LEFT JOIN transcript_files f USING (path);
CREATE OR REPLACE TEMP TABLE call_sessions AS SELECT DISTINCT call_id, session_id FROM call_rows;
CREATE OR REPLACE TEMP TABLE called AS
    SELECT DISTINCT ON (call_id) * EXCLUDE (description), max(description) OVER (PARTITION BY call_id) AS description
    FROM call_rows
    ORDER BY call_id, "at" NULLS LAST, session_id, project_id, agent_type, model, action_type, row_uuid, prompt,
             is_background, version, path;
CREATE OR REPLACE TEMP TABLE call_ends AS
    SELECT DISTINCT ON (tool_use_id) tool_use_id AS call_id, * EXCLUDE (tool_use_id)
    FROM transcript_results r SEMI JOIN transcript_touched t ON r.tool_use_id = t.call_id
    ORDER BY tool_use_id, outcome = 'launched', duration_ms IS NULL, "at" NULLS LAST, outcome, agent_id NULLS LAST,
             agent_type NULLS LAST, duration_ms, tool_uses;
"""
# By its result, else by what stands beside its file, else by its notification.
_NAMED: Final = """
CREATE OR REPLACE TEMP TABLE named_runs AS
    SELECT DISTINCT ON (call_id) call_id, run_id FROM (
        SELECT tool_use_id AS call_id, agent_id AS run_id, 1 AS place FROM transcript_results
        UNION ALL SELECT tool_use_id, run_id, 2 FROM transcript_runs
        UNION ALL SELECT tool_use_id, task_id, 3 FROM transcript_notes
    ) SEMI JOIN transcript_touched USING (call_id) WHERE run_id IS NOT NULL ORDER BY call_id, place, run_id;
CREATE OR REPLACE TEMP TABLE call_runs AS
    SELECT DISTINCT ON (run_id, session_id) call_id, run_id, session_id FROM (
        SELECT n.call_id, r.run_id, r.session_id, s.call_id IS NOT NULL AS is_own, c."at"
        FROM named_runs n JOIN called c USING (call_id) JOIN transcript_runs r USING (run_id)
        LEFT JOIN call_sessions s ON s.call_id = n.call_id AND s.session_id = r.session_id
        QUALIFY is_own OR NOT bool_or(is_own) OVER (PARTITION BY n.call_id)
    ) ORDER BY run_id, session_id, is_own DESC, "at" NULLS LAST, call_id;
"""
_KEPT: Final = """
DELETE FROM transcript_call_runs WHERE call_id IN (FROM transcript_touched);
INSERT INTO transcript_call_runs FROM call_runs
"""
_CALLERS: Final = """
SELECT c.call_id, s.session_id, c.prompt, epoch_us(c."at"), c.row_uuid
FROM called c ANTI JOIN named_runs USING (call_id) JOIN call_sessions s USING (call_id)
"""
_CANDIDATES: Final = """
SELECT run_id, session_id, prompt, epoch_us(first_at) FROM transcript_runs r
SEMI JOIN (SELECT c.prompt, s.session_id FROM called c ANTI JOIN named_runs USING (call_id)
           JOIN call_sessions s USING (call_id)) USING (prompt, session_id)
WHERE tool_use_id IS NULL AND NOT starts_with(run_id, $compaction) AND NOT EXISTS (
    FROM (SELECT agent_id AS run_id, session_id FROM transcript_results
          UNION ALL SELECT task_id, session_id FROM transcript_notes WHERE tool_use_id IS NOT NULL) e
    WHERE e.run_id = r.run_id AND e.session_id = r.session_id)
"""
_LINKS: Final = """
SELECT uuid, parent, session_id, epoch_us("at"), prompt
FROM transcript_links SEMI JOIN (FROM call_sessions SEMI JOIN (FROM called ANTI JOIN named_runs USING (call_id))
                                 USING (call_id)) USING (session_id)
"""
_RUNS: Final = pa.schema([(column, pa.string()) for column in ("call_id", "run_id", "session_id")])
# The final notification of each call; its instant is that of the first row that told it.
_NOTIFIED: Final = """
CREATE OR REPLACE TEMP TABLE call_notes AS
WITH told AS (
    SELECT t.call_id, n.*, true AS is_own FROM transcript_notes n JOIN transcript_touched t ON n.tool_use_id = t.call_id
    UNION ALL BY NAME
    SELECT r.call_id, n.*, s.call_id IS NOT NULL AS is_own
    FROM transcript_notes n JOIN named_runs r ON n.task_id = r.run_id AND n.tool_use_id IS NULL
    LEFT JOIN call_sessions s ON s.call_id = r.call_id AND s.session_id = n.session_id
    QUALIFY is_own OR NOT bool_or(is_own) OVER (PARTITION BY n.task_id, n.session_id)
), own AS (
    FROM told QUALIFY is_own OR NOT bool_or(is_own) OVER (PARTITION BY call_id)
), last AS (
    SELECT DISTINCT ON (call_id) * FROM own
    ORDER BY call_id, is_notification DESC, "at" DESC NULLS LAST, outcome, duration_ms DESC, tool_uses DESC
)
SELECT l.call_id, l.outcome, l.duration_ms, l.tool_uses, min(o."at") AS "at"
FROM last l JOIN own o ON o.call_id = l.call_id AND o.is_notification = l.is_notification AND o.outcome = l.outcome
    AND o.duration_ms IS NOT DISTINCT FROM l.duration_ms AND o.tool_uses IS NOT DISTINCT FROM l.tool_uses
GROUP BY ALL
"""
_WORKED: Final = """
CREATE OR REPLACE TEMP TABLE call_spans AS
    SELECT call_id, min(first_at) AS first_at, max(last_at) AS last_at, min(agent_type) AS agent_type FROM (
        SELECT call_id, first_at, last_at, agent_type FROM call_runs JOIN transcript_runs USING (run_id, session_id)
        UNION ALL SELECT call_id, "at", "at", NULL FROM call_runs JOIN transcript_links l ON run_id = '@' || l.uuid
    ) GROUP BY call_id;
CREATE OR REPLACE TEMP TABLE call_messages AS
    SELECT DISTINCT ON (call_id, message_key) call_id, m.*
    FROM call_runs JOIN transcript_messages m USING (run_id, session_id)
    WHERE message_key NOT IN (SELECT message_key FROM transcript_messages WHERE run_id = '')
    ORDER BY call_id, message_key, output_tokens DESC, input_tokens DESC, cache_read_tokens DESC,
             cache_creation_tokens DESC, model;
CREATE OR REPLACE TEMP TABLE call_models AS
    SELECT DISTINCT ON (call_id) call_id, model
    FROM (SELECT call_id, model, count(*) AS n FROM call_messages WHERE model IS NOT NULL GROUP BY ALL)
    ORDER BY call_id, n DESC, model;
CREATE OR REPLACE TEMP TABLE call_tokens AS
    SELECT call_id, sum(input_tokens)::BIGINT AS input_tokens, sum(output_tokens)::BIGINT AS output_tokens,
           sum(cache_read_tokens)::BIGINT AS cache_read_tokens,
           sum(cache_creation_tokens)::BIGINT AS cache_creation_tokens
    FROM call_messages GROUP BY call_id;
CREATE OR REPLACE TEMP TABLE call_tools AS
    SELECT call_id, count(DISTINCT tool_key) AS n FROM call_runs JOIN transcript_tools USING (run_id, session_id)
    GROUP BY call_id;
"""
_KNOWN: Final = """
SELECT c.file, c.line, c.is_repeat,
       c.call_id, c.session_id, c.project_id, c.agent_type, c.model, c.action_type, c.description, c.user_id, c.team_id,
       e.outcome, epoch_us(e."at"), e.agent_type, e.duration_ms, e.tool_uses,
       n.outcome, epoch_us(n."at"), NULL, n.duration_ms, n.tool_uses,
       epoch_us(s.first_at), epoch_us(s.last_at), s.agent_type, m.model,
       CASE WHEN s.call_id IS NOT NULL THEN coalesce(u.n, 0) END,
       t.input_tokens, t.output_tokens, t.cache_read_tokens, t.cache_creation_tokens
FROM called c LEFT JOIN call_ends e USING (call_id) LEFT JOIN call_notes n USING (call_id)
LEFT JOIN call_spans s USING (call_id) LEFT JOIN call_models m USING (call_id) LEFT JOIN call_tools u USING (call_id)
LEFT JOIN call_tokens t USING (call_id) ORDER BY c.call_id
"""


def known_calls(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[KnownCall, Place]]:
    """The calls of `transcript_touched`, each with the line that its record is said to come from."""
    for statements in (_CALLED, _NAMED):
        con.execute(statements)
    _match_unnamed(con)
    for statements in (_KEPT, _NOTIFIED, _WORKED):
        con.execute(statements)
    for file, line, is_repeat, *of in con.execute(_KNOWN).fetchall():
        call_id, session, project, agent_type, model, action, description, user, team, *rest = of
        result, notification, work = rest[:5], rest[5:10], rest[10:]
        known = KnownCall(
            *(call_id, session, project, agent_type, model, action, description, user, team),
            Ending(*result) if result[0] is not None else None,
            Ending(*notification) if notification[0] is not None else None,
            Work(*work),
        )
        yield known, (file, line, is_repeat)


def _match_unnamed(con: duckdb.DuckDBPyConnection) -> None:
    """Give their runs to calls that nothing names a run of: side-chains, and runs with the same prompt."""
    callers = [Caller(*row) for row in con.execute(_CALLERS).fetchall()]
    if not callers:
        return
    candidates = [Candidate(*row) for row in con.execute(_CANDIDATES, {"compaction": COMPACTION}).fetchall()]
    sessions: dict[str, set[str]] = defaultdict(set)
    for candidate in candidates:
        sessions[candidate.run_id].add(candidate.session_id)
    side = chains(Link(*row) for row in con.execute(_LINKS).fetchall())
    found = match(callers, [*candidates, *(chain for chain, _ in side.values())])
    rows = []
    for run_id, call_id in found.items():
        if run_id in side:
            rows += [(call_id, SIDE + uuid, "") for uuid in side[run_id][1]]
        else:
            rows += [(call_id, run_id, session_id) for session_id in sorted(sessions[run_id])]
    if rows:
        columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        insert_arrow(con, "INSERT INTO call_runs FROM staged_rows", pa.Table.from_arrays(columns, schema=_RUNS))
