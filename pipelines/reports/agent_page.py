"""One agent's profile, as read from a published season.

Not here: how it looks (agent_view.py), and the way from each point to its event (`podium explain`).
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.game.leaderboards import Z_95
from pipelines.reports.choices import one_of
from pipelines.reports.reading import Reading

_TOTALS = ("points", "tasks_completed", "attempts", "accuracy", "last_active_at")


@dataclass(frozen=True)
class AgentPage:
    """An agent: totals, streaks, badges held and to come, places on boards, and its last awards."""

    reading: Reading
    agent_id: str
    totals: dict[str, Any]
    streaks: dict[str, Any]
    badges: list[dict[str, Any]]
    progress: list[dict[str, Any]]
    ranks: list[dict[str, Any]]
    awards: list[dict[str, Any]]
    n_awards: int

    def for_machines(self) -> dict[str, object]:
        """The page as plain data."""
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
        }


def agent_page(reading: Reading, agent_id: str, n_awards: int = 10) -> AgentPage:
    """The profile of an agent with its last `n_awards` awards. Raises Misuse, with close matches, if there is none."""
    submissions = reading.table("submissions")
    agents = reading.collect(submissions.select(pl.col("agent_id").unique().sort())).to_series().to_list()
    agent_id = one_of(agent_id, agents, "agent", "an")
    own = pl.col("agent_id") == agent_id
    ledger = reading.table("points_ledger").filter(own)
    names = reading.badge_names()
    return AgentPage(
        reading,
        agent_id,
        totals=_totals(reading, own),
        streaks=_first(reading.collect(reading.table("streaks").filter(own).drop("agent_id"))),
        badges=_named(reading.collect(_of_agent(reading, "badges", agent_id)), names),
        progress=_named(
            reading.collect(_of_agent(reading, "badge_progress", agent_id)).sort(
                "progress_share", "badge", descending=[True, False]
            ),
            names,
        ),
        ranks=_ranks(reading, own),
        awards=reading.collect(ledger.tail(n_awards)).reverse().drop("agent_id", "rulebook").to_dicts(),
        n_awards=reading.collect(ledger.select(pl.len())).item(),
    )


def wilson(n_right: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, without continuity correction (Wilson, JASA 22, 1927). `n` > 0."""
    share, z2 = n_right / n, Z_95 * Z_95
    middle = share + z2 / (2 * n)
    spread = Z_95 * (share * (1 - share) / n + z2 / (4 * n * n)) ** 0.5
    return max((middle - spread) / (1 + z2 / n), 0.0), min((middle + spread) / (1 + z2 / n), 1.0)


def _totals(reading: Reading, own: pl.Expr) -> dict[str, Any]:
    nothing = {**dict.fromkeys(_TOTALS), "points": 0, "tasks_completed": 0, "attempts": 0}
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


def _of_agent(reading: Reading, table: str, agent_id: str) -> pl.LazyFrame:
    rows = reading.table(table).filter((pl.col("subject_type") == "agent") & (pl.col("subject_id") == agent_id))
    return rows.drop("subject_type", "subject_id")


def _ranks(reading: Reading, own: pl.Expr) -> list[dict[str, Any]]:
    """The agent's place on each board it is on: for all time and in the window of `as_of`, best places first."""
    on = pl.lit(reading.today)
    is_now = pl.col("window_start_on").is_null() | ((pl.col("window_start_on") <= on) & (pl.col("window_end_on") >= on))
    boards = reading.table("leaderboards").filter(is_now)
    group = ["board", "window", "scope_id"]
    sizes = boards.group_by(group).agg(n_entries=pl.len())
    rows = boards.filter(own).join(sizes, on=group, nulls_equal=True)
    columns = [*group, "window_start_on", "window_end_on", "rank", "n_entries", "rank_change", "score", "points"]
    order = {name: n for n, name in enumerate(reading.boards())}
    windows = {"all": 0, "month": 1, "week": 2, "day": 3}
    found = reading.collect(rows.select(columns)).to_dicts()
    return sorted(
        found, key=lambda r: (order[r["board"]], windows.get(r["window"], 4), r["window"], r["scope_id"] or "")
    )


def _first(frame: pl.DataFrame) -> dict[str, Any]:
    return frame.row(0, named=True) if frame.height else {}


def _named(frame: pl.DataFrame, names: dict[str, str]) -> list[dict[str, Any]]:
    return [{"badge": row["badge"], "name": names.get(row["badge"], row["badge"]), **row} for row in frame.to_dicts()]
