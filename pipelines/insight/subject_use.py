"""Who asks for agents, for which work, and whom they have called for it: users, and teams by the calls that name them.

Here: counts of calls by subject. Not here: what is advised (recommend.py), how teams share agents (team_use.py).
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from pipelines.game.windows import local_date
from pipelines.insight.evidence import Evidence

USER, TEAM = "user", "team"
SUBJECTS = (USER, TEAM)
NOW_DAYS = 60  # an agent that a subject called so lately is in use: half of the skill of so long ago still counts
SUBJECT = ["subject_type", "subject_id"]
KIND = ["category", "difficulty"]


@dataclass(frozen=True)
class SubjectUse:
    """`rows`: one row per subject, category, difficulty and agent that it called for it, in no order.

    Columns subject_type, subject_id, category, difficulty, agent_id; calls, lately (of them in the last NOW_DAYS),
    first_at, last_at.
    """

    rows: pl.DataFrame

    @classmethod
    def of(cls, evidence: Evidence) -> "SubjectUse":
        """The use that the published calls tell."""
        since = evidence.today - dt.timedelta(days=NOW_DAYS)
        day = local_date(pl.col("at").dt.replace_time_zone(None), evidence.rules.timezone)
        keys = [*SUBJECT, *KIND, "agent_id"]
        found = []
        for kind, column in ((USER, "user_id"), (TEAM, "team_id")):
            calls = evidence.tables["agent_calls"].filter(pl.col(column).is_not_null())
            told = calls.select(
                "category", "agent_id", "at", subject_type=pl.lit(kind), subject_id=column,
                difficulty=pl.col("complexity"), is_late=day > since,
            )  # fmt: skip
            counted = told.group_by(keys).agg(
                calls=pl.len().cast(pl.Int64),
                lately=pl.col("is_late").sum().cast(pl.Int64),
                first_at=pl.col("at").min(),
                last_at=pl.col("at").max(),
            )
            found.append(counted.collect())
        return cls(pl.concat(found))

    @cached_property
    def subjects(self) -> pl.DataFrame:
        """One row per subject: calls, first_at; sorted."""
        sums = self.rows.group_by(SUBJECT).agg(pl.col("calls").sum(), pl.col("first_at").min())
        return sums.sort(SUBJECT)

    @cached_property
    def own(self) -> pl.DataFrame:
        """One row per subject and agent: calls; sorted."""
        return self.rows.group_by(*SUBJECT, "agent_id").agg(pl.col("calls").sum()).sort(*SUBJECT, "agent_id")

    @cached_property
    def current(self) -> pl.DataFrame:
        """One row per subject and category with calls of the last NOW_DAYS: the agent called most for it by then.

        Of two the one called last. Columns subject_type, subject_id, category, current_agent_id, n_current (calls).
        """
        sums = self.rows.group_by(*SUBJECT, "category", "agent_id").agg(pl.col("lately").sum(), pl.col("last_at").max())
        late = sums.filter(pl.col("lately") > 0)
        first = late.sort("lately", "last_at", "agent_id", descending=[True, True, False])
        found = first.unique([*SUBJECT, "category"], keep="first", maintain_order=True)
        return found.select(*SUBJECT, "category", current_agent_id="agent_id", n_current="lately").sort(
            *SUBJECT, "category"
        )

    def kinds(self, most: int) -> pl.DataFrame:
        """The kinds of work that each subject had most: at most so many rows per subject, the most frequent first.

        Columns subject_type, subject_id, category, difficulty (either may be null), calls.
        """
        sums = self.rows.group_by(*SUBJECT, *KIND).agg(pl.col("calls").sum())
        ordered = sums.sort(*SUBJECT, "calls", *KIND, descending=[False, False, True, False, False])
        return ordered.group_by(SUBJECT, maintain_order=True).head(most)
