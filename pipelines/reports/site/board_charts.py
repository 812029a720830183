"""The chart beneath the table of a board: how its first came to what they have.

Not here: the table (board_pages.py), the figure (figures/growth.py).
"""

import polars as pl

from pipelines.game.board_rules import BoardRule
from pipelines.game.rule_shapes import Filters
from pipelines.reports.figures.growth import growth
from pipelines.reports.site.charts import Chart, shown
from pipelines.reports.site.gains import gains_of
from pipelines.reports.site.held import Held

N_DRAWN = 5  # whose growth is drawn


def board_chart(held: Held, board: str) -> Chart | None:
    """The growth of the first of a board; None for one that is no plain sum over a ledger, or that nobody is on.

    Of a part of the tasks, of one team or of a share there is no such line: it would end at another number.
    """
    rule = held.board_rule(board)
    if rule is None or not _is_whole(rule):
        return None
    is_of_all = (pl.col("board") == board) & (pl.col("window") == "all")
    first = held.frame("leaderboards").filter(is_of_all)["subject_id"].head(N_DRAWN).to_list()
    if not first:
        return None
    key, measure = f"{rule.subject}_id", rule.order[0].measure
    gains, until = gains_of(held, key, measure), held.until(measure)
    return shown(growth(gains, first, measure, key=key, until=until, zone=held.rules.timezone))


def _is_whole(rule: BoardRule) -> bool:
    """Whether it ranks agents by all their points, or agents or users by all their XP, most first."""
    first = rule.order[0]
    ranked = {"points": ("agent",), "xp": ("agent", "user")}.get(first.measure, ())
    return rule.subject in ranked and first.descending and "all" in rule.windows and not is_cut(rule)


def is_cut(rule: BoardRule) -> bool:
    """Whether it counts a part alone: one problem, one team or project, some tasks."""
    return bool(rule.each) or rule.scope != "all" or any(getattr(rule, name) for name in Filters.model_fields)
