"""Whether an agent changes: a part of its page, of the tables `agent_performance_daily` and `agent_trends`.

Not here: the statistics (insight/growth/trends.py), what is drawn (figures/weeks.py), how the part looks
(templates/growth.html.j2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.game.windows import window_start
from pipelines.insight.evidence import KINDS
from pipelines.insight.growth.series import MEASURES, WEEKS
from pipelines.insight.growth.words import TOO_LITTLE
from pipelines.reports.figures.weeks import difficulty_by_week, success_by_week
from pipelines.reports.quantities import counted
from pipelines.reports.site.charts import Chart, shown
from pipelines.reports.site.held import Held, parted
from pipelines.reports.trial_words import TRIALS, tried

TABLES = ("agent_performance_daily", "agent_trends")


@dataclass(frozen=True)
class OneKind:
    """What is told of an agent's calls, or of its submissions: sentences, and charts if there is a course to draw."""

    heading: str
    sentences: Sequence[str]
    charts: Sequence[Chart]


@dataclass(frozen=True)
class AgentGrowth:
    """The part of an agent's page. `false_flags`: how many of all words such as rising may mean nothing, a share.
    `has_lines`: whether a trend is told, or at least that none is shown.
    """

    kinds: Sequence[OneKind]
    false_flags: float
    has_lines: bool
    n_weeks: int = WEEKS

    @property
    def has_charts(self) -> bool:
        """Whether anything is drawn."""
        return any(kind.charts for kind in self.kinds)


@dataclass(frozen=True)
class AllGrowth:
    """Rows of the agents with a page, by agent: each table read once."""

    held: Held
    days: Mapping[str, pl.DataFrame]
    trends: Mapping[str, pl.DataFrame]

    @classmethod
    def of(cls, held: Held, agents: Sequence[str]) -> "AllGrowth":
        """Of these agents; of none in a season that was published before there were such tables."""
        if not all(held.has(name) for name in TABLES):
            return cls(held, {}, {})
        mine = pl.col("agent_id").is_in(pl.Series(agents, dtype=pl.String).implode())
        return cls(held, *(parted(held.collect(held.table(name).filter(mine)), "agent_id") for name in TABLES))

    def part(self, agent: str) -> AgentGrowth | None:
        """The part of an agent; None without a trial."""
        if agent not in self.days:
            return None
        kinds = [self._kind(agent, kind) for kind in KINDS if self.days[agent]["kind"].eq(kind).any()]
        has_lines = agent in self.trends and _has_lines(self.trends[agent])
        return AgentGrowth(kinds, self.held.rules.insight.false_flags, has_lines)

    def _kind(self, agent: str, kind: str) -> OneKind:
        heading = TRIALS[kind].heading
        days = self.days[agent].filter(kind=kind)
        trends = self.trends[agent].filter(kind=kind) if agent in self.trends else None
        if trends is None or trends.is_empty():
            sentences = [f"Nothing was tried in the last {WEEKS} weeks, so there is no trend to tell."]
        else:
            sentences = _sentences(trends)
        n, n_weeks = int(days["attempts"].sum()), days.select(window_start(pl.col("day"), "week").n_unique()).item()
        if n_weeks > 1 and n >= self.held.rules.insight.min_attempts:
            return OneKind(
                heading, sentences, [shown(success_by_week(days, kind)), shown(difficulty_by_week(days, kind))]
            )
        weeks = f"{tried(n, kind)} in {counted(n_weeks, 'week')}"
        return OneKind(
            heading, [*sentences, f"No weeks are drawn: {weeks} would show chance rather than a course."], []
        )


def _sentences(trends: pl.DataFrame) -> list[str]:
    """Those of all measures; where nothing can be told of any, the one of success stands for all."""
    of = {row["measure"]: row for row in trends.to_dicts()}
    told = [of[measure] for measure in MEASURES if measure in of]
    if len(told) > 1 and not _has_lines(trends):
        return [told[0]["sentence"], "There is too little for the other measures, too."]
    return [row["sentence"] for row in told]


def _has_lines(trends: pl.DataFrame) -> bool:
    return bool(trends["direction"].ne(TOO_LITTLE).any())
