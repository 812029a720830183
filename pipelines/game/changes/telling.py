"""What changed since the generation before: who gained and who lost what, and why.

Here: the table `changes`, put together. Not here: its contract (table.py), its parts (points.py, xp.py,
standing.py, places.py), which generation was the one before, and the feed (engines/, store/).
"""

import hashlib
import json

import polars as pl

from pipelines.game.changes.causes import causes_of
from pipelines.game.changes.places import newcomers, rank_changes, streak_changes
from pipelines.game.changes.points import point_changes
from pipelines.game.changes.standing import badge_changes, level_changes, reasons_by_subject
from pipelines.game.changes.table import CHANGES, TOLD, Side
from pipelines.game.changes.xp import xp_changes
from pipelines.game.rules import Rulebook

COMPARED = (
    *("submissions", "tasks", "agent_calls", "points_ledger", "xp_ledger", "badges", "levels", "level_ups"),
    *("streaks", "agent_stats", "user_stats", "team_stats", "leaderboards"),
)

__all__ = ["CHANGES", "COMPARED", "Side", "changes"]


def changes(before: Side, after: Side, rules: Rulebook) -> pl.DataFrame:
    """The rows of CHANGES between two seasons; both have the tables of COMPARED. `rules`: those of the season after.

    The sum of after - before over the rows `points_*` of an agent is the difference of its points; the same holds of
    XP for users and for agents, each for itself.
    """
    causes = causes_of(before, after, rules.timezone)
    currencies = pl.concat([point_changes(before, after, causes), xp_changes(before, after, causes)])
    reasons = reasons_by_subject(causes, currencies.filter("is_correction"))
    rows = pl.concat(
        [
            currencies,
            badge_changes(before, after, causes, reasons),
            level_changes(before, after, causes, reasons),
            rank_changes(before, after, rules.changes.top, causes, reasons),
            streak_changes(before, after, causes, reasons),
            newcomers(before, after),
        ]
    )
    named = rows.with_columns(change_id=_ids(rows, before, after))
    return CHANGES.shape(named).sort(CHANGES.sort_by)


def _ids(rows: pl.DataFrame, before: Side, after: Side) -> pl.Series:
    """24 hexadecimal digits of the SHA-256 of both marks and of everything a row says but its sentence."""
    marks = json.dumps([before.mark, after.mark]).encode()
    content = rows.select(name for name in TOLD if name != "because")
    lines = content.with_columns(pl.col("changed_at").to_physical()).rows()
    ids = [hashlib.sha256(marks + json.dumps(line).encode()).hexdigest()[:24] for line in lines]
    return pl.Series("change_id", ids, dtype=pl.String)
