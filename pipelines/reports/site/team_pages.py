"""The page of each team that has one: key figures, members, growth, problems, places.

An agent or a user may be in many teams: what stands here is only what was done for this one. Sums are counted once for
all teams. Not here: how a team works together (teamwork.py), who has a page (publishing.py), how parts look
(templates/profile.html.j2).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.reports import quantities
from pipelines.reports.figures.growth import gains, growth
from pipelines.reports.intervals import wilson
from pipelines.reports.site import profile_parts as parts
from pipelines.reports.site.advised import AllAdvised
from pipelines.reports.site.call_figures import call_figures
from pipelines.reports.site.charts import Chart, alone, shown
from pipelines.reports.site.held import Held, parted
from pipelines.reports.site.links import path_of
from pipelines.reports.site.profile_parts import Figure
from pipelines.reports.site.rendering import Page, Renderer
from pipelines.reports.site.teamwork import AllTeamwork

MAX_MEMBERS = 50  # of each kind: those who earned most
_LEDGERS = {"points": ("points_ledger", "agent_id"), "xp": ("xp_ledger", "user_id")}
Parts = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Teams:
    """Rows of all teams, by team: stats, days and members of each currency, problems, current entries on boards."""

    stats: Parts
    days: Mapping[str, Parts]
    members: Mapping[str, Parts]
    problems: Parts
    entries: Parts

    @classmethod
    def of(cls, held: Held) -> "Teams":
        """Each table read once."""
        team = pl.col("team_id")
        ledgers = {
            currency: held.collect(
                held.table(table).filter(team.is_not_null()).select("team_id", "earned_at", key, currency)
            )
            for currency, (table, key) in _LEDGERS.items()
        }
        counted = held.table("submissions").filter(pl.col("is_counted") & team.is_not_null())
        tries = (
            (pl.col("verdict") == "verified").sum().cast(pl.Int64).alias("n_right"),
            pl.len().cast(pl.Int64).alias("n"),
        )
        by_agent = held.collect(counted.group_by("team_id", "agent_id").agg(*tries))
        by_problem = held.collect(counted.group_by("team_id", "problem").agg(*tries))
        members = {
            "points": _members(ledgers["points"], "agent_id", "points").join(
                by_agent, on=["team_id", "agent_id"], how="left", maintain_order="left"
            ),
            "xp": _members(ledgers["xp"], "user_id", "xp"),
        }
        zone = held.rules.timezone
        teams = {rule.slug for rule in held.rules.board if rule.subject == "team"}
        entries = held.collect(
            held.current_entries()
            .filter(pl.col("board").is_in(sorted(teams)))
            .join(held.board_sizes(), on=["board", "window", "scope_id"], nulls_equal=True)
        )
        return cls(
            parted(held.frame("team_stats"), "team_id"),
            {
                each: parted(gains(ledger, "team_id", zone, held.until(each)), "team_id")
                for each, ledger in ledgers.items()
            },
            {currency: parted(rows, "team_id") for currency, rows in members.items()},
            parted(by_problem.sort("n", "problem", descending=[True, False]), "team_id"),
            parted(entries, "subject_id"),
        )


def pages(made: Renderer) -> Iterator[Page]:
    """A page for each team that has one."""
    if not made.links.paths.get("team"):
        return
    teams = Teams.of(made.held)
    together = AllTeamwork.of(made.held, list(made.links.paths["team"]))
    advice = AllAdvised.of(made.held, team=list(made.links.paths["team"]))
    for name in parts.following(made, "team"):
        yield _profile(made, teams, together, advice, name)


def _profile(made: Renderer, teams: Teams, together: AllTeamwork, advice: AllAdvised, name: str) -> Page:
    stats = teams.stats[name].row(0, named=True)
    ranks = _ranks(made.held, teams, name)
    problems, n_left = parts.shares(_rows(teams.problems, name, "problem", "n_right", "n"))
    return made.page(
        "team.html.j2",
        path_of("team", name),
        name=name,
        stats=stats,
        figures=[side for side in (_solving(stats, ranks), _calling(stats, ranks)) if side],
        charts=_charts(made.held, teams, name),
        teamwork=together.part(name),
        advised=advice.part("team", name),
        agents=_shared(teams.members["points"], name, "points", stats["points"]),
        users=_shared(teams.members["xp"], name, "xp", stats["xp"]),
        most=MAX_MEMBERS,
        problems=problems,
        n_problems_left=n_left,
        places=parts.places(made.held, ranks),
        board=next((row["board"] for row in ranks), None),
    )


def _rows(held: Parts, name: str, *columns: str) -> list[tuple[Any, ...]]:
    return held[name].select(columns).rows() if name in held else []


def _members(ledger: pl.DataFrame, key: str, measure: str) -> pl.DataFrame:
    """What each member earned for each team, the most first."""
    sums = ledger.filter(pl.col(key).is_not_null()).group_by("team_id", key).agg(pl.col(measure).sum())
    return sums.sort("team_id", measure, key, descending=[False, True, False])


def _shared(members: Parts, name: str, measure: str, total: int) -> list[dict[str, Any]]:
    """The members with their share of what the team has."""
    rows = members[name].to_dicts() if name in members else []
    return [{**row, "share": row[measure] / total if total else 0.0} for row in rows]


def _ranks(held: Held, teams: Teams, name: str) -> list[dict[str, Any]]:
    rows = teams.entries[name].to_dicts() if name in teams.entries else []
    order = {board: n for n, board in enumerate(held.boards())}
    for row in rows:
        rule = held.board_rule(row["board"])
        row["measure"] = rule.order[0].measure if rule else "score"
    return sorted(rows, key=lambda row: order[row["board"]])


def _charts(held: Held, teams: Teams, name: str) -> list[Chart]:
    zone = held.rules.timezone
    return [
        shown(alone(growth(days[name], [name], currency, key="team_id", until=held.until(currency), zone=zone)))
        for currency, days in teams.days.items()
        if name in days and days[name][currency].sum()
    ]


def _solving(stats: dict[str, Any], ranks: list[dict[str, Any]]) -> list[Figure]:
    if not stats["attempts"] and not stats["points"]:
        return []
    told: list[Figure] = [
        (f"{stats['points']:,}", "Points", parts.place_of(ranks, "points")),
        (f"{stats['n_members']:,}", "Agents", "with points for this team"),
        (f"{stats['tasks_completed']:,}", "Tasks completed", f"in {quantities.counted(stats['attempts'], 'attempt')}"),
    ]
    if stats["attempts"]:
        note = parts.interval(*wilson(stats["tasks_completed"], stats["attempts"]), stats["attempts"], "attempt")
        told.append((quantities.share(stats["accuracy"]), "Accuracy", note))
    return told


def _calling(stats: dict[str, Any], ranks: list[dict[str, Any]]) -> list[Figure]:
    if not stats["calls"]:
        return []
    return [
        (f"{stats['xp']:,}", "XP", parts.place_of(ranks, "xp")),
        (f"{stats['calls']:,}", "Calls", f"by {quantities.counted(stats['n_users'], 'user')} with XP for this team"),
        *call_figures(stats, *wilson(stats["successes"], stats["calls"])),
    ]
