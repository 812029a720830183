"""The agents or users that have a page, each as a season of its own: its rows alone, cut out of every table at once.

A profile asks two dozen questions, each of whole tables; here the tables are read once for all profiles, and every
question meets a few rows in memory. What is asked of everybody (sizes of boards, holders of badges) is counted once.
Not here: the profiles (agent_page.py, user_page.py), how they look (agent_pages.py, user_pages.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import polars as pl

from pipelines.game.people import owners
from pipelines.reports.reading import Reading
from pipelines.reports.site.held import Held

Kind = Literal["agent", "user"]
_WHOSE = "whose"
POINTS = "points"  # the board on which neighbours are compared
_OTHER: Mapping[Kind, str] = {"agent": "user_id", "user": "agent_id"}  # null on boards that rank no pairs
OWNED = "owned"  # not a table of the season: the agents of each user
_OF_AGENTS = ("submissions", "points_ledger", "xp_ledger", "agent_calls", "streaks", "agent_stats", "agent_days")
_OF_BOTH = ("user_agents", "levels")
TABLES: Mapping[Kind, Sequence[str]] = {
    "agent": (*_OF_AGENTS, "usage_mix", *_OF_BOTH),
    "user": ("xp_ledger", "agent_calls", "user_stats", "usage_hours", "level_ups", "level_forecasts", *_OF_BOTH),
}
COLUMNS = {  # of wide tables, those that profiles read
    "submissions": (
        "agent_id", "submission_id", "verdict", "submitted_at", "is_unresolved", "is_counted", "problem", "team_id",
        "user_id",
    ),
    "agent_calls": (
        "user_id", "agent_id", "at", "call_id", "event_id", "action_type", "complexity", "success", "success_source",
        "duration_s", "cost_usd", "response_quality", "user_satisfaction", "code_quality", "category",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class OneSubject(Reading):
    """A reading in which the tables hold the rows of one agent or user, as far as its profile reads them."""

    whole: Held
    rows: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def table(self, name: str) -> pl.LazyFrame:
        """The rows of this subject; the whole table where it was not cut."""
        return self.rows[name].lazy() if name in self.rows else self.whole.table(name)

    def current_entries(self) -> pl.LazyFrame:
        """Its own entries."""
        return self.rows["leaderboards"].lazy()

    def board_sizes(self) -> pl.LazyFrame:
        """As for everybody."""
        return self.whole.board_sizes()

    def holders(self) -> pl.LazyFrame:
        """As for everybody."""
        return self.whole.holders()

    def agents_of(self, user_id: str) -> pl.DataFrame:
        """The agents of this user."""
        return self.rows[OWNED].filter(user_id=user_id).select("agent_id")

    def boards(self) -> list[str]:
        """As for everybody."""
        return self.whole.boards()


@dataclass(frozen=True)
class Subjects:
    """The chosen agents or users: `kind` says which, `names` in the order of their pages."""

    kind: Kind
    names: Sequence[str]
    held: Held

    def reading(self, name: str) -> OneSubject:
        """The season as far as it is one subject's."""
        held = self.held
        rows = {table: parts.get(name, self._empty[table]) for table, parts in self._parts.items()}
        return OneSubject(held.generation, held.rules, held, rows)

    def pair(self, one: str, other: str) -> OneSubject:
        """The season as far as it is the points of two of them: what a board compares, and nothing of anybody else."""
        held, both = self.held, pl.Series([one, other]).implode()
        entries = held.frame("leaderboards").filter(
            (pl.col("board") == POINTS) & (pl.col("window") == "all") & pl.col("subject_id").is_in(both)
        )
        ledger = pl.concat([self._parts["points_ledger"][name] for name in (one, other)])
        return OneSubject(held.generation, held.rules, held, {"leaderboards": entries, "points_ledger": ledger})

    def together(self, table: str, last: int | None = None) -> pl.DataFrame:
        """The rows of all of them in a table; with `last` of each so many, those earned last."""
        if last is None:
            return self._whole[table].drop(_WHOSE)
        parts = [self._parts[table][name] for name in self.names if name in self._parts[table]]
        ends = [part.sort("earned_at", maintain_order=True).tail(last) for part in parts]
        return pl.concat(ends) if ends else self._empty[table]

    @cached_property
    def owners(self) -> pl.DataFrame:
        """Who owns which of all agents: agent_id, user_id."""
        named = self.held.table("submissions").filter(pl.col("user_id").is_not_null())
        columns = ("verdict", "submitted_at", "submission_id")
        last = owners(self.held.collect(named.select(*columns, agent="agent_id", user="user_id")))
        return last.select(agent_id="agent", user_id="owner")

    @cached_property
    def _parts(self) -> dict[str, dict[str, pl.DataFrame]]:
        return {
            table: {
                str(name): part for (name,), part in frame.partition_by(_WHOSE, include_key=False, as_dict=True).items()
            }
            for table, frame in self._whole.items()
        }

    @cached_property
    def _empty(self) -> dict[str, pl.DataFrame]:
        return {table: frame.drop(_WHOSE).clear() for table, frame in self._whole.items()}

    @cached_property
    def _whole(self) -> dict[str, pl.DataFrame]:
        """The rows of all chosen subjects in each table, and in the column _WHOSE whose they are."""
        held, key, other = self.held, pl.col(f"{self.kind}_id"), pl.col(_OTHER[self.kind])
        chosen = pl.Series(self.names, dtype=pl.String).implode()
        asked = {
            table: held.table(table).filter(key.is_in(chosen)).select(COLUMNS.get(table, pl.all()))
            for table in TABLES[self.kind]
            if held.has(table)
        }
        asked["leaderboards"] = held.current_entries().filter(key.is_in(chosen) & other.is_null())
        frames = {table: held.collect(rows.with_columns(key.alias(_WHOSE))) for table, rows in asked.items()}
        for table in ("badges", "badge_progress"):
            theirs = held.frame(table).filter(
                (pl.col("subject_type") == self.kind) & pl.col("subject_id").is_in(chosen)
            )
            frames[table] = theirs.with_columns(pl.col("subject_id").alias(_WHOSE))
        return frames if self.kind == "agent" else {**frames, **self._with_owned(frames["badges"], chosen)}

    def _with_owned(self, achievements: pl.DataFrame, chosen: pl.Series) -> dict[str, pl.DataFrame]:
        """What a user's page asks of the agents that the user owns: which they are, what they did and earned."""
        held, owned = self.held, self.owners.filter(pl.col("user_id").is_in(chosen))
        whose = owned.rename({"user_id": _WHOSE})
        agents = held.frame("agent_stats").join(whose, on="agent_id", maintain_order="left")
        badges = held.frame("badges").filter(subject_type="agent")
        theirs = badges.join(whose.rename({"agent_id": "subject_id"}), on="subject_id", maintain_order="left")
        return {
            OWNED: owned.with_columns(pl.col("user_id").alias(_WHOSE)),
            "agent_stats": agents,
            "badges": pl.concat([achievements, theirs]),
        }
