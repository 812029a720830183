"""Who asks for agents, for which work, and whom they have called for it: users, and teams by the calls that name them.

Here: counts of calls by subject. Not here: what is advised (recommend.py), how teams share agents (teams/use.py).
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import polars as pl
import polars.selectors as cs

from pipelines.game.windows import local_date
from pipelines.insight.evidence import Evidence
from pipelines.insight.keys import coded

USER, TEAM = "user", "team"
SUBJECTS = (USER, TEAM)
NOW_DAYS = 60  # an agent that a subject called so lately is in use: half of the skill of so long ago still counts
SUBJECT = ["subject_type", "subject_id"]
KIND = ["category", "difficulty"]


@dataclass(frozen=True)
class SubjectUse:
    """`counted`: one row per subject, category, difficulty and agent that it called for it, in no order.

    Columns subject_type, subject_id, category, difficulty, agent_id (enums in the order of their texts, which are
    grouped and sorted in half the time); calls, lately (of them in the last NOW_DAYS), first_at, last_at.
    """

    counted: pl.DataFrame

    @classmethod
    def of(cls, evidence: Evidence) -> "SubjectUse":
        """The use that the published calls tell."""
        since = evidence.today - dt.timedelta(days=NOW_DAYS)
        day = local_date(pl.col("at").dt.replace_time_zone(None), evidence.rules.timezone)
        calls = evidence.tables["agent_calls"].select(
            "user_id", "team_id", "category", "agent_id", "at", difficulty="complexity", is_late=day > since
        )
        held = calls.collect()
        subjects = pl.concat([held["user_id"].unique(), held["team_id"].unique()])
        held = held.with_columns(
            *(coded(held[name]) for name in (*KIND, "agent_id")),
            *(coded(held[name], subjects) for name in ("user_id", "team_id")),
        )
        by_kind = [
            held.lazy()
            .filter(pl.col(column).is_not_null())
            .select(pl.lit(kind, pl.Enum(sorted(SUBJECTS))).alias("subject_type"), pl.col(column).alias("subject_id"),
                    *KIND, "agent_id", "at", "is_late")
            for kind, column in ((USER, "user_id"), (TEAM, "team_id"))
        ]  # fmt: skip
        counted = pl.concat(by_kind).group_by(*SUBJECT, *KIND, "agent_id").agg(
            calls=pl.len().cast(pl.Int64),
            lately=pl.col("is_late").sum().cast(pl.Int64),
            first_at=pl.col("at").min(),
            last_at=pl.col("at").max(),
        )  # fmt: skip
        return cls(counted.collect())

    @cached_property
    def rows(self) -> pl.DataFrame:
        """`counted` with its texts as texts."""
        return _texts(self.counted)

    @cached_property
    def subjects(self) -> pl.DataFrame:
        """One row per subject: calls, first_at; sorted."""
        sums = self.counted.group_by(SUBJECT).agg(pl.col("calls").sum(), pl.col("first_at").min())
        return _texts(sums.sort(SUBJECT))

    @cached_property
    def own(self) -> pl.DataFrame:
        """One row per subject and agent: calls; sorted."""
        sums = self.counted.lazy().group_by(*SUBJECT, "agent_id").agg(pl.col("calls").sum())
        return _texts(sums.sort(*SUBJECT, "agent_id").collect())

    @cached_property
    def current(self) -> pl.DataFrame:
        """One row per subject and category with calls of the last NOW_DAYS: the agent called most for it by then.

        Of two the one called last. Columns subject_type, subject_id, category, current_agent_id, n_current (calls).
        """
        late = self.counted.lazy().filter(pl.col("lately") > 0).group_by(*SUBJECT, "category", "agent_id")
        sums = late.agg(pl.col("lately").sum(), pl.col("last_at").max())
        first = sums.sort("lately", "last_at", "agent_id", descending=[True, True, False])
        found = first.unique([*SUBJECT, "category"], keep="first", maintain_order=True)
        found = found.select(*SUBJECT, "category", current_agent_id="agent_id", n_current="lately")
        return _texts(found.sort(*SUBJECT, "category").collect())

    def kinds(self, most: int) -> pl.DataFrame:
        """The kinds of work that each subject had most: at most so many rows per subject, the most frequent first.

        Columns subject_type, subject_id, category, difficulty (either may be null), calls.
        """
        sums = self.counted.lazy().group_by(*SUBJECT, *KIND).agg(pl.col("calls").sum())
        ordered = sums.sort(*SUBJECT, "calls", *KIND, descending=[False, False, True, False, False]).collect()
        return _texts(ordered.group_by(SUBJECT, maintain_order=True).head(most))


def _texts(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(cs.enum().cast(pl.String))
