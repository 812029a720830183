"""Whom an agent stands next to on the board of points, and what separates the two: a part of its profile.

Not here: the comparison itself (versus_page.py), with its single awards (`podium explain A B`).
"""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from pipelines.reports.site.subjects import POINTS, Subjects
from pipelines.reports.versus_page import Group, VersusPage, versus_page
from pipelines.reports.versus_words import sentences


@dataclass(frozen=True)
class Apart:
    """What separates an agent from the one above it, or the first from the second: in sentences, and rule by rule."""

    other: str
    names: tuple[str, str]
    sentences: list[str]
    by_rule: Group | None


@dataclass(frozen=True)
class Neighbours:
    """The agents with a profile, in the order of the board of points."""

    subjects: Subjects

    def of(self, name: str) -> Apart | None:
        """What separates an agent from its neighbour; None without points, or where the neighbour has no profile."""
        if name not in self._place:
            return None
        place = self._place[name]
        other = self._order[place - 1] if place else next(iter(self._order[1:]), None)
        if other is None or other not in self.subjects.names:
            return None
        page = versus_page(self.subjects.pair(name, other), name, other, POINTS, "all", top=0)
        return Apart(other, page.names, sentences(page), _by_rule(page))

    @cached_property
    def _order(self) -> list[str]:
        held = self.subjects.held
        if POINTS not in held.boards():
            return []
        rule = held.board_rule(POINTS)
        if rule is None or rule.scope != "all" or rule.subject != "agent" or "all" not in rule.windows:
            return []
        entries = held.frame("leaderboards").filter((pl.col("board") == POINTS) & (pl.col("window") == "all"))
        return entries["subject_id"].to_list()

    @cached_property
    def _place(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self._order)}


def _by_rule(page: VersusPage) -> Group | None:
    return next((group for group in page.groups if group.by == "by_rule"), None)
