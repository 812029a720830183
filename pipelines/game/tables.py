"""The published tables, by name: what readers, checks, Dagster and the documentation are derived from.

Here: the list, and the two tables that no rule makes (the warehouse keeps their rows). Not here: the tables of the
game; each stands in the module that makes it.
"""

from pipelines.game.activity import AGENT_DAYS, AGENT_STATS, TEAM_STATS
from pipelines.game.calls import AGENT_CALLS
from pipelines.game.changes.table import CHANGES
from pipelines.game.contract import INSTANT, TEXT, WHOLE, Column, Table
from pipelines.game.event_sources import EVENT_SOURCES
from pipelines.game.facts import TASKS
from pipelines.game.leaderboards import LEADERBOARDS
from pipelines.game.levels import LEVEL_UPS, LEVELS
from pipelines.game.people import USER_STATS
from pipelines.game.points import POINTS_LEDGER
from pipelines.game.quality import DATA_QUALITY, ROW_TYPES
from pipelines.game.records import Reason
from pipelines.game.streaks import STREAKS
from pipelines.game.submissions import SUBMISSIONS
from pipelines.game.trophies import BADGE_PROGRESS, BADGES
from pipelines.game.work import USAGE_HOURS, USAGE_MIX, USER_AGENTS
from pipelines.game.xp import XP_LEDGER

QUARANTINE = Table(
    name="quarantine",
    grain="One row per refused line of a file",
    columns=(
        Column("path", TEXT, "the file, as it was named"),
        Column("line", WHOLE, "line number (row number in Parquet), from 1", low=1),
        Column("byte_offset", WHOLE, "where the line begins in the decompressed file", nullable=True, low=0),
        Column("reason", TEXT, "the first fault found", words=tuple(Reason)),
        Column("sentence", TEXT, "the fault, for a person"),
        Column("raw", TEXT, "the line; of an oversized one the beginning"),
        Column("ingested_at", INSTANT, "when it was read"),
    ),
    sort_by=("path", "line", "ingested_at"),
)

INGESTED_FILES = Table(
    name="ingested_files",
    grain="One row per reading of a file",
    columns=(
        Column("path", TEXT, "the file, as it was named"),
        Column("source", TEXT, "what kind of log it is"),
        Column("content_sha256", TEXT, "hash of its bytes; of a transcript, of those that were new"),
        Column("n_bytes", WHOLE, "its size", low=0),
        Column("n_lines", WHOLE, "lines read; the sum of the next four", low=0),
        Column("n_accepted", WHOLE, "lines taken", low=0),
        Column("n_duplicates", WHOLE, "lines known already", low=0),
        Column("n_quarantined", WHOLE, "lines refused", low=0),
        Column("n_blank", WHOLE, "empty lines", low=0),
        Column("ingested_at", INSTANT, "when it was read"),
    ),
    sort_by=("ingested_at", "path"),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        TASKS,
        SUBMISSIONS,
        AGENT_CALLS,
        POINTS_LEDGER,
        XP_LEDGER,
        STREAKS,
        BADGES,
        BADGE_PROGRESS,
        LEVELS,
        LEVEL_UPS,
        AGENT_STATS,
        USER_STATS,
        USER_AGENTS,
        TEAM_STATS,
        AGENT_DAYS,
        USAGE_HOURS,
        USAGE_MIX,
        LEADERBOARDS,
        QUARANTINE,
        INGESTED_FILES,
        EVENT_SOURCES,
        DATA_QUALITY,
        ROW_TYPES,
        CHANGES,
    )
}
