"""What an identity is: a law that must hold between published tables, whatever the log (SPEC section 11, law 4).

It yields the rows that break it, so that a violation can be shown and not only counted. Not here: the identities
(identities.py, xp_identities.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

Tables = Mapping[str, pl.LazyFrame]


@dataclass(frozen=True)
class Identity:
    """A law between tables: its name, its sentence, the table it guards, and the query for rows that break it."""

    name: str
    sentence: str
    guards: str
    violations: Callable[[Tables], pl.LazyFrame]


def without_event(ledger: pl.LazyFrame, events: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of a ledger whose event is not among `events`: entry_id, event_id.

    Events are known by 64 bits of a hash, which takes half the time of their texts: that one fault in 2^64 / (number of
    events) goes unseen does not matter to a check that would find all others of its kind.
    """
    hashed = pl.col("event_id").hash().alias("hash")
    awards = ledger.select("entry_id", "event_id", hashed)
    return awards.join(events.select(hashed), on="hash", how="anti").drop("hash")
