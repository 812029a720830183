"""Where every record stands: the contract of the published table `event_sources`.

No rule of the game reads it: it leads from an award's event to the line of a log. Not here: the rows, which only the
warehouse knows (`store/event_sources.py`), and the identities that hold ledgers to it (identities.py).
"""

from pipelines.game.contract import INSTANT, TEXT, WHOLE, Column, Table
from pipelines.game.records import RECORDS

EVENT_SOURCES = Table(
    name="event_sources",
    grain="One row per accepted record, whatever the as_of",
    columns=(
        Column("event_id", TEXT, "the record"),
        Column("record_type", TEXT, "what kind of record it is", words=tuple(RECORDS)),
        Column("at", INSTANT, "when it became known"),
        Column("path", TEXT, "the file it was read from, as it was named then"),
        Column(
            "line",
            WHOLE,
            "its line (row in Parquet), from 1; of a contest's feed that of the judgement, or else of the submission "
            "or problem; of a transcript that of the call",
            low=1,
        ),
    ),
    sort_by=("path", "line", "event_id"),
)
