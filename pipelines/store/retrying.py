"""Lines that came from the future, offered again (`podium ingest --retry`).

Here: lines of quarantine that have become good, as facts, with the counts of their files. Not here: what comes of the
lines of contest feeds and transcripts, which feeds.py and transcripts_records.py make anew.
"""

import datetime as dt

import duckdb

from pipelines.game.events import Record, check_line
from pipelines.game.records import Reason
from pipelines.store.duplicates import forget_losers
from pipelines.store.durable import disk_faults
from pipelines.store.feeds import create_feed_tables, retry_feeds
from pipelines.store.landing import CONFLICT, micros
from pipelines.store.settling import settle
from pipelines.store.staging import Place, create_stage, drop_stage, stage_records
from pipelines.store.transcripts import create_tables
from pipelines.store.transcripts_labels import retry_labels
from pipelines.store.transcripts_records import retry_calls
from pipelines.store.warehouse import Warehouse

_WAITING = """
SELECT file, line, byte_offset, coalesce(record, raw) FROM quarantine ANTI JOIN feed_refusals USING (file, line)
WHERE reason = ? ORDER BY file, line
"""
# A line that was good all along becomes a fact, or a duplicate; the counts of its file move with it.
_MOVE_COUNTS = """
UPDATE ingested_files SET n_accepted = n_accepted + $taken, n_duplicates = n_duplicates + $known,
    n_quarantined = n_quarantined - $taken - $known
WHERE file = $file
"""


def retry(warehouse: Warehouse, ingested_at: dt.datetime) -> int:
    """Offer all lines again that were refused as from the future; how many are good by now. All or nothing."""
    con = warehouse.con
    con.begin()
    try:
        with disk_faults("Offering lines again", warehouse.home):
            create_feed_tables(con)
            good: dict[int, list[tuple[Record, Place]]] = {}
            for file, line, offset, text in con.execute(_WAITING, [Reason.FROM_THE_FUTURE]).fetchall():
                read = check_line(text, micros(ingested_at))
                if isinstance(read, Record):
                    good.setdefault(file, []).append((read, (line, offset)))
            n_good = sum(_take(con, file, records) for file, records in good.items())
            n_good += retry_feeds(con, micros(ingested_at))
            create_tables(con)
            labelled = retry_labels(con, micros(ingested_at))
            n_good += len(labelled) + retry_calls(con, micros(ingested_at), labelled)
            con.commit()
    except BaseException:
        con.rollback()
        raise
    return n_good


def _take(con: duckdb.DuckDBPyConnection, file: int, records: list[tuple[Record, Place]]) -> int:
    """Make facts of a file's lines; those that contradict a fact stay in quarantine, for that reason now."""
    create_stage(con)
    stage_records(con, records)
    settle(con, file)
    losers = dict(con.execute("SELECT line, is_duplicate FROM staged_losers").fetchall())
    lines = [line for _, (line, _) in records]
    conflicts = [line for line in lines if losers.get(line) is False]
    left = [line for line in lines if line not in conflicts]
    n_known = sum(losers.values())
    con.execute("DELETE FROM quarantine WHERE file = ? AND line IN (SELECT unnest(?))", [file, left])
    con.execute(
        "UPDATE quarantine SET reason = ?, sentence = ? WHERE file = ? AND line IN (SELECT unnest(?))",
        [Reason.CONFLICTING_DUPLICATE, CONFLICT, file, conflicts],
    )
    con.execute(_MOVE_COUNTS, {"file": file, "taken": len(left) - n_known, "known": n_known})
    forget_losers(con)
    drop_stage(con)
    return len(left)
