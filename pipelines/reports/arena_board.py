"""What an arena shows of several publishers together: boards, agents, achievements, and what is refused and withheld.

Here: which boards, months and agents are shown first, for the terminal and the page alike. Every name was written by
another team; people are pseudonyms, told short. Not here: how it looks (arena_board_view.py,
site/templates/arena_board.html.j2), the files (arena_board_page.py), the figures (arena/merge.py).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Any

import polars as pl

from pipelines.arena import tables
from pipelines.arena.merge import Merged
from pipelines.arena.pooled import CLEAR
from pipelines.game.strict_json import canonical
from pipelines.insight.normal import Z_90
from pipelines.reports.arena_words import KINDS, month
from pipelines.reports.quantities import share

FIRST_BOARDS = ("xp-user", "points")  # shown with their month; of the others all time alone
MOST_AGENTS, MOST_CELLS, MOST_MONTHS, MOST_HOLDINGS, MOST_BOARDS = 40, 60, 6, 60, 12  # on the page; tables hold all
ONE_IN = round(1 / NormalDist().cdf(-CLEAR))  # so many agents that nobody uses, one is clear of noise by chance
_SHORT = 8  # digits of a pseudonym or publisher that are shown
_TITLES = {"xp-user": "XP", "points": "Points", "accuracy": "Accuracy"}
_MONTH = re.compile(tables.MONTH)

Row = dict[str, Any]


@dataclass(frozen=True)
class Board:
    """A board of one period: its title, and its entries by rank."""

    title: str
    period: str
    rows: Sequence[Row]

    def score(self, row: Row) -> str:
        """A score as it reads."""
        return f"{row['score'] * 100:.0f} %" if row["board"] == "accuracy" else f"{row['score']:,.0f}"


@dataclass(frozen=True)
class Ranking:
    """The boards of all whose figures compare: those with the same rules and grains."""

    rulebook: str
    count_grain: int
    score_grain: int
    n_publishers: int
    first: Sequence[Board]
    others: Sequence[Board]


@dataclass(frozen=True)
class Usage:
    """Agents by one kind of work. `lost`: those that are not clear of noise; `months`: the last ones, newest first."""

    kind: str
    title: str
    agents: Sequence[Row]
    lost: Sequence[str]
    cells: Sequence[Row]
    n_cells_lost: int
    months: Sequence[str]
    by_month: Sequence[tuple[str, Sequence[Row | None]]]

    @property
    def most(self) -> float:
        """The highest end of an interval of attempts: what a whole bar stands for."""
        return max((row["attempts_hi90"] for row in self.agents), default=1.0)


@dataclass(frozen=True)
class Holding:
    """A badge, achievement or level: who holds it over all publishers, and how many of each."""

    row: Row
    by_publisher: Sequence[Row]


@dataclass(frozen=True)
class ArenaPage:
    """All that is shown."""

    merged: Merged

    @cached_property
    def publishers(self) -> list[Row]:
        """The newest bundle of each."""
        return self.merged.tables["publishers"].to_dicts()

    @cached_property
    def rankings(self) -> list[Ranking]:
        """Boards of those who compare, the largest company first."""
        told = self.merged.tables["global_leaderboards"]
        parts = told.partition_by("rulebook", "count_grain", "score_grain", maintain_order=True)
        return sorted((_ranking(part) for part in parts), key=lambda one: (-one.n_publishers, one.rulebook))

    @cached_property
    def usage(self) -> list[Usage]:
        """Agents by kind of work."""
        told = self.merged.tables["agent_usage"]
        return [_usage(told.filter(pl.col("kind") == kind), kind) for kind in KINDS if kind in told["kind"]]

    @cached_property
    def chosen(self) -> list[Row]:
        """What owners chose to tell of agents, the most called first."""
        return self.merged.tables["chosen_statistics"].sort("calls", "agent", descending=[True, False]).to_dicts()

    @cached_property
    def holdings(self) -> list[Holding]:
        """Badges and achievements, the most held first."""
        return [one for one in self._holdings if one.row["kind"] != "level"]

    @cached_property
    def levels(self) -> list[Holding]:
        """Levels reached, the highest first."""
        reached = [one for one in self._holdings if one.row["kind"] == "level"]
        return sorted(reached, key=lambda one: -one.row["level"])

    @cached_property
    def withheld(self) -> list[tuple[str, list[Row]]]:
        """What publishers withhold: each reason as they say it, with the things that it holds for."""
        by_sentence: dict[str, list[Row]] = {}
        for row in self.merged.tables["not_told"].to_dicts():
            by_sentence.setdefault(row["sentence"], []).append(row)
        return sorted(by_sentence.items(), key=lambda item: (-len(item[1]), item[0]))

    @cached_property
    def _holdings(self) -> list[Holding]:
        key = ("kind", "slug", "tier", "level")
        held: dict[str, list[Row]] = {}
        for row in self.merged.tables["achievement_holders"].to_dicts():  # over all publishers first
            held.setdefault(canonical([row[name] for name in key]), []).append(row)
        found = [Holding(rows[0], rows[1:]) for rows in held.values()]
        return sorted(found, key=lambda one: -one.row["n_owners"])


def short(name: str) -> str:
    """A pseudonym or a publisher as it is shown."""
    return name[:_SHORT]


def period(text: str) -> str:
    """A period for readers."""
    if text == tables.ALL_TIME:
        return "all time"
    is_month = _MONTH.fullmatch(text) and not text.startswith("0000")
    return month(text) if is_month else text


def ends(row: Mapping[str, Any], name: str) -> tuple[float, float]:
    """The ends of the 90 % interval of a column."""
    return row[f"{name}_lo90"], row[f"{name}_hi90"]


def interval(row: Mapping[str, Any], name: str) -> str:
    """The 90 % interval of a share, or of a number."""
    low, high = ends(row, name)
    if name.endswith("_share"):
        return f"{share(low)} to {share(high)}"
    return f"{low:,.0f} to {high:,.0f}"


def spread(row: Mapping[str, Any]) -> int:
    """Half the 90 % interval of attempts."""
    return round(float(Z_90 * row["sigma"] * 2**0.5))


def _ranking(told: pl.DataFrame) -> Ranking:
    months = told.filter(pl.col("period").str.contains(tables.MONTH), pl.col("board").is_in(FIRST_BOARDS))
    by_company = months.group_by("period").agg(n=pl.col("publisher").n_unique()).sort("n", "period")["period"]
    shown = [tables.ALL_TIME, *by_company.tail(1)]
    first = [_board(told, board, when) for board in FIRST_BOARDS for when in shown]
    company = told.group_by("board").agg(n=pl.col("publisher").n_unique()).sort("n", "board", descending=[True, False])
    rest = company.filter(~pl.col("board").is_in(FIRST_BOARDS))["board"].head(MOST_BOARDS)
    others = [_board(told, board, tables.ALL_TIME) for board in rest]
    about = told.row(0, named=True)
    return Ranking(
        about["rulebook"],
        about["count_grain"],
        about["score_grain"],
        told["publisher"].n_unique(),
        [board for boards in first for board in boards],
        [board for boards in others for board in boards],
    )


def _board(told: pl.DataFrame, board: str, when: str) -> list[Board]:
    """A board of a period; two where owners and agents are ranked on it, none without entries."""
    entries = told.filter(pl.col("board") == board, pl.col("period") == when)
    return [
        Board(_title(board, f"{kind}s"), when, rows.to_dicts())
        for (kind, *_), rows in entries.partition_by("subject_type", as_dict=True, maintain_order=True).items()
    ]


def _title(board: str, subjects: str) -> str:
    problem = board.partition(":")[2]
    return f"Tasks of {problem} solved by {subjects}" if problem else f"{_TITLES.get(board, board)} of {subjects}"


def _usage(told: pl.DataFrame, kind: str) -> Usage:
    is_clear = pl.col("success_share").is_not_null()
    over_all = told.filter(pl.col("period") == tables.ALL_TIME).sort("attempts", "agent", descending=[True, False])
    agents = over_all.filter(pl.col("category").is_null())
    clear, lost = agents.filter(is_clear), agents.filter(~is_clear)
    cells = over_all.filter(pl.col("category").is_not_null())
    told_cells = cells.filter(is_clear).sort("category", maintain_order=True)
    months = sorted(set(told["period"]) - {tables.ALL_TIME}, reverse=True)[:MOST_MONTHS]
    shown = clear.head(MOST_AGENTS).to_dicts()
    return Usage(
        kind,
        KINDS[kind],
        shown,
        lost["agent"].to_list(),
        told_cells.head(MOST_CELLS).to_dicts(),
        cells.height - told_cells.height,
        months,
        list(_by_month(told, [row["agent"] for row in shown], months)),
    )


def _by_month(
    told: pl.DataFrame, agents: Sequence[str], months: Sequence[str]
) -> Iterator[tuple[str, list[Row | None]]]:
    margins = told.filter(pl.col("category").is_null()).to_dicts()
    by_place = {(row["agent"], row["period"]): row for row in margins}
    for agent in agents:
        yield agent, [by_place.get((agent, when)) for when in months]
