"""The candidate beside the generation that is current: what `changes` is made from.

Here: which generation is the one before, and whether it can be compared. Not here: what changed (game/changes/), the
feed that tells of it (store/changes_feed.py).
"""

import datetime as dt
from pathlib import Path
from typing import Any, Final

import polars as pl

from pipelines.game.changes.telling import CHANGES, COMPARED, Side, changes
from pipelines.game.rules import Rulebook
from pipelines.game.tables import TABLES
from pipelines.store.changes_feed import COMPARED_WITH
from pipelines.store.published import Candidate, DamagedGeneration, Generation, NoGeneration

# Without a generation to compare with nothing has changed: the rows of `changes`, and what the manifest says of them.
NOTHING_BEFORE: Final[tuple[pl.DataFrame, dict[str, Any]]] = (CHANGES.empty(), {COMPARED_WITH: None})


def changes_in(
    home: Path, candidate: Candidate, instant: dt.datetime, rules: Rulebook
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """The rows of `changes` of a candidate whose other tables are written, and what the manifest says of them.

    Without a generation before, or beside one that another version published otherwise, that is damaged or that cannot
    be read, nothing has changed: there is nothing to compare with. `instant`: the as_of, naive UTC.
    """
    before = _before(home)
    if before is None:
        return NOTHING_BEFORE
    as_of = instant.replace(tzinfo=dt.UTC)
    written = {name: candidate.written(name) for name in COMPARED}
    after = Side(written, as_of, rules.fingerprint, f"{as_of.isoformat()} {rules.fingerprint}")
    with before:
        try:
            rows = changes(_side(before), after, rules)
        except (OSError, pl.exceptions.PolarsError):
            if before.damages():
                return NOTHING_BEFORE
            raise
    return rows, {COMPARED_WITH: before.id}


def _before(home: Path) -> Generation | None:
    """The current generation, if all that is compared is there in today's shape."""
    try:
        generation = Generation.open(home)
    except (NoGeneration, DamagedGeneration):
        return None
    if not generation.is_missing_bytes() and all(_is_comparable(generation, name) for name in COMPARED):
        return generation
    generation.close()
    return None


def _is_comparable(generation: Generation, name: str) -> bool:
    """Whether a table has the columns of today's contract; one that cannot be read has none."""
    if name not in generation.tables():
        return False
    try:
        return dict(generation.table(name).collect_schema()) == TABLES[name].schema
    except (OSError, pl.exceptions.PolarsError):
        return False


def _side(generation: Generation) -> Side:
    manifest = generation.manifest
    tables = {name: generation.table(name) for name in COMPARED}
    return Side(tables, dt.datetime.fromisoformat(manifest["as_of"]), manifest["rulebook"], generation.id)
