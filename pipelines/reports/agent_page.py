"""One agent's profile, as read from a published season: a solver, a sub-agent that is called, or both.

Not here: how it looks (agent_view.py), what calls say of it (calls_part.py), and the way from each point to its event
(`podium explain`).
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.reports import calls_part, trophies_part
from pipelines.reports.choices import one_of
from pipelines.reports.intervals import wilson
from pipelines.reports.places import places
from pipelines.reports.reading import Reading

_SUMS = ("points", "xp", "tasks_completed", "attempts")
_TOTALS = (*_SUMS, "accuracy", "last_active_at")


@dataclass(frozen=True)
class Called:
    """An agent as it is called: sums over its calls, who calls it most, how hard that is, and the last calls."""

    work: dict[str, Any]
    callers: list[dict[str, Any]]
    n_callers: int
    mix: list[dict[str, Any]]
    last_calls: list[dict[str, Any]]


@dataclass(frozen=True)
class AgentPage:
    """An agent: totals, streaks, badges held and to come, places on boards, its last awards; and how it is called."""

    reading: Reading
    agent_id: str
    totals: dict[str, Any]
    streaks: dict[str, Any]
    badges: list[dict[str, Any]]
    progress: list[dict[str, Any]]
    ranks: list[dict[str, Any]]
    awards: list[dict[str, Any]]
    n_awards: int
    called: Called | None

    @property
    def is_solver(self) -> bool:
        """Whether it has ever submitted anything."""
        return bool(self.totals["n_submissions"])

    def for_machines(self) -> dict[str, object]:
        """The page as plain data; what calls say stands under `calls`, null without any."""
        called = self.called
        return {
            "agent_id": self.agent_id,
            "as_of": self.reading.as_of,
            "rulebook": self.reading.fingerprint,
            "generation": self.reading.generation.id,
            **self.totals,
            "streaks": self.streaks,
            "badges": self.badges,
            "badge_progress": self.progress,
            "ranks": self.ranks,
            "last_awards": self.awards,
            "n_awards": self.n_awards,
            "calls": called and {
                **called.work,
                "n_callers": called.n_callers,
                "callers": called.callers,
                "complexity": called.mix,
                "last_calls": called.last_calls,
            },
        }  # fmt: skip


def agent_page(reading: Reading, agent_id: str, top: int = 10) -> AgentPage:
    """The profile of an agent with its last `top` awards, calls and callers.

    Raises Misuse, with close matches, for one that neither submitted anything nor was called.
    """
    known = [reading.table(name).select(pl.col("agent_id").unique()) for name in ("submissions", "user_agents")]
    agents = reading.collect(pl.concat(known).unique().sort("agent_id")).to_series().to_list()
    agent_id = one_of(agent_id, agents, "agent")
    own = pl.col("agent_id") == agent_id
    ledger = reading.table("points_ledger").filter(own)
    return AgentPage(
        reading,
        agent_id,
        totals=_totals(reading, own),
        streaks=_first(reading.collect(reading.table("streaks").filter(own).drop("agent_id"))),
        badges=trophies_part.earned(reading, "agent", agent_id),
        progress=trophies_part.on_the_way(reading, "agent", agent_id),
        ranks=places(reading, "agent", agent_id),
        awards=reading.collect(ledger.tail(top)).reverse().drop("agent_id", "rulebook").to_dicts(),
        n_awards=reading.collect(ledger.select(pl.len())).item(),
        called=_called(reading, own, top),
    )


def _called(reading: Reading, own: pl.Expr, top: int) -> Called | None:
    work = calls_part.work(reading, "agent_stats", own)
    if work is None:
        return None
    callers, n_callers = calls_part.pairs(reading, own, "calls", top)
    last_calls, _ = calls_part.last_awards(reading, own, top)
    return Called(work, callers, n_callers, calls_part.mix(reading, own), last_calls)


def _totals(reading: Reading, own: pl.Expr) -> dict[str, Any]:
    nothing = {**dict.fromkeys(_TOTALS), **dict.fromkeys(_SUMS, 0)}
    found = {**nothing, **_first(reading.collect(reading.table("agent_stats").filter(own).select(_TOTALS)))}
    low, high = wilson(found["tasks_completed"], found["attempts"]) if found["attempts"] else (None, None)
    submissions = reading.table("submissions").filter(own)
    counts = submissions.select(
        n_submissions=pl.len(),
        n_pending=(pl.col("verdict") == "pending").sum(),
        n_unresolved=pl.col("is_unresolved").sum(),
        first_submitted_at=pl.col("submitted_at").min(),
    )
    provisional = reading.table("points_ledger").filter(own & pl.col("is_provisional")).select(pl.col("points").sum())
    return {
        **found,
        "wilson_low": low,
        "wilson_high": high,
        "n_provisional_points": reading.collect(provisional).item(),
        **_first(reading.collect(counts)),
    }


def _first(frame: pl.DataFrame) -> dict[str, Any]:
    return frame.row(0, named=True) if frame.height else {}
