"""How good the data is, a source at a time: the contracts of two published tables.

Here: the contracts. No rule of the game reads them: they say how far its numbers can be trusted. Not here: the figures,
which only the warehouse knows (`store/quality.py`).
"""

from pipelines.game.contract import FLAG, INSTANT, NUMBER, TEXT, WHOLE, Column, Table

DATA_QUALITY = Table(
    name="data_quality",
    grain="One row per source of logs",
    columns=(
        Column("source", TEXT, "what kind of log it is"),
        Column("n_files", WHOLE, "files read", low=0),
        Column("n_unreadable_files", WHOLE, "files that could not be read when last tried", low=0),
        Column("n_lines", WHOLE, "distinct lines that are not empty, accepted or refused", low=0),
        Column("n_quarantined", WHOLE, "refused ones among them", low=0),
        Column("n_calls", WHOLE, "calls of sub-agents; null: the source has none", nullable=True, low=0),
        Column("n_pending_calls", WHOLE, "calls of which no end is known; null: not told", nullable=True, low=0),
        Column("n_runs", WHOLE, "runs of sub-agents of which rows were read; null: not told", nullable=True, low=0),
        Column(
            "attributed_share", NUMBER, "share of those runs that belong to a known call", nullable=True, low=0, high=1
        ),
        Column(
            "derived_success_share",
            NUMBER,
            "share of the records of calls whose success was derived, not judged",
            nullable=True,
            low=0,
            high=1,
        ),
        Column("n_messages", WHOLE, "distinct messages of models; null: not told", nullable=True, low=0),
        Column("input_tokens", WHOLE, "tokens read in those messages", nullable=True, low=0),
        Column("output_tokens", WHOLE, "tokens written in them, as far as the log tells", nullable=True, low=0),
        Column("cache_read_tokens", WHOLE, "tokens read from a cache in them", nullable=True, low=0),
        Column("cache_creation_tokens", WHOLE, "tokens written to a cache in them", nullable=True, low=0),
        Column(
            "low_reliability_token_share",
            NUMBER,
            "share of the output tokens that stand in messages whose end was never written down",
            nullable=True,
            low=0,
            high=1,
        ),
        Column("first_at", INSTANT, "the first instant in it", nullable=True),
        Column("last_at", INSTANT, "the last instant in it", nullable=True),
    ),
    sort_by=("source",),
)

ROW_TYPES = Table(
    name="row_types",
    grain="One row per source and type of row",
    columns=(
        Column("source", TEXT, "what kind of log it is"),
        Column("row_type", TEXT, "the type; `(other)`: one that is no word, `(none)`: none is given"),
        Column("is_known", FLAG, "whether Podium knows the type; rows of others are counted and passed over"),
        Column("n_rows", WHOLE, "distinct rows", low=0),
    ),
    sort_by=("source", "row_type"),
)
