"""How good an agent is, measured, and which task it could try next: two parts of its page.

Of the tables `agent_skill`, `agent_skill_months`, `leaderboard_rated` and `task_recommendations`. Not here: the
statistics (insight/skill/ratings.py, insight/skill/boards.py, insight/advice/next_tasks.py), how the parts look
(templates/skill.html.j2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.insight.advice.next_tasks import SLOTS
from pipelines.insight.evidence import KINDS
from pipelines.insight.normal import Z_90
from pipelines.insight.skill.ratings import CATEGORY, DIRECT, RATING_PER_LOGIT
from pipelines.reports.figures.skill_months import skill_course
from pipelines.reports.intervals import wilson
from pipelines.reports.next_task_page import SLOT_NAMES
from pipelines.reports.quantities import signed
from pipelines.reports.site.charts import Chart, shown
from pipelines.reports.site.held import Held, parted
from pipelines.reports.site.profile_parts import MAX_ROWS
from pipelines.reports.trial_words import TRIALS

TABLES = ("agent_skill", "agent_skill_months", "leaderboard_rated")
NEXT = "task_recommendations"
Parts = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class KindSkill:
    """Skill in calls, or in submissions. `place`: the row of `leaderboard_rated` with `raw_interval`; `n_agents`: on
    that board; `rows`: direct rows by category with `own`, what the category adds, in rating points.
    """

    kind: str
    heading: str
    noun: str
    first: str
    place: Mapping[str, Any]
    n_agents: int
    rows: Sequence[Mapping[str, Any]]
    n_left: int
    chart: Chart | None


@dataclass(frozen=True)
class Slot:
    """Tasks of one slot of `task_recommendations`, the best first, each with its reason."""

    name: str
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class AgentSkill:
    """The parts of an agent's page: skill by kind of trials, and tasks that it could try next."""

    kinds: Sequence[KindSkill]
    next_tasks: Sequence[Slot]
    min_attempts: int

    @property
    def has_charts(self) -> bool:
        """Whether anything is drawn."""
        return any(kind.chart for kind in self.kinds)


@dataclass(frozen=True)
class AllSkill:
    """Rows of the agents with a page, by agent: each table read once. `sizes`: agents on each board of a kind."""

    skill: Parts
    months: Parts
    places: Parts
    tasks: Parts
    sizes: Mapping[str, int]
    min_attempts: int

    @classmethod
    def of(cls, held: Held, agents: Sequence[str]) -> "AllSkill":
        """Of these agents; of none in a season that was published before there were such tables."""
        least = held.rules.insight.min_attempts
        if not all(held.has(name) for name in (*TABLES, NEXT)):
            return cls({}, {}, {}, {}, {}, least)
        mine = pl.col("agent_id").is_in(pl.Series(agents, dtype=pl.String).implode())
        is_direct = (pl.col("scope") == CATEGORY) & (pl.col("evidence") == DIRECT)
        boards = held.table("leaderboard_rated").filter(pl.col("board").is_in(KINDS))
        order = ["kind", "attempts", "category"]
        skill = held.table("agent_skill").filter(mine & is_direct).sort(order, descending=[False, True, False])
        read = (
            skill,
            held.table("agent_skill_months").filter(mine),
            boards.filter(mine),
            held.table(NEXT).filter(mine),
        )
        sizes = held.collect(boards.group_by("board").len())
        skills, months, places, tasks = (parted(held.collect(rows), "agent_id") for rows in read)
        return cls(skills, months, places, tasks, dict(sizes.iter_rows()), least)

    def part(self, agent: str) -> AgentSkill | None:
        """The parts of an agent; None without a trial."""
        if agent not in self.places:
            return None
        places = {row["kind"]: row for row in self.places[agent].iter_rows(named=True)}
        kinds = [self._kind(agent, kind, places[kind]) for kind in KINDS if kind in places]
        return AgentSkill(kinds, self._next(agent), self.min_attempts)

    def _kind(self, agent: str, kind: str, place: dict[str, Any]) -> KindSkill:
        rows = self.skill[agent].filter(pl.col("kind") == kind)
        months = self.months[agent].filter(pl.col("kind") == kind)
        words = TRIALS[kind]
        return KindSkill(
            kind,
            f"Skill in {words.many}",
            words.one,
            words.field.capitalize(),
            {**place, "raw_interval": wilson(place["successes"], place["attempts"])},
            self.sizes[kind],
            [_with_own(row) for row in rows.head(MAX_ROWS).iter_rows(named=True)],
            max(rows.height - MAX_ROWS, 0),
            shown(skill_course(months, agent)) if months.height > 1 and not place["is_provisional"] else None,
        )

    def _next(self, agent: str) -> list[Slot]:
        rows = self.tasks[agent].to_dicts() if agent in self.tasks else []
        slots = [(slot, [row for row in rows if row["slot"] == slot]) for slot in SLOTS]
        return [Slot(SLOT_NAMES[slot], held) for slot, held in slots if held]


def _with_own(row: dict[str, Any]) -> dict[str, Any]:
    """What the category adds, in rating points, and its 90 % interval."""
    own, half = row["own_logit"] * RATING_PER_LOGIT, Z_90 * row["own_sd"] * RATING_PER_LOGIT
    low, value, high = (signed(points) for points in (own - half, own, own + half))
    return {**row, "own": value, "own_within": f"{low} to {high}"}
