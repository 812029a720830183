"""The profile of each agent that has a page: a solver, a sub-agent that is called, or both.

What does not apply is left out. Not here: what is told of an agent (agent_page.py), how good it is (agent_skills.py),
whether it changes (agent_growth.py), who has a page (publishing.py), how parts look (templates/profile.html.j2).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.reports import quantities
from pipelines.reports.agent_page import AgentPage, agent_page
from pipelines.reports.figures.activity import by_hour, streak_days
from pipelines.reports.figures.growth import growth, growth_with_badges
from pipelines.reports.figures.spans import by_instant, is_short
from pipelines.reports.figures.specialisation import by_kind, by_problem
from pipelines.reports.profile_view import last_of
from pipelines.reports.site import profile_parts as parts
from pipelines.reports.site.agent_growth import AllGrowth
from pipelines.reports.site.agent_skills import AllSkill
from pipelines.reports.site.call_figures import call_figures
from pipelines.reports.site.cell_maps import CellMap, Unit, day_map, hour_map
from pipelines.reports.site.charts import Chart, alone, shown
from pipelines.reports.site.held import Held
from pipelines.reports.site.links import path_of
from pipelines.reports.site.neighbours import Apart, Neighbours
from pipelines.reports.site.profile_parts import LAST, Figure, Reasons
from pipelines.reports.site.rendering import Page, Renderer
from pipelines.reports.site.subjects import POINTS, OneSubject, Subjects

_TASKS = Unit("task completed", "tasks completed")
_TRIES, _CALLS = Unit("submission", "submissions"), Unit("call", "calls")


@dataclass(frozen=True)
class Told:
    """What is looked up once for all profiles: reasons, conditions of badges, owners, who is good, who changes."""

    reasons: Reasons
    conditions: dict[tuple[str, str | None], str]
    owners: dict[str, str]
    skill: AllSkill
    growth: AllGrowth


def pages(made: Renderer) -> Iterator[Page]:
    """A page for each agent that has one."""
    subjects = Subjects("agent", tuple(made.links.paths.get("agent", {})), made.held)
    if not subjects.names:
        return
    ledgers = [subjects.together(ledger, LAST) for ledger in ("points_ledger", "xp_ledger")]
    told = Told(
        Reasons.of(made.held, ledgers, [subjects.together("badges")["event_id"]]),
        parts.conditions(made.held, "agent"),
        dict(subjects.owners.rows()),
        AllSkill.of(made.held, subjects.names),
        AllGrowth.of(made.held, subjects.names),
    )
    neighbours = Neighbours(subjects)
    for name in parts.following(made, "agent"):
        yield _profile(made, subjects.reading(name), told, name, neighbours.of(name))


def _profile(made: Renderer, reading: OneSubject, told: Told, name: str, apart: Apart | None) -> Page:
    page = agent_page(reading, name, LAST)
    tries = reading.collect(reading.table("submissions").filter(pl.col("verdict") != "void"))
    calls, days = reading.rows["agent_calls"], reading.rows["agent_days"]
    problems, n_problems_left = parts.shares(by_problem(tries).rows())
    categories, n_categories_left = parts.shares(by_kind(calls.filter(pl.col("category").is_not_null())).rows())
    called = page.called
    return made.page(
        "agent.html.j2",
        path_of("agent", name),
        agent=page,
        teams=_teams(tries),
        owner=told.owners.get(name),
        figures=[side for side in (_solver_figures(page), _called_figures(page)) if side],
        charts=_charts(made.held, reading, page),
        skill=told.skill.part(name),
        growth=told.growth.part(name),
        badges=told.reasons.beside(page.badges),
        conditions=told.conditions,
        progress=parts.on_the_way(page.progress),
        maps=_maps(reading, page, tries, days),
        problems=problems,
        n_problems_left=n_problems_left,
        categories=categories,
        n_categories_left=n_categories_left,
        mix=parts.shares((row["complexity"], row["successes"], row["calls"]) for row in called.mix)[0]
        if called
        else [],
        places=parts.places(made.held, page.ranks),
        awards=told.reasons.beside(page.awards),
        callers=parts.with_intervals(called.callers) if called else [],
        calls=told.reasons.beside(called.last_calls) if called else [],
        last_of=last_of,
        apart=apart,
        commands=[
            ("every award, with its line", parts.command("explain", name)),
            *_compared(apart),
            ("this page", parts.command("agent", name)),
        ],
    )


def _compared(apart: Apart | None) -> list[tuple[str, str]]:
    if apart is None:
        return []
    return [
        ("what separates the two, award by award", parts.command("explain", *apart.names, options=("--board", POINTS)))
    ]


def _teams(tries: pl.DataFrame) -> list[str]:
    """The teams of its submissions, the last one first."""
    last = tries.drop_nulls("team_id").group_by("team_id").agg(pl.col("submitted_at").max())
    return last.sort("submitted_at", "team_id", descending=[True, False])["team_id"].to_list()


def _solver_figures(page: AgentPage) -> list[Figure]:
    totals, streaks = page.totals, page.streaks
    if not page.is_solver:
        return []
    note = f"{totals['n_provisional_points']:,} provisional" if totals["n_provisional_points"] else ""
    told: list[Figure] = [
        (f"{totals['points']:,}", "Points", parts.notes(parts.place_of(page.ranks, "points"), note)),
        (f"{totals['tasks_completed']:,}", "Tasks completed", _attempts(totals)),
    ]
    if totals["attempts"]:
        note = parts.interval(totals["wilson_low"], totals["wilson_high"], totals["attempts"], "counted submission")
        told.append((quantities.share(totals["accuracy"]), "Accuracy", note))
    if streaks:
        days = quantities.counted(streaks["daily_current"], "day")
        told.append((days, "Streak", f"with a task completed, best {streaks['daily_best']:,}"))
        told.append((f"{streaks['accuracy_current']:,}", "Right in a row", f"best {streaks['accuracy_best']:,}"))
    return told


def _attempts(totals: dict[str, Any]) -> str:
    waiting = [f"{totals[f'n_{kind}']:,} {kind}" for kind in ("pending", "unresolved") if totals[f"n_{kind}"]]
    return "; ".join([f"in {quantities.counted(totals['attempts'], 'counted submission')}", *waiting])


def _called_figures(page: AgentPage) -> list[Figure]:
    if page.called is None:
        return []
    work = page.called.work
    return [
        (f"{page.totals['xp']:,}", "XP", parts.place_of(page.ranks, "xp")),
        (f"{work['calls']:,}", "Calls", f"by {quantities.counted(page.called.n_callers, 'user')}"),
        *call_figures(work, work["success_low"], work["success_high"]),
    ]


def _charts(held: Held, reading: OneSubject, page: AgentPage) -> list[Chart]:
    zone, name, charts = reading.rules.timezone, page.agent_id, []
    if page.totals["points"]:
        badges, names, until = reading.rows["badges"], reading.trophy_names("agent"), held.until("points")
        drawn = growth_with_badges(_gains(reading, "points", until), name, badges, names, zone=zone, until=until)
        charts.append(shown(drawn))
    if page.totals["xp"]:
        until = held.until("xp")
        charts.append(shown(alone(growth(_gains(reading, "xp", until), [name], "xp", until=until, zone=zone))))
    return charts


def _gains(reading: OneSubject, measure: str, until: dt.date) -> pl.DataFrame:
    if not is_short(until):
        return reading.rows["agent_days"]
    return by_instant(reading.rows[f"{measure}_ledger"], "agent_id")


def _maps(reading: OneSubject, page: AgentPage, tries: pl.DataFrame, days: pl.DataFrame) -> list[CellMap]:
    """Its days and hours: of tasks and submissions, or if it only is called of calls."""
    until, zone = reading.whole.today, reading.rules.timezone
    if page.totals["attempts"] or page.called is None:
        run = streak_days(days, page.streaks.get("daily_current", 0), page.streaks.get("daily_last_on"))
        drawn = [
            day_map(dict(days.select("day", "tasks_completed").rows()), _TASKS, until, run),
            hour_map(_hours(tries["submitted_at"], zone), _TRIES, zone),
        ]
    else:
        drawn = [
            day_map(dict(days.select("day", "calls").rows()), _CALLS, until),
            hour_map(_hours(reading.rows["agent_calls"]["at"], zone), _CALLS, zone),
        ]
    return [each for each in drawn if each]


def _hours(instants: pl.Series, zone: str) -> dict[tuple[int, int], int]:
    return {(weekday, hour): n for weekday, hour, n in by_hour(instants, zone).rows()}
