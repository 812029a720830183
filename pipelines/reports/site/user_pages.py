"""The profile of each user that has a page: level, work, agents called and owned, achievements, places, last awards.

Not here: what is told of a user (user_page.py), who has a page (publishing.py), how parts look
(templates/profile.html.j2).
"""

from collections.abc import Iterator
from typing import Any

import polars as pl

from pipelines.game.windows import local_date
from pipelines.reports import quantities
from pipelines.reports.figures.forecasts import growth_with_forecast
from pipelines.reports.figures.growth import gains, growth_with_levels
from pipelines.reports.figures.spans import is_short
from pipelines.reports.profile_view import MOST_UNEARNED, last_of
from pipelines.reports.site import profile_parts as parts
from pipelines.reports.site.advised import AllAdvised
from pipelines.reports.site.call_figures import call_figures
from pipelines.reports.site.cell_maps import CellMap, Unit, day_map, hour_map
from pipelines.reports.site.charts import Chart, shown
from pipelines.reports.site.links import path_of
from pipelines.reports.site.profile_parts import LAST, Figure, Reasons
from pipelines.reports.site.rendering import Page, Renderer
from pipelines.reports.site.subjects import OneSubject, Subjects
from pipelines.reports.user_page import UserPage, user_page

_CALLS = Unit("call", "calls")


def pages(made: Renderer) -> Iterator[Page]:
    """A page for each user that has one."""
    subjects = Subjects("user", tuple(made.links.paths.get("user", {})), made.held)
    if not subjects.names:
        return
    events = [subjects.together(table)["event_id"] for table in ("badges", "level_ups")]
    reasons = Reasons.of(made.held, [subjects.together("xp_ledger", LAST)], events)
    conditions = parts.conditions(made.held, "user")
    advice = AllAdvised.of(made.held, user=subjects.names)
    for name in parts.following(made, "user"):
        yield _profile(made, subjects.reading(name), reasons, conditions, advice, name)


def _profile(
    made: Renderer,
    reading: OneSubject,
    reasons: Reasons,
    conditions: dict[tuple[str, str | None], str],
    advice: AllAdvised,
    name: str,
) -> Page:
    page = user_page(reading, name, LAST)
    return made.page(
        "user.html.j2",
        path_of("user", name),
        user=page,
        bar=_bar(page),
        figures=[side for side in (_figures(page), _owned_figures(page)) if side],
        chart=_chart(reading, page),
        achievements=reasons.beside(page.achievements),
        conditions=conditions,
        progress=parts.on_the_way(page.progress) if page.level else [],
        maps=_maps(reading, page),
        agents=parts.with_intervals(page.agents),
        advised=advice.part("user", name),
        level_ups=reasons.beside(page.level_ups),
        places=parts.places(made.held, page.ranks),
        awards=reasons.beside(page.awards),
        last_of=last_of,
        commands=[
            ("every award, with its line", parts.command("explain", name, options=("--user",))),
            ("this page", parts.command("user", name)),
        ],
    )


def _bar(page: UserPage) -> float | None:
    """How far it is from this level to the next, 0 to 1; None at the last one."""
    level = page.level
    if level is None or level["xp_to_next"] is None:
        return None
    done: int = level["xp"] - level["level_xp"]
    to_next: int = level["xp_to_next"]
    return min(done / (done + to_next), MOST_UNEARNED)


def _figures(page: UserPage) -> list[Figure]:
    totals, work = page.totals, page.work
    told: list[Figure] = []
    if page.level:
        told.append((f"{page.level['xp']:,}", "XP", parts.place_of(page.ranks, "xp")))
    if work is None:
        return told
    days = quantities.counted(totals["daily_current"], "day")
    best = f"with a successful call, best {totals['daily_best']:,}, {totals['active_days']:,} in all"
    agents = f"{totals['n_agents_succeeded']:,} of them with success"
    return [
        *told,
        (f"{work['calls']:,}", "Calls", f"{work['successes']:,} succeeded"),
        *call_figures(work, work["success_low"], work["success_high"]),
        (days, "Streak", best),
        (f"{totals['n_agents_called']:,}", "Agents called", agents),
    ]


def _owned_figures(page: UserPage) -> list[Figure]:
    totals: dict[str, Any] = page.totals
    if not totals["n_agents_owned"]:
        return []
    return [
        (f"{totals['n_agents_owned']:,}", "Agents owned", ""),
        (f"{totals['points']:,}", "Points of agents owned", "a currency of its own: never added to XP"),
        (
            f"{totals['tasks_completed']:,}",
            "Tasks they completed",
            f"in {quantities.counted(totals['attempts'], 'attempt')}",
        ),
    ]


def _chart(reading: OneSubject, page: UserPage) -> Chart | None:
    if not page.level or not page.level["xp"]:
        return None
    until, zone = reading.whole.until("xp"), reading.rules.timezone
    days = gains(reading.rows["xp_ledger"], "user_id", zone, until)
    levels = reading.rules.levels
    if is_short(until) or page.forecast is None:
        return shown(growth_with_levels(days, page.user_id, levels, until=until, zone=zone))
    return shown(growth_with_forecast(days, page.user_id, levels, page.forecast, until=until))


def _maps(reading: OneSubject, page: UserPage) -> list[CellMap]:
    zone = reading.rules.timezone
    on = local_date(pl.col("at").dt.replace_time_zone(None), zone)
    days = reading.rows["agent_calls"].group_by(day=on).len()
    hours = {(row["weekday"], row["hour"]): row["calls"] for row in page.hours}
    drawn = [day_map(dict(days.rows()), _CALLS, reading.whole.today), hour_map(hours, _CALLS, zone)]
    return [each for each in drawn if each]
