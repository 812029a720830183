"""How a user's profile looks in a terminal. Not here: what is on it (user_page.py), what agents' profiles share with it
(profile_view.py, calls_view.py)."""

from typing import Any

from rich.table import Table
from rich.text import Text

from pipelines.reports import calls_view, profile_view
from pipelines.reports.columns import MAX_LIST, column, table_of
from pipelines.reports.machine import to_second
from pipelines.reports.profile_view import last_of, part
from pipelines.reports.quantities import counted
from pipelines.reports.terminal import Screen, safe
from pipelines.reports.user_page import UserPage


def show_user(page: UserPage, screen: Screen) -> None:
    """Show the page; what does not apply to this user is left out."""
    screen.say()
    screen.say(page.user_id, "bold")
    if page.level:
        _show_level(page.level, page.reading.rules.levels.max_stars, screen)
        if page.forecast:
            screen.say(page.forecast["sentence"])
            if page.forecast["measured"]:
                screen.say(page.forecast["measured"], "dim")
    screen.show(profile_view.facts(_facts(page)))
    if page.agents:
        n, n_called = len(page.agents), page.totals["n_agents_called"]
        heading = f"Agents called (most XP, {n} of {n_called:,})" if n < n_called else f"Agents called ({n:,})"
        part(screen, heading, calls_view.pairs(page.agents, "agent", page.reading.rules.levels.max_stars, screen))
    _show_trophies(page, screen)
    if page.hours:
        profile_view.head(screen, f"Calls by weekday and hour ({page.reading.rules.timezone})")
        calls_view.show_hours(page.hours, screen)
    if page.owned:
        n, n_owned = len(page.owned), page.totals["n_agents_owned"]
        heading = f"Agents owned (most points, {n} of {n_owned:,})" if n < n_owned else f"Agents owned ({n:,})"
        part(screen, heading, _owned(page, screen))
    profile_view.show_places(page.ranks, screen)
    if page.awards:
        heading = last_of("awards of XP", len(page.awards), page.n_awards)
        part(screen, heading, calls_view.awards(page.awards, "agent", screen))
    screen.say()
    profile_view.show_foot(page.reading, screen)


def _show_level(level: dict[str, Any], most_stars: int, screen: Screen) -> None:
    stars = screen.stars(level["stars"], most_stars)
    screen.show(Text.assemble(f"Level {level['level']}, {safe(level['title'])} ", (stars, "yellow")))
    to_next = level["xp_to_next"]
    if to_next is None:
        screen.say("The highest level there is.")
        return
    done = level["xp"] - level["level_xp"]
    bar = screen.bar(done / (done + to_next), profile_view.BAR)
    screen.show(Text.assemble((bar, "cyan"), f" {to_next:,} XP to level {level['level'] + 1}"))


def _facts(page: UserPage) -> list[tuple[str, str]]:
    totals, lines = page.totals, []
    if page.level:
        lines.append(("XP", f"{page.level['xp']:,}"))
    if page.work:
        lines += calls_view.work_lines(page.work)
        days = f"{totals['daily_current']} in a row, best {totals['daily_best']}, {totals['active_days']:,} in all"
        lines.append(("active days", days))
        succeeded = totals["n_agents_succeeded"]
        lines.append(("agents called", f"{totals['n_agents_called']:,}, of them {succeeded:,} with success"))
    if totals["n_agents_owned"]:
        lines.append(("agents owned", f"{totals['n_agents_owned']:,}, with {counted(totals['points'], 'point')}"))
    if totals["last_active_at"]:
        lines.append(("last active", to_second(totals["last_active_at"])))
    return lines


def _show_trophies(page: UserPage, screen: Screen) -> None:
    if not page.level:
        return  # who never called and earned nothing is on no way yet
    held = profile_view.earned(page.achievements, "achievement", screen) if page.achievements else None
    part(screen, f"Achievements ({len(page.achievements)})", held, "None yet.")
    if page.progress:
        part(screen, "On the way", profile_view.on_the_way(page.progress, "achievement", screen))
    if page.level_ups:
        part(screen, last_of("levels reached", len(page.level_ups), page.n_level_ups), _level_ups(page, screen))


def _level_ups(page: UserPage, screen: Screen) -> Table:
    rows = page.level_ups
    levels = [f"level {row['level']}" for row in rows]
    return table_of(
        screen,
        column("reached at", [to_second(row["reached_at"]) for row in rows]),
        column("level", levels),
        column("with", [row["agent_id"] or "" for row in rows], least=10),
        column("by event", [row["event_id"] for row in rows], least=8),
    )


def _owned(page: UserPage, screen: Screen) -> Table:
    rows = page.owned
    names = page.reading.trophy_names("agent")
    badges = [", ".join(names.get(slug, slug) for slug in row["badges"]) for row in rows]
    return table_of(
        screen,
        column("agent", [row["agent_id"] for row in rows], least=10),
        column("points", [f"{row['points']:,}" for row in rows], "right"),
        column("tasks", [f"{row['tasks_completed']:,}" for row in rows], "right"),
        profile_view.accuracies(rows, screen),
        column("badges", badges, least=8, most=MAX_LIST, style="magenta"),
    )
