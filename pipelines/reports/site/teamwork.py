"""How a team works together: a part of its page, of the tables `team_collaboration` and `agent_adoption`.

Not here: what the numbers mean (insight/teams/collaboration.py, insight/teams/adoption.py), how the part looks
(templates/teamwork.html.j2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.insight.evidence import Evidence
from pipelines.insight.teams.success_around import MIN_CALLS
from pipelines.insight.teams.use import TeamUse
from pipelines.reports import quantities
from pipelines.reports.figures.adoption import adoption_steps, sharing_map
from pipelines.reports.site.charts import Chart, shown
from pipelines.reports.site.held import Held, parted
from pipelines.reports.site.profile_parts import Figure, interval

MAX_ADOPTED = 15  # agents of a team whose spread is told
_TABLES = ("team_collaboration", "agent_adoption")


@dataclass(frozen=True)
class Teamwork:
    """What the part of a team shows; `adopted`: rows of `agent_adoption`, the agents with the most users first."""

    sentence: str
    is_small: bool
    figures: list[Figure]
    charts: list[Chart]
    adopted: list[dict[str, Any]]
    n_left: int
    small_group: int
    min_calls: int = MIN_CALLS


@dataclass(frozen=True)
class AllTeamwork:
    """Rows of the teams with a page, by team: each table read once."""

    held: Held
    collaboration: Mapping[str, dict[str, Any]]
    adoption: Mapping[str, pl.DataFrame]
    pairs: Mapping[str, pl.DataFrame]

    @classmethod
    def of(cls, held: Held, teams: list[str]) -> "AllTeamwork":
        """Of these teams; of none in a season that was published before there were such tables."""
        if not all(held.has(name) for name in _TABLES):
            return cls(held, {}, {}, {})
        mine = pl.col("team_id").is_in(teams)
        collaboration, adoption = (held.collect(held.table(name).filter(mine)) for name in _TABLES)
        open_to_all = collaboration.filter(~pl.col("is_small"))["team_id"].implode()
        calls = held.table("agent_calls").filter(pl.col("team_id").is_in(open_to_all))
        use = TeamUse.of(Evidence({"agent_calls": calls}, held.rules, held.as_of))
        first = adoption.sort("n_users", "calls", "agent_id", descending=[True, True, False])
        return cls(
            held,
            {row["team_id"]: row for row in collaboration.iter_rows(named=True)},
            parted(first, "team_id"),
            parted(use.pairs, "team_id"),
        )

    def part(self, team: str) -> Teamwork | None:
        """The part of a team; None without a call."""
        row = self.collaboration.get(team)
        if row is None:
            return None
        adopted = self.adoption[team]
        return Teamwork(
            row["sentence"],
            row["is_small"],
            _figures(row),
            self._charts(team),
            adopted.head(MAX_ADOPTED).to_dicts(),
            max(adopted.height - MAX_ADOPTED, 0),
            self.held.rules.insight.small_group,
        )

    def _charts(self, team: str) -> list[Chart]:
        """None of a small team: the sentence says why."""
        if team not in self.pairs:
            return []
        uses, small_group = self.pairs[team], self.held.rules.insight.small_group
        zone = self.held.rules.timezone
        steps = adoption_steps(uses, until=self.held.as_of, zone=zone, small_group=small_group)
        return [shown(steps), shown(sharing_map(uses, small_group=small_group))]


def _figures(row: dict[str, Any]) -> list[Figure]:
    """The key figures of a team with more than one user, each with n and interval; what is null is left out."""
    if row["n_users"] == 1:
        return []
    n_agents = row["n_agents"]
    told: list[Figure] = [
        (f"{row[f'n_{name}_agents']:,} of {n_agents:,}", label, _note(row, name, n_agents, "agent"))
        for name, label in (("shared", "Agents with two users or more"), ("reused", "Agents another team had before"))
    ]
    if row["effective_agents"] is not None:
        ends = f"95 % interval {row['effective_lo95']:.1f} to {row['effective_hi95']:.1f}"
        calls = quantities.counted(row["calls"], "call")
        of_all = f"{calls}, spread like those of so many agents called equally often; {ends}"
        told.append((f"{row['effective_agents']:.1f}", "Effective agents", of_all))
    if row["bus_factor"] is not None:
        ends = f"95 % interval {row['bus_factor_lo95']:,} to {row['bus_factor_hi95']:,}"
        note = f"users made more than half of {quantities.counted(row['calls'], 'call')}; {ends}"
        told.append((f"{row['bus_factor']:,}", "Bus factor", note))
        told.append((quantities.share(row["spread_share"]), "By others than the first", _spread(row)))
    return told


def _note(row: dict[str, Any], name: str, n: int, what: str) -> str:
    return f"{quantities.share(row[f'{name}_share'])}; {interval(row[f'{name}_lo95'], row[f'{name}_hi95'], n, what)}"


def _spread(row: dict[str, Any]) -> str:
    return f"of calls; {interval(row['spread_lo95'], row['spread_hi95'], row['calls'], 'call')}"
