"""Two seasons side by side, from literal records: what the tests of changes compare."""

import datetime as dt
from typing import Any

import polars as pl

from pipelines.game.changes.telling import COMPARED, Side, changes
from pipelines.game.rulebook import load_rulebook
from pipelines.game.rules import Rulebook
from pipelines.game.tables import TABLES
from tests.game.calls import NO_BOARDS
from tests.game.league import EPOCH, play, rows
from tests.game.league import rules as laid_over

Row = dict[str, Any]
NO_BADGES = [{"slug": badge.slug, "enabled": False} for badge in load_rulebook().badge]
_SEASONS: dict[tuple[str, str, int], dict[str, list[Row]]] = {}


def side(tables: dict[str, list[Row]], as_of: int, rules: Rulebook, mark: str) -> Side:
    """A season as its tables of rows, instants as integer microseconds."""
    frames = {name: _frame(name, tables.get(name, []), rules) for name in COMPARED}
    return Side(frames, EPOCH.replace(tzinfo=dt.UTC) + dt.timedelta(microseconds=as_of), rules.fingerprint, mark)


def _frame(name: str, held: list[Row], rules: Rulebook) -> pl.LazyFrame:
    schema = TABLES[name].schema
    told = [{**row, "rulebook": rules.fingerprint} for row in held] if "rulebook" in schema else held
    plain = {c: pl.Int64() if isinstance(t, pl.Datetime) else t for c, t in schema.items()}
    instants = [pl.col(c).cast(t) for c, t in schema.items() if isinstance(t, pl.Datetime)]
    return pl.DataFrame(told, schema=plain).with_columns(instants).lazy()


def changed(
    before: list[Row],
    after: list[Row],
    *,
    rules: Rulebook | None = None,
    rules_before: Rulebook | None = None,
    as_of: tuple[int | None, int | None] = (None, None),
) -> list[Row]:
    """What changed between the seasons of two logs; `as_of` of each, without it the last instant of its log.

    `rules`: without them the default ones without boards and badges, on which most of the time would go.
    """
    rules = rules or laid_over(board=NO_BOARDS, badge=NO_BADGES)
    sides = []
    for name, records, held, instant in (
        ("before", before, rules_before or rules, as_of[0]),
        ("after", after, rules, as_of[1]),
    ):
        at = max(r["at"] for r in records) if instant is None else instant
        sides.append(side(_played(records, held, at), at, held, f"{name} {at}"))
    return rows(changes(sides[0], sides[1], rules))


def _played(records: list[Row], held: Rulebook, at: int) -> dict[str, list[Row]]:
    """A season that several tests begin with is played once."""
    key = (repr(records), held.fingerprint, at)
    if key not in _SEASONS:
        _SEASONS[key] = play(records, held, at)
    return _SEASONS[key]
