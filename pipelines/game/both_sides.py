"""The tables that neither submissions nor calls make alone: tasks, teams, boards. Composition only.

Not here: the two sides (agents_side.py, users_side.py).
"""

from collections.abc import Iterator

import polars as pl

from pipelines.game import activity, leaderboards, tallies, work
from pipelines.game.agents_side import AgentsToMerge
from pipelines.game.board_rules import BoardRule
from pipelines.game.call_sums import CallSums
from pipelines.game.season import Season, Tallies
from pipelines.game.users_side import ClosedUsers


def tables_of_all(
    agents: list[AgentsToMerge], users: list[ClosedUsers], called: CallSums, season: Season
) -> Iterator[tuple[str, pl.DataFrame]]:
    """These tables as (name, part), from what all buckets of both sides left."""
    yield "tasks", season.facts.published_tasks()
    totals = activity.merge_sums([bucket.team_totals for bucket in agents])
    awarded = pl.concat([bucket.team_awards for bucket in users])
    awarded = awarded.group_by("team").agg(pl.col("xp", "n_users").sum())
    yield "team_stats", activity.publish_team_stats(totals, called.by_team, awarded, season.ids)
    yield "usage_mix", work.publish_usage_mix(called.mix, season.ids)
    for board in leaderboards.board_order(season.rules.board):
        parts = [bucket.tallies for bucket in (users if board.is_of_calls else agents)]
        yield "leaderboards", _board(board, parts, season)


def _board(board: BoardRule, parts: list[Tallies], season: Season) -> pl.DataFrame:
    merged = {
        window: tallies.merge(board, [part[board.slug, window] for part in parts])
        for window in tallies.windows_of(board, season.rules)
    }
    return leaderboards.leaderboard(board, merged, season.rules, season.ids)
