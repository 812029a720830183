"""The page on skill: who is good, at which kind of work, and how sure that is; calls and submissions apart.

Not here: how skill is measured (insight/skill/ratings.py, insight/skill/boards.py), what is drawn (figures/ratings.py
and others), whether any of it can be trusted (trust_pages.py).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.insight.evidence import CALL, SUBMISSION
from pipelines.insight.skill.ratings import CATEGORY, OVERALL
from pipelines.reports.calls_part import count_derived, not_judged
from pipelines.reports.figures.canvas import Canvas
from pipelines.reports.figures.funnel import MIN_AGENTS, funnel
from pipelines.reports.figures.quadrants import points_and_skill
from pipelines.reports.figures.ratings import rank_ladder, rating_forest, raw_and_adjusted
from pipelines.reports.figures.skills import skill_map
from pipelines.reports.quantities import counted, percent
from pipelines.reports.site.charts import Chart, shown
from pipelines.reports.site.held import Held, published_before
from pipelines.reports.site.rendering import Page, Renderer
from pipelines.reports.trial_words import TRIALS

TABLES = ("skill_models", "leaderboard_rated", "agent_skill")
MOST = 100  # agents of a table; the published table has all
MOST_FIELDS = 24  # categories or problems whose first is told: those with the most trials
MIN_FIRM = 2  # agents whose rating is firm: with fewer a chart would compare chance with chance
Row = dict[str, Any]


@dataclass(frozen=True)
class Drawn:
    """A figure and what to know to read it."""

    chart: Chart
    note: str


@dataclass(frozen=True)
class OneKind:
    """What the page tells of the trials of one kind.

    `sentence`: what was fitted. `rows`: of the board over all work, the highest rated first, the first MOST. `leader`:
    the first of them; `n_first`: how many share rank 1. `fields`: of each category or problem the row of its first,
    with how many share its rank 1. `unsaid`: what is not drawn, and why.
    """

    kind: str
    sentence: str
    rows: Sequence[Row]
    n_agents: int
    n_first: int
    fields: Sequence[Row]
    n_fields: int
    charts: Sequence[Drawn]
    unsaid: Sequence[str]

    @property
    def heading(self) -> str:
        """What the trials are."""
        return TRIALS[self.kind].heading

    @property
    def tries(self) -> str:
        """What n counts."""
        return TRIALS[self.kind].many

    @property
    def field(self) -> str:
        """What divides the work."""
        return TRIALS[self.kind].field

    @property
    def leader(self) -> Row:
        """Who is rated highest."""
        return self.rows[0]


def pages(made: Renderer) -> Iterator[Page]:
    """The one page, also where nothing is measured: then it says why."""
    held = made.held
    kinds = [] if why_nothing(held) else [one_kind(held, row) for row in held.frame("skill_models").to_dicts()]
    yield made.page(
        "insight.html.j2",
        "insight.html",
        kinds=kinds,
        why_nothing=why_nothing(held),
        min_attempts=held.rules.insight.min_attempts,
        most=MOST,
        chance=percent,
    )


def why_nothing(held: Held) -> str:
    """Why there is no skill to show; empty if there is."""
    if not all(held.has(name) for name in TABLES):
        return published_before("measured no skill")
    if not held.rules.insight.enabled:
        return "Nothing is measured: the rulebook switches insight off (`enabled = false` in `[insight]`)."
    if held.frame("skill_models").is_empty():
        return "Nothing has been tried yet: skill is measured from the first call or judged submission on."
    return ""


def one_kind(held: Held, model: Mapping[str, Any]) -> OneKind:
    """What there is to tell of a kind. `model`: its row of `skill_models`."""
    kind = model["kind"]
    boards = held.frame("leaderboard_rated").filter(pl.col("kind") == kind)
    board = highest_first(boards.filter(pl.col("board") == kind))
    skills = held.frame("agent_skill").filter(pl.col("kind") == kind)
    drawn, unsaid = charts(kind, board, skills, held)
    fields = first_of_fields(boards.filter(pl.col("board") != kind))
    unjudged = ""
    if kind == CALL:
        unjudged = not_judged(held.collect(count_derived(held.table("agent_calls"))).item(), model["n_trials"])
    return OneKind(
        kind,
        f"{model['sentence']} {unjudged}".strip(),
        board.head(MOST).to_dicts(),
        board.height,
        board.filter(pl.col("rank") == 1).height,
        fields[:MOST_FIELDS] if len(fields) > 1 else [],
        len(fields),
        drawn,
        unsaid,
    )


def highest_first(board: pl.DataFrame) -> pl.DataFrame:
    """A board in the order of ratings. Of equal ones the table knows which it took for the first."""
    order = ["score", pl.col("fragility").is_not_null(), "attempts", "agent_id"]
    return board.sort(order, descending=[True, True, True, False])


def first_of_fields(boards: pl.DataFrame) -> list[Row]:
    """Who is rated highest in each category or problem, those with the most trials first.

    Besides the columns of `leaderboard_rated`: `n_first`, how many share rank 1; `n_agents`, and `n_trials` of all.
    """
    sizes = boards.group_by("board").agg(
        n_first=(pl.col("rank") == 1).sum(), n_agents=pl.len(), n_trials=pl.col("attempts").sum()
    )
    first = highest_first(boards).unique("board", keep="first", maintain_order=True)
    return first.join(sizes, on="board").sort("n_trials", "board", descending=[True, False]).to_dicts()


def charts(kind: str, board: pl.DataFrame, skills: pl.DataFrame, held: Held) -> tuple[list[Drawn], list[str]]:
    """The figures of a kind, and sentences on those that would show chance or nothing."""
    least, tries = held.rules.insight.min_attempts, TRIALS[kind].many
    n_firm = board.filter(~pl.col("is_provisional")).height
    if n_firm < MIN_FIRM:
        have = "has" if n_firm == 1 else "have"
        sentence = (
            f"Nothing is drawn: {n_firm:,} of {counted(board.height, 'agent')} {have} {least:,} {tries} or more, and a "
            f"chart of fewer than {MIN_FIRM} such would show chance rather than skill."
        )
        return [], [sentence]
    asked: list[tuple[Callable[[], Canvas], str, str]] = [
        (lambda: rating_forest(board), FOREST, ""),
        (lambda: rank_ladder(board), LADDER, ""),
        (lambda: raw_and_adjusted(board), ADJUSTED, ""),
        (lambda: skill_map(skills), MAP.format(tries=tries), _nothing_to_map(skills, kind)),
        (lambda: funnel(skills), FUNNEL.format(tries=tries), _too_few_for_limits(skills, tries)),
    ]
    if kind == SUBMISSION:  # points are earned by submissions
        points = held.frame("agent_stats")
        asked.append((lambda: points_and_skill(board, points), QUADRANTS, _no_points(board, points)))
    return [Drawn(shown(draw()), note) for draw, note, why_not in asked if not why_not], [
        why_not for _, _, why_not in asked if why_not
    ]


def _too_few_for_limits(skills: pl.DataFrame, tries: str) -> str:
    n = skills.filter((pl.col("scope") == OVERALL) & (pl.col("attempts") > 0)).height
    if n >= MIN_AGENTS:
        return ""
    return f"No limits of chance are drawn: {counted(n, 'agent')} with {tries}, and limits around so few say nothing."


def _nothing_to_map(skills: pl.DataFrame, kind: str) -> str:
    n = skills.filter((pl.col("scope") == CATEGORY) & (pl.col("attempts") > 0))["category"].n_unique()
    words = TRIALS[kind]
    if n > 1:
        return ""
    return f"No map of {words.fields} is drawn: all {words.many} are of one {words.field}, or name none."


def _no_points(board: pl.DataFrame, points: pl.DataFrame) -> str:
    held = points.filter(pl.col("points") != 0).join(board, on="agent_id", how="semi")
    return "" if held.height else "Points are not set beside skill: no agent has both points and a rating yet."


FOREST = (
    "Bars hold the rating with 90 % certainty, if the model is right. Where those of two overlap, the log does not "
    "settle which of the two is the better."
)
LADDER = "Bars: the places of an agent in 90 % of draws from what is known of the skill of all."
ADJUSTED = (
    "As counted, whatever the work was; and as expected now if all had the same mix of work. Small numbers are drawn "
    "towards the average, for they tell little."
)
FUNNEL = (
    "The fewer {tries}, the further chance alone carries a share from that of all. Outside of the limits lies what "
    "chance alone would rarely give: it may be skill, or the work that an agent was given. It is no verdict."
)
MAP = "A rating in each cell, with its interval and number of {tries} under the pointer or the finger."
QUADRANTS = (
    "Points reward what was done; a rating is measured. Neither goes into the other, and no line is drawn through the "
    "dots for that reason."
)
