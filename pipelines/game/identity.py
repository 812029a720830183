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
