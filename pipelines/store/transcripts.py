"""Claude Code transcripts into the warehouse: what is new in each file, several files in one transaction.

Here: which files are read and from where, the batch in which their observations wait, its transaction: lines counted,
bad ones aside, observations merged, states and accounts written, records made anew. Each file is in it whole or not at
all. Not here: what rows say (`sources/claude_code.py`), the tables (`transcripts_tables.py`), the records
(`transcripts_records.py`).
"""

import datetime as dt
from contextlib import suppress
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from pipelines.sources.claude_code import Observations, Source
from pipelines.sources.claude_code_lines import TranscriptLines
from pipelines.store.reading import Counts
from pipelines.store.staging import EPOCH, insert_arrow
from pipelines.store.transcripts_files import (
    FileState,
    FileStates,
    TranscriptOptions,
    create_file_table,
    path_key,
)
from pipelines.store.transcripts_labels import create_label_table
from pipelines.store.transcripts_reading import Reading, look_at
from pipelines.store.transcripts_records import create_record_tables, derive_calls
from pipelines.store.transcripts_tables import (
    create_stage,
    create_transcript_tables,
    merge_stage,
    number_rows,
    stage_observations,
)
from pipelines.store.transcripts_touched import touch_by_owner, touch_by_stage

SOURCE: Final = "claude-code"
BATCH_BYTES: Final = 256 << 20
BATCH_FILES: Final = 2_000
ROWS_IN_MEMORY: Final = 200_000  # of one file, until they go to the stage
_QUARANTINE: Final = """
INSERT INTO quarantine BY NAME
SELECT b.file, f.shown AS path, b.line, b.byte_offset, '(withheld: ' || b.n_bytes || ' bytes of a transcript)' AS raw,
       b.reason, b.sentence, $at::TIMESTAMP AS ingested_at
FROM staged_transcript_bad b JOIN transcript_read r USING (file, line) JOIN transcript_reading f USING (file)
WHERE NOT r.is_repeat
"""
_ACCOUNT: Final = """
INSERT INTO ingested_files BY NAME
SELECT f.file, f.shown AS path, $source AS source, f.sha256 AS content_sha256, f.size AS n_bytes,
       coalesce(n.n_read, 0) + f.n_blank AS n_lines, coalesce(n.n_read - n.n_bad - n.n_repeats, 0) AS n_accepted,
       coalesce(n.n_repeats, 0) AS n_duplicates, coalesce(n.n_bad, 0) AS n_quarantined, f.n_blank,
       $at::TIMESTAMP AS ingested_at
FROM transcript_reading f LEFT JOIN (
    SELECT file, count(*) AS n_read, count(*) FILTER (is_repeat) AS n_repeats,
           count(*) FILTER (row_type IS NULL AND NOT is_repeat) AS n_bad
    FROM transcript_read GROUP BY file
) n USING (file)
"""
_READING: Final = pa.schema(
    {"file": pa.int64(), "path": pa.string(), "shown": pa.string(), "size": pa.int64(), "sha256": pa.string()}
    | {"n_blank": pa.int64()}
)


class TranscriptBatch:
    """Transcripts on their way into the warehouse: `read` each, `flush` when it `is_full` and at the end."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, ingested_at: dt.datetime, options: TranscriptOptions | None = None
    ) -> None:
        create_tables(con)
        self._con, self._at, self._options = con, ingested_at, options or TranscriptOptions()
        self._states = FileStates(con)
        self.outcomes: list[tuple[Path, Counts]] = []  # of the files that are committed
        self._begin()

    def _begin(self) -> None:
        self._readings: list[Reading] = []
        self._owners: dict[Path, FileState] = {}
        self._seen = Observations()
        self._n_bytes, self._is_alone = 0, False
        self._last_file: int | None = None
        create_stage(self._con)

    @property
    def is_full(self) -> bool:
        """Whether it is time to flush."""
        return self._is_alone or self._n_bytes >= BATCH_BYTES or len(self._readings) >= BATCH_FILES

    def is_unchanged(self, path: Path) -> bool:
        """Whether a file that was read before has nothing more to say. Whose it is may be told anew all the same."""
        before = self._states.of(path)
        if before is None or before.look != look_at(path) or self._wants_descriptions(before):
            return False
        if (owned := before.owned(self._options)) != before:
            self._owners[path] = owned
        return True

    def _wants_descriptions(self, before: FileState) -> bool:
        return self._options.keeps_descriptions and not before.keeps_descriptions

    def read(self, path: Path) -> int:
        """Read what is new in a file into the batch; how many lines. Raises SourceUnreadable: then nothing is taken."""
        look, before = look_at(path), self._states.of(path)
        is_resumed = before is not None and before.meta_ns == look.meta_ns and not self._wants_descriptions(before)
        keeps = self._options.keeps_descriptions or (before is not None and before.keeps_descriptions)
        source = Source.of(path, self._file(), keeps_descriptions=keeps)
        lines = TranscriptLines(path, before.mark if before is not None and is_resumed else None)
        reading, seen = Reading(path, source, look, before, lines), Observations()
        try:
            for block in lines.blocks():
                reading.take(block, seen)
                if len(seen.rows) >= ROWS_IN_MEMORY:
                    self._stage_part(reading, seen)
                    seen = Observations()
        except BaseException:
            if self._is_alone:  # a part of the file is on the stage, and nothing else is
                self._begin()
            raise
        reading.finish(seen)
        self._seen.absorb(seen)
        self._readings.append(reading)
        self._n_bytes += lines.n_bytes
        return reading.n_lines

    def _stage_part(self, reading: Reading, seen: Observations) -> None:
        """Stage a part of a large file, which then has the batch to itself."""
        if not self._is_alone:
            self.flush()
            self._is_alone = True
        reading.finish(seen)
        stage_observations(self._con, seen)

    def flush(self) -> None:
        """Commit what was read: all of it, or nothing if something goes wrong."""
        if self._readings or self._owners:
            states = {reading.path: reading.state(self._options) for reading in self._readings}
            self._con.begin()
            try:
                self._store(states)
                counted = self._counted()
                self._con.commit()
            except BaseException:
                with suppress(duckdb.Error):  # a full disk may have ended the transaction already
                    self._con.rollback()
                raise
            self._states.kept(states | self._owners)
            self.outcomes += counted
        self._begin()

    def _store(self, states: dict[Path, FileState]) -> None:
        con, at = self._con, {"at": self._at}
        stage_observations(con, self._seen)
        insert_arrow(con, "CREATE OR REPLACE TEMP TABLE transcript_reading AS FROM staged_rows", self._table())
        number_rows(con)
        con.execute(_QUARANTINE, at)
        merge_stage(con)
        con.execute(_ACCOUNT, {**at, "source": SOURCE})
        self._states.keep(states | self._owners)
        touch_by_stage(con)
        told_anew = [
            path for path, state in states.items() if _owner(self._states.of(path)) not in (None, _owner(state))
        ]
        touch_by_owner(con, map(path_key, [*self._owners, *told_anew]))
        derive_calls(con, (self._at - EPOCH) // dt.timedelta(microseconds=1))

    def _table(self) -> pa.Table:
        rows = [
            {"file": each.source.file, "path": path_key(each.path), "shown": str(each.path), "size": each.look.size}
            | {"sha256": each.lines.sha256, "n_blank": each.n_blank}
            for each in self._readings
        ]
        return pa.Table.from_pylist(rows, schema=_READING)

    def _counted(self) -> list[tuple[Path, Counts]]:
        """The accounts of the files of the batch, as they stand once its calls have been looked at."""
        rows = self._con.execute("""SELECT file, n_lines, n_accepted, n_duplicates, n_quarantined, n_blank
            FROM ingested_files SEMI JOIN transcript_reading USING (file)""").fetchall()
        counts = {file: Counts(*row) for file, *row in rows}
        found = [(each.path, counts[each.source.file]) for each in self._readings]
        for path, of in found:
            of.check(path)
        return found

    def _file(self) -> int:
        """The number of the next file of the batch; between two batches others may be numbered."""
        if self._last_file is None:
            self._last_file = self._con.execute("SELECT coalesce(max(file), -1) FROM ingested_files").fetchall()[0][0]
        self._last_file += 1
        return int(self._last_file)


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make all tables of transcripts where they are missing."""
    create_transcript_tables(con)
    create_file_table(con)
    create_record_tables(con)
    create_label_table(con)


def _owner(state: FileState | None) -> tuple[str, str | None] | None:
    return None if state is None else (state.user_id, state.team_id)
