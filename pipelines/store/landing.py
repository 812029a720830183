"""Landing: files in, once. Each whole or not at all, in one transaction with its manifest row.

Here: the way of a file from its bytes to facts, quarantine and accounts. Lines are read in blocks; what is plainly
right is accepted in bulk (ndjson.py), all else is checked line by line (game/events.py); what is new is told from what
is known (duplicates.py). Not here: what a line means, and contest feeds (feeds.py).
"""

import datetime as dt
import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

import duckdb

from pipelines.game.records import Reason
from pipelines.sources.ahead import ahead, made_ahead
from pipelines.sources.lines import Digest, SourceUnreadable
from pipelines.sources.recognise import kind_by_name, kind_of
from pipelines.store.duplicates import forget_losers
from pipelines.store.durable import disk_faults
from pipelines.store.feeds import create_feed_tables, land_feed
from pipelines.store.manifest import Content, account, lines_if_known, may_be_known, next_file
from pipelines.store.reading import Counts, Refused, blocks_of, check, keep, quarantine
from pipelines.store.settling import settle
from pipelines.store.staging import EPOCH, create_stage, drop_stage
from pipelines.store.transcripts import SOURCE as TRANSCRIPTS
from pipelines.store.transcripts import TranscriptBatch
from pipelines.store.transcripts_files import TranscriptOptions
from pipelines.store.transcripts_labels import SOURCE as LABELS
from pipelines.store.transcripts_labels import land_labels
from pipelines.store.transcripts_records import derive_calls
from pipelines.store.transcripts_touched import touch
from pipelines.store.unreadable import UnreadableFiles
from pipelines.store.warehouse import Warehouse

CONFLICT = "The event id is known already, with another content; what was stored first stays."

N_READERS = max(os.cpu_count() or 1, 2)
BLOCKS_AT_ONCE = 16
CONFLICTS_AT_ONCE = 64  # a line may have a MiB

Progress = Callable[[Path, int], None]  # file, lines read so far


def quiet(path: Path, n_lines: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class FileReport:
    """What became of one file. `error`: why nothing of it was taken; then all counts are 0."""

    path: Path
    source: str
    n_lines: int = 0
    n_accepted: int = 0
    n_duplicates: int = 0
    n_quarantined: int = 0
    n_blank: int = 0
    error: str | None = None
    notes: tuple[str, ...] = ()


def land(
    warehouse: Warehouse,
    paths: Iterable[Path],
    ingested_at: dt.datetime,
    *,
    rename: Mapping[str, str] | None = None,
    feed_options: Mapping[str, object] | None = None,
    transcript_options: Mapping[str, object] | None = None,
    progress: Progress = quiet,
) -> list[FileReport]:
    """Land files one after another. `ingested_at`: the ingest instant, naive UTC; what lies a day after it waits.

    `rename`: their column names to ours, for tables; `feed_options`: see feeds.feed_options; `transcript_options`:
    see transcripts_files.TranscriptOptions. A file that cannot be read is reported and changes nothing; the others
    land. A transcript that says nothing new has no report. Raises DiskFault if the home's disk is full.
    """
    create_feed_tables(warehouse.con)
    transcripts = TranscriptBatch(warehouse.con, ingested_at, TranscriptOptions.of(transcript_options))
    unreadable = UnreadableFiles(warehouse.con)
    landing = _Landing(warehouse, ingested_at, rename or {}, feed_options, transcripts, unreadable, progress)
    with _without_collector():
        for path in paths:
            try:
                _check_name(path)
                with disk_faults(f"Landing {path}", warehouse.home):
                    landing.take(path)
            except SourceUnreadable as fault:
                landing.note_unreadable(path, str(fault))
        with disk_faults("Landing transcripts", warehouse.home):
            landing.flush()
    return landing.reports


@contextmanager
def _without_collector() -> Iterator[None]:
    """Pause Python's search for circles: observations wait in plain tuples, millions of them, and have none.

    Walking them again and again took a seventh of the time of landing transcripts.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass
class _Landing:
    """Files on their way in: transcripts several in a transaction, all others one by one."""

    warehouse: Warehouse
    ingested_at: dt.datetime
    rename: Mapping[str, str]
    feed_options: Mapping[str, object] | None
    transcripts: TranscriptBatch
    unreadable: UnreadableFiles
    progress: Progress
    reports: list[FileReport] = field(default_factory=list)

    def take(self, path: Path) -> None:
        """Land a file, or add it to the transcripts that wait."""
        if self.transcripts.is_unchanged(path):
            return
        if kind_of(path) == TRANSCRIPTS:
            n_lines = self.transcripts.read(path)
            if self.transcripts.is_full:
                self.flush()
            self.progress(path, n_lines)
            return
        self.flush()
        con, at = self.warehouse.con, self.ingested_at
        self._report(_land_one(con, path, at, self.rename, self.feed_options, self.progress))

    def flush(self) -> None:
        """Commit the transcripts that wait."""
        self.transcripts.flush()
        taken, self.transcripts.outcomes = self.transcripts.outcomes, []
        for path, counts in taken:
            self._report(FileReport(path, TRANSCRIPTS, **asdict(counts)))

    def note_unreadable(self, path: Path, sentence: str) -> None:
        """Report a file of which nothing was taken, and remember it until it is read."""
        self.reports.append(FileReport(path, "unreadable", error=sentence))
        self.unreadable.note(path, kind_by_name(path), sentence, self.ingested_at)

    def _report(self, report: FileReport) -> None:
        self.reports.append(report)
        self.unreadable.forget(report.path)


def _check_name(path: Path) -> None:
    """Raise SourceUnreadable for a name that is no text: the manifest could not hold it."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        shown = str(path).encode("utf-8", "backslashreplace").decode()
        raise SourceUnreadable(f"{shown} has a name that is not UTF-8: rename it. Nothing of it was taken.") from None


def _land_one(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    ingested_at: dt.datetime,
    rename: Mapping[str, str],
    feed_options: Mapping[str, object] | None,
    progress: Progress,
) -> FileReport:
    kind = kind_of(path)  # first: it refuses what would be read for ever, a pipe or a device
    digest = Digest()
    content = None if kind == "native" and not may_be_known(con, path) else Content.of(path)
    notes: tuple[str, ...] = ()
    labelled: set[str] = set()
    con.begin()
    try:
        file = next_file(con)
        if kind == "clics":
            feed = land_feed(con, path, file, micros(ingested_at), feed_options)
            counts = Counts(feed.n_lines, feed.n_accepted, feed.n_duplicates, feed.n_quarantined, feed.n_blank)
            notes = tuple(feed.notes)
        elif kind == LABELS:
            counts, labelled = land_labels(con, path, file, micros(ingested_at))
        elif kind == "native" and content and (known := lines_if_known(con, content)):
            counts = Counts(known[0], n_duplicates=known[0] - known[1], n_blank=known[1])
        else:
            counts = _land_records(con, path, kind, file, ingested_at, rename, progress, digest)
        content = content or Content(digest.sha256, digest.n_bytes)
        account(con, path, kind, file, content, counts, ingested_at)
        if labelled:
            touch(con, labelled)
            derive_calls(con, micros(ingested_at))
        con.commit()
    except BaseException:
        with suppress(duckdb.Error):  # a full disk may have ended the transaction already
            con.rollback()
        raise
    return FileReport(path, kind, **asdict(counts), notes=notes)


def _land_records(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    kind: str,
    file: int,
    ingested_at: dt.datetime,
    rename: Mapping[str, str],
    progress: Progress,
    digest: Digest,
) -> Counts:
    counts = Counts()
    create_stage(con)
    blocks = ahead(blocks_of(path, kind, rename, digest))
    checked = made_ahead(blocks, partial(check, ingested_at=micros(ingested_at)), N_READERS)
    while batch := list(islice(checked, BLOCKS_AT_ONCE)):
        keep(con, batch, counts)
        quarantine(con, file, path, ingested_at, [refused for one in batch for refused in one.refused])
        progress(path, counts.n_lines)
    settle(con, file)
    n_losers = con.execute("SELECT count(*) FROM staged_losers").fetchall()[0][0]
    rows = con.execute("SELECT line FROM staged_losers WHERE NOT is_duplicate").fetchall()
    conflicts = {line for (line,) in rows}
    again = _conflicting(path, kind, rename, conflicts) if conflicts else iter(())
    while some := list(islice(again, CONFLICTS_AT_ONCE)):
        quarantine(con, file, path, ingested_at, some)
    counts.n_accepted -= n_losers
    counts.n_duplicates += n_losers - len(conflicts)
    counts.n_quarantined += len(conflicts)
    forget_losers(con)
    drop_stage(con)
    return counts


def _conflicting(path: Path, kind: str, rename: Mapping[str, str], lines: set[int]) -> Iterator[Refused]:
    """The lines that name an event known with another content: read once more, for their text."""
    for block in blocks_of(path, kind, rename):
        for at, number in enumerate(block.numbers.tolist()):
            if number in lines:
                yield *block.place(at), block.raw(at), Reason.CONFLICTING_DUPLICATE, CONFLICT, None


def micros(instant: dt.datetime) -> int:
    """A naive UTC instant as microseconds since 1970."""
    return (instant - EPOCH) // dt.timedelta(microseconds=1)
