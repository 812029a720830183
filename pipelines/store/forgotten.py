"""What forgetting an owner needs to be told, and what it tells: plain data, for those who do it and those who say it.

Not here: doing it (engines/forgetting.py).
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from pipelines.game.rules import Rulebook
from pipelines.store.erasure import Survey

MARK = ".forgetting"  # in a home: who is being forgotten, until nothing of them is left to do


@dataclass(frozen=True)
class Played:
    """How the published season was played: its rules, and the as_of that was asked for (naive UTC; None: the last)."""

    rules: Rulebook
    as_of: dt.datetime | None


@dataclass(frozen=True)
class Forgotten:
    """What was done. generation_id: the season published without the owner; None: there is none any more.

    n_lines: of the feed of changes and of the consents said here, that are gone. written: sentences on report and
    exports. unfinished: sentences on what another `podium forget` must still do. named: places in the warehouse that
    name the owner all the same, with how often. still_naming: other files of the home that do. n_bundles: that were
    made for the arena.
    """

    survey: Survey
    generation_id: str | None
    n_lines: int
    n_salts: int
    n_conversations: int
    written: tuple[str, ...]
    unfinished: tuple[str, ...]
    named: tuple[tuple[str, int], ...]
    still_naming: tuple[Path, ...]
    n_bundles: int
