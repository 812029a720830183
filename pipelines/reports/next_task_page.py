"""What an agent could try next, and what it is good at, as read from a published season.

Not here: how it looks (recommend_view.py), how tasks are chosen (insight/advice/next_tasks.py), how skill is measured.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.insight.advice.next_tasks import SLOTS
from pipelines.insight.evidence import CALL
from pipelines.insight.skill.ratings import OVERALL
from pipelines.reports.choices import one_of
from pipelines.reports.reading import Reading
from pipelines.reports.recommend_page import refuse_if_off

SLOT_NAMES = {  # what `SLOTS` are called, here and on the pages of agents
    "expected_points": "For the points",
    "stretch": "A stretch",
    "informative": "What would tell most about the agent",
    "unsolved": "Solved by nobody yet",
}


@dataclass(frozen=True)
class NextTaskPage:
    """An agent: `tasks`, rows of `task_recommendations`; `skills`, rows of `agent_skill` of its calls, the best first.

    Both may be empty; `n_submissions` and `n_calls` say why.
    """

    reading: Reading
    agent_id: str
    n_submissions: int
    n_calls: int
    tasks: list[dict[str, Any]]
    skills: list[dict[str, Any]]

    def for_machines(self) -> dict[str, object]:
        """The page as plain data."""
        return {
            "agent_id": self.agent_id,
            "as_of": self.reading.as_of,
            "rulebook": self.reading.fingerprint,
            "generation": self.reading.generation.id,
            "n_submissions": self.n_submissions,
            "n_calls": self.n_calls,
            "tasks": self.tasks,
            "skills": self.skills,
        }


def next_task_page(reading: Reading, agent_id: str) -> NextTaskPage:
    """Tasks that an agent could try next, and its skill in calls. Raises Misuse, with close matches, for no agent, and
    PodiumError where insight is turned off.
    """
    known = [reading.table(name).select(pl.col("agent_id").unique()) for name in ("submissions", "user_agents")]
    agents = reading.collect(pl.concat(known).unique().sort("agent_id")).to_series().to_list()
    agent_id = one_of(agent_id, agents, "agent")
    refuse_if_off(reading)
    own = pl.col("agent_id") == agent_id
    order = pl.col("slot").replace_strict(list(SLOTS), range(len(SLOTS)), return_dtype=pl.Int64)
    tasks = reading.table("task_recommendations").filter(own).sort(order, "place").drop("agent_id")
    skills = reading.table("agent_skill").filter(own & (pl.col("kind") == CALL)).drop("agent_id", "kind")
    best = skills.sort(pl.col("scope") != OVERALL, "skill_logit", "category", descending=[False, True, False])
    count = [reading.table(name).filter(own).select(pl.len()) for name in ("submissions", "agent_calls")]
    n_submissions, n_calls = (int(reading.collect(n).item()) for n in count)
    return NextTaskPage(
        reading,
        agent_id,
        n_submissions=n_submissions,
        n_calls=n_calls,
        tasks=reading.collect(tasks).to_dicts(),
        skills=reading.collect(best).to_dicts(),
    )
