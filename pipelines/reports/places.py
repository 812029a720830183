"""The places of an agent or a user on boards: for all time and in the windows of `as_of`.

Part of the pages of agents and users, as plain data. Not here: how it looks (profile_view.py), one board
(board_page.py), who stands where (game/leaderboards.py).
"""

from typing import Any

import polars as pl

from pipelines.reports.reading import Reading

_WINDOWS = {"all": 0, "month": 1, "week": 2, "day": 3}


def places(reading: Reading, subject: str, name: str) -> list[dict[str, Any]]:
    """Where `name` stands: `subject` is agent or user. Boards for all in the rulebook's order, then those of scopes.

    Of each kind of window the one with `as_of` in it. Boards of pairs and teams are left out.
    """
    other = "agent_id" if subject == "user" else "user_id"
    own = (pl.col(f"{subject}_id") == name) & pl.col(other).is_null()
    group = ["board", "window", "scope_id"]
    rows = reading.current_entries().filter(own)
    columns = [*group, "window_start_on", "window_end_on", "rank", "n_entries", "rank_change", "score", "points", "xp"]
    found = reading.collect(rows.join(reading.board_sizes(), on=group, nulls_equal=True).select(columns)).to_dicts()
    order = {board: n for n, board in enumerate(reading.boards())}
    for row in found:
        rule = reading.board_rule(row["board"])
        row["measure"] = rule.order[0].measure if rule else "score"
    return sorted(found, key=lambda row: _place(row, order))


def _place(row: dict[str, Any], order: dict[str, int]) -> tuple[object, ...]:
    """Boards for all one after another; of those of scopes all of one window, the highest score first."""
    window = (_WINDOWS.get(row["window"], 4), row["window"])
    if row["scope_id"] is None:
        return False, order[row["board"]], *window
    return True, *window, order[row["board"]], -row["score"], row["scope_id"]
