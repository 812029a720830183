"""What people chose to show, over all publishers: global boards, agents' figures, and who holds which achievement.

Here: pure functions of rows with their `publisher`. Nobody is compared with anybody who was told by other rules or in
other grains. Not here: aggregates under noise (pooled.py); the two are never added.
"""

import polars as pl

from pipelines.arena.arena_tables import ACHIEVEMENT_HOLDERS, CHOSEN_STATISTICS, GLOBAL_LEADERBOARDS
from pipelines.arena.pooled import whole_sum
from pipelines.insight.proportions import DIGITS

_COMPARABLE = ["rulebook", "count_grain", "score_grain"]
_BOARD = [*_COMPARABLE, "board", "period", "subject_type"]
_ACHIEVED = ["kind", "slug", "tier", "level"]


def global_leaderboards(publishers: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    """GLOBAL_LEADERBOARDS of rows of LEADERBOARD_ENTRIES, ranked anew by score. `publishers`: columns of PUBLISHERS."""
    told = entries.drop("rank").join(publishers.select("publisher", *_COMPARABLE), on="publisher")
    ranked = told.with_columns(rank=pl.col("score").rank("min", descending=True).over(_BOARD))
    return GLOBAL_LEADERBOARDS.shape(ranked.sort(GLOBAL_LEADERBOARDS.sort_by))


def chosen_statistics(statistics: pl.DataFrame) -> pl.DataFrame:
    """CHOSEN_STATISTICS of rows of AGENT_STATISTICS."""
    sums = statistics.group_by("agent").agg(
        whole_sum("calls", "successes"),
        n_publishers=pl.col("publisher").n_unique(),
        n_owners=pl.struct("publisher", "pseudonym").n_unique(),
    )
    told = sums.with_columns(success_share=(pl.col("successes") / pl.col("calls")).clip(0, 1).round(DIGITS))
    return CHOSEN_STATISTICS.shape(told.sort(CHOSEN_STATISTICS.sort_by))


def achievement_holders(achievements: pl.DataFrame) -> pl.DataFrame:
    """ACHIEVEMENT_HOLDERS of rows of ACHIEVEMENTS; over all publishers first."""
    over_all = achievements.with_columns(whose=pl.lit(None, dtype=pl.String))
    both = pl.concat([over_all, achievements.with_columns(whose="publisher")])
    held = both.group_by(*_ACHIEVED, "whose").agg(
        n_owners=pl.struct("publisher", "pseudonym").n_unique(), first_week=pl.col("week").min()
    )
    named = held.rename({"whose": "publisher"})
    return ACHIEVEMENT_HOLDERS.shape(named.sort(ACHIEVEMENT_HOLDERS.sort_by, nulls_last=False))
