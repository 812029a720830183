"""What a change is: the published table `changes`, the two seasons that are compared, and how rows are told apart.

Here: the contract, and what every part shares. Not here: which changes there are (telling.py puts them together), and
why (causes.py).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.game.contract import FLAG, INSTANT, TEXT, WHOLE, Column, Table
from pipelines.game.identity import Tables

KINDS = (
    "points_gained",
    "points_lost",
    "xp_gained",
    "xp_lost",
    "badge_earned",
    "badge_lost",
    "level_up",
    "level_down",
    "rank",
    "streak_lost",
    "streak_best",
    "subject_new",
)
SUBJECT_TYPES = ("agent", "user", "user_agent", "team")

CHANGES = Table(
    name="changes",
    grain="One row per thing that changed since the generation before",
    columns=(
        Column("change_id", TEXT, "a hash of the change, the generation before, and the instant and rules of this one"),
        Column("kind", TEXT, "what changed", words=KINDS),
        Column("subject_type", TEXT, "of whom", words=SUBJECT_TYPES),
        Column("subject_id", TEXT, 'the agent, user or team; of a pair the JSON text ["user","agent"]'),
        Column(
            "about",
            TEXT,
            "the award's entry_id, the badge (`slug` or `slug:tier`), the scope of a level, the board, the streak "
            "(`daily`); of awards added up why they stand apart (`rulebook`, `as_of`, `streak_factor`, `corrections`); "
            "null for progress",
            nullable=True,
        ),
        Column("before", WHOLE, "the number before: of the award, else the subject's total", nullable=True),
        Column("after", WHOLE, "the number after", nullable=True),
        Column("is_correction", FLAG, "whether something that stood before is told otherwise now"),
        Column("event_id", TEXT, "the event that did it, where it is one", nullable=True),
        Column("changed_at", INSTANT, "when it happened in the game, where that is known, else the new as_of"),
        Column("because", TEXT, "why, for a person"),
    ),
    sort_by=("kind", "subject_type", "subject_id", "about", "change_id"),
)

TOLD = {name: dtype for name, dtype in CHANGES.schema.items() if name != "change_id"}


@dataclass(frozen=True)
class Side:
    """One of the two seasons compared: its tables, and what they are a function of.

    `as_of`: aware, in UTC. `mark`: what stands for the season in the ids of changes.
    """

    tables: Tables
    as_of: dt.datetime
    rulebook: str
    mark: str


def told(frame: pl.DataFrame, **columns: pl.Expr | str | bool | dt.datetime | None) -> pl.DataFrame:
    """Rows of changes without their ids. `columns`: those of TOLD that are not in `frame`; null where absent."""
    made = {name: value if isinstance(value, pl.Expr) else pl.lit(value) for name, value in columns.items()}
    held = frame.with_columns(**made)
    absent = [pl.lit(None).alias(name) for name in TOLD if name not in held.columns]
    return held.with_columns(absent).select(pl.col(name).cast(dtype) for name, dtype in TOLD.items())


def rows_of(frame: pl.LazyFrame) -> pl.DataFrame:
    """The rows that a query asks for."""
    return frame.collect()


def apart(
    one: pl.LazyFrame, other: pl.LazyFrame, key: Sequence[str], columns: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of either frame whose `key` the other has not: their `columns`, in the frame's order.

    Keys are known by 64 bits of a hash, which keeps two seasons of ten million rows in 300 MB; the other columns are
    read of the rows found alone.
    """
    hashed = pl.struct(key).hash() if len(key) > 1 else pl.col(key[0]).hash()
    keys = [rows_of(frame.select(key=hashed).with_row_index("place")) for frame in (one, other)]
    places = [
        mine.join(theirs, on="key", how="anti")["place"] for mine, theirs in ((keys[0], keys[1]), (keys[1], keys[0]))
    ]
    del keys
    return _picked(one, places[0], columns), _picked(other, places[1], columns)


def _picked(frame: pl.LazyFrame, places: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
    chosen = frame.select(columns)
    if places.is_empty():
        return rows_of(chosen.head(0))
    found = chosen.with_row_index("place").filter(pl.col("place").is_in(places.implode()))
    return rows_of(found).sort("place").drop("place")


def at(instant: dt.datetime) -> str:
    """An instant as sentences say it."""
    return f"{instant.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
