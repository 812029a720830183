"""Settling: from the stage into the facts, each event once.

Here: codes for new ids, the facts themselves, which submissions have been revised. Not here: how records come onto the
stage (staging.py, reading.py), and the transaction around it (landing.py).
"""

import duckdb

from pipelines.game.records import RECORDS
from pipelines.store import schema
from pipelines.store.duplicates import find_losers


def settle(con: duckdb.DuckDBPyConnection, file: int) -> None:
    """Make facts of what is new on the stage. `staged_losers` then names the lines that are not new."""
    find_losers(con)
    _suspect_revisions(con)
    for kind in RECORDS:
        _code_ids(con, kind)
        _insert_facts(con, kind, file)
    _note_revisions(con)


def _code_ids(con: duckdb.DuckDBPyConnection, kind: str) -> None:
    """Give codes to the ids of new records that have none yet."""
    for field in RECORDS[kind]:
        if field.name in schema.DICTIONARIES:
            dictionary = schema.DICTIONARIES[field.name][1]
            con.execute(f"""
INSERT INTO {dictionary}
SELECT (SELECT coalesce(max(code), -1) FROM {dictionary}) + row_number() OVER (ORDER BY id), id
FROM (SELECT DISTINCT "{field.name}" AS id FROM staged_{kind} ANTI JOIN staged_losers USING (line)
      WHERE "{field.name}" IS NOT NULL) ANTI JOIN {dictionary} USING (id)
""")  # noqa: S608 - our own names


def _insert_facts(con: duckdb.DuckDBPyConnection, kind: str, file: int) -> None:
    columns, joins = [], []
    for field in RECORDS[kind]:
        column, type_ = schema.column_of(field)
        if field.name in schema.DICTIONARIES:
            columns.append(f'd_{column}.code AS "{column}"')
            dictionary = schema.DICTIONARIES[field.name][1]
            joins.append(f'LEFT JOIN {dictionary} d_{column} ON d_{column}.id = s."{field.name}"')
        else:
            columns.append(f's."{column}"::{type_} AS "{column}"')
    con.execute(
        f"""INSERT INTO {schema.record_table(kind)} BY NAME
SELECT {", ".join(columns)}, s.extra, $file::INTEGER AS file, s.line
FROM (SELECT * FROM staged_{kind} ANTI JOIN staged_losers USING (line)) s {" ".join(joins)}""",  # noqa: S608
        {"file": file},
    )


def _suspect_revisions(con: duckdb.DuckDBPyConnection) -> None:
    """Hashes of the submission ids that are met twice: on the stage, or there and in the facts so far."""
    staged = "SELECT hash(submission_id) AS hash FROM staged_submission"
    con.execute(f"""
CREATE OR REPLACE TEMP TABLE staged_revisions AS
SELECT hash FROM ({staged}) GROUP BY hash HAVING count(*) > 1
UNION SELECT hash FROM (SELECT hash(submission_id) AS hash FROM submission_records) SEMI JOIN ({staged}) USING (hash)
""")  # noqa: S608 - our own names


def _note_revisions(con: duckdb.DuckDBPyConnection) -> None:
    """Remember the suspects that now have two records or more: others may only share a hash, or be no new facts."""
    con.execute("""
INSERT INTO revised_submissions
SELECT submission_id FROM submission_records WHERE hash(submission_id) IN (FROM staged_revisions)
GROUP BY submission_id HAVING count(*) > 1
EXCEPT SELECT submission_id FROM revised_submissions
""")
    con.execute("DROP TABLE staged_revisions")
